"""Every screen that is met on the walks equals its drawing in ``screens``, row by row, in both languages."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pytest

from tests.ui.tui.rig import Rig, rig
from tests.ui.tui.walks import FOLDER, WALKS, stage
from wizard.tripletex import channel
from wizard.walk.pages import Page, SearchList, SecretField

SCREENS: Final = Path(__file__).parent / "screens"
DRAWN: Final = {path.relative_to(SCREENS).with_suffix("").as_posix(): path for path in SCREENS.rglob("*.txt")}
FULL: Final = (80, 24)


@dataclass
class Album:
    """What the walks have shown.

    Attributes:
        rows: The rows of the screens by the name of their drawing.
        pages: The pages that they show.
    """

    rows: dict[str, list[str]] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)

    async def see(self, here: Rig, name: str) -> None:
        """Look at the screen, in English too if that is drawn."""
        if (size := size_of(name)) != FULL:
            await here.resize(*size)
        self.rows[name] = await self.look(here)
        if (english := f"en/{name}") in DRAWN:
            await here.press("f2")
            self.rows[english] = await self.look(here)
            await here.press("f2")
        if size != FULL:
            await here.resize(*FULL)
        self.pages.append(replace(here.app.page, step=name))

    async def look(self, here: Rig) -> list[str]:
        await here.turn_spinner()
        return [row.rstrip().replace(str(Path.cwd()), FOLDER) for row in here.rows]


def size_of(name: str) -> tuple[int, int]:
    if name == "too-small":
        return 50, 14
    return {"-60": (60, 20), "120": (120, 40)}.get(name[-3:], FULL)


@pytest.fixture(scope="module")
def album() -> Album:
    """Walk all walks once, as on a machine that has no keyring."""
    album = Album()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR", "HTTP_PROXY", "http_proxy"):
            patch.delenv(name, raising=False)
        patch.setattr(channel, "_backoff", lambda _: 0.0)
        patch.setattr("wizard.menu.walk.__version__", "0.2.0")
        for walk in WALKS:
            with stage() as on:
                patch.chdir(on.folder)
                asyncio.run(walk(on, album.see))
        patch.chdir(SCREENS)
    return album


def test_every_screen_equals_its_drawing(album: Album, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--draw"):
        for name, rows in album.rows.items():
            (SCREENS / f"{name}.txt").write_text("\n".join([*rows, ""]))
        pytest.skip("has drawn the screens: look at what has changed")
    assert set(album.rows) == set(DRAWN)
    different = [
        f"{name}:{number}\n  drawn {want!r}\n  shown {have!r}"
        for name, rows in album.rows.items()
        for number, (want, have) in enumerate(zip(DRAWN[name].read_text().splitlines(), rows, strict=True), 1)
        if want != have
    ]
    assert not different, "\n".join([f"{len(different)} rows differ", *different])


async def test_every_screen_fits_every_window_and_shows_its_field_and_footer(album: Album) -> None:
    wrong = []
    for size in ((60, 15), (107, 33), (108, 34)):
        async with rig(album.pages[0], size=size) as here:
            for page in album.pages:
                await here.show(page)
                field = page.answer.label[:8] if isinstance(page.answer, SecretField | SearchList) else ""
                if (
                    [len(row) for row in here.rows] != [size[0]] * size[1]
                    or field not in here.screen
                    or "F1" not in here.screen
                ):
                    wrong.append(f"{page.step} {size}\n{here.screen}")
    assert not wrong, wrong[0]
