"""The environment of a run: folders, stores, clock and network; and who has stored a key."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

import platformdirs

from wizard.domain.key import Secret
from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    FileReference,
    HeldKey,
    KeyringReference,
    Reference,
    StoreKind,
    describe,
)
from wizard.domain.setup import Environment
from wizard.files.atomic import sweep_folder
from wizard.findings import Finding, Term, codes
from wizard.paths import expanded
from wizard.secrets.commands import CommandStore, name_in
from wizard.secrets.file_store import FileStore
from wizard.secrets.keyring_store import KeyringStore
from wizard.secrets.programs import Commands
from wizard.secrets.resolver import Resolver
from wizard.secrets.store import Store, entry_name, is_key_name, number_in_name
from wizard.secrets.trust import Trust
from wizard.site import SiteDefaults
from wizard.text import N_

if TYPE_CHECKING:
    from wizard.tripletex.client import Tripletex


_APP = "tripletex-wizard"
_NO_HOME = Path("/proc/no-home")
"""The folder of a user without a home, in which nothing can be written."""

STORES: tuple[StoreKind, ...] = ("keyring", "file")
"""The wizard's own stores, the better one first."""

VARIABLE = "TRIPLETEX_CONSUMER_TOKEN"
_HAS_NOTHING = {
    codes.NOT_IN_KEYRING,
    codes.NO_KEYRING,
    codes.STORE_REFUSED,
    codes.SECRET_FILE_MISSING,
    codes.KEYRING_NOT_HERE,
}

_NO_KEY_LOST: Final = Term(N_("An earlier run was interrupted while it wrote that file. No key was lost."))

OnWait = Callable[[float], object]
"""Called with the number of seconds if the rate limit makes a key wait."""


def prepare_to_connect() -> None:
    """Import the API client in the background, so that the first request is not delayed."""
    Thread(target=import_module, args=("wizard.tripletex.client",), daemon=True).start()


def _user_folders() -> tuple[Path, Path, Path]:
    """Return the user's folders for configs, keys and state."""

    def folder(find: Callable[[str], str]) -> Path:
        try:
            return Path(find(_APP))
        except RuntimeError:  # no home folder in HOME or the password file
            return _NO_HOME

    keys = folder(platformdirs.user_data_dir) / "keys"
    return folder(platformdirs.user_config_dir), keys, folder(platformdirs.user_state_dir)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class AppContext:
    """The folders, stores, clock and network of a run.

    Attributes:
        environ: The environment variables.
        defaults: The site's defaults.
        config_folder: The default folder for configs.
        key_folder: The folder of the ``file`` store.
        state_folder: The folder for journals and other state.
        now: Returns the current time.
    """

    environ: Mapping[str, str]
    defaults: SiteDefaults
    config_folder: Path
    key_folder: Path
    state_folder: Path
    now: Callable[[], datetime] = field(default=_now)

    def store(self, kind: StoreKind) -> Store:
        """Return the store of a kind."""
        defaults = self.defaults
        if kind == "command" and defaults.store_command and defaults.read_command:
            return CommandStore(defaults.store_command, defaults.read_command, self._commands)
        return KeyringStore() if kind == "keyring" else FileStore(self.key_folder, trust=self.trust)

    @property
    def has_home(self) -> bool:
        """Whether there are folders for keys and journals."""
        return not any(folder.is_relative_to(_NO_HOME) for folder in (self.key_folder, self.state_folder))

    @property
    def keeps_notes(self) -> bool:
        """Whether there is a folder for journals."""
        return not self.state_folder.is_relative_to(_NO_HOME)

    @property
    def today(self) -> date:
        """The date in this machine's time zone."""
        return self.now().astimezone().date()

    def resolver(self) -> Resolver:
        """Return a resolver for references."""
        return Resolver(
            environ=self.environ,
            trust=self.trust,
            # The site may have changed the folder, so include the one that was used before.
            key_folders={self.key_folder, _user_folders()[1]},
            read_command=self.defaults.read_command,
            commands=self._commands,
        )

    @property
    def _commands(self) -> Commands:
        reference = self.defaults.consumer_token
        return Commands(
            self.environ,
            named=[reference.name] if isinstance(reference, EnvReference) else [],
            passed=self.defaults.pass_environment or (),
        )

    def sweep(self) -> tuple[Finding, ...]:
        """Remove temporary files of interrupted runs from the key and state folders, and return findings."""
        keys, others = sweep_folder(self.key_folder), sweep_folder(self.state_folder)
        return (
            *(codes.LEFTOVER_REMOVED.found(path=str(path)) for path in keys),
            *(codes.LEFTOVER_REMOVED.found(path=str(path), advice=_NO_KEY_LOST) for path in others),
        )

    @property
    def trust(self) -> Trust:
        """A new ``Trust``, which checks who can change a config."""
        return Trust(self.defaults.trusted_folders or ())

    async def run_hook(self, configs: Sequence[Path]) -> Finding | None:
        """Run the site's hook, if there is one, for configs that have a new key.

        Returns:
            A finding if it failed.
        """
        hook = self.defaults.hook
        return await self._commands.run_hook(hook, configs) if hook else None

    async def consumer_token(
        self,
        environment: Environment,
        application: str,
        configured: Reference | None = None,
        config_path: Path | None = None,
    ) -> Secret | Finding:
        """Return the consumer token, or a finding if it cannot be read.

        The sources are the config's reference, ``TRIPLETEX_CONSUMER_TOKEN``, the site's defaults and the
        stores, in this order. If a reference is set but cannot be resolved, that is reported, and the
        remaining sources are not used.
        """
        resolver = self.resolver()
        if configured is not None:
            found = await resolver.resolve(configured, config_path=config_path, environment=environment)
            # A config may refer to the usual variable. If it is not set, the token is just missing.
            unset = isinstance(found, Finding) and configured == EnvReference(VARIABLE)
            return codes.CONSUMER_TOKEN_MISSING.found() if unset else found
        if self.environ.get(VARIABLE):
            return await resolver.resolve(EnvReference(VARIABLE), config_path=None, environment=environment)
        if (default := self.defaults.consumer_token) is not None:
            return await resolver.resolve(default, config_path=None, environment=environment)
        return await self._stored(consumer_entry(environment, application))

    async def _stored(self, name: str) -> Secret | Finding:
        """Return an entry from one of the stores, or a finding."""
        for kind in STORES:
            store = self.store(kind)
            found = await store.get(store.reference(name))
            if isinstance(found, Secret) or found.code not in _HAS_NOTHING:
                return found
        return codes.CONSUMER_TOKEN_MISSING.found()

    def tripletex(
        self,
        environment: Environment,
        base_url: str | None,
        on_wait: OnWait | None = None,
    ) -> "Tripletex":
        """Return an API client for an environment."""
        from wizard.tripletex.client import Tripletex  # noqa: PLC0415 - httpx is slow to import

        return Tripletex.for_environment(environment, base_url, clock=self.now, on_wait=on_wait)

    @classmethod
    def of_this_machine(cls, defaults: SiteDefaults) -> "AppContext":
        """Return the context of the current user."""
        config_folder, key_folder, state_folder = _user_folders()
        return cls(
            environ=os.environ,
            defaults=defaults,
            config_folder=Path(expanded(defaults.folder)) if defaults.folder else config_folder,
            key_folder=Path(expanded(defaults.key_folder)) if defaults.key_folder else key_folder,
            state_folder=state_folder,
        )

    @classmethod
    def inside(cls, folder: Path, defaults: SiteDefaults) -> "AppContext":
        """Return a context that is confined to one folder, for the demo."""
        return cls(
            environ=os.environ,
            defaults=defaults,
            config_folder=folder,
            key_folder=folder / "keys",
            state_folder=folder / "state",
        )


