"""What can be seen without asking anybody: program, terminal, language, the site's defaults."""

import platform
import re
import ssl
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

from wizard import __version__
from wizard.doctor.observation import Fact, FactValue, Machine, Observation, Part
from wizard.findings import Term, codes
from wizard.site import DefaultsError, load_defaults
from wizard.text import N_, find_language

_DISTRIBUTION: Final = "tripletex-wizard"
_LIBRARY: Final = re.compile(r"[A-Za-z0-9._-]+")
# The value of a variable is shown only if it looks as it should.
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9@._+-]{1,40}")
_MULTIPLEXERS: Final = {"TMUX": "tmux", "STY": "GNU screen", "ZELLIJ": "Zellij"}

_UNREADABLE: Final = Term(N_("set, but not usable"))


async def program(_: Machine) -> Observation:
    """Which program on which Python on which system."""
    facts: dict[Fact, FactValue] = {
        Fact.VERSION: __version__,
        Fact.PYTHON: f"{platform.python_implementation()} {platform.python_version()}",
        Fact.SYSTEM: _system(),
        Fact.OPENSSL: ssl.OPENSSL_VERSION,
        Fact.LIBRARIES: _libraries(),
    }
    return Observation(Part.PROGRAM, facts)


async def terminal(machine: Machine) -> Observation:
    """What the wizard is shown on, and which face it would have."""
    seen, environ = machine.terminal, machine.context.environ
    multiplexers = (name for variable, name in _MULTIPLEXERS.items() if environ.get(variable))
    facts: dict[Fact, FactValue] = {
        Fact.STDIN: seen.is_stdin,
        Fact.STDERR: seen.is_stderr,
        Fact.TERM: _plain(environ, "TERM"),
        Fact.SIZE: f"{seen.columns} x {seen.lines}" if seen.columns and seen.lines else None,
        Fact.ENCODING: seen.encoding,
        Fact.COLOUR: bool(environ.get("NO_COLOR")),
        Fact.REMOTE: bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")),
        Fact.MULTIPLEXER: next(multiplexers, None),
        Fact.FACE: seen.face,
        Fact.REASON: seen.reason,
    }
    return Observation(Part.TERMINAL, facts)


async def language(machine: Machine) -> Observation:
    """Which language, and what decided it."""
    context = machine.context
    chosen, source = find_language(machine.language_flag, context.environ, context.defaults.language)
    variable = next((name for name in ("LC_ALL", "LC_MESSAGES", "LANG") if context.environ.get(name)), None)
    facts: dict[Fact, FactValue] = {
        Fact.LANGUAGE: chosen,
        Fact.DECIDED_BY: _SOURCES.get(source, source),
        Fact.LOCALE: variable and _plain(context.environ, variable),
        Fact.ENCODING: sys.getfilesystemencoding(),
    }
    return Observation(Part.LANGUAGE, facts)


_SOURCES: Final = {
    "site": Term(N_("the site's defaults")),
    "default": Term(N_("nothing; Norwegian is the default")),
}


async def defaults(machine: Machine) -> Observation:
    """Which files of the site were read, and what they decide; not how."""
    try:
        found = load_defaults(machine.context.environ)
    except DefaultsError as error:
        # The sentence begins with the path of the file.
        finding = error.refusal or codes.DEFAULTS_UNUSABLE.found(problem=str(error))
        return Observation(Part.DEFAULTS, {Fact.FILES: (error.path,)}, (finding,))
    decided = tuple(
        name for name in found.__slots__ if name != "sources" and getattr(found, name) is not None
    )
    return Observation(Part.DEFAULTS, {Fact.FILES: found.sources, Fact.DECIDED: decided})


def _plain(environ: Mapping[str, str], variable: str) -> str | None:
    value = environ.get(variable)
    return value if not value or _PLAIN_WORD.fullmatch(value) else _UNREADABLE


def _system() -> str:
    kernel = f"{platform.system()} {platform.release()} {platform.machine()}"
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']} ({kernel})"
    except (OSError, KeyError):
        return kernel


def _libraries() -> tuple[str, ...]:
    """Return what the program is built on, with versions."""
    try:
        wanted = [line for line in requires(_DISTRIBUTION) or () if "extra ==" not in line]
    except PackageNotFoundError:
        return ()
    return tuple(sorted(_with_version(match[0]) for line in wanted if (match := _LIBRARY.match(line))))


def _with_version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} -"
