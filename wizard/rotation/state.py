"""What a rotation knows while it runs; its steps read it directly and change nothing else."""

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
from wizard.domain.key import KeyReading
from wizard.domain.reference import FoundCompany, HeldKey, Reference, StoreKind
from wizard.domain.secret import Secret
from wizard.domain.setup import Environment, KeyKind, Setup
from wizard.findings import Finding, StepId, Verdict, codes, verdict
from wizard.rotation.members import Group, KeyIdentity, Member, RotationJournal, RotationPage
from wizard.secrets.resolver import Resolver
from wizard.text import N_, Texts
from wizard.walk.access import AccessState
from wizard.walk.engine import Move, unique
from wizard.walk.words import KEY_NAME, company_words, key_words

if TYPE_CHECKING:
    from wizard.checks.outcomes import CheckOutcome
    from wizard.checks.probe import KeyProbe
    from wizard.tripletex.models import Client


class Fate(StrEnum):
    """What became of a config."""

    WAITING = "waiting"
    MOVED = "moved"
    ALREADY_MOVED = "already moved"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class ConfigFate:
    """One config in the table.

    Attributes:
        findings: Why it was not changed, or the result of the check after it was.
    """

    path: str
    fate: Fate = Fate.WAITING
    findings: tuple[Finding, ...] = ()

    @property
    def is_on_new_key(self) -> bool:
        """Whether the config refers to the new key."""
        return self.fate in {Fate.MOVED, Fate.ALREADY_MOVED}


FATES: Final = {
    Fate.WAITING: N_("not moved yet"),
    Fate.MOVED: N_("moved"),
    Fate.ALREADY_MOVED: N_("already moved"),
    Fate.FAILED: N_("failed"),
    Fate.NOT_CHECKED: N_("not checked"),
}


def unread(readings: Iterable[Reading]) -> tuple[ConfigFate, ...]:
    """Return the rows for configs that are not good, and so may use the key all the same."""
    return tuple(
        ConfigFate(str(reading.path), Fate.FAILED, tuple(f for f in reading.findings if f.is_error))
        for reading in readings
    )


def findings_of(fates: Iterable[ConfigFate]) -> tuple[Finding, ...]:
    """Return everything that was found about configs."""
    return tuple(finding for fate in fates for finding in fate.findings)


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """The key that is to be replaced.

    Attributes:
        days: How long ago it was installed.
        verdict: Whether it logs on; None before it was tried.
        finding: Why it does not, or why that is not known.
    """

    number: int | None = None
    installed: date | None = None
    days: int | None = None
    verdict: Verdict | None = None
    kind: KeyKind | None = None
    company: FoundCompany | None = None
    finding: Finding | None = None


_ACCEPTABLE = frozenset({codes.CLIENT_ACCESS_MISSING, codes.NO_CLIENTS, codes.CLIENT_LOG_ON_REFUSED})
"""What somebody may accept of a new key, besides figures: access can be given later."""
_FIGURES = frozenset({codes.ACCOUNTS_REFUSED, codes.BALANCES_REFUSED, codes.FEWER_FIGURES})


