"""Lists the clients of an office key, with missing clients and figures that cannot be read."""

import asyncio
from contextlib import aclosing
from pathlib import Path

from wizard.checks.probe import KeyProbe, Probes
from wizard.checks.results import ClientReport, ClientRow
from wizard.checks.setup import OnClient, Read, read_figures, sum_up
from wizard.config.reading import Config
from wizard.context import AppContext, OnWait
from wizard.domain.setup import KeyKind
from wizard.findings import Finding, codes
from wizard.tripletex.models import Client


async def list_clients(
    context: AppContext,
    config: Config,
    path: Path,
    report: ClientReport,
    expected: tuple[str, ...] = (),
    *,
    on_wait: OnWait | None = None,
    on_client: OnClient | None = None,
) -> None:
    """Add the clients that a config's key has access to, and the findings, to a report.

    Args:
        context: Provides the tokens and the Tripletex client.
        config: The config.
        path: Path of the config.
        report: The report to fill in. If this is cancelled, it has the results up to then.
        expected: Organisation numbers that the key should have access to. Missing ones get a row.
        on_wait: Called if the rate limit makes the key wait.
        on_client: Called after each client whose figures have been read.
    """
    try:
        async with Probes(context, on_wait) as probes:
            probe = await probes.of(config, path)
            if isinstance(probe, Finding):
                report.findings += (probe,)
                return
            clients = await _list(probe, report, expected)
            report.findings += probe.notes
            if report.with_figures and clients:
                await _read_figures(probe, clients, report, on_client)
    except asyncio.CancelledError:
        report.findings += (codes.INTERRUPTED.found(),)
        raise


async def _read_figures(
    probe: KeyProbe, clients: tuple[Client, ...], report: ClientReport, on_client: OnClient | None
) -> None:
    read: list[Read] = []
    try:
        async with aclosing(read_figures(probe, clients, on_client=on_client)) as figures:
            async for each in figures:
                read.append(each)  # noqa: PERF401 - if cancelled, the figures read so far are kept
    finally:
        _add_figures(report, clients, read)


async def _list(probe: KeyProbe, report: ClientReport, expected: tuple[str, ...]) -> tuple[Client, ...]:
    facts = await probe.facts()
    if isinstance(facts, Finding):
        report.findings += (facts,)
        return ()
    if facts.kind is KeyKind.ORDINARY:
        report.findings += (codes.ORDINARY_KEY_FOR_BUREAU.found(request_id=facts.request_id),)
        return ()
    clients = await probe.clients(certain=True)
    if isinstance(clients, Finding):
        report.findings += (*facts.findings, clients)
        return ()
    reached = {client.org_number for client in clients}
    missing = [number for number in expected if number not in reached]
    report.rows = (
        *(ClientRow(client.name, client.org_number, is_reached=True) for client in clients),
        *(ClientRow(None, number, is_reached=False) for number in missing),
    )
    if not clients:
        report.findings += (codes.NO_CLIENTS.found(),)
    report.findings += tuple(codes.CLIENT_ACCESS_MISSING.found(number=number) for number in missing)
    return clients


def _add_figures(report: ClientReport, clients: tuple[Client, ...], read: list[Read]) -> None:
    by_id = {client.id: figures for client, figures in read}
    report.rows = (
        *(
            ClientRow(client.name, client.org_number, is_reached=True, figures=by_id.get(client.id, ()))
            for client in clients
        ),
        *(row for row in report.rows if not row.is_reached),
    )
    report.findings += tuple(
        finding for each in sum_up(read, names_clients=True) for finding in each.findings
    )
