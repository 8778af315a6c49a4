"""Runs a walk line by line: writes a page, asks for an answer, and passes the reply to the walk."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from enum import Enum, auto
from typing import Any, Final

from wizard.domain.exits import Exit
from wizard.domain.key import Secret, shows_token
from wizard.findings import codes
from wizard.text import LANGUAGES, Texts
from wizard.ui.plain.keyboard import Keyboard
from wizard.ui.plain.page_writer import LETTERS, Output, PageWriter, spoken
from wizard.walk import pages
from wizard.walk.pages import Chosen, Page, Reply, State


class Command(Enum):
    """An input with the same meaning for every question."""

    BACK = auto()
    HELP = auto()
    LANGUAGE = auto()
    LEAVE = auto()
    END_OF_INPUT = auto()
    KEY_SHOWN = auto()


_COMMANDS: Final = {
    "<": Command.BACK,
    "?": Command.HELP,
    "!": Command.LANGUAGE,
    "q": Command.LEAVE,
}


_PATIENCE: Final = 1.0
"""Seconds after which a message is shown that work is still in progress."""
_LIMIT: Final = 20
"""How many rows of a list are shown at first."""
_NUMBERS: Final = re.compile(r"\d{1,4}(?:[\s,;]+\d{1,4})*")


_REPLIES: Final[dict[str, Reply]] = {"r": pages.Again(), "g": pages.Fix(), "f": pages.Anyway()}

Input = Reply | pages.Searched | pages.Toggled | pages.NextFinding | Command | str | None
"""What an input means. None asks again; a string is input that is not a command or a letter."""


class Dialogue:
    """Runs a walk from its current page until it is finished or the user leaves."""

    def __init__(
        self,
        walk: pages.AnyWalk,
        keyboard: Keyboard,
        out: Output,
        t: Texts,
        work: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._walk = walk
        self._keyboard = keyboard
        self._out = out
        self._t = t
        self._work = work
        self._writer = PageWriter(out)

    def run(self) -> int:
        """Run the walk and return the exit code.

        Raises:
            KeyboardInterrupt: If Ctrl+C was pressed at a question.
            Ended: If a signal was received.
        """
        self._write_keys()
        self._run_work(self._walk.begin(self._changed))
        while not self._walk.is_finished or self._start_successor():
            page = self._walk.page(self._t)
            self._writer.write(page, self._t)
            answer = self._ask(page)
            if isinstance(answer, Command):
                ending = self._run_command(answer, page)
                if ending is not None:
                    return ending
            else:
                self._take(answer)
        if summary := self._walk.summary(self._t):
            self._out.line()
            self._out.block(summary)
        return Exit.DONE

    def _start_successor(self) -> bool:
        """Continue with the walk that follows this one. Return whether there is one."""
        successor = self._walk.successor
        if successor is None:
            return False
        self._walk = successor
        self._writer.again()
        self._run_work(self._walk.begin(self._changed))
        return True

    # --- writing ---

    def _write_keys(self) -> None:
        t = self._t
        page = self._walk.page(t)
        if page.badge == "DEMO":
            self._out.line(
                t("DEMO: Everything here is made up. Nothing outside the demo's own folder is changed.")
            )
        other = "English" if t.language == "nb" else "Norsk"
        self._out.line(
            t("Answer and press Enter. At any time: < back, ? help, ! {language}, q quit.", language=other)
        )

    # --- working ---

    def _take(self, answer: Reply | pages.Searched | pages.Toggled | pages.NextFinding | str | None) -> None:
        match answer:
            case None | str():
                return
            case pages.Searched() | pages.Toggled() | pages.NextFinding():
                self._walk.edit(answer)
            case _:
                self._writer.forget_checks()
                self._run_work(self._walk.reply(answer, self._changed))

    def _run_work(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            self._work(self._with_notice(work))
        except KeyboardInterrupt:
            self._out.line()
            self._out.line(self._t("Cancelled."))

    async def _with_notice(self, work: Coroutine[Any, Any, None]) -> None:
        waiting = asyncio.get_running_loop().call_later(_PATIENCE, self._write_wait)
        try:
            await work
        finally:
            waiting.cancel()

    def _changed(self) -> None:
        if not self._walk.is_finished:
            page = self._walk.page(self._t)
            if page.is_busy:
                self._writer.write(page, self._t)

    def _write_wait(self) -> None:
        self._out.line(self._t("Please wait … (Ctrl+C cancels)"))

    # --- asking ---

    def _read(self, prompt: str, page: Page, *, is_hidden: bool = False) -> Input:
        """Ask for a line. Return the text, or what a command or a letter on its own means.

        Letters correspond to keys of the full screen.
        """
        read = self._keyboard.read_hidden if is_hidden else self._keyboard.read_line
        typed = read(lambda: self._out.prompt(prompt))
        if is_hidden or not self._keyboard.echoes:
            # The line break was not shown either.
            self._out.line()
        if typed is None:
            return Command.END_OF_INPUT
        if not is_hidden and shows_token(typed):
            # The terminal has already shown it, so it must not be used as a key or stored.
            return Command.KEY_SHOWN
        word = typed.strip().casefold()
        if word in _COMMANDS:
            return _COMMANDS[word]
        if word not in _letters(page):
            return typed
        if word == "v":
            self._out.line()
            self._out.block(self._walk.document(self._t))
            return None
        return pages.NextFinding() if word == "n" else _REPLIES[word]

    def _ask(self, page: Page) -> Input:
        match page.answer:
            case pages.SecretField():
                return self._ask_secret(page, page.answer)
            case pages.TextField():
                return self._ask_text(page, page.answer)
            case pages.SearchList():
                return self._ask_list(page, page.answer)
            case pages.Table():
                return self._ask_table(page, page.answer)
        if page.choices:
            return self._ask_choice(page)
        answer = self._read(_key_hints(page, with_enter=True), page)
        return pages.Continue() if isinstance(answer, str) and not answer.strip() else answer

    def _ask_choice(self, page: Page) -> Input:
        t, out = self._t, self._out
        enabled = [choice for choice in page.choices if choice.is_enabled]
        for choice in page.choices:
            number = str(enabled.index(choice) + 1) if choice.is_enabled else "-"
            # A note is a word or two about the choice, or a sentence.
            joint = ": " if choice.note[:1].isupper() else ", "
            out.line(joint.join(filter(None, (choice.label, choice.note))), indent=f"{number:>4}  ")
            for line in choice.detail:
                out.line(line, indent=" " * 6)
        values = [choice.value for choice in enabled]
        default = values.index(page.marked) + 1 if page.marked in values else None
        while True:
            hints = _key_hints(page)
            prompt = t("Number") + (f" [{default}]" if default else "")
            answer = self._read(f"{hints} {prompt}" if hints else prompt, page)
            if not isinstance(answer, str):
                return answer
            text = answer.strip() or str(default or "")
            if text.isdigit() and 0 < int(text) <= len(values):
                return Chosen(values[int(text) - 1])
            out.line(t("Answer with a number from 1 to {last}.", last=len(values)))

    def _ask_secret(self, page: Page, field: pages.SecretField) -> Input:
        is_empty = not field.length or page.is_blocked
        hints = _key_hints(page, with_enter=not page.is_blocked and (field.may_be_empty or not is_empty))
        # Screen readers read words in brackets like an aside.
        label = re.sub(r" \((.*)\)$", r", \1", field.label)
        asks = f"{label} {self._t('(not shown)')}" if is_empty else ""
        answer = self._read(f"{hints} {asks}".strip(), page, is_hidden=True)
        if not isinstance(answer, str):
            return answer
        if not answer.strip() and not page.is_blocked:
            return pages.Continue()
        return pages.Pasted(Secret(answer))

    def _ask_text(self, page: Page, field: pages.TextField) -> Input:
        known = f" [{field.text}]" if field.text else ""
        answer = self._read(f"{field.label}{known}", page)
        if not isinstance(answer, str):
            return answer
        return pages.Typed(answer if answer.strip() else field.text)

    # --- lists ---

    def _ask_list(self, page: Page, listed: pages.SearchList) -> Input:
        if listed.search and not listed.rows:
            # The card has said what is wrong with the search, so all rows can be chosen again.
            self._walk.edit(pages.Searched(""))
            page = self._walk.page(self._t)
            listed = page.answer if isinstance(page.answer, pages.SearchList) else listed
        rows = [*((listed.first,) if listed.first else ()), *listed.rows]
        self._write_rows(rows)
        answer = self._read(self._list_prompt(page, listed, rows), page)
        if not isinstance(answer, str):
            return answer
        text = answer.strip()
        if not text:
            if listed.search:
                return pages.Searched("")
            if listed.takes_ticks:
                return pages.Continue()
            return Chosen(rows[0].value) if len(rows) == 1 else None
        if _NUMBERS.fullmatch(text):
            return self._by_number(text, rows, listed)
        return self._by_words(text, listed)

    def _list_prompt(self, page: Page, listed: pages.SearchList, rows: list[pages.ListRow]) -> str:
        t = self._t
        hints = _key_hints(page, with_enter=True)
        if not listed.takes_ticks:
            if not listed.is_path:
                return t("Choose a number, or type part of the name")
            return t("Choose a number, or type part of the name or a path")
        if not any(row.is_enabled for row in rows if row is not listed.first):
            return f"{t('1, or nine digits')} {hints}"
        return f"{t('Numbers (2,3), part of a name, or nine digits')} {hints}"

    def _write_rows(self, rows: list[pages.ListRow]) -> None:
        out, t = self._out, self._t
        enabled = [row for row in rows if row.is_enabled]
        for row in rows[:_LIMIT]:
            number = str(enabled.index(row) + 1) if row.is_enabled else "-"
            chosen = t("selected") if row.mark in {pages.Mark.CHOSEN, pages.Mark.TICKED} else ""
            words = (row.text, row.right, row.note.removeprefix("! "), chosen)
            out.line(spoken(", ".join(filter(None, words))), indent=f"{number:>4}  ")
        if len(rows) > _LIMIT:
            more = len(rows) - _LIMIT
            out.line(
                t.plural("and {n} more: type a part of a name", "and {n} more: type a part of a name", more)
            )

    def _by_number(self, text: str, rows: list[pages.ListRow], listed: pages.SearchList) -> Input:
        enabled = [row for row in rows if row.is_enabled]
        numbers = [int(each) for each in re.findall(r"\d+", text)]
        if not all(0 < number <= len(enabled) for number in numbers):
            t = self._t
            self._out.line(t("Answer with a number from 1 to {last}.", last=len(enabled)))
            return None
        chosen = [enabled[number - 1] for number in numbers]
        if not listed.takes_ticks:
            return Chosen(chosen[0].value)
        # The numbers are the new selection: they do not toggle rows that are already ticked.
        wanted = {row.value for row in chosen}
        for row in enabled:
            is_on = row.mark in {pages.Mark.TICKED, pages.Mark.CHOSEN}
            if (row.value in wanted and not is_on) or (
                row.mark is pages.Mark.TICKED and row.value not in wanted
            ):
                self._walk.edit(pages.Toggled(row.value))
        return None

    def _by_words(self, text: str, listed: pages.SearchList) -> Input:
        self._walk.edit(pages.Searched(text))
        found = self._walk.page(self._t).answer
        if not isinstance(found, pages.SearchList):
            return None
        first = (found.first,) if found.first else ()
        hits = [row for row in (*first, *found.rows) if row.is_enabled]
        if found.search and len(hits) == 1:
            if not listed.takes_ticks:
                return Chosen(hits[0].value)
            value = hits[0].value
            return pages.Toggled(value) if hits[0].mark is not pages.Mark.TICKED else pages.Searched("")
        if found.search and not hits and found.is_path:
            return pages.Typed(text)
        if found.state is State.BAD:
            return None
        if found.search and not hits:
            self._out.line(self._t("No matches."))
            self._walk.edit(pages.Searched(""))
        return None

    def _ask_table(self, page: Page, table: pages.Table) -> Input:
        out, t = self._out, self._t
        for number, row in enumerate(table.rows, start=1):
            words = ", ".join(filter(None, (row.word, *row.cells)))
            out.line(words, indent=f"{number:>4}  " if table.columns else "  ")
        if page.choices:
            return self._ask_choice(page)
        answer = self._read(_key_hints(page, with_enter=True), page)
        if not isinstance(answer, str):
            return answer
        text = answer.strip()
        if table.columns and text.isdigit() and 0 < int(text) <= len(table.rows):
            return Chosen(table.rows[int(text) - 1].value)
        if text:
            out.line(t("Answer with a number from 1 to {last}.", last=len(table.rows)))
            return None
        return pages.Continue()

    # --- commands ---

    def _run_command(self, command: Command, page: Page) -> int | None:
        """Run a command. Return an exit code if it ends the dialogue."""
        t, out = self._t, self._out
        match command:
            case Command.BACK if page.can_go_back:
                self._writer.again()
                self._take(pages.Back())
            case Command.BACK:
                out.line(t("This is the first question."))
            case Command.HELP:
                self._writer.help(page.help, t)
            case Command.LANGUAGE:
                self._t = Texts(LANGUAGES[1 - LANGUAGES.index(t.language)])
                self._writer.again()
            case Command.KEY_SHOWN:
                shown = codes.KEY_SHOWN.found()
                out.line(f"{shown.code.id}: {shown.message(t)}")
                out.line(shown.hint(t), indent="  ")
            case Command.LEAVE if page.is_end:
                self._take(pages.Continue())
            case Command.LEAVE:
                out.line(t("You quit before the end."))
                return Exit.INTERRUPTED
            case Command.END_OF_INPUT:
                # The terminal may be gone.
                with suppress(OSError):
                    out.line()
                    out.line(t("The input ended before everything was answered."))
                return Exit.USAGE
        return None


def _letters(page: Page) -> dict[str, str]:
    """Return the letters that can be used on this page, with what they do."""
    return {
        letter: key.word
        for key in page.keys
        if (letter := LETTERS.get(key.key)) and (letter != "v" or page.has_document)
    }


def _key_hints(page: Page, *, with_enter: bool = False) -> str:
    """Return the available keys, such as «[Enter: lagre, r: sjekk på nytt, v: vis filen]»."""
    hints = [f"{key.key}: {key.word}" for key in page.keys if key.key == "Enter" and with_enter]
    hints += [f"{letter}: {word}" for letter, word in _letters(page).items()]
    return f"[{', '.join(hints)}]" if hints else ""
