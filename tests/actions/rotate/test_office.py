"""An office key: the clients that the new one does not reach are listed, and accepted or given access."""

import tomllib

from tests.actions.rotate.rig import EN, Rig, codes_of
from wizard.domain.secret import Secret
from wizard.findings import StepId, Verdict
from wizard.flow.questions import Again, Continue, Overview, Pasted
from wizard.flow.rotation.answers import Fate

SHARED = 'org_number = "%ORGNR%"\n'


async def test_clients_that_are_lost_are_listed_first_and_can_be_accepted(rig: Rig) -> None:
    world = rig.world
    path = await rig.config("felles.toml", world.office, "bureau-shared", SHARED)
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    outcome = await rig.submit(run, Pasted(Secret(world.office_second.employee_token)))

    assert codes_of(outcome.findings) == ["TW414"]
    table = run.question(EN)
    assert isinstance(table, Overview)
    assert table.step is StepId.CLIENT_ACCESS
    lost = [row.cells[1] for row in table.rows if row.verdict is Verdict.INVALID]
    assert lost == ["Demo Sameie", "Demo Tvilling AS", "Demo Tvilling AS avd. Øst"]
    assert [row.verdict for row in table.rows] == [Verdict.INVALID] * 3 + [Verdict.VALID] * 2
    assert "Regnskapskontorets" not in table.guide

    assert await rig.walk(run) == ()
    assert run.state.is_complete
    assert tomllib.loads(path.read_text())["key"]["id"] == world.office_second.token_id


async def test_access_given_meanwhile_is_seen_when_the_list_is_read_again(rig: Rig) -> None:
    world = rig.world
    path = await rig.config("felles.toml", world.office, "bureau-shared", SHARED)
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    await rig.submit(run, Pasted(Secret(world.office_second.employee_token)))
    again = await rig.submit(run, Again())
    assert not again.moved
    assert codes_of(again.findings) == ["TW414"]

    for client in world.clients:
        world.give_client_access(world.office_second, client)
    outcome = await rig.submit(run, Again())

    assert outcome.moved
    assert outcome.findings == ()
    assert run.question(EN).step is StepId.ROTATE_REVIEW
    assert StepId.CLIENT_ACCESS not in [entry.step for entry in run.outline(EN)]


async def test_a_config_never_gets_a_key_that_does_not_reach_its_client(rig: Rig) -> None:
    world = rig.world
    twin = world.twins[0]
    more = 'org_number = "{}"\n'
    one = await rig.config(
        "en.toml", world.office, "bureau-client", more.format(world.client.organization_number)
    )
    other = await rig.config("to.toml", world.office, "bureau-client", more.format(twin.organization_number))
    before = other.read_bytes()
    run = rig.rotation(one, other)

    await rig.walk(run, world.office_second, rotate_table=[Continue()])

    assert run.is_finished
    assert run.state.fates[one].fate is Fate.MOVED
    assert run.state.fates[other].fate is Fate.FAILED
    assert codes_of(run.state.trouble) == ["TW407"]
    assert other.read_bytes() == before
    assert rig.pages

    # Once access is given, a second run does the rest, without being given the key again.
    world.give_client_access(world.office_second, twin)
    second = rig.rotation(one, other)
    assert await rig.walk(second) == ()
    assert second.state.fates[one].fate is Fate.ALREADY_MOVED
    assert second.state.fates[other].fate is Fate.MOVED
    assert rig.pages == []


async def test_access_given_after_the_change_lets_the_rest_follow_from_the_table(rig: Rig) -> None:
    world = rig.world
    twin = world.twins[0]
    more = 'org_number = "{}"\n'
    one = await rig.config(
        "en.toml", world.office, "bureau-client", more.format(world.client.organization_number)
    )
    other = await rig.config("to.toml", world.office, "bureau-client", more.format(twin.organization_number))
    run = rig.rotation(one, other)
    await rig.submit(run, Continue())
    await rig.submit(run, Pasted(Secret(world.office_second.employee_token)))
    await rig.submit(run, Continue())
    await rig.submit(run, Continue())
    assert run.state.answers.is_incomplete

    world.give_client_access(world.office_second, twin)
    await rig.submit(run, Again())

    assert run.state.is_complete
    assert [entry.step for entry in run.outline(EN)][-2:] == [StepId.FINALE, StepId.ROTATE_OLD_KEY]


async def test_what_the_old_key_did_not_reach_either_is_no_reason_to_stay(rig: Rig) -> None:
    world = rig.world
    missing = world.client_without_access.organization_number
    more = f'org_number = "%ORGNR%"\nclients = ["{missing}"]\n'
    path = await rig.config("felles.toml", world.office, "bureau-shared", more)
    second = world.add_key(
        "another office key", world.office_company, company_owned=True, clients=world.clients
    )
    run = rig.rotation(path)
    assert await rig.walk(run, second) == ()
    assert run.state.is_complete


async def test_an_ordinary_key_cannot_follow_an_office_key(rig: Rig) -> None:
    path = await rig.config("felles.toml", rig.world.office, "bureau-shared", SHARED)
    assert codes_of(await rig.walk(rig.rotation(path), rig.world.single_company)) == ["TW415"]


async def test_the_key_of_another_office_is_refused(rig: Rig) -> None:
    world = rig.world
    other = world.add_company("Et Annet Regnskapskontor AS", accountant_or_similar=True)
    stranger = world.add_key("another office's", other, company_owned=True, clients=world.clients)
    path = await rig.config("felles.toml", world.office, "bureau-shared", SHARED)
    assert codes_of(await rig.walk(rig.rotation(path), stranger)) == ["TW408"]
