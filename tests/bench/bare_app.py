"""What Textual alone costs: three screens with nothing on them but a word."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

MARK = "BARE"


class One(Screen[None]):
    """A word."""

    def compose(self) -> ComposeResult:
        """Show it."""
        yield Static(MARK)
        yield Footer()


class Two(Screen[None]):
    """A word and a field."""

    def compose(self) -> ComposeResult:
        """Show both."""
        yield Static("TWO")
        yield Input()
        yield Footer()


class Three(Screen[None]):
    """A word."""

    def compose(self) -> ComposeResult:
        """Show it."""
        yield Static("THREE")
        yield Footer()


SCREENS = (One, Two, Three)


class BareApp(App[None]):
    """Enter leads to the next screen."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [("enter", "next", "Next"), ("ctrl+q", "quit", "Quit")]
    _at = 0

    def on_mount(self) -> None:
        """Begin."""
        self.push_screen(One())

    def action_next(self) -> None:
        """Go on."""
        self._at = (self._at + 1) % len(SCREENS)
        self.switch_screen(SCREENS[self._at]())


if __name__ == "__main__":
    BareApp().run(mouse=False)
