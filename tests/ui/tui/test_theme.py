"""The colours can be read, on many as on few."""

from textual.color import Color
from textual.theme import Theme

from tests.support.rows import every_row
from wizard.ui.tui.theme import COLOURS_16, COLOURS_256

ENOUGH = 4.5
"""For text of ordinary size; source: WCAG 2.2, success criterion 1.4.3."""


def luminance(colour: Color) -> float:
    """Return the relative luminance, as WCAG 2.2 defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


@every_row("theme", [COLOURS_16, COLOURS_256], ids=["16", "256"])
@every_row("name", ["ink", "strong", "muted", "accent", "good", "bad", "doubt"])
def test_text_stands_out_from_its_ground(theme: Theme, name: str) -> None:
    light, dark = (luminance(Color.parse(theme.variables[each])) for each in (name, "ground"))
    assert (light + 0.05) / (dark + 0.05) >= ENOUGH
