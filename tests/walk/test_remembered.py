"""What walks remember for next time, how they search, and what they keep on one line."""

import os
import stat
from pathlib import Path

from tests.support.rows import every_row
from wizard.domain.reference import CommandReference, EnvReference
from wizard.walk.journal import StoreChoice, newest_first, remember_store, remembered_store
from wizard.walk.search import fits, searchable
from wizard.walk.words import numbers_unbroken

PLACES: list[StoreChoice] = [
    "keyring",
    "file",
    EnvReference("KEY"),
    CommandReference(("pass", "show", "æ b")),
]


@every_row("place", PLACES)
def test_a_remembered_choice_is_in_a_private_file(tmp_path: Path, place: StoreChoice) -> None:
    folder = tmp_path / str(PLACES.index(place))
    assert remembered_store(folder) is None
    remember_store(folder, place)
    assert remembered_store(folder) == place
    (noted,) = folder.iterdir()
    assert stat.S_IMODE(noted.stat().st_mode) == 0o600


@every_row(
    "noted", [b"", b"vault", b"[]", b"{}", b'{"command": []}', b'{"command": [1]}', b"\xff", b"[" * 100_000]
)
def test_an_unreadable_choice_is_ignored(tmp_path: Path, noted: bytes) -> None:
    (tmp_path / "store").write_bytes(noted)
    assert remembered_store(tmp_path) is None


def test_a_choice_that_cannot_be_remembered_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    remember_store(tmp_path / "taken", "file")
    assert remembered_store(tmp_path / "taken") is None


def test_a_journal_that_another_run_has_just_deleted_is_left_out(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    for number, path in enumerate((old, new)):
        path.touch()
        os.utime(path, (number, number))
    assert newest_first([old, tmp_path / "deleted.json", new]) == [new, old]


ROW = searchable(("Østlandets Båt & Bakeri AS", "971 032 146"))


@every_row(
    "query",
    [
        "bakeri",
        "AS øst",
        "ostlandets",
        "oestlandets",
        "bat",
        "baat",
        "971 03",
        "97103",
        "971.032.146",
        "",
        " ",
    ],
)
def test_a_search_finds_a_match(query: str) -> None:
    assert fits(query, ROW)


@every_row("query", ["bakeri bergen", "972", "østland vest", "32 971"])
def test_a_search_without_a_match_finds_nothing(query: str) -> None:
    assert not fits(query, ROW)


def test_composed_and_decomposed_letters_match() -> None:
    assert fits("a\u030alesund", searchable(("Ålesund",)))


def test_numbers_are_not_broken() -> None:
    held = numbers_unbroken("Nr. 84201 ble nr. 84202 kl. 14.05: 310 000 027, 12 34 og 2 av 310").split(" ")
    assert held == [
        "Nr.", "84201", "ble", "nr.\u00a084202", "kl.\u00a014.05:", "310\u00a0000\u00a0027,",
        "12", "34", "og", "2", "av", "310",
    ]  # fmt: skip
