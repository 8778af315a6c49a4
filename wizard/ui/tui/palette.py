"""Colours and symbols: what a row is drawn with, for each kind of terminal.

A row is drawn in the names of this module (``"accent bold"``, ``"ink on card-bad"``), which a palette
turns into the terminal's colours. With 256 colours the numbers are sent as they are: every terminal agrees
on them, and they take half the bytes of 24 bits. The contrast of every pair is 4.5:1 or more (WCAG 2.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rich.color import Color
from rich.style import Style

from wizard.text import Texts
from wizard.walk.page import State

Colours = Mapping[str, int]

DARK: Final[Colours] = {
    "ground": 233,
    "ink": 252,
    "strong": 231,
    "muted": 246,
    "rule": 241,
    "accent": 81,
    "value": 183,
    "good": 114,
    "bad": 210,
    "doubt": 221,
    "card": 235,
    "card-good": 22,
    "card-bad": 52,
    "card-ink": 254,
    "selection": 24,
    "selection-ink": 231,
    "field": 236,
    "badge": 233,
}
LIGHT: Final[Colours] = {
    "ground": 231,
    "ink": 234,
    "strong": 16,
    "muted": 240,
    "rule": 245,
    "accent": 25,
    "value": 91,
    "good": 22,
    "bad": 124,
    "doubt": 94,
    "card": 255,
    "card-good": 194,
    "card-bad": 224,
    "card-ink": 234,
    "selection": 25,
    "selection-ink": 231,
    "field": 254,
    "badge": 231,
}
# Cards have no background here: bar, symbol and word distinguish them.
DARK_16: Final[Colours] = {
    "ground": 0,
    "ink": 7,
    "strong": 15,
    "muted": 7,
    "rule": 8,
    "accent": 14,
    "value": 14,
    "good": 10,
    "bad": 9,
    "doubt": 11,
    "card": 0,
    "card-good": 0,
    "card-bad": 0,
    "card-ink": 7,
    "selection": 4,
    "selection-ink": 15,
    "field": 0,
    "badge": 0,
}
# No green has 4.5:1 on white: what is in order is black and bold.
LIGHT_16: Final[Colours] = {
    "ground": 15,
    "ink": 0,
    "strong": 0,
    "muted": 0,
    "rule": 8,
    "accent": 4,
    "value": 4,
    "good": 0,
    "bad": 1,
    "doubt": 5,
    "card": 15,
    "card-good": 15,
    "card-bad": 15,
    "card-ink": 0,
    "selection": 4,
    "selection-ink": 15,
    "field": 15,
    "badge": 15,
}


@dataclass(frozen=True)
class Palette:
    """Turns the names of styles into those of the terminal; without colours, into bold and reverse."""

    colours: Colours | None
    _styles: dict[str, Style] = field(default_factory=dict, repr=False, compare=False)

    def style(self, name: str) -> Style:
        """Return the style for ``"COLOUR[ bold][ on GROUND][ link URL]"``; ``"cursor"`` is a block."""
        found = self._styles.get(name)
        if found is None:
            found = self._styles[name] = self._new(name)
        return found

    def _new(self, name: str) -> Style:
        name, _, link = name.partition(" link ")
        if link:
            return self.style(name) + Style(link=link)
        words, _, ground = name.partition(" on ")
        colour, _, weight = words.partition(" ")
        if self.colours is None:
            reverse = colour in {"cursor", "badge"} or ground == "selection"
            is_bold = weight == "bold" or colour == "strong"
            return Style(bold=is_bold or None, underline=colour == "value" or None, reverse=reverse or None)
        if colour == "cursor":
            colour, ground = ground or "ground", "ink"
        if colour == "badge":
            ground = "doubt"
        return Style(
            color=Color.from_ansi(self.colours[colour]),
            bgcolor=Color.from_ansi(self.colours[ground or "ground"]),
            bold=weight == "bold" or None,
        )


def palette(environ: Mapping[str, str], *, colours: int, theme: str = "dark") -> Palette:
    """Return the palette for a terminal.

    Args:
        environ: ``NO_COLOR`` (not empty) means none; ``TRIPLETEX_WIZARD_THEME`` goes before the site's theme.
        colours: How many the terminal has.
        theme: ``dark`` or ``light``, as the site's defaults say.
    """
    if environ.get("NO_COLOR"):
        return Palette(None)
    is_light = (environ.get("TRIPLETEX_WIZARD_THEME") or theme) == "light"
    few = colours < 256  # noqa: PLR2004 - the palette that every terminal agrees on
    return Palette((LIGHT_16 if few else LIGHT) if is_light else (DARK_16 if few else DARK))


# Their fonts have at most 512 glyphs.
POOR_TERMINALS: Final = frozenset({"linux", "ansi", "cons25", "vt100", "vt102", "vt220", "vt320"})

# All symbols are in WGL4, which the fonts of PuTTY and Windows Terminal share.
_TO_ASCII: Final = str.maketrans(
    {
        "√": "+", "×": "x", "►": ">", "▌": "|", "•": "*", "·": "-", "═": "=", "─": "-", "▲": "^", "▼": "v",
        "┌": "+", "┐": "+", "└": "+", "┘": "+", "│": "|", "├": "+", "┤": "+",
        "╔": "+", "╗": "+", "╚": "+", "╝": "+", "║": "|",
        "«": '"', "»": '"', "“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "↑": "^", "↓": "v",
        "→": ">", "…": ".",
        "\N{NO-BREAK SPACE}": " ",
    }
)  # fmt: skip
SPINNER: Final = "-\\|/"


def has_poor_signs(environ: Mapping[str, str]) -> bool:
    """Whether only ASCII can be drawn, by the terminal or because a setting says so."""
    return environ.get("TERM") in POOR_TERMINALS or environ.get("TRIPLETEX_WIZARD_SIGNS") == "ascii"


@lru_cache(maxsize=512)
def in_ascii(text: str) -> str:
    """Return a drawn text in ASCII, each character as wide as the one it replaces."""
    return text.translate(_TO_ASCII)


SIGNS: Final = {
    State.GOOD: "√",
    State.BAD: "×",
    State.UNKNOWN: "?",
    State.WARNING: "!",
    State.PENDING: "·",
    State.WORKING: "|",
    State.RESTING: "",
}
COLOUR_OF: Final = {
    State.GOOD: "good",
    State.BAD: "bad",
    State.UNKNOWN: "strong",
    State.WARNING: "doubt",
    State.PENDING: "muted",
    State.WORKING: "accent",
    State.RESTING: "accent",
}


def word_of(state: State, t: Texts) -> str:
    """Return the word next to the symbol of a result; empty for what is no result."""
    return {
        State.GOOD: t("OK"),
        State.BAD: t("ERROR"),
        State.UNKNOWN: t("UNKNOWN"),
        State.WARNING: t("WARNING"),
    }.get(state, "")


@dataclass(frozen=True)
class Look:
    """What the drawing of a page depends on besides the page.

    Attributes:
        t: The reader's language.
        is_ascii: Whether only ASCII can be drawn.
        spinner: The frame that is shown while something runs; a space in the first moments.
        is_compact: Whether rows are short: what is drawn goes without its empty rows.
    """

    t: Texts
    is_ascii: bool = False
    spinner: str = "|"
    is_compact: bool = False
