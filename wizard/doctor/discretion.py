"""Takes out of a report what says whose machine it is, and every token."""

import os
import pwd
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from wizard.doctor.observation import FactValue, Observation
from wizard.domain.environment import Environment
from wizard.domain.redaction import mask
from wizard.findings import Finding, Term

USER: Final = "<user>"
HOST: Final = "<host>"

# They identify nobody, and must stay readable.
_EVERYWHERE: Final = frozenset({"root", "localhost", "localhost.localdomain"})
_OURS: Final = (*(environment.host for environment in Environment if environment.host), "tripletex-wizard")


class Discretion:
    """Knows the names that must not be shown."""

    def __init__(self, homes: Iterable[str], users: Iterable[str], hosts: Iterable[str]) -> None:
        """Take the names: home folders become ``~``, users and hosts a word for what they are."""
        self._homes = sorted({home.rstrip("/") for home in homes} - {""}, key=len, reverse=True)
        named = {**dict.fromkeys(hosts, HOST), **dict.fromkeys(users, USER)}
        self._names = {name.lower(): sign for name, sign in named.items() if name and name not in _EVERYWHERE}
        kept = "|".join(map(re.escape, _OURS))
        hidden = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True)))
        # What is ours stays, also on a server whose user is called “tripletex”.
        self._pattern = re.compile(
            rf"(?P<kept>{kept})|(?<!\w)(?P<hidden>{hidden or '(?!)'})(?!\w)", re.IGNORECASE
        )

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Discretion":
        """Return one that knows the user and the machine that the program runs as and on."""
        homes, users = [environ.get("HOME", "")], [environ.get("USER", ""), environ.get("LOGNAME", "")]
        try:
            account = pwd.getpwuid(os.geteuid())
        except KeyError:  # a container's user without a name
            pass
        else:
            homes.append(account.pw_dir)
            users.append(account.pw_name)
        homes += [os.path.realpath(home) for home in homes if home]
        host = socket.gethostname()
        return cls(homes, [*users, *(Path(home).name for home in homes)], [host, host.partition(".")[0]])

    def text(self, text: str) -> str:
        """Return a text without the names and without tokens."""
        for home in self._homes:
            text = re.sub(rf"{re.escape(home)}(?=/|$|\W)", "~", text)
        return self._pattern.sub(
            lambda match: match["kept"] or self._names[match["hidden"].lower()], mask(text)
        )

    def observation(self, seen: Observation) -> Observation:
        """Return the same observation without names."""
        return replace(
            seen,
            facts={name: self._value(value) for name, value in seen.facts.items()},
            findings=tuple(map(self._finding, seen.findings)),
            notes=tuple(map(self._finding, seen.notes)),
        )

    def _value(self, value: FactValue) -> FactValue:
        if isinstance(value, tuple):
            return tuple(map(self.text, value))
        return self._hidden(value) if isinstance(value, str) else value

    def _finding(self, finding: Finding) -> Finding:
        values = {
            name: value if isinstance(value, int | float) else self._hidden(value)
            for name, value in finding.values.items()
        }
        return replace(finding, values=MappingProxyType(values))

    def _hidden(self, value: object) -> str:
        hidden = self.text(str(value))
        return Term(hidden) if isinstance(value, Term) else hidden
