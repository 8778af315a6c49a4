"""Picking from a list that may hold thousands: a part of the name, then a number."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from wizard.flow.questions import AskText, Option, Picked, Reply, Typed
from wizard.ui.legible import encodable
from wizard.ui.lines.desk import Command, Desk, Mend

LIMIT: Final = 20
"""How many lines are listed at once: what fits on a screen, and what one can listen to."""

_RANGES: Final = re.compile(r"\s*\d{1,3}(\s*-\s*\d{1,3})?(\s*[,;]\s*\d{1,3}(\s*-\s*\d{1,3})?)*\s*", re.ASCII)


_ONE_LETTER: Final = str.maketrans("æøåÆØÅ", "aoaAOA")


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


def matches(text: str, cells: Iterable[str]) -> bool:
    """Whether all words of a text occur in a row of a list.

    Numbers are found however they are spaced, and names by the letters that a keyboard without
    Norwegian ones has: ``oestlandet`` and ``ostlandet`` alike.
    """
    shown = " ".join(cells)
    haystack = f"{shown} {encodable(shown, 'ascii')} {shown.translate(_ONE_LETTER)}".casefold()
    wanted = unicodedata.normalize("NFC", text).casefold()
    if all(word in haystack for word in wanted.split()):
        return True
    digits = re.sub(r"\s", "", wanted)
    return digits.isdigit() and digits in re.sub(r"\s", "", haystack)


def pick(question: AskText, desk: Desk) -> Reply | Command | Mend:
    """Ask for one option, or for text that the flow judges."""
    listed = _start(question, desk)
    default: Reply | None = Typed(question.text) if question.text else None
    shown = f"[{question.text}]" if question.text else ""
    while True:
        typed = desk.ask(shown)
        if not isinstance(typed, str):
            return typed
        if not typed.strip():
            if default is not None:
                return default
            desk.out.line(desk.t("Type something, or ? for help."))
            continue
        places = numbers_in(typed, len(listed))
        if places is not None and len(places) == 1:
            return Picked((listed[places[0]].value,))
        found = _found(question, typed)
        if not found:
            desk.out.line(desk.t("Nothing in the list fits; taken as it was typed."))
        if not found or _is_value(question, typed):
            return Typed(typed)
        listed = _list(found, desk)
        # A search that finds one has all but chosen it.
        default, shown = (Picked((found[0].value,)), "[1]") if len(found) == 1 else (None, "")


def pick_several(question: AskText, desk: Desk) -> Reply | Command | Mend:
    """Ask for any number of options; an empty answer ends it."""
    t = desk.t
    values = {option.value for option in question.options}
    chosen = [value for value in re.split(r"[\s,;]+", question.text) if value in values]
    listed = _start(question, desk, chosen)
    while True:
        desk.out.line(t.plural("{n} chosen.", "{n} chosen.", len(chosen)))
        typed = desk.ask(t("Numbers such as 1,3-5, or a part of a name [Enter: done]"))
        if not isinstance(typed, str):
            return typed
        if not typed.strip():
            return Picked(tuple(chosen))
        places = numbers_in(typed, len(listed))
        if places is not None:
            for place in places:
                _toggle(chosen, listed[place].value)
            _list(listed, desk, chosen)
        elif found := _found(question, typed):
            listed = _list(found, desk, chosen)
        else:
            desk.out.line(t("Nothing in the list fits."))


def _start(question: AskText, desk: Desk, chosen: Sequence[str] = ()) -> Sequence[Option]:
    placeholder = f" ({question.placeholder})" if question.placeholder else ""
    desk.out.line(f"{question.label}{placeholder}")
    if len(question.options) <= LIMIT:
        return _list(question.options, desk, chosen)
    desk.out.line(
        desk.t(
            "The list has {count}. Type a part, and those that fit are shown.", count=len(question.options)
        )
    )
    return ()


def _list(options: Sequence[Option], desk: Desk, chosen: Sequence[str] = ()) -> Sequence[Option]:
    """Write the first options with their numbers, and return them."""
    listed = options[:LIMIT]
    for number, option in enumerate(listed, start=1):
        mark = "* " if option.value in chosen else ""
        detail = f"  {option.detail}" if option.detail else ""
        desk.out.line(f"{mark}{option.label}{detail}", indent=f"{number:4}  ")
    if len(options) > len(listed):
        desk.out.line(desk.t("{count} more fit. Type more to see fewer.", count=len(options) - len(listed)))
    return listed


def _found(question: AskText, typed: str) -> list[Option]:
    return [
        option for option in question.options if matches(typed, (option.label, option.detail, option.value))
    ]


def _is_value(question: AskText, typed: str) -> bool:
    bare = re.sub(r"\s", "", typed)
    return any(option.value == bare for option in question.options)


def _toggle(chosen: list[str], value: str) -> None:
    if value in chosen:
        chosen.remove(value)
    else:
        chosen.append(value)
