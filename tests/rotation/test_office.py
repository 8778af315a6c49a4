"""An office key: the clients that the new one does not reach are listed, and accepted or given access."""

from tests.rotation.rig import EN, Rig, codes_of

SHARED = 'org_number = "%ORGNR%"\n'


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


async def test_its_first_page_speaks_of_the_clients_and_not_of_the_office(rig: Rig) -> None:
    run = rig.rotation(await rig.config("felles.toml", rig.world.office, "bureau-shared", SHARED))
    await run.begin(lambda: None)
    said = str(run.page(EN).body)
    assert "We check that it gives access to the same clients." in said


async def test_the_key_of_another_office_is_refused(rig: Rig) -> None:
    world = rig.world
    other = world.add_company("Et Annet Regnskapskontor AS", accountant_or_similar=True)
    stranger = world.add_key("another office's", other, company_owned=True, clients=world.clients)
    path = await rig.config("felles.toml", world.office, "bureau-shared", SHARED)
    assert codes_of(await rig.walk(rig.rotation(path), stranger)) == ["TW408"]
