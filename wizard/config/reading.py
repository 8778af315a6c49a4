"""Reads a config and reports all of its errors at once, with their positions."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from wizard.config.fields import BASE_URL, CLIENTS, ENVIRONMENT, ORG_NUMBER, SETUP
from wizard.config.model import Config, Document, Flaw, SettingPath, shown_path, value_at
from wizard.config.syntax import Positions
from wizard.config.validation import choice, validate
from wizard.domain.environment import Environment
from wizard.domain.key import looks_like_token
from wizard.domain.legible import visible
from wizard.domain.redaction import WORD, quoted
from wizard.domain.reference import reference_in
from wizard.domain.setup import DEFAULT_APPLICATION, Setup
from wizard.files.reading import CONFIG_LIMIT, NotRegular, TooLarge, read_regular, why_not_read
from wizard.files.toml import endless_name
from wizard.findings import Finding, Position, Term, codes
from wizard.findings.codes import SECRET_IN_CONFIG
from wizard.text import N_

BOM: Final = "\ufeff"
"""The byte order mark, which Windows editors add to UTF-8. It is not part of the first line."""


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
        setup=choice(Setup, value_at(document, SETUP)),
        environment=choice(Environment, value_at(document, ENVIRONMENT)),
    )


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
        environment=Environment(at(*ENVIRONMENT)),
        base_url=at(*BASE_URL),
        application=at("tripletex", "application") or DEFAULT_APPLICATION,
        setup=Setup(at(*SETUP)),
        org_number=at(*ORG_NUMBER) or "",
        clients=tuple(at(*CLIENTS) or ()),
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
        for word in WORD.finditer(line):
            if looks_like_token(word[0]):
                yield SECRET_IN_CONFIG.found(key=_A_LINE, position=Position(number, word.start() + 1))


_TOO_DEEP: Final = Term(N_("tables or lists are nested too deeply"))
_TOO_LONG: Final = Term(N_("a number has far too many digits"))
_NO_MORE_OF: Final = re.compile(r"Expected \"('{1,3})\" ")
_AT: Final = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)$")

# Strings and comments, in which brackets do not count, or a bracket. An unclosed string ends with its line
# or with the file.
_SKIPPED_OR_BRACKET: Final = re.compile(
    r"""\"{3}(?:[^\\]|\\.)*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?|\#[^\n]*+|[\[\]{}]""",
    re.DOTALL,
)
_DEEP: Final = 50
"""Levels of nested brackets. Python's recursion limit is higher, but depends on the call stack."""
_ENDLESS_NUMBER: Final = re.compile(r"[0-9_]{4301,}")


def load(text: str) -> Document | Finding:
    """Parse a text without BOM. Return the document, or a finding if it is not TOML."""
    if (endless := endless_name(text)) is not None:
        return codes.TOML_SYNTAX.found(problem=_TOO_DEEP, position=_place_of(endless, text))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _explain(str(error), text)
    except RecursionError:
        return codes.TOML_SYNTAX.found(problem=_TOO_DEEP, position=_place_of(_deep_value(text), text))
    except ValueError:
        # Python refuses to read decimal numbers of more than 4,300 digits.
        number = _ENDLESS_NUMBER.search(text)
        return codes.TOML_SYNTAX.found(problem=_TOO_LONG, position=number and _place_of(number.start(), text))


def _deep_value(text: str) -> int:
    """Return the offset of the first value that is nested too deeply."""
    begin = depth = 0
    for found in _SKIPPED_OR_BRACKET.finditer(text):
        if found[0] in {"[", "{"}:
            begin = begin if depth else found.start()
            depth += 1
        elif found[0] in {"]", "}"}:
            depth = max(depth - 1, 0)
        if depth > _DEEP:
            break
    return begin


def _place_of(position: int, text: str) -> Position:
    return Position(text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position))


def _explain(message: str, text: str) -> Finding:
    problem = _AT.sub("", message).strip()
    shown = quoted(problem[:1].lower() + problem[1:])  # it may contain a name from the file
    return codes.TOML_SYNTAX.found(problem=shown, position=_place_in_message(message, text))


def _place_in_message(message: str, text: str) -> Position | None:
    at = _AT.search(message)
    if not at:
        return None
    if unclosed := _NO_MORE_OF.match(message):
        # tomllib reached the end without finding the closing mark, so the last mark is the opening one.
        return _place_of(text.rfind(unclosed[1]), text)
    # For the end of the file, point at the last line that is not empty.
    lines = (text if at[1] else text.rstrip(" \t\r\n")).split("\n")
    line = int(at[1] or len(lines))
    written = lines[line - 1]
    if message.startswith(("Cannot", "Duplicate")):
        # tomllib reports the end of the duplicate setting or table, not its start.
        return Position(line, len(written) - len(written.lstrip()) + 1)
    return Position(line, int(at[2] or len(written) + 1))
