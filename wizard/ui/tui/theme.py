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

Colours = Mapping[str, str]


def _theme(name: str, colours: Colours, *, dark: bool = True) -> Theme:
    return Theme(
        name,
        primary=colours["accent"],
        foreground=colours["ink"],
        background=colours["ground"],
        surface=colours["ground"],
        dark=dark,
        variables=dict(colours),
    )


_DARK: Final[Colours] = {
    "ground": "#121212", "ink": "#d4d4d4", "muted": "#949494", "rule": "#626262", "accent": "#5fd7ff",
    "good": "#87d787", "bad": "#ff8787", "doubt": "#ffd75f", "name": "#ffffff",
    "card": "#262626", "card-good": "#005f00", "card-bad": "#5f0000", "card-ink": "#e8e8e8",
    "selection": "#005f87", "selection-ink": "#ffffff", "field": "#303030",
    "strong": "#ffffff", "value": "#d7afff", "badge": "#121212 on #ffd75f",
}  # fmt: skip
_LIGHT: Final[Colours] = {
    "ground": "#ffffff", "ink": "#1c1c1c", "muted": "#585858", "rule": "#8a8a8a", "accent": "#005faf",
    "good": "#005f00", "bad": "#af0000", "doubt": "#875f00", "name": "#000000",
    "card": "#f2f2f2", "card-good": "#d7ffd7", "card-bad": "#ffd7d7", "card-ink": "#1c1c1c",
    "selection": "#005faf", "selection-ink": "#ffffff", "field": "#e8e8e8",
    "strong": "#000000", "value": "#8700af", "badge": "#ffffff on #875f00",
}  # fmt: skip
# With 16 colours cards have no background. Their bar, symbol and word distinguish them.
_DARK_16: Final[Colours] = {
    "ground": "#000000", "ink": "#aaaaaa", "muted": "#aaaaaa", "rule": "#555555", "accent": "#55ffff",
    "good": "#55ff55", "bad": "#ff5555", "doubt": "#ffff55", "name": "#ffffff",
    "card": "#000000", "card-good": "#000000", "card-bad": "#000000", "card-ink": "#aaaaaa",
    "selection": "#0000aa", "selection-ink": "#ffffff", "field": "#000000",
    "strong": "#ffffff", "value": "#55ffff", "badge": "#000000 on #ffff55",
}  # fmt: skip
# Neither of the two greens has enough contrast on white, so success is black and bold.
_LIGHT_16: Final[Colours] = {
    "ground": "#ffffff", "ink": "#000000", "muted": "#000000", "rule": "#555555", "accent": "#0000aa",
    "good": "#000000", "bad": "#aa0000", "doubt": "#aa00aa", "name": "#000000",
    "card": "#ffffff", "card-good": "#ffffff", "card-bad": "#ffffff", "card-ink": "#000000",
    "selection": "#0000aa", "selection-ink": "#ffffff", "field": "#ffffff",
    "strong": "#000000", "value": "#0000aa", "badge": "#ffffff on #aa00aa",
}  # fmt: skip
_NONE: Final[Colours] = {
    **dict.fromkeys(_DARK, "ansi_default"), "strong": "bold", "value": "underline", "badge": "reverse",
}  # fmt: skip

DARK: Final = _theme("dark", _DARK)
LIGHT: Final = _theme("light", _LIGHT, dark=False)
DARK_16: Final = _theme("dark-16", _DARK_16)
LIGHT_16: Final = _theme("light-16", _LIGHT_16, dark=False)
COLOURLESS: Final = replace(DARK, name="colourless", variables={**_DARK, **_NONE})


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
