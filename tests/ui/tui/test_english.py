"""The main screens in English: what a real walk shows equals its drawing in ``screens/en``."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest

from tests.support.rotation import Rig as Rotations
from tests.support.sandbox import Sandbox
from tests.ui.tui.rig import rig
from wizard.context import AppContext
from wizard.domain.key import Secret
from wizard.domain.setup import Environment
from wizard.menu.walk import MenuWalk
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.walk.engine import Walk
from wizard.walk.pages import Chosen, Continue, Page, Pasted, Reply, Toggled

SCREENS: Final = Path(__file__).parent / "screens" / "en"
T: Final = Texts("en")
TODAY: Final = re.compile(r"\b20\d\d-\d\d-\d\d\b")
MOMENT: Final = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w{3} \d\d:\d\d")
FOLDER: Final = "/srv/finale"
TIME: Final = re.compile(r"\bat \d\d:\d\d")


@pytest.fixture
def context(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppContext]:
    inside = AppContext.inside(Path(), SiteDefaults())
    with TemporaryDirectory() as folder:
        monkeypatch.chdir(folder)
        yield replace(inside, environ={"TRIPLETEX_CONSUMER_TOKEN": sandbox.world.consumer_token})


async def reply(walk: Walk[Any], *replies: Reply) -> Page:
    for each in replies:
        await walk.reply(each, lambda: None)
    return walk.page(T)


async def set_ups(sandbox: Sandbox, base_url: str, context: AppContext) -> AsyncIterator[tuple[str, Page]]:
    world = sandbox.world
    answers = Answers(environment=Environment.SANDBOX, base_url=base_url, store="file")

    def begin() -> SetupWalk:
        return SetupWalk(context, answers, T, resumes=False)

    def paste(text: str) -> Pasted:
        return Pasted(Secret(text))

    walk = begin()
    yield "welcome", walk.page(T)
    yield "enable-api", await reply(walk, Continue())
    yield "key-empty", await reply(walk, Continue())
    yield "key-wrong", await reply(walk, paste("8420100000"))
    yield "key-refused", await reply(walk, paste(world.deleted.employee_token))
    yield "key-proven", await reply(walk, paste(world.single_company.employee_token))
    yield "setup", await reply(walk, Continue())
    yield "org-single", await reply(walk, Chosen("single-company"))
    yield "review-ok", await reply(walk, Chosen("yes"))
    yield "finale-single", await reply(walk, Continue())
    walk = begin()
    await reply(walk, Continue(), Continue())
    yield "key-proven-office", await reply(walk, paste(world.office.employee_token))
    yield "org-common", await reply(walk, Continue(), Chosen("bureau"))
    yield "review-common", await reply(walk, Continue())
    yield "finale-common", await reply(walk, Continue())
    walk = begin()
    await reply(walk, Continue(), Continue(), paste(world.office_figures.employee_token))
    await reply(walk, Continue(), Chosen("bureau"))
    walk.edit(Toggled("310000027"))
    walk.edit(Toggled("310000035"))
    yield "org-clients", walk.page(T)
    yield "review-fail", await reply(walk, Continue())
    yield "client-access", await reply(walk, Chosen("fix"))
    yield "finale-several", await reply(walk, Chosen("anyway"), Chosen("anyway"))
    await reply(walk, Continue())
    menu = MenuWalk(context, T, answers)
    await menu.begin(lambda: None)
    yield "menu", menu.page(T)
    yield "validate", await reply(menu, Chosen("validate"))


async def rotations(sandbox: Sandbox, base_url: str) -> AsyncIterator[tuple[str, Page]]:
    rotating = Rotations(Path(), sandbox, base_url)
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    run = rotating.rotation(await rotating.config("company.toml", old))
    await run.begin(lambda: None)
    yield "rotate-start", run.page(T)
    await reply(run, Continue(), Pasted(Secret(new.employee_token)))
    yield "rotate-review", await reply(run, Continue())
    yield "rotate-end", await reply(run, Continue())


async def shown(sandbox: Sandbox, base_url: str, context: AppContext) -> dict[str, list[str]]:
    """Return the rows of every screen, with a date and a time that are always the same."""
    pages = {name: page async for name, page in set_ups(sandbox, base_url, context)}
    pages.update({name: page async for name, page in rotations(sandbox, base_url)})
    found = {}
    async with rig(pages["welcome"], language="en") as here:
        for name, page in pages.items():
            await here.show(replace(page, step=name))
            found[name] = [everywhere_the_same(row) for row in here.rows]
    return found


def everywhere_the_same(row: str) -> str:
    """Return a row with a day, a time and a folder that are the same wherever and whenever this runs."""
    row = MOMENT.sub("Wed 25 Nov 14:05", TIME.sub("at 14:12", TODAY.sub("2026-11-26", row))).rstrip()
    here = str(Path.cwd())
    before, found, after = row.partition(here)
    if not found:
        return row
    # At the right end of a row, a shorter folder begins further to the right.
    fill = {"─ ": "─", "  ": " "}.get(before[-2:], "") if before.strip() else ""
    return f"{before[:-1]}{fill * (len(here) - len(FOLDER))}{before[-1:]}{FOLDER}{after}"


async def test_the_english_screens_equal_their_drawings(
    sandbox: Sandbox, base_url: str, context: AppContext
) -> None:
    rows = await shown(sandbox, base_url, context)
    assert {path.stem for path in SCREENS.glob("*.txt")} == set(rows)
    drawn = {name: (SCREENS / f"{name}.txt").read_text().splitlines() for name in rows}
    different = [
        f"{name}:{number}\n  drawn {want!r}\n  shown {have!r}"
        for name, expected in drawn.items()
        for number, (want, have) in enumerate(zip(expected, rows[name], strict=True), 1)
        if want != have
    ]
    assert not different, "\n".join([f"{len(different)} rows differ", *different])
