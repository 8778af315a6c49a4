"""``python -m tests.pictures``: makes the pictures of the README, from the real wizard.

The moving one is five stills in one SVG, shown one after the other by the key frames of its style sheet. What
a reader has asked not to move shows the third.
"""

import asyncio
import tempfile
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from rich.cells import cell_len
from rich.style import Style

from tests.rotation.rig import Rig
from tests.support.sandbox import Sandbox
from wizard.context import VARIABLE, AppContext
from wizard.domain.secret import Secret
from wizard.domain.setup import Environment
from wizard.menu.walk import MenuWalk
from wizard.sandbox.world import NO_FIGURES
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.site import SiteDefaults
from wizard.text import Language, Texts
from wizard.ui.tui.controls import Controls
from wizard.ui.tui.palette import DARK, Palette
from wizard.ui.tui.rows import Row
from wizard.walk.page import Card, Shown, State

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

    rows: Sequence[Row]
    seconds: float = 1.0


def picture(stills: Sequence[Still], colours: Palette, *, resting: int = 0) -> str:
    """Return an SVG of stills that follow one another; ``resting`` is shown where nothing may move."""
    rows = stills[0].rows
    columns = sum(cell_len(piece.text) for piece in rows[0])
    width, height = columns * _CELL + 2 * _LEFT, len(rows) * _LINE + _TOP + _LEFT
    classes: dict[str, str] = {}
    groups = [_group(still.rows, colours, classes) for still in stills]
    ground = _colour(colours.style("ink"), "bgcolor")
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
    styles = [f".still {{ visibility: hidden; animation: {total:g}s steps(1) infinite }}"]
    for number, (begin, end) in enumerate(pairwise(ends)):
        first, last = 100 * begin / total, 100 * end / total
        frames = f"0% {{ visibility: {'visible' if not number else 'hidden'} }}"
        if number:
            frames += f" {first:.3f}% {{ visibility: visible }}"
        if last < 100:
            frames += f" {last:.3f}% {{ visibility: hidden }}"
        styles += [f"@keyframes k{number} {{ {frames} }}", f".s{number} {{ animation-name: k{number} }}"]
    styles.append(
        "@media (prefers-reduced-motion: reduce) { .still { animation: none } "
        f".s{resting} {{ visibility: visible }} }}"
    )
    return styles


def _group(rows: Iterable[Row], colours: Palette, classes: dict[str, str]) -> str:
    """Return the words of a screen, each at its own place: a viewer's font may be wider or narrower."""
    plain = _colour(colours.style("ink"), "bgcolor")
    parts = []
    for y, line in enumerate(rows):
        x = 0
        for piece in line:
            style = colours.style(piece.style)
            ground = _colour(style, "bgcolor")
            width = cell_len(piece.text)
            if ground != plain:
                parts.append(
                    f'<rect x="{_LEFT + x * _CELL:.1f}" y="{_TOP + y * _LINE:.1f}" '
                    f'width="{width * _CELL:.1f}" '
                    f'height="{_LINE + 0.4:.1f}" fill="{ground}" shape-rendering="crispEdges"/>'
                )
            css = f"fill: {_colour(style, 'color')}" + ("; font-weight: bold" if style.bold else "")
            name = classes.setdefault(css, f"c{len(classes)}")
            for begin, word in _words(piece.text):
                parts.append(
                    f'<text class="{name}" x="{_LEFT + (x + begin) * _CELL:.1f}" '
                    f'y="{_TOP + y * _LINE + 18.5:.1f}" textLength="{cell_len(word) * _CELL:.1f}">'
                    f"{escape(word, quote=False)}</text>"
                )
            x += width
    return "".join(parts)


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


