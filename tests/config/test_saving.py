"""How a config is rendered, written and backed up."""

import os
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.texts import CLIENT, ENGLISH, GOOD, NORWEGIAN, config_of, ids
from tests.files.test_atomic import disk_full_after
from tests.keys import make_key
from tests.support.rows import every_row
from tests.support.users import NOBODY, needs_root
from wizard.config.discovery import find_configs
from wizard.config.editing import render, save
from wizard.config.reading import Config, parse_config
from wizard.config.syntax import EditRefused
from wizard.domain.reference import CommandReference, EnvReference, FileReference, KeyringReference
from wizard.domain.setup import Environment, Setup, has_valid_check_digit

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
CHANGED = GOOD.replace("974760673", "971032146")


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_config_is_private_and_so_is_its_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.toml"
    text = "\ufeff" + GOOD.replace("\n", "\r\n").rstrip()
    assert save(path, text, backup=True) is None
    assert path.read_bytes() == text.encode()
    assert (mode_of(path), mode_of(path.parent)) == (0o600, 0o700)
    assert list(path.parent.iterdir()) == [path]


def test_the_backup_is_private_and_not_taken_for_a_config(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    path.chmod(0o640)
    backup = save(path, CHANGED, backup=True, now=NOW)
    assert backup == tmp_path / "a.toml.bak-20261122-101530"
    assert backup.read_text() == GOOD
    assert mode_of(backup) == 0o600
    assert path.read_text() == CHANGED
    assert mode_of(path) == 0o640  # the group that reads it is its owner's decision
    assert find_configs([tmp_path]) == [path]


def test_no_backup_is_ever_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    backups = [save(path, text, backup=True, now=NOW) for text in (CHANGED, GOOD, CHANGED)]
    assert [backup and backup.read_text() for backup in backups] == [GOOD, CHANGED, GOOD]
    assert [backup and backup.name.removeprefix("a.toml.bak-20261122-101530") for backup in backups] == [
        "",
        "-2",
        "-3",
    ]


def test_an_unchanged_config_is_neither_written_nor_backed_up(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    before = path.stat()
    assert save(path, GOOD, backup=True) is None
    assert path.stat() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_backup_of_a_linked_config_is_next_to_its_target(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "a.toml"
    real.write_text(GOOD)
    link = tmp_path / "link.toml"
    link.symlink_to(real)
    backup = save(link, CHANGED, backup=True, now=NOW)
    assert backup == tmp_path / "real" / "a.toml.bak-20261122-101530"
    assert link.is_symlink()
    assert real.read_text() == CHANGED


def test_no_key_gets_into_a_backup(tmp_path: Path) -> None:
    key = make_key().reveal()
    path = tmp_path / "a.toml"
    path.write_bytes(GOOD.encode() + f'old = "{key}" # {key}\n# '.encode() + b"\xe5\n")
    backup = save(path, GOOD, backup=True)
    assert backup is not None
    kept = backup.read_bytes()
    assert key.rstrip("=").encode() not in kept
    assert kept.startswith(GOOD.encode() + b'old = "***')
    assert kept.endswith(b"\n# \xe5\n")


@needs_root
def test_a_backup_belongs_to_the_owner_of_the_config(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    os.chown(path, NOBODY, NOBODY)
    backup = save(path, CHANGED, backup=True)
    assert backup is not None
    assert (backup.stat().st_uid, path.stat().st_uid) == (NOBODY, NOBODY)


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    with disk_full_after(len(GOOD) + 10), pytest.raises(OSError, match="too large"):
        save(path, CHANGED + "#" * 100, backup=True)
    assert path.read_text() == GOOD
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text",
    ["", "a = ", GOOD.replace("974760673", "1"), GOOD + f"# {make_key().reveal()}"],
    ids=["empty", "broken", "wrong", "leaking"],
)
def test_a_config_that_could_not_be_read_back_is_not_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "new" / "a.toml"
    with pytest.raises(EditRefused):
        save(path, text)
    assert not path.parent.exists()


def test_a_new_config_has_the_documented_layout() -> None:
    written = render(CLIENT, NORWEGIAN).splitlines()
    assert [line for line in written if line.startswith("#")] == [
        "# Koblingen mellom Tripletex og Visma Finale, skrevet av tripletex-wizard.",
        "# Nøkkelen er ikke i denne filen, bare hvor den hentes.",
        "# OrgNr i Finale: organisasjonsnummeret til klienten.",
    ]
    assert [line for line in written if not line.startswith("#")] == GOOD.splitlines()


def test_a_new_config_says_that_its_key_was_not_tested() -> None:
    untried = render(CLIENT, ENGLISH, is_proven=False)
    assert "# The key had not been tested against Tripletex when this was written.\n" in untried
    assert config_of(untried) == CLIENT
    assert "tried" not in render(CLIENT, ENGLISH)


words = st.text(min_size=1, max_size=12)
references = st.one_of(
    words.map(KeyringReference),
    words.map(FileReference),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True).map(EnvReference),
    st.lists(words, min_size=1, max_size=3).map(lambda command: CommandReference(tuple(command))),
)
numbers = st.integers(80_000_000, 99_999_999).map(
    lambda first: next(
        (f"{first}{last}" for last in range(10) if has_valid_check_digit(f"{first}{last}")), ""
    )
)
configs = st.builds(
    Config,
    environment=st.sampled_from([Environment.PRODUCTION, Environment.TEST]),
    base_url=st.none(),
    application=words,
    setup=st.just(Setup.BUREAU_SHARED),
    org_number=st.just("%ORGNR%"),
    clients=st.lists(numbers.filter(bool), max_size=6, unique=True).map(tuple),
    employee_token=references,
    consumer_token=st.none() | references,
    key_id=st.none() | st.integers(1, 2**63 - 1),
    installed=st.none() | st.dates(),
    previous=st.none() | references,
)


@given(configs)
def test_every_rendered_config_is_toml_and_reads_back_the_same(config: Config) -> None:
    text = render(config, ENGLISH)
    assert text.endswith("\n")
    assert tomllib.loads(text)["tripletex"]["application"] == config.application
    reading = parse_config(text)
    if reading.config is not None:
        assert reading.config == config
    else:
        assert set(ids(reading)) <= {"TW112", "TW320"}


@every_row("count", [1, 4, 5, 3000])
def test_every_client_has_its_own_line(count: int) -> None:
    clients = tuple(f"{800_000_000 + number}" for number in range(count))
    text = render(replace(CLIENT, clients=clients), ENGLISH)
    assert tomllib.loads(text)["finale"]["clients"] == list(clients)
    assert ("clients = [\n" in text) == (count > 4)
