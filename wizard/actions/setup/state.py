"""What a set-up knows while it runs; the handlers of the steps change it and nothing else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.actions.consumer import find_consumer_token
from wizard.actions.context import AppContext
from wizard.actions.journal import Journal, Page
from wizard.actions.lines import wait_line
from wizard.actions.places import key_left
from wizard.actions.setup.document import Document, config_of, default_name, document_of
from wizard.checks.outcomes import CheckOutcome
from wizard.config import Config
from wizard.domain.reference import Reference
from wizard.domain.secret import Secret
from wizard.findings import Finding, StepId, codes
from wizard.flow.answers import Answers, HeldKey, StoreKind
from wizard.flow.flow import Flow
from wizard.flow.known import Reached
from wizard.flow.questions import Outcome, Progress, Report
from wizard.text import Texts

if TYPE_CHECKING:
    from wizard.checks.probe import KeyProbe
    from wizard.tripletex import Tripletex


def _tell_nobody(progress: Progress) -> None:
    del progress


@dataclass
class SetupState:
    """One set-up on its way.

    Attributes:
        target: The config that the person named; None lets the answers name it.
        is_rehearsal: Whether nothing may be written, not even to a store.
        stores_late: Whether a key is stored only when a config is about to be written. Without a person
            who pasted it, the caller still has the key, and a refusal leaves nothing behind.
        in_hand: A pasted key that no store holds: in a rehearsal, because it is not stored yet, or because
            it is to be kept in a place of the user's own.
        written: The configs that were written; empty before that.
        backups: Where the former texts of existing configs were kept.
        stored: The keys that this run has put into a store, the one in use among them; none that was
            there before. They are never deleted, only reported.
        clients: The clients that the key reaches; None when that is not known.
        findings: What was noticed when the last step was left; shown on the current one.
        results: What the checks said last.
        unfinished: A page of the journal, when an earlier run did not come to its end.
        unkept: Why the journal cannot be written, if it cannot.
        t: The language of what is written and said at the end; set whenever a question is asked.
        report: Where progress is told; set whenever a reply is worked on.
    """

    context: AppContext
    flow: Flow
    t: Texts
    journal: Journal
    target: Path | None = None
    is_offline: bool = False
    may_overwrite: bool = False
    is_rehearsal: bool = False
    stores_late: bool = False
    in_hand: Secret | None = None
    written: tuple[Path, ...] = ()
    backups: tuple[Path, ...] = ()
    stored: tuple[Reference, ...] = ()
    stores: tuple[tuple[StoreKind, Finding | None], ...] = ()
    clients: tuple[Reached, ...] | None = None
    findings: tuple[Finding, ...] = ()
    results: tuple[CheckOutcome, ...] = ()
    unfinished: Page | None = None
    unkept: Finding | None = None
    is_finished: bool = False
    report: Report = _tell_nobody

    @property
    def answers(self) -> Answers:
        """The answers so far."""
        return self.flow.answers

    @property
    def path(self) -> Path:
        """Where the config is, or will be, written; the folder, when there are several."""
        folder, named = self.context.config_folder, self.target
        if self.answers.is_for_several:
            # One file was named before it was known that there would be several: they go beside it.
            return named.parent if named and named.suffix == ".toml" else named or folder
        return named or folder / default_name(self.answers)

    @property
    def config(self) -> Config:
        """The config that the answers amount to; of several, what they have in common.

        Raises:
            ValueError: an answer is missing.
        """
        return config_of(self.answers, self.path, self.context)

    def has_written(self, path: Path) -> bool:
        """Whether a config is this run's own, from whatever folder it was named."""
        return path.absolute() in {written.absolute() for written in self.written}

    def documents(self) -> Iterator[Document]:
        """Give each config as it will stand in its file: one, or one for each of several clients.

        Raises:
            ValueError: an answer is missing.
        """
        answers = self.answers
        each = (
            [replace(answers, org_number=number, clients=()) for number in answers.clients]
            if answers.is_for_several
            else [answers]
        )
        for its in each:
            path = self.path / default_name(its) if answers.is_for_several else self.path
            config = config_of(its, path, self.context)
            yield Document(path, document_of(config, path, self.t, answers.key_verdict))

    @property
    def check_findings(self) -> tuple[Finding, ...]:
        """Everything that the last checks found."""
        return tuple(finding for result in self.results for finding in result.findings)

    def move(self, answers: Answers, findings: tuple[Finding, ...] = ()) -> Outcome:
        """Take the answers over and go on; ``findings`` are shown with the next question."""
        self.flow = self.flow.forward(answers)
        self.findings = findings
        return Outcome(moved=True, findings=findings)

    def stay(self, *findings: Finding, answers: Answers | None = None, is_settled: bool = False) -> Outcome:
        """Take the answers over and ask the same again."""
        if answers is not None:
            self.flow = Flow(answers, self.flow.current)
        self.findings = ()
        return Outcome(moved=False, findings=findings, is_settled=is_settled)

    def go_to(self, step: StepId) -> None:
        """Go to the step that mends something."""
        if step is StepId.STORAGE:
            # It may have been settled without a question; now there is one.
            self.flow = Flow(replace(self.answers, asks_storage=True), self.flow.current)
        self.flow = self.flow.to(step)
        self.findings = ()

    def keep(self, answers: Answers) -> None:
        """Take answers over and write them down at once: what comes next may never end."""
        self.flow = Flow(answers, self.flow.current)
        self.write_down()

    def write_down(self) -> None:
        """Note in the journal where this run is; a journal that cannot be written stops nobody."""
        try:
            self.journal.write(Page(self.flow, self.stored, self.written))
        except OSError as error:
            path, reason = error.filename or "?", error.strerror or str(error)
            self.unkept = self.unkept or codes.ANSWERS_NOT_KEPT.found(path=str(path), reason=reason)

    def resume(self) -> None:
        """Go on where the unfinished run was."""
        if self.unfinished is not None:
            flow = self.unfinished.flow
            # What the checks said is not noted, so they are made again.
            is_beyond = flow.current in {StepId.FINALE, StepId.DONE}
            named = self.answers.key_reference
            self.flow = flow.to(StepId.CHECK) if is_beyond else flow
            if named is not None:
                # What stands on the command line now is newer than what was noted.
                self.flow = Flow(replace(self.answers, key_reference=named), self.flow.current)
            self.stored = self.unfinished.stored
            self.written = self.unfinished.written
            self.unfinished = None

    def forget(self) -> tuple[Finding, ...]:
        """Discard the answers of an unfinished run; return the keys that it leaves in their stores."""
        if self.unfinished is None:
            return ()
        left = () if self.unfinished.written else self.left_in_store(self.unfinished.stored)
        self.unfinished = None
        self.journal.erase()
        return left

    @property
    def left_keys(self) -> tuple[Finding, ...]:
        """The keys that this run has stored and that its configs do not use."""
        key = self.answers.key
        if key is None or not self.written:
            return self.left_in_store(self.stored)
        return self.left_in_store((each for each in self.stored if each != key.reference), key)

    def left_in_store(
        self, references: Iterable[Reference], in_use: HeldKey | None = None
    ) -> tuple[Finding, ...]:
        """Return the findings that say which keys stay where."""
        return tuple(key_left(reference, self.context, in_use) for reference in references)

    async def consumer_token(self) -> Secret | Finding:
        """Return the application's token, or why there is none."""
        answers = self.answers
        return await find_consumer_token(
            self.context, answers.environment, answers.application, answers.consumer_token, self.target
        )

    async def employee_token(self) -> Secret | Finding:
        """Return the key that the answers refer to, from its store."""
        if self.in_hand is not None:
            return self.in_hand
        if self.answers.key is None:
            return codes.KEY_EMPTY.found()
        return await self.context.resolver().resolve(
            self.answers.key.reference, config_path=self.path, environment=self.answers.environment
        )

    def tripletex(self) -> "Tripletex":
        """Return a connection to the environment of this set-up."""
        answers = self.answers
        return self.context.tripletex(answers.environment, answers.base_url, on_wait=self.tell_wait)

    def tell_wait(self, seconds: float) -> None:
        """Tell that Tripletex's limit for a key is waited for, which is never a failure."""
        self.report(partial(wait_line, seconds))

    def examination(self, tripletex: "Tripletex", consumer: Secret, employee: Secret) -> "KeyProbe":
        """Return what asks Tripletex about the key."""
        from wizard.checks.probe import KeyProbe  # noqa: PLC0415 - imports httpx

        return KeyProbe(tripletex, consumer, employee, application=self.answers.application)

    async def read_clients(self, examination: "KeyProbe") -> Finding | None:
        """Read the clients that the key reaches; they stay as they were known when that fails."""
        clients = await examination.clients()
        if isinstance(clients, Finding):
            return clients
        self.clients = tuple(Reached(client.name, client.org_number) for client in clients)
        return None
