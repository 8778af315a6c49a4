"""Reads references as people type them: in a flag, or at the step for a place of their own."""

import re
from typing import Final

from wizard.domain.key import looks_like_token
from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    FileReference,
    KeyringReference,
    Reference,
)
from wizard.findings import Finding, codes

_NAME: Final = re.compile(r"""[^\s=$"'`(){}|&;<>\x00-\x1f\x7f]+""")
_DECORATED: Final = re.compile(r"\$(?:\{(?P<braced>.*)\}|(?P<plain>.*))")
_FOR_A_SHELL: Final = re.compile(r"\|\|?|&&?|;|\d?>>?(?:&\d)?|<<?|\$\(.*|`.*")


def parse_reference(text: str) -> Reference | Finding | None:
    """Return the reference that a flag names: ``env:NAME``, ``file:PATH``, ``keyring:ENTRY``, ``command:…``.

    None where it has none of these forms; what is wrong with the rest of it is a finding.
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
    """Return a command, split into words as a POSIX shell would split it; it is run without one."""
    import shlex  # noqa: PLC0415 - only for what is rarely given

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
    """Return a variable by its name, which may be written as a shell writes it: ``$NAME``."""
    if looks_like_token(text):
        return codes.KEY_SHOWN.found()
    name = text.strip()
    if decorated := _DECORATED.fullmatch(name):
        name = decorated["braced"] or decorated["plain"] or ""
    return EnvReference(name) if _NAME.fullmatch(name) else codes.VARIABLE_NAME.found()
