"""Reads a config and reports all of its errors at once, with their positions.

A document is validated against the table of settings, and the settings against each other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

from wizard.config import fields
from wizard.config.fields import Field, Kind, Rule
from wizard.config.syntax import BOM, Document, Flaw, Positions, SettingPath, load
from wizard.domain.key import looks_like_token, words_like_tokens
from wizard.domain.legible import visible
from wizard.domain.redaction import MASK, quoted
from wizard.domain.reference import Reference, reference_in
from wizard.domain.setup import (
    DEFAULT_APPLICATION,
    Environment,
    Setup,
    check_first_digit,
    parse_finale_org_number,
    parse_org_number,
)
from wizard.files.reading import CONFIG_LIMIT, NotRegular, TooLarge, read_regular, why_not_read
from wizard.findings import Finding, Position, Term, codes
from wizard.findings.codes import SECRET_IN_CONFIG
from wizard.text import N_


@dataclass(frozen=True, slots=True)
class Config:
    """A connection between Tripletex and Finale.

    Attributes:
        environment: The environment of Tripletex.
        base_url: The address of the sandbox; None for production and test.
        application: The application that the key was made for.
        setup: The kind of set-up.
        org_number: The value of Finale's field OrgNr: empty, nine digits, or ``%ORGNR%``.
        clients: Clients that a shared set-up needs access to, in the order of the file; may be empty.
        employee_token: The reference to the key.
        consumer_token: The reference to the consumer token, if the config has one.
        key_id: The key's number in Tripletex (``tokenId``), if known.
        installed: The day on which the key was installed, if known.
        previous: The reference to the previous key, until a rotation is finished.
        company_id: Tripletex's id of the company that the key belongs to, if known.
    """

    environment: Environment
    base_url: str | None
    application: str
    setup: Setup
    org_number: str
    clients: tuple[str, ...]
    employee_token: Reference
    consumer_token: Reference | None
    key_id: int | None
    installed: date | None
    previous: Reference | None
    company_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading a config.

    Attributes:
        config: The config; None if there are errors.
        findings: All findings in the order of the file, followed by those without a position.
        text: The text of the file, including BOM and line endings; None if it is not text.
        path: The file, if the text is from a file.
        setup: The kind of set-up, if it is valid in spite of errors elsewhere.
        environment: The environment, if it is valid in spite of errors elsewhere.
    """

    config: Config | None
    findings: tuple[Finding, ...]
    text: str | None = field(default=None, repr=False)
    path: Path | None = None
    setup: Setup | None = None
    environment: Environment | None = None


def read_config(path: Path) -> Reading:
    """Read a config file. All errors, including those of the file system, are returned as findings."""
    try:
        data = read_regular(path, CONFIG_LIMIT)
    except NotRegular:
        return Reading(None, (codes.NOT_A_FILE.found(),), path=path)
    except TooLarge as error:
        return Reading(None, (codes.TOO_LARGE.found(limit=error.shown_limit),), path=path)
    except OSError as error:
        shown = visible(str(path))
        return Reading(None, (why_not_read(shown, error),), path=path)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        good = data[: error.start].decode().removeprefix(BOM)
        place = Position(good.count("\n") + 1, len(good) - good.rfind("\n"))
        leaks = leaks_in_broken(data.decode(errors="replace"))
        return Reading(None, (codes.NOT_UTF8.found(position=place), *leaks), path=path)
    return parse_config(text, path)


def parse_config(text: str, path: Path | None = None) -> Reading:
    """Parse the text of a config, with or without a BOM. The path is only copied to the result."""
    plain = text.removeprefix(BOM)
    document = load(plain)
    if isinstance(document, Finding):
        return Reading(None, (document, *leaks_in_broken(plain)), text, path)
    findings = _findings(plain, document)
    return Reading(
        config=None if any(finding.is_error for finding in findings) else _build(document),
        findings=findings,
        text=text,
        path=path,
        setup=choice(Setup, value_at(document, fields.SETUP)),
        environment=choice(Environment, value_at(document, fields.ENVIRONMENT)),
    )


def shown_path(path: SettingPath) -> str:
    """Return a path for messages, such as ``finale.org_number``."""
    return ".".join(quoted(name) for name in path if isinstance(name, str))


def value_at(document: Document, names: SettingPath) -> object:
    """Return the value of a setting, or None if it is absent."""
    value: object = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _findings(plain: str, document: Document) -> tuple[Finding, ...]:
    leaks = list(leaks_in(document))
    leaking = {(leak.path, leak.is_name) for leak in leaks}
    # A key in the wrong place is reported once, not also as an invalid value.
    flaws = [*leaks, *(flaw for flaw in validate(document) if (flaw.path, flaw.is_name) not in leaking)]
    may_leak = may_have_leaking_comment(plain)
    return _placed(plain, flaws, with_comments=may_leak) if flaws or may_leak else ()


