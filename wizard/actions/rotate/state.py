"""What a rotation knows while it runs; the handlers of the steps change it and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from wizard.actions.consumer import find_consumer_token
from wizard.actions.context import AppContext
from wizard.actions.places import key_left
from wizard.actions.rotate.journal import RotationJournal, RotationPage
from wizard.actions.rotate.members import Group, KeyIdentity, Member
from wizard.checks.probe import KeyProbe
from wizard.domain.held import FoundCompany, Reached, StoreKind
from wizard.domain.secret import Secret
from wizard.domain.setup import Setup
from wizard.findings import Finding, StepId, codes
from wizard.flow.known import KEY_NAME
from wizard.flow.questions import Outcome
from wizard.flow.rotation.answers import ConfigFate, Fate, KeyInUse, RotationAnswers
from wizard.flow.rotation.steps import RotationFlow
from wizard.secrets import Resolver
from wizard.text import Texts
from wizard.tripletex import Client, Company, Tripletex


@dataclass
class RotationState:
    """One rotation on its way.

    Attributes:
        is_rehearsal: Whether nothing may be written, not even to a store.
        refused: Why a config is not held by this run.
        wish: The store that was asked for by a flag.
        unfinished: A page of the journal about an earlier run, until it is taken up or thrown away.
        page: This run's own page, once there is a new key.
        was_taken_up: Whether this run finishes an earlier one, whose hook never ran.
        consumer: The application's token, when the person gave it for this run.
        old_secret: The key in use; None when it could not be read.
        old_clients: What it reaches; None when that is not known.
        complaints: What is wrong with each config already with the key in use.
        stores_late: Whether the new key is stored only when a config is about to be given it: without a
            person who pasted it, the caller still has the key, and a refusal leaves nothing behind.
        unsaved_key: The new key of a rehearsal, or one that is not stored yet.
        lost: Clients that the old key reached and the new one does not.
        blocked: Why a config may not be given the new key.
        left_over: Keys that no config names any more, and that stay in their store.
        texts: What would stand in each config.
        differences: What would change in each config, as unified diffs.
        resolver: Reads keys; one for all configs, because what it is made of is the same.
        hook_trouble: What the site's command said last.
    """

    context: AppContext
    group: Group
    flow: RotationFlow
    t: Texts
    journal: RotationJournal
    is_rehearsal: bool = False
    refused: Mapping[Path, Finding] = field(default_factory=dict)
    wish: StoreKind | None = None
    unfinished: RotationPage | None = None
    page: RotationPage | None = None
    was_taken_up: bool = False
    consumer: Secret | None = None
    in_use: KeyInUse = field(default_factory=KeyInUse)
    old_secret: Secret | None = None
    old_company_id: int | None = None
    old_clients: tuple[Client, ...] | None = None
    complaints: dict[Path, tuple[Finding, ...]] = field(default_factory=dict)
    stores_late: bool = False
    unsaved_key: Secret | None = None
    new_company: FoundCompany | None = None
    new_clients: tuple[Client, ...] | None = None
    lost: tuple[Client, ...] = ()
    blocked: dict[Path, tuple[Finding, ...]] = field(default_factory=dict)
    has_accepted: bool = False
    texts: dict[Path, str] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    fates: dict[Path, ConfigFate] = field(default_factory=dict)
    left_over: list[Finding] = field(default_factory=list)
    hook_trouble: Finding | None = None
    stores: tuple[tuple[StoreKind, Finding | None], ...] = ()
    findings: tuple[Finding, ...] = ()
    old_is_dead: bool | None = None
    is_finished: bool = False
    resolver: Resolver = field(init=False)

    def __post_init__(self) -> None:
        self.resolver = self.context.resolver()

    @property
    def answers(self) -> RotationAnswers:
        """The answers so far."""
        return self.flow.answers

    @property
    def key_name(self) -> str:
        """What to call the new key in Tripletex: the date tells it from the old one in the list there."""
        return f"{KEY_NAME} {self.context.today.isoformat()}"

    @property
    def new_identity(self) -> KeyIdentity | None:
        """The new key as configs refer to it, once there is one."""
        key = self.answers.key
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
    def trouble(self) -> tuple[Finding, ...]:
        """Everything that keeps this rotation from being complete."""
        found = [finding for fate in self.fates.values() for finding in fate.findings]
        found += [
            finding for reading in self.group.broken for finding in reading.findings if finding.is_error
        ]
        return (*found, *((self.hook_trouble,) if self.hook_trouble else ()))

    def sort_members(self) -> None:
        """Tell the configs that are on the new key already from those that wait for it."""
        new = self.new_identity
        for member in self.group.members:
            if member.path in self.refused:
                self.tell(member, Fate.NOT_CHECKED, (self.refused[member.path],))
            elif new is not None and member.key.is_same(new):
                self.tell(member, Fate.ALREADY_MOVED)
            else:
                self.tell(member, Fate.WAITING)

    def move(self, answers: RotationAnswers, findings: tuple[Finding, ...] = ()) -> Outcome:
        """Take the answers over and go on; ``findings`` are shown with the next question."""
        self.flow = self.flow.forward(answers)
        self.findings = findings
        return Outcome(moved=True, findings=findings)

    def stay(self, *findings: Finding, answers: RotationAnswers | None = None) -> Outcome:
        """Take the answers over and ask the same again."""
        if answers is not None:
            self.flow = RotationFlow(answers, self.flow.current)
        self.findings = ()
        return Outcome(moved=False, findings=findings)

    def go_to(self, step: StepId) -> None:
        """Go to the step that mends something; a key that configs are on already is not given anew."""
        if not (self.has_changed and self.flow.to(step).current in _ABOUT_THE_KEY):
            self.flow = self.flow.to(step)
            self.findings = ()

    def block(self, member: Member, findings: Iterable[Finding]) -> None:
        """Keep a config from being moved by what is wrong, save what somebody has accepted."""
        left = self.without_accepted(member, findings)
        if left:
            self.blocked[member.path] = left

    def without_accepted(self, member: Member, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Leave out clients of a common set-up that need not be reached, because somebody agreed to it."""
        is_open = self.has_accepted and member.config.setup is Setup.BUREAU_SHARED
        return tuple(finding for finding in findings if not (is_open and finding.code in _ACCEPTABLE))

    def tell(self, member: Member, fate: Fate, findings: Iterable[Finding] = ()) -> None:
        """Note what became of a config."""
        self.fates[member.path] = ConfigFate(str(member.path), fate, tuple(findings))

    async def consumer_token(self) -> Secret | Finding:
        """Return the application's token, or why there is none."""
        if self.consumer is not None:
            return self.consumer
        config, path = self.group.first.config, self.group.first.path
        return await find_consumer_token(
            self.context, config.environment, config.application, config.consumer_token, path
        )

    async def new_secret(self) -> Secret | Finding:
        """Return the new key, from its store."""
        if self.unsaved_key is not None:
            return self.unsaved_key
        if self.answers.key is None:
            return codes.KEY_EMPTY.found()
        return await self.resolver.resolve(
            self.answers.key.reference, config_path=None, environment=self.answers.environment
        )

    def tripletex(self) -> Tripletex:
        """Return a connection to the environment of the configs."""
        config = self.group.first.config
        return self.context.tripletex(config.environment, config.base_url)

    def examination(self, tripletex: Tripletex, consumer: Secret, employee: Secret) -> KeyProbe:
        """Return what asks Tripletex about a key."""
        return KeyProbe(tripletex, consumer, employee, application=self.group.first.config.application)


_ACCEPTABLE = frozenset({codes.CLIENT_ACCESS_MISSING, codes.NO_CLIENTS})
_ABOUT_THE_KEY = frozenset({StepId.ROTATE_START, StepId.APPLICATION, StepId.STORAGE, StepId.CREATE_KEY})


def company_of(company: Company | None) -> FoundCompany | None:
    """Return a company as the questions know it."""
    return FoundCompany(company.name, company.org_number) if company else None


def reached(clients: Iterable[Client]) -> tuple[Reached, ...]:
    """Return clients as the questions know them."""
    return tuple(Reached(client.name, client.org_number) for client in clients)
