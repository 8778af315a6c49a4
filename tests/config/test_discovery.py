"""Which files a command line means."""

import os
from pathlib import Path

import pytest

from tests.config.texts import ids
from tests.files.unprivileged import folder_of_ordinary_user, ordinary_user
from wizard.cli import flags
from wizard.config.discovery import ANSWERS, find_configs
from wizard.config.model import NoConfigs, PathMissing
from wizard.config.reading import read_config


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_stands_for_the_sorted_configs_below_it(tmp_path: Path) -> None:
    make(
        tmp_path,
        "b.toml",
        "a/z.toml",
        "a/b/c.toml",
        "c.TOML",
        "d.toml.bak-20260101-000000",
        "e.txt",
        "f.toml/g.toml",
    )
    assert [str(path.relative_to(tmp_path)) for path in find_configs([tmp_path])] == [
        "a/b/c.toml",
        "a/z.toml",
        "b.toml",
        "f.toml/g.toml",
    ]


def test_hidden_files_and_folders_are_skipped_unless_named(tmp_path: Path) -> None:
    make(tmp_path, "a.toml", ".b.toml", ".git/c.toml", ".a.toml.lock")
    assert find_configs([tmp_path]) == [tmp_path / "a.toml"]
    assert find_configs([tmp_path / ".git", tmp_path / ".b.toml"]) == [
        tmp_path / ".git" / "c.toml",
        tmp_path / ".b.toml",
    ]


def test_arguments_keep_their_order_and_nothing_is_listed_twice(tmp_path: Path) -> None:
    make(tmp_path, "a.toml", "b.toml", "c.txt")
    a, b, c = (tmp_path / name for name in ("a.toml", "b.toml", "c.txt"))
    assert find_configs([c, b, tmp_path, a]) == [c, b, a]


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    make(tmp_path, "site/a.toml", "elsewhere/b.toml")
    site = tmp_path / "site"
    (site / "loop").symlink_to(site)
    (site / "up").symlink_to(tmp_path)
    (site / "other").symlink_to(tmp_path / "elsewhere")
    (site / "again").symlink_to(tmp_path / "elsewhere")
    (site / "c.toml").symlink_to("a.toml")
    assert find_configs([site]) == [site / "a.toml", site / "again" / "b.toml", site / "c.toml"]


def test_an_unreadable_file_is_listed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.toml")
    (tmp_path / "gone.toml").symlink_to("nowhere")
    found = find_configs([tmp_path])
    assert [ids(read_config(path)) for path in found] == [["TW110"], ["TW516"]]


def test_an_unreadable_folder_is_reported() -> None:
    with folder_of_ordinary_user() as folder:
        make(folder, "a.toml", "closed/b.toml", "listed/c.toml")
        (folder / "closed").chmod(0)
        (folder / "listed").chmod(0o444)
        with ordinary_user():
            found = find_configs([folder])
            assert [path.name for path in found] == ["a.toml", "closed", "c.toml"]
            assert [ids(read_config(path))[-1] for path in found[1:]] == ["TW516", "TW516"]
            assert find_configs([folder / "closed" / "b.toml"]) == [folder / "closed" / "b.toml"]
        (folder / "closed").chmod(0o700)
        (folder / "listed").chmod(0o700)


def test_a_missing_path_is_reported(tmp_path: Path) -> None:
    make(tmp_path, "a.toml")
    (tmp_path / "gone.toml").symlink_to("nowhere")
    for path in (tmp_path / "none", tmp_path / "a.toml" / "b.toml", tmp_path / "gone.toml"):
        with pytest.raises(PathMissing) as caught:
            find_configs([tmp_path, path])
        assert caught.value.path == path


def test_a_folder_without_configs_is_not_called_valid(tmp_path: Path) -> None:
    make(tmp_path, "full/a.toml", "empty/readme.txt", "empty/.hidden.toml")
    with pytest.raises(NoConfigs) as caught:
        find_configs([tmp_path / "full", tmp_path / "empty"])
    assert caught.value.path == tmp_path / "empty"


def test_an_answers_file_is_not_a_config(tmp_path: Path) -> None:
    assert {answer.name for answer in flags._ANSWERS} == ANSWERS
    said = 'environment = "test"\nsetup = "bureau-client"\nclients = ["974760673"]\n'
    said += 'employee_token = { env = "K" }\n'
    (tmp_path / "answers.toml").write_text(said, encoding="utf-8-sig")
    with pytest.raises(NoConfigs):
        find_configs([tmp_path])
    for name, text in {"a": "", "b": "x = [", "c": "[finale]\n", "d": f"{said}schema_version = 1\n"}.items():
        (tmp_path / f"{name}.toml").write_text(text)
    assert [path.stem for path in find_configs([tmp_path])] == ["a", "b", "c", "d"]
    assert find_configs([tmp_path / "answers.toml"]) == [tmp_path / "answers.toml"]
