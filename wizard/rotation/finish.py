"""What is done with a key without a walk: finishing a rotation, rolling it back, and recording a new key.

Each key is tested once, even if several configs share it.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from wizard.checks.outcomes import KeyFacts, wanted_of
from wizard.checks.probe import Probes, Tokens
from wizard.checks.setup import check_setup
from wizard.config.editing import diff, save, update
from wizard.config.reading import Config, read_config
from wizard.config.syntax import EditRefused
from wizard.context import AppContext, is_own, place_of, store_of
from wizard.domain.key import Secret, read_key
from wizard.domain.reference import Reference, describe
from wizard.files.locks import Busy, file_lock, why_not_written
from wizard.findings import Finding, Phrase, Verdict, codes, unique, verdict
from wizard.rotation.journal import SavedRollback, save_rollback
from wizard.rotation.keys import KeyIdentity, Member, folders_near, known_configs, users_of
from wizard.rotation.proving import checks_of, errors_in
from wizard.rotation.writing import Outcome, Results, changed_text, write_config
from wizard.secrets.store import GONE, Evidence, ForcedByNumber, LogOn, ProofOfDeath, ways_to_name
from wizard.text import N_

_TOKEN_ADVICE: Final = N_("Put the consumer token in TRIPLETEX_CONSUMER_TOKEN, and run the command again.")


def _do_nothing() -> None:
    pass


async def _prove(
    probes: Probes, member: Member, reference: Reference
) -> tuple[Tokens | None, tuple[Finding, ...]]:
    """Test a key for a config. Return the tokens if they could be read, and the errors."""
    tokens = await probes.tokens(member.config, member.path, reference)
    if isinstance(tokens, Finding):
        return None, (_advised(tokens),)
    probe = await probes.with_tokens(member.config, tokens)
    return tokens, errors_in(await checks_of(probe, member))


def _advised(finding: Finding) -> Finding:
    """Return a finding with the right advice, since these commands do nothing without a consumer token."""
    if finding.code is not codes.CONSUMER_TOKEN_MISSING:
        return finding
    return finding.with_values(advice=Phrase(_TOKEN_ADVICE))


# --- finishing ---


class _Ready(NamedTuple):
    """A config whose previous key may be deleted.

    Attributes:
        tokens: Those of the key in use; None if they could not be read, which only ``--force`` allows.
        text: The text of the config without its previous key.
    """

    member: Member
    previous: KeyIdentity
    tokens: Tokens | None
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
    ready: dict[Reference, list[_Ready]] = {}
    async with Probes(context) as probes:
        for member in members:
            previous = member.previous
            if member.path in refused:
                results.add(member.path, Outcome.NOT_CHECKED, (refused[member.path],))
            elif previous is None or (
                force is not None and force not in await _names_of(probes, member, previous)
            ):
                results.add(member.path, Outcome.ALREADY_MOVED)
            elif (one := await _prepare(probes, member, previous, results, force)) is not None:
                ready.setdefault(previous.reference, []).append(one)
        if force is None:
            evidence = {place: await _evidence(probes, users) for place, users in ready.items()}
        else:
            evidence = _accept_force(context, probes, members, ready, number=force, results=results)
        for place, users in ready.items():
            await _drop(context, probes, place, users, results, evidence=evidence[place], dry_run=dry_run)
    return results


async def _names_of(probes: Probes, member: Member, key: KeyIdentity) -> frozenset[str]:
    """Return the values of ``--force`` that identify a key. It is read if its place does not name it."""
    named = ways_to_name(key.reference)
    number = key.number
    if not named and number is None:
        secret = await _read(probes, member, key)
        number = None if isinstance(secret, Finding) else _number_in(secret, key)
    return named | (frozenset() if number is None else {str(number)})


async def _read(probes: Probes, member: Member, key: KeyIdentity) -> Secret | Finding:
    return await probes.resolver.resolve(key.reference, config_path=member.path, environment=key.environment)


def _number_in(secret: Secret, key: KeyIdentity) -> int | None:
    return read_key(secret.reveal(), key.environment).number


async def _prepare(
    probes: Probes, member: Member, previous: KeyIdentity, results: Results, force: str | None
) -> _Ready | None:
    config = member.config
    tokens, errors = await _prove(probes, member, config.employee_token)
    if errors and (force is None or verdict(errors) is Verdict.INVALID):
        results.add_failure(member.path, *errors)
        return None
    text = changed_text(member, replace(config, previous=None))
    if isinstance(text, Finding):
        results.add_failure(member.path, text)
        return None
    return _Ready(member, previous, tokens, text)


async def _evidence(probes: Probes, users: Iterable[_Ready]) -> Evidence | Finding | None:
    """Return the proof that a previous key is dead, a finding if there is none, or None if it is gone."""
    found: Evidence | Finding | None = None
    for one in users:
        if one.tokens is not None:
            found = await _prove_dead(probes, one, one.tokens)
            if not isinstance(found, Finding):
                break
    return found


async def _prove_dead(probes: Probes, one: _Ready, in_use: Tokens) -> ProofOfDeath | Finding | None:
    secret = await _read(probes, one.member, one.previous)
    if isinstance(secret, Finding):
        return None if secret.code in GONE else secret
    tried = await _log_on(probes, one.member, in_use._replace(employee=secret, number=None))
    accepted = await _log_on(probes, one.member, in_use)
    if (proof := ProofOfDeath.from_log_ons(tried, accepted)) is not None:
        return proof
    finding = tried.finding or accepted.finding
    if finding is not None and finding.code is not codes.LOG_ON_REFUSED:
        return finding
    number = one.previous.number or _number_in(secret, one.previous)
    return codes.PREVIOUS_KEY_LIVES.found(key="?" if number is None else number)


async def _log_on(probes: Probes, member: Member, tokens: Tokens) -> LogOn:
    answer = await (await probes.with_tokens(member.config, tokens)).log_on()
    endpoint = member.config.base_url or str(member.config.environment)
    finding = answer if isinstance(answer, Finding) else None
    return LogOn(tokens.employee, tokens.consumer, endpoint, finding)


def _accept_force(
    context: AppContext,
    probes: Probes,
    members: Sequence[Member],
    ready: Mapping[Reference, Sequence[_Ready]],
    *,
    number: str,
    results: Results,
) -> dict[Reference, Evidence | Finding | None]:
    """Return the user's confirmation as evidence, unless a known config still uses the key."""
    every = [one for users in ready.values() for one in users]
    finished = {os.path.realpath(one.member.path) for one in every}
    folders = folders_near([member.path for member in members], context)
    known = known_configs(folders, context)
    evidence: dict[Reference, Evidence | Finding | None] = {}
    for place, (one, *_) in ready.items():
        path, environment = one.member.path, one.member.config.environment
        if refusal := probes.resolver.refusal(place, config_path=path, environment=environment):
            evidence[place] = refusal
            continue
        users = [
            path for path in users_of(known, one.previous, context) if os.path.realpath(path) not in finished
        ]
        own = [each.member.path for each in every]
        users += users_of(own, one.previous, context, only_in_use=True)
        still_used = [codes.KEY_STILL_USED.found(reference=describe(place), path=str(p)) for p in users]
        results.notices += still_used[1:]
        evidence[place] = still_used[0] if still_used else ForcedByNumber(number)
    if ready:
        results.notices.append(codes.NOT_LOOKED_AT.found(folders=", ".join(map(str, folders))))
    return evidence


