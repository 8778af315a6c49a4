"""References: where a token is read, which a config contains instead of the token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never


@dataclass(frozen=True, slots=True)
class KeyringReference:
    """An entry in the desktop's or server's secret service, under the service ``tripletex-wizard``."""

    entry: str


@dataclass(frozen=True, slots=True)
class FileReference:
    """A private file; relative to the folder of the config that names it.

    May begin with ``${CREDENTIALS_DIRECTORY}``, which systemd sets for a service.
    """

    path: str


@dataclass(frozen=True, slots=True)
class EnvReference:
    """An environment variable."""

    name: str


@dataclass(frozen=True, slots=True)
class CommandReference:
    """A command that prints the token on its first line; run without a shell."""

    command: tuple[str, ...]


Reference = KeyringReference | FileReference | EnvReference | CommandReference


def reference_value(reference: Reference) -> tuple[str, str | list[str]]:
    """Return the reference as the config writes it: the kind and its value."""
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


def describe(reference: Reference) -> str:
    """Return the reference in the form that flags take: ``keyring:production/2147628461``.

    A command is named by its program alone: its arguments are the user's business.
    """
    kind, value = reference_value(reference)
    return f"{kind}:{value[0] if isinstance(value, list) else value}"


def reference_in(table: Mapping[str, object]) -> Reference:
    """Return the reference in a table such as ``{ keyring = "…" }``; names it does not know are passed over.

    Raises:
        ValueError: there is none.
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
            raise ValueError("must name exactly one of keyring, file, env and command")
