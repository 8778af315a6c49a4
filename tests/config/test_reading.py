"""A config becomes a value, and whatever is wrong with a file is a finding and never an exception."""

import os
import resource
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.texts import (
    CLIENT,
    ENGLISH,
    GOOD,
    NORWEGIAN,
    SANDBOX,
    SHARED,
    SINGLE,
    config_of,
    ids,
    messages,
    places,
)
from tests.keys import make_key
from tests.support.rows import every_row
from tests.support.users import NOBODY, open_folder, ordinary_user
from wizard.config.editing import update
from wizard.config.reading import Config, Reading, parse_config, read_config
from wizard.config.syntax import EditRefused
from wizard.domain.reference import CommandReference, FileReference
from wizard.domain.setup import Environment, Setup
from wizard.findings import Verdict, verdict


def test_a_good_config_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    reading = read_config(path)
    assert reading.config == CLIENT
    assert reading.findings == ()
    assert (reading.path, reading.text) == (path, GOOD)


def test_every_setting_is_read() -> None:
    config = config_of(
        """
        schema_version = 1
        tripletex = { environment = "sandbox", base_url = "http://[::1]:1/v2", application = "Ønske" }
        finale.setup = "bureau-shared"
        finale.org_number = "%ORGNR%"
        finale.clients = ["971032146", "974760673"]
        [credentials]
        employee_token = { file = "${CREDENTIALS_DIRECTORY}/key" }
        consumer_token.command = ["pass", "show", "a\\nb"]
        [key]
        id = 1
        installed = "2024-02-29"
        [key.previous]
        file = "../old key"
        """
    )
    assert config == Config(
        environment=Environment.SANDBOX,
        base_url="http://[::1]:1/v2",
        application="Ønske",
        setup=Setup.BUREAU_SHARED,
        org_number="%ORGNR%",
        clients=("971032146", "974760673"),
        employee_token=FileReference("${CREDENTIALS_DIRECTORY}/key"),
        consumer_token=CommandReference(("pass", "show", "a\nb")),
        key_id=1,
        installed=date(2024, 2, 29),
        previous=FileReference("../old key"),
    )


def test_optional_settings_have_defaults() -> None:
    config = config_of(
        'schema_version = 1\ntripletex.environment = "test"\nfinale.setup = "single-company"\n'
        'credentials.employee_token.env = "KEY"\n'
    )
    assert (config.application, config.org_number, config.clients) == ("VismaFinale", "", ())
    assert (config.consumer_token, config.key_id, config.installed, config.previous) == (None,) * 4


@pytest.mark.parametrize("text", [GOOD, SHARED, SINGLE, SANDBOX])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_with_a_bom_or_windows_line_endings_are_read(
    tmp_path: Path, text: str, bom: str, newline: str
) -> None:
    path = tmp_path / "a.toml"
    data = (bom + text.replace("\n", newline)).encode()
    path.write_bytes(data)
    reading = read_config(path)
    assert reading.config == config_of(text)
    assert reading.text is not None
    assert reading.text.encode() == data


def test_the_setup_and_environment_are_known_despite_errors() -> None:
    reading = parse_config(GOOD.replace("974760673", "12"))
    assert reading.config is None
    assert (reading.setup, reading.environment) == (Setup.BUREAU_CLIENT, Environment.PRODUCTION)
    reading = parse_config(GOOD.replace("bureau-client", "x").replace('"production"', "[]"))
    assert (reading.setup, reading.environment) == (None, None)


