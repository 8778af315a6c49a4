"""What the keys do: turns them into replies to a walk, and keeps what was typed and marked.

Nothing of Textual is known here. What needs a terminal is asked of a ``Terminal``.
"""

import os
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from wizard.domain.exits import Exit
from wizard.domain.key import looks_like_token
from wizard.domain.legible import is_hidden
from wizard.domain.secret import Secret
from wizard.paths import expanded
from wizard.text import Language, Texts
from wizard.ui.tui.answers import View, first_view
from wizard.ui.tui.layout import Frame, draw, plain_text
from wizard.ui.tui.overlays import overlay_choices
from wizard.ui.tui.palette import SPINNER, Look
from wizard.walk.page import (
    Again,
    Anyway,
    Back,
    Card,
    Chosen,
    Continue,
    Emptied,
    Fix,
    Key,
    Marked,
    NextFinding,
    Page,
    Pasted,
    Reply,
    Searched,
    SearchList,
    SecretField,
    Shown,
    State,
    Table,
    TextField,
    Toggled,
    Typed,
)

_PATIENCE: Final = 2
"""Ticks of a quarter of a second before a wait has a spinner."""


class Work(Protocol):
    """Something that runs."""

    def cancel(self) -> object:
        """End it."""
        ...


class Terminal(Protocol):
    """What is asked of the application."""

    def redraw(self) -> None:
        """Show what has changed."""
        ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> Work:
        """Run something without blocking the keys."""
        ...

    def tick(self, *, is_on: bool) -> None:
        """Call ``Controls.tick`` four times a second, or no longer."""
        ...

    def leave(self, code: int) -> None:
        """End."""
        ...

    def print_out(self, text: str) -> None:
        """Leave the full screen for a moment, and put a text there."""
        ...

    def copy(self, text: str) -> None:
        """Send a text to the terminal's clipboard."""
        ...


