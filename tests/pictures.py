"""``python -m tests.pictures``: makes the pictures of the README, from the real wizard."""

import asyncio
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from tests.support.sandbox import Sandbox
from wizard.actions.context import AppContext
from wizard.actions.defaults import SiteDefaults
from wizard.actions.demo import DemoConversation
from wizard.actions.setup import SetupRun
from wizard.domain.environment import Environment
from wizard.domain.secret import Secret
from wizard.flow.answers import Answers
from wizard.text import Texts
from wizard.ui.tui.app import WizardApp

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"

Shoot = Callable[[str], Awaitable[None]]


def without_fonts(picture: str) -> str:
    """Return a picture that fetches no fonts from anywhere."""
    return re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)


async def walk(pilot: Pilot[int], shoot: Shoot) -> None:
    """Walk a single company from the welcome to the check, and take a picture where it is worth one."""
    await pilot.press("enter")
    await pilot.press("enter")
    await pilot.press(*"selskap")
    await shoot("key")
    await pilot.press("enter")
    await shoot("setup")
    await pilot.press("enter", "enter")
    await pilot.press("enter")
    await shoot("check")
    await pilot.press("enter")
    await shoot("finale")


async def take_pictures(base_url: str, sandbox: Sandbox, folder: Path) -> None:
    """Show the wizard on a terminal of 80x24 that exists in memory only."""
    token = sandbox.world.consumer_token
    context = replace(AppContext.inside(folder, SiteDefaults()), environ={"TRIPLETEX_CONSUMER_TOKEN": token})
    answers = Answers(environment=Environment.SANDBOX, base_url=base_url, store="file")
    run = SetupRun(context, answers, Texts("nb"), target=folder / "finale.toml")
    keys = {"selskap": Secret(sandbox.world.single_company.employee_token)}
    app = WizardApp(DemoConversation(run, keys), "nb")

    async with app.run_test(size=(80, 24)) as pilot:

        async def shoot(name: str) -> None:
            await app.workers.wait_for_complete()
            await pilot.pause()
            (FOLDER / f"{name}.svg").write_text(f"{without_fonts(app.export_screenshot())}\n")

        await walk(pilot, shoot)


def main() -> None:
    """Make every picture anew."""
    FOLDER.mkdir(exist_ok=True)
    sandbox = Sandbox()
    with sandbox.serve() as base_url, tempfile.TemporaryDirectory() as folder:
        os.environ["COLORTERM"] = "truecolor"
        asyncio.run(take_pictures(base_url, sandbox, Path(folder)))


if __name__ == "__main__":
    main()
