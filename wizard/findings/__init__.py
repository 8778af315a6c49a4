"""Findings, which are values for errors, warnings and notes.

``codes`` defines the codes of findings. ``nb.md`` and ``en.md`` have a section for each code with the
message, the advice, and the explanation for ``explain``. They are read when they are first needed.
"""

import re
import shlex
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from wizard.text import Language, Texts


class Severity(StrEnum):
    """The severity of a finding."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Verdict(StrEnum):
    """The verdict of a check. Unknown must never be reported as one of the others."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Why something could not be checked, which decides the exit code."""

    TRIPLETEX = "tripletex"
    """No clear answer from Tripletex, because of the network, the response, or no consumer token."""
    MACHINE = "machine"
    """A problem on this machine: a file, variable, command or store, or a config that others can change."""


class StepId(StrEnum):
    """The ids of steps, which are used in flags, journals and findings."""

    WELCOME = "welcome"
    APPLICATION = "application"
    STORAGE = "storage"
    OWN_PLACE = "own_place"
    ENABLE_API = "enable_api"
    CREATE_KEY = "create_key"
    SETUP = "setup"
    SCOPE = "scope"
    ORG_NUMBER = "org_number"
    CLIENT_ACCESS = "client_access"
    REVIEW = "review"
    CHECK = "check"
    FINALE = "finale"
    DONE = "done"
    ROTATE_START = "rotate_start"
    ROTATE_REVIEW = "rotate_review"
    ROTATE_END = "rotate_end"
    ROTATE_TABLE = "rotate_table"
    ROTATE_OLD_KEY = "rotate_old_key"


class CodeTexts(NamedTuple):
    """The texts of a code in a language. Message and advice may contain ``{placeholders}``."""

    message: str
    advice: str
    explanation: str


class Code(NamedTuple):
    """The code of a finding.

    Attributes:
        id: ``TW1xx`` for files and TOML, ``TW2xx`` for the contents of configs, ``TW3xx`` for keys, ``TW4xx``
            for refusals by Tripletex, ``TW5xx`` for what could not be checked, ``TW6xx`` for this machine,
            and ``TW7xx`` for rotations.
        severity: The severity.
        step: The step that fixes it, if there is one.
        click: The name of the click that it is about, on the guide page of the key or of client access.
        cause: Why something could not be checked; None if it was checked. Every ``TW5xx`` has a cause, and so
            has every refusal to trust a file.
    """

    id: str
    severity: Severity = Severity.ERROR
    step: StepId | None = None
    click: str | None = None
    cause: Cause | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether it means that something could not be checked."""
        return self.cause is not None

    def texts(self, language: Language) -> CodeTexts:
        """Return the texts in a language, without filling in the placeholders."""
        return _texts(language)[self.id]

    def found(
        self,
        *,
        position: "Position | None" = None,
        request_id: str | None = None,
        step: StepId | None = None,
        **values: object,
    ) -> "Finding":
        """Return a finding with this code. ``values`` fill the placeholders and must not be secret."""
        return Finding(self, MappingProxyType(values), position, request_id, step or self.step)


class Term(str):
    """A value that will be translated, such as ``a number``, without placeholders."""

    __slots__ = ()


class Phrase:
    """A value that will be translated, with placeholders."""

    __slots__ = ("text", "values")

    def __init__(self, text: str, **values: object) -> None:
        self.text = text
        self.values = values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Phrase) and (self.text, self.values) == (other.text, other.values)

    def __hash__(self) -> int:
        return hash(self.text)


class Position(NamedTuple):
    """A position in a text file. Both numbers start at 1, and the column is in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """An error, warning or note."""

    code: Code
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    position: Position | None = None
    request_id: str | None = None
    step: StepId | None = None

    @property
    def severity(self) -> Severity:
        """The severity."""
        return self.code.severity

    @property
    def is_error(self) -> bool:
        """Whether it keeps a config from being valid, because something is wrong or unknown."""
        return self.code.severity is Severity.ERROR

    def message(self, t: Texts) -> str:
        """Return the message in the user's language.

        Raises:
            KeyError: If the value of a placeholder is missing.
        """
        return self._filled(self.code.texts(t.language).message, t)

    def hint(self, t: Texts) -> str:
        """Return the advice in the user's language. A value ``advice`` takes precedence."""
        if "advice" in self.values:
            return str(shown(self.values["advice"], t))
        return self._filled(self.code.texts(t.language).advice, t)

    def _filled(self, text: str, t: Texts) -> str:
        values = {name: shown(value, t) for name, value in self.values.items()}
        return _FORMATTER.vformat(text, (), values)

    def with_values(self, **values: object) -> "Finding":
        """Return the same finding with other or additional values, such as ``advice``."""
        return replace(self, values=MappingProxyType({**self.values, **values}))

    def at(self, position: Position | None) -> "Finding":
        """Return the same finding at a position in a file."""
        return replace(self, position=position)


def shown(value: object, t: Texts) -> object:
    """Return a value of a finding in the user's language."""
    match value:
        case Term():
            return t(value)
        case Phrase():
            return t(value.text, **{name: shown(each, t) for name, each in value.values.items()})
        case _:
            return value


def verdict(findings: "tuple[Finding, ...] | list[Finding]") -> Verdict:
    """Return the verdict on findings: invalid before unknown before valid."""
    errors = [finding for finding in findings if finding.is_error]
    if any(not finding.code.is_unknown for finding in errors):
        return Verdict.INVALID
    return Verdict.UNKNOWN if errors else Verdict.VALID


def unique(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings without duplicates."""
    found: list[Finding] = []
    for finding in findings:
        if finding not in found:
            found.append(finding)
    return found


class _Formatter(string.Formatter):
    """A formatter with three additional formats.

    ``{count:client|clients}`` is a number with the singular or plural, ``{number:org}`` an organisation
    number in groups of three, and ``{path:quoted}`` a word quoted for a shell.
    """

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec == "org":
            text = str(value)
            return f"{text[:3]} {text[3:6]} {text[6:]}" if _NINE_DIGITS.fullmatch(text) else text
        if format_spec == "quoted":
            return shlex.quote(str(value))
        one, several, many = format_spec.partition("|")
        if several:
            return f"{value} {one if value == 1 else many}"
        return str(super().format_field(value, format_spec))


_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")
_FORMATTER: Final = _Formatter()
_SECTION: Final = re.compile(r"^## (TW\d{3})\n\n(.+)\n\n(.+)\n\n(.+)\n", re.MULTILINE)


@cache
def _texts(language: Language) -> dict[str, CodeTexts]:
    with open(f"{__file__.rpartition('/')[0]}/{language}.md", encoding="utf-8") as file:
        return {code: CodeTexts(*texts) for code, *texts in _SECTION.findall(file.read())}
