"""All that knows the keyring library: which backend is used, and what its errors mean.

Imported in a thread: the library alone takes longer than a screen may freeze.
"""

import configparser
import logging
from collections.abc import Mapping
from importlib import import_module
from typing import Final

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, NoKeyringError
from keyring.util.platform_ import config_root

from wizard.domain import redaction
from wizard.findings import Finding, codes

# The library would take any backend that a plug-in brings, and its own "null" loses what it is
# given. These encrypt; no other is even imported.
_SAFE: Final = (
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.kwallet.DBusKeyringKWallet4",
    "keyring.backends.macOS.Keyring",
    "keyring.backends.Windows.WinVaultKeyring",
)
# What people choose to say that there is no keyring.
_NONE: Final = "keyring.backends.fail.Keyring"
_VARIABLE: Final = "PYTHON_KEYRING_BACKEND"
# Raised by secretstorage, which is installed on Linux only.
_LOCKED: Final = frozenset({"LockedException", "PromptDismissedException"})

_logger = logging.getLogger(__name__)


def choose_backend(environ: Mapping[str, str]) -> KeyringBackend | Finding:
    """Return the best keyring that can be reached from here, or why there is none.

    Asks the session bus, and so may block.

    Raises:
        TimeoutError: the bus does not answer.
    """
    candidates: tuple[str, ...] = _SAFE
    if choice := _choice_of_user(environ):
        name, source = choice
        if name not in {*_SAFE, _NONE}:
            return codes.STORE_REFUSED.found(backend=name, source=source)
        candidates = tuple({name} - {_NONE})
    viable = [
        (priority, backend_type)
        for backend_type in map(_load, candidates)
        if (priority := _priority(backend_type)) is not None
    ]
    if not viable:
        return codes.NO_KEYRING.found()
    return max(viable, key=lambda entry: entry[0])[1]()


def explain(error: Exception, backend: KeyringBackend) -> Finding:
    """Return what an error of a backend means."""
    if isinstance(error, KeyringLocked) or type(error).__name__ in _LOCKED:
        return codes.STORE_LOCKED.found()
    if isinstance(error, NoKeyringError):
        return codes.NO_KEYRING.found()
    _logger.debug("the keyring %s failed", backend.name, exc_info=error)
    # The library's own sentences are meant for people; whatever else is raised may quote its input.
    reason = str(error).rstrip(".") if isinstance(error, KeyringError) else type(error).__name__
    return codes.STORE_BROKEN.found(backend=backend.name, reason=redaction.mask(reason))


def _choice_of_user(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the backend that was chosen for every program on this machine, and where."""
    if name := environ.get(_VARIABLE):
        return name, _VARIABLE
    settings = configparser.RawConfigParser()
    try:
        path = config_root() / "keyringrc.cfg"
        settings.read(path, encoding="utf-8")
        name = settings.get("backend", "default-keyring").strip()
    except (OSError, RuntimeError, ValueError, configparser.Error):  # RuntimeError: there is no home
        return None
    return (name, str(path)) if name else None


def _load(name: str) -> type[KeyringBackend]:
    module, _, attribute = name.rpartition(".")
    backend_type: type[KeyringBackend] = getattr(import_module(module), attribute)
    return backend_type


def _priority(backend_type: type[KeyringBackend]) -> float | None:
    """Return how well a backend suits this session; None where it cannot be used."""
    try:
        return float(backend_type.priority)
    except TimeoutError:
        raise
    except Exception:  # noqa: BLE001 - a backend says in any way it likes that it is not for here
        return None
