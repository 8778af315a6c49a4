"""A file that somebody else can change never makes the program read, run or send anything."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.keys import make_key
from tests.support.forked import ForkedHome
from tests.support.home import STDIN, VARIABLE, Home
from tests.support.servers import Server, close_at_once, serving
from tests.support.users import NOBODY, needs_root

KEY, NEW_KEY = make_key(84201).reveal(), make_key(84202).reveal()


@pytest.fixture
def home(home: ForkedHome) -> ForkedHome:
    """Return a home in which the variable ACME_KEY has the key of the company."""
    home.variables["ACME_KEY"] = home.world.single_company.employee_token
    return home


@pytest.fixture
def listener(home: Home) -> Iterator[Server]:
    """Listen in place of Tripletex."""
    with serving(close_at_once) as server:
        home.base_url = server.base_url
        yield server


@contextmanager
def made_by(owner: int, mode: int, *paths: Path) -> Iterator[None]:
    """Give files to another user, or another mode, while the context lasts."""
    for path in paths:
        os.chown(path, owner, owner)
        path.chmod(mode)
    yield
    for path in paths:
        os.chown(path, 0, 0)
        path.chmod(0o700 if path.is_dir() else 0o600)


@needs_root
def test_an_untrusted_config_makes_no_connection(home: Home, listener: Server) -> None:
    ran, key = home.folder / "ran", home.write("private.key", KEY)
    kept = home.write(home.key_file(home.world.single_company), KEY)
    references = [
        'keyring = "production/84201"',
        f'file = "{key}"',
        'env = "ACME_KEY"',
        f'command = ["sh", "-c", "touch {ran}; cat {key}"]',
    ]
    wrong = []

    def refused(*words: str | Path) -> None:
        done = home.run(*words, text=NEW_KEY)
        if done.code != 4 or "Run: " not in done.said:
            wrong.append((words, done))

    for number, reference in enumerate(references):
        folder = home.folder / f"team-{number}"
        config = home.config(folder / "a.toml", reference=reference)
        config.write_text(f'{config.read_text()}previous = {{ file = "{kept}" }}\n')
        with made_by(0, 0o666, config):  # anybody can write it
            refused("validate", folder)
            refused("clients", config)
            if number:
                continue
            # Every command refuses the first config, and every reference is refused by some command.
            new_key = ("--no-input", "--store", "file", *STDIN)
            refused("doctor", config)
            refused("rollback", config)
            refused("rotate", config, *new_key)
            refused("rotate", config, *new_key, "--dry-run")
            refused("rotate", "--all", folder, *new_key)
            refused("rotate", "--finish", config)
            refused("rotate", "--finish", config, "--force", "84201")
            refused("rotate", "--in-place", config)
        for other in (made_by(NOBODY, 0o644, config), made_by(NOBODY, 0o755, folder)):
            with other:
                refused("validate", folder)
    assert wrong == []
    assert listener.received == []
    assert not ran.exists()
    assert home.keys == [kept]


def test_a_sandbox_config_sends_only_sandbox_tokens(home: Home, listener: Server) -> None:
    real = home.write(home.key_store / "production/84201", f"{KEY}\n")
    password = home.write("password", "correct horse battery staple\n")
    wrong = []
    for reference, code, finding in (
        (f'file = "{real}"', 4, "TW344"),
        (f'file = "{password}"', 1, "TW304"),
        ('keyring = "production/84201"', 4, "TW344"),
        (f'file = "{real}"', 4, "TW344"),
    ):
        done = home.run("validate", home.config(reference=reference))
        if done.code != code or finding not in done.out:
            wrong.append((reference, done))
        # What was stored before the site chose another folder is as real.
        home.site(f'key_folder = "{home.folder / "keys"}"\n')
    assert wrong == []
    assert listener.received == []


@needs_root
def test_defaults_that_somebody_else_wrote_are_refused(home: Home) -> None:
    good, ran = home.config("c/a.toml", reference='env = "ACME_KEY"'), home.folder / "ran"
    defaults = home.site(f'hook = ["touch", "{ran}"]\nconsumer_token = {{ command = ["touch", "{ran}"] }}\n')
    del home.variables[VARIABLE]
    works: list[tuple[str | Path, ...]] = [
        ("--help",),
        ("--version",),
        ("explain", "TW402"),
        ("guide",),
        ("schema",),
        ("completion", "bash"),
    ]
    stops: list[tuple[str | Path, ...]] = [
        ("validate", good),
        ("rotate", "--finish", good),
        ("setup", "x.toml"),
        ("clients", good),
        ("doctor",),
    ]
    wrong = []
    for path, owner, mode in (
        (defaults, NOBODY, 0o644),
        (defaults, 0, 0o666),
        (defaults.parent, 0, 0o777),
    ):
        with made_by(owner, mode, path):
            for words in (*works, *stops):
                done = home.run(*words)
                if done.code != (4 if words in stops else 0):
                    wrong.append((path, mode, words, done))
    assert wrong == []
    assert not ran.exists()


@needs_root
def test_a_team_s_folder_that_trusted_defaults_name_is_trusted(home: Home) -> None:
    path = home.config("team/a.toml", reference='env = "ACME_KEY"')
    with made_by(NOBODY, 0o660, path), made_by(NOBODY, 0o2770, path.parent):
        home.run("validate", path, code=4)
        home.site(f'trusted_folders = ["{path.parent}"]\n')
        home.run("validate", path, code=0)


def test_nothing_is_set_up_where_others_can_write(home: Home) -> None:
    folder = home.folder / "open"
    folder.mkdir()
    folder.chmod(0o777)
    assert f"chmod o-w {folder}" in home.set_up("open/a.toml", code=4).said
    assert list(folder.iterdir()) == []
    assert not home.sandbox.requests


def test_journals_that_others_can_write_are_not_read(home: Home) -> None:
    path, ran = home.config(reference='env = "ACME_KEY"'), home.folder / "ran"
    state = home.folder / "state"
    home.variables["XDG_STATE_HOME"] = str(state)
    key = {
        "environment": "sandbox",
        "base_url": home.base_url,
        "reference": {"env": "ACME_KEY"},
        "number": None,
    }
    new = {"reference": {"command": ["touch", str(ran)]}, "number": 1, "length": 9, "fingerprint": "0000-00"}
    page = {"version": 1, "old": key, "new": {**new, "owned": True}, "paths": [str(path)]}
    home.write(state / "tripletex-wizard/rotations/0000000000000000.json", json.dumps(page))
    state.chmod(0o777)
    assert "TW327" in home.run("rotate", path, "--no-input", code=4).err
    assert not ran.exists()
