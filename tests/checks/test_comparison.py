"""A new key that reads less than the old one."""

from tests.tripletex.stage import Stage
from wizard.checks.comparison import compare_figures, lost_clients
from wizard.checks.probe import KeyProbe
from wizard.domain.secret import Secret
from wizard.findings import StepId, codes
from wizard.text import Texts


async def test_figures_that_the_new_key_lost_are_named(stage: Stage) -> None:
    world = stage.sandbox.world
    async with stage.examining(world.single_company) as good, stage.examining(world.without_balances) as less:
        (finding,) = await compare_figures(good, less, [None])
        assert await compare_figures(less, good, [None]) == ()
        assert await compare_figures(good, good, [None]) == ()
    assert finding.code is codes.FEWER_FIGURES
    assert finding.step is StepId.CREATE_KEY
    assert "saldobalansen" in finding.message(Texts("nb"))
    assert "transaksjoner" not in finding.message(Texts("nb"))


async def test_clients_and_their_figures_are_compared(stage: Stage) -> None:
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
            shared = [client for client in before if client.id not in lost]
            findings = await compare_figures(old, new, shared)
    assert [finding.code for finding in findings] == [codes.FEWER_FIGURES]
    assert findings[0].step is StepId.CLIENT_ACCESS
    assert world.client_with_spaces.name in findings[0].message(Texts("en"))
