"""The two faces as a person uses them, by the same words: so that one walk can be taken in both."""

from abc import ABC, abstractmethod
from typing import ClassVar

from tests.e2e.terminal import Terminal
from wizard.domain.finding import Finding
from wizard.domain.step import StepId
from wizard.guide import load_step
from wizard.text import Language, Texts


class Face(ABC):
    """Somebody at a terminal.

    Attributes:
        flags: What on the command line asks for this face.
    """

    flags: ClassVar[tuple[str, ...]] = ()

    def __init__(self, terminal: Terminal, language: Language = "nb") -> None:
        self.terminal = terminal
        self.language: Language = language

    def title(self, step: StepId) -> str:
        """Return what stands above a step."""
        return load_step(step, self.language).title

    @abstractmethod
    def at(self, step: StepId) -> None:
        """Wait until a step asks for an answer."""

    @property
    @abstractmethod
    def shown(self) -> str:
        """What a person can read now."""

    def hears(self, finding: Finding | str) -> None:
        """Wait until something is said, however it is broken into lines."""
        t = Texts(self.language)
        sentence = " ".join((finding if isinstance(finding, str) else finding.message(t)).split())
        self.terminal.until(lambda: sentence in " ".join(self.shown.split()), repr(sentence))

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
    def pick(self, *numbers: int) -> None:
        """Answer with several out of a list, each by its place from 1."""

    @abstractmethod
    def paste(self, text: str) -> None:
        """Paste a key, instead of what may stand in the field, and press Enter."""

    @abstractmethod
    def go_back(self) -> None:
        """Go to the step before."""

    @abstractmethod
    def switch_language(self) -> None:
        """Change between Norwegian and English."""

    @abstractmethod
    def leave(self) -> None:
        """Leave before the end."""

    def _other_language(self) -> None:
        self.language = "en" if self.language == "nb" else "nb"


class FullScreen(Face):
    """The full-screen face: what counts is what stands on the screen now."""

    def at(self, step: StepId) -> None:
        title = self.title(step)

        def asks() -> bool:
            rows = self.terminal.rows
            # Checks begin by themselves; a key that is pressed before they are done is dropped.
            has_run = step is not StepId.CHECK or any(row[2:4] in {"✓ ", "✗ ", "? "} for row in rows)
            return any(title in row for row in rows[:4]) and "Enter" in "".join(rows[-2:]) and has_run

        self.terminal.until(asks, f"the step “{title}”")

    @property
    def shown(self) -> str:
        return self.terminal.text

    def go_on(self) -> None:
        self.terminal.send("\r")

    def choose(self, number: int) -> None:
        self.terminal.send(f"{number}\r")

    def write(self, text: str) -> None:
        self.terminal.send(f"\x15{text}\r")

    def pick(self, *numbers: int) -> None:
        place = 0
        for number in numbers:
            self.terminal.send("\x1b[B" * (number - place) + " ")
            place = number
        self.terminal.send("\r")

    def paste(self, text: str) -> None:
        self.terminal.send("\x15")
        self.terminal.paste(text)
        self.go_on()

    def go_back(self) -> None:
        self.terminal.send("\x1b")

    def switch_language(self) -> None:
        self.terminal.send("\x1bOQ")
        self._other_language()

    def leave(self) -> None:
        self.terminal.send("\x11")


class Lines(Face):
    """The line face: what counts is what was written since the last answer."""

    flags = ("--plain",)

    def __init__(self, terminal: Terminal, language: Language = "nb") -> None:
        super().__init__(terminal, language)
        self._answered = 0

    def at(self, step: StepId) -> None:
        title = self.title(step)
        self.terminal.until(lambda: title in self.shown and self._asks, f"the step “{title}”")

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

    def pick(self, *numbers: int) -> None:
        self._answer(",".join(map(str, numbers)))
        self.terminal.until(lambda: self._asks, "the same question again")
        self._answer("")

    def paste(self, text: str) -> None:
        self._answered = len(self.terminal.plain)
        self.terminal.paste(text)
        self.terminal.send("\r")

    def go_back(self) -> None:
        self._answer("<")

    def switch_language(self) -> None:
        self._answer("!")
        self._other_language()

    def leave(self) -> None:
        self._answer("q")

    def _answer(self, text: str) -> None:
        self._answered = len(self.terminal.plain)
        self.terminal.send(f"{text}\r")


BOTH: tuple[type[Face], ...] = (FullScreen, Lines)