async def _drop(
    context: AppContext,
    probes: Probes,
    place: Reference,
    users: Sequence[_Ready],
    results: Results,
    *,
    evidence: Evidence | Finding | None,
    dry_run: bool,
) -> None:
    """Delete a key if there is evidence for it, and then the references of its users."""
    trouble = evidence if isinstance(evidence, Finding) else None
    if not isinstance(evidence, Finding | None) and not dry_run:
        trouble = await _delete(context, place, evidence, results)
    for member, _, tokens, text in users:
        if trouble is not None:
            results.add_failure(member.path, trouble)
            continue
        results.differences.append(diff(member.text, text, member.path))
        if dry_run:
            results.add(member.path, Outcome.MOVED)
        else:
            secret = tokens and tokens.employee
            results.outcomes.append(await write_config(probes.resolver, member, text, secret))


async def _delete(
    context: AppContext, place: Reference, evidence: Evidence, results: Results
) -> Finding | None:
    """Delete a key from one of the wizard's stores. Return a finding if that failed."""
    kind = store_of(place, context)
    if kind is None or kind == "command" or not is_own(place, context):
        results.notices.append(codes.NOT_OURS.found(reference=place_of(place, context)))
        return None
    return await context.store(kind).delete(place, evidence)


# --- rolling back ---


async def roll_back(
    context: AppContext,
    members: Sequence[Member],
    refused: Mapping[Path, Finding],
    advance: Callable[[], None] = _do_nothing,
    *,
    done: Collection[Path] = (),
) -> Results:
    """Go back to the previous key of each config.

    The two references are swapped, so that no stored key is forgotten: rolling back twice restores the
    config, and ``rotate --finish`` deletes the key that is not in use.

    Args:
        context: Provides stores, folders, clock and network.
        members: The configs, which the caller has locked.
        refused: Findings about configs that could not be locked.
        advance: Called after each config.
        done: The configs that the same rollback changed before it was interrupted.
    """
    results = Results()
    if not done:
        save_rollback(context.state_folder, SavedRollback.of(members))
    async with Probes(context) as probes:
        for member in members:
            if member.path in refused:
                results.add(member.path, Outcome.NOT_CHECKED, (refused[member.path],))
            elif member.path in done:
                results.add(member.path, Outcome.ALREADY_MOVED)
            else:
                await _put_back(probes, member, results)
            advance()
    if results.changed and not results.findings:
        failed = await context.run_hook(results.changed)
        results.notices += [failed] if failed else []
    return results


