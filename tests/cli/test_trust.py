"""A file that somebody else can change never makes the program read, run or send anything."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

import pytest

from tests.keys import make_key
from tests.support.forked import ForkedHome
from tests.support.sandbox import Sandbox
from tests.support.users import NOBODY, needs_root

KEY, NEW_KEY = make_key(84201).reveal(), make_key(84202).reveal()


class Listener:
    """Takes every connection on a port of this machine and keeps what it hears."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v2"
        self.heard: list[bytes] = []
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                try:
                    self.heard.append(connection.recv(65536))
                except OSError:
                    self.heard.append(b"")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> ForkedHome:
    variables = {"TRIPLETEX_CONSUMER_TOKEN": sandbox.world.consumer_token, "ACME_KEY": KEY}
    return ForkedHome(tmp_path, variables, sandbox)


def config(folder: Path, url: str, reference: str, name: str = "a.toml") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(
        f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{url}"\n[finale]\n'
        f'setup = "single-company"\n[credentials]\nemployee_token = {reference}\n'
    )
    path.chmod(0o600)
    return path


@contextmanager
def made_by(owner: int, mode: int, *paths: Path) -> Iterator[None]:
    for path in paths:
        os.chown(path, owner, owner)
        path.chmod(mode)
    yield


@needs_root
def test_an_untrusted_config_makes_no_connection(
    home: ForkedHome, listener: Listener, tmp_path: Path
) -> None:
    key, ran = tmp_path / "private.key", tmp_path / "ran"
    key.write_text(KEY)
    key.chmod(0o600)
    kept = tmp_path / ".local/share/tripletex-wizard/keys/sandbox/84201"
    kept.parent.mkdir(parents=True)
    kept.write_text(KEY)
    kept.chmod(0o600)
    references = [
        '{ keyring = "production/84201" }',
        f'{{ file = "{key}" }}',
        '{ env = "ACME_KEY" }',
        f'{{ command = ["sh", "-c", "touch {ran}; cat {key}"] }}',
    ]
    new_key = ("--no-input", "--store", "file", "--employee-token-file", "-")
    commands: list[tuple[str | Path, ...]]
    wrong = []
    for number, reference in enumerate(references):
        folder = tmp_path / f"team-{number}"
        untrusted = config(folder, listener.url, reference)
        untrusted.write_text(f'{untrusted.read_text()}[key]\nprevious = {{ file = "{kept}" }}\n')
        ways = {
            "anybody can write it": partial(made_by, 0, 0o666, untrusted),
            "another user's": partial(made_by, NOBODY, 0o644, untrusted),
            "in a folder of another user's": partial(made_by, NOBODY, 0o755, folder),
        }
        # Every command refuses the first config, and every reference and way is refused by some command.
        is_first = number == 0
        for name, way in ways.items() if is_first else [*ways.items()][:1]:
            for path, mode in (untrusted, 0o600), (folder, 0o700):
                os.chown(path, 0, 0)
                path.chmod(mode)
            with way():
                commands = [("validate", folder), ("clients", untrusted)]
                if is_first and way is ways["anybody can write it"]:
                    commands += [
                        ("doctor", untrusted),
                        ("rollback", untrusted),
                        ("rotate", untrusted, *new_key),
                        ("rotate", untrusted, *new_key, "--dry-run"),
                        ("rotate", "--all", folder, *new_key),
                        ("rotate", "--finish", untrusted),
                        ("rotate", "--finish", untrusted, "--force", "84201"),
                        ("rotate", "--in-place", untrusted),
                    ]
                for words in commands:
                    done = home.run(*words, text=NEW_KEY)
                    if done.returncode != 4 or "Run: " not in done.stdout + done.stderr:
                        wrong.append((reference, name, words[0], done.returncode, done.stdout + done.stderr))
    assert wrong == []
    assert listener.heard == []
    assert not ran.exists()
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_a_sandbox_config_sends_only_sandbox_tokens(
    home: ForkedHome, listener: Listener, tmp_path: Path
) -> None:
    keys = tmp_path / ".local/share/tripletex-wizard/keys/production"
    keys.mkdir(parents=True)
    for path, text in (keys / "84201", KEY), (tmp_path / "password", "correct horse battery staple"):
        path.write_text(f"{text}\n")
        path.chmod(0o600)
    real = config(tmp_path / "c", listener.url, f'{{ file = "{keys / "84201"}" }}')
    other = config(tmp_path / "c", listener.url, f'{{ file = "{tmp_path / "password"}" }}', "b.toml")
    ring = config(tmp_path / "c", listener.url, '{ keyring = "production/84201" }', "c.toml")
    done = {path.name: home.run("validate", path) for path in (real, other, ring)}
    assert {name: run.returncode for name, run in done.items()} == {"a.toml": 4, "b.toml": 1, "c.toml": 4}
    assert "TW344" in done["a.toml"].stdout
    assert "TW304" in done["b.toml"].stdout
    defaults = tmp_path / ".config/tripletex-wizard/defaults.toml"
    defaults.parent.mkdir(parents=True, exist_ok=True)
    defaults.write_text(f'key_folder = "{tmp_path / "keys"}"\n')
    moved = home.run("validate", real)
    assert moved.returncode == 4, "what was stored before the site chose another folder is as real"
    assert "TW344" in moved.stdout
    assert listener.heard == []


