"""The input fields: one for text, and one for a token, which it hides even from Textual."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import Input

from wizard.domain.key import shows_token
from wizard.domain.legible import is_hidden
from wizard.paths import expanded
from wizard.ui.tui.blocks import Gap
from wizard.ui.tui.content import NARROW, joined, justified, plain, strip_of
from wizard.ui.tui.parts import BodyPart
from wizard.walk.pages import Emptied, SearchList, SecretField, State, TextField

if TYPE_CHECKING:
    from textual.timer import Timer

    from wizard.ui.tui.app import WizardApp
    from wizard.ui.tui.page import PageScreen

_DOTS: Final = 32
_MAX_TOKEN_BYTES: Final = 8192
"""The limit for what is typed as a token; something huge may be pasted by mistake."""
_PASTE_GAP: Final = 0.03
"""Seconds within which another character belongs to the same paste; typing and key repeat are slower."""
_PASTE_TIMEOUT: Final = 0.2
"""Seconds without another character after which a paste is complete."""


class Field(Input, BodyPart):
    """A text field with its label in the border. CSS classes such as ``-bad`` show its state."""

    app: "WizardApp"
    screen: "PageScreen"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+h", "delete_left", show=False),
        Binding("ctrl+u", "empty", show=False),
    ]
    gap = Gap.FIELD_OR_CARD

    def __init__(
        self, answer: TextField | SearchList | SecretField, value: str, *, is_prefilled: bool
    ) -> None:
        super().__init__(value, select_on_focus=is_prefilled)
        self.cursor_blink = False
        self.show_answer(answer)

    def show_answer(self, answer: TextField | SearchList | SecretField) -> None:
        """Update the label and the state."""
        for state in State:
            self.set_class(answer.state is state, f"-{state}")
        self.border_title = plain(f"√ {answer.label}" if answer.state is State.GOOD else answer.label)

    def watch_value(self, value: str) -> None:
        """Delete a token, and filter the list, before the next key is handled."""
        if shows_token(value):
            # An old key has no beginning to tell it by, and may arrive as key presses.
            self.clear()
            self.app.typed_token.ignore_rest()
            self.refuse_token()
            return
        if self.is_mounted:
            self.screen.search(value)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "space" and self.screen.ticks_with_space():
            event.stop()
            event.prevent_default()
            self.screen.action_tick()
        elif event.is_printable or not await self.app.run_binding(event):
            await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        self.take_paste(event)

    def take_paste(self, event: events.Paste) -> None:
        """Insert a paste as one line, unless it is a token, which would be visible here."""
        event.stop()
        event.prevent_default()
        if shows_token(event.text):
            self.refuse_token()
            return
        text = "".join(char for char in event.text if char.isspace() or not is_hidden(char))
        self.replace(" ".join(text.split()), *sorted(self.selection))

    def refuse_token(self, *, typed: int = 0) -> None:
        """Explain that a token was not pasted, and delete the characters of it that were typed."""
        for _ in range(typed):
            self.action_delete_left()
        refusal = self.app.t("This looks like a key. It was not pasted: this field is visible.")
        self.app.show_notice(refusal, state=State.WARNING)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Home and End to the list while the field is empty."""
        return bool(self.value) if action in {"home", "end"} else super().check_action(action, parameters)

    async def action_submit(self) -> None:
        """Reply with the text."""
        self.screen.action_answer()

    def action_empty(self) -> None:
        """Clear the field, wherever the cursor is."""
        self.clear()

    def action_paste(self) -> None:
        """Explain how to paste, as Textual's clipboard is not the terminal's."""
        self.app.show_notice(self.app.t("Ctrl+V does not paste here. Use a right-click or Shift+Insert."))


