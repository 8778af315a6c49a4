"""Stores and reads tokens.

A config contains no token, only a reference to one. ``Resolver`` reads all four kinds of references;
``KeyringStore``, ``FileStore`` and ``CommandStore`` are the stores that the wizard can write to.

Names are imported when they are first used: ``validate --offline`` reads thousands of files and needs
neither asyncio nor a keyring.
"""

# Type checkers accept this too, and "typing" is not imported for --version, which uses hardening.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from wizard.secrets.commands import CommandStore
    from wizard.secrets.file_store import FileStore
    from wizard.secrets.key_files import check_secret_file
    from wizard.secrets.keyring_store import KeyringStore
    from wizard.secrets.resolver import Resolver
    from wizard.secrets.store import Store, entry_name

__all__ = [
    "CommandStore",
    "FileStore",
    "KeyringStore",
    "Resolver",
    "Store",
    "check_secret_file",
    "entry_name",
]

_MODULES = {
    "CommandStore": "commands",
    "FileStore": "file_store",
    "KeyringStore": "keyring_store",
    "Resolver": "resolver",
    "Store": "store",
    "entry_name": "store",
    "check_secret_file": "key_files",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - not needed to import a submodule

    value: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
