"""Shows a conversation line by line: a question, an answer, what came of it, the next question."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from wizard.domain.exits import Exit
from wizard.findings import Finding
from wizard.findings.codes import KEY_SHOWN
from wizard.flow.conversation import Conversation
from wizard.flow.questions import (
    Again,
    AskText,
    CheckLine,
    Choose,
    Continue,
    Outcome,
    Progress,
    Question,
    Reply,
    RunChecks,
)
from wizard.guide import plain_text
from wizard.text import LANGUAGES, Texts
from wizard.ui.lines.desk import Command, Desk, Mend
from wizard.ui.lines.findings import tell_check, tell_findings, tell_mends
from wizard.ui.lines.kinds import Answer, ask
from wizard.ui.mending import mending_steps

_PATIENCE: Final = 1.0
"""Seconds after which a person is told that something is still being worked on."""


class Dialogue:
    """One conversation from its current question to its end, or until the person leaves."""

    def __init__(
        self, conversation: Conversation, desk: Desk, work: Callable[[Coroutine[Any, Any, Outcome]], Outcome]
    ) -> None:
        self._conversation = conversation
        self._desk = desk
        self._work = work
        self._is_new = True
        self._runs_checks = True
        self._outcome = Outcome(moved=True)
        self._told: list[CheckLine] = []
        self._findings: list[Finding] = []

    def run(self) -> int:
        """Ask until there is nothing left to ask.

        Raises:
            KeyboardInterrupt: Ctrl+C was pressed on a question.
            Ended: a signal came.
        """
        self._tell_keys()
        while not self._conversation.is_finished:
            question = self._conversation.question(self._desk.t)
            self._tell(question)
            answer = self._answer(question)
            self._is_new = self._runs_checks = False
            if answer is Command.LEAVE and question.on_leaving is not None:
                # Nothing is left to do: that is the end, and not the breaking off of anything.
                answer = question.on_leaving
            if isinstance(answer, Command):
                ending = self._obey(answer, question)
                if ending is not None:
                    return ending
            elif isinstance(answer, Mend):
                self._conversation.go_to(answer.step)
                # What led there is told there, too.
                self._enter(finding for finding in self._findings if finding.step == answer.step)
            else:
                self._submit(answer)
        return Exit.DONE

    def _tell(self, question: Question) -> None:
        """Write the question: all of it when it is new, else only what has changed."""
        if self._is_new:
            self._tell_head(question)
        findings = [*self._outcome.findings]
        findings += [finding for finding in question.findings if finding not in findings]
        lines = question.lines if isinstance(question, RunChecks) else ()
        for line in lines:
            if line not in self._told:
                tell_check(line, self._desk)
        told = [finding for line in lines for finding in line.findings]
        tell_findings([finding for finding in findings if finding not in told], self._desk)
        self._findings = [*told, *findings]
        self._desk = replace(self._desk, mends=mending_steps(self._findings, question.step))
        tell_mends(self._desk)

    def _tell_head(self, question: Question) -> None:
        t, out = self._desk.t, self._desk.out
        out.line()
        place = question.position
        step = t("Step {number} of {total}: ", number=place.number, total=place.total) if place.number else ""
        out.line(step + question.title)
        out.line()
        if question.guide:
            out.block(plain_text(question.guide, out.width))
            out.line()
        for note in question.notes:
            out.line(note)
        if question.notes:
            out.line()

    def _answer(self, question: Question) -> Answer:
        if isinstance(question, RunChecks) and not question.lines and self._runs_checks:
            return Again()
        # Where Enter has a meaning of its own, going on all the same is asked for by itself.
        if self._outcome.is_settled and isinstance(question, Choose | AskText):
            typed = self._desk.ask(self._desk.t("[Enter: go on all the same, r: answer again]"))
            if not isinstance(typed, str):
                return typed
            if not typed.strip():
                return Continue()
        return ask(question, self._desk)

    def _submit(self, reply: Reply) -> None:
        self._told.clear()
        self._outcome = Outcome(moved=False)
        try:
            self._outcome = self._work(self._worked(reply))
        except KeyboardInterrupt:
            self._desk.out.line()
            self._desk.out.line(self._desk.t("Cancelled."))
            return
        if self._outcome.moved:
            self._enter(self._outcome.findings)

    async def _worked(self, reply: Reply) -> Outcome:
        waiting = asyncio.get_running_loop().call_later(_PATIENCE, self._tell_wait)
        try:
            return await self._conversation.submit(reply, self._report)
        finally:
            waiting.cancel()

    def _tell_wait(self) -> None:
        self._desk.out.line(self._desk.t("Please wait … (Ctrl+C breaks it off)"))

    def _report(self, progress: Progress) -> None:
        told = progress(self._desk.t)
        if isinstance(told, CheckLine):
            tell_check(told, self._desk)
            self._told.append(told)
        else:
            self._desk.out.line(told)

    def _enter(self, findings: Iterable[Finding] = ()) -> None:
        """Begin anew with the question that the conversation is at now."""
        self._is_new = self._runs_checks = True
        self._told.clear()
        self._outcome = Outcome(moved=True, findings=tuple(findings))

    def _obey(self, command: Command, question: Question) -> int | None:
        """Carry a command out; a number ends the dialogue."""
        t, out = self._desk.t, self._desk.out
        match command:
            case Command.BACK if self._conversation.can_go_back:
                self._conversation.back()
                self._enter()
            case Command.BACK:
                out.line(t("This is the first question."))
            case Command.HELP:
                self._tell_help(question)
            case Command.LANGUAGE:
                self._desk = replace(self._desk, t=_other_language(t))
                self._is_new = True
                self._told.clear()
            case Command.KEY_SHOWN:
                self._outcome = Outcome(moved=False, findings=(KEY_SHOWN.found(),))
            case Command.LEAVE:
                out.line(t("You left before the end."))
                return Exit.INTERRUPTED
            case Command.END_OF_INPUT:
                # The terminal itself may be what is gone.
                with suppress(OSError):
                    out.line()
                    out.line(t("There is no more input, and not everything has been answered."))
                return Exit.USAGE
        return None

    def _tell_help(self, question: Question) -> None:
        t, out = self._desk.t, self._desk.out
        out.line()
        out.block(plain_text(question.help, out.width))
        out.line()
        out.line(t("The steps:"))
        for entry in self._conversation.outline(t):
            out.line(entry.title, indent="  * " if entry.is_current else "    ")
        out.line()
        self._tell_keys()

    def _tell_keys(self) -> None:
        t = self._desk.t
        self._desk.out.line(
            t(
                "Answer and press Enter. At any time: < back, ? help, ! {language}, q leave.",
                language="norsk" if t.language == "en" else "English",
            )
        )


def _other_language(t: Texts) -> Texts:
    return Texts(LANGUAGES[(LANGUAGES.index(t.language) + 1) % len(LANGUAGES)])
