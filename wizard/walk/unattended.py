"""Drives a walk without questions: every page is answered from what was given, or the walk stops there."""

from collections.abc import Callable
from typing import Any

from wizard.text import Texts
from wizard.walk.engine import Walk
from wizard.walk.page import Page, Reply

Answerer = Callable[[Page], Reply | None]
"""Returns the reply to a page, or None where nobody is there to give one."""


async def drive(
    walk: Walk[Any], t: Texts, answer: Answerer, on_change: Callable[[], None] = lambda: None
) -> Page:
    """Answer page after page, and return the one on which the walk stopped or ended.

    A page that is there again after the same reply is not answered a second time.
    """
    await walk.begin(on_change)
    former: object = None
    while True:
        page = walk.page(t)
        if walk.is_finished:
            return page
        reply = answer(page)
        now = (page.step, page.part, page.card, page.is_held, reply)
        if reply is None or now == former:
            return page
        former = now
        await walk.reply(reply, on_change)
