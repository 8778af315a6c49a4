"""The state of the menu: the configs of the user, and unfinished runs."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from wizard.checks.results import ClientRow, FileResult
from wizard.config.reading import Config, Reading, read_config
from wizard.context import AppContext
from wizard.rotation.journal import SavedRotation, latest_rotation
from wizard.rotation.keys import Member
from wizard.setup.answers import SavedSetup, latest_named_setup, read_journals
from wizard.walk.engine import Then, WalkState
from wizard.walk.journal import JournalV1, RememberedConfig, remembered_configs


class MenuStep(StrEnum):
    """The ids of the pages of the menu."""

    MENU = "menu"
    PICK = "pick_config"
    CLIENTS = "clients"
    RESULTS = "results"
    FIX = "fix"


SETUP, ROTATE, VALIDATE, CLIENTS, DEMO, QUIT = "setup", "rotate", "validate", "clients", "demo", "quit"


@dataclass(kw_only=True)
class MenuState(WalkState):
    """The state of the menu.

    Attributes:
        task: The chosen task, for which a config is then chosen.
        chosen: The chosen config or folder.
        command: The command to run when the menu is left, with its arguments.
        resumes: Whether to resume an unfinished set-up; None if there is none.
        results: The results of checking configs.
        total: The number of configs that are being checked.
        config: The config whose clients are listed.
        clients: The clients of that config's key, those with something wrong first.
        shared_numbers: The organisation numbers that several of them have.
        search: The text in the search field.
        marked: The row with the cursor.
        paths: The known configs.
        saved_setup: The journal of an unfinished set-up.
        earlier: The journal of an unfinished set-up by version 1.
        saved_rotation: The journal of an unfinished rotation.
        known: What is remembered about configs, by path.
        only_task: The only task, for which a config is chosen without the menu; empty in the menu.
    """

    context: AppContext
    task: str = ""
    chosen: Path | None = None
    command: tuple[str, ...] = ()
    resumes: bool | None = None
    results: tuple[FileResult, ...] = ()
    total: int = 0
    config: Config | None = None
    clients: tuple[ClientRow, ...] | None = None
    shared_numbers: set[str] = field(default_factory=set)
    search: str = ""
    marked: str = ""
    paths: tuple[Path, ...] = field(default=())
    saved_setup: SavedSetup | None = None
    earlier: JournalV1 | None = None
    saved_rotation: SavedRotation | None = None
    known: dict[str, RememberedConfig] = field(default_factory=dict)
    only_task: str = ""
    _readings: dict[str, Reading] = field(default_factory=dict, repr=False)

    def read(self, path: Path | str) -> Reading:
        """Return what a config says, read once: a page is drawn after every key, with thousands of rows."""
        name = str(path)
        if name not in self._readings:
            self._readings[name] = read_config(Path(path))
        return self._readings[name]

    def forget_configs(self) -> None:
        """Read every config again when it is next needed."""
        self._readings.clear()

    def refresh(self) -> None:
        """Update the configs in the config folder, the remembered configs, and the unfinished runs."""
        context = self.context
        self.forget_configs()
        self.known = {each.path: each for each in remembered_configs(context.state_folder)}
        self.paths = tuple(dict.fromkeys((*_in(context.config_folder.absolute()), *map(Path, self.known))))
        self.results, self.marked = (), ""
        self.saved_setup, self.earlier = read_journals(context.state_folder, None)
        self.saved_setup = self.saved_setup or latest_named_setup(context.state_folder)
        self.saved_rotation = latest_rotation(context.state_folder)

    @property
    def folder(self) -> str:
        """The common folder of all configs; the config folder if there are none."""
        parents = {str(path.absolute().parent) for path in self.paths}
        return os.path.commonpath(parents) if parents else str(self.context.config_folder)

    def config_of(self, org_number: str) -> Path | None:
        """Return the path of the config for a client, or None."""
        for path in self.paths:
            config = self.read(path).config
            if config is not None and config.org_number == org_number:
                return path
        return None

    def sharing_key(self, path: Path) -> list[Path]:
        """Return the configs that use the same key as the given one."""
        members = (Member.of(self.read(each), each, self.context) for each in self.paths)
        known = [member for member in members if member is not None]
        key = next((member.key for member in known if member.path == path), None)
        return [member.path for member in known if key is not None and member.key.is_same(key)]

    def rotate(self, path: Path) -> Then:
        """Change the key of a config and all others that use it, since the old key is deleted afterwards."""
        same = (each for each in self.sharing_key(path) if each != path)
        self.command = (ROTATE, str(path), *map(str, same))
        return Then.END

    @property
    def office_paths(self) -> list[Path]:
        """The configs with an office key."""
        found = []
        for path in self.paths:
            config = self.read(path).config
            if config is not None and config.setup.is_bureau:
                found.append(path)
        return found


def _in(folder: Path) -> Iterator[Path]:
    if os.path.isdir(folder):
        yield from sorted(path for path in folder.glob("*.toml") if os.path.isfile(path))
