"""Finishing a rotation by deleting the previous key once it is dead, and rolling back to it.

Each key is tested once, even if several configs share it.
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
from wizard.domain.key import Secret, read_key
from wizard.domain.reference import Reference, describe
from wizard.domain.setup import Environment
from wizard.findings import Finding, Verdict, codes, verdict
from wizard.rotation.members import KeyIdentity, KnownConfigs, Member
from wizard.rotation.moving import run_hook
from wizard.rotation.proving import errors_of
from wizard.rotation.state import ConfigOutcome, Outcome, findings_of
from wizard.rotation.writing import changed_text, write_key
from wizard.secrets.store import GONE, Evidence, ForcedByNumber, LogOn, ProofOfDeath, ways_to_name
from wizard.tripletex.client import Tripletex

_Place = tuple[Environment, str | None]


@dataclass
class Results:
    """The results of finishing a rotation or rolling it back.

    Attributes:
        outcomes: The outcome for each config.
        moved: The configs that were changed.
        notices: Findings that are not about a config.
        document: The changes as unified diffs.
    """

    outcomes: list[ConfigOutcome] = field(default_factory=list)
    moved: list[Path] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)
    document: str = ""

    def add(self, member: Member, outcome: Outcome, findings: Iterable[Finding] = ()) -> None:
        """Add the outcome for a config."""
        self.outcomes.append(ConfigOutcome(str(member.path), outcome, tuple(findings)))
        if outcome is Outcome.MOVED:
            self.moved.append(member.path)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return (*findings_of(self.outcomes), *self.notices)


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of testing a key for a config.

    Attributes:
        secret: The key; None if it could not be read.
        number: The number of the key, if known.
        errors: The errors; empty if the key works for the config.
    """

    secret: Secret | None
    number: int | None
    errors: tuple[Finding, ...]


class LogOns:
    """Tests keys, sharing probes. It is an async context manager that deletes all sessions.

    Attributes:
        resolver: Reads the keys.
    """

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self.resolver = context.resolver()
        self._stack = AsyncExitStack()
        self._clients: dict[_Place, Tripletex] = {}
        self._probes: dict[tuple[_Place, Secret, Secret], KeyProbe] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def prove(self, member: Member, reference: Reference) -> Proof:
        """Test the key of a reference for a config."""
        secret = await self.resolver.resolve(
            reference, config_path=member.path, environment=member.config.environment
        )
        if isinstance(secret, Finding):
            return Proof(None, None, (secret,))
        reading = read_key(secret.reveal(), member.config.environment)
        if reading.secret is None:
            return Proof(None, None, tuple(finding for finding in reading.findings if finding.is_error))
        probe = await self._probe_for(member, reading.secret)
        if isinstance(probe, Finding):
            return Proof(reading.secret, reading.number, (probe,))
        return Proof(reading.secret, reading.number, await errors_of(probe, member))

    async def try_key(self, member: Member, secret: Secret) -> LogOn | Finding:
        """Log on with a key. Return a finding if that could not be attempted."""
        consumer = await self._consumer_token(member)
        if isinstance(consumer, Finding):
            return consumer
        answer = await (await self._open_probe(member, consumer, secret)).log_on()
        config = member.config
        endpoint = config.base_url or str(config.environment)
        return LogOn(secret, consumer, endpoint, answer if isinstance(answer, Finding) else None)

    async def _probe_for(self, member: Member, secret: Secret) -> KeyProbe | Finding:
        consumer = await self._consumer_token(member)
        return consumer if isinstance(consumer, Finding) else await self._open_probe(member, consumer, secret)

    async def _consumer_token(self, member: Member) -> Secret | Finding:
        config = member.config
        return await self._context.consumer_token(
            config.environment, config.application, config.consumer_token, member.path
        )

    async def _open_probe(self, member: Member, consumer: Secret, secret: Secret) -> KeyProbe:
        config = member.config
        place = (config.environment, config.base_url)
        if place not in self._clients:
            line = self._context.tripletex(*place)
            self._clients[place] = await self._stack.enter_async_context(line)
        known = (place, consumer, secret)
        if known not in self._probes:
            about = KeyProbe(self._clients[place], consumer, secret, application=config.application)
            self._probes[known] = await self._stack.enter_async_context(about)
        return self._probes[known]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A config whose previous key may be deleted.

    Attributes:
        previous: The previous key.
        secret: The key in use; None if it could not be read, which only ``--force`` allows.
        text: The text of the config without its previous key.
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
) -> Results:
    """Delete the previous key of each config from its store, and its reference from the config.

    The key is deleted first. If the run is killed in between, the config refers to a key that does not
    exist, and the next run removes the reference. In the other order, the key would stay in the store without
    a reference.

    Args:
        context: Provides stores, folders, clock and network.
        members: The configs, which the caller has locked.
        refused: Findings about configs that could not be locked.
        force: The number of a key to delete even if it still works.
        dry_run: Whether nothing may be written.
    """
    results = Results()
    ready: list[_Ready] = []
    async with LogOns(context) as log_ons:
        for member in members:
            if member.path in refused:
                results.add(member, Outcome.NOT_CHECKED, (refused[member.path],))
            elif member.previous is None or not _is_meant(member.previous, force):
                results.add(member, Outcome.ALREADY_MOVED)
            elif (one := await _prove(log_ons, member, member.previous, results, force)) is not None:
                ready.append(one)
        if force is None:
            evidence = await _prove_dead(log_ons, ready)
        else:
            evidence = _accept_force(context, log_ons, members, ready, number=force, results=results)
        results.document = "".join(
            diff(one.member.text, one.text, one.member.path)
            for one in ready
            if not isinstance(evidence[one.previous.reference], Finding)
        )
        await _drop(context, log_ons, ready, evidence, results, dry_run=dry_run)
    return results


