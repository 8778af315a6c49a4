"""The standard streams: they show what they can of any text, and decide no exit code.

A reader who has gone away and a stream that is closed are no errors, and a character that an encoding
lacks is substituted: everything that is written, by whatever part of the program, goes through here.
"""

import io
import os
import sys

from wizard.domain.legible import SUBSTITUTE, visible

TYPE_CHECKING = False  # typing itself is half of what --version costs
if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import ReadableBuffer

    from wizard.findings import Finding
    from wizard.text import Texts


def settle_streams() -> None:
    """Make sure that there are three standard streams, and that nobody has to read what is written.

    ``validate … | head`` must exit with the result of the check, and ``2>&-`` or a full disk behind
    standard error must not turn a wrong command line into a crash. What else keeps standard output
    from being written, such as a full disk, is still an error.
    """
    _open_closed()
    # A test, or a program that calls this one, may have put something of its own there.
    if sys.stdout is sys.__stdout__ and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _over(_Unread(1, "w", closefd=False), sys.stdout)
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _over(_Unheard(2, "w", closefd=False), sys.stderr)


class _Unread(io.FileIO):
    """Keeps working without a reader."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            lead_nowhere(self.fileno())
            return len(memoryview(data))


class _Unheard(io.FileIO):
    """Ignores messages that cannot be written: the exit code says the most important part."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(memoryview(data))


def _over(raw: io.FileIO, former: io.TextIOWrapper) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=_encoding_of(former),
        errors=SUBSTITUTE,
        line_buffering=bool(former.line_buffering),
    )


def _encoding_of(stream: io.TextIOWrapper) -> str:
    """Return the encoding of a stream; for a terminal of a C locale ASCII, which Python makes UTF-8."""
    return "ascii" if stream.isatty() and has_c_locale(os.environ) else stream.encoding


def has_c_locale(environ: "Mapping[str, str]") -> bool:
    """Whether a locale was chosen that knows ASCII only; none at all says nothing about a terminal."""
    values = (environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    return next(filter(None, values), "") in {"C", "POSIX"}


def put(text: str) -> None:
    """Write data to standard output, with control characters escaped."""
    sys.stdout.write(visible(text, keep="\n\t"))


def say(sentence: str) -> None:
    """Print a message to standard error; data goes to standard output."""
    shown = visible(sentence, keep="\n")
    sys.stderr.write(f"{_wrapped(shown) if sys.stderr.isatty() else shown}\n")


def tell_finding(finding: "Finding", t: "Texts", *, with_hint: bool = True) -> None:
    """Print what was found to standard error, and what to do about it."""
    say(f"{finding.code.id}  {finding.message(t)}")
    if with_hint and (hint := finding.hint(t)):
        say(f"       {t('hint')}: {hint}")


def _wrapped(text: str) -> str:
    """Break lines between words: a terminal breaks them anywhere."""
    from shutil import get_terminal_size  # with compression and all, and only for a terminal
    from textwrap import fill

    width = max(get_terminal_size().columns - 1, 20)
    lines = text.split("\n")
    indents = [line[: len(line) - len(line.lstrip())] for line in lines]
    return "\n".join(
        fill(
            line.strip(),
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line, indent in zip(lines, indents, strict=True)
    )


def lead_nowhere(descriptor: int) -> None:
    """Let everything that is still written to a descriptor go nowhere, silently."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _open_closed() -> None:
    """Open standard streams that are closed: a file opened later would take their place."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
        mode = "w" if descriptor else "r"
        binary = open(descriptor, f"{mode}b", closefd=False)  # noqa: SIM115 - for the whole run
        stream = io.TextIOWrapper(binary, encoding="utf-8", errors=SUBSTITUTE)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