async def _put_back(probes: Probes, member: Member, results: Results) -> None:
    config, previous = member.config, member.config.previous
    if previous is None:
        results.add_failure(member.path, codes.NO_PREVIOUS.found())
        return
    tokens, errors = await _prove(probes, member, previous)
    if errors or tokens is None:
        results.add_failure(member.path, *errors)
        return
    wanted = replace(config, employee_token=previous, key_id=tokens.number, previous=config.employee_token)
    text = changed_text(member, wanted)
    if isinstance(text, Finding):
        results.add_failure(member.path, text)
        return
    results.outcomes.append(await write_config(probes.resolver, member, text, tokens.employee))


# --- recording a key that was replaced where it is stored ---


async def record_in_place(
    context: AppContext,
    paths: Iterable[Path],
    *,
    dry_run: bool = False,
    advance: Callable[[], None] = _do_nothing,
) -> Results:
    """Record a key that was replaced where it is stored: in a vault, a variable or a file.

    The reference does not change. The key is tested, and its company is compared with that of the config.
    Then the key's number and the date are written to the config, if they differ.

    Args:
        context: Provides stores, folders, clock and network.
        paths: The configs.
        dry_run: Whether nothing may be written.
        advance: Called after each config.
    """
    results = Results()
    async with Probes(context) as probes:
        for path in paths:
            try:
                with nullcontext() if dry_run else file_lock(path):
                    await _record(probes, path, context.today, results, dry_run=dry_run)
            except (Busy, OSError) as error:
                results.add(path, Outcome.FAILED, (why_not_written(path, error),))
            advance()
    if results.moved and not dry_run:
        failed = await context.run_hook(results.moved)
        results.notices += [failed] if failed else []
    return results


async def _record(probes: Probes, path: Path, today: date, results: Results, *, dry_run: bool) -> None:
    reading = read_config(path)
    config, former = reading.config, reading.text
    if config is None or former is None:
        results.add(path, Outcome.FAILED, (each for each in reading.findings if each.is_error))
        return
    probe = await probes.of(config, path)
    if isinstance(probe, Finding):
        results.add(path, Outcome.FAILED, (_advised(probe),))
        return
    checks = [outcome async for outcome in check_setup(probe, wanted_of(config))]
    found = unique(finding for each in checks for finding in each.findings)
    facts = await probe.facts()
    if isinstance(facts, Finding):
        results.add(path, Outcome.FAILED, found or [facts])
        return
    found += _compared(config, facts)
    if any(finding.is_error for finding in found):
        results.add(path, Outcome.FAILED, found)
        return
    try:
        text = _recorded(former, config, facts, today)
        if text != former and not dry_run:
            save(path, text)
    except EditRefused:
        results.add(path, Outcome.FAILED, (*found, codes.NOT_EDITABLE.found()))
        return
    results.add(path, Outcome.ALREADY_MOVED if text == former else Outcome.MOVED, found)
    if text != former:
        results.differences.append(diff(former, text, path))


def _compared(config: Config, facts: KeyFacts) -> list[Finding]:
    """Compare the company of the key with that of the config."""
    company = facts.company
    name = (company and (company.name or company.id)) or "?"
    if company is None or company.id is None or config.company_id is None:
        is_known = facts.key_id is not None and facts.key_id == config.key_id
        return [] if is_known else [codes.NOT_COMPARED.found(company=name, request_id=facts.request_id)]
    if config.company_id == company.id:
        return []
    wanted, number = (Phrase(N_("company no. {id}"), id=each) for each in (config.company_id, company.id))
    return [
        codes.OTHER_COMPANY.found(company=name, number=number, wanted=wanted, request_id=facts.request_id)
    ]


def _recorded(former: str, config: Config, facts: KeyFacts, today: date) -> str:
    """Return the text of a config with the number, date and company of its key."""
    number = facts.key_id if facts.key_id is not None else config.key_id
    is_same = facts.key_id is None or facts.key_id == config.key_id
    known = replace(
        config,
        key_id=number,
        installed=config.installed or today if is_same else today,
        previous=config.previous if is_same else None,
        company_id=(facts.company and facts.company.id) or config.company_id,
    )
    return former if known == config else update(former, known)
