"""What every question is asked with: something to write to, something to read from."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from wizard.domain.key import looks_like_token
from wizard.text import Texts
from wizard.ui.plain.keyboard import Keyboard
from wizard.ui.plain.output import Output


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
class Console:
    """The two ends of the dialogue, and the language it is in."""

    keyboard: Keyboard
    out: Output
    t: Texts

    def ask(self, prompt: str) -> str | Command:
        """Ask for a line, which is shown while it is typed."""
        typed = self.keyboard.read_line(lambda: self.out.prompt(prompt))
        if not self.keyboard.echoes:
            self.out.line()
        if typed is not None and looks_like_token(typed):
            # The terminal has shown it, whatever was asked for; at least it goes no further.
            return Command.KEY_SHOWN
        return Command.END_OF_INPUT if typed is None else self._understood(typed)

    def ask_hidden(self, prompt: str) -> str | Command:
        """Ask for a secret, which is not shown."""
        typed = self.keyboard.read_hidden(lambda: self.out.prompt(prompt))
        # Nobody saw the line break either.
        self.out.line()
        return Command.END_OF_INPUT if typed is None else self._understood(typed)

    def _understood(self, typed: str) -> str | Command:
        return _COMMANDS.get(typed.strip().casefold(), typed)
