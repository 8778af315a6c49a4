"""Walks through the wizard, with the keys that a person presses, past every screen that is drawn."""

import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.support.rotation import Rig as Rotations
from tests.support.sandbox import Company, DemoKey, Fault, Sandbox, add_client, remove_client_access
from tests.ui.tui.rig import Rig, opened
from wizard.context import AppContext
from wizard.domain.key import Secret
from wizard.domain.setup import Environment
from wizard.menu.walk import MenuWalk
from wizard.sandbox.world import ACCOUNTING_REPORTS, ALL_VOUCHERS, FIGURES
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.text import Texts

NB: Final = Texts("nb")
NOW: Final = datetime(2026, 11, 26, 14, 12).astimezone()
FOLDER: Final = "/srv/finale"
"""What is drawn in place of the folder, whose name is as long."""

See = Callable[[Rig, str], Awaitable[None]]


class Stage(Rotations):
    """A Tripletex, a folder, and a moment that is always the same."""

    now = NOW

    @property
    def context(self) -> AppContext:
        return replace(super().context, now=lambda: self.now)

    @property
    def answers(self) -> Answers:
        return Answers(environment=Environment.SANDBOX, base_url=self.base_url, store="file")

    def set_up(self, *, has_token: bool = True, **known: Any) -> SetupWalk:  # noqa: ANN401 - what Answers takes
        context = self.context if has_token else replace(self.context, environ={})
        return SetupWalk(context, replace(self.answers, **known), NB, resumes=False)

    def demo(self) -> SetupWalk:
        keys = {"selskap": self.world.single_company, "byrå": self.world.office}
        words = {word: Secret(key.employee_token) for word, key in keys.items()}
        return SetupWalk(self.context, self.answers, NB, words=words)

    @asynccontextmanager
    async def unanswered(self, here: Rig, path: str) -> AsyncIterator[None]:
        """Leave a request unanswered while a screen is looked at, then press Esc."""
        fault = Fault(path=path, trouble="hang")
        self.sandbox.faults.append(fault)
        here.waits = False
        yield
        while not self.sandbox.faults.hits(fault):
            await here.settle()
        here.waits = True
        await here.press("escape")

    async def common(self) -> Path:
        return await self.config("felles.toml", self.world.office, "bureau-shared", 'org_number = "%ORGNR%"')

    async def client(self, client: Company, key: DemoKey | None = None) -> Path:
        number = "".join((client.organization_number or "").split())
        more = f'org_number = "{number}"'
        return await self.config(f"{number}.toml", key or self.world.office, "bureau-client", more)

    async def office_configs(self) -> list[Path]:
        return [await self.common(), *[await self.client(each) for each in self.world.clients[:2]]]

    def menu(self) -> MenuWalk:
        return MenuWalk(self.context, NB, self.answers)


@contextmanager
def stage() -> Iterator[Stage]:
    """Serve a sandbox for a folder whose name is as long as the one that is drawn."""
    folder = Path("/tmp") / secrets.token_hex(3)  # noqa: S108 - a new folder of this user
    folder.mkdir(mode=0o700)
    on: Stage
    sandbox = Sandbox(clock=lambda: on.now.astimezone(UTC))
    try:
        with sandbox.serve() as base_url:
            on = Stage(folder, sandbox, base_url)
            yield on
    finally:
        shutil.rmtree(folder)


async def company(on: Stage, see: See) -> None:
    """Set up a single company."""
    world = on.world
    async with opened(on.menu(), waits=True) as here:
        await here.press("1")
        await see(here, "welcome")
        await here.press("enter")
        await see(here, "enable-api")
        await see(here, "enable-api-60")
        await here.press("enter")
        await see(here, "key-empty")
        await see(here, "too-small")
        await here.press("f1")
        await see(here, "help")
        await here.press("escape")
        await here.paste("8420100000")
        await see(here, "key-wrong")
        await see(here, "key-wrong-60")
        await here.paste(world.deleted.employee_token)
        await see(here, "key-refused")
        async with on.unanswered(here, "/token/session/>whoAmI"):
            await here.paste(world.single_company.employee_token)
            await here.see("Spør Tripletex")
            await see(here, "key-proving")
        await here.press("ctrl+r")
        await see(here, "key-proven")
        await here.press("ctrl+q")
        await see(here, "leave")
        await here.press("escape", "enter", "enter")
        await see(here, "org-single")
        async with on.unanswered(here, "/ledger/account"):
            await here.press("enter")
            await here.see("Leser kontoplanen")
            await see(here, "review-running")
        await here.press("ctrl+r")
        await see(here, "review-ok")
        await here.press("enter")
        await see(here, "finale-single")
        await see(here, "finale-120")


