"""The machine that a run sees: folders, stores, clock and network, and whose the keys in them are."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

import platformdirs

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
from wizard.domain.secret import Secret
from wizard.domain.setup import Environment
from wizard.files.atomic import sweep_folder
from wizard.findings import Finding, codes
from wizard.paths import expanded
from wizard.secrets.commands import ChildEnviron, CommandStore, child_environ, name_in, variables_named_in
from wizard.secrets.file_store import FileStore
from wizard.secrets.keyring_store import KeyringStore
from wizard.secrets.resolver import Resolver
from wizard.secrets.store import Store, entry_name, is_key_name, number_in_name
from wizard.secrets.trust import Trust
from wizard.site import SiteDefaults

if TYPE_CHECKING:
    from wizard.tripletex.client import Tripletex


_APP = "tripletex-wizard"
_NO_HOME = Path("/proc/no-home")
"""Used as the folder of a user who has no home; nothing can be written there."""

STORES: tuple[StoreKind, ...] = ("keyring", "file")
"""The places where the wizard may keep a key, the better one first."""

VARIABLE = "TRIPLETEX_CONSUMER_TOKEN"
_HAS_NOTHING = {
    codes.NOT_IN_KEYRING,
    codes.NO_KEYRING,
    codes.STORE_REFUSED,
    codes.SECRET_FILE_MISSING,
    codes.KEYRING_NOT_HERE,
}

OnWait = Callable[[float], object]
"""Is told the seconds when the rate limit makes a key wait."""


def prepare_to_connect() -> None:
    """Import in the background what talks to Tripletex, so that the first step that does has no delay."""
    Thread(target=import_module, args=("wizard.tripletex.client",), daemon=True).start()


def _user_folders() -> tuple[Path, Path, Path]:
    """Return the user's own folders for configs, keys and notes."""

    def folder(find: Callable[[str], str]) -> Path:
        try:
            return Path(find(_APP))
        except RuntimeError:  # neither HOME nor the password file names one
            return _NO_HOME

    keys = folder(platformdirs.user_data_dir) / "keys"
    return folder(platformdirs.user_config_dir), keys, folder(platformdirs.user_state_dir)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class AppContext:
    """Folders, stores, clock and network of one run.

    Attributes:
        environ: The environment variables.
        config_folder: Where configs are written when the person names no other place.
        key_folder: Where the ``file`` store keeps its keys.
        state_folder: Where journals of unfinished runs are kept.
    """

    environ: Mapping[str, str]
    defaults: SiteDefaults
    config_folder: Path
    key_folder: Path
    state_folder: Path
    now: Callable[[], datetime] = field(default=_now)

    def store(self, kind: StoreKind) -> Store:
        """Return the place of that kind where the wizard may keep keys."""
        defaults = self.defaults
        if kind == "command" and defaults.store_command and defaults.read_command:
            return CommandStore(
                defaults.store_command,
                defaults.read_command,
                environ=self.environ,
                passed=defaults.pass_environment or (),
                named=self._named_by_defaults,
            )
        return KeyringStore() if kind == "keyring" else FileStore(self.key_folder, trust=self.trust)

    @property
    def has_home(self) -> bool:
        """Whether there are folders of the user's in which keys and journals can be kept."""
        return not any(folder.is_relative_to(_NO_HOME) for folder in (self.key_folder, self.state_folder))

    @property
    def keeps_notes(self) -> bool:
        """Whether there is a folder of the user's for the notes of unfinished runs."""
        return not self.state_folder.is_relative_to(_NO_HOME)

    @property
    def today(self) -> date:
        """The date on this machine's calendar."""
        return self.now().astimezone().date()

    def resolver(self) -> Resolver:
        """Return what reads the token behind a reference."""
        return Resolver(
            environ=self.environ,
            trust=self.trust,
            # The site may have moved it: keys that were kept before are as real.
            key_folders={self.key_folder, _user_folders()[1]},
            read_command=self.defaults.read_command,
            passed=self.defaults.pass_environment or (),
            named=self._named_by_defaults,
        )

    @property
    def _named_by_defaults(self) -> frozenset[str]:
        """The variable that the site's consumer token is in."""
        reference = self.defaults.consumer_token
        return frozenset([reference.name] if isinstance(reference, EnvReference) else [])

    def sweep(self) -> tuple[Finding, ...]:
        """Remove what interrupted runs left of writing keys and notes, and say what it was."""
        removed = [*sweep_folder(self.key_folder), *sweep_folder(self.state_folder)]
        return tuple(codes.LEFTOVER_REMOVED.found(path=str(path)) for path in removed)

    @property
    def trust(self) -> Trust:
        """What checks who may have written a config."""
        return Trust(self.defaults.trusted_folders or ())

    def child_environ(self, configs: Iterable[Path]) -> ChildEnviron:
        """Return the environment for the site's command, without tokens and the variables that name them."""
        return child_environ(
            self.environ,
            named=self._named_by_defaults | variables_named_in(configs),
            passed=self.defaults.pass_environment or (),
        )

    async def consumer_token(
        self,
        environment: Environment,
        application: str,
        configured: Reference | None = None,
        config_path: Path | None = None,
    ) -> Secret | Finding:
        """Return the consumer token, or why it cannot be had.

        The config's own reference, else ``TRIPLETEX_CONSUMER_TOKEN``, else the site's defaults, else
        the secret store. A reference that is given but leads nowhere is reported as such: going
        on to the next place would hide the mistake.
        """
        resolver = self.resolver()
        if configured is not None:
            found = await resolver.resolve(configured, config_path=config_path, environment=environment)
            # The contract's own example names this variable: unset, there simply is no token.
            unset = isinstance(found, Finding) and configured == EnvReference(VARIABLE)
            return codes.CONSUMER_TOKEN_MISSING.found() if unset else found
        if self.environ.get(VARIABLE):
            return await resolver.resolve(EnvReference(VARIABLE), config_path=None, environment=environment)
        if (default := self.defaults.consumer_token) is not None:
            return await resolver.resolve(default, config_path=None, environment=environment)
        return await self._stored(consumer_entry(environment, application))

    async def _stored(self, name: str) -> Secret | Finding:
        """Return what one of the stores has under a name; a missing keyring has nothing."""
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
        """Return a connection to an environment, not yet opened."""
        from wizard.tripletex.client import Tripletex  # noqa: PLC0415 - httpx takes half as long as a first screen

        return Tripletex.for_environment(environment, base_url, clock=self.now, on_wait=on_wait)

    @classmethod
    def of_this_machine(cls, defaults: SiteDefaults) -> "AppContext":
        """Return the context of the user who runs the program."""
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
        """Return a context that touches nothing outside one folder, for the demo."""
        return cls(
            environ=os.environ,
            defaults=defaults,
            config_folder=folder,
            key_folder=folder / "keys",
            state_folder=folder / "state",
        )


