"""The state of a rotation, which its steps read and change."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from wizard.checks.probe import KeyProbe
from wizard.context import key_left, store_of
from wizard.domain.key import KeyReading, Secret
from wizard.domain.reference import HeldKey, StoreKind
from wizard.domain.setup import Environment, Setup
from wizard.files.reading import reason_of
from wizard.findings import Finding, StepId, Verdict, codes, unique, verdict
from wizard.rotation import proving
from wizard.rotation.journal import SavedRotation, erase_rotation, save_rotation
from wizard.rotation.keys import KeyIdentity, Member, users_of
from wizard.rotation.members import Group
from wizard.rotation.writing import ConfigOutcome, Outcome, findings_of, unread
from wizard.secrets.file_store import FileStore
from wizard.secrets.store import Store
from wizard.text import Texts
from wizard.walk.engine import Move
from wizard.walk.journal import StoreChoice
from wizard.walk.state import SharedState
from wizard.walk.words import KEY_NAME, key_summary

_ACCESS: Final = frozenset(
    {codes.CLIENT_ACCESS_MISSING, codes.NO_CLIENTS, codes.CLIENT_LOG_ON_REFUSED, codes.FEWER_CLIENTS}
)
_FIGURES: Final = frozenset({codes.ACCOUNTS_REFUSED, codes.BALANCES_REFUSED, codes.FEWER_FIGURES})


@dataclass(kw_only=True, eq=False, repr=False)
class RotationState(SharedState):
    """The state of a rotation.

    Attributes:
        group: The configs.
        requested_store: The store that was requested by a flag.
        store: The store for the new key; None if it is undecided.
        asks_storage: Whether the user must choose it.
        key_files: The folder of the user's own key file, where the new key is stored as well.
        unfinished: The journal of an earlier run, until it is resumed or discarded.
        resumes: Whether the user has already chosen to resume it, in the menu.
        saved: The journal of this run, from the moment that a new key is stored until all configs use it.
        was_resumed: Whether this run resumes an earlier one, which did not run the site's command.
        in_use: What is known about the key in use.
        key: Where the new key is stored.
        new: What is known about the new key.
        blocked: Findings about configs that must not use the new key.
        has_accepted: Whether the user continues although something is missing.
        accepts_untested: Whether the user continues with a key that could not be tested.
        has_carried_out: Whether changing the configs has been attempted.
        texts: The new text of each config.
        outcomes: The outcome for each config.
        replaced: The journals of earlier runs and keys, whose new keys stay in their stores.
        unused_keys: Findings about stored keys that no config refers to any more.
        hook_trouble: The finding about the site's command, if it failed.
    """

    group: Group
    requested_store: StoreKind | None = None
    key_files: Path | None = None
    store: StoreKind | None = None
    asks_storage: bool = False
    unfinished: SavedRotation | None = None
    resumes: bool = False
    saved: SavedRotation | None = None
    was_resumed: bool = False
    in_use: proving.KeyInUse = field(default_factory=proving.KeyInUse)
    key: HeldKey | None = None
    new: proving.NewKey = field(default_factory=proving.NewKey)
    blocked: dict[Path, tuple[Finding, ...]] = field(default_factory=dict)
    has_accepted: bool = False
    accepts_untested: bool = False
    has_carried_out: bool = False
    texts: dict[Path, str] = field(default_factory=dict)
    outcomes: dict[Path, ConfigOutcome] = field(default_factory=dict)
    replaced: list[SavedRotation] = field(default_factory=list)
    unused_keys: list[Finding] = field(default_factory=list)
    hook_trouble: Finding | None = None
    old_is_dead: bool = False
    marked: str = ""
    offers_own_references: bool = False

    # --- for the shared steps ---

    @property
    def environment(self) -> Environment:
        """The environment of Tripletex."""
        return self.group.first.config.environment

    @property
    def base_url(self) -> str | None:
        """The address of the sandbox; None for the others, which are fixed."""
        return self.group.first.config.base_url

    @property
    def application(self) -> str:
        """The application that the key is made for."""
        return self.group.first.config.application

    @property
    def setup(self) -> Setup | None:
        """The kind of set-up of the first config."""
        return self.group.first.config.setup

    @property
    def is_mixed(self) -> bool:
        """Whether the configs have several kinds of set-ups."""
        return len({member.config.setup for member in self.group.members}) > 1

    @property
    def key_name(self) -> str:
        """The name to give the new key in Tripletex, with the date to distinguish it from the old one."""
        return f"{KEY_NAME} {self.context.today.isoformat()}"

    @property
    def path(self) -> Path:
        """The path of the first config."""
        return self.group.first.path

    @property
    def key_verdict(self) -> Verdict | None:
        """The verdict of testing the new key; None before that."""
        return self.new.verdict

    async def use_store(self, choice: StoreChoice) -> None:
        """Use a store for the next pasted key. Nothing else is offered."""
        if isinstance(choice, str):
            self.store = choice

    @property
    def may_go_on_refused(self) -> bool:
        """False, since configs in use must not get a key that Tripletex refuses."""
        return False

    @property
    def missing(self) -> tuple[str, ...]:
        """The organisation numbers of clients of the old key or a config that the new key cannot access."""
        numbers = [client.org_number for client in self.new.lost if client.org_number]
        numbers += [
            str(finding.values["number"])
            for trouble in self.blocked.values()
            for finding in trouble
            if finding.code is codes.CLIENT_ACCESS_MISSING
        ]
        return tuple(dict.fromkeys(numbers))

    @property
    def reached_of_wanted(self) -> tuple[str, ...]:
        """Always empty, since clients that are not missing are not listed."""
        return ()

    @property
    def lacks_access(self) -> bool:
        """Whether clients are missing."""
        blocked = (each for trouble in self.blocked.values() for each in trouble)
        return bool(self.new.lost) or any(finding.code in _ACCESS for finding in blocked)

    @property
    def after_access(self) -> Move:
        """The step that showed the missing clients."""
        return StepId.ROTATE_END if self.has_carried_out else StepId.ROTATE_REVIEW

    async def consumer_token(self) -> Secret | Finding:
        """Return the consumer token, or a finding if there is none."""
        config = self.group.first.config
        return await self.context.consumer_token(
            config.environment, config.application, config.consumer_token, self.path
        )

    def refuse(self, reading: KeyReading) -> Finding | None:
        """Return a finding if a key is the one in use."""
        if self.in_use.secret is not None:
            is_same = reading.secret == self.in_use.secret
        else:
            is_same = reading.number is not None and reading.number == self.group.old.number
        return codes.SAME_KEY.found() if is_same else None

    async def save_key(self, secret: Secret, number: int | None) -> Finding | None:
        """Store the new key, or only keep it for later. Return a finding if that failed."""
        store, name = await self._entry_for(secret, number)
        key = HeldKey(store.reference(name), number, len(secret), secret.fingerprint)
        if self.dry_run or self.stores_last:
            self.unsaved_key = secret
        # A second paste or Esc may cancel testing the key, but not storing it.
        elif trouble := await asyncio.shield(self._store(store, name, key, secret)):
            return trouble
        self._use_key(key)
        return None

    def _use_key(self, key: HeldKey | None) -> None:
        """Set the new key, which has not been tested."""
        self.key, self.new, self.blocked = key, proving.NewKey(), {}
        self.has_accepted = self.accepts_untested = False
        self.sort_members()

    async def store_now(self) -> Finding | None:
        """Store a key that has been tested, before a config refers to it. Return a finding if that failed."""
        if self.unsaved_key is None or self.key is None or self.dry_run:
            return None
        self.stores_last = False
        store, name = await self._entry_for(self.unsaved_key, self.key.number)
        key = self.key._replace(reference=store.reference(name))
        trouble = await self._store(store, name, key, self.unsaved_key)
        if trouble is None:
            self.key = key
        return trouble

    async def _entry_for(self, secret: Secret, number: int | None) -> tuple[Store, str]:
        """Return the store and the name of the entry for a key."""
        if self.key_files is not None and self.store == "file":
            # Next to the user's own key file, not in the wizard's folder.
            return FileStore(self.key_files), f"{secret.fingerprint if number is None else number}.key"
        store = self.context.store(self.store or "keyring")
        return store, await store.name_for(self.environment, number, secret)

    async def _store(self, store: Store, name: str, key: HeldKey, secret: Secret) -> Finding | None:
        """Store a key. The journal is written first, so that no unknown key is ever left in a store."""
        former, folder = self.saved, self.context.state_folder
        paths = tuple(member.path.absolute() for member in self.group.members)
        saved = SavedRotation(self.group.old, key, paths)
        try:
            save_rotation(folder, saved)
        except OSError as error:
            return codes.NOT_WRITTEN.found(path=str(error.filename), reason=reason_of(error))
        # A signal may end the run after the key was stored.
        self.saved = saved
        stored = await store.put(name, secret)
        if isinstance(stored, Finding):
            self.saved = former
            if former is None:
                erase_rotation(folder, saved)
            else:
                with suppress(OSError):
                    save_rotation(folder, former)
            return stored
        self.unsaved_key = None
        if former is not None:
            self.replaced.append(former)
        return None

    def reset_key(self) -> None:
        """Reset the key, because it is not in the store after all."""
        if self.saved is not None:
            erase_rotation(self.context.state_folder, self.saved)
        self.saved = None
        self._use_key(None)

    def discard_unfinished(self) -> None:
        """Delete the journal of an earlier run. Its new key stays in the store."""
        if self.unfinished is not None:
            erase_rotation(self.context.state_folder, self.unfinished)
            self.replaced.append(self.unfinished)
            self.unfinished = None

    def forget_proof(self) -> None:
        """Discard the result of testing the new key."""
        self.new, self.key_findings = replace(self.new, verdict=None), ()

    async def prove(self) -> tuple[Finding, ...]:
        """Test the new key, and decide for each config whether it may use it.

        If that is not possible, or cancelled, what an earlier test has decided stays.

        Returns:
            Findings about the key itself. Those about a config are in ``blocked``.
        """
        async with self.probe(await self.new_secret()) as probe:
            found = (probe,) if isinstance(probe, Finding) else await self._compare(probe)
        self.new = replace(self.new, verdict=verdict(found))
        return found

    async def _compare(self, probe: KeyProbe) -> tuple[Finding, ...]:
        """Compare the new key with the one in use, and block configs for which it is worse."""
        facts = await probe.facts()
        if isinstance(facts, Finding):
            return (facts,)
        new = proving.NewKey(kind=facts.kind, company=facts.company)
        other = proving.check_new_key(self.in_use, facts, self.group.first.config)
        findings = (*facts.findings, *other)
        if any(finding.is_error for finding in findings):
            self.new, self.blocked = new, {}
            return findings
        clients = await proving.clients_of(probe, facts)
        if isinstance(clients, Finding):
            return (*findings, clients)
        worse = [(member, await self.worse_errors(probe, member)) for member in self.group.members]
        lost = proving.lost_clients(self.in_use.clients, clients)
        self.new, self.blocked = replace(new, clients=clients, lost=lost), {}
        for member, errors in worse:
            self.block(member, errors)
        return findings

    async def worse_errors(self, probe: KeyProbe, member: Member) -> tuple[Finding, ...]:
        """Return the errors of a config with the new key that it does not have with the old one."""
        before = self.in_use.checks.get(member.path, ())
        return proving.worse_errors(before, await proving.checks_of(probe, member))

    async def read_again(self) -> Finding | None:
        """Test the new key again, since it may have got more access. Return the first error."""
        found = await self.prove()
        self.key_findings = found
        return next((finding for finding in found if finding.is_error), None)

    def key_summary(self, t: Texts) -> str:
        """Return the company, kind and number of the new key."""
        number = self.key.number if self.key else None
        count = len(self.new.clients) if self.new.clients is not None else None
        return key_summary(self.new.company, self.new.kind, number, count, t)

    # --- the configs ---

    @property
    def new_identity(self) -> KeyIdentity | None:
        """The identity of the new key, once there is one."""
        key = self.key
        return replace(self.group.old, reference=key.reference, number=key.number) if key else None

    @property
    def waiting(self) -> tuple[Member, ...]:
        """The configs that can be changed to the new key."""
        return tuple(
            member
            for member in self.group.members
            if not self.outcomes[member.path].is_on_new_key
            and member.path not in self.group.refused
            and member.path not in self.blocked
        )

    @property
    def moved(self) -> tuple[Member, ...]:
        """The configs that use the new key."""
        return tuple(member for member in self.group.members if self.outcomes[member.path].is_on_new_key)

    @property
    def has_changed(self) -> bool:
        """Whether this run has changed a config."""
        return any(outcome.outcome is Outcome.MOVED for outcome in self.outcomes.values())

    @property
    def left_keys(self) -> tuple[Finding, ...]:
        """Findings about stored keys that no config of this rotation uses."""
        saved, found = self.saved, list(self.unused_keys)
        # The configs are read again because a signal may end the run right after one was written.
        for former in self.replaced:
            is_other = self.key is None or former.new.reference != self.key.reference
            users = users_of(former.paths, former.new_identity, self.context, only_in_use=True)
            if is_other and not any(users):
                found.append(key_left(former.new.reference, self.context, self.key))
        if saved is not None and not any(users_of(saved.paths, saved.new_identity, self.context)):
            found.append(key_left(saved.new.reference, self.context))
        return tuple(found)

    @property
    def is_complete(self) -> bool:
        """Whether all configs use the new key and have no findings."""
        return all(each.is_on_new_key and not each.findings for each in self.every_outcome)

    @property
    def every_outcome(self) -> tuple[ConfigOutcome, ...]:
        """The outcomes of all configs, including the invalid ones."""
        return (*self.outcomes.values(), *unread(self.group.broken))

    @property
    def failures(self) -> tuple[Finding, ...]:
        """All findings that keep this rotation from being complete."""
        return (
            *findings_of(self.every_outcome),
            *((self.hook_trouble,) if self.hook_trouble else ()),
        )

    @property
    def obstacles(self) -> tuple[Finding, ...]:
        """The findings that block configs from getting the new key, without duplicates."""
        found = [finding for trouble in self.blocked.values() for finding in trouble]
        if self.new.lost and not self.has_accepted:
            found.insert(0, codes.FEWER_CLIENTS.found(count=len(self.new.lost)))
        return tuple(unique(found))

    def sort_members(self) -> None:
        """Set the outcome of each config according to the key that it uses."""
        new = self.new_identity
        for member in self.group.members:
            if member.path in self.group.refused:
                self.set_outcome(member, Outcome.NOT_CHECKED, (self.group.refused[member.path],))
            elif new is not None and member.key.is_same(new):
                self.set_outcome(member, Outcome.ALREADY_MOVED)
            else:
                self.set_outcome(member, Outcome.WAITING)

    def resume_from(self, saved: SavedRotation) -> None:
        """Resume an unfinished run with its new key."""
        self.unfinished, self.saved, self.was_resumed = None, saved, True
        self.store = store_of(saved.new.reference, self.context)
        self._use_key(saved.new)

    def block(self, member: Member, findings: Iterable[Finding]) -> None:
        """Block a config from being changed because of findings, except for accepted ones."""
        left = self.without_accepted(findings)
        if left:
            self.blocked[member.path] = left

    def without_accepted(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the findings that the user has not accepted."""
        return tuple(each for each in findings if not (self.has_accepted and is_acceptable(each)))

    def set_outcome(self, member: Member, outcome: Outcome, findings: Iterable[Finding] = ()) -> None:
        """Set the outcome for a config."""
        self.outcomes[member.path] = ConfigOutcome(member.path, outcome, tuple(findings))

    async def new_secret(self) -> Secret | Finding:
        """Return the new key."""
        if self.unsaved_key is not None:
            return self.unsaved_key
        if self.key is None:
            return codes.KEY_EMPTY.found()
        return await self.context.resolver().resolve(
            self.key.reference, config_path=None, environment=self.environment
        )


def is_acceptable(finding: Finding) -> bool:
    """Return whether the user may continue in spite of a finding, because access can be given later."""
    return finding.code in _ACCESS or finding.code in _FIGURES
