"""What comes from outside: lists of numbers, files that are no files, and text in other encodings."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.house import WIZARD, Home
from tests.support.sandbox import Sandbox

SAMPLE = Path(__file__).parents[2] / "config-samples" / "single-company.toml"


def bureau(base_url: str, folder: str, listed: str | Path) -> list[str]:
    start = ["setup", folder, "--no-input", "--environment", "sandbox", "--base-url", base_url]
    end = ["--setup", "bureau-client", "--org-numbers-file", str(listed)]
    return [*start, "--employee-token-file", "-", "--store", "file", *end]


def test_an_unreadable_row_stops_a_set_up(home: Home, sandbox: Sandbox, base_url: str) -> None:
    world = sandbox.world
    (home.folder / "list.csv").write_text(
        f"Orgnr;Navn\n{world.client.organization_number};A\n31000001;B\n01017012345;C\n"
    )
    done = home.run(*bureau(base_url, "clients", "list.csv"), text=world.office.employee_token)
    assert done.returncode == 2
    assert "list.csv, line 3: " in done.stderr
    assert "list.csv, line 4: " in done.stderr
    assert "01017012345" not in done.stderr
    assert not (home.folder / "clients").exists()
    assert not sandbox.requests


def test_a_spreadsheet_with_one_client_makes_a_folder(home: Home, sandbox: Sandbox, base_url: str) -> None:
    world = sandbox.world
    number = world.client.organization_number
    (home.folder / "list.csv").write_bytes(f"Navn;Orgnr\r\nBrønnøysund;{number},00\r\n".encode("utf-16"))
    done = home.run(*bureau(base_url, "clients", "list.csv"), text=world.office.employee_token)
    assert done.returncode == 0, done.stderr
    assert (home.folder / "clients" / f"{number}.toml").is_file()


def test_expected_clients_are_never_skipped(home: Home, sandbox: Sandbox, base_url: str) -> None:
    world = sandbox.world
    assert (
        home.run(
            *bureau(base_url, "here", "-")[:-2],
            "--org-number",
            world.client.organization_number or "",
            text=world.office.employee_token,
        ).returncode
        == 0
    )
    listed = home.folder / "expected.csv"
    rows = f"Orgnr;Navn\n{world.client.organization_number};A\n"
    sandbox.requests.clear()
    for text, said in {
        rows + "310000019.5;B\n": "expected.csv, line 3: ",
        rows + "x\n" * (4 * 1024 * 1024 // 2): "larger than 4 MiB",
    }.items():
        listed.write_text(text)
        done = home.run("clients", "here", "--expect", listed)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    assert not sandbox.requests


@contextmanager
def no_file(kind: str, path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "FIFO":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "sparse":
            with path.open("wb") as file:
                file.truncate(6 * 1024**3)
        case "folder":
            path.mkdir()
        case "deep":
            path.write_text(f"a = {'[' * 50_000}{']' * 50_000}\n")
        case "endless name":  # takes tomllib minutes, and gigabytes
            path.write_text(f"{'a.' * 30_000}a = 1\n")
    yield
    path.rmdir() if kind == "folder" else path.unlink()


KINDS = ("FIFO", "device", "sparse", "folder", "deep", "endless name")


@pytest.mark.parametrize("kind", KINDS)
def test_a_path_that_is_not_a_file_is_reported_and_not_read(home: Home, base_url: str, kind: str) -> None:
    path = home.folder / "given.toml"
    setup = ["setup", "new.toml", "--no-input", "--environment", "sandbox", "--base-url", base_url]
    with no_file(kind, path):
        for words in (
            ["validate", "--offline", path],
            ["clients", path],
            [*setup, "--answers", path],
            [*setup, "--setup", "single-company", "--store", "file", "--employee-token-file", path],
            bureau(base_url, "clients", path),
        ):
            done = home.run(*words, text="")
            assert done.returncode in {1, 2, 4}, (words, done.stderr)
            assert "bug" not in done.stderr, (words, done.stderr)


def test_a_config_that_cannot_be_read_is_unknown_to_every_command(home: Home) -> None:
    """Nothing is proven wrong with it."""
    (home.folder / "key").write_text("x")
    (home.folder / "loop.toml").symlink_to("loop.toml")
    (home.folder / "zero.toml").symlink_to("/dev/zero")
    os.mkfifo(home.folder / "fifo.toml")
    wrong = []
    for name, code in (("fifo", "TW110"), ("zero", "TW110"), ("loop", "TW516")):
        for command in ("validate", "clients", "doctor", "rollback", "rotate"):
            flags = ["--no-input", "--employee-token-file", "key"] if command == "rotate" else []
            done = home.run(command, f"{name}.toml", *flags)
            if done.returncode != 4 or code not in done.stdout:
                wrong.append((command, name, done.returncode, done.stdout + done.stderr))
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_that_are_not_a_file_stop_only_commands_that_need_them(home: Home, kind: str) -> None:
    with no_file(kind, home.folder / ".config" / "tripletex-wizard" / "defaults.toml"):
        assert home.run("--help").returncode == 0
        done = home.run("validate", "--offline", SAMPLE)
        assert done.returncode == 2
        assert "The site's defaults cannot be used" in done.stderr


def test_a_byte_order_mark_is_ignored_in_every_file(home: Home, sandbox: Sandbox, base_url: str) -> None:
    defaults = home.folder / ".config" / "tripletex-wizard" / "defaults.toml"
    defaults.parent.mkdir(parents=True)
    defaults.write_text('language = "nb"\n', encoding="utf-8-sig")
    answers = home.folder / "answers.toml"
    said = f'environment = "sandbox"\nsetup = "single-company"\nbase_url = "{base_url}"\nstore = "file"\n'
    answers.write_text(said, encoding="utf-8-sig")
    key = home.folder / "key"
    key.write_text(sandbox.world.single_company.employee_token, encoding="utf-8-sig")
    done = home.run("setup", "a.toml", "--no-input", "--answers", answers, "--employee-token-file", key)
    assert done.returncode == 0, done.stderr


def test_a_key_is_read_in_every_encoding_of_a_pipe(home: Home, sandbox: Sandbox, base_url: str) -> None:
    token = sandbox.world.single_company.employee_token
    words = [
        "--setup",
        "single-company",
        "--environment",
        "sandbox",
        "--base-url",
        base_url,
        "--store",
        "file",
    ]
    for number, data in enumerate(
        [token.encode("utf-16"), f"{token}\r\n".encode("utf-16-le"), f"Nøkkel: {token}".encode("cp1252")]
    ):
        setup = ["setup", f"{number}.toml", "--no-input", *words, "--employee-token-file", "-"]
        done = subprocess.run(
            [*WIZARD, *setup],
            input=data,
            env=home.environment,
            cwd=home.folder,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (number, done.stderr)


def test_a_key_file_and_a_command_may_be_in_utf_16(home: Home, sandbox: Sandbox, base_url: str) -> None:
    token = sandbox.world.single_company.employee_token
    key = home.folder / "key"
    key.write_text(f"{token}\r\n", encoding="utf-16")
    key.chmod(0o600)
    for reference in (f"file:{key}", f"command:cat {key}"):
        name = reference.partition(":")[0]
        words = ["setup", f"{name}.toml", "--no-input", "--setup", "single-company", "--store", "file"]
        words += ["--environment", "sandbox", "--base-url", base_url, "--employee-token-ref", reference]
        done = home.run(*words)
        assert done.returncode == 0, (reference, done.stderr)
