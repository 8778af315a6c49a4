"""What a text on the screen depends on: the language and the signs that the terminal can draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wizard.domain.finding import Finding, Severity, Verdict
from wizard.text import Texts


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs that stand beside words, never instead of them."""

    good: str
    bad: str
    doubt: str
    warning: str
    note: str
    marker: str
    up: str
    down: str
    dot: str
    continued: str


DRAWN: Final = Signs("✓", "✗", "?", "!", "i", "▸", "▲", "▼", "•", "↳")
ASCII: Final = Signs("+", "x", "?", "!", "i", ">", "^", "v", "*", "\\")

# Their fonts have at most 512 signs, and none of the above.
_POOR_TERMINALS: Final = frozenset({"linux", "ansi", "cons25", "vt100", "vt102", "vt220", "vt320"})


def signs_for(environ: Mapping[str, str]) -> Signs:
    """Return the signs that the terminal's font has."""
    return ASCII if environ.get("TERM") in _POOR_TERMINALS else DRAWN


@dataclass(frozen=True, slots=True)
class Mark:
    """How a verdict or finding begins: a sign, a word and a colour of the theme."""

    sign: str
    word: str
    style: str


@dataclass(frozen=True, slots=True)
class Look:
    """The reader's language, the terminal's signs, and whether there are colours."""

    t: Texts
    signs: Signs
    has_colours: bool = True

    @property
    def here(self) -> str:
        """The style of the row that the keys act upon."""
        return "bold $ground on $accent" if self.has_colours else "bold reverse"

    def of_verdict(self, verdict: Verdict) -> Mark:
        """Return how a result begins: the three answers never look alike."""
        match verdict:
            case Verdict.VALID:
                return Mark(self.signs.good, self.t("OK"), "$good")
            case Verdict.INVALID:
                return Mark(self.signs.bad, self.t("Wrong"), "$bad")
            case Verdict.UNKNOWN:
                return Mark(self.signs.doubt, self.t("Not checked"), "$doubt")

    def of_finding(self, finding: Finding) -> Mark:
        """Return how a finding begins."""
        match finding.severity:
            case Severity.ERROR:
                return self.of_verdict(Verdict.UNKNOWN if finding.code.is_unknown else Verdict.INVALID)
            case Severity.WARNING:
                return Mark(self.signs.warning, self.t("Beware"), "$doubt")
            case Severity.INFO:
                return Mark(self.signs.note, self.t("Note"), "$accent")


def printable(text: str) -> str:
    """Return a text without anything that a terminal would act upon, such as a company's odd name."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