async def unproven(on: Stage, see: See) -> None:
    """Set up a single company, and a client, where the application's token is missing."""
    async with opened(on.set_up(has_token=False, store=None), waits=True) as here:
        await here.press("enter", "enter")
        await see(here, "storage")
        await here.press("2")
        await see(here, "storage-more")
        await here.press("1")
        await here.paste(on.world.single_company.employee_token)
        await see(here, "key-unproven")
        await here.press("ctrl+c")
        await see(here, "ctrl-c")
        await here.press("f9", "enter", "enter", "enter")
        await see(here, "review-unknown")
        await here.press("enter")
        await see(here, "finale-unproven")
    async with opened(on.set_up(has_token=False), waits=True) as here:
        await here.press("enter", "enter")
        await here.paste(on.world.office.employee_token)
        await here.press("enter", "2")
        await here.type("310000027")
        await here.press("enter")
        await see(here, "org-nolist")


async def unreachable(on: Stage, see: See) -> None:
    """Set up a single company while Tripletex does not answer."""
    async with opened(on.set_up(), waits=True) as here:
        await here.press("enter", "enter")
        on.sandbox.faults.append(Fault(trouble="drop-before", times=None))
        await here.paste(on.world.single_company.employee_token)
        await see(here, "key-unreachable")
        on.sandbox.faults.clear()
        await here.press("ctrl+r", "enter", "enter")
        on.sandbox.faults.append(Fault(trouble="drop-before", times=None))
        on.now += timedelta(minutes=7)
        await here.press("enter")
        await see(here, "review-unreachable")


async def office(on: Stage, see: See) -> None:
    """Set up the demo's office: for all clients, for some, and for one whose figures cannot be read."""
    async with opened(on.demo(), waits=True) as here:
        await see(here, "welcome-demo")
        await here.press("enter", "enter", "ctrl+q")
        await see(here, "leave-demo")
        await here.press("escape")
        await here.paste("byrå")
        await see(here, "key-proven-office")
        await see(here, "key-proven-120")
        await here.press("enter")
        await see(here, "setup")
        await here.press("1")
        await see(here, "setup-mismatch")
        await here.press("2")
        await see(here, "org-common")
        await here.type("12057900499")
        await here.press("enter")
        await see(here, "org-eleven")
        await here.press("enter")
        await see(here, "review-common")
        await here.press("enter")
        await see(here, "finale-common")
    world = on.world
    client = world.client_without_access
    async with opened(on.demo(), waits=True) as here:
        await here.press("enter", "enter")
        await here.paste("byrå")
        await here.press("enter", "enter", "down", "space", "down", "space")
        await see(here, "org-clients")
        await see(here, "org-60")
        await see(here, "org-clients-120")
        await here.type(client.organization_number or "")
        await here.press("enter", "enter")
        await see(here, "client-access")
        await see(here, "client-access-60")
        world.grant_client_access(world.office, client)
        await here.press("1", "enter", "down")
        await see(here, "finale-several")


async def figures(on: Stage, see: See) -> None:
    """Set up a client of an office, before and after its figures can be read."""
    world = on.world
    world.grant_client_access(world.office, world.client, FIGURES - {ACCOUNTING_REPORTS, ALL_VOUCHERS})
    async with opened(on.demo(), waits=True) as here:
        await here.press("enter", "enter")
        await here.paste("byrå")
        await here.press("enter", "enter", "down", "space", "enter")
        await see(here, "review-fail")
        await see(here, "review-fail-60")
        world.grant_client_access(world.office, world.client)
        await here.press("1", "enter")
        await see(here, "finale-client")