def test_a_file_that_is_not_utf_8_is_refused_with_a_position(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes("# å\napplication = ".encode() + b"'\xe5'\n")
    reading = read_config(path)
    assert (ids(reading), places(reading)) == (["TW102"], [(2, 16)])
    assert reading.text is None
    for data, place in (GOOD.encode("utf-16"), (1, 1)), (b"\xef\xbb\xbfa = '\xe5'", (1, 6)):
        path.write_bytes(data)
        assert (ids(read_config(path)), places(read_config(path))) == (["TW102"], [place])


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(GOOD.encode().ljust(8 * 1024 * 1024, b"#"))
    assert ids(read_config(path)) == []
    with path.open("ab") as file:
        file.write(b"#")
    assert ids(read_config(path)) == ["TW109"]
    with path.open("r+b") as file:
        file.truncate(1 << 40)
    assert ids(read_config(path)) == ["TW109"]


def test_a_folder_a_device_and_a_fifo_are_refused_at_once(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.toml"
    os.mkfifo(fifo)
    for path in (fifo, tmp_path, Path("/dev/zero"), Path("/dev/tty")):
        assert ids(read_config(path)) == ["TW110"], path


@pytest.mark.timeout(10)
def test_a_file_that_becomes_a_fifo_does_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, fifo = tmp_path / "a.toml", tmp_path / "fifo.toml"
    file.touch()
    os.mkfifo(fifo)
    seen = file.stat()
    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", lambda _: seen)
        assert ids(read_config(fifo)) == ["TW110"]


def test_an_unreadable_config_is_unknown(tmp_path: Path) -> None:
    circle = tmp_path / "circle.toml"
    circle.symlink_to(circle)
    for path in (tmp_path / "none.toml", tmp_path / "none" / "a.toml", circle, Path("a\0b")):
        reading = read_config(path)
        assert ids(reading) == ["TW516"], path
        assert verdict(reading.findings) is Verdict.UNKNOWN
    missing = read_config(tmp_path / "none.toml").findings[0]
    assert "filen finnes ikke" in missing.message(NORWEGIAN)
    assert missing.hint(NORWEGIAN) == "Kontroller stien. Filen kan være flyttet eller slettet."
    long = tmp_path / ("x" * 100 + ".toml")
    assert str(long) in messages(read_config(long))[0]
    assert read_config(Path("a\nb")).findings[0].message(NORWEGIAN).isprintable()


def test_a_file_or_folder_of_another_user_is_unknown() -> None:
    with open_folder(NOBODY) as folder:
        path = folder / "a.toml"
        path.write_text(GOOD)
        path.chmod(0)
        inner = folder / "inner"
        inner.mkdir(0)
        with ordinary_user():
            for refused in (path, inner):
                assert ids(read_config(refused)) == ["TW516"]
                assert "permission denied" in messages(read_config(refused))[0]


def test_a_hundred_thousand_lines_are_read_without_hanging() -> None:
    assert config_of(GOOD + "\n" * 100_000) == config_of(GOOD)
    assert places(parse_config(GOOD + "# x\n" * 100_000 + "a = [\n")) == [(GOOD.count("\n") + 100_001, 6)]
    reading = parse_config(GOOD + "".join(f"x{number} = 1\n" for number in range(10_000)))
    assert ids(reading).count("TW103") == 10_000


def test_reading_many_files_takes_up_neither_memory_nor_descriptors(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)

    def read(times: int) -> tuple[int, int]:
        for _ in range(times):
            for each in path, tmp_path, tmp_path / "none.toml":
                read_config(each)
        descriptors = sum(1 for _ in Path("/proc/self/fd").iterdir())
        return descriptors, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    descriptors, memory = read(50)
    after = read(500)
    assert after[0] == descriptors
    assert after[1] - memory < 2_000


SHALLOW = r"""a = "[[{ \" [["
c = '[[["' # {{{ '
d = '''[[
[['''
e = [[1], { f = [2] }]
[g]
"""
TWICE = "a name is used twice"
NOT_CLOSED = "a quotation mark is missing"
BACKSLASH = "a backslash in a text must be written twice"
NO_VALUE = "a value is missing, or a text is not in quotation marks"
TOO_MUCH = "there is more on the line than one setting"
NO_BRACKET = "a closing square bracket is missing"
NO_SETTING = "a line does not begin like a setting or a table"
NOT_ALLOWED = "there is a character that is not allowed"
TOO_DEEP = "tables or lists are nested too deeply"
# What is written, and the place and problem that are named.
SYNTAX = [
    ("a = 1\n  a = 2 # again\nb = 3", (2, 3), TWICE),
    ("[a]\n\t[a]\n", (2, 2), TWICE),
    ("a.b = 1\na = 2", (2, 1), TWICE),
    ("a = {}\n[a.b]\n", (2, 1), TWICE),
    ("a = {b = 1, b = 2}", (1, 1), TWICE),
    ('a = "x', (1, 7), NOT_CLOSED),
    ('a = """x', (1, 9), NOT_CLOSED),
    ('a = "x\nb = 1', (1, 7), NOT_CLOSED),
    ("a = 'x'\nb = 'y\nc = 1", (2, 5), NOT_CLOSED),
    ("a = 'x\nb = 'y'", (1, 7), NOT_CLOSED),
    ("a = 1\nb = '''x\ny", (2, 5), NOT_CLOSED),
    ('a = "C:\\x"', (1, 10), BACKSLASH),
    ('a = "\\u12"', (1, 8), BACKSLASH),
    ('a = "\\ud800"', (1, 12), BACKSLASH),
    ("a = C:\\x", (1, 5), NO_VALUE),
    ("a = \n", (1, 5), NO_VALUE),
    ("a = 2026-02-30", (1, 5), NO_VALUE),
    ("a = 'it's'", (1, 9), TOO_MUCH),
    ("a = 1\rb = 2", (1, 6), TOO_MUCH),
    ("[[a]", (1, 4), NO_BRACKET),
    ("a = [1", (1, 7), NO_BRACKET),
    ("a = {b = 1\n}", (1, 11), "a closing curly bracket is missing"),
    ("å = 1", (1, 1), NO_SETTING),
    ("a å = 1", (1, 3), "“=” is missing"),
    ("a = '\x00'", (1, 6), NOT_ALLOWED),
    ("# \x07", (1, 3), NOT_ALLOWED),
    ("a = 1\nb = [1,\n\n  \r\n", (2, 8), NO_VALUE),
    ("a = " + "1" * 5000, (1, 5), "a number has far too many digits"),
    ("a = " + "{a = " * 5000, (1, 5), TOO_DEEP),
    ("[" + " . ".join(["'a b'"] * 5000) + "]", (1, 2), TOO_DEEP),
    ("a = { " + "\t.".join(['"x"'] * 5000) + " = 1 }", (1, 7), TOO_DEEP),
    (f"{SHALLOW}b = {'[' * 5000}{']' * 5000}\n", (7, 5), TOO_DEEP),
    ("a = 1\nb = [\n" + "[\n" * 5000, (2, 5), TOO_DEEP),
]


@every_row(("text", "place", "problem"), SYNTAX)
def test_a_syntax_error_has_a_position_and_says_the_problem(
    text: str, place: tuple[int, int], problem: str
) -> None:
    reading = parse_config(text)
    assert (ids(reading), places(reading)) == (["TW101"], [place])
    assert messages(reading) == [f"The file is not valid TOML: {problem}."]


def test_a_syntax_error_repeats_no_key_from_the_file() -> None:
    key = make_key().reveal()
    for text in (f'"{key}" = 1\n"{key}" = 2\n', f'a = {{ "{key}" = 1, "{key}" = 2 }}\n'):
        (finding, *leaks) = parse_config(text).findings
        assert key not in finding.message(ENGLISH)
        assert leaks


def test_a_position_ignores_the_bom_and_line_endings() -> None:
    for text in ("\ufeffa = \r\n", "\ufeffx = '🔑'\r\na = \r\n"):
        assert places(parse_config(text)) == [(text.count("\n"), 5)]
    assert places(parse_config("x = '🔑' 🔑")) == [(1, 9)]


def test_a_name_with_many_dots_is_refused() -> None:
    assert parse_config(GOOD + f"# {'.' * 500}\n# {'. ' * 500}\nx = 'www.{'a/' * 300}'\n").config


def test_a_huge_number_is_not_repeated() -> None:
    reading = parse_config("schema_version = 0x" + "f" * 5000)
    assert ids(reading) == ["TW108"]
    assert "***" in reading.findings[0].message(ENGLISH)


SAMPLES = [path.read_text() for path in sorted((Path(__file__).parents[2] / "config-samples").glob("*.toml"))]
PIECES = [
    *("\n", "\r", "\r\n", "\0", "\ufeff", " ", "\t", "#", "'", '"', "'''", '"""', "\\", "\\u", "=", ".", ","),
    *("[", "]", "[[", "]]", "{", "}", "0x", "1_0", "inf", "nan", "true", "2026-11-22", "10:00:00", "🔑", "å"),
    *("schema_version", "tripletex", "finale", "[key]", "keyring", "%ORGNR%", "974760673", "employee_token"),
]
mutations = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES) | st.text(max_size=5)), max_size=4
)