@needs_root
def test_defaults_that_somebody_else_wrote_are_refused(
    home: ForkedHome, tmp_path: Path, sandbox: Sandbox, base_url: str
) -> None:
    good = config(tmp_path / "c", base_url, '{ env = "ACME_KEY" }')
    folder = tmp_path / "etc" / "tripletex-wizard"
    folder.mkdir(parents=True)
    defaults, ran = folder / "defaults.toml", tmp_path / "ran"
    defaults.write_text(f'hook = ["touch", "{ran}"]\nconsumer_token = {{ command = ["touch", "{ran}"] }}\n')
    del home.variables["TRIPLETEX_CONSUMER_TOKEN"]
    works = (
        ("--help",),
        ("--version",),
        ("explain", "TW402"),
        ("guide",),
        ("schema",),
        ("completion", "bash"),
    )
    stops = (
        ("validate", good),
        ("rotate", "--finish", good),
        ("setup", "x.toml"),
        ("clients", good),
        ("doctor",),
    )
    wrong = []
    for path, owner, mode in (defaults, NOBODY, 0o644), (defaults, 0, 0o666), (folder, 0, 0o777):
        with made_by(owner, mode, path):
            for expected, commands in ((0, works), (4, stops)) if mode == 0o644 else ((4, stops),):
                wrong += [
                    (words, done.returncode, done.stderr)
                    for words in commands
                    if (done := home.run(*words)).returncode != expected
                ]
        os.chown(path, 0, 0)
        path.chmod(0o600 if path is defaults else 0o700)
    assert wrong == []
    assert not ran.exists()


@needs_root
def test_a_team_s_folder_that_trusted_defaults_name_is_trusted(
    home: ForkedHome, tmp_path: Path, sandbox: Sandbox, base_url: str
) -> None:
    home.variables["ACME_KEY"] = sandbox.world.single_company.employee_token
    path = config(tmp_path / "team", base_url, '{ env = "ACME_KEY" }')
    (tmp_path / "etc" / "tripletex-wizard").mkdir(parents=True)
    defaults = tmp_path / "etc" / "tripletex-wizard" / "defaults.toml"
    with made_by(NOBODY, 0o660, path), made_by(NOBODY, 0o2770, path.parent):
        assert home.run("validate", path).returncode == 4
        defaults.write_text(f'trusted_folders = ["{path.parent}"]\n')
        defaults.chmod(0o644)
        done = home.run("validate", path)
        assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_set_up_where_others_can_write(home: ForkedHome, sandbox: Sandbox, base_url: str) -> None:
    folder = home.folder / "open"
    folder.mkdir()
    folder.chmod(0o777)
    key = sandbox.world.single_company.employee_token
    there = ("--environment", "sandbox", "--base-url", base_url, "--store", "file")
    words = (*there, "--setup", "single-company")
    done = home.run("setup", "open/a.toml", "--no-input", *words, "--employee-token-file", "-", text=key)
    assert (done.returncode, f"chmod o-w {folder}" in " ".join(done.stderr.split())) == (4, True), done.stderr
    assert list(folder.iterdir()) == []
    assert not sandbox.requests


def test_journals_that_others_can_write_are_not_read(
    home: ForkedHome, sandbox: Sandbox, base_url: str
) -> None:
    path, ran = config(home.folder / "c", base_url, '{ env = "ACME_KEY" }'), home.folder / "ran"
    state = home.folder / "state"
    home.variables["XDG_STATE_HOME"] = str(state)
    notes = state / "tripletex-wizard" / "rotations"
    notes.mkdir(parents=True)
    state.chmod(0o777)
    key = {"environment": "sandbox", "base_url": base_url, "reference": {"env": "ACME_KEY"}, "number": None}
    new = {"reference": {"command": ["touch", str(ran)]}, "number": 1, "length": 9, "fingerprint": "0000-00"}
    page = {"version": 1, "old": key, "new": {**new, "owned": True}, "paths": [str(path)]}
    (notes / "0000000000000000.json").write_text(json.dumps(page))
    done = home.run("rotate", path, "--no-input")
    assert (done.returncode, "TW327" in done.stderr) == (4, True), done.stderr
    assert not ran.exists()
