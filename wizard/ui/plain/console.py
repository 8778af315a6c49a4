"""Writes lines of text and reads answers."""

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
        """Write text, wrapped between words.

        Args:
            text: The text, in which control characters are escaped.
            indent: A prefix for the first line.
            hang: A prefix for the other lines; by default spaces of the length of ``indent``.
        """
        lines = textwrap.wrap(
            visible(text),
            self.width,
            initial_indent=indent,
            subsequent_indent=" " * len(indent) if hang is None else hang,
            # So that paths and commands can be copied.
            break_long_words=False,
            break_on_hyphens=False,
        )
        self._write("\n".join(lines) + "\n")

    def block(self, text: str) -> None:
        """Write several lines without wrapping them."""
        self._write(visible(text, keep="\n\t").rstrip("\n") + "\n")

    def prompt(self, text: str) -> None:
        """Write a prompt without a line break."""
        self._write(f"{visible(text)} > ".lstrip())

    def _write(self, text: str) -> None:
        self._stream.write(encodable(text, self._stream.encoding))
        self._stream.flush()


class Command(Enum):
    """An input with the same meaning for every question."""

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
    """The input and output of a dialogue, and its language."""

    keyboard: Keyboard
    out: Output
    t: Texts

    def ask(self, prompt: str) -> str | Command:
        """Ask for a line that is shown while it is typed."""
        typed = self.keyboard.read_line(lambda: self.out.prompt(prompt))
        if not self.keyboard.echoes:
            self.out.line()
        if typed is not None and looks_like_token(typed):
            # The terminal has already shown it, so it must not be used as a key or stored.
            return Command.KEY_SHOWN
        return Command.END_OF_INPUT if typed is None else self._parsed(typed)

    def ask_hidden(self, prompt: str) -> str | Command:
        """Ask for a secret that is not shown while it is typed."""
        typed = self.keyboard.read_hidden(lambda: self.out.prompt(prompt))
        # The line break was not shown either.
        self.out.line()
        return Command.END_OF_INPUT if typed is None else self._parsed(typed)

    def _parsed(self, typed: str) -> str | Command:
        return _COMMANDS.get(typed.strip().casefold(), typed)
