"""``python -m tests.gallery FOLDER``: every screen of every walk, in each size, language and colouring.

The pictures are to be looked at, not kept: ``rsvg-convert`` makes PNG of them.
"""

import argparse
import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Final

from textual import events
from textual.pilot import Pilot

from tests.actions.rotate.rig import Rig
from tests.pictures import without_fonts
from tests.support.sandbox import Sandbox
from wizard.actions.menu import Menu
from wizard.actions.setup import SetupRun
from wizard.domain.environment import Environment
from wizard.findings import StepId
from wizard.flow.answers import Answers
from wizard.flow.conversation import Conversation
from wizard.flow.questions import Question
from wizard.text import Language, Texts
from wizard.ui.tui.app import WizardApp

SIZES: Final = ((80, 24), (60, 20), (120, 40))
LANGUAGES: Final[tuple[Language, ...]] = ("nb", "en")


@dataclass
class Camera:
    """Takes numbered pictures of one walk.

    Attributes:
        keys: What is pasted when a key is asked for, one after the other.
        extras: What is pressed on a step to see more of it, by step: keys, and the name of the picture if
            there is to be one.
        typed: What is typed on a step before Enter.
    """

    app: WizardApp
    pilot: Pilot[int]
    folder: Path
    prefix: str
    keys: list[str]
    extras: "Extras" = field(default_factory=dict)
    typed: dict[StepId, tuple[str, ...]] = field(default_factory=dict)
    number: int = 0

    async def shoot(self, name: str) -> None:
        """Take a picture once everything has settled."""
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()
        self.number += 1
        path = self.folder / f"{self.prefix}-{self.number:02}-{name}.svg"
        path.write_text(f"{without_fonts(self.app.export_screenshot())}\n")

    async def paste(self, text: str) -> None:
        """Paste as a terminal does."""
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()

    @property
    def question(self) -> Question:
        """What is asked."""
        return self.app.conversation.question(self.app.look.t)

    async def walk(self) -> None:
        """Go on with Enter to the end, or until it leads in a circle; take a picture of every question."""
        visits: Counter[StepId] = Counter()
        while not self.app.conversation.is_finished:
            step = self.question.step
            visits[step] += 1
            if visits[step] > _MOST_VISITS:
                return
            await self.shoot(step)
            for name, keys in self.extras.pop(step, ()):
                await self.pilot.press(*keys)
                if name:
                    await self.shoot(f"{step}-{name}")
            if step is StepId.CREATE_KEY and self.keys:
                await self.paste(self.keys.pop(0))
                await self.shoot(f"{step}-pasted")
            await self.pilot.press(*self.typed.pop(step, ()), "enter")
            await self.app.workers.wait_for_complete()
            await self.pilot.pause()


_MOST_VISITS: Final = 4

Extras = dict[StepId, list[tuple[str, tuple[str, ...]]]]

HELP: Final[list[tuple[str, tuple[str, ...]]]] = [("help", ("f1",)), ("", ("escape",))]

ASIDES: Final[Extras] = {
    **dict.fromkeys(StepId, HELP),
    StepId.WELCOME: [*HELP, ("leave", ("escape",)), ("", ("escape",))],
    StepId.CREATE_KEY: [*HELP, ("copy", ("f5",)), ("copied", ("2", "enter"))],
    StepId.ROTATE_OLD_KEY: [*HELP, ("leave", ("escape",)), ("", ("escape",))],
    StepId.DONE: [("copy", ("f5",)), ("copied", ("2", "enter"))],
}


def set_up(rig: Rig, t: Texts, *, store: str | None = "file", consumer: bool = True) -> SetupRun:
    """Return a set-up of a new config."""
    context = rig.context if consumer else replace(rig.context, environ={})
    answers = Answers(environment=Environment.SANDBOX, base_url=rig.base_url, store="file" if store else None)
    return SetupRun(context, answers, t, target=rig.folder / "finale.toml")


Typed = dict[StepId, tuple[str, ...]]
Script = tuple[Conversation, list[str], Typed]
"""A conversation, the keys that are pasted, and what is typed on a step before Enter."""

Scene = Callable[[Rig, Texts], Awaitable[Script]]


async def single(rig: Rig, t: Texts) -> Script:
    """A single company."""
    return set_up(rig, t), [rig.world.single_company.employee_token], {}


async def common(rig: Rig, t: Texts) -> Script:
    """An office, common for all clients."""
    return set_up(rig, t), [rig.world.office.employee_token], {}


async def client(rig: Rig, t: Texts) -> Script:
    """An office and one client."""
    typed: Typed = {
        StepId.SCOPE: ("down",),
        StepId.ORG_NUMBER: tuple(rig.world.client.organization_number or ""),
    }
    return set_up(rig, t), [rig.world.office.employee_token], typed


