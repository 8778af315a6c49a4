"""The full-screen application: shows a conversation question by question."""

import asyncio
import os
import sys
from collections.abc import Coroutine, Iterable
from functools import partial
from typing import Any, ClassVar

from rich.console import RenderableType
from textual.app import App, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerFailed

from wizard.domain.exits import Exit
from wizard.findings import Finding, StepId
from wizard.flow.conversation import Conversation
from wizard.flow.questions import Copy, Outcome, Progress, Question, Read, Reply
from wizard.text import Language, Texts
from wizard.ui.tui.clipboard import send_to_clipboard, sent_line
from wizard.ui.tui.crash import crash_report
from wizard.ui.tui.look import Look, signs_for
from wizard.ui.tui.printout import step_text
from wizard.ui.tui.screens.aside import Aside
from wizard.ui.tui.screens.help import HelpScreen
from wizard.ui.tui.screens.kinds import screen_for
from wizard.ui.tui.screens.leave import LeaveScreen
from wizard.ui.tui.screens.page import Page
from wizard.ui.tui.screens.question import QuestionScreen
from wizard.ui.tui.terminal import until_enter
from wizard.ui.tui.theme import COLOURS_16, COLOURS_256


class WizardApp(App[int], inherit_bindings=False):
    """Asks what the conversation asks, until it is finished or left.

    Its value is the exit code: 0, 130 or 128 and a signal's number; None when it crashed.
    """

    CSS_PATH = "wizard.tcss"
    TITLE = "tripletex-wizard"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q,ctrl+c", "leave", priority=True)]
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False

    def __init__(self, conversation: Conversation, language: Language, *, has_colours: bool = True) -> None:
        # Without colours, Textual must pass everything on as it is: else it paints greys.
        super().__init__(ansi_color=None if has_colours else True)
        self.conversation = conversation
        self.animation_level = "none"
        self.look = Look(Texts(language), signs_for(os.environ), has_colours)
        few = self.console.color_system == "standard"
        theme = COLOURS_16 if few else COLOURS_256
        self.register_theme(theme)
        self.theme = theme.name
        self._asking: QuestionScreen[Any] | None = None
        self._work: Worker[None] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._drafts: dict[StepId, object] = {}
        self._own_loop: asyncio.AbstractEventLoop | None = None

    # From question to question.

    def get_default_screen(self) -> Screen[Any]:
        """Begin with the current question: there is nothing before it."""
        self._own_loop = asyncio.get_running_loop()
        screen = self._next_screen(())
        # Textual forgets this for the screen at the bottom, and fails when it is switched.
        screen._push_result_callback(screen, None)  # noqa: SLF001 - see above
        return screen

    def _next_screen(self, findings: Iterable[Finding]) -> QuestionScreen[Any]:
        question = self.conversation.question(self.look.t)
        screen = screen_for(question)(question, self.look, findings)
        if question.step in self._drafts:
            screen.come_back_with(self._drafts[question.step])
        self._asking = screen
        return screen

    def _show(self, findings: Iterable[Finding] = ()) -> None:
        self.switch_screen(self._next_screen(findings))

    def submit(self, screen: QuestionScreen[Any], reply: Reply) -> None:
        """Hand a reply to the conversation; one from a screen that has been left is dropped."""
        if screen is not self._asking or screen.is_busy:
            return
        screen.begin()
        self._work = self.run_worker(self._submit(screen, reply), exclusive=True)

    async def _submit(self, screen: QuestionScreen[Any], reply: Reply) -> None:
        outcome: Outcome | None = None

        def report(progress: Progress) -> None:
            if screen is self._asking:
                screen.report(progress)

        try:
            async with self._one_at_a_time:
                outcome = await self.conversation.submit(reply, report)
        except asyncio.CancelledError:
            self.call_later(self._settle, screen, None)
            raise
        self.call_later(self._settle, screen, outcome)

    def keep(self, screen: QuestionScreen[Any], keeping: Coroutine[Any, Any, None]) -> None:
        """Store the content of a field before it is replied with; a reply waits for that."""
        self.run_worker(self._keep(screen, keeping), group="keeping")

    async def _keep(self, screen: QuestionScreen[Any], keeping: Coroutine[Any, Any, None]) -> None:
        async with self._one_at_a_time:
            await keeping
        if screen is self._asking and not screen.is_busy:
            screen.retell(self.conversation.question(self.look.t), self.look)

    def _settle(self, screen: QuestionScreen[Any], outcome: Outcome | None) -> None:
        """Show what came of a reply; None when it was cancelled."""
        self._work = None
        if outcome is not None and outcome.moved:
            self._drafts.pop(screen.question.step, None)
            if self.conversation.is_finished:
                self._take_leave(screen.question)
            else:
                self._show(outcome.findings)
            return
        question = self.conversation.question(self.look.t)
        if type(question) is type(screen.question) and question.step == screen.question.step:
            screen.stay(question, outcome)
        else:
            self._show(outcome.findings if outcome else ())

    def _take_leave(self, last: Question) -> None:
        """End, and leave the last page where it can be read and copied afterwards."""
        if isinstance(last, Read):
            self._exit_renderables.append(step_text(last, (), self.look, min(self.size.width, 80) - 1))
        self.exit(Exit.DONE)

    def go_back(self) -> None:
        """Cancel what is being worked on; else go one question back, or ask whether to leave."""
        if self._work is not None:
            self._work.cancel()
        elif self.conversation.can_go_back:
            self._keep_draft()
            self.conversation.back()
            self._show()
        else:
            breaks_off = self._asking is None or self._asking.question.on_leaving is None
            self.push_screen(LeaveScreen(self.look, breaks_off=breaks_off), self._leave_if)

    def go_to(self, step: StepId, findings: Iterable[Finding]) -> None:
        """Go to the step that fixes a finding, and show there what led to it."""
        self._keep_draft()
        self.conversation.go_to(step)
        self._show(findings)

    def _keep_draft(self) -> None:
        if self._asking is not None:
            self._drafts[self._asking.question.step] = self._asking.draft()

    # Leaving.

    def action_leave(self) -> None:
        """Leave at once: every finished step is saved. Where nothing is left to do, this is the end."""
        screen = self._asking
        if screen is None or screen.is_busy or screen.question.on_leaving is None:
            self.exit(Exit.INTERRUPTED)
        else:
            self.submit(screen, screen.question.on_leaving)

    def _leave_if(self, wants_to: bool | None) -> None:  # noqa: FBT001 - what Textual calls back with
        if wants_to:
            self.action_leave()

    def end(self, code: int) -> None:
        """End in order; may be called from a signal handler."""
        if self._own_loop is None or self._own_loop.is_closed():
            raise SystemExit(code)
        self._own_loop.call_soon_threadsafe(self.exit, code)

    # Language, help, print-out.

    def action_switch_language(self) -> None:
        """Show everything in the other language; what was typed stays."""
        language: Language = "en" if self.look.t.language == "nb" else "nb"
        self.look = Look(Texts(language), self.look.signs, self.look.has_colours)
        screen = self._asking
        if screen is not None and screen.is_busy:
            # The conversation is between two questions; the rest follows when it has settled.
            screen.retell_wait(self.look)
            return
        question = self.conversation.question(self.look.t)
        if screen is not None:
            screen.retell(question, self.look)
        if isinstance(self.screen, Aside):
            self.screen.retell(question, self.look)

    def show_help(self, question: Question) -> None:
        """Show the background of a step."""
        self.push_screen(HelpScreen(question, self.look))

    def print_out(self, question: Question, findings: Iterable[Finding]) -> None:
        """Leave the full screen for a moment, and put the step there as plain text."""
        text = step_text(question, findings, self.look, min(self.size.width, 80) - 1)
        self.run_worker(self._print_out(text), exclusive=True)

    async def _print_out(self, text: str) -> None:
        try:
            with self.suspend():
                prompt = self.look.t("Press Enter to go back to the wizard.")
                await until_enter(f"\n{text}\n\n{prompt} ")
        except SuspendNotSupported:
            if self._asking is not None:
                self._asking.say(lambda t: t("This terminal cannot show the step as plain text."))

    def copy_out(self, screen: QuestionScreen[Any]) -> None:
        """Send what may be copied to the terminal's clipboard: the only one, or the one that is chosen."""
        if len(screen.copies) > 1:
            from wizard.ui.tui.screens.copy import CopyScreen  # noqa: PLC0415 - the first page should not wait

            self.push_screen(CopyScreen(lambda: screen.copies, self.look, self._copy))
        else:
            self._copy(screen.copies[0])

    def _copy(self, copy: Copy) -> None:
        self.run_worker(self._send(copy.text), group="copying", exclusive=True)

    async def _send(self, text: str) -> None:
        if self._driver is not None and self._asking is not None:
            await send_to_clipboard(text, os.environ, self._driver.write)
            self._asking.say(partial(sent_line, text), is_in_order=True)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy nothing: whatever Textual's own widgets would send may be a key."""

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not (isinstance(screen, Page) and screen.is_coming):
            super()._display(screen, renderable)

    # Crashing. Textual's own report shows the local variables of every frame.

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = Exit.CRASHED
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._crash(error.error if isinstance(error, WorkerFailed) else error)

    def _fatal_error(self) -> None:
        self._crash(sys.exc_info()[1])

    def panic(self, *renderables: RenderableType) -> None:
        """End with the report of a crash, whatever Textual wanted to show."""
        del renderables
        self._fatal_error()

    def _crash(self, error: BaseException | None) -> None:
        self._exit_renderables.append(crash_report(error, self.look.t))
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        # The first error is the cause; the terminal is in its ordinary state again.
        if self._exit_renderables and sys.__stderr__ is not None:
            sys.__stderr__.write(f"{self._exit_renderables[0]}\n")
            sys.__stderr__.flush()
        self._exit_renderables.clear()
