"""What may follow a rotation: the previous key is removed once it is dead, or it is put back.

Each key is tried once, however many configs share it.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from wizard.checks.probe import KeyProbe
from wizard.config.editing import diff
from wizard.context import AppContext, is_own, store_of
from wizard.domain.key import read_key
from wizard.domain.reference import Reference, describe
from wizard.domain.secret import Secret
from wizard.domain.setup import Environment
from wizard.findings import Finding, Verdict, codes, verdict
from wizard.rotation.members import KeyIdentity, KnownConfigs, Member
from wizard.rotation.moving import run_hook
from wizard.rotation.proving import errors_of
from wizard.rotation.state import ConfigFate, Fate, findings_of
from wizard.rotation.writing import changed_text, write_key
from wizard.secrets.store import GONE, Evidence, ForcedByNumber, LogOn, ProofOfDeath, ways_to_name
from wizard.tripletex.client import Tripletex

_Place = tuple[Environment, str | None]


@dataclass
class Tally:
    """The table of a rollback or of finishing a rotation.

    Attributes:
        moved: The configs that were changed.
        notices: What was found besides.
        document: What changed or would change, as unified diffs.
    """

    fates: list[ConfigFate] = field(default_factory=list)
    moved: list[Path] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)
    document: str = ""

    def add(self, member: Member, fate: Fate, findings: Iterable[Finding] = ()) -> None:
        """Note what became of a config."""
        self.fates.append(ConfigFate(str(member.path), fate, tuple(findings)))
        if fate is Fate.MOVED:
            self.moved.append(member.path)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is to be reported."""
        return (*findings_of(self.fates), *self.notices)


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of proving a key for a config.

    Attributes:
        secret: The key; None when it could not be read.
        errors: What is wrong, or could not be seen; empty when the key is good for the config.
    """

    secret: Secret | None
    number: int | None
    errors: tuple[Finding, ...]


class LogOns:
    """The log-ons of one run; an async context manager that deletes all their sessions.

    Attributes:
        resolver: Reads the keys.
    """

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self.resolver = context.resolver()
        self._stack = AsyncExitStack()
        self._lines: dict[_Place, Tripletex] = {}
        self._examinations: dict[tuple[_Place, Secret, Secret], KeyProbe] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def prove(self, member: Member, reference: Reference) -> Proof:
        """Test the key at a place for what a config says."""
        secret = await self.resolver.resolve(
            reference, config_path=member.path, environment=member.config.environment
        )
        if isinstance(secret, Finding):
            return Proof(None, None, (secret,))
        reading = read_key(secret.reveal(), member.config.environment)
        if reading.secret is None:
            return Proof(None, None, tuple(finding for finding in reading.findings if finding.is_error))
        examination = await self._examination(member, reading.secret)
        if isinstance(examination, Finding):
            return Proof(reading.secret, reading.number, (examination,))
        return Proof(reading.secret, reading.number, await errors_of(examination, member))

    async def try_key(self, member: Member, secret: Secret) -> LogOn | Finding:
        """Try whether a key logs on at all; a finding if it cannot be tried."""
        consumer = await self._consumer_token(member)
        if isinstance(consumer, Finding):
            return consumer
        answer = await (await self._opened(member, consumer, secret)).log_on()
        config = member.config
        endpoint = config.base_url or str(config.environment)
        return LogOn(secret, consumer, endpoint, answer if isinstance(answer, Finding) else None)

    async def _examination(self, member: Member, secret: Secret) -> KeyProbe | Finding:
        consumer = await self._consumer_token(member)
        return consumer if isinstance(consumer, Finding) else await self._opened(member, consumer, secret)

    async def _consumer_token(self, member: Member) -> Secret | Finding:
        config = member.config
        return await self._context.consumer_token(
            config.environment, config.application, config.consumer_token, member.path
        )

    async def _opened(self, member: Member, consumer: Secret, secret: Secret) -> KeyProbe:
        config = member.config
        place = (config.environment, config.base_url)
        if place not in self._lines:
            line = self._context.tripletex(*place)
            self._lines[place] = await self._stack.enter_async_context(line)
        known = (place, consumer, secret)
        if known not in self._examinations:
            about = KeyProbe(self._lines[place], consumer, secret, application=config.application)
            self._examinations[known] = await self._stack.enter_async_context(about)
        return self._examinations[known]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A config whose key in use is good, or may be.

    Attributes:
        secret: The key in use; None if it could not be read, which only ``--force`` accepts.
        text: The config without its previous key.
    """

    member: Member
    previous: KeyIdentity
    secret: Secret | None
    text: str


