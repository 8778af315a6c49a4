"""Ends a rotation: once the key in use is proven, the previous one is dropped from its store."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wizard.actions.context import AppContext
from wizard.actions.places import is_own, store_of
from wizard.actions.rotate.ending import judge_old_key
from wizard.actions.rotate.keeping import user_of
from wizard.actions.rotate.log_ons import LogOns
from wizard.actions.rotate.members import KeyIdentity, Member
from wizard.actions.rotate.tally import Tally
from wizard.actions.rotate.writing import changed_text, write_key
from wizard.config import diff
from wizard.domain.reference import Reference, describe, reference_value
from wizard.domain.secret import Secret
from wizard.files.reading import CONFIG_LIMIT, read_regular
from wizard.findings import Finding, Verdict, codes, verdict
from wizard.flow.rotation.answers import Fate
from wizard.secrets import Resolver

_GONE = frozenset({codes.NOT_IN_KEYRING, codes.SECRET_FILE_MISSING})


@dataclass(frozen=True, slots=True)
class _Ready:
    """A config whose key in use is proven.

    Attributes:
        secret: The key in use.
        text: The config without its previous key.
    """

    member: Member
    previous: KeyIdentity
    secret: Secret
    text: str


async def finish(
    context: AppContext,
    members: Sequence[Member],
    refused: Mapping[Path, Finding],
    *,
    proves_old_dead: bool = False,
    is_rehearsal: bool = False,
) -> Tally:
    """Drop the previous key of each config, from its store and from the config.

    The store comes first: a run that is killed in between leaves a config that still names a key
    which is gone, and a second run finishes that. The other way round the key would lie in its store
    and nobody would know of it.
    """
    tally = Tally()
    ready: list[_Ready] = []
    async with LogOns(context) as log_ons:
        for member in members:
            if member.path in refused:
                tally.add(member, Fate.NOT_CHECKED, (refused[member.path],))
            elif member.previous is None:
                tally.add(member, Fate.ALREADY_MOVED)
            elif (one := await _prove(log_ons, member, member.previous, tally)) is not None:
                ready.append(one)
        if proves_old_dead:
            await _prove_dead(log_ons, ready, tally)
    tally.document = "".join(diff(one.member.text, one.text, one.member.path) for one in ready)
    if not is_rehearsal:
        await _drop(context, log_ons.resolver, members, ready, tally)
    return tally


async def _prove(log_ons: LogOns, member: Member, previous: KeyIdentity, tally: Tally) -> _Ready | None:
    config = member.config
    proof = await log_ons.prove(member, config.employee_token)
    text = changed_text(
        member,
        employee_token=config.employee_token,
        number=config.key_id,
        installed=config.installed,
        previous=None,
    )
    if proof.errors or proof.secret is None:
        is_open = verdict(proof.errors) is Verdict.UNKNOWN
        tally.add(member, Fate.NOT_CHECKED if is_open else Fate.FAILED, proof.errors)
        return None
    if isinstance(text, Finding):
        tally.add(member, Fate.FAILED, (text,))
        return None
    return _Ready(member, previous, proof.secret, text)


async def _prove_dead(log_ons: LogOns, ready: Sequence[_Ready], tally: Tally) -> None:
    for one in {one.previous.reference: one for one in ready}.values():
        secret = await log_ons.resolver.resolve(one.previous.reference, config_path=one.member.path)
        if isinstance(secret, Finding):
            tally.notices += [] if secret.code in _GONE else [secret]
            continue
        said = judge_old_key(await log_ons.log_on(one.member, secret), one.previous.number)
        tally.notices += [said] if said else []


async def _drop(
    context: AppContext,
    resolver: Resolver,
    members: Sequence[Member],
    ready: Sequence[_Ready],
    tally: Tally,
) -> None:
    finished = {one.member.path for one in ready}
    others = [member.path for member in members if member.path not in finished]
    others += _neighbours(members, {one.previous.reference for one in ready})
    in_use = [one.member for one in ready]
    outcomes: dict[Reference, Finding | None] = {}
    for one in ready:
        place = one.previous.reference
        if place not in outcomes:
            outcomes[place] = await _delete(context, place, others, in_use, tally)
        trouble = outcomes[place]
        if trouble is not None:
            tally.add(one.member, Fate.FAILED, (trouble,))
            continue
        written = await write_key(resolver, one.member, one.text, one.secret)
        fate = Fate.MOVED if written.is_there else Fate.FAILED
        tally.add(one.member, fate, (written.trouble,) if written.trouble else ())


async def _delete(
    context: AppContext,
    place: Reference,
    others: Sequence[Path],
    in_use: Sequence[Member],
    tally: Tally,
) -> Finding | None:
    """Take a key out of its store, unless it is somebody's; return what kept it from being done."""
    kind = store_of(place, context)
    user = user_of(place, others) or next((one.path for one in in_use if one.key.reference == place), None)
    if user is not None:
        tally.notices.append(codes.KEY_STILL_USED.found(reference=describe(place), path=str(user)))
        return None
    if kind is None or not is_own(place, context):
        tally.notices.append(codes.NOT_OURS.found(reference=describe(place)))
        return None
    return await context.store(kind).delete(place)


def _neighbours(members: Sequence[Member], places: Iterable[Reference]) -> list[Path]:
    """Return the configs in the same folders that may refer to one of the places.

    There may be thousands, so only those in whose text the name of an entry stands are read as TOML.
    """
    names = [Path(value).name.encode() for value in map(_value, places) if value]
    named = {member.path.resolve() for member in members}
    found = []
    for folder in dict.fromkeys(member.path.parent for member in members):
        for path in sorted(folder.glob("*.toml")):
            with suppress(OSError):
                text = read_regular(path, CONFIG_LIMIT)
                if path.resolve() not in named and any(name in text for name in names):
                    found.append(path)
    return found


def _value(place: Reference) -> str | None:
    value = reference_value(place)[1]
    return value if isinstance(value, str) else None
