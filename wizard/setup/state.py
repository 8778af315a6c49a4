"""What a set-up knows while it runs; its steps read it directly and change nothing else."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.checks.outcomes import (
    CheckId,
    CheckOutcome,
    Wanted,
    company_of,
    or_missing,
    probe_with,
    reached,
    wait_line,
)
from wizard.context import key_left
from wizard.domain.key import read_key
from wizard.domain.reference import HeldKey, Reference, StoreKind, describe
from wizard.domain.secret import Secret
from wizard.domain.setup import ORG_NUMBER_PLACEHOLDER, Environment, KeyKind, Setup
from wizard.files.reading import reason_of
from wizard.findings import Finding, StepId, Verdict, codes, verdict
from wizard.setup.answers import Answers
from wizard.setup.writing import Document, config_of, default_name, document_of
from wizard.text import Texts
from wizard.walk.access import AccessState
from wizard.walk.engine import Move
from wizard.walk.journal import JournalV1, delete_journal, load_journal, save_journal
from wizard.walk.words import company_words, key_words

if TYPE_CHECKING:
    from wizard.checks.probe import KeyProbe

_FOLDER = "unfinished"


@dataclass(frozen=True, slots=True)
class SetupPage:
    """What is noted of a set-up that has not come to its end.

    Attributes:
        said: What the checks said last.
    """

    current: StepId
    answers: Answers
    written: tuple[Path, ...] = ()
    stored: tuple[Reference, ...] = ()
    said: Verdict | None = None
    at: datetime | None = None


def journal_of(folder: Path, target: Path | None) -> Path:
    """Return the file that a set-up is noted in; one for each target."""
    name = "new" if target is None else sha256(str(target.absolute()).encode()).hexdigest()[:16]
    return folder / _FOLDER / f"{name}.json"


def read_journal(folder: Path, target: Path | None) -> SetupPage | None:
    """Return what an earlier run noted that did not come to its end."""
    return load_journal(journal_of(folder, target), SetupPage)


@dataclass(kw_only=True)
class SetupState(AccessState):
    """One set-up on its way.

    Attributes:
        target: The config that the person named; None lets the answers name it.
        journal: Where the run is noted; None notes nothing.
        dry_run: Whether nothing may be written, not even to a store.
        stores_last: Whether the key is stored only when a config is about to be written: the caller has
            it on the command line anyway.
        replaces_files: Whether existing configs may be changed, which a person has seen and agreed to.
        written: The configs that say what was asked for; empty before that.
        unchanged: Those among them that were the same already, and were not touched.
        backups: Where the former texts of existing configs were kept.
        stored: The keys that this run has put into a store; they are never deleted, only reported.
        results: What the checks of the review said.
        unread: Why the place where the key is kept gives no key here, although the pasted one is good.
        waits: What is waited for while they run.
        checked_at: When they came to their end.
        unfinished: What an earlier run noted, until it is taken up.
        earlier: What version one noted, whose runs cannot be taken up.
        search: What is in the search field of the clients.
        typed_number: Why that is no organisation number.
        was_told: Whether Enter was pressed once after a number was erased.
        marked: The client that the cursor of the last page is on.
        unkept: Why the journal cannot be written.
    """

    answers: Answers
    journal: Path | None = None
    target: Path | None = None
    is_offline: bool = False
    may_overwrite: bool = False
    replaces_files: bool = False
    dry_run: bool = False
    stores_last: bool = False
    written: tuple[Path, ...] = ()
    unchanged: tuple[Path, ...] = ()
    backups: tuple[Path, ...] = ()
    stored: tuple[Reference, ...] = ()
    results: tuple[CheckOutcome, ...] = ()
    unread: Finding | None = None
    said: Verdict | None = None
    waits: str = ""
    checked_at: datetime | None = None
    unfinished: SetupPage | None = None
    earlier: JournalV1 | None = None
    search: str = ""
    typed_number: Finding | None = None
    was_told: bool = False
    marked: str = ""
    unkept: Finding | None = None

    # --- for the shared steps ---

    @property
    def environment(self) -> Environment:
        """The environment of Tripletex."""
        return self.answers.environment

    @property
    def application(self) -> str:
        """The application that the key is made for."""
        return self.answers.application

    @property
    def setup(self) -> Setup | None:
        """The set-up that the answers amount to so far."""
        return self.answers.setup

    @property
    def key(self) -> HeldKey | None:
        """The stored key."""
        return self.answers.key

    @property
    def key_verdict(self) -> Verdict | None:
        """What proving it gave."""
        return self.answers.key_verdict

    @property
    def asks_storage(self) -> bool:
        """Whether the person must choose where the key is kept."""
        return self.answers.asks_storage

    @property
    def store(self) -> StoreKind | None:
        """Where the wizard keeps the key."""
        return self.answers.store

    @property
    def path(self) -> Path:
        """Where the config is, or will be, written; the folder, when there are several."""
        folder, named = self.context.config_folder, self.target
        if self.answers.is_for_several:
            # One file was named before it was known that there would be several: they go next to it.
            return named.parent if named and named.suffix == ".toml" else named or folder
        return named or folder / default_name(self.answers)

    @property
    def missing(self) -> tuple[str, ...]:
        """The chosen clients that the key has no access to."""
        if self.clients is None or not self.answers.is_bureau:
            return ()
        known = {client.org_number for client in self.clients}
        return tuple(number for number in self.answers.wanted_clients if number not in known)

    @property
    def reached_of_wanted(self) -> tuple[str, ...]:
        """The chosen clients that it has access to."""
        return tuple(number for number in self.answers.wanted_clients if number not in self.missing)

    @property
    def lacks_access(self) -> bool:
        """Whether a chosen client is missing, or the key has access to none at all."""
        if self.goes_on_without or not self.answers.is_bureau or self.clients is None:
            return False
        return not self.clients or bool(self.missing)

    @property
    def can_leave_out(self) -> bool:
        """Whether a client can be taken off the list."""
        return bool(self.missing)

    @property
    def refused_figures(self) -> tuple[Finding, str] | None:
        """The first refusal of the last checks that is put right at a client."""
        for result in self.results:
            for finding in result.findings:
                if finding.is_error and finding.step is StepId.CLIENT_ACCESS:
                    # Of several clients the finding itself names the one.
                    return finding, (result.company.name if result.company else None) or ""
        return None

    def leave_out(self) -> Move:
        """Take the missing clients off the list; without any left, they are chosen again."""
        left = self.reached_of_wanted
        alone = len(left) == 1 and self.answers.setup is Setup.BUREAU_CLIENT
        number, clients = (left[0], ()) if alone else (None, left)
        self.answers = replace(self.answers, org_number=number, clients=clients)
        is_done = bool(left) or self.answers.setup is Setup.BUREAU_SHARED
        return StepId.REVIEW if is_done and not self.lacks_access else StepId.ORG_NUMBER

    async def consumer_token(self) -> Secret | Finding:
        """Return the application's token, or why there is none."""
        answers = self.answers
        return await self.context.consumer_token(
            answers.environment, answers.application, answers.consumer_token, self.target
        )

    async def employee_token(self) -> Secret | Finding:
        """Return the key that the answers refer to."""
        if self.unsaved_key is not None:
            return self.unsaved_key
        if self.answers.key is None:
            return codes.KEY_EMPTY.found()
        return await self.resolve(self.answers.key.reference)

    async def save_key(self, secret: Secret, number: int | None) -> Finding | None:
        """Put a key into its store; return why that cannot be."""
        former = self.answers
        store = self.context.store(former.store or "keyring")
        name = await store.name_for(former.environment, number, secret)
        held = HeldKey(store.reference(name), number, len(secret), secret.fingerprint)
        self.answers = replace(former, key=held, key_verdict=None, is_accepted=False, kind=None, company=None)
        self.clients, self.results, self.said = None, (), None
        self.goes_on_without = False
        if self.dry_run or self.stores_last:
            self.unsaved_key = secret
            return None
        # A second paste or Esc cancels the question to Tripletex, never the storing.
        trouble = await asyncio.shield(self._put(name, secret))
        if trouble is not None:
            self.answers = former
            self.note()
        return trouble

    async def _put(self, name: str, secret: Secret) -> Finding | None:
        """Store the pasted key.

        Where it will be is noted first, so that a run that is cut off in between leaves no key behind
        that nobody knows of.
        """
        key, before = self.answers.key, self.stored
        store = self.context.store(self.answers.store or "keyring")
        if key is None:
            raise ValueError("no key")
        if key.reference not in before and not isinstance(await store.get(key.reference), Secret):
            self.stored = (*before, key.reference)
        self.note()
        kept = await store.put(name, secret)
        if isinstance(kept, Finding):
            self.stored = before
            return kept
        self.answers = replace(self.answers, key=replace(key, reference=kept))
        self.unsaved_key = None
        self.note()
        return None

    async def store_key(self) -> Finding | None:
        """Put a key that is only in hand into its store, before a config refers to it."""
        secret, key = self.unsaved_key, self.answers.key
        if secret is None or key is None or not self.stores_last or not key.owned:
            return None
        store = self.context.store(self.answers.store or "keyring")
        return await self._put(await store.name_for(self.environment, key.number, secret), secret)

    def reset_key(self) -> None:
        """Forget a key that is in no store after all."""
        reference = self.answers.key.reference if self.answers.key else None
        self.stored = tuple(each for each in self.stored if each != reference)
        self.answers = replace(self.answers, key=None, key_verdict=None)
        self.note()

    def use_own_key(self, reference: Reference, secret: Secret | None, number: int | None) -> None:
        """Take over a key that is kept in a place of the user's own; it is never kept anywhere else."""
        length, fingerprint = (len(secret), secret.fingerprint) if secret else (0, "")
        held = HeldKey(reference, number, length, fingerprint, owned=False)
        said = None if secret else Verdict.UNKNOWN
        self.answers = replace(self.answers, key=held, key_verdict=said, kind=None, company=None)
        self.clients, self.results, self.said = None, (), None
        self.note()

    async def use_store(self, store: StoreKind | None, own: Reference | None) -> Finding | None:
        """Use a place; a key that is stored already is moved there."""
        former = self.answers
        settled = (former.store, former.key_reference) == (store, own)
        secret = await self.employee_token() if former.key or self.unsaved_key else None
        self.own_reference = own
        self.answers = replace(former, store=store, key_reference=own, own_place=self.own_place)
        if settled or not isinstance(secret, Secret):
            self.note()
            return None
        self.answers = replace(self.answers, key=None, key_verdict=None)
        if own is not None:
            # The person puts it there; until then it is in the store that it was in, and in hand.
            self.unsaved_key = secret
            self.note()
            return None
        trouble = await self.save_key(secret, read_key(secret.reveal(), former.environment).number)
        if trouble is not None:
            self.answers, self.own_reference = former, former.key_reference
        return trouble

    def forget_proof(self) -> None:
        """Have the stored key tested again."""
        self.answers = replace(self.answers, key_verdict=None)
        self.paste.proof, self.paste.proven_at, self.results, self.said = (), None, (), None

    async def prove(self) -> tuple[Finding, ...]:
        """Ask Tripletex about the stored key; *unknown* lets the user continue, *bad* does not."""
        if self.is_offline:
            self.answers = replace(self.answers, key_verdict=Verdict.UNKNOWN)
            return ()
        async with self.probe() as probe:
            found = await self._ask(probe)
        self.note()
        return found

    async def _ask(self, probe: "KeyProbe | Finding") -> tuple[Finding, ...]:
        self.paste.proven_at = None
        if isinstance(probe, Finding):
            return self._note_verdict((probe,))
        facts = await probe.facts()
        if isinstance(facts, Finding):
            return self._note_verdict((facts,))
        self.answers = replace(self.answers, kind=facts.kind, company=company_of(facts.company))
        if facts.is_office:
            clients = await probe.clients()
            self.clients = None if isinstance(clients, Finding) else reached(clients)
        if verdict(facts.findings) is Verdict.VALID:
            self.paste.proven_at = self.context.now()
        return self._note_verdict(facts.findings)

    def _note_verdict(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        self.answers = replace(self.answers, key_verdict=verdict(findings))
        return findings

    @asynccontextmanager
    async def probe(self) -> "AsyncIterator[KeyProbe | Finding]":
        """Return a probe of the stored key, or why there can be none."""
        answers = self.answers
        consumer, employee = await self.consumer_token(), await self.employee_token()
        async with probe_with(
            self.context,
            environment=answers.environment,
            base_url=answers.base_url,
            application=answers.application,
            consumer=or_missing(consumer),
            employee=employee,
            on_wait=self.tell_wait,
        ) as probe:
            yield probe

    def key_summary(self, t: Texts) -> str:
        """Return what was found about a key that works: company, kind, number."""
        answers = self.answers
        number = answers.key.number if answers.key else None
        company, is_office = answers.company, answers.kind is KeyKind.OFFICE
        # The number of the office itself is never needed.
        told = replace(company, org_number=None) if company and is_office else company
        words = [company_words(told, t)] if told else []
        words.append(key_words(answers.kind, number, t))
        if is_office and self.clients is not None:
            words.append(t.plural("{n} client", "{n} clients", len(self.clients)))
        return " · ".join(words)

    # --- the config ---

    def documents(self) -> Iterator[Document]:
        """Give each config as it will be in its file: one, or one for each of several clients.

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
            yield document_of(config, path, self.t, answers.key_verdict)

    def has_written(self, path: Path) -> bool:
        """Whether a config is this run's own, from whatever folder it was named."""
        ours = (written.absolute() for written in self.written if written not in self.unchanged)
        return path.absolute() in ours

    # --- the checks ---

    @property
    def wanted(self) -> Wanted:
        """What the answers say that the key must have access to; of several configs, all of it at once."""
        answers = self.answers
        if answers.setup is None:
            raise ValueError("the answers are not complete")
        if answers.is_for_several:
            # One key, one log-on: what the clients' own configs ask for is what a common one would ask for.
            return Wanted(Setup.BUREAU_SHARED, ORG_NUMBER_PLACEHOLDER, answers.clients)
        clients = () if answers.setup is Setup.BUREAU_CLIENT else answers.clients
        return Wanted(answers.setup, answers.finale_org_number, clients)

    async def check(self) -> AsyncIterator[CheckOutcome | Finding]:
        """Make the checks that the config calls for; a finding says why there are none."""
        from wizard.checks.setup import check_setup  # noqa: PLC0415 - imports httpx

        async with self.probe() as probe:
            if isinstance(probe, Finding):
                yield probe
                return
            async with aclosing(check_setup(probe, self.wanted)) as results:
                async for result in results:
                    yield self._about_chosen(result)

    def _about_chosen(self, result: CheckOutcome) -> CheckOutcome:
        """Leave out what is odd about clients that have no config of their own."""
        if not self.answers.is_for_several or result.check is not CheckId.CLIENTS:
            return result
        about = {codes.SEVERAL_CLIENTS, codes.CLIENT_UNREADABLE}
        chosen = self.answers.clients
        found = (
            each for each in result.findings if each.code not in about or each.values.get("number") in chosen
        )
        return replace(result, findings=tuple(found))

    @property
    def check_findings(self) -> tuple[Finding, ...]:
        """Everything that the last checks found."""
        found = tuple(finding for result in self.results for finding in result.findings)
        return (*found, self.unread) if self.results and self.unread else found

    async def read_place(self) -> Finding | None:
        """Read a place of the user's own that gave no key before; return why it still gives none."""
        key, pasted = self.answers.key, self.unsaved_key
        if key is None or key.owned or pasted is None:
            return None
        found = await self.resolve(key.reference)
        if isinstance(found, Finding):
            return found
        if found != pasted:
            return codes.NOT_THE_PASTED_KEY.found(reference=describe(key.reference))
        self.unsaved_key = None
        return None

    async def read_again(self) -> Finding | None:
        """Read again which clients the key has access to."""
        if self.is_offline:
            return None
        async with self.probe() as probe:
            if isinstance(probe, Finding):
                return probe
            clients = await probe.clients(certain=True)
            if isinstance(clients, Finding):
                return clients
            self.clients = reached(clients)
            self.results = ()
        return None

    # --- the journal ---

    def note(self) -> None:
        """Write down where this run is; a journal that cannot be written stops nobody."""
        if self.journal is None:
            return
        if self.is_finished:
            delete_journal(self.journal)
            return
        page = SetupPage(
            StepId(self.current), self.answers, self.written, self.stored, self.said, self.context.now()
        )
        try:
            save_journal(self.journal, page)
        except OSError as error:
            path, reason = error.filename or "?", reason_of(error)
            self.unkept = codes.ANSWERS_NOT_KEPT.found(path=str(path), reason=reason)

    def resume(self) -> StepId:
        """Take an unfinished run up, and return the step that it was at."""
        page = self.unfinished
        if page is None:
            return StepId.ENABLE_API
        named = self.answers.key_reference
        self.answers, self.written, self.said = page.answers, page.written, page.said
        self.stored = page.stored
        if named is not None:
            # What is on the command line now is newer than what was noted.
            self.answers = replace(self.answers, key_reference=named)
        self.own_reference = self.answers.key_reference
        self.paste.was_accepted = self.answers.is_accepted
        self.unfinished = None
        return page.current

    def erase(self) -> None:
        """Forget the answers of an unfinished run; the keys that it stored stay, and are reported."""
        if self.unfinished is not None and not self.unfinished.written:
            self.stored = (*self.stored, *self.unfinished.stored)
        if self.journal is not None:
            delete_journal(self.journal)
        self.unfinished = None

    @property
    def left_keys(self) -> tuple[Finding, ...]:
        """The keys that were stored and that no config of this run uses."""
        key = self.answers.key
        if key is None or not self.written:
            return tuple(key_left(each, self.context) for each in self.stored)
        others = (each for each in self.stored if each != key.reference)
        return tuple(key_left(each, self.context, key) for each in others)

    def tell_wait(self, seconds: float) -> None:
        """Report that Tripletex's rate limit is being waited for, which is never a failure."""
        self.waits = wait_line(seconds, self.t)
        if self.paste.waiting:
            self.paste.waiting = self.waits
        self.on_change()
