"""The walks through a set-up, as a person takes them and as flags say them."""

from dataclasses import dataclass
from typing import Final

from tests.e2e.faces import Face
from tests.support.house import House
from tests.support.sandbox import DemoKey, DemoWorld
from wizard.domain.setup import Setup
from wizard.findings import StepId

_SINGLE, _BUREAU = 1, 2

STEPS: Final = (
    StepId.WELCOME,
    StepId.ENABLE_API,
    StepId.CREATE_KEY,
    StepId.SETUP,
    StepId.ORG_NUMBER,
    StepId.REVIEW,
    StepId.FINALE,
)
"""Where the site has provided the rest, and every client is reached."""


@dataclass(frozen=True)
class Walk:
    """What is answered.

    Attributes:
        picked: The places of the clients that are picked from the list, where there are several.
    """

    name: str
    setup: Setup
    picked: tuple[int, ...] = ()

    def key(self, world: DemoWorld) -> DemoKey:
        """Return the key that fits it."""
        return world.office if self.setup.is_bureau else world.single_company

    def numbers(self, world: DemoWorld) -> list[str]:
        """Return the organisation numbers of the clients that are picked."""
        return [world.clients[place - 1].organization_number or "" for place in self.picked]

    def answer(self, face: Face, step: StepId, world: DemoWorld) -> None:
        """Answer a step."""
        match step:
            case StepId.CREATE_KEY:
                face.paste(wrapped(self.key(world).employee_token))
                face.works()
            case StepId.SETUP:
                face.choose(_BUREAU if self.setup.is_bureau else _SINGLE)
            case StepId.ORG_NUMBER if self.setup is Setup.BUREAU_CLIENT:
                if self.picked:
                    face.pick(*self.picked)
                    face.hears(f"{face.t('Selected: 1 client').partition(' ')[0]} {len(self.picked)}")
                else:
                    face.write(grouped(world.client.organization_number or ""))
                    face.hears(face.t("Selected: 1 client"))
                face.still_at(step)
                face.go_on()
            case _:
                face.go_on()

    def take(
        self, face: Face, house: House, *, after: StepId | None = None, to: StepId | None = None
    ) -> None:
        """Walk from one step to another, or from the first, or to the end; nothing is written too early.

        Args:
            face: Who walks.
            house: Where.
            after: The step that has been answered already.
            to: The step that is reached and not answered.
        """
        for step in STEPS[STEPS.index(after) + 1 if after else 0 :]:
            face.at(step)
            if step == to:
                return
            if step is not StepId.FINALE:
                assert not house.written
            self.answer(face, step, house.sandbox.world)

    def flags(self, house: House) -> list[str]:
        """Return the command line that says the same; the key comes on standard input."""
        words = ["--no-input", "--setup", self.setup, "--employee-token-file", "-", *house.flags]
        world = house.sandbox.world
        if self.picked:
            listed = house.folder / "numbers.txt"
            listed.write_text("\n".join(self.numbers(world)))
            return ["setup", str(house.configs), "--org-numbers-file", str(listed), *words]
        if self.setup is Setup.BUREAU_CLIENT:
            words += ["--org-number", grouped(world.client.organization_number or "")]
        return ["setup", str(house.config), *words]

    def target(self, house: House) -> list[str]:
        """Return the config that a person names; of several clients, each has a name of its own."""
        return [] if self.picked else [str(house.config)]


SINGLE_COMPANY: Final = Walk("single company", Setup.SINGLE_COMPANY)
BUREAU_CLIENT: Final = Walk("bureau, one client", Setup.BUREAU_CLIENT)
BUREAU_SHARED: Final = Walk("bureau, common", Setup.BUREAU_SHARED)
SEVERAL_CLIENTS: Final = Walk("bureau, several clients", Setup.BUREAU_CLIENT, picked=(1, 2))
EVERY_WALK: Final = (SINGLE_COMPANY, BUREAU_CLIENT, BUREAU_SHARED, SEVERAL_CLIENTS)


def wrapped(key: str) -> str:
    """Return a key as an e-mail or PDF gives it: a blank line first, and broken in the middle."""
    return f"\n{key[:44]}\n{key[44:]}\n"


def grouped(number: str) -> str:
    """Return an organisation number as people write it."""
    return f"NO {number[:3]} {number[3:6]} {number[6:]} MVA"
