"""A new key that reads less than the old one."""

from tests.support.sandbox import DemoKey
from tests.tripletex.stage import Stage
from wizard.checks.outcomes import CheckOutcome, FigureScope, Wanted
from wizard.checks.probe import KeyProbe
from wizard.checks.setup import check_setup
from wizard.domain.secret import Secret
from wizard.domain.setup import Setup
from wizard.findings import StepId, codes
from wizard.rotation.proving import lost_clients, lost_figures
from wizard.sandbox.world import NO_FIGURES
from wizard.text import Texts


async def test_figures_that_the_new_key_lost_are_named(stage: Stage) -> None:
    world = stage.sandbox.world
    async with stage.examining(world.single_company) as good, stage.examining(world.without_balances) as less:
        before, after = await good.figures(None), await less.figures(None)
    finding = lost_figures(before, after)
    assert lost_figures(after, before) is None
    assert lost_figures(before, before) is None
    assert finding is not None
    assert finding.code is codes.FEWER_FIGURES
    assert finding.step is StepId.CREATE_KEY
    assert "saldobalansen" in finding.message(Texts("nb"))
    assert "transaksjoner" not in finding.message(Texts("nb"))


async def test_a_config_is_compared_by_its_checks(stage: Stage) -> None:
    """Warnings count too, and for a common set-up what is lost at one more client."""
    world = stage.sandbox.world
    single, common = Wanted(Setup.SINGLE_COMPANY), Wanted(Setup.BUREAU_SHARED)
    good = await outcomes(stage, world.single_company, single)
    less = await outcomes(stage, world.without_all_vouchers, single)
    assert lost_figures(good, less) is not None
    assert lost_figures(less, good) is None
    before = await outcomes(stage, world.office_figures, common)
    assert lost_figures(before, before) is None
    world.give_client_access(world.office_figures, world.client, NO_FIGURES)
    after = await outcomes(stage, world.office_figures, common)
    found = lost_figures(before, after)
    assert found is not None
    assert found.step is StepId.CLIENT_ACCESS


async def outcomes(stage: Stage, key: DemoKey, wanted: Wanted) -> list[CheckOutcome]:
    async with stage.examining(key) as probe:
        return [each async for each in check_setup(probe, wanted, figures=FigureScope.EVERY_CLIENT)]


async def test_clients_that_the_new_key_lost_are_found(stage: Stage) -> None:
    world = stage.sandbox.world
    async with stage.tripletex() as tripletex:

        def probe(token: str) -> KeyProbe:
            return KeyProbe(tripletex, stage.consumer, Secret(token), application="VismaFinale")

        async with (
            probe(world.office.employee_token) as old,
            probe(world.office_figures.employee_token) as new,
        ):
            before, after = await old.clients(), await new.clients()
            assert isinstance(before, tuple)
            assert isinstance(after, tuple)
            lost = {client.id for client in lost_clients(before, after)}
            assert lost == {client.id for client in world.clients} - {client.id for client in after}
