"""``python -m tests.pictures``: makes the pictures of the README, from the real wizard.

The moving one is five stills in one SVG, shown one after the other by the key frames of its style sheet. The
third is shown where a reader wants no motion, or a viewer knows none.
"""

import asyncio
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Final

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tests.support.sandbox import remove_client_access
from tests.ui.tui.rig import Rig, opened, strips_of
from tests.ui.tui.walks import Stage, stage
from wizard.sandbox.world import NO_FIGURES

FOLDER: Final = Path(__file__).parent.parent / "docs" / "pictures"

# --- drawing ------------------------------------------------------------------------------------------

_CELL: Final = 12.2
_LINE: Final = 24.4
_TOP: Final = 41.0
_LEFT: Final = 9.0

# The advance of DejaVu Sans Mono is 0.602 of its size.
_FONT: Final = (
    "font-family: 'Fira Code', 'DejaVu Sans Mono', Consolas, monospace; font-size: 20.265px; white-space: pre"
)


@dataclass(frozen=True)
class Still:
    """A drawn screen, and for how many seconds it is held."""

    rows: Sequence[Strip]
    seconds: float = 1.0


def picture(stills: Sequence[Still], *, resting: int = 0) -> str:
    """Return an SVG of stills that follow one another; ``resting`` is shown where nothing may move."""
    rows = stills[0].rows
    columns = rows[0].cell_length
    width, height = columns * _CELL + 2 * _LEFT, len(rows) * _LINE + _TOP + _LEFT
    classes: dict[str, str] = {}
    groups = [_group(still.rows, classes) for still in stills]
    ground = _ground(rows)
    styles = [f".{name} {{ {style} }}" for style, name in classes.items()]
    if len(stills) > 1:
        styles += _motion([still.seconds for still in stills], resting)
        groups = [f'<g class="still s{number}">{group}</g>' for number, group in enumerate(groups)]
    lights = "".join(
        f'<circle cx="{26 + 22 * number}" cy="21" r="7" fill="{colour}"/>'
        for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
            "<style>",
            f"text {{ {_FONT} }}",
            *styles,
            "</style>",
            f'<rect width="{width:.0f}" height="{height:.0f}" rx="8" fill="#292929"/>',
            (
                f'<rect x="{_LEFT / 2}" y="{_TOP - 4}" width="{width - _LEFT:.1f}" '
                f'height="{height - _TOP:.1f}" '
                f'rx="4" fill="{ground}"/>'
            ),
            lights,
            *groups,
            "</svg>",
            "",
        ]
    )


def _motion(seconds: Sequence[float], resting: int) -> list[str]:
    total = sum(seconds)
    ends = [0.0]
    for each in seconds:
        ends.append(ends[-1] + each)
    styles = [
        f".still {{ visibility: hidden; animation: {total:g}s steps(1) infinite }}",
        f".s{resting} {{ visibility: visible }}",
    ]
    for number, (begin, end) in enumerate(pairwise(ends)):
        first, last = 100 * begin / total, 100 * end / total
        frames = f"0% {{ visibility: {'visible' if not number else 'hidden'} }}"
        if number:
            frames += f" {first:.3f}% {{ visibility: visible }}"
        if last < 100:
            frames += f" {last:.3f}% {{ visibility: hidden }}"
        styles += [f"@keyframes k{number} {{ {frames} }}", f".s{number} {{ animation-name: k{number} }}"]
    styles.append("@media (prefers-reduced-motion: reduce) { .still { animation: none } }")
    return styles


