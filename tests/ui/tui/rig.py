"""The wizard on a terminal that exists in memory only, as a person uses it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from textual import events
from textual.pilot import Pilot
from textual.strip import Strip

from tests.ui.tui.scripted import ScriptedWalk
from wizard.ui.tui.app import WizardApp
from wizard.walk.pages import AnyWalk, Page


def strips_of(app: WizardApp) -> list[Strip]:
    """Return what stands on the screen, a strip for each row."""
    return app.screen._compositor.render_strips()


def rows_of(app: WizardApp) -> list[str]:
    """Return the rows as text, a cursor on nothing as the block that it is."""
    return [
        "".join("█" if style and style.reverse and text == " " else text for text, style, _ in strip)
        for strip in strips_of(app)
    ]


@dataclass
class Rig:
    """A walk, the application that shows it, and a hand on the keys.

    Attributes:
        waits: Whether a key takes as long as the work that it starts.
    """

    walk: Any
    app: WizardApp
    pilot: Pilot[Any]
    waits: bool = False

    async def settle(self) -> None:
        """Wait until everything that was asked for has been done and drawn."""
        while self.waits and not await self._is_idle():
            pass
        for _ in range(4):
            await self.pilot._wait_for_screen()
        self.app.screen._on_timer_update()

    async def _is_idle(self) -> bool:
        """Wait until every key is handled; return whether what came of it is on the screen."""
        handled = asyncio.Event()
        self.app.call_later(handled.set)
        await handled.wait()
        here = self.app.page_screen
        is_shown = here.is_laid_out and here.page == self.app.page
        is_working = self.app.is_busy or self.app.page.is_busy or self.app.saving_enter._timer is not None
        return is_shown and not is_working

    async def turn_spinner(self) -> None:
        """Show the spinner, if there is one, in the same position everywhere."""
        self.app.spinner, self.app._frames = "|", repeat("|")
        self.app.page_screen.refresh_spinner()
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        """Change the size of the window."""
        await self.pilot.resize_terminal(width, height)
        await self.settle()

    async def press(self, *names: str) -> None:
        """Press keys, one after the other."""
        for name in names:
            character = " " if name == "space" else name if len(name) == 1 else None
            self.app.post_message(events.Key(name, character))
            await self.settle()

    async def see(self, text: str) -> None:
        """Wait until a text stands on the screen."""
        end = time.monotonic() + 20
        while text not in self.screen:
            assert time.monotonic() < end, self.screen
            await self.settle()

    async def end_with(self, name: str) -> None:
        """Press a key that may end the application."""
        self.app.post_message(events.Key(name, name if len(name) == 1 else None))
        for _ in range(20):
            await asyncio.sleep(0.01)

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*("space" if sign == " " else sign for sign in text))

    async def paste(self, text: str) -> None:
        """Paste as a terminal does."""
        self.app.post_message(events.Paste(text))
        await self.settle()

    async def show(self, page: Page) -> None:
        """Show another page."""
        self.walk.show(page)
        await self.settle()

    @property
    def rows(self) -> list[str]:
        """The rows of the screen."""
        return rows_of(self.app)

    @property
    def marked(self) -> str:
        """The text of the marked row; empty if there is none."""
        return next((row[4:].strip() for row in self.rows if row.startswith("  ► ")), "")

    @property
    def typed(self) -> str:
        """What stands in the field."""
        row = next(row for row in self.rows if row.startswith(("  │ ", "  ║ ")))
        return row[4:-4].replace("█", " ").strip()

    @property
    def code(self) -> int | None:
        """The exit code; None while it goes on."""
        return self.app.return_value

    @property
    def screen(self) -> str:
        """What stands on the screen."""
        return "\n".join(row.rstrip() for row in self.rows)


@asynccontextmanager
async def rig(
    *pages: Page | tuple[Page, Page],
    work: Any = None,  # noqa: ANN401 - what ScriptedWalk takes
    **options: Any,  # noqa: ANN401 - what opened takes
) -> AsyncIterator[Rig]:
    """Show a walk of some pages."""
    async with opened(ScriptedWalk(list(pages), work), **options) as here:
        yield here


@asynccontextmanager
async def opened(
    walk: AnyWalk,
    *,
    size: tuple[int, int] = (80, 24),
    waits: bool = False,
) -> AsyncIterator[Rig]:
    """Show a walk from its first page."""
    app = WizardApp(walk, "nb")
    async with app.run_test(size=size) as pilot:
        here = Rig(walk, app, pilot, waits)
        await here.settle()
        yield here
