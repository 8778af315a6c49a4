"""Records a key that was replaced where it is stored: in a vault, a variable or a file.

The reference does not change. The key is tested, and its company is compared with that of the config. Then
the key's number and the date are written to the config, if they differ.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from wizard.checks.outcomes import KeyFacts, open_probe, wanted_of
from wizard.checks.probe import KeyProbe
from wizard.checks.setup import check_setup
from wizard.config.editing import EditRefused, diff, save, set_key
from wizard.config.reading import Config, read_config
from wizard.context import AppContext, located
from wizard.files.atomic import Busy, file_lock, why_not_written
from wizard.findings import Finding, codes


@dataclass(frozen=True, slots=True)
class Recorded:
    """The result for a config.

    Attributes:
        changed: Whether it was changed, or would have been without a dry run.
        difference: The change as a unified diff.
    """

    path: Path
    changed: bool = False
    findings: tuple[Finding, ...] = ()
    difference: str = ""

    @property
    def is_good(self) -> bool:
        """Whether there are no errors, so that the config describes the stored key."""
        return not any(finding.is_error for finding in self.findings)


async def record_in_place(
    context: AppContext, paths: Iterable[Path], *, dry_run: bool = False
) -> AsyncIterator[Recorded]:
    """Record the key of each config. Configs with the same key share a log-on."""
    async with AsyncExitStack() as stack:
        probes: dict[object, KeyProbe | Finding] = {}
        for path in paths:
            reading = read_config(path)
            config = reading.config
            if config is None:
                yield Recorded(path, findings=tuple(each for each in reading.findings if each.is_error))
                continue
            source = _source(config, path)
            if source not in probes:
                probes[source] = await stack.enter_async_context(open_probe(context, config, path))
            probe = probes[source]
            if isinstance(probe, Finding):
                yield Recorded(path, findings=(probe,))
                continue
            yield await _record(probe, path, context.today, dry_run=dry_run)


def _source(config: Config, path: Path) -> object:
    """Return the parameters of the probe for a config. Configs for which they are equal share a probe."""
    consumer = config.consumer_token and located(config.consumer_token, path)
    employee = located(config.employee_token, path)
    return (config.environment, config.base_url, config.application, employee, consumer, path.parent)


async def _record(probe: KeyProbe, path: Path, today: date, *, dry_run: bool) -> Recorded:
    if dry_run:
        return await _compare_and_write(probe, path, today, dry_run=True)
    try:
        with file_lock(path):
            return await _compare_and_write(probe, path, today, dry_run=False)
    except (Busy, OSError) as error:
        return Recorded(path, findings=(why_not_written(path, error),))


async def _compare_and_write(probe: "KeyProbe", path: Path, today: date, *, dry_run: bool) -> Recorded:
    reading = read_config(path)
    config = reading.config
    if config is None:
        return Recorded(path, findings=tuple(each for each in reading.findings if each.is_error))
    found: list[Finding] = []
    async with aclosing(check_setup(probe, wanted_of(config))) as outcomes:
        async for outcome in outcomes:
            found += [finding for finding in outcome.findings if finding not in found]
    facts = await probe.facts()
    if isinstance(facts, Finding):
        return Recorded(path, findings=tuple(found) or (facts,))
    found += _compared(config, facts)
    if any(finding.is_error for finding in found):
        return Recorded(path, findings=tuple(found))
    former = reading.text or ""
    try:
        text = _text(former, config, facts, today)
        if text == former:
            return Recorded(path, findings=tuple(found))
        if not dry_run:
            save(path, text)
    except EditRefused:
        return Recorded(path, findings=(*found, codes.NOT_EDITABLE.found()))
    return Recorded(path, changed=True, findings=tuple(found), difference=diff(former, text, path))


def _compared(config: Config, facts: KeyFacts) -> list[Finding]:
    """Compare the company of the key with that of the config."""
    company = facts.company
    if company is not None and config.company_id == company.id:
        return []
    name = (company.name or str(company.id)) if company else "?"
    if company is None or config.company_id is None:
        is_known = facts.key_id is not None and facts.key_id == config.key_id
        return [] if is_known else [codes.NOT_COMPARED.found(company=name, request_id=facts.request_id)]
    wanted = str(config.company_id)
    number = company.org_number or "–"
    return [
        codes.OTHER_COMPANY.found(company=name, number=number, wanted=wanted, request_id=facts.request_id)
    ]


def _text(former: str, config: Config, facts: "KeyFacts", today: date) -> str:
    number = facts.key_id if facts.key_id is not None else config.key_id
    is_same = facts.key_id is None or facts.key_id == config.key_id
    known = replace(
        config,
        key_id=number,
        installed=config.installed or today if is_same else today,
        previous=config.previous if is_same else None,
        company_id=facts.company.id if facts.company else config.company_id,
    )
    if known == config:
        return former
    return set_key(
        former,
        employee_token=known.employee_token,
        key_id=known.key_id,
        installed=known.installed,
        previous=known.previous,
        company_id=known.company_id,
    )
