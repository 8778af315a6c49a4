"""The colours: light on a dark ground, chosen so that fewer colours change nothing.

The first theme takes its colours from the 256 that every terminal agrees on, so that a terminal
with more or with exactly these shows the same picture. The second takes them from the 16 that
PuTTY offers by itself; Textual would round the first one's blue to grey there.
"""

from typing import Final

from textual.theme import Theme


def _theme(name: str, **colours: str) -> Theme:
    return Theme(
        name=name,
        primary=colours["accent"],
        background=colours["ground"],
        foreground=colours["ink"],
        surface=colours["ground"],
        panel=colours["ground"],
        success=colours["good"],
        warning=colours["doubt"],
        error=colours["bad"],
        dark=True,
        variables=colours,
    )


COLOURS_256: Final = _theme(
    "wizard-256",
    ground="#121212",
    ink="#e4e4e4",
    strong="#ffffff",
    muted="#a8a8a8",
    rule="#4e4e4e",
    accent="#87d7ff",
    good="#87d787",
    bad="#ff8787",
    doubt="#ffd787",
)
"""Contrast on the ground, WCAG 2.2: ink 14.7, muted 7.9, accent 11.7, bad 8.2; 7 is the strictest demand."""

COLOURS_16: Final = _theme(
    "wizard-16",
    ground="#000000",
    ink="#aaaaaa",
    strong="#ffffff",
    muted="#aaaaaa",
    rule="#555555",
    accent="#55ffff",
    good="#55ff55",
    bad="#ff5555",
    doubt="#ffff55",
)
"""The standard colours as Rich knows them: each is sent as the number of itself."""