@dataclass(kw_only=True)
class RotationState(AccessState):
    """One rotation on its way.

    Attributes:
        dry_run: Whether nothing may be written, not even to a store.
        stores_late: Whether the new key is stored only when a config is about to be given it: without a
            person who pasted it, the caller still has the key, and a refusal leaves nothing.
        refused: Why a config is not locked by this run.
        wish: The store that was asked for by a flag.
        key_files: The folder of somebody's own key file: the new key is kept next to it.
        unfinished: A page of the journal about an earlier run, until it is taken up or discarded.
        page: This run's own page, once there is a new key.
        was_taken_up: Whether this run finishes an earlier one, whose hook never ran.
        old_secret: The key in use; None when it could not be read.
        old_clients: What it has access to; None if that is not known.
        complaints: What is wrong with each config already with the key in use.
        old_checks: The checks of each config with the key in use.
        said: The result of testing the new key; None before that.
        lost: Clients that the old key reached and the new one does not.
        blocked: Why a config may not be given the new key.
        has_accepted: Whether the user continues although something is missing.
        goes_unproven: Whether the user continues with a key that could not be tested from here.
        has_carried_out: Whether configs have been changed, or were to be.
        left_over: Keys that no config names any more, and that stay in their store.
        texts: What would be in each config.
        differences: What would change in each config, as unified diffs.
        hook_trouble: How the site's command failed last.
        waits: What is being worked on.
    """

    group: Group
    journal: RotationJournal
    dry_run: bool = False
    stores_late: bool = False
    refused: Mapping[Path, Finding] = field(default_factory=dict)
    wish: StoreKind | None = None
    key_files: Path | None = None
    chosen_store: StoreKind | None = None
    must_choose_store: bool = False
    unfinished: RotationPage | None = None
    page: RotationPage | None = None
    was_taken_up: bool = False
    in_use: KeyInUse = field(default_factory=KeyInUse)
    old_secret: Secret | None = None
    old_company_id: int | None = None
    old_clients: "tuple[Client, ...] | None" = None
    complaints: dict[Path, tuple[Finding, ...]] = field(default_factory=dict)
    old_checks: "dict[Path, tuple[CheckOutcome, ...]]" = field(default_factory=dict)
    new_key: HeldKey | None = None
    said: Verdict | None = None
    new_kind: KeyKind | None = None
    new_company: FoundCompany | None = None
    new_clients: "tuple[Client, ...] | None" = None
    lost: "tuple[Client, ...]" = ()
    blocked: dict[Path, tuple[Finding, ...]] = field(default_factory=dict)
    has_accepted: bool = False
    goes_unproven: bool = False
    has_carried_out: bool = False
    texts: dict[Path, str] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    fates: dict[Path, ConfigFate] = field(default_factory=dict)
    left_over: list[Finding] = field(default_factory=list)
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
        """The set-up of the configs; of several kinds, that of the first."""
        return self.group.first.config.setup

    @property
    def is_mixed(self) -> bool:
        """Whether the configs are of several kinds."""
        return len({member.config.setup for member in self.group.members}) > 1

    @property
    def key(self) -> HeldKey | None:
        """The new key."""
        return self.new_key

    @property
    def key_verdict(self) -> Verdict | None:
        """What proving it gave."""
        return self.said

    @property
    def key_name(self) -> str:
        """The name for the new key in Tripletex: the date distinguishes it from the old one there."""
        return f"{KEY_NAME} {self.context.today.isoformat()}"

    @property
    def path(self) -> Path:
        """The first config."""
        return self.group.first.path

    @property
    def asks_storage(self) -> bool:
        """Whether the person must choose where the key is kept."""
        return self.must_choose_store

    @property
    def store(self) -> StoreKind | None:
        """Where the wizard keeps the new key."""
        return self.chosen_store

    async def use_store(self, store: StoreKind | None, own: Reference | None) -> None:
        """Use a store for the next key that is pasted; a rotation offers no place of the user's own."""
        del own
        self.chosen_store = store

    @property
    def may_go_on_refused(self) -> bool:
        """Nobody gives configs a key that Tripletex refuses."""
        return False

    @property
    def missing(self) -> tuple[str, ...]:
        """The organisation numbers that the old key reached, or a config names, and the new one does not."""
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
        """Nothing: all that is not missing."""
        return ()

    @property
    def lacks_access(self) -> bool:
        """Whether clients are missing."""
        blocked = (each for trouble in self.blocked.values() for each in trouble)
        return bool(self.lost) or any(finding.code in _ACCEPTABLE for finding in blocked)

    @property
    def after_access(self) -> Move:
        """Back to where the missing clients were shown."""
        return StepId.ROTATE_END if self.has_carried_out else StepId.ROTATE_REVIEW

    async def consumer_token(self) -> Secret | Finding:
        """Return the application's token, or why there is none."""
        config = self.group.first.config
        return await self.context.consumer_token(
            config.environment, config.application, config.consumer_token, self.path
        )

    def refuse(self, reading: KeyReading) -> Finding | None:
        """Say that a key is the one in use."""
        if self.old_secret is not None:
            is_same = reading.secret == self.old_secret
        else:
            is_same = reading.number is not None and reading.number == self.group.old.number
        return codes.SAME_KEY.found() if is_same else None

    async def save_key(self, secret: Secret, number: int | None) -> Finding | None:
        """Put the new key into its store."""
        from wizard.rotation.moving import keep  # noqa: PLC0415 - it works on this state

        held = await keep(self, secret, number)
        if isinstance(held, Finding):
            return held
        self.new_key, self.said = held, None
        self.has_accepted = self.goes_unproven = False
        self.sort_members()
        return None

    def reset_key(self) -> None:
        """Forget a key that is in no store after all."""
        if self.page is not None:
            self.journal.erase(self.page)
        self.new_key, self.said, self.page = None, None, None
        self.sort_members()

    def forget_proof(self) -> None:
        """Have the new key tested again."""
        self.said, self.paste.proof = None, ()

    async def prove(self) -> tuple[Finding, ...]:
        """Test the new key, and compare it with the one in use."""
        from wizard.rotation.proving import examine  # noqa: PLC0415 - it works on this state

        found = await examine(self)
        self.said = verdict(found)
        return found

    async def read_again(self) -> Finding | None:
        """Test the new key again: it may have access to more by now."""
        found = await self.prove()
        self.paste.proof = found
        return next((finding for finding in found if finding.is_error), None)

    def key_summary(self, t: Texts) -> str:
        """Return what was found about the new key."""
        words = [company_words(self.new_company, t)] if self.new_company else []
        words.append(key_words(self.new_kind, self.new_key.number if self.new_key else None, t))
        if self.new_clients is not None:
            words.append(t.plural("{n} client", "{n} clients", len(self.new_clients)))
        return " · ".join(words)

    # --- the configs ---

    @property
    def new_identity(self) -> KeyIdentity | None:
        """The new key as configs refer to it, once there is one."""
        key = self.new_key
        return replace(self.group.old, reference=key.reference, number=key.number) if key else None

    @property
    def waiting(self) -> tuple[Member, ...]:
        """The configs that are not on the new key, and that nothing keeps from being moved."""
        return tuple(
            member
            for member in self.group.members
            if not self.fates[member.path].is_on_new_key
            and member.path not in self.refused
            and member.path not in self.blocked
        )

    @property
    def moved(self) -> tuple[Member, ...]:
        """The configs that are on the new key."""
        return tuple(member for member in self.group.members if self.fates[member.path].is_on_new_key)

    @property
    def has_changed(self) -> bool:
        """Whether this run has given a config the new key."""
        return any(fate.fate is Fate.MOVED for fate in self.fates.values())

    @property
    def left_keys(self) -> tuple[Finding, ...]:
        """The keys that stay in a store without a config of this rotation that uses them."""
        if self.page is None or self.moved:
            return tuple(self.left_over)
        return (*self.left_over, key_left(self.page.new.reference, self.context))

    @property
    def is_complete(self) -> bool:
        """Whether every config is on the new key, and good."""
        fates = [self.fates[member.path] for member in self.group.members]
        is_good = all(fate.is_on_new_key and not fate.findings for fate in fates)
        return is_good and not self.group.broken

    @property
    def failures(self) -> tuple[Finding, ...]:
        """Everything that keeps this rotation from being complete."""
        found = [finding for fate in self.fates.values() for finding in fate.findings]
        found += [
            finding for reading in self.group.broken for finding in reading.findings if finding.is_error
        ]
        return (*found, *((self.hook_trouble,) if self.hook_trouble else ()))

    @property
    def obstacles(self) -> tuple[Finding, ...]:
        """What keeps configs from being given the new key, each once."""
        found = [finding for trouble in self.blocked.values() for finding in trouble]
        if self.lost and not self.has_accepted:
            found.insert(0, codes.FEWER_CLIENTS.found(count=len(self.lost)))
        return tuple(unique(found))

    def sort_members(self) -> None:
        """Separate the configs that use the new key already from those that wait for it."""
        new = self.new_identity
        for member in self.group.members:
            if member.path in self.refused:
                self.tell(member, Fate.NOT_CHECKED, (self.refused[member.path],))
            elif new is not None and member.key.is_same(new):
                self.tell(member, Fate.ALREADY_MOVED)
            else:
                self.tell(member, Fate.WAITING)

    def take_up(self, page: RotationPage) -> None:
        """Continue with the new key of an unfinished run."""
        self.unfinished, self.page, self.was_taken_up = None, page, True
        self.new_key, self.said = page.new, None
        self.chosen_store = store_of(page.new.reference, self.context)
        self.sort_members()

    def block(self, member: Member, findings: Iterable[Finding]) -> None:
        """Keep a config from being changed because of what is wrong, except for what was accepted."""
        left = self.without_accepted(findings)
        if left:
            self.blocked[member.path] = left

    def without_accepted(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Leave out what was accepted, to be fixed later."""
        return tuple(each for each in findings if not (self.has_accepted and is_acceptable(each)))

    def tell(self, member: Member, fate: Fate, findings: Iterable[Finding] = ()) -> None:
        """Note what became of a config."""
        self.fates[member.path] = ConfigFate(str(member.path), fate, tuple(findings))

    def work_on(self, what: str) -> None:
        """Report what is being worked on."""
        self.waits = what
        self.on_change()

    @asynccontextmanager
    async def probe(self, employee: Secret | Finding) -> "AsyncIterator[KeyProbe | Finding]":
        """Give what asks Tripletex about a key, or why it cannot be asked."""
        config = self.group.first.config
        async with probe_with(
            self.context,
            environment=config.environment,
            base_url=config.base_url,
            application=config.application,
            consumer=or_missing(await self.consumer_token()),
            employee=employee,
            on_wait=self._tell_wait,
        ) as probe:
            yield probe

    def _tell_wait(self, seconds: float) -> None:
        self.work_on(wait_line(seconds, self.t))

    async def new_secret(self) -> Secret | Finding:
        """Return the new key, from its store."""
        if self.unsaved_key is not None:
            return self.unsaved_key
        if self.new_key is None:
            return codes.KEY_EMPTY.found()
        return await self.resolver.resolve(
            self.new_key.reference, config_path=None, environment=self.environment
        )


def is_acceptable(finding: Finding) -> bool:
    """Whether the user may continue in spite of a finding: access can be given later."""
    return finding.code in _ACCEPTABLE or finding.code in _FIGURES
