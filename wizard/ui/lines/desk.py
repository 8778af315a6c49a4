"""What every kind of question is asked with: something to write on, something to read from."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from wizard.domain.key import looks_like_token
from wizard.findings import StepId
from wizard.text import Texts
from wizard.ui.lines.keyboard import Keyboard
from wizard.ui.lines.output import Output

_MEND: Final = re.compile(r"g([1-9])?")


class Command(Enum):
    """What a person may answer to any question instead of answering it."""

    BACK = auto()
    HELP = auto()
    LANGUAGE = auto()
    LEAVE = auto()
    END_OF_INPUT = auto()
    KEY_SHOWN = auto()


_COMMANDS: Final = {
    "<": Command.BACK,
    "?": Command.HELP,
    "!": Command.LANGUAGE,
    "q": Command.LEAVE,
}


@dataclass(frozen=True, slots=True)
class Mend:
    """Go to the step that mends a finding."""

    step: StepId


@dataclass(frozen=True, slots=True)
class Desk:
    """The two ends of the dialogue, and what may be answered on the question that is being asked.

    Attributes:
        mends: The steps that would mend what was found; ``g`` goes to the first, ``g2`` to the second.
    """

    keyboard: Keyboard
    out: Output
    t: Texts
    mends: tuple[StepId, ...] = ()

    def ask(self, prompt: str) -> str | Command | Mend:
        """Ask for a line, which is shown while it is typed."""
        typed = self.keyboard.read_line(lambda: self.out.prompt(prompt))
        if not self.keyboard.echoes:
            self.out.line()
        if typed is not None and looks_like_token(typed):
            # The terminal has shown it, whatever was asked for; at least it goes no further.
            return Command.KEY_SHOWN
        return Command.END_OF_INPUT if typed is None else self._understood(typed)

    def ask_hidden(self, prompt: str) -> str | Command | Mend:
        """Ask for a secret, which is not shown."""
        typed = self.keyboard.read_hidden(lambda: self.out.prompt(prompt))
        # Nobody saw the line break either.
        self.out.line()
        return Command.END_OF_INPUT if typed is None else self._understood(typed)

    def _understood(self, typed: str) -> str | Command | Mend:
        word = typed.strip().casefold()
        if word in _COMMANDS:
            return _COMMANDS[word]
        if self.mends and (mend := _MEND.fullmatch(word)):
            number = int(mend[1] or 1)
            if number <= len(self.mends):
                return Mend(self.mends[number - 1])
        return typed
