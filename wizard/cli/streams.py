"""Sets up the standard streams, so that writing to them does not fail.

A broken pipe and a closed stream are not errors, and characters that the encoding lacks are replaced. This
applies to everything that the program writes.
"""

import codecs
import io
import os
import sys

from wizard.domain.legible import SUBSTITUTE, visible

TYPE_CHECKING = False  # importing typing takes half of the time of --version
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from _typeshed import ReadableBuffer

    from wizard.findings import Finding
    from wizard.text import Texts


def prepare_streams() -> None:
    """Open closed streams, and ignore a broken pipe and errors in writing to standard error.

    ``validate … | head`` must exit with the result of the check, and ``2>&-`` or a full disk for standard
    error must not turn a usage error into a crash. Other errors in writing to standard output, such as a
    full disk, are still raised.
    """
    _open_closed_streams()
    # Tests and programs that call this one may have replaced them.
    if sys.stdout is sys.__stdout__ and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _text_stream(_StandardOutput(1, "w", closefd=False), sys.stdout)
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _text_stream(_StandardError(2, "w", closefd=False), sys.stderr)


class _StandardOutput(io.FileIO):
    """Standard output that ignores a broken pipe."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            discard_output(self.fileno())
            return len(memoryview(data))


class _StandardError(io.FileIO):
    """Standard error that ignores all errors in writing."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(memoryview(data))


def _text_stream(raw: io.FileIO, former: io.TextIOWrapper) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=_encoding_of(former),
        errors=SUBSTITUTE,
        line_buffering=bool(former.line_buffering),
    )


def _encoding_of(stream: io.TextIOWrapper) -> str:
    """Return the encoding of a stream; for a terminal the one that the locale names.

    Python takes UTF-8 instead for C and POSIX, and for a locale that is not installed on the machine.
    """
    return (stream.isatty() and named_encoding(os.environ)) or stream.encoding


def named_encoding(environ: "Mapping[str, str]") -> str | None:
    """Return the encoding that the locale names, such as that of ``nb_NO.ISO-8859-1``, or None.

    A bare ``nb_NO`` is short for ISO 8859-1 where that locale is installed, and Python then says so.
    Elsewhere it has usually come over SSH, and tells nothing about the terminal, which today uses UTF-8 by
    default.
    """
    # In its UTF-8 mode Python has set LC_CTYPE itself (PEP 538).
    names = ("LC_ALL", "LANG") if sys.flags.utf8_mode else ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next(filter(None, map(environ.get, names)), "")
    named = "ascii" if locale in {"C", "POSIX"} else locale.partition(".")[2].partition("@")[0]
    try:
        return codecs.lookup(named).name if named else None
    except LookupError:
        return None


def wants_colour(options: "Namespace") -> bool:
    """Return whether to use colours on standard output."""
    is_plain = options.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not is_plain


def write_output(text: str) -> None:
    """Write text to standard output, with control characters escaped."""
    sys.stdout.write(visible(text, keep="\n\t"))


def print_message(sentence: str) -> None:
    """Print a message to standard error, with control characters escaped."""
    shown = visible(sentence, keep="\n")
    sys.stderr.write(f"{_wrapped(shown) if sys.stderr.isatty() else shown}\n")


def print_findings(findings: "Sequence[Finding]", t: "Texts") -> None:
    """Print findings and their advice to standard error."""
    if findings:
        from wizard.ui.report.text import ReportWriter  # most runs find nothing

        ReportWriter(sys.stderr).findings(findings, t)


def _wrapped(text: str) -> str:
    """Wrap lines between words, which a terminal does not do."""
    from shutil import get_terminal_size  # slow to import, and only needed for a terminal
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


def discard_output(descriptor: int) -> None:
    """Redirect a descriptor to the null device."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _open_closed_streams() -> None:
    """Open standard streams that are closed. Otherwise, a file opened later would get their descriptor."""
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
