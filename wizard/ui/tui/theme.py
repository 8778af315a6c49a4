"""The themes, one for each kind of terminal, and the symbols.

``wizard.tcss`` and the rendered texts use the variables of the theme. Most are colours, such as ``$accent``.
``$strong``, ``$value`` and ``$badge`` are text styles, so that they also work without colours. Every pair of
text and background has a contrast of at least 4.5:1 (WCAG 2.2).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

from wizard.walk.pages import State

# With 16 colours cards have no background. Their bar, symbol and word distinguish them. Neither of the two
# greens has enough contrast on white, so success is black and bold there.
_COLOURS: Final = {
    # dark, light, and both with 16 colours
    "ground":        ("#121212", "#ffffff", "#000000", "#ffffff"),
    "ink":           ("#d4d4d4", "#1c1c1c", "#aaaaaa", "#000000"),
    "muted":         ("#949494", "#585858", "#aaaaaa", "#000000"),
    "rule":          ("#626262", "#8a8a8a", "#555555", "#555555"),
    "accent":        ("#5fd7ff", "#005faf", "#55ffff", "#0000aa"),
    "good":          ("#87d787", "#005f00", "#55ff55", "#000000"),
    "bad":           ("#ff8787", "#af0000", "#ff5555", "#aa0000"),
    "doubt":         ("#ffd75f", "#875f00", "#ffff55", "#aa00aa"),
    "name":          ("#ffffff", "#000000", "#ffffff", "#000000"),
    "card":          ("#262626", "#f2f2f2", "#000000", "#ffffff"),
    "card-good":     ("#005f00", "#d7ffd7", "#000000", "#ffffff"),
    "card-bad":      ("#5f0000", "#ffd7d7", "#000000", "#ffffff"),
    "card-ink":      ("#e8e8e8", "#1c1c1c", "#aaaaaa", "#000000"),
    "selection":     ("#005f87", "#005faf", "#0000aa", "#0000aa"),
    "selection-ink": ("#ffffff", "#ffffff", "#ffffff", "#ffffff"),
    "field":         ("#303030", "#e8e8e8", "#000000", "#ffffff"),
    "strong":        ("#ffffff", "#000000", "#ffffff", "#000000"),
    "value":         ("#d7afff", "#8700af", "#55ffff", "#0000aa"),
}  # fmt: skip


def _theme(name: str, number: int, *, dark: bool = True) -> Theme:
    colours = {key: each[number] for key, each in _COLOURS.items()}
    return Theme(
        name,
        primary=colours["accent"],
        foreground=colours["ink"],
        background=colours["ground"],
        surface=colours["ground"],
        dark=dark,
        variables={**colours, "badge": f"{colours['ground']} on {colours['doubt']}"},
    )


DARK: Final = _theme("dark", 0)
LIGHT: Final = _theme("light", 1, dark=False)
DARK_16: Final = _theme("dark-16", 2)
LIGHT_16: Final = _theme("light-16", 3, dark=False)
_TEXT_STYLES: Final = {"strong": "bold", "value": "underline", "badge": "reverse"}
COLOURLESS: Final = replace(
    DARK, name="colourless", variables={**dict.fromkeys(_COLOURS, "ansi_default"), **_TEXT_STYLES}
)


def theme_for(environ: Mapping[str, str], *, has_few_colours: bool, wanted: str = "dark") -> Theme:
    """Return the theme for a terminal.

    Args:
        environ: The environment. ``TRIPLETEX_WIZARD_THEME`` overrides the site's theme.
        has_few_colours: Whether the terminal has only 16 colours.
        wanted: ``dark`` or ``light``, from the site's defaults.
    """
    is_light = (environ.get("TRIPLETEX_WIZARD_THEME") or wanted) == "light"
    if has_few_colours:
        return LIGHT_16 if is_light else DARK_16
    return LIGHT if is_light else DARK


# --- symbols ------------------------------------------------------------------------------------------

# The fonts of these terminals have at most 512 glyphs.
ASCII_TERMINALS: Final = frozenset({"linux", "ansi", "cons25", "vt100", "vt102", "vt220", "vt320"})

# All symbols are in WGL4, which the fonts of PuTTY and Windows Terminal support.
_TO_ASCII: Final = str.maketrans(
    {
        "√": "+", "×": "x", "►": ">", "▌": "|", "▐": "|", "•": "*", "·": "-", "═": "=", "─": "-", "▲": "^",
        "▼": "v", "┌": "+", "┐": "+", "└": "+", "┘": "+", "│": "|", "├": "+", "┤": "+",
        "╔": "+", "╗": "+", "╚": "+", "╝": "+", "║": "|",
        "«": '"', "»": '"', "“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "↑": "^", "↓": "v",
        "→": ">", "…": ".",
        "\N{NO-BREAK SPACE}": " ",
    }
)  # fmt: skip
SPINNER: Final = "-\\|/"


def needs_ascii(environ: Mapping[str, str]) -> bool:
    """Return whether to use only ASCII, because of the terminal or a setting."""
    return environ.get("TERM") in ASCII_TERMINALS or environ.get("TRIPLETEX_WIZARD_SIGNS") == "ascii"


def in_ascii(text: str) -> str:
    """Return a text with its symbols replaced by ASCII characters of the same width."""
    return text if text.isascii() else text.translate(_TO_ASCII)


class AsciiSymbols(LineFilter):
    """Replaces all symbols on the screen, including borders, by ASCII characters."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in ASCII."""
        del background
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]


SYMBOLS: Final = {
    State.GOOD: "√",
    State.BAD: "×",
    State.UNKNOWN: "?",
    State.WARNING: "!",
    State.PENDING: "·",
    State.WORKING: "|",
    State.RESTING: "",
}
COLOUR_OF: Final = {
    State.GOOD: "$good",
    State.BAD: "$bad",
    State.UNKNOWN: "$strong",
    State.WARNING: "$doubt",
    State.PENDING: "$muted",
    State.WORKING: "$accent",
    State.RESTING: "$accent",
}