def names_of(key: KeyIdentity) -> frozenset[str]:
    """Return the values of ``--force`` that identify a key."""
    return ways_to_name(key.reference) | (frozenset() if key.number is None else {str(key.number)})


def _is_meant(previous: KeyIdentity, force: str | None) -> bool:
    return force is None or force in names_of(previous)


async def _prove(
    log_ons: LogOns, member: Member, previous: KeyIdentity, results: Results, force: str | None
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
        results.add(member, Outcome.NOT_CHECKED if said is Verdict.UNKNOWN else Outcome.FAILED, proof.errors)
        return None
    if isinstance(text, Finding):
        results.add(member, Outcome.FAILED, (text,))
        return None
    return _Ready(member, previous, proof.secret, text)


async def _prove_dead(log_ons: LogOns, ready: Sequence[_Ready]) -> dict[Reference, Evidence | Finding | None]:
    """Return the proof that each previous key is dead, a finding if there is none, or None if it is gone."""
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
    results: Results,
) -> dict[Reference, Evidence | Finding | None]:
    """Return the user's confirmation as evidence, unless a known config still uses the key."""
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
        results.notices += still_used[1:]
        evidence[place] = still_used[0] if still_used else ForcedByNumber(number)
    if ready:
        results.notices.append(codes.NOT_LOOKED_AT.found(folders=", ".join(map(str, known.folders))))
    return evidence


async def _drop(
    context: AppContext,
    log_ons: LogOns,
    ready: Sequence[_Ready],
    evidence: Mapping[Reference, Evidence | Finding | None],
    results: Results,
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
                outcomes[place] = await _delete(context, place, found, results)
        trouble = outcomes[place]
        if trouble is not None:
            results.add(
                one.member, Outcome.NOT_CHECKED if trouble.code.is_unknown else Outcome.FAILED, (trouble,)
            )
        elif not dry_run:
            written = await write_key(log_ons.resolver, one.member, one.text, one.secret)
            outcome = Outcome.MOVED if written.is_there else Outcome.FAILED
            results.add(one.member, outcome, (written.trouble,) if written.trouble else ())


async def _delete(
    context: AppContext, place: Reference, evidence: Evidence, results: Results
) -> Finding | None:
    """Delete a key from one of the wizard's stores. Return a finding if that failed."""
    kind = store_of(place, context)
    if kind is None or kind == "command" or not is_own(place, context):
        results.notices.append(codes.NOT_OURS.found(reference=describe(place)))
        return None
    return await context.store(kind).delete(place, evidence)


async def roll_back(
    context: AppContext,
    members: Iterable[Member],
    refused: Mapping[Path, Finding],
    advance: Callable[[], None] = lambda: None,
) -> Results:
    """Go back to the previous key of each config.

    The two references are swapped, so that no stored key is forgotten: rolling back twice restores the
    config, and ``rotate --finish`` deletes the key that is not in use.

    Args:
        context: Provides stores, folders, clock and network.
        members: The configs, which the caller has locked.
        refused: Findings about configs that could not be locked.
        advance: Called after each config.
    """
    results = Results()
    async with LogOns(context) as log_ons:
        for member in members:
            if member.path in refused:
                results.add(member, Outcome.NOT_CHECKED, (refused[member.path],))
            else:
                await _put_back(log_ons, member, results)
            advance()
    hook = context.defaults.hook
    if hook and results.moved and not results.findings:
        failed = await run_hook(hook, results.moved, context.child_environ(results.moved))
        results.notices += [failed] if failed else []
    return results


async def _put_back(log_ons: LogOns, member: Member, results: Results) -> None:
    previous = member.config.previous
    if previous is None:
        results.add(member, Outcome.FAILED, (codes.NO_PREVIOUS.found(),))
        return
    proof = await log_ons.prove(member, previous)
    if proof.errors or proof.secret is None:
        is_open = verdict(proof.errors) is Verdict.UNKNOWN
        results.add(member, Outcome.NOT_CHECKED if is_open else Outcome.FAILED, proof.errors)
        return
    text = changed_text(
        member,
        employee_token=previous,
        number=proof.number,
        # It is no longer known when the previous key was installed.
        installed=None,
        previous=member.config.employee_token,
    )
    if isinstance(text, Finding):
        results.add(member, Outcome.FAILED, (text,))
        return
    written = await write_key(log_ons.resolver, member, text, proof.secret)
    results.add(
        member,
        Outcome.MOVED if written.is_there else Outcome.FAILED,
        (written.trouble,) if written.trouble else (),
    )
