"""Every screen equals its drawing in ``screens``, row by row."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.ui.tui.pages import DRAWN
from tests.ui.tui.rig import Rig, rig
from wizard.walk.pages import Page, SearchList, SecretField

SCREENS: Final = Path(__file__).parent / "screens"


def size_of(name: str) -> tuple[int, int]:
    if name == "too-small":
        return 50, 14
    return {"-60": (60, 20), "120": (120, 40)}.get(name[-3:], (80, 24))


def named_pages() -> Iterator[tuple[str, Page, str]]:
    """Give every drawn page as a step of its own, and the key that leads to what is drawn."""
    for name, drawn in DRAWN.items():
        page, key = drawn if isinstance(drawn, tuple) else (drawn, "")
        yield name, replace(page, step=name), key


async def differences(here: Rig, name: str, page: Page, key: str) -> list[str]:
    await here.show(page)
    if key:
        await here.press(key)
    width, height = size_of(name)
    rows = here.rows
    if key:
        await here.press("escape")
    assert [len(row) for row in rows] == [width] * height, name
    expected = (SCREENS / f"{name}.txt").read_text().splitlines()
    return [
        f"{name}:{number}\n  drawn {want!r}\n  shown {have.rstrip()!r}"
        for number, (want, have) in enumerate(zip(expected, rows, strict=True), 1)
        if want != have.rstrip()
    ]


async def test_every_screen_equals_its_drawing() -> None:
    assert {path.stem for path in SCREENS.glob("*.txt")} == set(DRAWN)
    different: list[str] = []
    for size in ((80, 24), (60, 20), (120, 40), (50, 14)):
        shown = [named for named in named_pages() if size_of(named[0]) == size]
        async with rig(shown[0][1], size=size) as here:
            here.app.spinner = "|"
            for name, page, key in shown:
                different += await differences(here, name, page, key)
    assert not different, "\n".join([f"{len(different)} rows differ", *different])


async def test_every_screen_fits_every_window_and_shows_its_field_and_footer() -> None:
    wrong = []
    for size in ((60, 15), (107, 33), (108, 34)):
        pages = [page for _, page, _ in named_pages()]
        async with rig(pages[0], size=size) as here:
            for page in pages:
                await here.show(page)
                field = page.answer.label[:8] if isinstance(page.answer, SecretField | SearchList) else ""
                if (
                    [len(row) for row in here.rows] != [size[0]] * size[1]
                    or field not in here.screen
                    or "F1" not in here.screen
                ):
                    wrong.append(f"{page.step} {size}\n{here.screen}")
    assert not wrong, wrong[0]
