"""Where the dialogue is written: lines of text and nothing else, so that anything can read them out."""

import shutil
import textwrap
from typing import Final, TextIO

from wizard.domain.legible import encodable, visible

_WIDEST: Final = 78
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
