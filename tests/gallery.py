"""``python -m tests.gallery FOLDER``: every screen of every walk, in each size, language and colouring.

The pictures are to be looked at, not kept: ``rsvg-convert`` makes PNG of them.
"""

import argparse
import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Final

from tests.pictures import Still, Studio, picture, studio
from tests.support.rotation import Rig
from tests.support.sandbox import Sandbox
from wizard.context import VARIABLE, AppContext
from wizard.domain.setup import Environment
from wizard.menu.walk import MenuWalk
from wizard.sandbox.world import NO_FIGURES
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.site import SiteDefaults
from wizard.text import LANGUAGES, Language, Texts
from wizard.walk.pages import Shown

SIZES: Final = ((80, 24), (60, 20), (120, 40))
COLOURS: Final = {
    "dark": ("xterm-256color", "dark"),
    "light": ("xterm-256color", "light"),
    "dark16": ("xterm", "dark"),
    "light16": ("xterm", "light"),
}
"""A terminal, and the theme on it."""
_MOST_VISITS: Final = 2


@dataclass(frozen=True)
class Scene:
    """A way through the set-up.

    Attributes:
        keys: Which keys are pasted, one after the other; a text stands for itself.
        typed: What is pressed on a step before Enter.
        has_token: Whether the application's token is there.
        is_provisioned: Whether the place of the key is known.
        asides: What else is pressed on every page to see more of it.
    """

    keys: tuple[str, ...]
    typed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    has_token: bool = True
    is_provisioned: bool = True
    asides: tuple[str, ...] = ()


SCENES: Final = {
    "single": Scene(("company",), asides=("f1", "ctrl+q", "f5", "ctrl+c")),
    "common": Scene(("office",)),
    "client": Scene(("office",), {"org_number": (*"310 000 027", "enter")}),
    "several": Scene(("office",), {"org_number": ("down", "space", "down", "space")}),
    "missing": Scene(("office",), {"org_number": (*"974760673", "enter"), "client_access": ("down",)}),
    "storage": Scene(("company",), {"storage": ("down",)}, has_token=False, is_provisioned=False),
    "untested": Scene(
        ("office",), {"setup": ("down",), "org_number": (*"974760673", "enter")}, has_token=False
    ),
    "refused": Scene(("2147628461", "VismaFinale", "deleted", "company")),
}


@contextmanager
def served(scene: Scene, language: Language) -> Iterator[tuple[Shown, list[str]]]:
    """Serve a sandbox; give the walk of a scene, and the keys that are pasted in it."""
    sandbox = Sandbox()
    world = sandbox.world
    with sandbox.serve() as base_url, tempfile.TemporaryDirectory() as folder:
        world.grant_client_access(world.office, world.client_with_spaces, NO_FIGURES)
        named = {
            "company": world.single_company.employee_token,
            "office": world.office.employee_token,
            "deleted": world.deleted.employee_token,
        }
        environ = {VARIABLE: world.consumer_token} if scene.has_token else {}
        context = replace(AppContext.inside(Path(folder), SiteDefaults()), environ=environ)
        answers = Answers(environment=Environment.SANDBOX, base_url=base_url)
        if scene.is_provisioned:
            answers = replace(answers, store="file")
        yield SetupWalk(context, answers, Texts(language)), [named.get(key, key) for key in scene.keys]


async def one_config(rig: Rig) -> tuple[Shown, list[str]]:
    """Return the rotation of the only config of a key."""
    world = rig.world
    path = await rig.config("finale.toml", world.single_company)
    return rig.rotation(path), [world.add_key("new", world.single_company.company).employee_token]


async def lost_client(rig: Rig) -> tuple[Shown, list[str]]:
    """Return the rotation of several configs, of which one has a client that the new key does not reach."""
    office, clients = rig.world.office, rig.world.clients_of(rig.world.office)
    new = rig.world.add_key("new", office.company, company_owned=True, clients=clients[1:])
    return rig.rotation(*await office_configs(rig)), [new.employee_token]