def consumer_entry(environment: Environment, application: str) -> str:
    """Return the name under which a store keeps an application's token."""
    return f"{environment}/consumer/{application}"


_COMPLETED_LATER: Final = "${"
"""Begins a path that only systemd can complete."""


def located(reference: Reference, config: Path) -> Reference:
    """Return what a config's reference means from any folder: a file's path is absolute."""
    if isinstance(reference, FileReference) and not reference.path.startswith(_COMPLETED_LATER):
        return FileReference(os.path.abspath(config.parent / reference.path))  # links stay links
    return reference


def seen_from(config: Path, reference: Reference, context: AppContext) -> Reference:
    """Return what to write into a config.

    A key file of the user's own below the config's folder is named relative to it, so that both can be
    moved. The wizard's own store stays where it is when a config is moved.
    """
    if not isinstance(reference, FileReference) or not Path(reference.path).is_absolute():
        return reference
    if store_of(reference, context) is not None:
        return reference
    folder = Path(os.path.abspath(config)).parent  # as it is read: links stay links
    path = Path(reference.path)
    return FileReference(str(path.relative_to(folder))) if path.is_relative_to(folder) else reference


def store_of(reference: Reference, context: AppContext) -> StoreKind | None:
    """Return which of the wizard's own stores a located reference belongs to; None for neither."""
    match reference:
        case KeyringReference():
            return "keyring"
        case FileReference(path) if Path(path).is_relative_to(context.key_folder.absolute()):
            return "file"
        case CommandReference() if _command_name(reference, context) is not None:
            return "command"
        case _:
            return None


def is_own(reference: Reference, context: AppContext) -> bool:
    """Whether the wizard itself put a key there: in a store of its own, under a name that it gives."""
    return is_key_name(_entry(reference, context) or "")


def number_in(reference: Reference, context: AppContext) -> int | None:
    """Return the number of a key that the wizard stored, as far as the name of its entry shows it."""
    return number_in_name(_entry(reference, context) or "")


def key_left(reference: Reference, context: AppContext, in_use: HeldKey | None = None) -> Finding:
    """Return the finding that says which key stays in a store, and where.

    Args:
        reference: The entry that stays.
        context: The outside world.
        in_use: The key that the config uses: its deletion in Tripletex must never be advised.
    """
    number = number_in(reference, context)
    if in_use is not None and in_use.number == number:
        return codes.COPY_LEFT.found(
            key="?" if number is None else number,
            reference=describe(reference),
            in_use=describe(in_use.reference),
        )
    return codes.KEY_LEFT.found(key="?" if number is None else number, reference=describe(reference))


def is_entry_of(
    reference: Reference,
    environment: Environment,
    number: int | None,
    secret: Secret,
    context: AppContext,
) -> bool:
    """Whether a reference is the one that the wizard would give out for a key."""
    name = entry_name(environment, number, secret)
    return _entry(reference, context) in {name, f"{name}-{secret.fingerprint}"}


def _entry(reference: Reference, context: AppContext) -> str | None:
    match store_of(reference, context), reference:
        case "keyring", KeyringReference(entry):
            return entry
        case "file", FileReference(path):
            return str(Path(path).relative_to(context.key_folder.absolute()))
        case "command", CommandReference():
            return _command_name(reference, context)
        case _:
            return None


def _command_name(reference: CommandReference, context: AppContext) -> str | None:
    read_command = context.defaults.read_command
    return name_in(reference.command, read_command) if read_command else None
