"""Chooses a backend of the keyring library and turns its errors into findings.

This module is imported in a thread, because importing the library would freeze the screen.
"""

import configparser
import logging
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Final

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, NoKeyringError
from keyring.util.platform_ import config_root

from wizard.domain import redaction
from wizard.findings import Finding, codes

# The library accepts any backend of a plug-in, and its own "null" stores nothing. These backends encrypt;
# no others are imported.
_SAFE: Final = (
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.kwallet.DBusKeyringKWallet4",
    "keyring.backends.macOS.Keyring",
    "keyring.backends.Windows.WinVaultKeyring",
)
# Importing the one for macOS anywhere else runs a compiler, which would inherit the variables with tokens.
_SYSTEMS: Final = {
    "keyring.backends.macOS.Keyring": "darwin",
    "keyring.backends.Windows.WinVaultKeyring": "win32",
}
# The backend that people choose to turn off the keyring.
_NONE: Final = "keyring.backends.fail.Keyring"
_VARIABLE: Final = "PYTHON_KEYRING_BACKEND"
# Raised by secretstorage, which is installed on Linux only.
_LOCKED: Final = frozenset({"LockedException", "PromptDismissedException"})

_logger = logging.getLogger(__name__)


def choose_backend(environ: Mapping[str, str]) -> KeyringBackend | Finding:
    """Return the best keyring that is available, or a finding. May block on the session bus.

    Raises:
        TimeoutError: If the bus does not answer.
    """
    candidates: tuple[str, ...] = _SAFE
    if choice := _choice_of_user(environ):
        name, source = choice
        if name not in {*_SAFE, _NONE}:
            return codes.STORE_REFUSED.found(backend=name, source=source)
        candidates = tuple({name} - {_NONE})
    viable = [
        (priority, backend_type)
        for backend_type in map(_load, filter(_is_for_this_system, candidates))
        if (priority := _priority(backend_type)) is not None
    ]
    if not viable:
        return codes.NO_KEYRING.found()
    return max(viable, key=lambda entry: entry[0])[1]()


def explain(error: Exception, backend: KeyringBackend) -> Finding:
    """Return the finding for an error of a backend."""
    # The library raises its InitError from another one if there is no keyring yet and nobody could create it.
    if isinstance(error, KeyringLocked) or {type(error).__name__, type(error.__cause__).__name__} & _LOCKED:
        return codes.STORE_LOCKED.found()
    if isinstance(error, NoKeyringError):
        return codes.NO_KEYRING.found()
    _logger.debug("the keyring %s failed", backend.name, exc_info=error)
    # The library's own messages are meant for people. Other exceptions may quote their input.
    reason = str(error).rstrip(".") if isinstance(error, KeyringError) else type(error).__name__
    return codes.STORE_BROKEN.found(backend=backend.name, reason=redaction.mask(reason))


def _choice_of_user(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the backend that the user has configured for the keyring library, and where."""
    if name := environ.get(_VARIABLE):
        return name, _VARIABLE
    settings = configparser.RawConfigParser()
    try:
        path = config_root() / "keyringrc.cfg"
        settings.read(path, encoding="utf-8")
        name = settings.get("backend", "default-keyring").strip()
    except (OSError, RuntimeError, ValueError, configparser.Error):  # RuntimeError: no home directory
        return None
    return (name, str(path)) if name else None


def _is_for_this_system(name: str) -> bool:
    return _SYSTEMS.get(name, sys.platform) == sys.platform


def _load(name: str) -> type[KeyringBackend]:
    module, _, attribute = name.rpartition(".")
    backend_type: type[KeyringBackend] = getattr(import_module(module), attribute)
    return backend_type


def _priority(backend_type: type[KeyringBackend]) -> float | None:
    """Return the priority of a backend, or None if it cannot be used in this session."""
    try:
        return float(backend_type.priority)
    except TimeoutError:
        raise
    except Exception:  # noqa: BLE001 - backends raise anything if they cannot be used
        return None
