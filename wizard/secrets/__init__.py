"""Where tokens are kept, and how they are read.

A config contains no token, only a reference to one. ``Resolver`` reads any of the four kinds;
``KeyringStore``, ``FileStore`` and ``CommandStore`` are the places where the wizard itself may put a key.

Nothing is imported before it is needed: ``validate --offline`` reads files by the thousand
and needs neither asyncio nor a keyring for that.
"""

# Type checkers know the name; "typing" itself would be paid for by --version, which is hardened too.
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
    from importlib import import_module  # noqa: PLC0415 - not paid for by what needs only a submodule

    value: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