def _group(rows: Sequence[Strip], classes: dict[str, str]) -> str:
    """Return the words of a screen, each at its own place: a viewer's font may be wider or narrower."""
    plain = _ground(rows)
    parts = []
    for y, line in enumerate(rows):
        x = 0
        for text, own, _ in line.simplify():
            style = own or Style()
            ink, ground = ("bgcolor", "color") if style.reverse else ("color", "bgcolor")
            ground = _colour(style, ground)
            width = cell_len(text)
            if ground != plain:
                parts.append(
                    f'<rect x="{_LEFT + x * _CELL:.1f}" y="{_TOP + y * _LINE:.1f}" '
                    f'width="{width * _CELL:.1f}" '
                    f'height="{_LINE + 0.4:.1f}" fill="{ground}" shape-rendering="crispEdges"/>'
                )
            css = f"fill: {_colour(style, ink)}" + ("; font-weight: bold" if style.bold else "")
            name = classes.setdefault(css, f"c{len(classes)}")
            for begin, word in _words(text):
                parts.append(
                    f'<text class="{name}" x="{_LEFT + (x + begin) * _CELL:.1f}" '
                    f'y="{_TOP + y * _LINE + 18.5:.1f}" textLength="{cell_len(word) * _CELL:.1f}">'
                    f"{escape(word, quote=False)}</text>"
                )
            x += width
    return "".join(parts)


def _ground(rows: Sequence[Strip]) -> str:
    return _colour(next(iter(rows[0])).style or Style(), "bgcolor")


def _words(text: str) -> Iterable[tuple[int, str]]:
    begin = 0
    for word in text.split(" "):
        if word:
            yield cell_len(text[:begin]), word
        begin += len(word) + 1


def _colour(style: Style, which: str) -> str:
    colour = getattr(style, which)
    return str(colour.get_truecolor().hex) if colour is not None else "#d4d4d4"


# --- taking -------------------------------------------------------------------------------------------


async def setup(on: Stage) -> list[Still]:
    """Set up a single company, from the paste to Finale."""
    async with opened(on.demo(), waits=True) as here:
        await here.press("enter", "enter")
        stills = [Still(strips_of(here.app), 2.5)]
        async with on.unanswered(here, "/token/session/>whoAmI"):
            await here.paste("selskap")
            await here.see("Spør Tripletex")
            await here.turn_spinner()
            stills.append(Still(strips_of(here.app), 1))
        await here.press("ctrl+r")
        stills.append(Still(strips_of(here.app), 3.5))
        await here.press("enter", "enter", "enter")
        stills.append(Still(strips_of(here.app), 3))
        await here.press("enter")
        return [*stills, Still(strips_of(here.app), 5)]


async def clients(on: Stage) -> list[Still]:
    """Choose two clients of an office."""
    async with opened(on.demo(), waits=True) as here:
        await to_two_clients(here)
        return [Still(strips_of(here.app))]


async def check(on: Stage) -> list[Still]:
    """Check two clients of an office, of which one has figures that cannot be read."""
    on.world.grant_client_access(on.world.office, on.world.client_with_spaces, NO_FIGURES)
    async with opened(on.demo(), waits=True) as here:
        await to_two_clients(here)
        await here.press("enter")
        return [Still(strips_of(here.app))]


async def to_two_clients(here: Rig) -> None:
    await here.press("enter", "enter")
    await here.paste("byrå")
    await here.press("enter", "enter", "down", "space", "down", "space")


async def results(on: Stage) -> list[Still]:
    """Check three configs from the menu: of a company, of a client without access, and of all clients."""
    await on.config("310000000.toml", on.world.single_company)
    await on.client(on.world.client)
    await on.common()
    remove_client_access(on.world, on.world.office, on.world.client)
    async with opened(on.menu(), waits=True) as here:
        await here.press("3")
        return [Still(strips_of(here.app))]


def main() -> None:
    """Make every picture, in 256 colours wherever this runs."""
    os.environ["TERM"] = "xterm-256color"
    for name in ("COLORTERM", "NO_COLOR", "FORCE_COLOR"):
        os.environ.pop(name, None)
    FOLDER.mkdir(exist_ok=True)
    for take in (setup, clients, check, results):
        with stage() as on:
            stills = asyncio.run(take(on))
        (FOLDER / f"{take.__name__}.svg").write_text(picture(stills, resting=min(2, len(stills) - 1)))


if __name__ == "__main__":
    main()
