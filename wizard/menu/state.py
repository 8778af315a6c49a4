"""What the menu knows: the configs of this user, and what was begun and not finished."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wizard.checks.results import FileResult
from wizard.config.model import Config
from wizard.config.reading import read_config
from wizard.context import AppContext
from wizard.domain.reference import Reached
from wizard.rotation.members import Member, RotationJournal, RotationPage
from wizard.setup.state import SetupPage, journal_of, read_journal
from wizard.walk.engine import WalkState
from wizard.walk.journal import JournalV1, RememberedConfig, load_journal_v1, remembered_configs

SETUP, ROTATE, VALIDATE, CLIENTS, DEMO, QUIT = "setup", "rotate", "validate", "clients", "demo", "quit"
RESUME, FRESH = "resume", "fresh"


@dataclass(kw_only=True)
class MenuState(WalkState):
    """The menu.

    Attributes:
        task: What somebody wants to do, until it is known with which config.
        chosen: The config or the folder.
        errand: What is to be done by another command once the menu is left, with its arguments.
        takes_up: Whether a set-up that is not finished is taken up; None where there is none.
        results: What checking the configs said.
        total: How many are being checked.
        config: The config whose clients are listed.
        clients: They.
        search: What is in the field.
        earlier: What version one noted of a set-up that it had not finished.
    """

    context: AppContext
    task: str = ""
    chosen: Path | None = None
    errand: tuple[str, ...] = ()
    takes_up: bool | None = None
    results: tuple[FileResult, ...] = ()
    total: int = 0
    config: Config | None = None
    clients: tuple[Reached, ...] | None = None
    search: str = ""
    marked: str = ""
    paths: tuple[Path, ...] = field(default=())
    setup_page: SetupPage | None = None
    earlier: JournalV1 | None = None
    rotation_page: RotationPage | None = None
    known: dict[str, RememberedConfig] = field(default_factory=dict)
    is_pick_only: bool = False

    def look_around(self) -> None:
        """Find the configs in the site's folder and the remembered ones, and unfinished runs."""
        context = self.context
        self.known = {each.path: each for each in remembered_configs(context.state_folder)}
        self.paths = tuple(dict.fromkeys((*_in(context.config_folder), *map(Path, self.known))))
        self.results, self.marked = (), ""
        self.setup_page = read_journal(context.state_folder, None)
        self.earlier = load_journal_v1(journal_of(context.state_folder, None))
        self.rotation_page = RotationJournal(context.state_folder).latest()

    @property
    def place(self) -> str:
        """The folder that all the configs are in, or the one above them; the site's while there are none."""
        parents = {str(path.absolute().parent) for path in self.paths}
        return os.path.commonpath(parents) if parents else str(self.context.config_folder)

    def config_of(self, org_number: str) -> Path | None:
        """Return the config of one client."""
        for path in self.paths:
            config = read_config(path).config
            if config is not None and config.org_number == org_number:
                return path
        return None

    def sharing_key(self, path: Path) -> list[Path]:
        """Return the configs that use the key of one of them."""
        members = (Member.of(read_config(each), each, self.context) for each in self.paths)
        known = [member for member in members if member is not None]
        key = next((member.key for member in known if member.path == path), None)
        return [member.path for member in known if key is not None and member.key.is_same(key)]

    @property
    def office_paths(self) -> list[Path]:
        """The configs of an accounting office."""
        found = []
        for path in self.paths:
            config = read_config(path).config
            if config is not None and config.setup.is_bureau:
                found.append(path)
        return found


def _in(folder: Path) -> Iterator[Path]:
    if os.path.isdir(folder):
        yield from sorted(path for path in folder.glob("*.toml") if os.path.isfile(path))