class SecretInput(Field, inherit_bindings=False):
    """A field for a token. The token is kept outside the value, which Textual knows as a row of dots.

    So no token can end up in Textual's log or in its crash reports.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace,ctrl+h,delete", "shorten", show=False),
        Binding("ctrl+u", "empty", show=False),
        Binding("ctrl+v", "paste", show=False),
        Binding("enter", "submit", show=False),
    ]

    def __init__(self, answer: SecretField) -> None:
        self.answer = answer
        self._typed = bytearray()
        self._typed_at = 0.0
        self._paste_timer: Timer | None = None
        super().__init__(answer, "", is_prefilled=False)

    def show_answer(self, answer: TextField | SearchList | SecretField) -> None:
        """Update the label and what is known about the token; typed text has no state until Enter."""
        if isinstance(answer, SecretField):
            label = answer.short if answer.short and self.app.size.width < NARROW else answer.label
            state = State.RESTING if self._typed else answer.state
            self.answer = answer
            super().show_answer(answer._replace(label=label, state=state))
            self.refresh()

    def on_resize(self) -> None:
        """Choose the label that fits."""
        self.show_answer(self.answer)

    @property
    def text(self) -> str:
        """The typed text."""
        return self._typed.decode(errors="surrogatepass")

    def wipe(self) -> None:
        """Overwrite and discard the typed text."""
        self._typed[:] = bytes(len(self._typed))
        self._typed.clear()
        self._show_dots()

    def _show_dots(self) -> None:
        was_empty = not self.value
        self.value = "•" * min(len(self.text), _DOTS)
        self.refresh()
        if was_empty or not self.value:
            self.show_answer(self.answer)
            self.screen.show_keys()

    async def _on_key(self, event: events.Key) -> None:
        """Handle characters, and line breaks inside a paste that arrives as key presses."""
        is_burst, self._typed_at = event.time - self._typed_at < _PASTE_GAP, event.time
        if self._paste_timer is not None:
            self._paste_timer.reset()
        is_break = event.key == "enter" and is_burst and bool(self._typed)
        if not is_break and not (event.is_printable and event.character is not None):
            await self.app.run_binding(event)
            return
        event.stop()
        event.prevent_default()
        if len(self._typed) < _MAX_TOKEN_BYTES:
            self._typed += b"\n" if is_break else (event.character or "").encode(errors="surrogatepass")
            self._show_dots()
        if is_break and self._paste_timer is None:
            self._paste_timer = self.set_timer(_PASTE_TIMEOUT, self._submit_paste)

    async def _submit_paste(self) -> None:
        self._paste_timer = None
        del self._typed[len(self._typed.rstrip(b"\n")) :]
        await self.action_submit()

    def take_paste(self, event: events.Paste) -> None:
        """Reply with a paste unchanged: a token copied from an e-mail may contain line breaks."""
        event.stop()
        event.prevent_default()
        self.wipe()
        self.app.paste_secret(event.text)

    def action_shorten(self) -> None:
        """Delete the last typed character, or the whole token if none was typed."""
        if not self._typed and self.answer.length:
            self.action_empty()
            return
        kept = len(self.text[:-1].encode(errors="surrogatepass"))
        self._typed[kept:] = bytes(len(self._typed) - kept)
        del self._typed[kept:]
        self._show_dots()

    def action_empty(self) -> None:
        """Clear the field, and make the walk forget the token."""
        self.wipe()
        if self.answer.length and not self.app.is_busy:
            self.app.edit(Emptied())

    def render_line(self, y: int) -> Strip:
        """Draw the dots, and what is known about the token at the right edge."""
        width = self.size.width
        if y:
            return Strip.blank(width)
        typed, answer, t = len(self.text.rstrip("\n")), self.answer, self.app.t
        count = typed or answer.length
        about = t.plural("{n} character", "{n} characters", count) if count else ""
        if about and answer.fingerprint and not typed:
            about = f"{about} · {answer.fingerprint}"
        cursor = (" ", "reverse") if typed or not count else ""
        dots = joined(("•" * min(count, _DOTS, width - 26), "$strong"), cursor)
        return strip_of(justified(dots, plain(about, "$muted"), width), self.visual_style)


def completed_path(typed: str) -> str:
    """Return a path completed as far as it is unambiguous, with a slash after a directory."""
    if not typed:
        return typed
    folder, _, prefix = typed.rpartition("/")
    try:
        directory = Path(expanded(f"{folder}/" if "/" in typed else "."))
        names = sorted(entry.name for entry in directory.iterdir() if entry.name.startswith(prefix))
    except (OSError, RuntimeError):
        return typed
    names = [name for name in names if not name.startswith(".") or prefix.startswith(".")]
    if not names:
        return typed
    common = os.path.commonprefix(names)  # noqa: RUF071 - names, not paths
    if len(names) == 1 and os.path.isdir(directory / common):
        common += "/"
    return f"{folder}/{common}" if "/" in typed else common
