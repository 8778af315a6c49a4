"""The state of a set-up, which its steps read and change."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.checks.outcomes import CheckId, CheckOutcome, CheckStatus, Wanted
from wizard.context import key_left
from wizard.domain.key import Secret, read_key
from wizard.domain.reference import HeldKey, Reference, StoreKind, describe
from wizard.domain.setup import ORG_NUMBER_PLACEHOLDER, Environment, KeyKind, Setup
from wizard.files.reading import reason_of
from wizard.findings import Finding, StepId, Verdict, codes, verdict
from wizard.setup.answers import Answers, SavedSetup, journal_of
from wizard.setup.documents import Document, config_of, default_name, document_of
from wizard.text import Texts
from wizard.tripletex.models import Client
from wizard.walk.engine import Move
from wizard.walk.journal import JournalV1, StoreChoice, delete_journal, save_journal
from wizard.walk.state import SharedState
from wizard.walk.words import key_summary

if TYPE_CHECKING:
    from wizard.checks.probe import KeyProbe


@dataclass(kw_only=True, eq=False, repr=False)
class SetupState(SharedState):
    """The state of a set-up.

    Attributes:
        answers: The answers so far.
        target: The path of the config, if given; otherwise it is derived from the answers.
        keeps_journal: Whether the run can be resumed if it is not finished.
        replaces_files: Whether existing configs may be changed, because the user sees and confirms it.
        clients: The clients that the key has access to; None if unknown.
        proven_at: When Tripletex accepted the key; None if it has not.
        written: The configs that have the requested contents.
        unchanged: Those of them that already had these contents.
        backups: The backups of configs that were changed.
        stored: The keys that this run has stored. They are never deleted, only reported.
        results: The outcomes of the checks of the review.
        unread: A finding if the key cannot be read by the config's reference, although the pasted key works.
        check_verdict: Their verdict; None before they are completed.
        checked_at: When the checks were completed.
        unfinished: The journal of an earlier run, until it is resumed.
        earlier: The journal of a run by version 1, which cannot be resumed.
        search: The text in the search field for clients.
        search_finding: The finding about that text, if it cannot be an organisation number.
        has_seen_error: Whether Enter was pressed once after the text was cleared.
        marked: The client with the cursor on the last page.
        is_saved: Whether there is a journal, so that the run can be resumed.
        could_not_save: Whether the journal could not be written, which is said once.
    """

    answers: Answers
    keeps_journal: bool = False
    target: Path | None = None
    is_offline: bool = False
    may_overwrite: bool = False
    replaces_files: bool = False
    clients: tuple[Client, ...] | None = None
    proven_at: datetime | None = None
    written: tuple[Path, ...] = ()
    unchanged: tuple[Path, ...] = ()
    backups: tuple[Path, ...] = ()
    stored: tuple[Reference, ...] = ()
    results: tuple[CheckOutcome, ...] = ()
    unread: Finding | None = None
    check_verdict: Verdict | None = None
    checked_at: datetime | None = None
    unfinished: SavedSetup | None = None
    earlier: JournalV1 | None = None
    search: str = ""
    search_finding: Finding | None = None
    has_seen_error: bool = False
    marked: str = ""
    is_saved: bool = False
    could_not_save: bool = False

    # --- for the shared steps ---

    @property
    def environment(self) -> Environment:
        """The environment of Tripletex."""
        return self.answers.environment

    @property
    def base_url(self) -> str | None:
        """The address of the sandbox; None for the others, which are fixed."""
        return self.answers.base_url

    @property
    def application(self) -> str:
        """The application that the key is made for."""
        return self.answers.application

    @property
    def setup(self) -> Setup | None:
        """The kind of set-up according to the answers so far."""
        return self.answers.setup

    @property
    def key(self) -> HeldKey | None:
        """The stored key."""
        return self.answers.key

    @property
    def key_verdict(self) -> Verdict | None:
        """The verdict of testing the key."""
        return self.answers.key_verdict

    @property
    def own_reference(self) -> Reference | None:
        """The reference to a key that the user stores; None if the wizard stores it."""
        return self.answers.key_reference

    @property
    def is_accepted(self) -> bool:
        """Whether the user continues with a key that Tripletex refused."""
        return self.answers.is_accepted

    def accept_key(self) -> None:
        """Continue with a key that Tripletex refused."""
        self.answers = replace(self.answers, is_accepted=True)

    @property
    def asks_storage(self) -> bool:
        """Whether the user must choose where to store the key."""
        return self.answers.asks_storage

    @property
    def store(self) -> StoreKind | None:
        """The wizard's store for the key."""
        return self.answers.store

    @property
    def path(self) -> Path:
        """The path of the config, or of the folder if there are several."""
        folder, named = self.context.config_folder, self.target
        if self.answers.is_for_several:
            # A file was given before it was known that there would be several, so use its folder.
            return named.parent if named and named.suffix == ".toml" else named or folder
        return named or folder / default_name(self.answers)

    @property
    def missing(self) -> tuple[str, ...]:
        """The selected clients that the key has no access to."""
        if self.clients is None or not self.answers.is_bureau:
            return ()
        known = {client.org_number for client in self.clients}
        return tuple(number for number in self.answers.wanted_clients if number not in known)

    @property
    def client_names(self) -> dict[str | None, str]:
        """The names of the clients by organisation number. Those that share a number are named together."""
        names: dict[str | None, str] = {}
        for client in self.clients or ():
            shared = names.get(client.org_number)
            names[client.org_number] = f"{shared} / {client.name}" if shared else client.name
        return names

    @property
    def reached_of_wanted(self) -> tuple[str, ...]:
        """The selected clients that the key has access to."""
        return tuple(number for number in self.answers.wanted_clients if number not in self.missing)

    @property
    def lacks_access(self) -> bool:
        """Whether a selected client is missing, or the key has access to no clients at all."""
        if self.goes_on_without or not self.answers.is_bureau or self.clients is None:
            return False
        return not self.clients or bool(self.missing)

    @property
    def can_leave_out(self) -> bool:
        """Whether clients can be removed from the list."""
        return bool(self.missing)

    @property
    def refused_figures(self) -> tuple[Finding, str] | None:
        """The first refusal in the last checks that has to be fixed at a client, and the client's name."""
        for result in self.results:
            for finding in result.findings:
                if finding.is_error and finding.step is StepId.CLIENT_ACCESS:
                    # If there are several clients, the finding itself has the name.
                    return finding, (result.company.name if result.company else None) or ""
        return None

    def leave_out(self) -> Move:
        """Remove the missing clients from the list. If none are left, ask for clients again."""
        left = self.reached_of_wanted
        alone = len(left) == 1 and self.answers.setup is Setup.BUREAU_CLIENT
        number, clients = (left[0], ()) if alone else (None, left)
        self.answers = replace(self.answers, org_number=number, clients=clients)
        is_done = bool(left) or self.answers.setup is Setup.BUREAU_SHARED
        return StepId.REVIEW if is_done and not self.lacks_access else StepId.ORG_NUMBER

    async def consumer_token(self) -> Secret | Finding:
        """Return the consumer token, or a finding if there is none."""
        answers = self.answers
        return await self.context.consumer_token(
            answers.environment, answers.application, answers.consumer_token, self.target
        )

    async def employee_token(self) -> Secret | Finding:
        """Return the key."""
        if self.unsaved_key is not None:
            return self.unsaved_key
        if self.answers.key is None:
            return codes.KEY_EMPTY.found()
        return await self.resolve(self.answers.key.reference)

    async def save_key(self, secret: Secret, number: int | None) -> Finding | None:
        """Store a pasted key, or keep it in memory if it is stored last. Return a finding if that failed."""
        former = self.answers
        store = self.context.store(former.store or "keyring")
        name = await store.name_for(former.environment, number, secret)
        self._set_key(HeldKey(store.reference(name), number, len(secret), secret.fingerprint))
        if self.dry_run or self.stores_last:
            self.unsaved_key = secret
            return None
        # A second paste or Esc may cancel testing the key, but not storing it.
        trouble = await asyncio.shield(self._put(name, secret))
        if trouble is not None:
            self.answers = former
            self.save()
        return trouble

    def _set_key(self, key: HeldKey) -> None:
        """Use another key, about which nothing is known yet."""
        self.answers = replace(
            self.answers, key=key, key_verdict=None, is_accepted=False, kind=None, company=None
        )
        self.clients, self.proven_at, self.goes_on_without = None, None, False
        self.forget_checks()

    async def _put(self, name: str, secret: Secret) -> Finding | None:
        """Store the key.

        The journal is written first, so that no unknown key is left behind if the run is interrupted.
        """
        key, before = self.answers.key, self.stored
        store = self.context.store(self.answers.store or "keyring")
        if key is None:
            raise ValueError("no key")
        if key.reference not in before and not isinstance(await store.get(key.reference), Secret):
            self.stored = (*before, key.reference)
        self.save()
        kept = await store.put(name, secret)
        if isinstance(kept, Finding):
            self.stored = before
            return kept
        self.answers = replace(self.answers, key=key._replace(reference=kept))
        self.unsaved_key = None
        self.save()
        return None

    async def store_key(self) -> Finding | None:
        """Store a key that is only in memory, before a config refers to it."""
        secret, key = self.unsaved_key, self.answers.key
        if secret is None or key is None or not self.stores_last or not key.owned:
            return None
        store = self.context.store(self.answers.store or "keyring")
        return await self._put(await store.name_for(self.environment, key.number, secret), secret)

    def reset_key(self) -> None:
        """Reset the key, because it is not in the store after all."""
        reference = self.answers.key.reference if self.answers.key else None
        self.stored = tuple(each for each in self.stored if each != reference)
        self.answers = replace(self.answers, key=None, key_verdict=None)
        self.save()

    def use_own_key(self, reference: Reference, secret: Secret | None, number: int | None) -> None:
        """Use a key that the user stores. No copy is stored."""
        length, fingerprint = (len(secret), secret.fingerprint) if secret else (0, "")
        self._set_key(HeldKey(reference, number, length, fingerprint, owned=False))
        if secret is None:
            self.answers = replace(self.answers, key_verdict=Verdict.UNKNOWN)
        self.save()

    async def use_store(self, choice: StoreChoice) -> Finding | None:
        """Use a store or reference, moving a key that is already stored. Return a finding if that failed."""
        store, own = (choice, None) if isinstance(choice, str) else (None, choice)
        former = self.answers
        settled = (former.store, former.key_reference) == (store, own)
        secret = await self.employee_token() if former.key or self.unsaved_key else None
        self.answers = replace(former, store=store, key_reference=own)
        if settled or not isinstance(secret, Secret):
            self.save()
            return None
        self.answers = replace(self.answers, key=None, key_verdict=None)
        if own is not None:
            # The user will store it there. Until then it stays in the old store and in memory.
            self.unsaved_key = secret
            self.save()
            return None
        trouble = await self.save_key(secret, read_key(secret.reveal(), former.environment).number)
        if trouble is not None:
            self.answers = former
        return trouble

    def forget_proof(self) -> None:
        """Discard the result of testing the key."""
        self.answers = replace(self.answers, key_verdict=None)
        self.key_findings, self.proven_at = (), None
        self.forget_checks()

    async def prove(self) -> tuple[Finding, ...]:
        """Test the stored key against Tripletex, and return the findings."""
        if self.is_offline:
            self.answers = replace(self.answers, key_verdict=Verdict.UNKNOWN)
            return ()
        async with self.probe(await self.employee_token()) as probe:
            found = await self._ask(probe)
        self.save()
        return found

    async def _ask(self, probe: "KeyProbe | Finding") -> tuple[Finding, ...]:
        self.proven_at = None
        if isinstance(probe, Finding):
            return self._note_verdict((probe,))
        facts = await probe.facts()
        if isinstance(facts, Finding):
            return self._note_verdict((facts,))
        self.answers = replace(self.answers, kind=facts.kind, company=facts.company)
        if facts.is_office:
            clients = await probe.clients()
            self.clients = None if isinstance(clients, Finding) else clients
        if verdict(facts.findings) is Verdict.VALID:
            self.proven_at = self.context.now()
        return self._note_verdict(facts.findings)

    def _note_verdict(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        self.answers = replace(self.answers, key_verdict=verdict(findings), is_accepted=False)
        return findings

    def key_summary(self, t: Texts) -> str:
        """Return the company, kind and number of a valid key."""
        answers, clients = self.answers, self.clients
        number = answers.key.number if answers.key else None
        count = len(clients) if clients is not None and answers.kind is KeyKind.OFFICE else None
        return key_summary(answers.company, answers.kind, number, count, t)

    # --- the config ---

    def documents(self) -> Iterator[Document]:
        """Yield the config to write, or one for each of several clients.

        Raises:
            ValueError: If an answer is missing.
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
        """Return whether this run has written a config."""
        ours = (written.absolute() for written in self.written if written not in self.unchanged)
        return path.absolute() in ours

    # --- the checks ---

    @property
    def wanted(self) -> Wanted:
        """What to check the key for, which includes all clients if there are several configs."""
        answers = self.answers
        if answers.setup is None:
            raise ValueError("the answers are not complete")
        if answers.is_for_several:
            # A shared set-up for the same clients requires the same, and takes only one log-on.
            return Wanted(Setup.BUREAU_SHARED, ORG_NUMBER_PLACEHOLDER, answers.clients)
        clients = () if answers.setup is Setup.BUREAU_CLIENT else answers.clients
        return Wanted(answers.setup, answers.finale_org_number, clients)

    async def run_checks(self) -> None:
        """Run the checks of the review, and show every outcome as it arrives."""
        self.forget_checks()
        self.waits = ""
        if self.is_offline:
            skipped = (codes.NOT_ASKED.found(),)
            self.results = (CheckOutcome(CheckId.LOG_ON, skipped, least=CheckStatus.UNKNOWN),)
            return
        self.on_change()
        async for outcome in self._outcomes():
            self.results = (*self.results, outcome)
            self.on_change()
        # The pasted key has been checked; also check that it can be read by the config's reference.
        self.unread = await self._check_reference()
        self.waits, self.checked_at = "", self.context.now()
        self.check_verdict = verdict(self.check_findings)

    def forget_checks(self) -> None:
        """Discard what the checks found, because it may no longer be true."""
        self.results, self.unread, self.check_verdict, self.checked_at = (), None, None, None

    async def _outcomes(self) -> AsyncIterator[CheckOutcome]:
        from wizard.checks.setup import check_setup  # noqa: PLC0415 - imports httpx

        async with self.probe(await self.employee_token()) as probe:
            if isinstance(probe, Finding):
                yield CheckOutcome(CheckId.LOG_ON, (probe,))
                return
            async with aclosing(check_setup(probe, self.wanted)) as outcomes:
                async for outcome in outcomes:
                    yield self._about_chosen(outcome)

    def _about_chosen(self, result: CheckOutcome) -> CheckOutcome:
        """Remove findings about clients that are not selected."""
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
        """All findings of the last checks."""
        found = tuple(finding for result in self.results for finding in result.findings)
        return (*found, self.unread) if self.results and self.unread else found

    async def _check_reference(self) -> Finding | None:
        """Read a key of the user's that could not be read before. Return a finding if that failed."""
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
        """Read the clients again. Return a finding if that failed."""
        if self.is_offline:
            return None
        async with self.probe(await self.employee_token()) as probe:
            if isinstance(probe, Finding):
                return probe
            clients = await probe.clients(certain=True)
            if isinstance(clients, Finding):
                return clients
            self.clients = clients
            self.results = ()
        return None

    # --- the journal ---

    @property
    def journal(self) -> Path:
        """The path of the journal."""
        return journal_of(self.context.state_folder, self.target)

    def save(self) -> None:
        """Write the journal, or delete it at the end. If it cannot be written, the next page says so once."""
        if not self.keeps_journal:
            return
        # If nothing was written, the user has gone back to the menu while a store was still taking the key.
        if self.is_finished and self.written:
            self._delete_journal()
            return
        saved = SavedSetup(
            StepId(self.current),
            self.answers,
            self.written,
            self.stored,
            self.check_verdict,
            self.context.now(),
            self.target and self.target.absolute(),
        )
        try:
            save_journal(self.journal, saved)
            self.is_saved = True
        except OSError as error:
            path, reason = error.filename or "?", reason_of(error)
            if not self.could_not_save:
                self.report(*self.trouble, codes.ANSWERS_NOT_KEPT.found(path=str(path), reason=reason))
            self.could_not_save = True

    def resume(self, saved: SavedSetup) -> StepId:
        """Restore the state from the journal, and return the step to continue with."""
        # The command line takes precedence over the journal.
        reference = self.answers.key_reference or saved.answers.key_reference
        self.answers = replace(saved.answers, key_reference=reference)
        self.written, self.stored, self.check_verdict = saved.written, saved.stored, saved.said
        self.unfinished = None
        if self.answers.store == "command" and self.context.defaults.store_command is None:
            # The site no longer has that store, and another one is not used without asking.
            self.answers = replace(self.answers, store=None)
            return StepId.STORAGE
        return saved.current

    def erase(self) -> None:
        """Delete the journal of an unfinished run. The keys that it stored stay, and are reported."""
        if self.unfinished is not None and not self.unfinished.written:
            self.stored = (*self.stored, *self.unfinished.stored)
        if self.keeps_journal:
            self._delete_journal()
        self.unfinished = None

    def _delete_journal(self) -> None:
        delete_journal(self.journal)
        self.is_saved = False

    @property
    def left_keys(self) -> tuple[Finding, ...]:
        """Findings about keys that were stored but are not used by the configs of this run."""
        key = self.answers.key
        if key is None or not self.written:
            return tuple(key_left(each, self.context) for each in self.stored)
        others = (each for each in self.stored if each != key.reference)
        return tuple(key_left(each, self.context, key) for each in others)
