"""Which clients an office key has access to, and which of those expected are missing."""

from pathlib import Path

from wizard.checks.config import Context, open_probe
from wizard.checks.probe import KeyProbe
from wizard.checks.results import ClientRow
from wizard.config import Config
from wizard.domain.setup import KeyKind
from wizard.findings import Finding, codes
from wizard.tripletex import Client


async def list_clients(
    context: Context, config: Config, path: Path, expected: tuple[str, ...] | None = None
) -> tuple[tuple[ClientRow, ...], tuple[Finding, ...]]:
    """Return the clients that a config's key has access to, and what is wrong.

    Args:
        context: Where tokens and Tripletex come from.
        config: The config.
        path: Of the config.
        expected: Organisation numbers that should be there; each that is missing gets a row.
    """
    async with open_probe(context, config, path) as probe:
        if isinstance(probe, Finding):
            return (), (probe,)
        return await _list(probe, expected)


async def _list(
    probe: KeyProbe, expected: tuple[str, ...] | None
) -> tuple[tuple[ClientRow, ...], tuple[Finding, ...]]:
    facts = await probe.facts()
    if isinstance(facts, Finding):
        return (), (facts,)
    if facts.kind is KeyKind.ORDINARY:
        return (), (codes.ORDINARY_KEY_FOR_BUREAU.found(request_id=facts.request_id),)
    clients = await probe.clients()
    if not isinstance(clients, Finding) and expected and not _numbers(clients).issuperset(expected):
        clients = await probe.clients(certain=True)
    if isinstance(clients, Finding):
        return (), (*facts.findings, clients)
    rows = tuple(ClientRow(client.name, client.org_number, is_reached=True) for client in clients)
    missing = [number for number in expected or () if number not in _numbers(clients)]
    rows += tuple(ClientRow(None, number, is_reached=False) for number in missing)
    findings = [codes.CLIENT_ACCESS_MISSING.found(number=number) for number in missing]
    if not clients:
        findings.insert(0, codes.NO_CLIENTS.found())
    return rows, tuple(findings)


def _numbers(clients: tuple[Client, ...]) -> set[str]:
    return {client.org_number for client in clients if client.org_number}
