"""What an administrator has decided for everybody on the machine, so that nobody is asked for it.

``defaults.toml`` is looked for in the order of the XDG base directory specification: the user's
``$XDG_CONFIG_HOME/tripletex-wizard`` first, then each of ``$XDG_CONFIG_DIRS`` (``/etc/xdg``). The
first file that names a setting decides it.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from wizard.domain.key import looks_like_token
from wizard.domain.reference import FileReference, Reference, reference_in
from wizard.domain.setup import Environment
from wizard.files.reading import LIST_LIMIT, decode, open_regular, parse_toml, read_regular, reason_of
from wizard.findings import Finding
from wizard.paths import defaults_files
from wizard.secrets.trust import Trust
from wizard.text import Texts

_WORD = re.compile(r"""[^\s"'=,]+""")


class DefaultsError(Exception):
    """A defaults file cannot be used. ``path`` says which, ``problem`` why (English, for operators).

    ``refusal`` is set if a user who is not trusted may have written it.
    """

    def __init__(self, path: str, problem: str, refusal: Finding | None = None) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class SiteDefaults:
    """The settings of a site; None or empty where nothing was decided.

    Attributes:
        folder: Where new configs are written.
        store: Where keys are kept; ``file`` is the site's consent to plain private files. A complete pair
            of commands means ``command``, unless it says otherwise.
        key_folder: Where private key files are kept, instead of the user's own data folder.
        store_command: Puts a key away that it gets on standard input; ``{entry}`` is the name.
        read_command: Prints the key again; configs refer to it.
        plain: Whether to use the line face always.
        theme: The colours of the full screen.
        hook: The command that runs after a rotation.
        trusted_folders: Folders below which neither owner nor mode of a config counts.
        pass_environment: Variables that commands and the hook get although they look like tokens.
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
    """Read all defaults files that exist.

    Raises:
        DefaultsError: one is not TOML, has a setting that cannot be used, or can be changed by others.
    """
    merged = SiteDefaults()
    for path in defaults_files(environ):
        found = _load(path)
        for name in _SETTINGS:
            if getattr(merged, name) is None and getattr(found, name) is not None:
                merged = replace(merged, **{name: getattr(found, name)})
        merged = replace(merged, sources=(*merged.sources, path))
    return _complete(merged)


def _complete(merged: SiteDefaults) -> SiteDefaults:
    """Check settings that belong together against each other."""
    has_pair = merged.store_command is not None and merged.read_command is not None
    if not has_pair and (merged.store_command or merged.read_command):
        raise DefaultsError(merged.sources[-1], "“store_command” and “read_command” go together: name both")
    if merged.store == "command" and not has_pair:
        raise DefaultsError(merged.sources[-1], "“store” is command: name “store_command” and “read_command”")
    return replace(merged, store="command") if has_pair and merged.store is None else merged


def _load(path: str) -> SiteDefaults:
    try:
        os.close(open_regular(path))  # of a device or a FIFO nobody need judge the owner
    except OSError as error:
        raise DefaultsError(path, reason_of(error)) from None
    # It can name a command to run and where the application's token comes from.
    if refusal := Trust().refusal(path):
        t = Texts("en")
        raise DefaultsError(path, f"{refusal.message(t)} {refusal.hint(t)}", refusal)
    try:
        text = decode(read_regular(path, LIST_LIMIT))
        if any(looks_like_token(word) for word in _WORD.findall(text)):
            # Found before anything can quote it: an error names the setting that it is about.
            raise DefaultsError(path, 'holds a token; write where it lies instead, as { file = "…" }')
        settings = parse_toml(text)
    except OSError as error:
        raise DefaultsError(path, reason_of(error)) from None
    except ValueError as error:
        raise DefaultsError(path, str(error)) from None
    except RecursionError:
        raise DefaultsError(path, "is nested too deeply") from None
    for name, value in settings.items():
        if name not in _SETTINGS:
            raise DefaultsError(path, f"unknown setting “{name}”; known: {', '.join(sorted(_SETTINGS))}")
        try:
            settings[name] = _SETTINGS[name](value, str(Path(path).parent))
        except ValueError as error:
            raise DefaultsError(path, f"“{name}” {error}") from None
    return SiteDefaults(**settings)


def _text(value: object, _: str) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("must be text")


def _one_of(*choices: str) -> Callable[[object, str], str]:
    def convert(value: object, _: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return str(value)

    return convert


def _truth(value: object, _: str) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("must be true or false")


def _environment(value: object, _: str) -> Environment:
    try:
        return Environment(str(value))
    except ValueError:
        raise ValueError(f"must be one of {', '.join(Environment)}") from None


def _words(value: object, _: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        raise ValueError("must be a list of words, the program first")
    return tuple(value)


def _entry_command(value: object, folder: str) -> tuple[str, ...]:
    words = _words(value, folder)
    if not any("{entry}" in word for word in words[1:]):
        raise ValueError("must have {entry} in it, where the name of the entry belongs")
    return words


def _folder(value: object, _: str) -> str:
    text = _text(value, "")
    if not text.startswith(("/", "~/")):
        raise ValueError("must be a whole path, such as /etc/finale/keys")
    return text


def _folders(value: object, _: str) -> tuple[str, ...]:
    folders = _names(value, _)
    if any(not folder.startswith(("/", "~/")) for folder in folders):
        raise ValueError("must be a list of absolute paths")
    return folders


def _names(value: object, _: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise ValueError("must be a list of texts")
    return tuple(value)


def _reference(value: object, folder: str) -> Reference:
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError("must name exactly one of keyring, file, env and command")
    reference = reference_in(value)
    if isinstance(reference, FileReference) and not reference.path.startswith(("/", "$")):
        return FileReference(f"{folder}/{reference.path}")
    return reference


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
