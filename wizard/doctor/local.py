"""Observations that need no I/O to other systems: program, terminal, language and the site's defaults."""

import os
import platform
import pwd
import re
import socket
import ssl
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from wizard import __version__
from wizard.doctor.observation import Fact, FactValue, Machine, Observation, Part
from wizard.domain.redaction import mask
from wizard.domain.setup import Environment
from wizard.findings import Finding, Phrase, Term
from wizard.site import DefaultsError, load_defaults
from wizard.text import N_, find_language

_DISTRIBUTION: Final = "tripletex-wizard"
_LIBRARY: Final = re.compile(r"[A-Za-z0-9._-]+")
# The value of a variable is only shown if it looks harmless.
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9@._+-]{1,40}")
_MULTIPLEXERS: Final = {"TMUX": "tmux", "STY": "GNU screen", "ZELLIJ": "Zellij"}

_UNREADABLE: Final = Term(N_("set, but not usable"))


async def program(_: Machine) -> Observation:
    """Observe the versions of the program, Python, the system and libraries."""
    facts: dict[Fact, FactValue] = {
        Fact.VERSION: __version__,
        Fact.PYTHON: f"{platform.python_implementation()} {platform.python_version()}",
        Fact.SYSTEM: _system(),
        Fact.OPENSSL: ssl.OPENSSL_VERSION,
        Fact.LIBRARIES: _libraries(),
    }
    return Observation(Part.PROGRAM, facts)


async def terminal(machine: Machine) -> Observation:
    """Observe the terminal, and the interface that would be used."""
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
    """Observe the language and its source."""
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
    """Observe which defaults files were read, and the names of the settings, but not their values."""
    try:
        found = load_defaults(machine.context.environ)
    except DefaultsError as error:
        return Observation(Part.DEFAULTS, {Fact.FILES: (error.path,)}, (error.finding,))
    decided = tuple(name for name in found._fields if name != "sources" and getattr(found, name) is not None)
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
    """Return the required libraries with their versions."""
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


USER: Final = "<user>"
HOST: Final = "<host>"

# These names do not identify anyone, and must stay readable.
_EVERYWHERE: Final = frozenset({"root", "localhost", "localhost.localdomain"})
_OURS: Final = (*(environment.host for environment in Environment if environment.host), "tripletex-wizard")


class Discretion:
    """Removes the names of users and machines from observations."""

    def __init__(self, homes: Iterable[str], users: Iterable[str], hosts: Iterable[str]) -> None:
        """Set the names. Home folders are replaced by ``~``, users by ``USER`` and hosts by ``HOST``."""
        self._homes = sorted({home.rstrip("/") for home in homes} - {""}, key=len, reverse=True)
        named = {**dict.fromkeys(hosts, HOST), **dict.fromkeys(users, USER)}
        self._names = {name.lower(): mask for name, mask in named.items() if name and name not in _EVERYWHERE}
        kept = "|".join(map(re.escape, _OURS))
        hidden = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True)))
        # Our own names are kept, even if the user is called “tripletex”.
        self._pattern = re.compile(
            rf"(?P<kept>{kept})|(?<!\w)(?P<hidden>{hidden or '(?!)'})(?!\w)", re.IGNORECASE
        )

    @classmethod
    def of(cls, environ: Mapping[str, str], path: Path | None = None) -> "Discretion":
        """Return an instance for this user and machine, and for the owners of a file and its folders."""
        homes, users = [environ.get("HOME", "")], [environ.get("USER", ""), environ.get("LOGNAME", "")]
        for each in (path.absolute(), *path.absolute().parents) if path else ():
            with suppress(OSError, KeyError):
                owner = pwd.getpwuid(each.stat().st_uid)
                users += [owner.pw_name, Path(owner.pw_dir).name]
        try:
            account = pwd.getpwuid(os.geteuid())
        except KeyError:  # a user without a name, as in some containers
            pass
        else:
            homes.append(account.pw_dir)
            users.append(account.pw_name)
        homes += [os.path.realpath(home) for home in homes if home]
        host = socket.gethostname()
        return cls(homes, [*users, *(Path(home).name for home in homes)], [host, host.partition(".")[0]])

    def text(self, text: str) -> str:
        """Return a text with names and tokens replaced."""
        for home in self._homes:
            text = re.sub(rf"{re.escape(home)}(?=/|$|\W)", "~", text)
        return self._pattern.sub(
            lambda match: match["kept"] or self._names[match["hidden"].lower()], mask(text)
        )

    def observation(self, seen: Observation) -> Observation:
        """Return an observation with names and tokens replaced."""
        return replace(
            seen,
            facts={name: self._value(value) for name, value in seen.facts.items()},
            findings=tuple(map(self._finding, seen.findings)),
            notes=tuple(map(self._finding, seen.notes)),
        )

    def _finding(self, finding: Finding) -> Finding:
        values = {name: self._value(value) for name, value in finding.values.items()}
        return replace(finding, values=MappingProxyType(values))

    def _value(self, value: Any) -> Any:  # noqa: ANN401 - the value of a fact or of a finding
        match value:
            case None | int() | float():
                return value
            case tuple():
                return tuple(map(self.text, value))
            case Phrase():
                return Phrase(value.text, **{name: self._value(each) for name, each in value.values.items()})
            case Term():
                return Term(self.text(value))
            case _:
                return self.text(str(value))
