"""Reads answers from a terminal, whose echo is off except when reading a line, or from a stream."""

import os
import re
import select
import signal
import termios
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from io import UnsupportedOperation
from typing import Final, TextIO

_LONGEST: Final = 65_536
"""The maximum size of a hidden answer in bytes. Tokens are much shorter, but a wrong paste may be huge."""

_PASTE_BEGINS: Final = b"\x1b[200~"
_PASTE_ENDS: Final = b"\x1b[201~"
_SEQUENCE: Final = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.)?")
"""The escape sequences of arrow keys and of the marks around a paste (ECMA-48, 5.4)."""

_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_END: Final = (b"\n", b"\r")
_END_OF_INPUT: Final = "\x04"

_LFLAG: Final = 3
_CC: Final = 6
_NO_CHARACTER: Final = b"\x00"
"""The value that disables a control character on Linux (``_POSIX_VDISABLE``)."""


class Stream:
    """A pipe or a file with one answer per line, which is not shown."""

    echoes = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        with suppress(AttributeError, UnsupportedOperation):
            # An invalid byte should give an invalid answer, not a crash.
            stream.reconfigure(errors="replace")  # type: ignore[attr-defined]  # TextIOWrapper alone has it

    def without_echo(self) -> AbstractContextManager[None]:
        """Do nothing, since there is no echo."""
        return nullcontext()

    def restore(self) -> None:
        """Do nothing."""

    def read_line(self, prompt: Callable[[], None]) -> str | None:
        """Read one line."""
        prompt()
        line = self._stream.readline()
        return _cleaned(line).rstrip("\r\n") if line else None

    def read_hidden(self, prompt: Callable[[], None]) -> str | None:
        """Read one line."""
        return self.read_line(prompt)


class Terminal:
    """A terminal, whose echo is off except while a line is read.

    A secret may be pasted before it is asked for, while work is in progress. So the echo is off for the
    whole dialogue. Input from before a question is dropped, since it cannot be an answer to it, and so that
    the rest of a paste does not answer the next question.

    Attributes:
        settle: Seconds without input after a line break that end a hidden answer. A key may be wrapped, but
            the lines of a paste arrive within milliseconds.
        patience: The same if the mark for the end of a paste has not arrived.
    """

    echoes = True
    settle = 0.2
    patience = 1.0

    def __init__(self, descriptor: int, encoding: str) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._shown = termios.tcgetattr(descriptor)
        self._hidden = without_echo(self._shown)
        self._alarm: int | None = None

    @contextmanager
    def without_echo(self) -> Iterator[None]:
        """Turn off the echo, and restore the terminal on exit."""
        with self._woken_by_signals():
            try:
                self._use(self._hidden)
                yield
            finally:
                self.restore()

    def restore(self) -> None:
        """Restore the terminal."""
        # After a hang-up there is no terminal.
        with suppress(termios.error):
            self._use(self._shown)

    def read_line(self, prompt: Callable[[], None]) -> str | None:
        """Read a line with the terminal's own editing and echo."""
        typed = b""
        try:
            self._use(self._shown)
            prompt()
            while not typed.endswith(_LINE_END):
                chunk = self._read()
                if not chunk:
                    return None
                typed += chunk
            self._use(self._hidden)
        except termios.error:
            # The terminal is gone, so the echo cannot be turned off again.
            return None
        return _cleaned(self._decoded(typed)).rstrip("\r\n")

    def read_hidden(self, prompt: Callable[[], None]) -> str | None:
        """Read until no input follows a line break, so that the whole paste is read."""
        try:
            self._use(self._hidden)
        except termios.error:
            return None
        prompt()
        typed = b""
        text = ""
        ended = False
        while not ended or self._has_more(typed):
            chunk = self._read()
            ended = chunk.endswith(_LINE_END)
            typed = (typed + chunk)[:_LONGEST]
            text = _apply_editing_keys(self._decoded(typed))
            if not chunk or text == _END_OF_INPUT:
                return None
        return _cleaned(text).rstrip("\r\n")

    def _use(self, modes: list[int | list[bytes | int]]) -> None:
        # Flushed separately, because TCSAFLUSH would block on a terminal stopped with Ctrl+S.
        termios.tcflush(self._descriptor, termios.TCIFLUSH)
        termios.tcsetattr(self._descriptor, termios.TCSANOW, modes)

    @contextmanager
    def _woken_by_signals(self) -> Iterator[None]:
        # Without this, a signal just before a blocking read would only be handled after the next key press.
        # The byte in the pipe makes select() return.
        self._alarm, writing = os.pipe()
        try:
            os.set_blocking(writing, False)
            former = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
            try:
                yield
            finally:
                signal.set_wakeup_fd(former)
        finally:
            os.close(self._alarm)
            os.close(writing)
            self._alarm = None

    def _await_input(self) -> None:
        """Wait for input, while Python runs signal handlers."""
        if self._alarm is None:
            return
        while True:
            ready, _, _ = select.select([self._descriptor, self._alarm], [], [])
            if self._alarm in ready:
                os.read(self._alarm, 4096)
            if self._descriptor in ready:
                return

    def _read(self) -> bytes:
        self._await_input()
        try:
            return os.read(self._descriptor, 4096)
        except OSError:
            # The connection is gone (EIO), and SIGHUP may be ignored.
            return b""

    def _has_more(self, typed: bytes) -> bool:
        is_open = typed.rfind(_PASTE_BEGINS) > typed.rfind(_PASTE_ENDS)
        wait = self.patience if is_open else self.settle
        return bool(select.select([self._descriptor], [], [], wait)[0])

    def _decoded(self, typed: bytes) -> str:
        return typed.decode(self._encoding, "replace")


Keyboard = Stream | Terminal
"""A source of answers, whose ``read_…`` methods return None at the end of the input.

They write the prompt themselves, so that nothing that is typed after the prompt is lost. If it ``echoes``, a
line and its line break are shown while they are typed.
"""


def keyboard(stream: TextIO) -> Keyboard:
    """Return a keyboard for a stream."""
    return Terminal(stream.fileno(), stream.encoding) if stream.isatty() else Stream(stream)


def without_echo(modes: list[int | list[bytes | int]]) -> list[int | list[bytes | int]]:
    """Return terminal modes without echo and line buffering, which would limit lines to 4,095 bytes."""
    hidden = list(modes)
    flags, characters = modes[_LFLAG], modes[_CC]
    if not isinstance(flags, int) or not isinstance(characters, list):
        raise TypeError("not the modes of a terminal")
    hidden[_LFLAG] = flags & ~(termios.ECHO | termios.ECHONL | termios.ICANON)
    control = list(characters)
    control[termios.VMIN], control[termios.VTIME] = 1, 0
    # If Ctrl+Z suspended the program in the middle of a secret, the shell would turn on the echo.
    control[termios.VSUSP] = _NO_CHARACTER
    hidden[_CC] = control
    return hidden


def _apply_editing_keys(text: str) -> str:
    """Apply editing keys, which the terminal does not do in this mode."""
    kept: list[str] = []
    for character in text:
        if character in "\b\x7f":
            del kept[-1:]
        elif character in "\x15\x17":
            kept.clear()
        else:
            kept.append(character)
    return "".join(kept)


def _cleaned(text: str) -> str:
    """Remove escape sequences and control characters."""
    return _NOT_TEXT.sub("", _SEQUENCE.sub("", text))
