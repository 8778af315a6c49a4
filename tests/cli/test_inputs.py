"""What comes from outside: lists of numbers, files that are no files, and text in other encodings."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.home import SAMPLES, STDIN, Done, Home

GOOD = SAMPLES / "single-company.toml"


def set_up_clients(home: Home, listed: str | Path, code: int | None = None) -> Done:
    words = ("--org-numbers-file", listed)
    return home.set_up("clients", home.world.office, *words, setup="bureau-client", code=code)


def test_an_unreadable_row_stops_a_set_up(home: Home) -> None:
    number = home.world.client.organization_number
    home.write("list.csv", f"Orgnr;Navn\n{number};A\n31000001;B\n01017012345;C\n")
    done = set_up_clients(home, "list.csv", code=2)
    assert "list.csv, line 3: " in done.err
    assert "list.csv, line 4: " in done.err
    assert "01017012345" not in done.err
    assert not (home.folder / "clients").exists()
    assert not home.sandbox.requests


def test_a_spreadsheet_with_one_client_makes_a_folder(home: Home) -> None:
    number = home.world.client.organization_number
    home.write("list.csv", f"Navn;Orgnr\r\nBrønnøysund;{number},00\r\n".encode("utf-16"))
    set_up_clients(home, "list.csv", code=0)
    assert (home.folder / "clients" / f"{number}.toml").is_file()


def test_expected_clients_are_never_skipped(home: Home) -> None:
    config = home.config(key=home.world.office)
    rows = f"Orgnr;Navn\n{home.world.client.organization_number};A\n"
    for text, said in {
        rows + "310000019.5;B\n": "expected.csv, line 3: ",
        rows + "x\n" * (4 * 1024 * 1024 // 2): "larger than 4 MiB",
    }.items():
        listed = home.write("expected.csv", text)
        done = home.run("clients", config, "--expect", listed, code=2)
        assert done.out == ""
        assert said in done.err
    assert not home.sandbox.requests


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


def test_a_path_that_is_not_a_file_is_reported_and_not_read(home: Home) -> None:
    path = home.folder / "given.toml"
    wrong = []
    for kind in KINDS:
        with no_file(kind, path):
            for words in (
                ["validate", "--offline", path],
                ["clients", path],
                ["setup", "new.toml", "--no-input", *home.flags, "--answers", path],
                home.setup("new.toml", "--employee-token-file", path),
                home.setup("clients", *STDIN, "--org-numbers-file", path, setup="bureau-client"),
            ):
                done = home.run(*words)
                if done.code not in {1, 2, 4} or "bug" in done.err:
                    wrong.append((kind, words, done))
    assert wrong == []


def test_a_config_that_cannot_be_read_is_unknown_to_every_command(home: Home) -> None:
    """Nothing is proven wrong with it."""
    home.write("key", "x")
    (home.folder / "loop.toml").symlink_to("loop.toml")
    (home.folder / "zero.toml").symlink_to("/dev/zero")
    os.mkfifo(home.folder / "fifo.toml")
    wrong = []
    for name, code in (("fifo", "TW110"), ("zero", "TW110"), ("loop", "TW516")):
        for command in ("validate", "clients", "doctor", "rollback", "rotate"):
            flags = ["--no-input", "--employee-token-file", "key"] if command == "rotate" else []
            done = home.run(command, f"{name}.toml", *flags)
            if done.code != 4 or code not in done.out:
                wrong.append((command, name, done))
    assert wrong == []


def test_defaults_that_are_not_a_file_stop_only_commands_that_need_them(home: Home) -> None:
    for kind in KINDS:
        with no_file(kind, home.defaults):
            assert home.run("--help").code == 0, kind
            done = home.run("validate", "--offline", GOOD)
            assert (done.code, "The site's defaults cannot be used" in done.err) == (2, True), kind


def test_what_is_wrong_with_a_file_is_told_in_norwegian(home: Home) -> None:
    """Neither the messages of the system nor those of the TOML library are."""
    config = home.write("a.toml", GOOD.read_text())
    wrong = []

    def told(path: Path, text: str | bytes, code: int, words: str) -> None:
        home.write(path, text)
        done = home.run("--lang", "nb", "validate", "--offline", config)
        if done.code != code or words not in done.said:
            wrong.append((text, done))

    for text, words in (
        ("x = [1\n", "den er ikke gyldig TOML (linje 1): en avsluttende hakeparentes mangler"),
        ("language = nb\n", "en verdi mangler, eller en tekst står ikke i anførselstegn"),
        ('language = "de"\n', "«language» må være en av nb, en"),
        ('sprak = "nb"\n', "ukjent innstilling «sprak»; kjente: application"),
        ('consumer_token = "x"\n', "«consumer_token» må ha nøyaktig én av keyring, file, env og command"),
        ('key_folder = "keys"\n', "«key_folder» må være en absolutt sti"),
        ('store = "command"\n', "må være satt"),
        ('store_command = ["pass", "insert", "{entry}"]\n', "må begge være satt"),
        ('store_command = ["put", "x"]\nread_command = ["get", "{entry}"]\n', "{entry}"),
        ('application = "\xe6"'.encode("latin-1"), "UTF-8"),
        ("\0\0\0", "linje 1"),
    ):
        told(home.defaults, text, 2, words)
    home.defaults.unlink()
    for text, words in (
        ('x = "a\n', "et anførselstegn mangler"),
        ("a = 1\na = 2\n", "et navn er brukt to ganger"),
        ("a\n", "«=» mangler"),
        ("a = 1 b = 2\n", "det står mer enn én innstilling på linjen"),
        ('a = "C:\\x"\n', "en omvendt skråstrek i en tekst må skrives to ganger"),
    ):
        told(config, text, 1, words)
    done = home.run(
        "--lang", "nb", *home.setup("a.toml/x.toml", "--employee-token-file", home.write("key", "x"))
    )
    assert "a.toml/x.toml kan ikke skrives: stien over den er ikke en mappe." in done.err
    assert wrong == []


def test_a_byte_order_mark_is_ignored_in_every_file(home: Home) -> None:
    home.write(home.defaults, 'language = "nb"\n'.encode("utf-8-sig"))
    said = (
        f'environment = "sandbox"\nsetup = "single-company"\nbase_url = "{home.base_url}"\nstore = "file"\n'
    )
    answers = home.write("answers.toml", said.encode("utf-8-sig"))
    key = home.write("key", home.world.single_company.employee_token.encode("utf-8-sig"))
    home.run("setup", "a.toml", "--no-input", "--answers", answers, "--employee-token-file", key, code=0)


@pytest.mark.parametrize("encode", ["utf-16", "utf-16-le", "cp1252"])
def test_a_key_is_read_in_every_encoding_of_a_pipe(home: Home, encode: str) -> None:
    text = f"Nøkkel: {home.world.single_company.employee_token}\r\n"
    home.shell('exec "$@"', *home.setup("a.toml", *STDIN), text=text.encode(encode), code=0)


def test_a_key_file_and_a_command_may_be_in_utf_16(home: Home) -> None:
    key = home.write("key", f"{home.world.single_company.employee_token}\r\n".encode("utf-16"))
    for reference in (f"file:{key}", f"command:cat {key}"):
        home.run(*home.setup(f"{reference[:4]}.toml", "--employee-token-ref", reference), code=0)