def consumer_entry(environment: Environment, application: str) -> str:
    """Return the name of the entry for a consumer token."""
    return f"{environment}/consumer/{application}"


_VARIABLE_START: Final = "${"
"""The beginning of a path with a variable that systemd sets."""


def located(reference: Reference, config: Path) -> Reference:
    """Return a config's reference in a form that does not depend on the folder of the config."""
    if isinstance(reference, FileReference) and not reference.path.startswith(_VARIABLE_START):
        return FileReference(os.path.abspath(config.parent / reference.path))  # links stay links
    return reference


def seen_from(config: Path, reference: Reference, context: AppContext) -> Reference:
    """Return a reference in the form to write to a config.

    The path of a user's key file below the config's folder is made relative, so that both can be moved. Paths
    in the wizard's own store stay absolute.
    """
    if not isinstance(reference, FileReference) or not Path(reference.path).is_absolute():
        return reference
    if store_of(reference, context) is not None:
        return reference
    folder = Path(os.path.abspath(config)).parent  # as it is read: links stay links
    path = Path(reference.path)
    return FileReference(str(path.relative_to(folder))) if path.is_relative_to(folder) else reference


def store_of(reference: Reference, context: AppContext) -> StoreKind | None:
    """Return the kind of store that a located reference belongs to, or None if it is not one of ours."""
    return _entry_of(reference, context)[0]


def is_own(reference: Reference, context: AppContext) -> bool:
    """Return whether the wizard has stored the key, according to the store and the name of the entry."""
    return is_key_name(_entry_of(reference, context)[1])


def number_in(reference: Reference, context: AppContext) -> int | None:
    """Return the number of a key from the name of its entry, or None."""
    return number_in_name(_entry_of(reference, context)[1])


def key_left(reference: Reference, context: AppContext, in_use: HeldKey | None = None) -> Finding:
    """Return the finding about a key that stays in a store.

    Args:
        reference: The reference of the key.
        context: Provides the stores.
        in_use: The key that the config uses. If it is the same key, the advice must not be to delete it in
            Tripletex.
    """
    number = number_in(reference, context)
    key, place = "?" if number is None else number, describe(reference)
    if in_use is not None and in_use.number == number:
        return codes.COPY_LEFT.found(key=key, reference=place, in_use=describe(in_use.reference))
    return codes.KEY_LEFT.found(key=key, reference=place)


def is_entry_of(
    reference: Reference,
    environment: Environment,
    number: int | None,
    secret: Secret,
    context: AppContext,
) -> bool:
    """Return whether a reference is the one that the wizard would use for a key."""
    name = entry_name(environment, number, secret)
    return _entry_of(reference, context)[1] in {name, f"{name}-{secret.fingerprint}"}


def place_of(reference: Reference, context: AppContext) -> str:
    """Return where a key is stored, with the name of its entry if the site's command prints it."""
    kind, name = _entry_of(reference, context)
    return f"{describe(reference)} ({name.replace('/', '-')})" if kind == "command" else describe(reference)


def _entry_of(reference: Reference, context: AppContext) -> tuple[StoreKind | None, str]:
    """Return the store and the name of the entry that a reference belongs to."""
    folder, read_command = context.key_folder.absolute(), context.defaults.read_command
    match reference:
        case KeyringReference(entry):
            return "keyring", entry
        case FileReference(path) if Path(path).is_relative_to(folder):
            return "file", str(Path(path).relative_to(folder))
        case CommandReference(command) if read_command and (name := name_in(command, read_command)):
            return "command", name
        case _:
            return None, ""
