"""The two ends of the dialogue: lines of text are written, and answers read."""

import shutil
import textwrap
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TextIO

from wizard.domain.key import looks_like_token
from wizard.domain.legible import encodable, visible
from wizard.text import Texts
from wizard.ui.plain.keyboard import Keyboard

_WIDEST: Final = 79
_NARROWEST: Final = 40


class Output:
    """Writes to a stream without colour, escape sequences or redrawing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        columns = shutil.get_terminal_size().columns if stream.isatty() else _WIDEST
        self.width = max(_NARROWEST, min(_WIDEST, columns - 1))

    def line(self, text: str = "", indent: str = "", hang: str | None = None) -> None:
        """Write one sentence, wrapped between words.

        Args:
            text: The sentence; control characters in it are written out.
            indent: The text before its first line.
            hang: The text before the other lines; as wide as ``indent`` unless given.
        """
        lines = textwrap.wrap(
            visible(text),
            self.width,
            initial_indent=indent,
            subsequent_indent=" " * len(indent) if hang is None else hang,
            # A path or a command is to be copied.
            break_long_words=False,
            break_on_hyphens=False,
        )
        self._write("\n".join(lines) + "\n")

    def block(self, text: str) -> None:
        """Write several lines as they are."""
        self._write(visible(text, keep="\n\t").rstrip("\n") + "\n")

    def prompt(self, text: str) -> None:
        """Write the prompt before an answer, on the same line."""
        self._write(f"{visible(text)} > ".lstrip())

    def _write(self, text: str) -> None:
        self._stream.write(encodable(text, self._stream.encoding))
        self._stream.flush()


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
