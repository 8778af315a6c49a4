"""Picking from a list that may hold thousands: a part of the name, then a number."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from wizard.flow.questions import AskText, Option, Picked, Reply, Typed
from wizard.ui.lines.desk import Command, Desk, Mend
from wizard.ui.search import fits, joined, searchable

LIMIT: Final = 20
"""How many lines are listed at once: what fits on a screen, and what one can listen to."""

_RANGES: Final = re.compile(r"\s*\d{1,3}(\s*-\s*\d{1,3})?(\s*[,;]\s*\d{1,3}(\s*-\s*\d{1,3})?)*\s*", re.ASCII)


def numbers_in(text: str, count: int) -> tuple[int, ...] | None:
    """Return the places meant by ``1,3-5``, from 0, or None when it is no such list within ``count``."""
    if not _RANGES.fullmatch(text):
        return None
    places: list[int] = []
    for part in re.split("[,;]", text):
        first, _, last = part.partition("-")
        places += range(int(first) - 1, int(last or first))
    in_range = places and all(0 <= place < count for place in places)
    return tuple(dict.fromkeys(places)) if in_range else None


def pick(question: AskText, desk: Desk) -> Reply | Command | Mend:
    """Ask for options out of a list, or for text that the flow judges."""
    return (_Several if question.takes_several else _One)(question, desk).ask()


class _One:
    """Picks one option.

    Attributes:
        listed: The options whose numbers may be answered.
        default: What Enter answers, and how that is shown.
    """

    def __init__(self, question: AskText, desk: Desk) -> None:
        self.question = question
        self.desk = desk
        self.values = {option.value for option in question.options}
        self.listed: Sequence[Option] = ()
        self.default: tuple[Reply, str] | None = None
        if question.text:
            self.default = Typed(question.text), question.text

    def ask(self) -> Reply | Command | Mend:
        """Ask until there is an answer."""
        self._begin()
        while True:
            typed = self.desk.ask(self.prompt())
            if not isinstance(typed, str):
                return typed
            answer = self.answer(typed) if typed.strip() else self.nothing()
            if answer is not None:
                return answer

    def prompt(self) -> str:
        """Return what stands before the answer."""
        return f"[{self.default[1]}]" if self.default else ""

    def nothing(self) -> Reply | None:
        """Return what Enter alone answers."""
        if self.default is None:
            self.desk.out.line(self.desk.t("Type something, or ? for help."))
            return None
        return self.default[0]

    def answer(self, typed: str) -> Reply | None:
        """Return the answer in what was typed; else search for it."""
        places = numbers_in(typed, len(self.listed))
        if places is not None and len(places) == 1:
            return Picked((self.listed[places[0]].value,))
        if joined(typed) in self.values:
            return Typed(typed)
        found = self.search(typed)
        if not found:
            self.desk.out.line(self.desk.t("Nothing in the list fits; taken as it was typed."))
            return Typed(typed)
        return None

    def search(self, typed: str) -> Sequence[Option]:
        """List the options that fit."""
        found = [
            option
            for option in self.question.options
            if fits(typed, searchable((option.label, option.detail, option.value)))
        ]
        if found:
            self._list(found)
            # A search that finds one has all but chosen it.
            self.default = (Picked((found[0].value,)), "1") if len(found) == 1 else None
        return found

    def _begin(self) -> None:
        question, desk = self.question, self.desk
        placeholder = f" ({question.placeholder})" if question.placeholder else ""
        desk.out.line(f"{question.label}{placeholder}")
        if len(question.options) <= LIMIT:
            self._list(question.options)
            return
        count = len(question.options)
        desk.out.line(desk.t("The list has {count}. Type a part, and those that fit are shown.", count=count))

    def _list(self, options: Sequence[Option]) -> None:
        self.listed = options[:LIMIT]
        for number, option in enumerate(self.listed, start=1):
            detail = f"  {option.detail}" if option.detail else ""
            self.desk.out.line(f"{option.label}{detail}", indent=f"{number:4}  ")
        if more := len(options) - len(self.listed):
            self.desk.out.line(self.desk.t("{count} more fit. Type more to see fewer.", count=more))


class _Several(_One):
    """Picks any number of options, over as many searches as it takes; choosing again undoes it."""

    def __init__(self, question: AskText, desk: Desk) -> None:
        super().__init__(question, desk)
        self.chosen: dict[str, str] = {}
        before = _parts(question.text) | set(question.picked)
        self._toggle(option for option in question.options if option.value in before)

    def prompt(self) -> str:
        """Return what stands before the answer."""
        t = self.desk.t
        if not self.chosen:
            return " ".join(filter(None, (t("Numbers such as 1,3-5, or a part of a name"), super().prompt())))
        names = ", ".join([*self.chosen.values()][:LIMIT])
        rest = " …" if len(self.chosen) > LIMIT else ""
        self.desk.out.line(
            t.plural("{n} chosen: {names}", "{n} chosen: {names}", len(self.chosen), names=names) + rest
        )
        return t("More, or the same again to leave it out [Enter: done]")

    def nothing(self) -> Reply | None:
        """Return what has been chosen."""
        return Picked(tuple(self.chosen)) if self.chosen else super().nothing()

    def answer(self, typed: str) -> Reply | None:
        """Choose what was typed, by its number or its value; else search for it."""
        places = numbers_in(typed, len(self.listed))
        values = _parts(typed)
        if places is not None:
            self._toggle(self.listed[place] for place in places)
        elif values <= self.values and (self.chosen or len(values) > 1):
            self._toggle(option for option in self.question.options if option.value in values)
        elif not self.chosen:
            return super().answer(typed)
        elif not self.search(typed):
            self.desk.out.line(self.desk.t("Nothing in the list fits."))
        return None

    def _toggle(self, options: Iterable[Option]) -> None:
        # Options may share a value; they are chosen, and left out, together.
        for value, label in {option.value: option.label for option in options}.items():
            if self.chosen.pop(value, None) is None:
                self.chosen[value] = label


def _parts(text: str) -> set[str]:
    return {joined(part) for part in re.split("[,;]", text)}
