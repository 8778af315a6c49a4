"""References, which a config contains instead of tokens, and the keys that they point to."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, assert_never

from wizard.domain.key import looks_like_token
from wizard.findings import Finding, codes


@dataclass(frozen=True, slots=True)
class KeyringReference:
    """An entry in the desktop's or server's secret service, under the service ``tripletex-wizard``."""

    entry: str


@dataclass(frozen=True, slots=True)
class FileReference:
    """A private file. The path is relative to the folder of the config.

    It may start with ``${CREDENTIALS_DIRECTORY}``, which systemd sets for a service.
    """

    path: str


@dataclass(frozen=True, slots=True)
class EnvReference:
    """An environment variable."""

    name: str


@dataclass(frozen=True, slots=True)
class CommandReference:
    """A command that prints the token on its first line. It is run without a shell."""

    command: tuple[str, ...]


Reference = KeyringReference | FileReference | EnvReference | CommandReference


def reference_value(reference: Reference) -> tuple[str, str | list[str]]:
    """Return the kind and value of a reference, as in a config."""
    match reference:
        case KeyringReference(entry):
            return "keyring", entry
        case FileReference(path):
            return "file", path
        case EnvReference(name):
            return "env", name
        case CommandReference(command):
            return "command", list(command)
        case _:
            assert_never(reference)


ReferenceTable = dict[str, str | list[str]]


def reference_table(reference: Reference) -> ReferenceTable:
    """Return a reference as a table of a config, such as ``{"keyring": "production/2147628461"}``."""
    kind, value = reference_value(reference)
    return {kind: value}


def describe(reference: Reference) -> str:
    """Return a reference in the format of flags, such as ``keyring:production/2147628461``.

    For a command, only the program is shown, since its arguments may be confidential.
    """
    kind, value = reference_value(reference)
    return f"{kind}:{value[0] if isinstance(value, list) else value}"


def reference_in(table: Mapping[str, object]) -> Reference:
    """Return the reference in a table such as ``{ keyring = "…" }``. Unknown names are ignored.

    Raises:
        ValueError: If there is no valid reference.
    """
    match table:
        case {"keyring": str(entry)}:
            return KeyringReference(entry)
        case {"file": str(path)}:
            return FileReference(path)
        case {"env": str(name)}:
            return EnvReference(name)
        case {"command": [*words]} if words and all(isinstance(word, str) for word in words):
            return CommandReference(tuple(map(str, words)))
        case _:
            raise ValueError("must contain exactly one of keyring, file, env and command")


_VARIABLE_NAME: Final = re.compile(r"""[^\s=$"'`(){}|&;<>\x00-\x1f\x7f]+""")
_DECORATED: Final = re.compile(r"\$(?:\{(?P<braced>.*)\}|(?P<plain>.*))")
_FOR_A_SHELL: Final = re.compile(r"\|\|?|&&?|;|\d?>>?(?:&\d)?|<<?|\$\(.*|`.*")


def parse_reference(text: str) -> Reference | Finding | None:
    """Parse the value of a flag: ``env:NAME``, ``file:PATH``, ``keyring:ENTRY`` or ``command:…``.

    Returns:
        The reference, a finding if its value is invalid, or None if it has none of these forms.
    """
    kind, _, value = text.partition(":")
    if not value:
        return None
    match kind:
        case "keyring":
            return KeyringReference(value)
        case "file":
            return FileReference(value)
        case "env":
            return read_variable(value)
        case "command":
            return read_command(value)
        case _:
            return None


def read_command(text: str) -> CommandReference | Finding:
    """Parse a command, splitting it into words as a POSIX shell would. Return a finding if it is invalid."""
    if looks_like_token(text):
        return codes.KEY_SHOWN.found()
    try:
        words = shlex.split(text)
    except ValueError:
        return codes.COMMAND_UNREADABLE.found()
    if not words or not words[0]:
        return codes.COMMAND_UNREADABLE.found()
    if odd := next((word for word in words if _FOR_A_SHELL.fullmatch(word)), None):
        return codes.COMMAND_NEEDS_SHELL.found(word=odd[:2])
    return CommandReference(tuple(words))


def read_variable(text: str) -> EnvReference | Finding:
    """Parse the name of a variable, which may be written as ``$NAME``. Return a finding if it is invalid."""
    if looks_like_token(text):
        return codes.KEY_SHOWN.found()
    name = text.strip()
    if decorated := _DECORATED.fullmatch(name):
        name = decorated["braced"] or decorated["plain"] or ""
    return EnvReference(name) if _VARIABLE_NAME.fullmatch(name) else codes.VARIABLE_NAME.found()


StoreKind = Literal["keyring", "file", "command"]
OwnKind = Literal["command", "env"]
"""The kinds of references to a key that people store themselves."""


class HeldKey(NamedTuple):
    """A key that has been stored.

    Attributes:
        reference: The reference to it.
        number: Its number in Tripletex; None for the format used before 2022.
        length: Its length in characters.
        fingerprint: A short hash, to distinguish keys.
        owned: Whether the wizard stored it.
    """

    reference: Reference
    number: int | None
    length: int
    fingerprint: str
    owned: bool = True
