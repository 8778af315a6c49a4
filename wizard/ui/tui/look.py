"""What a text on the screen depends on: the language and the symbols that the terminal can draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wizard.findings import Finding, Severity, Verdict
from wizard.text import Texts
from wizard.ui.wording import finding_word, verdict_word


@dataclass(frozen=True, slots=True)
class Signs:
    """Symbols next to words, never instead of them."""

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

# Their fonts have at most 512 glyphs, and none of the above.
POOR_TERMINALS: Final = frozenset({"linux", "ansi", "cons25", "vt100", "vt102", "vt220", "vt320"})


def signs_for(environ: Mapping[str, str]) -> Signs:
    """Return the symbols that the terminal's font has."""
    return ASCII if environ.get("TERM") in POOR_TERMINALS else DRAWN


@dataclass(frozen=True, slots=True)
class Mark:
    """How a verdict or finding begins: a symbol, a word and a colour of the theme."""

    sign: str
    word: str
    style: str


@dataclass(frozen=True, slots=True)
class Look:
    """The reader's language, the terminal's symbols, and whether there are colours."""

    t: Texts
    signs: Signs
    has_colours: bool = True

    @property
    def here(self) -> str:
        """The style of the row that the keys act on.

        Not bold in colours: with 16 of them, many terminals show bold black as grey.
        """
        return "$ground on $accent" if self.has_colours else "bold reverse"

    @property
    def code(self) -> str:
        """The style of what is typed as it is: names, numbers, commands."""
        return "$accent" if self.has_colours else "underline"

    def of_verdict(self, verdict: Verdict) -> Mark:
        """Return how a result begins: the three answers never look alike."""
        sign, style = {
            Verdict.VALID: (self.signs.good, "$good"),
            Verdict.INVALID: (self.signs.bad, "$bad"),
            Verdict.UNKNOWN: (self.signs.doubt, "$doubt"),
        }[verdict]
        return Mark(sign, verdict_word(verdict, self.t), style)

    def of_finding(self, finding: Finding) -> Mark:
        """Return how a finding begins."""
        sign, style = {
            Severity.ERROR: (self.signs.bad, "$bad"),
            Severity.WARNING: (self.signs.warning, "$doubt"),
            Severity.INFO: (self.signs.note, "$accent"),
        }[finding.severity]
        if finding.is_error and finding.code.is_unknown:
            sign, style = self.signs.doubt, "$doubt"
        word = finding_word(finding, self.t)
        return Mark(sign, word[:1].upper() + word[1:], style)
