"""Ends a rotation: removes the previous key once it is dead and the key in use works."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wizard.config import diff
from wizard.context import AppContext, is_own, store_of
from wizard.domain.reference import Reference, describe
from wizard.domain.secret import Secret
from wizard.findings import Finding, Verdict, codes, verdict
from wizard.rotation.known_configs import KnownConfigs
from wizard.rotation.log_ons import LogOns
from wizard.rotation.members import KeyIdentity, Member
from wizard.rotation.tally import Fate, Tally
from wizard.rotation.writing import changed_text, write_key
from wizard.secrets.store import GONE, Evidence, ForcedByNumber, LogOn, ProofOfDeath, ways_to_name


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
            evidence = _accept_force(context, members, ready, force, tally)
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
    context: AppContext, members: Sequence[Member], ready: Sequence[_Ready], number: str, tally: Tally
) -> dict[Reference, Evidence | Finding | None]:
    """Take the person's word for the key, unless a known config would be left without it."""
    finished = {one.member.path.resolve() for one in ready}
    known = KnownConfigs.near([member.path for member in members], context)
    evidence: dict[Reference, Evidence | Finding | None] = {}
    for one in ready:
        place = one.previous.reference
        if place in evidence:
            continue
        users = [path for path in known.users_of(one.previous) if path.resolve() not in finished]
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
