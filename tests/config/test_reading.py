"""A good config becomes a value; what is wrong with a file is found, never raised."""

import os
import resource
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from tests.config.texts import GOOD, NORWEGIAN, SANDBOX, SHARED, SINGLE, config_of, ids, messages, places
from tests.files.unprivileged import folder_of_ordinary_user, ordinary_user
from wizard.config.model import Config
from wizard.config.reading import parse_config, read_config
from wizard.domain.reference import CommandReference, EnvReference, FileReference, KeyringReference
from wizard.domain.setup import Environment, Setup
from wizard.findings import Verdict, verdict

BASIC = Config(
    environment=Environment.PRODUCTION,
    base_url=None,
    application="VismaFinale",
    setup=Setup.BUREAU_CLIENT,
    org_number="974760673",
    clients=(),
    employee_token=KeyringReference("production/2147628461"),
    consumer_token=EnvReference("TRIPLETEX_CONSUMER_TOKEN"),
    key_id=2147628461,
    installed=date(2026, 11, 22),
    previous=None,
)


def test_a_good_config_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    reading = read_config(path)
    assert reading.config == BASIC
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
    path.write_bytes(GOOD.encode("utf-16"))
    assert (ids(read_config(path)), places(read_config(path))) == (["TW102"], [(1, 1)])


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


def test_a_fifo_with_a_writer_is_not_read_either(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.toml"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        thread = threading.Thread(target=fifo.write_text, args=(GOOD,))
        thread.start()
        assert ids(read_config(fifo)) == ["TW110"]
        thread.join()
    finally:
        os.close(reader)


@pytest.mark.timeout(10)
def test_a_file_that_becomes_a_fifo_does_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, fifo = tmp_path / "a.toml", tmp_path / "fifo.toml"
    file.touch()
    os.mkfifo(fifo)
    seen = file.stat()
    monkeypatch.setattr(Path, "stat", lambda _: seen)
    assert ids(read_config(fifo)) == ["TW110"]


def test_an_unreadable_config_is_unknown(tmp_path: Path) -> None:
    circle = tmp_path / "circle.toml"
    circle.symlink_to(circle)
    for path in (tmp_path / "none.toml", tmp_path / "none" / "a.toml", circle, Path("a\0b")):
        reading = read_config(path)
        assert ids(reading) == ["TW516"], path
        assert verdict(reading.findings) is Verdict.UNKNOWN
    assert "filen finnes ikke" in read_config(tmp_path / "none.toml").findings[0].message(NORWEGIAN)
    long = tmp_path / ("x" * 100 + ".toml")
    assert str(long) in messages(read_config(long))[0]
    assert read_config(Path("a\nb")).findings[0].message(NORWEGIAN).isprintable()


def test_a_file_or_folder_of_another_user_is_unknown() -> None:
    with folder_of_ordinary_user() as folder:
        path = folder / "a.toml"
        path.write_text(GOOD)
        path.chmod(0)
        inner = folder / "inner"
        inner.mkdir(0)
        with ordinary_user():
            for refused in (path, inner):
                assert ids(read_config(refused)) == ["TW516"]
                assert "permission denied" in messages(read_config(refused))[0]


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for each in (path, tmp_path, tmp_path / "none.toml"):
        read_config(each)
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_reading_a_good_config_imports_nothing_slow() -> None:
    script = (
        "import sys; from pathlib import Path; from wizard.config.reading import read_config\n"
        "assert read_config(Path('config-samples/bureau-client.toml')).config\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    heavy = {"httpx", "keyring", "tomlkit", "tree_sitter", "asyncio", "textual", "platformdirs", "difflib"}
    assert heavy & set(result.stdout.split()) == set()
    assert "tomllib" in result.stdout.split()


def test_three_hundred_thousand_lines_are_read_without_hanging() -> None:
    assert config_of(GOOD + "\n" * 300_000) == config_of(GOOD)
    reading = parse_config(GOOD + "".join(f"x{number} = 1\n" for number in range(10_000)))
    assert ids(reading).count("TW103") == 10_000


def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    for _ in range(50):
        read_config(path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(500):
        read_config(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2_000
