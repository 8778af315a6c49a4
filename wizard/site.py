"""The site's defaults, which an administrator sets for all users of a machine.

``defaults.toml`` is searched for as in the XDG base directory specification: first in the user's
``$XDG_CONFIG_HOME/tripletex-wizard``, then in each of ``$XDG_CONFIG_DIRS`` (``/etc/xdg``). For each setting,
the first file that has it takes precedence.
"""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from wizard.domain.key import shows_token
from wizard.domain.reference import FileReference, Reference, reference_in
from wizard.domain.setup import Environment
from wizard.files import reading
from wizard.findings import Finding, Phrase, Term, codes
from wizard.paths import defaults_files
from wizard.secrets.trust import Trust
from wizard.text import N_

_LINE = re.compile(r"at line (\d+)")


class DefaultsError(Exception):
    """A defaults file cannot be used.

    Attributes:
        path: The file.
        problem: The reason.
        refusal: The finding if the file can be changed by a user who is not trusted.
    """

    def __init__(self, path: str, problem: Term | Phrase, refusal: Finding | None = None) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem
        self.refusal = refusal

    @property
    def finding(self) -> Finding:
        """The finding for this error, with the path of the file."""
        problem = Phrase("{path}: {problem}", path=self.path, problem=self.problem)
        return self.refusal or codes.DEFAULTS_UNUSABLE.found(problem=problem)


class _WrongValue(Exception):
    """A setting has a value that it cannot have."""

    def __init__(self, problem: str, **values: object) -> None:
        super().__init__(problem)
        self.problem = Phrase(problem, **values)


class SiteDefaults(NamedTuple):
    """The site's defaults; None if not set.

    Attributes:
        folder: The folder for new configs.
        store: The store for keys. ``file`` means that the site agrees to unencrypted private files. The
            default is ``command`` if both commands are set.
        key_folder: The folder for private key files, instead of the user's data folder.
        store_command: Stores a key that it reads from standard input; ``{entry}`` is replaced by its name.
        read_command: Prints a stored key. Configs refer to this command.
        plain: Whether to always use the line-by-line interface.
        theme: The theme of the full screen.
        hook: A command to run after a rotation.
        trusted_folders: Folders below which the owners and modes of configs are not checked.
        pass_environment: Variables that are passed to commands and the hook although they look like tokens.
        sources: The files that were read.
    """

    language: str | None = None
    environment: Environment | None = None
    application: str | None = None
    consumer_token: Reference | None = None
    folder: str | None = None
    store: Literal["keyring", "file", "command"] | None = None
    key_folder: str | None = None
    store_command: tuple[str, ...] | None = None
    read_command: tuple[str, ...] | None = None
    plain: bool | None = None
    theme: Literal["dark", "light"] | None = None
    hook: tuple[str, ...] | None = None
    trusted_folders: tuple[str, ...] | None = None
    pass_environment: tuple[str, ...] | None = None
    sources: tuple[str, ...] = ()


def load_defaults(environ: Mapping[str, str]) -> SiteDefaults:
    """Read all defaults files.

    Raises:
        DefaultsError: If a file is invalid or can be changed by others.
    """
    merged = SiteDefaults()
    for path in defaults_files(environ):
        found = _load(path)
        for name in _SETTINGS:
            if getattr(merged, name) is None and getattr(found, name) is not None:
                merged = merged._replace(**{name: getattr(found, name)})
        merged = merged._replace(sources=(*merged.sources, path))
    return _complete(merged)


def _complete(merged: SiteDefaults) -> SiteDefaults:
    """Check settings that depend on each other."""
    has_pair = merged.store_command is not None and merged.read_command is not None
    if not has_pair and (merged.store_command or merged.read_command):
        raise DefaultsError(
            merged.sources[-1], Term(N_("“store_command” and “read_command” must both be set"))
        )
    if merged.store == "command" and not has_pair:
        raise DefaultsError(
            merged.sources[-1],
            Term(N_("“store” is command, so “store_command” and “read_command” must be set")),
        )
    return merged._replace(store="command") if has_pair and merged.store is None else merged


