"""Folders, stores, clock and network of a run: the only way in for the machine that it runs on."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from wizard.actions.defaults import SiteDefaults
from wizard.domain.environment import Environment
from wizard.domain.held import StoreKind
from wizard.domain.reference import EnvReference, Reference
from wizard.domain.secret import Secret
from wizard.files.atomic import sweep_folder
from wizard.findings import Finding, codes
from wizard.paths import expanded
from wizard.secrets import CommandStore, FileStore, KeyringStore, Resolver, Store
from wizard.secrets.commands import ChildEnviron, child_environ, variables_named_in
from wizard.secrets.trust import Trust

if TYPE_CHECKING:
    from wizard.tripletex import Tripletex

_APP = "tripletex-wizard"
_NO_HOME = Path("/proc/no-home")
"""Stands for a folder of a user who has no home; nothing can be written there."""

STORES: tuple[StoreKind, ...] = ("keyring", "file")
"""The places where the wizard may keep a key, the better one first."""

OnWait = Callable[[float], object]
"""Is told the seconds when the rate limit makes a key wait."""


def prepare_to_connect() -> None:
    """Import in the background what talks to Tripletex, so that the first step that does has no delay."""
    Thread(target=import_module, args=("wizard.tripletex.client",), daemon=True).start()


def _user_folders() -> tuple[Path, Path, Path]:
    """Return the user's own folders for configs, keys and notes."""
    import platformdirs  # noqa: PLC0415 - only commands that read keys or write need to know

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
        """Return the consumer token, or why it cannot be had."""
        from wizard.actions.consumer import find_consumer_token  # noqa: PLC0415 - it imports this module

        return await find_consumer_token(self, environment, application, configured, config_path)

    def tripletex(
        self,
        environment: Environment,
        base_url: str | None,
        on_wait: OnWait | None = None,
    ) -> "Tripletex":
        """Return a connection to an environment, not yet opened."""
        from wizard.tripletex import Tripletex  # noqa: PLC0415 - httpx takes half as long as a first screen

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
