"""A walk that shows given pages, takes every reply, and remembers what it was told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from wizard.text import Texts
from wizard.walk.pages import (
    AnyWalk,
    Back,
    Choice,
    Edit,
    Emptied,
    Key,
    Page,
    Reply,
    Searched,
    SearchList,
    SecretField,
)

Work = Callable[["ScriptedWalk", Reply], Awaitable[None]]


@dataclass
class ScriptedWalk:
    """Goes on with every reply but ``Back``, which goes back.

    Attributes:
        pages: What is shown, one after the other; a page in the other language may be given with it.
        work: What is done with a reply before the walk moves.
    """

    pages: list[Page | tuple[Page, Page]]
    work: Work | None = None
    at: int = 0
    replies: list[Reply] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    is_finished: bool = False
    successor: AnyWalk | None = None
    is_abandoned: bool = False
    on_change: Callable[[], None] = lambda: None
    left_behind: str = ""

    def page(self, t: Texts) -> Page:
        page = self.pages[min(self.at, len(self.pages) - 1)]
        if isinstance(page, tuple):
            page = page[0] if t.language == "nb" else page[1]
        return page

    def show(self, page: Page) -> None:
        """Change the page that is shown."""
        self.pages[self.at] = page
        self.on_change()

    def document(self, t: Texts) -> str:
        return f"the document in {t.language}"

    def edit(self, edit: Edit) -> None:
        self.edits.append(edit)
        page = self.page(Texts("nb"))
        if isinstance(edit, Searched) and isinstance(page.answer, SearchList):
            self.pages[self.at] = replace(page, answer=page.answer._replace(search=edit.text))
        if isinstance(edit, Emptied) and isinstance(page.answer, SecretField):
            self.pages[self.at] = replace(page, answer=SecretField(page.answer.label))

    async def begin(self, on_change: Callable[[], None]) -> None:
        self.on_change = on_change

    async def reply(self, reply: Reply, on_change: Callable[[], None]) -> None:
        self.on_change = on_change
        self.replies.append(reply)
        if self.work is not None:
            await self.work(self, reply)
        if isinstance(reply, Back):
            self.at = max(self.at - 1, 0)
            return
        self.at += 1
        self.is_finished = self.at >= len(self.pages)

    async def abandon(self) -> None:
        self.is_abandoned = True

    def summary(self, t: Texts) -> str:
        del t
        return self.left_behind


async def never_end(walk: ScriptedWalk, reply: Reply) -> None:
    """Work until somebody cancels it."""
    del walk, reply
    await asyncio.Event().wait()


def keys(text: str) -> tuple[Key, ...]:
    """Return the keys of a footer: ``Enter videre, Esc tilbake``."""
    return tuple(Key(*key.split(" ", 1)) for key in text.split(", "))


def choices(*texts: str) -> tuple[Choice, ...]:
    """Return choices whose values are their labels."""
    return tuple(Choice(text, text) for text in texts)
