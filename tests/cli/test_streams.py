"""Standard streams that break or were never there decide no exit code."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.home import SAMPLES, WIZARD, Home
from tests.support.rows import every_row

GOOD = SAMPLES / "single-company.toml"
HOSTILE = "\x1b]0;title\x07\x9b31m\u202e"
CONTROLS = {"\x1b", "\x07", "\x9b", "\u202e"}


@pytest.fixture
def bad(home: Home) -> Path:
    return home.write("bad.toml", "schema_version = [\n")


@contextmanager
def without_reader() -> Iterator[int]:
    """Open a pipe that has no reader."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)


def run(
    home: Home,
    words: list[str | Path],
    redirections: str = "",
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> tuple[int, str]:
    """Run a command below a shell, and return its exit code and what it wrote to the open streams."""
    done = home.shell(f'exec "$@" {redirections}', *words, stdout=stdout, stderr=stderr)
    said = done.out + done.err
    assert not [word for word in ("Traceback", "Exception ignored", "crashed") if word in said], said
    return done.code, said


@pytest.mark.parametrize("report", ["text", "json", "junit"])
def test_a_report_without_a_reader_keeps_its_exit_code(home: Home, bad: Path, report: str) -> None:
    words = ["validate", "--offline", "--format", report]
    with without_reader() as pipe:
        assert run(home, [*words, bad], stdout=pipe) == (1, "")
        assert run(home, [*words, *[GOOD] * 200, bad], stdout=pipe) == (1, "")
        assert run(home, [*words, GOOD], stdout=pipe) == (0, "")


@every_row("words", [["schema"], ["guide"], ["--help"], ["explain"], ["--version"]], ids=" ".join)
def test_a_reader_that_stops_early_sees_no_error(home: Home, words: list[str | Path]) -> None:
    with without_reader() as pipe:
        assert run(home, words, stdout=pipe) == (0, "")


@every_row("words", [["validate", "nowhere.toml"], ["--nonsense"], ["setup", "--no-input"]], ids=" ".join)
def test_a_usage_error_ends_with_2_even_if_nothing_can_be_printed(
    home: Home, words: list[str | Path]
) -> None:
    for redirections in ("2>&-", "2>/dev/full", "0<&- 1>&- 2>&-"):
        assert run(home, words, redirections) == (2, ""), redirections
    with without_reader() as pipe:
        assert run(home, words, stderr=pipe) == (2, "")


def test_closed_streams_change_no_verdict(home: Home, bad: Path) -> None:
    before = bad.read_bytes()
    for closed in ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"):
        assert run(home, ["validate", "--offline", bad], closed)[0] == 1
        assert run(home, ["validate", "--offline", GOOD], closed)[0] == 0
    assert bad.read_bytes() == before


@every_row("words", [["--version"], ["--help"], ["schema"], ["validate"], ["validate", "--format", "json"]])
def test_an_output_on_a_full_disk_is_an_error(home: Home, words: list[str | Path]) -> None:
    config = [home.config()] if words[0] == "validate" else []
    code, said = run(home, [*words, *config], ">/dev/full")
    assert code == 4
    assert said == "The output could not be written: no space left on device\n"


def test_characters_that_an_encoding_lacks_are_replaced_everywhere(home: Home) -> None:
    home.variables |= {"PYTHONIOENCODING": "ascii", "TRIPLETEX_WIZARD_LANG": "nb"}
    home.write("fjær→.toml", "schema_version = 1 # → «æ»\n")
    wrong = []
    for words in (
        ["--help"],
        ["setup", "--help"],
        ["schema"],
        ["guide"],
        ["explain"],
        ["demo"],
        ["completion", "bash"],
        ["validate", "--offline", "fjær→.toml"],
        ["validate", "→"],
    ):
        code, said = run(home, [*words])
        if code not in {0, 1, 2} or "Unicode" in said or "→" in said:
            wrong.append((words, code, said))
    assert wrong == []


def test_no_name_or_setting_can_control_the_terminal(home: Home) -> None:
    config = home.write(f"a{HOSTILE}.toml", f'schema_version = 1\n"{HOSTILE[-2:]}" = "{HOSTILE[-2:]}"\n')
    answers = home.write("answers.toml", '"\\u001b]0;x\\u0007\\u009b" = 1\n')
    wrong = []
    for words in (
        ["validate", "--offline", config],
        ["validate", f"no{HOSTILE}"],
        ["rotate", "--all", home.folder, "--no-input"],
        ["rotate", config, "--no-input"],
        ["rollback", config],
        ["setup", "new.toml", "--no-input", "--answers", answers],
        ["setup", f"x{HOSTILE}", "--no-input", "--setup", HOSTILE],
        ["clients", config],
        ["explain", HOSTILE],
        ["explain", "\x1b[31m" + "9" * 4000],
        ["guide", HOSTILE],
        ["validate", "--format", HOSTILE, "x"],
        [HOSTILE],
        ["validate", "--offline", GOOD],
    ):
        if words[-1] == GOOD:
            home.write(home.defaults, answers.read_text())
        done = home.run(*words)
        if done.code not in {1, 2, 4} or CONTROLS & set(done.said):
            wrong.append((words, done))
        if words[0] == "explain":
            assert len(done.err) < 300
    assert wrong == []


def test_a_terminal_gets_the_encoding_that_its_locale_names(home: Home) -> None:
    """Also if that locale is not installed, in which case Python takes UTF-8."""
    for locale, word in (
        ("nb_NO.ISO-8859-1", "nøkkel".encode("latin-1")),
        ("nb_NO.UTF-8@x", "nøkkel".encode()),
        ("POSIX", b"noekkel"),
    ):
        terminal = home.on_terminal((*WIZARD, "--lang", "nb", "--help"), {**home.environment, "LANG": locale})
        assert terminal.end() == 0
        assert word in terminal.written, (locale, terminal.written)
