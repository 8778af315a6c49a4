"""The fields: Textual's ``Input`` for a line to type, and one for a token, which Textual never sees."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import Input

from wizard.domain.key import looks_like_token
from wizard.domain.legible import is_hidden
from wizard.paths import expanded
from wizard.ui.tui.content import NARROW, joined, justified, plain, strip_of
from wizard.ui.tui.parts import BodyPart, Gap
from wizard.walk.page import SearchList, SecretField, State, TextField

if TYPE_CHECKING:
    from textual.timer import Timer

    from wizard.ui.tui.app import WizardApp
    from wizard.ui.tui.screen import PageScreen

_DOTS: Final = 32
_MAX_TOKEN_BYTES: Final = 8192
"""Bytes of what is typed for a token; a wrong paste may be huge."""
_PASTE_GAP: Final = 0.03
"""Seconds within which what comes next is of the same paste. Nobody types, and no key repeats, so fast."""
_PASTE_TIMEOUT: Final = 0.2
"""Seconds without another character after which a paste has ended."""


class Field(Input, BodyPart):
    """A line to type, with its label in the border; classes such as ``-bad`` say how it is."""

    app: "WizardApp"
    screen: "PageScreen"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+h", "delete_left", show=False),
        Binding("ctrl+u", "empty", show=False),
    ]
    gap = Gap.FIELD

    def __init__(
        self, answer: TextField | SearchList | SecretField, value: str, *, is_prefilled: bool
    ) -> None:
        super().__init__(value, select_on_focus=is_prefilled)
        self.cursor_blink = False
        self.show_answer(answer)

    def show_answer(self, answer: TextField | SearchList | SecretField) -> None:
        """Take over the label and the state."""
        for state in State:
            self.set_class(answer.state is state, f"-{state}")
        self.border_title = plain(f"√ {answer.label}" if answer.state is State.GOOD else answer.label)

    def watch_value(self, value: str) -> None:
        """Let the list follow at once, before the next key."""
        if self.is_mounted:
            self.screen.search(value)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "space" and self.screen.ticks_with_space(self.value):
            event.stop()
            event.prevent_default()
            self.screen.action_tick()
        elif event.is_printable or not await self.app.run_binding(event):
            await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        self.take_paste(event)

    def take_paste(self, event: events.Paste) -> None:
        """Take all of a paste as one line, but no key: what is in this field can be read."""
        event.stop()
        event.prevent_default()
        if looks_like_token(event.text):
            self.refuse_token()
            return
        seen = "".join(sign for sign in event.text if sign.isspace() or not is_hidden(sign))
        self.replace(" ".join(seen.split()), *sorted(self.selection))

    def refuse_token(self, *, typed: int = 0) -> None:
        """Say that a token was not pasted, and take back the characters of it that came as if typed."""
        for _ in range(typed):
            self.action_delete_left()
        said = self.app.t("This looks like a key. It was not pasted: this field is visible.")
        self.app.show_notice(said, state=State.WARNING)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Home and End to the list where there is no text to move in."""
        return bool(self.value) if action in {"home", "end"} else super().check_action(action, parameters)

    async def action_submit(self) -> None:
        """Answer with what is in it."""
        self.screen.action_answer()

    def action_empty(self) -> None:
        """Empty the field, wherever the cursor is."""
        self.clear()

    def action_paste(self) -> None:
        """Say how to paste: Textual's own clipboard is not the terminal's."""
        self.app.show_notice(self.app.t("Ctrl+V does not paste here. Use a right-click or Shift+Insert."))


class SecretInput(Field, inherit_bindings=False):
    """A field for a token: what is typed is kept apart, and Textual knows a row of dots.

    Neither what Textual logs nor what it shows when it crashes can have a token in it.
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
        """Take over what is known of the token that the walk holds; what is typed rests until Enter."""
        if isinstance(answer, SecretField):
            label = answer.short if answer.short and self.app.size.width < NARROW else answer.label
            state = State.RESTING if self._typed else answer.state
            self.answer = answer
            super().show_answer(answer._replace(label=label, state=state))
            self.refresh()

    def on_resize(self) -> None:
        """Take the label that fits."""
        self.show_answer(self.answer)

    @property
    def text(self) -> str:
        """What was typed."""
        return self._typed.decode(errors="surrogatepass")

    def wipe(self) -> None:
        """Overwrite what was typed, and forget it."""
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
        """Take characters, and line breaks within a paste that the terminal has not marked as one."""
        is_in_one_go, self._typed_at = event.time - self._typed_at < _PASTE_GAP, event.time
        if self._paste_timer is not None:
            self._paste_timer.reset()
        is_break = event.key == "enter" and is_in_one_go and bool(self._typed)
        if not is_break and not (event.is_printable and event.character is not None):
            await self.app.run_binding(event)
            return
        event.stop()
        event.prevent_default()
        if len(self._typed) < _MAX_TOKEN_BYTES:
            self._typed += b"\n" if is_break else (event.character or "").encode(errors="surrogatepass")
            self._show_dots()
        if is_break and self._paste_timer is None:
            self._paste_timer = self.set_timer(_PASTE_TIMEOUT, self._answer)

    async def _answer(self) -> None:
        self._paste_timer = None
        del self._typed[len(self._typed.rstrip(b"\n")) :]
        await self.action_submit()

    def take_paste(self, event: events.Paste) -> None:
        """Answer with a paste as it is: a key from an e-mail may have line breaks."""
        event.stop()
        event.prevent_default()
        self.wipe()
        self.app.paste_secret(event.text)

    def action_shorten(self) -> None:
        """Forget the last character, or all of a token that the walk holds."""
        if not self._typed and self.answer.length:
            self.action_empty()
            return
        kept = len(self.text[:-1].encode(errors="surrogatepass"))
        self._typed[kept:] = bytes(len(self._typed) - kept)
        del self._typed[kept:]
        self._show_dots()

    def action_empty(self) -> None:
        """Forget what was typed, and what the walk holds."""
        self.wipe()
        self.screen.empty(self.answer)

    def render_line(self, y: int) -> Strip:
        """Draw dots, and what is known of the token at the right edge."""
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
    """Return a path as far as the files there leave no doubt; with its separator if it is a folder."""
    if not typed:
        return typed
    folder, _, begun = typed.rpartition("/")
    try:
        where = Path(expanded(f"{folder}/" if "/" in typed else "."))
        names = sorted(entry.name for entry in where.iterdir() if entry.name.startswith(begun))
    except (OSError, RuntimeError):
        return typed
    names = [name for name in names if not name.startswith(".") or begun.startswith(".")]
    if not names:
        return typed
    common = names[0]
    while not all(name.startswith(common) for name in names):
        common = common[:-1]
    if len(names) == 1 and os.path.isdir(where / common):
        common += "/"
    return f"{folder}/{common}" if "/" in typed else common