async def finish(
    context: AppContext,
    members: Sequence[Member],
    refused: Mapping[Path, Finding],
    *,
    force: str | None = None,
    dry_run: bool = False,
) -> Tally:
    """Drop the previous key of each config, from its store and from the config.

    The store comes first: a run that is killed in between leaves a config that still names a key
    which is gone, and a second run finishes that. In the other order the key would stay in its store
    and no config would name it.

    Args:
        context: The outside world.
        members: The configs, which the caller has locked.
        refused: Why some of them are not locked.
        force: The number of the key that the person wants dropped even if it is alive.
        dry_run: Whether nothing may be written.
    """
    tally = Tally()
    ready: list[_Ready] = []
    async with LogOns(context) as log_ons:
        for member in members:
            if member.path in refused:
                tally.add(member, Fate.NOT_CHECKED, (refused[member.path],))
            elif member.previous is None or not _is_meant(member.previous, force):
                tally.add(member, Fate.ALREADY_MOVED)
            elif (one := await _prove(log_ons, member, member.previous, tally, force)) is not None:
                ready.append(one)
        if force is None:
            evidence = await _prove_dead(log_ons, ready)
        else:
            evidence = _accept_force(context, log_ons, members, ready, number=force, tally=tally)
        tally.document = "".join(
            diff(one.member.text, one.text, one.member.path)
            for one in ready
            if not isinstance(evidence[one.previous.reference], Finding)
        )
        await _drop(context, log_ons, ready, evidence, tally, dry_run=dry_run)
    return tally


def names_of(key: KeyIdentity) -> frozenset[str]:
    """Return what a person may call a key with ``--force``."""
    return ways_to_name(key.reference) | (frozenset() if key.number is None else {str(key.number)})


def _is_meant(previous: KeyIdentity, force: str | None) -> bool:
    return force is None or force in names_of(previous)


async def _prove(
    log_ons: LogOns, member: Member, previous: KeyIdentity, tally: Tally, force: str | None
) -> _Ready | None:
    config = member.config
    proof = await log_ons.prove(member, config.employee_token)
    text = changed_text(
        member,
        employee_token=config.employee_token,
        number=config.key_id,
        installed=config.installed,
        previous=None,
    )
    said = verdict(proof.errors)
    if said is Verdict.INVALID or (said is Verdict.UNKNOWN and force is None):
        tally.add(member, Fate.NOT_CHECKED if said is Verdict.UNKNOWN else Fate.FAILED, proof.errors)
        return None
    if isinstance(text, Finding):
        tally.add(member, Fate.FAILED, (text,))
        return None
    return _Ready(member, previous, proof.secret, text)


async def _prove_dead(log_ons: LogOns, ready: Sequence[_Ready]) -> dict[Reference, Evidence | Finding | None]:
    """Return for each previous key the proof that it is dead, or why there is none; None if it is gone."""
    evidence: dict[Reference, Evidence | Finding | None] = {}
    for one in ready:
        place = one.previous.reference
        if one.secret is not None and (place not in evidence or isinstance(evidence[place], Finding)):
            evidence[place] = await _prove_one_dead(log_ons, one, one.secret)
    return evidence


async def _prove_one_dead(log_ons: LogOns, one: _Ready, in_use: Secret) -> ProofOfDeath | Finding | None:
    secret = await log_ons.resolver.resolve(
        one.previous.reference, config_path=one.member.path, environment=one.previous.environment
    )
    if isinstance(secret, Finding):
        return None if secret.code in GONE else secret
    answers = [await log_ons.try_key(one.member, key) for key in (secret, in_use)]
    tried, accepted = answers
    if isinstance(tried, LogOn) and isinstance(accepted, LogOn):
        if (proof := ProofOfDeath.from_log_ons(tried, accepted)) is not None:
            return proof
        finding = tried.finding or accepted.finding
    else:
        finding = next(answer for answer in answers if isinstance(answer, Finding))
    if finding is not None and finding.code is not codes.LOG_ON_REFUSED:
        return finding
    number = one.previous.number
    return codes.PREVIOUS_KEY_LIVES.found(key="?" if number is None else number)


