"""``python -m tests.pictures``: makes the pictures of the README, from the real wizard.

The moving one is five stills in one SVG, shown one after the other by the key frames of its style sheet. The
third is shown where a reader wants no motion, or a viewer knows none.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.pilot import Pilot
from textual.strip import Strip

from tests.support.rotation import Rig
from tests.support.sandbox import Sandbox
from wizard.context import VARIABLE, AppContext
from wizard.domain.key import Secret
from wizard.domain.setup import Environment
from wizard.menu.walk import MenuWalk
from wizard.sandbox.world import NO_FIGURES
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.site import SiteDefaults
from wizard.text import Language, Texts
from wizard.ui.tui.app import WizardApp
from wizard.walk.pages import Shown, State

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


_TURNS: Final = 50
"""Turns of the event loop after which a key has been acted upon."""


@dataclass
class Studio:
    """Walks a walk as a person does, on a terminal that exists in memory only.

    Attributes:
        seen: What was drawn while something ran.
    """

    app: WizardApp
    pilot: Pilot[Any]
    seen: list[list[Strip]] = field(default_factory=list)

    async def press(self, *names: str) -> None:
        """Press keys, one after the other, each after the work of the one before."""
        for name in names:
            character = " " if name == "space" else name if len(name) == 1 else None
            self.app.post_message(events.Key(name, character))
            await self.settle()

    async def paste(self, text: str) -> None:
        """Paste as a terminal does."""
        self.app.post_message(events.Paste(text))
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing runs, and look at the screen meanwhile."""
        turns = 0
        while turns < _TURNS or self.app.is_busy or self._is_turning:
            turns += 1
            await asyncio.sleep(0)
            card = self.app.page_screen.card
            if card is not None and card.state is State.WORKING:
                self.app.spinner = "|"
                self.seen.append(self.rows)
        await self.pilot.pause()

    @property
    def _is_turning(self) -> bool:
        """Whether keys wait for a page, or a page is not on the screen yet."""
        here = self.app.page_screen
        return bool(self.app.message_queue_size) or not here.is_laid_out or here.page != self.app.page

    @property
    def rows(self) -> list[Strip]:
        """The rows on the screen."""
        return self.app.screen._compositor.render_strips()


@asynccontextmanager
async def studio(
    walk: Shown, language: Language = "nb", size: tuple[int, int] = (80, 24), theme: str = "dark"
) -> AsyncIterator[Studio]:
    """Open a walk at its first page."""
    app = WizardApp(walk, language, theme=theme)
    async with app.run_test(size=size) as pilot:
        here = Studio(app, pilot)
        await here.settle()
        yield here


def demo(sandbox: Sandbox, base_url: str, folder: Path, language: Language = "nb") -> SetupWalk:
    """Return the walk of the demo."""
    world = sandbox.world
    world.grant_client_access(world.office, world.client_with_spaces, NO_FIGURES)
    context = replace(AppContext.inside(folder, SiteDefaults()), environ={VARIABLE: world.consumer_token})
    answers = Answers(environment=Environment.SANDBOX, base_url=base_url, store="file")
    words = {
        "selskap": Secret(world.single_company.employee_token),
        "byrå": Secret(world.office.employee_token),
    }
    return SetupWalk(context, answers, Texts(language), words=words)


async def film(here: Studio) -> dict[str, list[Still]]:
    """Walk a single company from the paste to Finale."""
    await here.press("enter", "enter")
    stills = [Still(here.rows, 2.5)]
    await here.paste("selskap")
    stills += [Still(here.seen[-1], 1), Still(here.rows, 3.5)]
    await here.press("enter", "enter", "enter")
    stills.append(Still(here.rows, 3))
    await here.press("enter")
    stills.append(Still(here.rows, 5))
    return {"setup": stills}


async def shots(here: Studio) -> dict[str, list[Still]]:
    """Walk an office to two clients, of which one has figures that cannot be read."""
    await here.press("enter", "enter")
    await here.paste("byrå")
    await here.press("enter", "enter")
    await here.press("down", "space", "down", "space")
    taken = {"clients": [Still(here.rows)]}
    await here.press("enter")
    taken["check"] = [Still(here.rows)]
    return taken


async def results(rig: Rig) -> dict[str, list[Still]]:
    """Check three configs from the menu: of a company, of a client without access, and of all clients."""
    world = rig.world
    client = world.client.organization_number
    await rig.config("310000000.toml", world.single_company)
    await rig.config(f"{client}.toml", world.office, "bureau-client", f'org_number = "{client}"')
    await rig.config("felles.toml", world.office, "bureau-shared", 'org_number = "%ORGNR%"')
    world.remove_client_access(world.office, world.client)
    async with studio(MenuWalk(rig.context, Texts("nb"), Answers())) as here:
        await here.press("down", "down", "enter")
        return {"results": [Still(here.rows)]}


async def take_pictures() -> None:
    """Make every picture, in 256 colours wherever this runs."""
    os.environ["TERM"] = "xterm-256color"
    for name in ("COLORTERM", "NO_COLOR", "FORCE_COLOR"):
        os.environ.pop(name, None)
    FOLDER.mkdir(exist_ok=True)
    sandbox = Sandbox()
    with sandbox.serve() as base_url, tempfile.TemporaryDirectory(prefix="finale-") as folder:
        (stills,) = (await results(Rig(Path(folder), sandbox, base_url))).values()
        (FOLDER / "results.svg").write_text(picture(stills))
    for takes in (film, shots):
        sandbox = Sandbox()
        with sandbox.serve() as base_url, tempfile.TemporaryDirectory(prefix="tripletex-demo-") as folder:
            async with studio(demo(sandbox, base_url, Path(folder))) as here:
                taken = await takes(here)
        for name, stills in taken.items():
            (FOLDER / f"{name}.svg").write_text(picture(stills, resting=2))


if __name__ == "__main__":
    asyncio.run(take_pictures())
