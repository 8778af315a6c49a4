"""The two faces as a person uses them, by the same words: so that one walk can be taken in both."""

import re
from abc import ABC, abstractmethod
from typing import ClassVar

from tests.e2e.terminal import Terminal
from wizard.findings import Code, StepId, Verdict
from wizard.guide import load_step
from wizard.text import Language, Texts
from wizard.ui.wording import verdict_word


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

    def at(self, step: StepId) -> None:
        """Wait until a step asks for an answer."""
        self.asked(self.title(step))
        if step is StepId.CHECK:
            self.checked()

    @abstractmethod
    def asked(self, title: str) -> None:
        """Wait until the question with a title asks for an answer."""

    @abstractmethod
    def checked(self) -> None:
        """Wait until the checks, which begin by themselves, are done."""

    @abstractmethod
    def still_at(self, step: StepId) -> None:
        """Wait until the same step asks once more."""

    @property
    @abstractmethod
    def shown(self) -> str:
        """What a person can read now."""

    def hears(self, said: Code | str) -> None:
        """Wait until something is said, however it is broken into lines; of a finding, its longest part."""
        if isinstance(said, Code):
            said = max(re.split(r"\{\w+[^{}]*\}", said.texts(self.language).message), key=len)
        words = " ".join(said.split())
        self.terminal.until(lambda: words in " ".join(self.shown.split()), repr(words))

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
    def again(self) -> None:
        """Read or check again."""

    @abstractmethod
    def go_back(self) -> None:
        """Go to the step before."""

    @abstractmethod
    def mend(self) -> None:
        """Go to the step that mends what was found."""

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

    def asked(self, title: str) -> None:
        def asks() -> bool:
            rows = self.terminal.rows
            return any(title in row for row in rows[:4]) and "Enter" in "".join(rows[-2:])

        self.terminal.until(asks, f"the question “{title}”")

    def checked(self) -> None:
        # Until then Enter is dropped.
        t = Texts(self.language)
        results = [
            f"{sign} {verdict_word(verdict, t)} " for sign, verdict in zip("✓✗?", Verdict, strict=True)
        ]
        self.terminal.until(lambda: any(result in self.terminal.text for result in results), "a check")
        self.asked(self.title(StepId.CHECK))

    def still_at(self, step: StepId) -> None:
        self.at(step)

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

    def again(self) -> None:
        self.terminal.send("r")

    def go_back(self) -> None:
        self.terminal.send("\x1b")

    def mend(self) -> None:
        self.terminal.send("\x1bOS")

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

    def asked(self, title: str) -> None:
        self.terminal.until(lambda: title in self.shown and self._asks, f"the question “{title}”")

    def checked(self) -> None:
        """Nothing more: it asks when they are done."""

    def still_at(self, step: StepId) -> None:
        # Only what is new is told again.
        self.terminal.until(lambda: self._asks, "the same question again")

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

    def again(self) -> None:
        self._answer("r")

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
