"""Validates a document against the table of settings, and the settings against each other."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final, TypeVar

from wizard.config.fields import (
    CLIENTS,
    CONDITIONS,
    CONFIG,
    DAY_PATTERN,
    ENVIRONMENT,
    LARGEST_NUMBER,
    ORG_NUMBER,
    SETUP,
    Field,
    Kind,
    Rule,
)
from wizard.config.model import SCHEMA_VERSION, Document, Flaw, SettingPath, shown_path, value_at
from wizard.domain.environment import Environment
from wizard.domain.org_number import check_first_digit, parse_finale_org_number, parse_org_number
from wizard.domain.redaction import MASK, quoted
from wizard.domain.setup import Setup
from wizard.findings import Finding, Term, codes
from wizard.text import N_

Choice = TypeVar("Choice", bound=StrEnum)

# The order matters: bool is a subclass of int, and datetime of date.
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


def validate(document: Document) -> list[Flaw]:
    """Return all flaws of a document."""
    version = document.get("schema_version")
    if type(version) is int and version != SCHEMA_VERSION:
        # The meaning of the rest is unknown in another version.
        shown = quoted(version) if abs(version) <= LARGEST_NUMBER else MASK
        found = codes.SCHEMA_VERSION.found(version=shown, known=SCHEMA_VERSION)
        return [Flaw(found, ("schema_version",))]
    return [*_validate_table(CONFIG, document, ()), *_validate_together(document)]


def _validate_table(field: Field, table: Document, path: SettingPath) -> Iterator[Flaw]:
    yield from _validate_names(field, table, path)
    for setting in field.fields:
        if setting.name in table:
            yield from _validate_value(setting, table[setting.name], (*path, setting.name))
        elif setting.is_required:
            missing = codes.MISSING_KEY.found(key=shown_path((*path, setting.name)))
            yield Flaw(missing, path, is_name=True)


def _validate_names(field: Field, table: Document, path: SettingPath) -> Iterator[Flaw]:
    known = {setting.name for setting in field.fields}
    absent = sorted(known - table.keys())
    unknown = [name for name in table if name not in known]
    # With many unknown names it is another kind of file, and comparing them would take long.
    is_worth_comparing = len(unknown) <= _MOST_SUGGESTIONS
    for name in unknown:
        key = shown_path((*path, name))
        near = _suggest(name, absent, path) if is_worth_comparing else None
        misspelled = near and codes.MISSPELLED_KEY.found(key=key, suggestion=shown_path(near))
        yield Flaw(misspelled or codes.UNKNOWN_KEY.found(key=key), (*path, name), is_name=True)


def _suggest(name: str, absent: list[str], path: SettingPath) -> SettingPath | None:
    """Return the setting that was probably meant: a similar name here, or the same name in another table."""
    from difflib import get_close_matches  # noqa: PLC0415 - most configs have no unknown names

    plain = name.casefold().replace("-", "_")
    if near := get_close_matches(plain, absent, n=1, cutoff=_ALIKE):
        return (*path, near[0])
    elsewhere = ((table.name, setting.name) for table in CONFIG.fields for setting in table.fields)
    return next((names for names in elsewhere if plain == names[1]), None)


def _validate_value(field: Field, value: object, path: SettingPath) -> Iterator[Flaw]:
    match field.kind, value:
        case Kind.TABLE, dict():
            yield from _validate_table(field, value, path)
        case Kind.REFERENCE, dict():
            yield from _validate_table(field, value, path)
            if sum(kind.name in value for kind in field.fields) != 1:
                yield Flaw(codes.ONE_REFERENCE.found(key=shown_path(path)), path)
        case Kind.TEXT, str():
            yield from _validate_text(field, value, path)
        case Kind.LIST, list():
            yield from _validate_list(field, value, path)
        case Kind.NUMBER, int() if not isinstance(value, bool):
            if not field.choices and not 1 <= value <= LARGEST_NUMBER:
                yield _bad(path, _NO_KEY_NUMBER)
        case Kind.DAY, date() if not isinstance(value, datetime):
            pass
        case Kind.DAY, str() if _is_day(value):
            pass
        case _:
            yield _wrong_type(field, value, path)


def _validate_text(field: Field, text: str, path: SettingPath) -> Iterator[Flaw]:
    if field.choices and text not in field.choices:
        choices = ", ".join(map(str, field.choices))
        yield Flaw(codes.NOT_A_CHOICE.found(key=shown_path(path), choices=choices), path)
    for rule in field.rules:
        if finding := _break(rule, text, path):
            yield Flaw(finding, path)
            return


def _validate_list(field: Field, values: list[object], path: SettingPath) -> Iterator[Flaw]:
    if field.is_first_needed and (not values or values[0] == ""):
        yield _bad(path, _FIRST_MISSING)
    for index, value in enumerate(values):
        if isinstance(value, str):
            yield from _validate_text(field, value, (*path, index))
        else:
            yield _wrong_type(field, value, (*path, index))


def _break(rule: Rule, text: str, path: SettingPath) -> Finding | None:
    """Return a finding if a text breaks a rule."""
    if rule.check:
        return rule.check(text)
    is_found = re.search(rule.pattern, text) is not None
    return None if is_found is rule.is_wanted else _bad(path, Term(rule.reason)).finding


def _is_day(text: str) -> bool:
    """Return whether a text is a date in TOML's format, which some people write in quotation marks."""
    try:
        return re.search(DAY_PATTERN, text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _bad(path: SettingPath, reason: Term) -> Flaw:
    return Flaw(codes.BAD_REFERENCE.found(key=shown_path(path), reason=reason), path)


def _wrong_type(field: Field, value: object, path: SettingPath) -> Flaw:
    actual = next((word for kind, word in _WORDS if isinstance(value, kind)), Term(Kind.TABLE.value))
    expected = Term(field.kind.value)
    return Flaw(codes.WRONG_TYPE.found(key=shown_path(path), expected=expected, actual=actual), path)


# Rules that involve several settings


def _validate_together(document: Document) -> list[Flaw]:
    """Return all contradictions between settings that are valid by themselves."""
    setup = choice(Setup, value_at(document, SETUP))
    environment = choice(Environment, value_at(document, ENVIRONMENT))
    flaws = list(_validate_presence(document))
    numbers = list(_good_clients(document))
    written = value_at(document, ORG_NUMBER)
    if setup and isinstance(written, str):
        if finding := _validate_org_number(written, setup):
            flaws.append(Flaw(finding, ORG_NUMBER))
        elif setup is Setup.BUREAU_CLIENT:
            numbers.append((written, ORG_NUMBER))
    return [*flaws, *_validate_numbers(numbers, environment)]


def _validate_presence(document: Document) -> Iterator[Flaw]:
    for condition in CONDITIONS:
        if value_at(document, condition.when) != condition.value:
            continue
        is_there = value_at(document, condition.field) is not None
        if is_there and condition.is_needed is False:
            yield Flaw(condition.code.found(), condition.field, is_name=True)
        elif not is_there and condition.is_needed:
            yield Flaw(condition.code.found(), condition.field[:-1], is_name=True)


def _validate_org_number(written: str, setup: Setup) -> Finding | None:
    number = parse_finale_org_number(written, setup)
    if isinstance(number, Finding):
        return number
    if number == written:
        return None
    # Spaces are accepted as input elsewhere, but not in Finale's field or this file.
    match setup:
        case Setup.SINGLE_COMPANY:
            return codes.ORG_NUMBER_NOT_EMPTY.found()
        case Setup.BUREAU_CLIENT:
            return codes.ORG_NUMBER_NOT_PLAIN.found(number=number)
        case Setup.BUREAU_SHARED:
            return codes.PLACEHOLDER_MISSPELLED.found()


def _good_clients(document: Document) -> Iterator[tuple[str, SettingPath]]:
    clients = value_at(document, CLIENTS)
    for index, client in enumerate(clients if isinstance(clients, list) else ()):
        if isinstance(client, str) and parse_org_number(client) == client:
            yield client, (*CLIENTS, index)


def _validate_numbers(
    numbers: list[tuple[str, SettingPath]], environment: Environment | None
) -> Iterator[Flaw]:
    seen = set()
    for number, path in numbers:
        if number in seen:
            yield Flaw(codes.CLIENT_TWICE.found(number=number), path)
        elif environment and (unusual := check_first_digit(number, environment)):
            yield Flaw(unusual, path)
        seen.add(number)


def choice(choices: type[Choice], value: object) -> Choice | None:
    """Return the member of an enum with a value, or None."""
    return next((one for one in choices if one == value), None)