async def many_clients(on: Stage, see: See) -> None:
    """Find clients among four hundred."""
    world = on.world
    for name in ("Demo Bygg og Betong AS", "Demo Byggmester Aas AS", "Demo Nybygg Øst AS"):
        add_client(world, name)
    for number in range(404):
        add_client(world, f"Demo Kunde {number + 1} AS")
    async with opened(on.set_up(), waits=True) as here:
        await here.press("enter", "enter")
        await here.paste(world.office.employee_token)
        await here.press("enter", "enter")
        await here.type("byggm")
        await here.press("enter")
        await here.type("bygg")
        await see(here, "org-filter")
        await here.press("ctrl+q", "3")
    await on.common()
    async with opened(on.menu(), waits=True) as here:
        await here.press("4", "down", "down", "down")
        await see(here, "clients")


async def configs(on: Stage, see: See) -> None:
    """Check the configs of the menu, today and yesterday."""
    world = on.world
    await on.config("310000000.toml", world.single_company)
    for client in (world.client, world.client_with_spaces):
        await on.client(client)
    on.now -= timedelta(days=1, minutes=7)
    async with opened(on.menu(), waits=True) as here:
        await here.press("3")
    on.now = NOW
    async with opened(on.menu(), waits=True) as here:
        await see(here, "menu")
        await here.press("1", "enter", "enter")
        await here.paste(world.single_company.employee_token)
        await here.press("enter", "enter")
    async with opened(on.menu(), waits=True) as here:
        await see(here, "menu-resume")


async def many_configs(on: Stage, see: See) -> None:
    """Check configs of which some do not work."""
    world = on.world
    await on.config("310000000.toml", world.single_company)
    for client in (world.client, world.client_with_spaces):
        await on.client(client)
    remove_client_access(world, world.office, world.client)
    await on.config("310000116.toml", world.blocked)
    await on.config("310000132.toml", world.deleted)
    await on.common()
    for number in range(6):
        await on.config(f"kunde-{number + 1}.toml", world.deviating)
    async with opened(on.menu(), waits=True) as here:
        await here.press("2")
        await see(here, "pick-config")
        await here.press("escape")
        async with on.unanswered(here, f"/company/{world.deviating.company.id}"):
            await here.press("3")
            await here.see("6 av 12")
            await see(here, "validate-running")
        await here.press("ctrl+r")
        await see(here, "validate")
        await here.press("down", "down", "down")
        await see(here, "validate-warning")


async def rotation(on: Stage, see: See) -> None:
    """Change the key of a company."""
    path = await on.config("310000000.toml", on.world.single_company)
    async with opened(on.rotation(path), waits=True) as here:
        await see(here, "rotate-start")


async def rotation_of_office(on: Stage, see: See) -> None:
    """Change the key of an office."""
    world = on.world
    clients = world.clients_of(world.office)
    new = world.add_key("new", world.office.company, company_owned=True, clients=clients)
    async with opened(on.rotation(*await on.office_configs()), waits=True) as here:
        await here.press("enter")
        await here.paste(new.employee_token)
        await here.press("enter")
        await see(here, "rotate-review")
        await here.press("enter")
        await see(here, "rotate-end")


async def rotation_to_less(on: Stage, see: See) -> None:
    """Change to a key that a client has not been given, where somebody changes a config meanwhile."""
    world = on.world
    clients = world.clients_of(world.office)
    new = world.add_key("new", world.office.company, company_owned=True, clients=clients[1:])
    async with opened(on.rotation(*await on.office_configs()), waits=True) as here:
        await here.press("enter")
        await here.paste(new.employee_token)
        await here.press("enter")
        await see(here, "rotate-review-fewer")
        await see(here, "rotate-review-fewer-60")
        world.grant_client_access(new, clients[0])
        await here.press("1")
        await on.client(clients[0], world.office_second)
        await here.press("enter")
        await see(here, "rotate-end-failed")


WALKS: Final = (
    company,
    unproven,
    unreachable,
    office,
    figures,
    many_clients,
    configs,
    many_configs,
    rotation,
    rotation_of_office,
    rotation_to_less,
)
