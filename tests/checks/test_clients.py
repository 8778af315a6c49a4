"""The list of clients: paging, odd lists, and how many requests they cost."""

import asyncio
from typing import Literal

import pytest

from tests.support.sandbox import Behaviour, world_with_clients
from tests.tripletex.conftest import Serve
from tests.tripletex.stage import Stage
from wizard.domain.org_number import normalise_org_number
from wizard.findings import Finding
from wizard.tripletex.models import Client

FullSize = Literal["short", "long", "exact"]


async def clients_of(stage: Stage, *, certain: bool = False) -> tuple[Client, ...]:
    async with stage.examining(stage.sandbox.world.office) as examination:
        clients = await examination.clients(certain=certain)
    assert not isinstance(clients, Finding)
    return clients


def as_listed(stage: Stage) -> list[tuple[int, str, str | None]]:
    return [
        (company.id, company.name, normalise_org_number(company.organization_number or ""))
        for company in stage.sandbox.world.clients
    ]


@pytest.mark.parametrize("full_size", ["short", "long", "exact"])
@pytest.mark.parametrize(("count", "pages"), [(999, 1), (1000, 2), (2500, 3)])
async def test_all_clients_are_found_in_few_requests(
    serve: Serve, full_size: FullSize, count: int, pages: int
) -> None:
    stage = serve(
        world=world_with_clients(count), behaviour=Behaviour(full_result_size=full_size, rate_limit=None)
    )
    async with stage.examining(stage.sandbox.world.office) as examination:
        await examination.facts()
        lists = await asyncio.gather(*(examination.clients() for _ in range(20)))
    assert {len(found) for found in lists if not isinstance(found, Finding)} == {count}
    assert len(stage.calls) == 4 + pages


@pytest.mark.parametrize("missing", ["absent", "null", "empty"])
async def test_clients_are_read_as_they_are(
    serve: Serve, missing: Literal["absent", "null", "empty"]
) -> None:
    stage = serve(behaviour=Behaviour(missing_number=missing))
    clients = await clients_of(stage)
    assert [(client.id, client.name, client.org_number) for client in clients] == as_listed(stage)
    assert [client.org_number for client in clients].count(None) == 1


@pytest.mark.parametrize("cap", [1, 2, 5])
@pytest.mark.parametrize("full_size", ["short", "long", "exact"])
async def test_a_server_that_gives_less_than_asked_for_hides_nobody(
    serve: Serve, cap: int, full_size: FullSize
) -> None:
    stage = serve(behaviour=Behaviour(largest_page=cap, full_result_size=full_size))
    assert len(await clients_of(stage, certain=True)) == 5
    assert len(stage.calls) == 3 + -(-5 // cap) + 1


async def test_the_list_is_read_again_when_rights_were_given(stage: Stage) -> None:
    world = stage.sandbox.world
    async with stage.examining(world.office) as examination:
        before = await examination.clients()
        world.give_client_access(world.office, world.client_without_access)
        unchanged = await examination.clients()
        after = await examination.clients(again=True)
    assert not isinstance(before, Finding)
    assert not isinstance(after, Finding)
    assert unchanged == before
    assert {client.id for client in after} - {client.id for client in before} == {
        world.client_without_access.id
    }