def mutate(text: str, changes: list[tuple[float, int, str]]) -> str:
    for where, removed, put in changes:
        at = int(where * len(text))
        text = text[:at] + put + text[at + removed :]
    return text


def check(reading: Reading) -> None:
    """Assert that every finding can be shown, and that its position, if any, is inside the text."""
    lines = (reading.text or "").removeprefix("\ufeff").split("\n")
    for finding in reading.findings:
        for t in (ENGLISH, NORWEGIAN):
            assert finding.message(t)
            assert finding.hint(t)
        if finding.position and reading.text is not None:
            assert 1 <= finding.position.column <= len(lines[finding.position.line - 1]) + 1
    assert (reading.config is None) == any(finding.is_error for finding in reading.findings)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(data)
    check(read_config(path))


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    check(parse_config(text))


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), mutations)
def test_any_change_to_a_sample_is_read(text: str, changes: list[tuple[float, int, str]]) -> None:
    check(parse_config(mutate(text, changes)))


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), mutations, st.sampled_from(SAMPLES))
def test_any_changed_sample_is_updated_or_refused(
    text: str, changes: list[tuple[float, int, str]], other: str
) -> None:
    target = config_of(other)
    try:
        updated = update(mutate(text, changes), target)
    except EditRefused:
        return
    assert config_of(updated) == target