def _placed(plain: str, flaws: list[Flaw], *, with_comments: bool) -> tuple[Finding, ...]:
    positions = Positions(plain)
    findings = [flaw.finding.at(positions.place_of(flaw)) for flaw in flaws]
    if with_comments:
        findings += leaks_in_comments(positions)
    last = Position(len(plain) + 2, 0)
    return tuple(sorted(findings, key=lambda finding: finding.position or last))


def _build(document: Document) -> Config:
    """Return the config for a document without errors."""

    def at(*names: str) -> Any:  # noqa: ANN401 - the types have been checked
        return value_at(document, names)

    consumer_token, previous = at("credentials", "consumer_token"), at("key", "previous")
    return Config(
        environment=Environment(at(*fields.ENVIRONMENT)),
        base_url=at(*fields.BASE_URL),
        application=at("tripletex", "application") or DEFAULT_APPLICATION,
        setup=Setup(at(*fields.SETUP)),
        org_number=at(*fields.ORG_NUMBER) or "",
        clients=tuple(at(*fields.CLIENTS) or ()),
        employee_token=reference_in(at("credentials", "employee_token")),
        consumer_token=reference_in(consumer_token) if consumer_token else None,
        key_id=at("key", "id"),
        installed=_day_in(at("key", "installed")),
        previous=reference_in(previous) if previous else None,
        company_id=at("key", "company_id"),
    )


def _day_in(value: date | str | None) -> date | None:
    """Return a date that is written as a TOML date or as a string."""
    return date.fromisoformat(value) if isinstance(value, str) else value


_A_NAME: Final = Term(N_("a setting's name"))
_A_COMMENT: Final = Term(N_("a comment"))
_A_LINE: Final = Term(N_("a line"))
_PERHAPS: Final = re.compile(r"eyJ|tlxr_|-[0-9A-Fa-f]{12}")


def leaks_in(document: Document) -> Iterator[Flaw]:
    """Yield a flaw for every name and string in a document that looks like a key."""
    # An explicit stack: tables can be nested deeper than Python's recursion limit.
    waiting: list[tuple[SettingPath, object]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and looks_like_token(value):
            yield Flaw(SECRET_IN_CONFIG.found(key=shown_path(path)), path)
        elif isinstance(value, list):
            waiting += [((*path, index), item) for index, item in enumerate(value)]
        elif isinstance(value, dict):
            waiting += [((*path, name), inner) for name, inner in value.items()]
            for name in value:
                if looks_like_token(name):
                    yield Flaw(SECRET_IN_CONFIG.found(key=_A_NAME), (*path, name), is_name=True)


def may_have_leaking_comment(text: str) -> bool:
    """Return whether comments have to be searched for keys. This is cheap and has only false positives."""
    return "#" in text and _PERHAPS.search(text) is not None


def leaks_in_comments(positions: Positions) -> Iterator[Finding]:
    """Yield a finding for every comment that contains a key, such as a setting that is commented out."""
    for place, comment in positions.comments():
        if any(looks_like_token(part) for part in re.split("[=\"']", comment)):
            yield SECRET_IN_CONFIG.found(key=_A_COMMENT, position=place)


def leaks_in_broken(text: str) -> Iterator[Finding]:
    """Yield a finding for every word of a text that looks like a key, even if the text is not TOML."""
    for number, line in enumerate(text.split("\n"), 1):
        for word in words_like_tokens(line):
            yield SECRET_IN_CONFIG.found(key=_A_LINE, position=Position(number, word.start() + 1))


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
    if type(version) is int and version != fields.SCHEMA_VERSION:
        # The meaning of the rest is unknown in another version.
        shown = quoted(version) if abs(version) <= fields.LARGEST_NUMBER else MASK
        found = codes.SCHEMA_VERSION.found(version=shown, known=fields.SCHEMA_VERSION)
        return [Flaw(found, ("schema_version",))]
    return [*_validate_table(fields.CONFIG, document, ()), *_validate_together(document)]


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
    elsewhere = ((table.name, setting.name) for table in fields.CONFIG.fields for setting in table.fields)
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
            if not field.choices and not 1 <= value <= fields.LARGEST_NUMBER:
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
        return re.search(fields.DAY_PATTERN, text) is not None and bool(date.fromisoformat(text))
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
    setup = choice(Setup, value_at(document, fields.SETUP))
    environment = choice(Environment, value_at(document, fields.ENVIRONMENT))
    flaws = list(_validate_presence(document))
    numbers = list(_good_clients(document))
    written = value_at(document, fields.ORG_NUMBER)
    if setup and isinstance(written, str):
        if finding := _validate_org_number(written, setup):
            flaws.append(Flaw(finding, fields.ORG_NUMBER))
        elif setup is Setup.BUREAU_CLIENT:
            numbers.append((written, fields.ORG_NUMBER))
    return [*flaws, *_validate_numbers(numbers, environment)]


def _validate_presence(document: Document) -> Iterator[Flaw]:
    for condition in fields.CONDITIONS:
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
    clients = value_at(document, fields.CLIENTS)
    for index, client in enumerate(clients if isinstance(clients, list) else ()):
        if isinstance(client, str) and parse_org_number(client) == client:
            yield client, (*fields.CLIENTS, index)


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
