"""Key presses that nobody made one by one: a token that is pasted as such, and Enter held down."""

from typing import TYPE_CHECKING, Final

from textual import events

from wizard.domain.key import BEGINNING
from wizard.ui.tui.fields import Field, SecretInput

if TYPE_CHECKING:
    from textual.timer import Timer

    from wizard.ui.tui.app import WizardApp
    from wizard.walk.pages import Page

_PASTE_GAP: Final = 0.5
"""Seconds within which the keys of a paste without brackets follow each other."""
_REPEAT: Final = 0.1
"""Seconds within which a key that is held down is repeated."""
_HELD: Final = 6
"""Presses of Enter in a row, each within that time, that mean that it is held down."""


class TypedToken:
    """Keeps a token out of sight that is pasted anywhere but into its field.

    Without bracketed paste, as in GNU screen and old consoles, a paste arrives as key presses. They would
    make the token visible, or answer questions.
    """

    def __init__(self, app: "WizardApp") -> None:
        self._app = app
        self._pressed_at, self._typed = 0.0, ""
        self._is_arriving = False

    def takes(self, event: events.Key) -> bool:
        """Return whether a key press belongs to a token, and is to be ignored."""
        is_burst, self._pressed_at = event.time - self._pressed_at < _PASTE_GAP, event.time
        self._typed = f"{self._typed if is_burst else ''}{event.character or ''}"[-len(BEGINNING) :]
        self._is_arriving &= is_burst
        field = self._app.focused
        if not self._is_arriving and self._typed == BEGINNING and not isinstance(field, SecretInput):
            self._is_arriving = True
            if isinstance(field, Field):
                field.refuse_token(typed=len(BEGINNING) - 1)
        return self._is_arriving

    def ignore_rest(self) -> None:
        """Ignore key presses until there is a pause."""
        self._is_arriving = True


class SavingEnter:
    """Answers Enter on a page that saves once it is clear that it is not held down.

    Enter that is held down, or was pressed before the page could be read, must not save it.
    """

    def __init__(self, app: "WizardApp") -> None:
        self._app = app
        self._pressed_at, self._presses = 0.0, 0
        self._timer: Timer | None = None
        self._page: Page | None = None

    def takes(self, event: events.Key) -> bool:
        """Return whether a key press is Enter on a page that saves. Any other key follows the answer."""
        page, screen = self._app.page, self._app.page_screen
        if self._timer is not None:
            self._timer.stop()
            if event.key != "enter":
                self._answer()
            self._timer = None
        if event.key != "enter":
            return False
        self._presses = self._presses + 1 if event.time - self._pressed_at < _REPEAT else 1
        self._pressed_at = event.time
        if not page.saves or self._app.screen is not screen:
            return False
        is_shown = screen.is_laid_out and screen.page == page and event.time >= screen.shown_at
        if is_shown and not page.is_busy and self._presses < _HELD:
            self._page = page
            self._timer = self._app.set_timer(_REPEAT, self._answer)
        return True

    def _answer(self) -> None:
        self._timer = None
        if self._app.page == self._page and self._app.screen is self._app.page_screen:
            self._app.page_screen.action_answer()
