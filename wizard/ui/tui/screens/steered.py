"""A page on which keys scroll, move and go on, in the order in which they were pressed."""

from collections.abc import Callable
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.page import Page
from wizard.ui.tui.widgets.pane import Pane

_WHILE_BUSY: Final = frozenset({"escape", "f2"})


class SteeredPage(Page[None]):
    """What the arrows, the page keys and Enter do.

    Attributes:
        panes: What scrolls, in the order in which it is scrolled through.
        is_busy: Whether a reply is being worked on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on"),
        Binding("up", "move(-1)"),
        Binding("down", "move(1)"),
        Binding("pageup", "page(-1)"),
        Binding("pagedown", "page(1)"),
    ]

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.panes: tuple[Pane, ...] = ()
        self.is_busy = False

    def move(self, distance: int) -> bool:
        """Move a highlight by some rows; return whether there is one to move."""
        del distance
        return False

    def action_go_on(self) -> None:
        """Do what Enter does."""
        raise NotImplementedError

    def action_move(self, distance: int) -> None:
        """Move the highlight; without one, scroll."""
        if self.is_busy or not self.move(distance):
            self._scroll(lambda pane: pane.scroll_lines(distance), distance)

    def action_page(self, direction: int) -> None:
        """Scroll by a screenful."""
        self._scroll(lambda pane: pane.scroll_page(direction), direction)

    def steer(self, key: str) -> bool:
        """Act upon a key that a field hands over before it looks at it; return whether that is all.

        Textual lets a key climb from the field to the application and act upon its binding there,
        while the next character is typed already: on a slow line, Enter would come before the end
        of what was typed. What is typed while a reply is worked on is dropped.
        """
        if self.is_busy:
            return key not in _WHILE_BUSY
        match key:
            case "enter":
                self.action_go_on()
            case "up" | "down":
                self.action_move(-1 if key == "up" else 1)
            case "pageup" | "pagedown":
                self.action_page(-1 if key == "pageup" else 1)
            case _:
                return False
        return True

    def _scroll(self, by: Callable[[Pane], bool], direction: int) -> None:
        # Through one pane after the other, and up the same way back.
        panes = [pane for pane in self.panes if pane.overflows]
        any(by(pane) for pane in (panes if direction > 0 else reversed(panes)))