async def menu(rig: Rig) -> tuple[Shown, list[str]]:
    """Return the menu, with configs of which some do not work."""
    await office_configs(rig)
    await rig.config("310000000.toml", rig.world.single_company)
    rig.world.grant_client_access(rig.world.office, rig.world.client_with_spaces, NO_FIGURES)
    rig.world.remove_client_access(rig.world.office, rig.world.clients_of(rig.world.office)[0])
    answers = Answers(environment=Environment.SANDBOX, base_url=rig.base_url, store="file")
    return MenuWalk(rig.context, Texts("nb"), answers), []


async def office_configs(rig: Rig) -> list[Path]:
    """Write the configs of an office: for all its clients, and for two of them."""
    office, clients = rig.world.office, rig.world.clients_of(rig.world.office)
    paths = [await rig.config("felles.toml", office, "bureau-shared", 'org_number = "%ORGNR%"')]
    # One of them has blanks in its number in Tripletex.
    for number in ("".join((client.organization_number or "").split()) for client in clients[:2]):
        more = f'org_number = "{number}"'
        paths.append(await rig.config(f"{number}.toml", office, "bureau-client", more))
    return paths


OTHERS: Final = {
    "rotation": (one_config, Scene((), {"rotate_end": ("down",)}, asides=("f1",))),
    "lost-client": (
        lost_client,
        Scene((), {"rotate_review": ("down", "down"), "rotate_end": ("down", "down")}),
    ),
    "menu": (menu, Scene((), {"menu": ("down", "down"), "fix": ("escape",)})),
}


@contextmanager
def staged(name: str, language: Language) -> Iterator[tuple[Shown, list[str]]]:
    """Give the walk of a scene at its first page, and the keys that are pasted in it."""
    if name in SCENES:
        with served(SCENES[name], language) as taken:
            yield taken
        return
    sandbox = Sandbox()
    with sandbox.serve() as base_url, tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder), sandbox, base_url)
        yield asyncio.run(OTHERS[name][0](rig))


async def film(
    scene: Scene, opened: AbstractAsyncContextManager[Studio], keys: list[str]
) -> dict[str, Still]:
    """Walk through a scene with Enter; return what was seen, in order."""
    taken: dict[str, Still] = {}

    async with opened as here:

        def shoot(name: str) -> None:
            taken[f"{len(taken) + 1:02}-{name}"] = Still(here.rows)

        visits: Counter[str] = Counter()
        while here.app.return_value is None:
            step = here.app.page.step
            visits[step] += 1
            if visits[step] > _MOST_VISITS:
                break
            shoot(step)
            while step == "create_key" and keys:
                await here.paste(keys.pop(0))
                shoot("pasted")
            for key in scene.asides:
                await here.press(key)
                shoot(f"{step}-{key}")
                await here.press("escape" if len(here.app.screen_stack) > 1 else "f9")
            if step in scene.typed:
                await here.press(*scene.typed[step])
                shoot(f"{step}-typed")
            await here.press("enter")
    return taken


def main() -> None:
    """Take every picture."""
    scenes = {**SCENES, **{name: scene for name, (_, scene) in OTHERS.items()}}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scene", action="append", choices=scenes)
    parser.add_argument("--size", action="append", choices=[f"{w}x{h}" for w, h in SIZES])
    parser.add_argument("--lang", action="append", choices=LANGUAGES)
    parser.add_argument("--colours", action="append", choices=COLOURS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    colours = options.colours or COLOURS
    for name, size, language, colour in product(
        options.scene or scenes, SIZES, options.lang or LANGUAGES, colours
    ):
        size_name = f"{size[0]}x{size[1]}"
        if size_name not in (options.size or [size_name]):
            continue
        os.environ["TERM"], theme = COLOURS[colour]
        with staged(name, language) as (walk, keys):
            taken = asyncio.run(film(scenes[name], studio(walk, language, size, theme), keys))
            for seen, still in taken.items():
                path = options.folder / f"{name}-{size_name}-{language}-{colour}-{seen}.svg"
                path.write_text(picture([still]))


if __name__ == "__main__":
    main()
