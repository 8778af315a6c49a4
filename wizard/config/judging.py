"""Checks a document by the table of settings, and returns everything that is wrong."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Final

from wizard.config.fields import CONFIG, DAY_PATTERN, LARGEST_NUMBER, Field, Kind, Rule
from wizard.config.flaw import Document, Flaw, Path, shown_path
from wizard.config.meaning import judge_meaning
from wizard.config.model import SCHEMA_VERSION
from wizard.domain.redaction import MASK, quoted
from wizard.findings import Finding, Term, codes
from wizard.text import N_

# The order counts: true is a number to Python, and a date with a time is a date.
_WORDS: Final = (
    (bool, Term(N_("true or false"))),
    (int, Term(Kind.NUMBER.value)),
    (float, Term(N_("a decimal number"))),
    (str, Term(N_("text"))),
    (datetime, Term(N_("a date with a time"))),
    (date, Term(N_("a date"))),
    (time, Term(N_("a time of day"))),
    (list, Term(N_("a list"))),
)
_MOST_SUGGESTIONS: Final = 50
_ALIKE: Final = 0.65
_FIRST_MISSING: Final = Term(N_("the program to run is missing"))
_NO_KEY_NUMBER: Final = Term(N_("a key's number is 1 or more"))


def judge(document: Document) -> list[Flaw]:
    """Return all that is wrong with a document."""
    version = document.get("schema_version")
    if type(version) is int and version != SCHEMA_VERSION:
        # What the rest means in another version is not known here.
        said = quoted(version) if abs(version) <= LARGEST_NUMBER else MASK
        found = codes.SCHEMA_VERSION.found(version=said, known=SCHEMA_VERSION)
        return [Flaw(found, ("schema_version",))]
    return [*_judge_table(CONFIG, document, ()), *judge_meaning(document)]


def _judge_table(field: Field, table: Document, path: Path) -> Iterator[Flaw]:
    yield from _judge_names(field, table, path)
    for setting in field.fields:
        if setting.name in table:
            yield from _judge_value(setting, table[setting.name], (*path, setting.name))
        elif setting.is_required:
            missing = codes.MISSING_KEY.found(key=shown_path((*path, setting.name)))
            yield Flaw(missing, path, is_name=True)


def _judge_names(field: Field, table: Document, path: Path) -> Iterator[Flaw]:
    known = {setting.name for setting in field.fields}
    absent = sorted(known - table.keys())
    unknown = [name for name in table if name not in known]
    # Many unknown names are another kind of file, and comparing them would take long.
    is_worth_comparing = len(unknown) <= _MOST_SUGGESTIONS
    for name in unknown:
        key = shown_path((*path, name))
        near = _suggest(name, absent, path) if is_worth_comparing else None
        misspelled = near and codes.MISSPELLED_KEY.found(key=key, suggestion=shown_path(near))
        yield Flaw(misspelled or codes.UNKNOWN_KEY.found(key=key), (*path, name), is_name=True)


def _suggest(name: str, absent: list[str], path: Path) -> Path | None:
    """Return the setting that a name was meant to be: one like it here, or the same elsewhere."""
    from difflib import get_close_matches  # noqa: PLC0415 - most configs have no unknown names

    plain = name.casefold().replace("-", "_")
    if near := get_close_matches(plain, absent, n=1, cutoff=_ALIKE):
        return (*path, near[0])
    elsewhere = ((table.name, setting.name) for table in CONFIG.fields for setting in table.fields)
    return next((names for names in elsewhere if plain == names[1]), None)


def _judge_value(field: Field, value: object, path: Path) -> Iterator[Flaw]:
    match field.kind, value:
        case Kind.TABLE, dict():
            yield from _judge_table(field, value, path)
        case Kind.REFERENCE, dict():
            yield from _judge_table(field, value, path)
            if sum(kind.name in value for kind in field.fields) != 1:
                yield Flaw(codes.ONE_REFERENCE.found(key=shown_path(path)), path)
        case Kind.TEXT, str():
            yield from _judge_text(field, value, path)
        case Kind.LIST, list():
            yield from _judge_list(field, value, path)
        case Kind.NUMBER, int() if not isinstance(value, bool):
            if not field.choices and not 1 <= value <= LARGEST_NUMBER:
                yield _bad(path, _NO_KEY_NUMBER)
        case Kind.DAY, date() if not isinstance(value, datetime):
            pass
        case Kind.DAY, str() if _is_day(value):
            pass
        case _:
            yield _wrong_type(field, value, path)


def _judge_text(field: Field, text: str, path: Path) -> Iterator[Flaw]:
    if field.choices and text not in field.choices:
        choices = ", ".join(map(str, field.choices))
        yield Flaw(codes.NOT_A_CHOICE.found(key=shown_path(path), choices=choices), path)
    for rule in field.rules:
        if finding := _break(rule, text, path):
            yield Flaw(finding, path)
            return


def _judge_list(field: Field, values: list[object], path: Path) -> Iterator[Flaw]:
    if field.is_first_needed and (not values or values[0] == ""):
        yield _bad(path, _FIRST_MISSING)
    for index, value in enumerate(values):
        if isinstance(value, str):
            yield from _judge_text(field, value, (*path, index))
        else:
            yield _wrong_type(field, value, (*path, index))


def _break(rule: Rule, text: str, path: Path) -> Finding | None:
    """Return what is wrong with a text that breaks a rule."""
    if rule.judge:
        return rule.judge(text)
    is_found = re.search(rule.pattern, text) is not None
    return None if is_found is rule.is_wanted else _bad(path, Term(rule.reason)).finding


def _is_day(text: str) -> bool:
    """Whether a text is a date as TOML writes it; some write it in quotation marks."""
    try:
        return re.search(DAY_PATTERN, text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _bad(path: Path, reason: Term) -> Flaw:
    return Flaw(codes.BAD_REFERENCE.found(key=shown_path(path), reason=reason), path)


def _wrong_type(field: Field, value: object, path: Path) -> Flaw:
    actual = next((word for kind, word in _WORDS if isinstance(value, kind)), Term(Kind.TABLE.value))
    expected = Term(field.kind.value)
    return Flaw(codes.WRONG_TYPE.found(key=shown_path(path), expected=expected, actual=actual), path)
