"""The state of a rotation, which its steps read and change."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.checks.outcomes import or_missing, probe_with, wait_line
from wizard.config.reading import Reading
from wizard.context import key_left, store_of
from wizard.domain.key import KeyReading, Secret
from wizard.domain.reference import FoundCompany, HeldKey, Reference, StoreKind
from wizard.domain.setup import Environment, KeyKind, Setup
from wizard.findings import Finding, StepId, Verdict, codes, verdict
from wizard.rotation.members import Group, KeyIdentity, Member, RotationJournal, SavedRotation
from wizard.secrets.resolver import Resolver
from wizard.text import N_, Texts
from wizard.walk.access import AccessState
from wizard.walk.engine import Move, unique
from wizard.walk.words import KEY_NAME, key_summary

if TYPE_CHECKING:
    from wizard.checks.outcomes import CheckOutcome
    from wizard.checks.probe import KeyProbe
    from wizard.tripletex.models import Client


class Outcome(StrEnum):
    """The outcome for a config."""

    WAITING = "waiting"
    MOVED = "moved"
    ALREADY_MOVED = "already moved"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class ConfigOutcome:
    """The outcome for a config, with findings.

    Attributes:
        findings: Why it was not changed, or the findings of checking it after the change.
    """

    path: str
    outcome: Outcome = Outcome.WAITING
    findings: tuple[Finding, ...] = ()

    @property
    def is_on_new_key(self) -> bool:
        """Whether the config refers to the new key."""
        return self.outcome in {Outcome.MOVED, Outcome.ALREADY_MOVED}


OUTCOME_LABELS: Final = {
    Outcome.WAITING: N_("not changed yet"),
    Outcome.MOVED: N_("changed"),
    Outcome.ALREADY_MOVED: N_("already changed"),
    Outcome.FAILED: N_("failed"),
    Outcome.NOT_CHECKED: N_("not checked"),
}


def unread(readings: Iterable[Reading]) -> tuple[ConfigOutcome, ...]:
    """Return outcomes for invalid configs, which may use the key."""
    return tuple(
        ConfigOutcome(str(reading.path), Outcome.FAILED, tuple(f for f in reading.findings if f.is_error))
        for reading in readings
    )


def findings_of(outcomes: Iterable[ConfigOutcome]) -> tuple[Finding, ...]:
    """Return the findings of all outcomes."""
    return tuple(finding for outcome in outcomes for finding in outcome.findings)


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """The key to replace.

    Attributes:
        number: Its number in Tripletex, if known.
        installed: When it was installed, if known.
        days: The number of days since then.
        verdict: The verdict of testing it; None before that.
        kind: The kind of key, if known.
        company: Its company, if known.
        finding: Why it does not work, or why that is unknown.
    """

    number: int | None = None
    installed: date | None = None
    days: int | None = None
    verdict: Verdict | None = None
    kind: KeyKind | None = None
    company: FoundCompany | None = None
    finding: Finding | None = None


_ACCEPTABLE = frozenset({codes.CLIENT_ACCESS_MISSING, codes.NO_CLIENTS, codes.CLIENT_LOG_ON_REFUSED})
"""Besides figures, what may be missing with a new key, because access can be given later."""
_FIGURES = frozenset({codes.ACCOUNTS_REFUSED, codes.BALANCES_REFUSED, codes.FEWER_FIGURES})


@dataclass(kw_only=True, eq=False, repr=False)
class RotationState(AccessState):
    """The state of a rotation.

    Attributes:
        group: The configs.
        journal: The journals of rotations.
        dry_run: Whether nothing may be written, not even to a store.
        stores_late: Whether to store the new key only just before changing a config, because the caller has
            it anyway.
        refused: Findings about configs that are not locked by this run.
        requested_store: The store that was requested by a flag.
        key_files: The folder of the user's own key file, where the new key is stored as well.
        unfinished: The journal of an earlier run, until it is resumed or discarded.
        saved: The journal of this run, once there is a new key.
        was_resumed: Whether this run resumes an earlier one, which did not run the site's command.
        in_use: What is known about the key in use.
        old_secret: The key in use; None if it could not be read.
        old_clients: The clients that it has access to; None if unknown.
        old_errors: The errors of each config with the key in use.
        old_checks: The outcomes of the checks of each config with the key in use.
        new_key: The new key.
        said: The verdict of testing the new key; None before that.
        lost: The clients that only the old key has access to.
        blocked: Findings about configs that must not use the new key.
        has_accepted: Whether the user continues although something is missing.
        accepts_untested: Whether the user continues with a key that could not be tested.
        has_carried_out: Whether changing the configs has been attempted.
        texts: The new text of each config.
        differences: The changes as unified diffs.
        outcomes: The outcome for each config.
        unused_keys: Findings about stored keys that no config refers to any more.
        hook_trouble: The finding about the site's command, if it failed.
        waits: A message about the work in progress.
    """

    group: Group
    journal: RotationJournal
    dry_run: bool = False
    stores_late: bool = False
    refused: Mapping[Path, Finding] = field(default_factory=dict)
    requested_store: StoreKind | None = None
    key_files: Path | None = None
    chosen_store: StoreKind | None = None
    must_choose_store: bool = False
    unfinished: SavedRotation | None = None
    saved: SavedRotation | None = None
    was_resumed: bool = False
    in_use: KeyInUse = field(default_factory=KeyInUse)
    old_secret: Secret | None = None
    old_company_id: int | None = None
    old_clients: "tuple[Client, ...] | None" = None
    old_errors: dict[Path, tuple[Finding, ...]] = field(default_factory=dict)
    old_checks: "dict[Path, tuple[CheckOutcome, ...]]" = field(default_factory=dict)
    new_key: HeldKey | None = None
    said: Verdict | None = None
    new_kind: KeyKind | None = None
    new_company: FoundCompany | None = None
    new_clients: "tuple[Client, ...] | None" = None
    lost: "tuple[Client, ...]" = ()
    blocked: dict[Path, tuple[Finding, ...]] = field(default_factory=dict)
    has_accepted: bool = False
    accepts_untested: bool = False
    has_carried_out: bool = False
    texts: dict[Path, str] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    outcomes: dict[Path, ConfigOutcome] = field(default_factory=dict)
    unused_keys: list[Finding] = field(default_factory=list)
    hook_trouble: Finding | None = None
    old_is_dead: bool | None = None
    waits: str = ""
    marked: str = ""
    resolver: Resolver = field(init=False)

    def __post_init__(self) -> None:
        self.resolver = self.context.resolver()
        self.offers_own_places = False

    # --- for the shared steps ---

    @property
    def environment(self) -> Environment:
        """The environment of Tripletex."""
        return self.group.first.config.environment

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
    def key(self) -> HeldKey | None:
        """The new key."""
        return self.new_key

    @property
    def key_verdict(self) -> Verdict | None:
        """The verdict of testing the new key."""
        return self.said

    @property
    def key_name(self) -> str:
        """The name to give the new key in Tripletex, with the date to distinguish it from the old one."""
        return f"{KEY_NAME} {self.context.today.isoformat()}"

    @property
    def path(self) -> Path:
        """The path of the first config."""
        return self.group.first.path

    @property
    def asks_storage(self) -> bool:
        """Whether the user must choose where to store the key."""
        return self.must_choose_store

    @property
    def store(self) -> StoreKind | None:
        """The wizard's store for the new key."""
        return self.chosen_store

    async def use_store(self, store: StoreKind | None, own: Reference | None) -> None:
        """Use a store for the next pasted key. Rotations do not support references of the user's own."""
        del own
        self.chosen_store = store

    @property
    def may_go_on_refused(self) -> bool:
        """False, since configs in use must not get a key that Tripletex refuses."""
        return False

    @property
    def missing(self) -> tuple[str, ...]:
        """The organisation numbers of clients of the old key or a config that the new key cannot access."""
        numbers = [client.org_number for client in self.lost if client.org_number]
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
        return bool(self.lost) or any(finding.code in _ACCEPTABLE for finding in blocked)

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
        if self.old_secret is not None:
            is_same = reading.secret == self.old_secret
        else:
            is_same = reading.number is not None and reading.number == self.group.old.number
        return codes.SAME_KEY.found() if is_same else None

    async def save_key(self, secret: Secret, number: int | None) -> Finding | None:
        """Store the new key. Return a finding if that failed."""
        from wizard.rotation.moving import store_new_key  # noqa: PLC0415 - it works on this state

        held = await store_new_key(self, secret, number)
        if isinstance(held, Finding):
            return held
        self.new_key, self.said = held, None
        self.has_accepted = self.accepts_untested = False
        self.sort_members()
        return None

    def reset_key(self) -> None:
        """Reset the key, because it is not in the store after all."""
        if self.saved is not None:
            self.journal.erase(self.saved)
        self.new_key, self.said, self.saved = None, None, None
        self.sort_members()

    def forget_proof(self) -> None:
        """Discard the result of testing the new key."""
        self.said, self.paste.proof = None, ()

    async def prove(self) -> tuple[Finding, ...]:
        """Test the new key, compare it with the one in use, and return the findings."""
        from wizard.rotation.proving import prove_new_key  # noqa: PLC0415 - it works on this state

        found = await prove_new_key(self)
        self.said = verdict(found)
        return found

    async def read_again(self) -> Finding | None:
        """Test the new key again, since it may have got more access. Return the first error."""
        found = await self.prove()
        self.paste.proof = found
        return next((finding for finding in found if finding.is_error), None)

    def key_summary(self, t: Texts) -> str:
        """Return the company, kind and number of the new key."""
        number = self.new_key.number if self.new_key else None
        count = len(self.new_clients) if self.new_clients is not None else None
        return key_summary(self.new_company, self.new_kind, number, count, t)

    # --- the configs ---

    @property
    def new_identity(self) -> KeyIdentity | None:
        """The identity of the new key, once there is one."""
        key = self.new_key
        return replace(self.group.old, reference=key.reference, number=key.number) if key else None

    @property
    def waiting(self) -> tuple[Member, ...]:
        """The configs that can be changed to the new key."""
        return tuple(
            member
            for member in self.group.members
            if not self.outcomes[member.path].is_on_new_key
            and member.path not in self.refused
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
        if self.saved is None or self.moved:
            return tuple(self.unused_keys)
        return (*self.unused_keys, key_left(self.saved.new.reference, self.context))

    @property
    def is_complete(self) -> bool:
        """Whether all configs use the new key and have no findings."""
        outcomes = [self.outcomes[member.path] for member in self.group.members]
        is_good = all(outcome.is_on_new_key and not outcome.findings for outcome in outcomes)
        return is_good and not self.group.broken

    @property
    def failures(self) -> tuple[Finding, ...]:
        """All findings that keep this rotation from being complete."""
        found = [finding for outcome in self.outcomes.values() for finding in outcome.findings]
        found += [
            finding for reading in self.group.broken for finding in reading.findings if finding.is_error
        ]
        return (*found, *((self.hook_trouble,) if self.hook_trouble else ()))

    @property
    def obstacles(self) -> tuple[Finding, ...]:
        """The findings that block configs from getting the new key, without duplicates."""
        found = [finding for trouble in self.blocked.values() for finding in trouble]
        if self.lost and not self.has_accepted:
            found.insert(0, codes.FEWER_CLIENTS.found(count=len(self.lost)))
        return tuple(unique(found))

    def sort_members(self) -> None:
        """Set the outcome of each config according to the key that it uses."""
        new = self.new_identity
        for member in self.group.members:
            if member.path in self.refused:
                self.set_outcome(member, Outcome.NOT_CHECKED, (self.refused[member.path],))
            elif new is not None and member.key.is_same(new):
                self.set_outcome(member, Outcome.ALREADY_MOVED)
            else:
                self.set_outcome(member, Outcome.WAITING)

    def resume_from(self, saved: SavedRotation) -> None:
        """Resume an unfinished run with its new key."""
        self.unfinished, self.saved, self.was_resumed = None, saved, True
        self.new_key, self.said = saved.new, None
        self.chosen_store = store_of(saved.new.reference, self.context)
        self.sort_members()

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
        self.outcomes[member.path] = ConfigOutcome(str(member.path), outcome, tuple(findings))

    def show_progress(self, what: str) -> None:
        """Show a message about the work in progress."""
        self.waits = what
        self.on_change()

    @asynccontextmanager
    async def probe(self, employee: Secret | Finding) -> "AsyncIterator[KeyProbe | Finding]":
        """Yield a probe of a key, or the finding if a token is missing."""
        config = self.group.first.config
        async with probe_with(
            self.context,
            environment=config.environment,
            base_url=config.base_url,
            application=config.application,
            consumer=or_missing(await self.consumer_token()),
            employee=employee,
            on_wait=self._show_wait,
        ) as probe:
            yield probe

    def _show_wait(self, seconds: float) -> None:
        self.show_progress(wait_line(seconds, self.t))

    async def new_secret(self) -> Secret | Finding:
        """Return the new key."""
        if self.unsaved_key is not None:
            return self.unsaved_key
        if self.new_key is None:
            return codes.KEY_EMPTY.found()
        return await self.resolver.resolve(
            self.new_key.reference, config_path=None, environment=self.environment
        )


def is_acceptable(finding: Finding) -> bool:
    """Return whether the user may continue in spite of a finding, because access can be given later."""
    return finding.code in _ACCEPTABLE or finding.code in _FIGURES