def _load(path: str) -> SiteDefaults:
    settings = _read(path)
    for name, value in settings.items():
        if name not in _SETTINGS:
            known = ", ".join(sorted(_SETTINGS))
            problem = Phrase(N_("unknown setting “{name}”; known: {known}"), name=name, known=known)
            raise DefaultsError(path, problem)
        try:
            settings[name] = _SETTINGS[name](value)
        except _WrongValue as wrong:
            problem = Phrase(N_("“{name}” {problem}"), name=name, problem=wrong.problem)
            raise DefaultsError(path, problem) from None
    token = settings.get("consumer_token")
    if isinstance(token, FileReference) and not token.path.startswith(("/", "$")):
        settings["consumer_token"] = FileReference(f"{Path(path).parent}/{token.path}")
    return SiteDefaults(**settings)


def _read(path: str) -> dict[str, Any]:
    try:
        os.close(reading.open_regular(path))  # report a device or a FIFO before checking its owner
    except OSError as error:
        raise DefaultsError(path, reading.reason_of(error)) from None
    # The file may contain a command to run and a reference to the consumer token.
    if refusal := Trust().refusal(path):
        raise DefaultsError(path, Term(N_("other users can change it")), refusal)
    try:
        text = reading.decode(reading.read_regular(path, reading.LIST_LIMIT))
        if shows_token(text):
            # Checked first, because other errors quote the file.
            raise DefaultsError(path, Term(N_("it contains a token; name the file that it is in instead")))
        return reading.parse_toml(text)
    except OSError as error:
        raise DefaultsError(path, reading.reason_of(error)) from None
    except UnicodeDecodeError:
        raise DefaultsError(path, Term(N_("it is not UTF-8 text"))) from None
    except ValueError as error:
        place = _LINE.search(str(error))
        problem = Phrase(
            N_("it is not valid TOML (line {line}): {problem}"),
            line=place[1] if place else len(text.rstrip().split("\n")),  # else at the end
            problem=reading.toml_problem(str(error)),
        )
        raise DefaultsError(path, problem) from None
    except RecursionError:
        raise DefaultsError(path, Term(N_("it is nested too deeply"))) from None


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise _WrongValue(N_("must be text"))


def _one_of(*choices: str) -> Callable[[object], str]:
    def convert(value: object) -> str:
        if value not in choices:
            raise _WrongValue(N_("must be one of {choices}"), choices=", ".join(choices))
        return str(value)

    return convert


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _WrongValue(N_("must be true or false"))


def _environment(value: object) -> Environment:
    return Environment(_one_of(*Environment)(value))


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        raise _WrongValue(N_("must be a list of words, the program first"))
    return tuple(value)


def _entry_command(value: object) -> tuple[str, ...]:
    words = _words(value)
    if not any("{entry}" in word for word in words[1:]):
        problem = N_("must contain {entry}, which is replaced by the name of the entry")
        raise _WrongValue(problem, entry="{entry}")
    return words


def _folder(value: object) -> str:
    text = _text(value)
    if not text.startswith(("/", "~/")):
        raise _WrongValue(N_("must be an absolute path, such as /etc/finale/keys"))
    return text


def _folders(value: object) -> tuple[str, ...]:
    folders = _names(value)
    if any(not folder.startswith(("/", "~/")) for folder in folders):
        raise _WrongValue(N_("must be a list of absolute paths"))
    return folders


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise _WrongValue(N_("must be a list of texts"))
    return tuple(value)


def _reference(value: object) -> Reference:
    if isinstance(value, dict) and len(value) == 1:
        with suppress(ValueError):
            return reference_in(value)
    raise _WrongValue(N_("must contain exactly one of keyring, file, env and command"))


_SETTINGS: dict[str, Any] = {
    "language": _one_of("nb", "en"),
    "environment": _environment,
    "application": _text,
    "consumer_token": _reference,
    "folder": _text,
    "store": _one_of("keyring", "file", "command"),
    "key_folder": _folder,
    "store_command": _entry_command,
    "read_command": _entry_command,
    "plain": _truth,
    "theme": _one_of("dark", "light"),
    "hook": _words,
    "trusted_folders": _folders,
    "pass_environment": _names,
}
