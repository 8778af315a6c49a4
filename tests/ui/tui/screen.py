"""Runs the full screen without a terminal, and reads what stands on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from textual import events
from textual.pilot import Pilot

from tests.ui.scripted import EVERY_KIND, Scripted
from wizard.flow.questions import Question
from wizard.text import Language, Texts
from wizard.ui.tui.app import WizardApp
from wizard.ui.tui.screens.question import QuestionScreen

Shown = tuple[WizardApp, Pilot[int]]


class Bilingual(Scripted):
    """Asks in the reader's language, as far as the titles go."""

    def question(self, t: Texts) -> Question:
        question = super().question(t)
        return replace(question, title=f"Norsk: {question.title}") if t.language == "nb" else question


@asynccontextmanager
async def shown(
    conversation: Scripted, language: Language = "en", size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Shown]:
    """Show a conversation."""
    app = WizardApp(conversation, language)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


def at(index: int) -> Scripted:
    """Return a conversation that stands at one of ``EVERY_KIND``."""
    conversation = Bilingual(EVERY_KIND)
    conversation.at = index
    return conversation


def text_of(app: WizardApp) -> str:
    """Return what stands on the screen, row by row."""
    rows = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in row).rstrip() for row in rows)


def asking(app: WizardApp) -> QuestionScreen[Question]:
    """Return the screen that asks."""
    assert isinstance(app.screen, QuestionScreen)
    return app.screen


async def paste(app: WizardApp, pilot: Pilot[int], text: str) -> None:
    """Paste as a terminal with bracketed paste does."""
    app.post_message(events.Paste(text))
    await pilot.pause()
