"""What was found to be right, wrong or not known: a value, never an exception."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from wizard.domain.step import StepId
from wizard.text import Texts


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


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding. Its id is stable; scripts rely on it.

    Attributes:
        id: ``TW1xx`` file and TOML, ``TW2xx`` meaning of the config, ``TW3xx`` secrets,
            ``TW4xx`` Tripletex says no, ``TW5xx`` could not be checked.
        message: What is wrong, one sentence (a message id with ``{placeholders}``).
        hint: What to do about it, one or two sentences.
        explanation: The background, a paragraph; shown by ``explain``. May hold no placeholders.
        step: The step that mends it, if one does.
    """

    id: str
    message: str
    hint: str
    explanation: str = ""
    severity: Severity = Severity.ERROR
    step: StepId | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether it only says that something could not be checked."""
        return self.id.startswith("TW5")

    def found(
        self,
        *,
        place: "Place | None" = None,
        request_id: str | None = None,
        step: StepId | None = None,
        **values: object,
    ) -> "Finding":
        """Return a finding of this kind; ``values`` fill the placeholders and are never secret."""
        return Finding(self, MappingProxyType(values), place, request_id, step or self.step)


class Term(str):
    """A value that is itself a text to translate, such as ``a number``; it has no placeholders."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a text file; both numbers are 1-based, the column counts code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found."""

    code: Code
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    place: Place | None = None
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
        """Return what is wrong, in the reader's language."""
        return t(self.code.message, **self._values(t))

    def hint(self, t: Texts) -> str:
        """Return what to do about it, in the reader's language."""
        return t(self.code.hint, **self._values(t))

    def _values(self, t: Texts) -> dict[str, object]:
        return {name: t(value) if isinstance(value, Term) else value for name, value in self.values.items()}

    def at(self, place: Place | None) -> "Finding":
        """Return the same finding at a place in a file."""
        return replace(self, place=place)


def verdict(findings: "tuple[Finding, ...] | list[Finding]") -> Verdict:
    """Sum findings up: definitely wrong wins over could not be checked, which wins over valid."""
    errors = [finding for finding in findings if finding.is_error]
    if any(not finding.code.is_unknown for finding in errors):
        return Verdict.INVALID
    return Verdict.UNKNOWN if errors else Verdict.VALID
