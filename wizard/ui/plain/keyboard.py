"""Where answers come from: a terminal, whose echo is off unless a line is asked for, or a stream."""

import os
import re
import select
import signal
import termios
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from io import UnsupportedOperation
from typing import Final, Protocol, TextIO

_LONGEST: Final = 65_536
"""Bytes that are kept of a hidden answer; no token comes near, and a wrong paste may be huge."""

_PASTE_BEGINS: Final = b"\x1b[200~"
_PASTE_ENDS: Final = b"\x1b[201~"
_SEQUENCE: Final = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.)?")
"""What arrow keys and the marks around a paste send (ECMA-48, 5.4)."""

_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_END: Final = (b"\n", b"\r")
_END_OF_INPUT: Final = "\x04"

_LFLAG: Final = 3
_CC: Final = 6
_NO_CHARACTER: Final = b"\x00"
"""The value that switches a control character off on Linux (``_POSIX_VDISABLE``)."""


class Keyboard(Protocol):
    """Something to read answers from; None means that no more will come.

    The prompt is written by the reading: once it is there, nothing that is typed is lost.

    Attributes:
        echoes: Whether a line and its break show up by themselves while they are typed.
    """

    echoes: bool

    def hushed(self) -> AbstractContextManager[None]:
        """Show nothing that is typed, except while a line is read; undone at the end."""
        ...

    def restore(self) -> None:
        """Show what is typed again; what ``hushed`` ends with."""
        ...

    def read_line(self, prompt: Callable[[], None]) -> str | None:
        """Read a line that is shown while it is typed."""
        ...

    def read_hidden(self, prompt: Callable[[], None]) -> str | None:
        """Read a secret, line breaks inside it included."""
        ...


def keyboard(stream: TextIO) -> Keyboard:
    """Return the way to read a stream that suits it."""
    return Terminal(stream.fileno(), stream.encoding) if stream.isatty() else Stream(stream)


class Stream:
    """A pipe or a file with one answer per line; nothing is shown, so nothing must be hidden."""

    echoes = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        with suppress(AttributeError, UnsupportedOperation):
            # A wrong byte makes a wrong answer, not a crash.
            stream.reconfigure(errors="replace")  # type: ignore[attr-defined]  # TextIOWrapper alone has it

    def hushed(self) -> AbstractContextManager[None]:
        """Do nothing: there is no echo."""
        return nullcontext()

    def restore(self) -> None:
        """Do nothing."""

    def read_line(self, prompt: Callable[[], None]) -> str | None:
        """Read one line."""
        prompt()
        line = self._stream.readline()
        return _cleaned(line).rstrip("\r\n") if line else None

    def read_hidden(self, prompt: Callable[[], None]) -> str | None:
        """Read one line; the next one answers the next question."""
        return self.read_line(prompt)


class Terminal:
    """A terminal in which echo is the exception.

    A secret may be pasted before it is asked for, while something else is being worked on. So the
    echo is off for the whole dialogue, and what was typed before a question is dropped: it was not
    meant for a question that nobody had seen, and the rest of a paste must not answer one.

    Attributes:
        settle: Seconds of silence after a line break that end a hidden answer. The lines of a paste
            follow each other within milliseconds; a wrapped key has several.
        patience: The same while the mark that ends a paste has not come.
    """

    echoes = True
    settle = 0.2
    patience = 1.0

    def __init__(self, descriptor: int, encoding: str) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._shown = termios.tcgetattr(descriptor)
        self._hidden = _without_echo(self._shown)
        self._alarm: int | None = None

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """Switch the echo off, and everything back to what it was at the end."""
        with self._woken_by_signals():
            try:
                self._use(self._hidden)
                yield
            finally:
                self.restore()

    def restore(self) -> None:
        """Set the terminal as it was."""
        # After a hang-up there is none to set.
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
            # Not without hiding again what is typed: there is no terminal any more.
            return None
        return _cleaned(self._decoded(typed)).rstrip("\r\n")

    def read_hidden(self, prompt: Callable[[], None]) -> str | None:
        """Read until a line break is followed by silence, so that no rest of a paste is left over."""
        try:
            self._use(self._hidden)
        except termios.error:
            return None
        prompt()
        typed = b""
        text = ""
        ended = False
        while not ended or self._goes_on(typed):
            chunk = self._read()
            ended = chunk.endswith(_LINE_END)
            typed = (typed + chunk)[:_LONGEST]
            text = _edited(self._decoded(typed))
            if not chunk or text == _END_OF_INPUT:
                return None
        return _cleaned(text).rstrip("\r\n")

    def _use(self, modes: list[int | list[bytes | int]]) -> None:
        # Flushing and setting apart: TCSAFLUSH would wait for a terminal that was stopped by Ctrl+S.
        termios.tcflush(self._descriptor, termios.TCIFLUSH)
        termios.tcsetattr(self._descriptor, termios.TCSANOW, modes)

    @contextmanager
    def _woken_by_signals(self) -> Iterator[None]:
        # A signal that comes just before a blocking read is else noticed only after the next key. A byte in a
        # pipe stays until somebody looks.
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
        """Wait until something can be read, while Python carries out what signals ask for."""
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
            # The connection is gone (EIO); the signal that says so may have been ignored.
            return b""

    def _goes_on(self, typed: bytes) -> bool:
        is_open = typed.rfind(_PASTE_BEGINS) > typed.rfind(_PASTE_ENDS)
        wait = self.patience if is_open else self.settle
        return bool(select.select([self._descriptor], [], [], wait)[0])

    def _decoded(self, typed: bytes) -> str:
        return typed.decode(self._encoding, "replace")


def _without_echo(modes: list[int | list[bytes | int]]) -> list[int | list[bytes | int]]:
    """Return modes that show nothing and hand over every byte at once: a line may exceed 4,095."""
    hidden = list(modes)
    flags, characters = modes[_LFLAG], modes[_CC]
    if not isinstance(flags, int) or not isinstance(characters, list):
        raise TypeError("not the modes of a terminal")
    hidden[_LFLAG] = flags & ~(termios.ECHO | termios.ECHONL | termios.ICANON)
    control = list(characters)
    control[termios.VMIN], control[termios.VTIME] = 1, 0
    # A shell that takes over in the middle of a secret would switch the echo on.
    control[termios.VSUSP] = _NO_CHARACTER
    hidden[_CC] = control
    return hidden


def _edited(text: str) -> str:
    """Carry out the editing keys that the terminal does not see to while the echo is off."""
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
    """Take out what no one typed as text: the marks of a paste, other keys, stray controls."""
    return _NOT_TEXT.sub("", _SEQUENCE.sub("", text))
