"""Standard streams that break or were never there decide no exit code."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.house import WIZARD, Home
from tests.support.rows import every_row
from tests.support.terminal import Terminal

SAMPLES = Path(__file__).parents[2] / "config-samples"
GOOD = SAMPLES / "single-company.toml"
USAGE = ["validate", "nowhere.toml"]


@pytest.fixture
def bad(home: Home) -> Path:
    path = home.folder / "bad.toml"
    path.write_text("schema_version = [\n")
    return path


@contextmanager
def without_reader() -> Iterator[int]:
    """Open a pipe that has no reader."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)


def run(home: Home, words: list[str | Path], redirections: str = "", **streams: int) -> tuple[int, str]:
    """Run a command below a shell, and return its exit code and what it wrote to the open streams."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {redirections}', "sh", *WIZARD, *map(str, words)],
        env=home.environment,
        cwd=home.folder,
        stdin=subprocess.DEVNULL,
        stdout=streams.get("stdout", subprocess.PIPE),
        stderr=streams.get("stderr", subprocess.PIPE),
        text=True,
        timeout=60,
        check=False,
    )
    said = (done.stdout or "") + (done.stderr or "")
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert "crashed" not in said
    return done.returncode, said


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


@pytest.mark.parametrize("words", [USAGE, ["--nonsense"], ["setup", "--no-input"]], ids=" ".join)
@pytest.mark.parametrize("redirections", ["2>&-", "2>/dev/full", "0<&- 1>&- 2>&-"])
def test_a_usage_error_ends_with_2_even_if_nothing_can_be_printed(
    home: Home, words: list[str | Path], redirections: str
) -> None:
    assert run(home, words, redirections) == (2, "")
    with without_reader() as pipe:
        assert run(home, words, stderr=pipe) == (2, "")


def test_closed_streams_change_no_verdict(home: Home, bad: Path) -> None:
    before = bad.read_bytes()
    for closed in ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"):
        assert run(home, ["validate", "--offline", bad], closed)[0] == 1
        assert run(home, ["validate", "--offline", GOOD], closed)[0] == 0
    assert bad.read_bytes() == before


@every_row("words", [["--version"], ["--help"], ["schema"], ["validate", "--offline", GOOD]], ids=str)
def test_an_output_on_a_full_disk_is_an_error(home: Home, words: list[str | Path]) -> None:
    code, said = run(home, words, ">/dev/full")
    assert code == 4
    assert said == "The output could not be written: no space left on device\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("deep", "x = " + "[" * 5000, "nested too deeply"),
        ("latin-1", 'application = "\xe6"'.encode("latin-1"), "UTF-8"),
        ("nul", "\0\0\0", "line 1"),
    ],
)
def test_unreadable_defaults_are_a_usage_error(home: Home, name: str, text: str | bytes, said: str) -> None:
    folder = home.folder / "etc" / "tripletex-wizard"
    folder.mkdir(parents=True)
    (folder / "defaults.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = home.run("validate", "--offline", GOOD)
    assert done.returncode == 2, name
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_characters_that_an_encoding_lacks_are_replaced_everywhere(home: Home, encoding: str) -> None:
    home.variables |= {"PYTHONIOENCODING": encoding, "TRIPLETEX_WIZARD_LANG": "nb"}
    (home.folder / "fjær→.toml").write_text("schema_version = 1 # → «æ»\n")
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
        done = subprocess.run(
            [*WIZARD, *words], env=home.environment, cwd=home.folder, capture_output=True, check=False
        )
        said = done.stdout + done.stderr
        if done.returncode not in {0, 1, 2} or b"Unicode" in said or "→".encode() in said:
            wrong.append((words, done.returncode, said))
    assert wrong == []


HOSTILE = "\x1b]0;title\x07\x9b31m\u202e"


def test_no_name_or_setting_can_control_the_terminal(home: Home) -> None:
    config = home.folder / f"a{HOSTILE}.toml"
    config.write_text(f'schema_version = 1\n"{HOSTILE[-2:]}" = "{HOSTILE[-2:]}"\n')
    answers = home.folder / "answers.toml"
    answers.write_text('"\\u001b]0;x\\u0007\\u009b" = 1\n')
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
        ["guide", HOSTILE],
        ["validate", "--format", HOSTILE, "x"],
        [HOSTILE],
    ):
        done = home.run(*words)
        assert done.returncode in {1, 2, 4}, (words, done.stderr)
        assert (
            not set(HOSTILE + "\x9b") & {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.stdout + done.stderr)
        ), words
    defaults = home.folder / ".config" / "tripletex-wizard" / "defaults.toml"
    defaults.parent.mkdir(parents=True)
    defaults.write_text('"\\u001b]0;x\\u0007\\u009b" = 1\n')
    done = home.run("validate", "--offline", GOOD)
    assert done.returncode == 2
    assert not {"\x1b", "\x07", "\x9b"} & set(done.stderr)


def test_an_unknown_code_is_quoted_safely(home: Home) -> None:
    code, said = run(home, ["explain", "\x1b[31m" + "9" * 4000], "2>&1")
    assert code == 2
    assert len(said) < 300
    assert "\x1b" not in said
    assert "9999…" in said


def test_a_terminal_gets_the_encoding_that_its_locale_names(home: Home) -> None:
    """Also if that locale is not installed, in which case Python takes UTF-8."""
    for locale, word in (
        ("nb_NO.ISO-8859-1", "nøkkel".encode("latin-1")),
        ("nb_NO.UTF-8@x", "nøkkel".encode()),
        ("POSIX", b"noekkel"),
    ):
        terminal = Terminal(
            (*WIZARD, "--lang", "nb", "--help"), {**home.environment, "LANG": locale}, home.folder
        )
        assert terminal.end() == 0
        assert word in terminal.written, (locale, terminal.written)