class Controls:
    """A walk, its current page, and what a person has typed and marked on it.

    Attributes:
        walk: What is shown; its successor once it is finished.
        page: What it showed the last time.
        view: What the face knows besides.
    """

    def __init__(
        self,
        walk: Shown,
        language: Language,
        terminal: Terminal,
        *,
        is_ascii: bool = False,
        copies: bool = True,
    ) -> None:
        self.walk = walk
        self.look = Look(Texts(language), is_ascii, spinner=" ")
        self._terminal = terminal
        self._copies = copies
        self.page: Page = walk.page(self.look.t)
        self.view = first_view(self.page)
        self.frame = Frame(())
        self._size = (80, 24)
        self._work: Work | None = None
        self._ticks = 0
        self._secret = bytearray()
        self._drafts: dict[tuple[str, str], str] = {}
        self._is_armed = False
        self._uses_list = False
        self._is_leaving = False

    # --- the page ---

    def begin(self) -> None:
        """Let the walk do what its first page needs."""
        self._run(self.walk.begin(self.refresh))

    def draw(self, width: int, height: int) -> Frame:
        """Draw the page for a window."""
        self._size = (width, height)
        self.frame = draw(self.page, self.view, self.look, width, height)
        self.view.top = self.frame.top
        return self.frame

    def refresh(self) -> None:
        """Take up what the walk shows now; what was typed and marked on the same page stays."""
        before, self.page = self.page, self._copyable(self.walk.page(self.look.t))
        if (before.step, before.part) != (self.page.step, self.page.part):
            self._change_page(before)
        else:
            self._follow(before)
        self._terminal.redraw()

    def _copyable(self, page: Page) -> Page:
        return page if self._copies else replace(page, copies=())

    def _change_page(self, before: Page) -> None:
        if isinstance(before.answer, TextField):
            self._drafts[before.step, before.part] = self.view.typed
        self._wipe()
        self._uses_list = False
        overlay = self.view.overlay if self.view.overlay == "leave" else ""
        self.view = first_view(self.page, View(overlay=overlay))
        draft = self._drafts.get((self.page.step, self.page.part))
        if isinstance(self.page.answer, TextField) and draft is not None:
            self.view.typed, self.view.cursor = draft, len(draft)

    def _follow(self, before: Page) -> None:
        """Keep field and markers where they are, unless the walk has moved them."""
        view, page, answer = self.view, self.page, self.page.answer
        if type(before.answer) is not type(answer):
            self.view = first_view(
                page, View(overlay=view.overlay, said=view.said, at=view.at, keys=view.keys)
            )
            self.view.choice = view.choice if view.choice in _values(page) else self.view.choice
            return
        if isinstance(answer, SearchList):
            if answer.is_searchable and answer.search != view.typed:
                view.typed, view.cursor = answer.search, len(answer.search)
                self._uses_list = False
            old = before.answer.marked if isinstance(before.answer, SearchList) else ""
            self._mark_in_list(answer.marked if answer.marked != old else "")
        elif isinstance(answer, Table):
            old = before.answer.marked if isinstance(before.answer, Table) else ""
            values = [row.value for row in answer.rows]
            if answer.marked != old and answer.marked:
                view.mark = answer.marked
            if view.mark not in values:
                view.mark = answer.marked or (values[0] if values and not page.is_busy else "")
        elif isinstance(answer, SecretField) and answer != before.answer and not page.is_busy:
            self._wipe()
        values = _values(page)
        if page.marked != before.marked or view.choice not in values:
            view.choice = page.marked or (values[0] if values else "")

    def _mark_in_list(self, wanted: str) -> None:
        values = self._list_values()
        answer = self.page.answer
        if isinstance(answer, SearchList) and self.view.typed:
            # What is typed is looked for among the rows, not in the one that is always there.
            values = [row.value for row in answer.rows if row.is_enabled] or values
        if wanted in values:
            self.view.mark = wanted
        elif self.view.mark not in values:
            self.view.mark = values[0] if values else ""

    def _list_values(self) -> list[str]:
        answer = self.page.answer
        if isinstance(answer, SearchList):
            rows = (answer.first, *answer.rows)
            return [row.value for row in rows if row is not None and row.is_enabled]
        return [row.value for row in answer.rows] if isinstance(answer, Table) else []

    def _wipe(self) -> None:
        """Overwrite a typed token, and forget it."""
        self._secret[:] = bytes(len(self._secret))
        self._secret.clear()
        if isinstance(self.page.answer, SecretField):
            self.view.typed = ""

    # --- work ---

    @property
    def is_busy(self) -> bool:
        """Whether a reply is being worked in."""
        return self._work is not None

    def _reply(self, reply: Reply) -> None:
        if self._work is None:
            self._run(self.walk.reply(reply, self.refresh), reply)

    def _run(self, work: Coroutine[Any, Any, None], reply: Reply | None = None) -> None:
        self._ticks = 0
        self._terminal.tick(is_on=True)
        self._work = self._terminal.spawn(self._worked(work, reply, self.page))

    async def _worked(self, work: Coroutine[Any, Any, None], reply: Reply | None, before: Page) -> None:
        here = self._work
        try:
            await work
        finally:
            if self._work is here or here is None:
                self._work = None
                self._terminal.tick(is_on=False)
                self.look = replace(self.look, spinner=" ")
            self.refresh()
        if self.walk.is_finished:
            self._go_on()
        elif self._is_leaving:
            self._terminal.leave(Exit.DONE)
        elif isinstance(reply, Back) and self.page == before:
            self._ask_to_leave()

    def _go_on(self) -> None:
        successor = self.walk.successor
        if successor is None or self._is_leaving:
            self._terminal.leave(Exit.DONE)
            return
        self.walk = successor
        self._drafts.clear()
        before, self.page = self.page, self._copyable(successor.page(self.look.t))
        self._change_page(before)
        self._terminal.redraw()
        self.begin()

    def _cancel(self) -> None:
        if self._work is not None:
            work, self._work = self._work, None
            work.cancel()
            self._terminal.tick(is_on=False)

    def tick(self) -> None:
        """Turn the spinner, once a wait has been long enough for one."""
        self._ticks += 1
        if self._ticks >= _PATIENCE:
            self.look = replace(self.look, spinner=SPINNER[self._ticks % len(SPINNER)])
            self._terminal.redraw()

    # --- what the face says itself ---

    def say(self, *lines: str, state: State = State.RESTING) -> None:
        """Say something in the card until the next key."""
        self.view.said = Card(state, "", lines)
        self._terminal.redraw()

    def _hush(self) -> None:
        self.view.said, self.view.keys, self._is_armed = None, (), False

    def sent(self, text: str) -> None:
        """Say that a text went to the clipboard; whether it arrived is not known."""
        t = self.look.t
        self.say(
            t("Sent to the clipboard: {text}", text=text),
            t("PuTTY does not take it: mark the text with the mouse instead."),
        )

    def _interrupt(self) -> None:
        t = self.look.t
        if self._is_armed:
            self._terminal.leave(Exit.INTERRUPTED)
            return
        kept = t("Press Ctrl+C again to quit. Everything you have done is saved.")
        if self.page.badge == "DEMO":
            kept = t("Press Ctrl+C again to quit the demo.")
        self.say(
            kept,
            t(
                "To copy, mark the text with the mouse. PuTTY copies it at once; in Windows Terminal, "
                "press Ctrl+Shift+C."
            ),
        )
        self._is_armed = True
        self.view.keys = (
            Key("Ctrl+C", t("quit")),
            Key(t("any other key"), t("continues")),
            Key("F1", t("help")),
        )
        self._terminal.redraw()

    # --- keys ---

    def key(self, name: str, character: str | None) -> None:
        """Do what a key does."""
        if name == "ctrl+c":
            self._interrupt()
            return
        was_armed = self._is_armed
        had_said = self.view.said is not None
        self._hush()
        if name == "ctrl+q":
            self._ask_to_leave()
        elif min(self._size[0] - 60, self._size[1] - 15) < 0:
            return
        elif self.view.overlay:
            self._overlay_key(name)
        elif not (was_armed and not name.startswith("f")) and not (had_said and name == "escape"):
            self._page_key(name, character)
        self._terminal.redraw()

    def _page_key(self, name: str, character: str | None) -> None:
        acts = {
            "escape": self._escape,
            "enter": self._enter,
            "f1": lambda: self._show_overlay("help"),
            "f2": self._switch_language,
            "f3": self._print_out,
            "f5": self._copy,
            "ctrl+u": self._empty,
            "ctrl+v": self._explain_paste,
            "tab": self._complete,
        }
        if name in acts:
            acts[name]()
        elif name in {"f4", "f6", "ctrl+r"}:
            self._offered(name)
        elif name in {"up", "down", "pageup", "pagedown", "home", "end"}:
            self._move(name)
        elif not self._edits(name) and character is not None and character.isprintable():
            self._type(character)

    def _offered(self, name: str) -> None:
        """Answer with a key that only some pages offer."""
        named = {key.key.casefold() for key in self.page.keys}
        replies: dict[str, Reply] = {"f6": Anyway(), "ctrl+r": Again(), "f4": Fix()}
        if name in named or (name == "f4" and self.page.fix_step is not None):
            self._reply(replies[name])

    def _escape(self) -> None:
        answer = self.page.answer
        if self._work is not None:
            self._cancel()
        elif isinstance(answer, SearchList) and self.view.typed:
            self._search("")
        else:
            self._reply(Back())

    def _enter(self) -> None:
        view, answer = self.view, self.page.answer
        if self._work is not None or self.page.is_busy:
            return
        if isinstance(answer, SecretField) and self._secret:
            self._paste_secret(self._secret.decode(errors="surrogatepass"))
        elif isinstance(answer, SearchList):
            self._enter_list(answer)
        elif isinstance(answer, TextField):
            typed = view.typed
            if looks_like_token(typed):
                # The walk says what it is; it must not go on standing there.
                self._put("", 0)
            self._reply(Typed(typed))
        elif self.page.is_held:
            return
        elif self.page.choices:
            self._reply(Chosen(view.choice))
        elif isinstance(answer, Table) and view.mark and answer.columns:
            self._reply(Chosen(view.mark))
        else:
            self._reply(Continue())

    def _enter_list(self, answer: SearchList) -> None:
        view = self.view
        if view.typed and answer.takes_ticks and view.mark:
            self._edit(Toggled(view.mark))
        elif view.typed and not view.mark:
            self._reply(Typed(view.typed))
        elif self.page.choices:
            self._reply(Chosen(view.choice))
        elif answer.takes_ticks or not view.mark:
            self._reply(Continue())
        else:
            self._reply(Chosen(view.mark))

    def _edit(self, edit: Searched | Toggled | Marked | Emptied | NextFinding) -> None:
        self.walk.edit(edit)
        self.refresh()

    # Typing.

    def _type(self, character: str) -> None:
        view, answer = self.view, self.page.answer
        if isinstance(answer, SecretField):
            self._secret += character.encode(errors="surrogatepass")
            view.typed = "•" * len(self._secret.decode(errors="surrogatepass"))
        elif isinstance(answer, TextField):
            self._insert(character)
        elif isinstance(answer, SearchList) and answer.is_searchable:
            if character == " " and self._ticks_with_space():
                self._toggle()
            else:
                self._insert(character)
        elif character == " ":
            self._toggle()
        elif character in "123456789" and self.page.choices:
            self._choose(int(character))
        elif isinstance(answer, Table):
            self._find(character)

    def _ticks_with_space(self) -> bool:
        """Whether Space ticks: in a search it is a space until an arrow was used or one row is left.

        A number has spaces in it, as in ``NO 974 760 673 MVA``.
        """
        typed, answer = self.view.typed, self.page.answer
        if not typed or self._uses_list:
            return True
        is_number = any(map(str.isdigit, typed))
        return isinstance(answer, SearchList) and len(answer.rows) == 1 and not is_number

    def _toggle(self) -> None:
        answer = self.page.answer
        if isinstance(answer, SearchList) and answer.takes_ticks and self.view.mark and self._work is None:
            self._edit(Toggled(self.view.mark))

    def _choose(self, number: int) -> None:
        values = _values(self.page)
        if number <= len(values) and self._work is None and not self.page.is_held:
            self.view.choice = values[number - 1]
            self._reply(Chosen(self.view.choice))

    def _find(self, character: str) -> None:
        """Go to the next row of which a cell begins with a character."""
        answer = self.page.answer
        if not isinstance(answer, Table) or not answer.rows:
            return
        at = next((number for number, row in enumerate(answer.rows) if row.value == self.view.mark), -1)
        for row in (*answer.rows[at + 1 :], *answer.rows[: at + 1]):
            if any(cell.casefold().startswith(character.casefold()) for cell in row.cells):
                self._mark(row.value)
                return

    def _insert(self, text: str) -> None:
        view = self.view
        typed = view.typed[: view.cursor] + text + view.typed[view.cursor :]
        self._put(typed, view.cursor + len(text))

    def _put(self, typed: str, cursor: int) -> None:
        if isinstance(self.page.answer, SearchList):
            self.view.cursor = cursor
            self._search(typed, cursor)
        else:
            self.view.typed, self.view.cursor = typed, cursor

    def _search(self, text: str, cursor: int = 0) -> None:
        self.view.typed, self.view.cursor = text, cursor
        self._uses_list = False
        self.view.top = 0
        self._edit(Searched(text))

    def _edits(self, name: str) -> bool:
        """Edit the field; returns whether the key was one for that."""
        if isinstance(self.page.answer, SecretField):
            if name in {"backspace", "ctrl+h", "delete"}:
                self._shorten_secret(self.page.answer)
                return True
            return False
        if not isinstance(self.page.answer, TextField | SearchList):
            return False
        edited = _edited(self.view.typed, self.view.cursor, name)
        if edited is None:
            return False
        text, cursor = edited
        if text == self.view.typed:
            self.view.cursor = cursor
        else:
            self._put(text, cursor)
        return True

    def _shorten_secret(self, answer: SecretField) -> None:
        if not self._secret and answer.length:
            self._empty()
            return
        kept = len(self._secret.decode(errors="surrogatepass")[:-1].encode(errors="surrogatepass"))
        self._secret[kept:] = bytes(len(self._secret) - kept)
        del self._secret[kept:]
        self.view.typed = self.view.typed[:-1]

    def _empty(self) -> None:
        answer = self.page.answer
        if isinstance(answer, SecretField):
            self._wipe()
            if answer.length and self._work is None:
                self._edit(Emptied())
        elif isinstance(answer, TextField | SearchList):
            self._put("", 0)

    def _complete(self) -> None:
        if getattr(self.page.answer, "is_path", False):
            completed = completed_path(self.view.typed)
            if completed != self.view.typed:
                self._put(completed, len(completed))

    def _explain_paste(self) -> None:
        if isinstance(self.page.answer, SecretField | TextField | SearchList):
            self.say(self.look.t("Ctrl+V does not paste here. Use a right-click or Shift+Insert."))

    def paste(self, text: str) -> None:
        """Take a paste, of however many lines."""
        self._hush()
        answer = self.page.answer
        if self.view.overlay:
            return
        if isinstance(answer, SecretField):
            self._paste_secret(text)
        elif isinstance(answer, TextField) or (isinstance(answer, SearchList) and answer.is_searchable):
            if looks_like_token(text):
                self.say(
                    self.look.t("This looks like a key. It was not pasted: this field is visible."),
                    state=State.WARNING,
                )
            else:
                seen = "".join(sign for sign in text if sign.isspace() or not is_hidden(sign))
                self._insert(" ".join(seen.split()))
        self._terminal.redraw()

    def _paste_secret(self, text: str) -> None:
        """Answer with a token; a second one takes the place of what is being worked on."""
        self._wipe()
        secret = Secret(text)
        if self._work is None:
            self._reply(Pasted(secret))
        else:
            self._cancel()
            self._run(self._replied(secret), Pasted(secret))

    async def _replied(self, secret: Secret) -> None:
        await self.walk.reply(Pasted(secret), self.refresh)

    # Moving.

    def _move(self, name: str) -> None:
        page, view = self.page, self.view
        has_field = isinstance(page.answer, TextField) or (
            isinstance(page.answer, SearchList) and page.answer.is_searchable
        )
        if has_field and name in {"home", "end"} and view.typed:
            view.cursor = 0 if name == "home" else len(view.typed)
            return
        if name == "pagedown" and any(key.key == "PgDn" for key in page.keys):
            self._edit(NextFinding())
            return
        values, here = self._list_values(), view.mark
        in_choices = bool(page.choices) and (not values or name not in {"pageup", "pagedown"})
        if in_choices:
            values, here = _values(page), view.choice
        if not values:
            step = max(self._size[1] // 3, 1)
            view.at = max(0, view.at + (step if name in {"down", "pagedown", "end"} else -step))
            return
        at = values.index(here) if here in values else -1
        goal = {
            "up": max(at - 1, 0),
            "down": at + 1,
            "pageup": at - self.frame.listed + 1,
            "pagedown": at + self.frame.listed - 1,
            "home": 0,
            "end": len(values) - 1,
        }[name]
        value = values[max(0, min(goal, len(values) - 1))]
        if in_choices:
            view.choice = value
            if page.choices_first:
                self._edit(Marked(value))
        else:
            self._uses_list = True
            self._mark(value)

    def _mark(self, value: str) -> None:
        self.view.mark = value
        self._edit(Marked(value))

    # Overlays.

    def _show_overlay(self, overlay: Literal["help", "leave", "copy"]) -> None:
        self.view.overlay, self.view.at = (
            ("leave" if overlay == "leave" else "copy" if overlay == "copy" else "help"),
            0,
        )

    def _overlay_key(self, name: str) -> None:
        view = self.view
        if name == "f2":
            self._switch_language()
        elif view.overlay == "help":
            page = self.frame.listed
            step = {"up": -1, "down": 1, "home": -9999, "end": 9999}
            step |= {"pageup": -page, "pagedown": page, "space": page}
            if name in step:
                view.at = max(0, min(view.at + step[name], self.frame.last))
            elif name in {"escape", "f1", "enter", "q"}:
                view.overlay, view.at = "", 0
        else:
            choices = overlay_choices(self.page, view)
            if name in {"up", "down"}:
                view.at = max(0, min(view.at + (1 if name == "down" else -1), len(choices) - 1))
            elif name == "enter" and choices:
                self._choose_in_overlay(choices[view.at].value)
            elif name.isdigit() and 0 < int(name) <= len(choices):
                self._choose_in_overlay(choices[int(name) - 1].value)
            elif name == "escape":
                view.overlay, view.at = "", 0

    def _choose_in_overlay(self, value: str) -> None:
        overlay = self.view.overlay
        self.view.overlay, self.view.at = "", 0
        if overlay == "copy":
            self._terminal.copy(value)
        elif value == "erase":
            self._cancel()
            self._terminal.spawn(self._erased())
        elif value == "quit":
            self._terminal.leave(Exit.INTERRUPTED)

    async def _erased(self) -> None:
        await self.walk.abandon()
        self._terminal.leave(Exit.INTERRUPTED)

    def _ask_to_leave(self) -> None:
        """Ask, unless nothing is broken off by leaving: then leaving is finishing."""
        if self.page.leave is not None and not self.page.is_end:
            self._show_overlay("leave")
        elif self._work is not None or self.walk.is_finished:
            self._terminal.leave(Exit.INTERRUPTED)
        else:
            self._is_leaving = True
            has_quit = "quit" in _values(self.page)
            self._reply(Chosen("quit") if has_quit else Continue())

    # Language, text, clipboard.

    def _switch_language(self) -> None:
        self.look = replace(self.look, t=Texts("en" if self.look.t.language == "nb" else "nb"))
        self.refresh()

    def _print_out(self) -> None:
        if self._work is not None and not self.page.has_document:
            return
        width = min(self._size[0], 80) - 1
        has_document = self.page.has_document
        text = self.walk.document(self.look.t) if has_document else plain_text(self.page, self.look, width)
        self._terminal.print_out(text)

    def _copy(self) -> None:
        if len(self.page.copies) == 1:
            self._terminal.copy(self.page.copies[0].text)
        elif self.page.copies:
            self._show_overlay("copy")


def _edited(text: str, at: int, name: str) -> tuple[str, int] | None:
    """Return what a key makes of a line and its cursor; None if it is not a key for that."""
    word = text[:at].rstrip().rfind(" ") + 1
    edits = {
        "backspace": (text[: max(at - 1, 0)] + text[at:], max(at - 1, 0)),
        "delete": (text[:at] + text[at + 1 :], at),
        "ctrl+w": (text[:word] + text[at:], word),
        "ctrl+k": (text[:at], at),
        "left": (text, max(at - 1, 0)),
        "right": (text, min(at + 1, len(text))),
        "ctrl+a": (text, 0),
        "ctrl+e": (text, len(text)),
    }
    return edits.get({"ctrl+h": "backspace", "ctrl+d": "delete"}.get(name, name))


def _values(page: Page) -> list[str]:
    return [choice.value for choice in page.choices if choice.is_enabled]


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