def _accept_force(
    context: AppContext,
    log_ons: LogOns,
    members: Sequence[Member],
    ready: Sequence[_Ready],
    *,
    number: str,
    tally: Tally,
) -> dict[Reference, Evidence | Finding | None]:
    """Take the person's word for the key, unless a known config would be left without it."""
    finished = {Path(os.path.realpath(one.member.path)) for one in ready}
    known = KnownConfigs.near([member.path for member in members], context)
    evidence: dict[Reference, Evidence | Finding | None] = {}
    for one in ready:
        place = one.previous.reference
        if place in evidence:
            continue
        path, environment = one.member.path, one.member.config.environment
        if refusal := log_ons.resolver.refusal(place, config_path=path, environment=environment):
            evidence[place] = refusal
            continue
        users = [
            path for path in known.users_of(one.previous) if Path(os.path.realpath(path)) not in finished
        ]
        users += [each.member.path for each in ready if each.member.key.is_same(one.previous)]
        still_used = [codes.KEY_STILL_USED.found(reference=describe(place), path=str(p)) for p in users]
        tally.notices += still_used[1:]
        evidence[place] = still_used[0] if still_used else ForcedByNumber(number)
    if ready:
        tally.notices.append(codes.NOT_LOOKED_AT.found(folders=", ".join(map(str, known.folders))))
    return evidence


async def _drop(
    context: AppContext,
    log_ons: LogOns,
    ready: Sequence[_Ready],
    evidence: Mapping[Reference, Evidence | Finding | None],
    tally: Tally,
    *,
    dry_run: bool,
) -> None:
    outcomes: dict[Reference, Finding | None] = {}
    for one in ready:
        place = one.previous.reference
        found = evidence[place]
        if place not in outcomes:
            outcomes[place] = found if isinstance(found, Finding) else None
            if not dry_run and not isinstance(found, Finding) and found is not None:
                outcomes[place] = await _delete(context, place, found, tally)
        trouble = outcomes[place]
        if trouble is not None:
            tally.add(one.member, Fate.NOT_CHECKED if trouble.code.is_unknown else Fate.FAILED, (trouble,))
        elif not dry_run:
            written = await write_key(log_ons.resolver, one.member, one.text, one.secret)
            fate = Fate.MOVED if written.is_there else Fate.FAILED
            tally.add(one.member, fate, (written.trouble,) if written.trouble else ())


async def _delete(context: AppContext, place: Reference, evidence: Evidence, tally: Tally) -> Finding | None:
    """Delete a key from a store of the wizard's own; return what kept it from being deleted."""
    kind = store_of(place, context)
    if kind is None or kind == "command" or not is_own(place, context):
        tally.notices.append(codes.NOT_OURS.found(reference=describe(place)))
        return None
    return await context.store(kind).delete(place, evidence)


async def roll_back(
    context: AppContext,
    members: Iterable[Member],
    refused: Mapping[Path, Finding],
    advance: Callable[[], None] = lambda: None,
) -> Tally:
    """Put the previous key of each config back.

    The two references change places, so that nothing in a store is forgotten: rolling back twice
    leads forward again, and ``rotate --finish`` drops whichever of the two was left.

    Args:
        context: The outside world.
        members: The configs, the locks of which the caller holds.
        refused: Why some of them are not held.
        advance: Is called after each config.
    """
    tally = Tally()
    async with LogOns(context) as log_ons:
        for member in members:
            if member.path in refused:
                tally.add(member, Fate.NOT_CHECKED, (refused[member.path],))
            else:
                await _put_back(log_ons, member, tally)
            advance()
    hook = context.defaults.hook
    if hook and tally.moved and not tally.findings:
        failed = await run_hook(hook, tally.moved, context.child_environ(tally.moved))
        tally.notices += [failed] if failed else []
    return tally


async def _put_back(log_ons: LogOns, member: Member, tally: Tally) -> None:
    previous = member.config.previous
    if previous is None:
        tally.add(member, Fate.FAILED, (codes.NO_PREVIOUS.found(),))
        return
    proof = await log_ons.prove(member, previous)
    if proof.errors or proof.secret is None:
        is_open = verdict(proof.errors) is Verdict.UNKNOWN
        tally.add(member, Fate.NOT_CHECKED if is_open else Fate.FAILED, proof.errors)
        return
    text = changed_text(
        member,
        employee_token=previous,
        number=proof.number,
        # The day on which the previous key was installed is not known any more.
        installed=None,
        previous=member.config.employee_token,
    )
    if isinstance(text, Finding):
        tally.add(member, Fate.FAILED, (text,))
        return
    written = await write_key(log_ons.resolver, member, text, proof.secret)
    tally.add(
        member,
        Fate.MOVED if written.is_there else Fate.FAILED,
        (written.trouble,) if written.trouble else (),
    )
