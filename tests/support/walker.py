"""Answers a walk, and remembers its pages."""

from pathlib import Path
from typing import Any

from tests.support.sandbox import DemoKey
from wizard.domain.key import Secret
from wizard.text import Texts
from wizard.walk.engine import Walk
from wizard.walk.pages import Card, CheckRow, CheckRows, Continue, Page, Pasted, Reply

T = Texts("en")


class Walker:
    """Answers a walk and remembers every page that was to be seen meanwhile."""

    def __init__(self, walk: Walk[Any]) -> None:
        self.walk = walk
        self.seen: list[Page] = []

    @property
    def page(self) -> Page:
        return self.walk.page(T)

    @property
    def card(self) -> Card:
        assert self.page.card is not None
        return self.page.card

    @property
    def checks(self) -> list[CheckRow]:
        return [row for block in self.page.body if isinstance(block, CheckRows) for row in block.rows]

    def look(self) -> None:
        self.seen.append(self.page)

    async def give(self, *replies: Reply) -> Page:
        for reply in replies:
            await self.walk.reply(reply, self.look)
        return self.page

    async def paste(self, key: DemoKey | str) -> Page:
        return await self.give(Pasted(Secret(key if isinstance(key, str) else key.employee_token)))

    async def to_key(self) -> Page:
        """Go on to the step of the key; everything before it takes Enter alone."""
        for _ in range(3):
            if self.page.step != "create_key":
                await self.give(Continue())
        return self.page


def key_files(folder: Path) -> list[Path]:
    return [path for path in (folder / "keys").rglob("*") if path.is_file()]