async def several(rig: Rig, t: Texts) -> Script:
    """An office and several clients, two of them picked from the list."""
    typed: Typed = {StepId.SCOPE: ("down",), StepId.ORG_NUMBER: ("down", "space", "down", "space")}
    return set_up(rig, t), [rig.world.office.employee_token], typed


async def missing(rig: Rig, t: Texts) -> Script:
    """A client that the key does not reach: the last pictures show what stands in the way."""
    number = rig.world.new_organization_number()
    typed: Typed = {StepId.SCOPE: ("down",), StepId.ORG_NUMBER: tuple(number)}
    return set_up(rig, t), [rig.world.office.employee_token], typed


async def storage(rig: Rig, t: Texts) -> Script:
    """Nothing was provisioned: the place of the key and the application's token are asked for."""
    typed: Typed = {StepId.STORAGE: ("down",), StepId.SETUP: ("1",)}
    return set_up(rig, t, store=None, consumer=False), [rig.world.single_company.employee_token], typed


async def refused(rig: Rig, t: Texts) -> Script:
    """A number, a key that was deleted, and at last the right one."""
    deleted = rig.world.add_key("deleted", rig.world.single_company.company)
    rig.world.delete_key(deleted)
    keys = ["2147628461", deleted.employee_token, rig.world.single_company.employee_token]
    return set_up(rig, t), keys, {}


async def rotation(rig: Rig, t: Texts) -> Script:
    """A rotation of the only config of a key."""
    path = await rig.config("finale.toml", rig.world.single_company)
    new = rig.world.add_key("new", rig.world.single_company.company)
    del t
    return rig.rotation(path), [new.employee_token], {}


async def rotations(rig: Rig, t: Texts) -> Script:
    """A rotation of several configs, one of which has lost a client."""
    office, clients = rig.world.office, rig.world.clients_of(rig.world.office)
    number = clients[0].organization_number
    paths = [
        await rig.config("felles.toml", office, "bureau-shared", 'org_number = "%ORGNR%"'),
        await rig.config("bakeri.toml", office, "bureau-client", f'org_number = "{number}"'),
        await rig.config("fisk.toml", office, "bureau-client", f'org_number = "{number}"'),
    ]
    new = rig.world.add_key("new", office.company, company_owned=True, clients=clients[1:])
    del t
    return rig.rotation(*paths), [new.employee_token], {}


async def menu(rig: Rig, t: Texts) -> Script:
    """The start menu, on to the question for a config."""
    await rig.config("finale.toml", rig.world.single_company)
    await rig.config("kunde.toml", rig.world.single_company)
    return Menu(t, rig.folder, is_resumable=False), [], {StepId.WELCOME: ("down",)}


SCENES: Final[tuple[Scene, ...]] = (
    single,
    common,
    client,
    several,
    missing,
    storage,
    refused,
    rotation,
    rotations,
    menu,
)


@contextmanager
def a_rig() -> Iterator[Rig]:
    """Serve a sandbox and lay out a home."""
    sandbox = Sandbox()
    with sandbox.serve() as base_url, tempfile.TemporaryDirectory() as folder:
        yield Rig(Path(folder), sandbox, base_url)


async def film(
    scene: Scene, folder: Path, size: tuple[int, int], language: Language, *, has_colours: bool
) -> None:
    """Walk through one scene."""
    with a_rig() as rig:
        if not has_colours:
            os.environ["NO_COLOR"] = "1"
        conversation, keys, typed = await scene(rig, Texts(language))
        app = WizardApp(conversation, language, has_colours=has_colours)
        colours = "colour" if has_colours else "plain"
        name = getattr(scene, "__name__", "scene")
        prefix = f"{name}-{size[0]}x{size[1]}-{language}-{colours}"
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            asides = {step: list(extras) for step, extras in ASIDES.items()}
            is_whole = scene in {single, rotation}
            camera = Camera(app, pilot, folder, prefix, keys, asides if is_whole else {}, typed)
            if scene is single:
                await pilot.resize_terminal(59, 14)
                await camera.shoot("too_small")
                await pilot.resize_terminal(*size)
            await camera.walk()


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scene", action="append", choices=[scene.__name__ for scene in SCENES])
    parser.add_argument("--size", action="append", choices=[f"{w}x{h}" for w, h in SIZES])
    parser.add_argument("--lang", action="append", choices=LANGUAGES)
    parser.add_argument("--colours", action="append", choices=["colour", "plain"])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.environ["COLORTERM"] = "truecolor"
    os.environ.pop("NO_COLOR", None)
    # Without colours comes last: what forbids them stays.
    for colours, scene, size, language in product(("colour", "plain"), SCENES, SIZES, LANGUAGES):
        wanted = (
            (options.scene, scene.__name__),
            (options.size, f"{size[0]}x{size[1]}"),
            (options.lang, language),
            (options.colours, colours),
        )
        if all(allowed is None or value in allowed for allowed, value in wanted):
            asyncio.run(film(scene, options.folder, size, language, has_colours=colours == "colour"))


if __name__ == "__main__":
    main()