@dataclass
class Studio:
    """Walks a walk as a person does, on a terminal that exists in memory only.

    Attributes:
        size: Columns and rows.
        seen: What was drawn while something ran.
    """

    walk: Shown
    language: Language = "nb"
    size: tuple[int, int] = (80, 24)
    seen: list[tuple[Row, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self.controls = Controls(self.walk, self.language, self)

    async def begin(self) -> None:
        """Let the walk begin."""
        self.controls.begin()
        await self.settle()

    async def press(self, *names: str) -> None:
        """Press keys, one after the other, each after the work of the one before."""
        for name in names:
            self.controls.key(name, " " if name == "space" else name if len(name) == 1 else None)
            await self.settle()

    async def paste(self, text: str) -> None:
        """Paste as a terminal does."""
        self.controls.paste(text)
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing runs."""
        while self.tasks:
            await asyncio.wait(self.tasks)
        await asyncio.sleep(0)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What stands on the screen."""
        return self.controls.draw(*self.size).rows

    def redraw(self) -> None:
        """Remember what is drawn while something runs."""
        card: Card | None = self.controls.page.card
        if card is not None and card.state is State.WORKING:
            look = self.controls.look
            self.controls.look = replace(look, spinner="|")
            self.seen.append(self.rows)
            self.controls.look = look

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run something beside the keys."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def tick(self, *, is_on: bool) -> None:
        """Turn nothing: a picture has no spinner that moves."""

    def leave(self, code: int) -> None:
        """Stay: the last page is a picture too."""

    def print_out(self, text: str) -> None:
        """Show no text but the pages."""

    def copy(self, text: str) -> None:
        """Take the copy as sent."""
        self.controls.sent(text)


def demo(sandbox: Sandbox, base_url: str, folder: Path, language: Language = "nb") -> Studio:
    """Return the demo at its first page."""
    world = sandbox.world
    world.give_client_access(world.office, world.client_with_spaces, NO_FIGURES)
    context = replace(AppContext.inside(folder, SiteDefaults()), environ={VARIABLE: world.consumer_token})
    answers = Answers(environment=Environment.SANDBOX, base_url=base_url, store="file")
    words = {
        "selskap": Secret(world.single_company.employee_token),
        "byrå": Secret(world.office.employee_token),
    }
    return Studio(SetupWalk(context, answers, Texts(language), words=words), language)


async def film(studio: Studio) -> dict[str, list[Still]]:
    """Walk a single company from the paste to Finale."""
    await studio.begin()
    await studio.press("enter", "enter")
    stills = [Still(studio.rows, 2.5)]
    await studio.press(*"selskap", "enter")
    stills += [Still(studio.seen[-1], 1), Still(studio.rows, 3.5)]
    await studio.press("enter", "enter", "enter")
    stills.append(Still(studio.rows, 3))
    await studio.press("enter")
    stills.append(Still(studio.rows, 5))
    return {"setup": stills}


async def shots(studio: Studio) -> dict[str, list[Still]]:
    """Walk an office to two clients, of which one has figures that cannot be read."""
    await studio.begin()
    await studio.press("enter", "enter", *"byrå", "enter", "enter", "enter")
    await studio.press("down", "space", "down", "space")
    taken = {"clients": [Still(studio.rows)]}
    await studio.press("enter")
    taken["check"] = [Still(studio.rows)]
    return taken


async def results(rig: Rig) -> dict[str, list[Still]]:
    """Check three configs from the menu: of a company, of a client without access, and of all clients."""
    world = rig.world
    client = world.client.organization_number
    await rig.config("310000000.toml", world.single_company)
    await rig.config(f"{client}.toml", world.office, "bureau-client", f'org_number = "{client}"')
    await rig.config("felles.toml", world.office, "bureau-shared", 'org_number = "%ORGNR%"')
    world.take_client_access(world.office, world.client)
    studio = Studio(MenuWalk(rig.context, Texts("nb"), Answers()))
    await studio.begin()
    await studio.press("down", "down", "enter")
    return {"results": [Still(studio.rows)]}


async def take_pictures() -> None:
    """Make every picture."""
    FOLDER.mkdir(exist_ok=True)
    sandbox = Sandbox()
    with sandbox.serve() as base_url, tempfile.TemporaryDirectory(prefix="finale-") as folder:
        (stills,) = (await results(Rig(Path(folder), sandbox, base_url))).values()
        (FOLDER / "results.svg").write_text(picture(stills, Palette(DARK)))
    for takes in (film, shots):
        sandbox = Sandbox()
        with sandbox.serve() as base_url, tempfile.TemporaryDirectory(prefix="tripletex-demo-") as folder:
            taken = await takes(demo(sandbox, base_url, Path(folder)))
        for name, stills in taken.items():
            (FOLDER / f"{name}.svg").write_text(picture(stills, Palette(DARK), resting=2))


if __name__ == "__main__":
    asyncio.run(take_pictures())
