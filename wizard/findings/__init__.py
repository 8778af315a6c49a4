"""What was found to be right, wrong or not known: values, never exceptions.

``codes`` has a row for every kind of finding. ``nb.md`` and ``en.md`` have a section for each: the message,
the advice and the explanation that ``explain`` adds. They are read when the first text is shown.
"""

import re
import shlex
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from wizard.paths import FINDINGS_FOLDER
from wizard.text import Language, Texts


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Verdict(StrEnum):
    """The three answers that must never be mixed up, as ``validate`` reports them."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """What kept something from being checked; the exit code tells the two apart."""

    TRIPLETEX = "tripletex"
    """Tripletex did not settle it: the network, its answer, or no consumer token."""
    MACHINE = "machine"
    """This machine prevented it: a file, variable, command or store, or who may write to a config."""


class StepId(StrEnum):
    """The name of a step, the same in flags, texts, journals and findings."""

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
    """What a kind of finding says in one language; message and advice may contain ``{placeholders}``."""

    message: str
    advice: str
    explanation: str


class Code(NamedTuple):
    """One kind of finding.

    Attributes:
        id: ``TW1xx`` file and TOML, ``TW2xx`` meaning of the config, ``TW3xx`` secrets,
            ``TW4xx`` Tripletex says no, ``TW5xx`` could not be checked.
        step: The step that fixes it, if one does.
        click: The name of the click that it is about, on the guide page of the key or of client access.
        cause: What kept something from being checked; None where the finding is about what was
            checked. Every ``TW5xx`` has one, and so has every refusal to trust a file.
    """

    id: str
    severity: Severity = Severity.ERROR
    step: StepId | None = None
    click: str | None = None
    cause: Cause | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether it only says that something could not be checked."""
        return self.cause is not None

    def texts(self, language: Language) -> CodeTexts:
        """Return what it says in a language, with the placeholders as they are."""
        return _texts(language)[self.id]

    def found(
        self,
        *,
        position: "Position | None" = None,
        request_id: str | None = None,
        step: StepId | None = None,
        **values: object,
    ) -> "Finding":
        """Return a finding of this kind; ``values`` fill the placeholders and are never secret."""
        return Finding(self, MappingProxyType(values), position, request_id, step or self.step)


class Term(str):
    """A value that is itself a text to translate, such as ``a number``; it has no placeholders."""

    __slots__ = ()


class Phrase:
    """A value that is itself a text to translate, with placeholders of its own."""

    __slots__ = ("text", "values")

    def __init__(self, text: str, **values: object) -> None:
        self.text = text
        self.values = values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Phrase) and (self.text, self.values) == (other.text, other.values)

    def __hash__(self) -> int:
        return hash(self.text)


class Position(NamedTuple):
    """A position in a text file; both numbers are 1-based, the column counts code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found."""

    code: Code
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    position: Position | None = None
    request_id: str | None = None
    step: StepId | None = None

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.code.severity

    @property
    def is_error(self) -> bool:
        """Whether it keeps a config from being valid, by being wrong or by being unknown."""
        return self.code.severity is Severity.ERROR

    def message(self, t: Texts) -> str:
        """Return what is wrong, in the reader's language.

        Raises:
            KeyError: a placeholder was given no value.
        """
        return self._filled(self.code.texts(t.language).message, t)

    def hint(self, t: Texts) -> str:
        """Return what to do about it, in the reader's language; a value ``advice`` is more to the point."""
        if "advice" in self.values:
            return str(_shown(self.values["advice"], t))
        return self._filled(self.code.texts(t.language).advice, t)

    def _filled(self, text: str, t: Texts) -> str:
        values = {name: _shown(value, t) for name, value in self.values.items()}
        return _FORMATTER.vformat(text, (), values)

    def at(self, position: Position | None) -> "Finding":
        """Return the same finding at a position in a file."""
        return replace(self, position=position)


def _shown(value: object, t: Texts) -> object:
    match value:
        case Term():
            return t(value)
        case Phrase():
            return t(value.text, **{name: _shown(each, t) for name, each in value.values.items()})
        case _:
            return value


def verdict(findings: "tuple[Finding, ...] | list[Finding]") -> Verdict:
    """Sum findings up: definitely wrong wins over could not be checked, which wins over valid."""
    errors = [finding for finding in findings if finding.is_error]
    if any(not finding.code.is_unknown for finding in errors):
        return Verdict.INVALID
    return Verdict.UNKNOWN if errors else Verdict.VALID


class _Formatter(string.Formatter):
    """Fills placeholders, with three formats of its own.

    ``{count:client|clients}`` writes the number with the form that fits it, ``{number:org}`` an
    organisation number in groups of three, and ``{path:quoted}`` a word of a command for a shell.
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
    with open(f"{FINDINGS_FOLDER}/{language}.md", encoding="utf-8") as file:  # see paths
        return {code: CodeTexts(*texts) for code, *texts in _SECTION.findall(file.read())}
