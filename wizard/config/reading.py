"""Reads a config and says everything that is wrong with it at once, each with its place."""

import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from wizard.config.building import build
from wizard.config.fields import ENVIRONMENT, SETUP
from wizard.config.flaw import Document, Flaw, printable, value_at
from wizard.config.judging import judge
from wizard.config.leaks import leaks_in, leaks_in_broken, leaks_in_comments, may_have_leaking_comment
from wizard.config.meaning import choice
from wizard.config.model import Config
from wizard.config.problems import load
from wizard.domain.environment import Environment
from wizard.domain.setup import Setup
from wizard.findings import Finding, Place, Term, codes
from wizard.text import N_

BOM: Final = "\ufeff"
"""Windows editors put it in front of UTF-8; it is no part of the first line."""

_LARGEST: Final = 8 * 1024 * 1024
_LARGEST_SHOWN: Final = "8 MiB"
_REASONS: Final = {
    errno.EACCES: Term(N_("permission denied")),
    errno.EPERM: Term(N_("permission denied")),
    errno.ENOENT: Term(N_("there is no such file")),
    errno.ENOTDIR: Term(N_("there is no such file")),
    errno.ELOOP: Term(N_("the links lead in a circle")),
    errno.EIO: Term(N_("the disk reports an error")),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a config.

    Attributes:
        config: What it says; None where an error was found.
        findings: Everything that was found, in the order of the file; what has no place comes last.
        text: The file's own text, BOM and line ends included; None where it is no text.
        path: The file, if it was one.
        setup: The set-up, where it could be read in spite of errors.
        environment: The environment, likewise.
    """

    config: Config | None
    findings: tuple[Finding, ...]
    text: str | None = field(default=None, repr=False)
    path: Path | None = None
    setup: Setup | None = None
    environment: Environment | None = None


def read_config(path: Path) -> Reading:
    """Read a config file. What is wrong with it, or with reading it, is among the findings."""
    try:
        data = _read(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        number = getattr(error, "errno", None) or errno.EINVAL
        reason = _REASONS.get(number) or os.strerror(number)
        return Reading(
            None, (codes.FILE_UNREADABLE.found(path=printable(str(path)), reason=reason),), path=path
        )
    if isinstance(data, Finding):
        return Reading(None, (data,), path=path)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        good = data[: error.start].decode().removeprefix(BOM)
        place = Place(good.count("\n") + 1, len(good) - good.rfind("\n"))
        leaks = leaks_in_broken(data.decode(errors="replace"))
        return Reading(None, (codes.NOT_UTF8.found(place=place), *leaks), path=path)
    return parse_config(text, path)


def parse_config(text: str, path: Path | None = None) -> Reading:
    """Read the text of a config, with or without a BOM in front; ``path`` is only passed on."""
    plain = text.removeprefix(BOM)
    document = load(plain)
    if isinstance(document, Finding):
        return Reading(None, (document, *leaks_in_broken(plain)), text, path)
    findings = _findings(plain, document)
    return Reading(
        config=None if any(finding.is_error for finding in findings) else build(document),
        findings=findings,
        text=text,
        path=path,
        setup=choice(Setup, value_at(document, SETUP)),
        environment=choice(Environment, value_at(document, ENVIRONMENT)),
    )


def _findings(plain: str, document: Document) -> tuple[Finding, ...]:
    leaks = list(leaks_in(document))
    leaking = {(leak.path, leak.is_name) for leak in leaks}
    # A key where something else should stand is one fault, not two.
    flaws = [*leaks, *(flaw for flaw in judge(document) if (flaw.path, flaw.is_name) not in leaking)]
    may_leak = may_have_leaking_comment(plain)
    return _placed(plain, flaws, with_comments=may_leak) if flaws or may_leak else ()


def _placed(plain: str, flaws: list[Flaw], *, with_comments: bool) -> tuple[Finding, ...]:
    from wizard.config.positions import Positions  # noqa: PLC0415 - nothing of it is needed for a good config

    positions = Positions(plain)
    findings = [flaw.finding.at(positions.place_of(flaw)) for flaw in flaws]
    if with_comments:
        findings += leaks_in_comments(positions)
    last = Place(len(plain) + 2, 0)
    return tuple(sorted(findings, key=lambda finding: finding.place or last))


def _read(path: Path) -> bytes | Finding:
    seen = path.stat()
    # A folder may be opened, to learn that it may not be read. A device might begin to work.
    if not (stat.S_ISREG(seen.st_mode) or stat.S_ISDIR(seen.st_mode)):
        return codes.NOT_A_FILE.found()
    # O_NONBLOCK: it may have become a FIFO meanwhile, and opening one waits for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return codes.NOT_A_FILE.found()
        with open(descriptor, "rb", closefd=False) as opened:
            data = opened.read(_LARGEST + 1)
    finally:
        os.close(descriptor)
    return data if len(data) <= _LARGEST else codes.TOO_LARGE.found(limit=_LARGEST_SHOWN)
