"""A person at a terminal: one vocabulary for both faces, and the walks through a set-up."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Self

import pytest

from tests.support.home import Home
from tests.support.sandbox import DemoKey, DemoWorld
from tests.support.terminal import Terminal
from wizard.domain.setup import Setup
from wizard.findings import Code, StepId
from wizard.guide import load_page
from wizard.text import Language, Texts


class Face(ABC):
    """A person at a terminal.

    Attributes:
        flags: The flags that select this face.
    """

    flags: ClassVar[tuple[str, ...]] = ()

    def __init__(self, terminal: Terminal, language: Language = "nb") -> None:
        self.terminal = terminal
        self.language: Language = language

    @classmethod
    def start(cls, home: Home, *words: str | Path) -> Self:
        """Start the wizard with this face on a new terminal."""
        return cls(home.start(*words, *cls.flags))

    @classmethod
    def set_up(cls, home: Home, *more: str | Path) -> Self:
        """Start a set-up with this face on a new terminal."""
        return cls.start(home, "setup", home.target, *home.flags, *more)

    @property
    def t(self) -> Texts:
        """The language that is read."""
        return Texts(self.language)

    def title(self, step: StepId) -> str:
        """Return what is above a step."""
        return load_page(step, self.language).title

    def at(self, step: StepId) -> None:
        """Wait until a step asks for an answer, and what it does by itself is done."""
        self.asked(self.title(step))

    @abstractmethod
    def asked(self, title: str) -> None:
        """Wait until the page with a title asks for an answer."""

    @abstractmethod
    def still_at(self, step: StepId) -> None:
        """Wait until the same step asks once more."""

    @property
    @abstractmethod
    def shown(self) -> str:
        """What a person can read now."""

    def hears(self, said: Code | str) -> None:
        """Wait for a text, ignoring line breaks; for the longest fixed part of the message of a finding."""
        if isinstance(said, Code):
            said = max(re.split(r"\{\w+[^{}]*\}", said.texts(self.language).message), key=len)
        words = " ".join(said.split())
        self.terminal.until(lambda: words in self.words, repr(words))

    @property
    def words(self) -> str:
        """What is shown, without the bars and breaks in it."""
        return " ".join(self.shown.replace("▌", " ").split())

    def works(self) -> None:
        """Wait until the card says that the key works, and continue."""
        self.hears(self.t("The key works"))
        self.at(StepId.CREATE_KEY)
        self.go_on()

    @abstractmethod
    def go_on(self) -> None:
        """Press Enter."""

    @abstractmethod
    def choose(self, number: int) -> None:
        """Answer with an option."""

    @abstractmethod
    def write(self, text: str) -> None:
        """Answer with a line."""

    @abstractmethod
    def pick(self, *places: int) -> None:
        """Answer with several clients of the list, each by its place from 1."""

    @abstractmethod
    def paste(self, text: str) -> None:
        """Paste a key, which is checked and tested at once."""

    @abstractmethod
    def again(self) -> None:
        """Check again."""

    @abstractmethod
    def anyway(self) -> None:
        """Go on with a key that was refused."""

    @abstractmethod
    def go_back(self) -> None:
        """Go to the page before."""

    @abstractmethod
    def mend(self) -> None:
        """Go to the step that the card leads to."""

    @abstractmethod
    def switch_language(self) -> None:
        """Change between Norwegian and English."""

    @abstractmethod
    def leave(self) -> None:
        """Leave before the end."""

    def _other_language(self) -> None:
        self.language = "en" if self.language == "nb" else "nb"


class FullScreen(Face):
    """The full-screen face: what counts is what is on the screen now."""

    def asked(self, title: str) -> None:
        def asks() -> bool:
            rows = self.terminal.rows
            footer = next((row for row in reversed(rows) if row.strip()), "")
            is_busy = f"Esc {self.t('cancel')}" in footer
            return any(title in row for row in rows[:5]) and "F1" in footer and not is_busy

        self.terminal.until(asks, f"the page “{title}”")
        # The rows arrive one after the other: the last of them may be of the page before.
        while self.terminal.read(0.1):
            self.terminal.until(asks, f"the page “{title}”")

    def still_at(self, step: StepId) -> None:
        self.at(step)

    @property
    def shown(self) -> str:
        return self.terminal.text

    def go_on(self) -> None:
        self.terminal.send("\r")

    def choose(self, number: int) -> None:
        self.terminal.send(str(number))

    def write(self, text: str) -> None:
        self.terminal.send(f"\x15{text}\r")

    def pick(self, *places: int) -> None:
        at = 0
        for place in places:
            self.terminal.send("\x1b[B" * (place - at) + " ")
            at = place

    def paste(self, text: str) -> None:
        self.terminal.paste(text)

    def again(self) -> None:
        self.terminal.send("\x12")

    def anyway(self) -> None:
        self.terminal.send("\x1b[17~")

    def go_back(self) -> None:
        self.terminal.send("\x1b")

    def mend(self) -> None:
        self.terminal.send("\x1bOS")

    def switch_language(self) -> None:
        self.terminal.send("\x1bOQ")
        self._other_language()

    def leave(self) -> None:
        self.terminal.send("\x11")
        question = f"2  {self.t('Quit now')}"
        # On the last page nothing is asked: there, leaving is finishing.
        while question not in self.terminal.text and (self.terminal.read(0.5) or not self.terminal.has_ended):
            pass
        if not self.terminal.has_ended:
            self.terminal.send("2")


class Lines(Face):
    """The line face: what counts is what was written since the last answer."""

    flags = ("--plain",)

    def __init__(self, terminal: Terminal, language: Language = "nb") -> None:
        super().__init__(terminal, language)
        self._answered = 0

    def title(self, step: StepId) -> str:
        return self.t("Before you start") if step is StepId.WELCOME else super().title(step)

    def asked(self, title: str) -> None:
        self.terminal.until(lambda: title in self.words and self._asks, f"the question “{title}”")

    def still_at(self, step: StepId) -> None:
        # Only new text is written again.
        self.terminal.until(lambda: self._asks, "the same question again")

    def works(self) -> None:
        self.hears(self.t("The key works"))
        self.still_at(StepId.CREATE_KEY)
        self.go_on()

    @property
    def shown(self) -> str:
        return self.terminal.plain[self._answered :]

    @property
    def _asks(self) -> bool:
        return self.shown.endswith("> ")

    def go_on(self) -> None:
        self._answer("")

    def choose(self, number: int) -> None:
        self._answer(str(number))

    def write(self, text: str) -> None:
        self._answer(text)

    def pick(self, *places: int) -> None:
        # The first row is the one for all clients.
        self._answer(",".join(str(place + 1) for place in places))

    def paste(self, text: str) -> None:
        self._answered = len(self.terminal.plain)
        self.terminal.paste(text)
        self.terminal.send("\r")

    def again(self) -> None:
        self._answer("r")

    def anyway(self) -> None:
        self._answer("f")

    def go_back(self) -> None:
        self._answer("<")

    def mend(self) -> None:
        self._answer("g")

    def switch_language(self) -> None:
        self._answer("!")
        self._other_language()

    def leave(self) -> None:
        self._answer("q")

    def _answer(self, text: str) -> None:
        self._answered = len(self.terminal.plain)
        self.terminal.send(f"{text}\r")


BOTH: tuple[type[Face], ...] = (FullScreen, Lines)
EVERY_FACE = pytest.mark.parametrize("face", BOTH)
SOON: Final = 3.0
"""Seconds until an ended run is gone; half a second is what is wanted, where nothing else is to be done."""


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

    def take(self, face: Face, home: Home, *, after: StepId | None = None, to: StepId | None = None) -> None:
        """Walk from one step to another, or from the first, or to the end; nothing is written too early.

        Args:
            face: Who walks.
            home: Where.
            after: The step that has been answered already.
            to: The step that is reached and not answered.
        """
        for step in STEPS[STEPS.index(after) + 1 if after else 0 :]:
            face.at(step)
            if step == to:
                return
            if step is not StepId.FINALE:
                assert not home.written
            self.answer(face, step, home.world)

    def flags(self, home: Home) -> list[str]:
        """Return the flags that give the same answers; the key comes on standard input."""
        words = ["--no-input", "--setup", self.setup, "--employee-token-file", "-", *home.flags]
        world = home.world
        if self.picked:
            listed = home.folder / "numbers.txt"
            listed.write_text("\n".join(self.numbers(world)))
            return ["setup", str(home.configs), "--org-numbers-file", str(listed), *words]
        if self.setup is Setup.BUREAU_CLIENT:
            words += ["--org-number", grouped(world.client.organization_number or "")]
        return ["setup", str(home.target), *words]

    def target(self, home: Home) -> list[str]:
        """Return the config that is named on the command line; several clients have none."""
        return [] if self.picked else [str(home.target)]


SINGLE_COMPANY: Final = Walk("single company", Setup.SINGLE_COMPANY)
BUREAU_CLIENT: Final = Walk("bureau, one client", Setup.BUREAU_CLIENT)
BUREAU_SHARED: Final = Walk("bureau, common", Setup.BUREAU_SHARED)
SEVERAL_CLIENTS: Final = Walk("bureau, several clients", Setup.BUREAU_CLIENT, picked=(1, 2))
EVERY_WALK: Final = (SINGLE_COMPANY, BUREAU_CLIENT, BUREAU_SHARED, SEVERAL_CLIENTS)


def wrapped(key: str) -> str:
    """Return a key as an e-mail or PDF gives it: after an empty line, and broken in the middle."""
    return f"\n{key[:44]}\n{key[44:]}\n"


def grouped(number: str) -> str:
    """Return an organisation number as people write it."""
    return f"NO {number[:3]} {number[3:6]} {number[6:]} MVA"
