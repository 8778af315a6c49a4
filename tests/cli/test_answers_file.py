"""``--answers`` and ``--save-answers``: answers can be saved and given again, in whole or in part."""

import stat
import tomllib
from pathlib import Path

import pytest

from tests.cli.test_setup import key_files
from tests.keys import make_key
from tests.support.house import Home
from tests.support.rows import every_row
from tests.support.sandbox import Sandbox

STDIN = ("--employee-token-file", "-")


@pytest.fixture
def config(home: Home) -> Path:
    return home.folder / "finale.toml"


@pytest.fixture
def answers(home: Home, base_url: str) -> Path:
    """Answer everything but the key."""
    return write(
        home,
        f"""
environment = "sandbox"
base_url = "{base_url}"
application = "VismaFinale"
setup = "single-company"
store = "file"
""",
    )


def write(home: Home, text: str) -> Path:
    path = home.folder / "answers.toml"
    path.write_text(text)
    path.chmod(0o644)
    return path


def test_answers_replace_flags(home: Home, sandbox: Sandbox, config: Path, answers: Path) -> None:
    key = sandbox.world.single_company.employee_token
    done = home.run("setup", config, "--answers", answers, "--no-input", *STDIN, text=key)
    assert done.returncode == 0, done.stderr
    by_file = config.read_bytes()
    config.unlink()
    said = tomllib.loads(answers.read_text())
    flags = [word for name, value in said.items() for word in (f"--{name.replace('_', '-')}", value)]
    done = home.run("setup", config, *flags, "--no-input", *STDIN, text=key)
    assert done.returncode == 0, done.stderr
    assert config.read_bytes() == by_file


def test_missing_answers_are_named(home: Home, config: Path, answers: Path) -> None:
    refused = home.run("setup", config, "--answers", answers, "--no-input")
    assert refused.returncode == 2
    assert "--employee-token-file" in refused.stderr
    assert not config.exists()


def test_a_flag_wins_over_the_file_and_over_what_hangs_on_its_answer(
    home: Home, sandbox: Sandbox, config: Path, answers: Path
) -> None:
    world = sandbox.world
    home.variables["OFFICE"] = world.office.employee_token
    number = world.client.organization_number or ""
    more = f'setup = "bureau-client"\norg_number = "{number}"\nemployee_token = {{ env = "GONE" }}\n'
    write(home, answers.read_text().replace('setup = "single-company"\n', more))
    shared = ("--setup", "bureau-shared", "--employee-token-ref", "env:OFFICE")
    done = home.run("setup", config, "--answers", answers, "--no-input", *shared)
    assert done.returncode == 0, done.stderr
    written = tomllib.loads(config.read_text())
    assert written["finale"] == {"setup": "bureau-shared", "org_number": "%ORGNR%"}
    assert written["credentials"]["employee_token"] == {"env": "OFFICE"}
    text = world.office.employee_token
    done = home.run("setup", config, "--answers", answers, "--no-input", "--overwrite", *STDIN, text=text)
    assert done.returncode == 0, done.stderr
    assert tomllib.loads(config.read_text())["finale"]["org_number"] == number
    listed = home.folder / "numbers"
    other = world.client_with_spaces.organization_number or ""
    listed.write_text(f"{number}\n{other}\n")
    several = ("--org-numbers-file", listed)
    done = home.run("setup", "several", "--answers", answers, "--no-input", *several, *STDIN, text=text)
    assert done.returncode == 0, done.stderr
    assert len(list((home.folder / "several").glob("*.toml"))) == 2


def test_a_flag_for_the_environment_discards_the_saved_address(
    home: Home, config: Path, answers: Path
) -> None:
    key = make_key().reveal()
    flags = ("--environment", "production", "--offline", *STDIN)
    done = home.run("setup", config, "--answers", answers, "--no-input", *flags, text=key)
    assert done.returncode == 0, done.stderr
    assert "base_url" not in tomllib.loads(config.read_text())["tripletex"]


@pytest.mark.parametrize("setup", ["bureau-client", "bureau-shared"])
def test_a_list_of_clients(home: Home, sandbox: Sandbox, answers: Path, setup: str) -> None:
    world = sandbox.world
    numbers = [world.client.organization_number, world.client_with_spaces.organization_number]
    listed = f'setup = "{setup}"\nclients = {numbers}\n'
    write(home, answers.read_text().replace('setup = "single-company"\n', listed))
    target = home.folder / "here"
    key = world.office.employee_token
    done = home.run("setup", target, "--answers", answers, "--no-input", *STDIN, text=key)
    assert done.returncode == 0, done.stderr
    wanted = ["".join((number or "").split()) for number in numbers]
    if setup == "bureau-shared":
        assert tomllib.loads(target.read_text())["finale"]["clients"] == wanted
    else:
        assert sorted(path.stem for path in target.glob("*.toml")) == sorted(wanted)


@every_row(
    ("line", "said"),
    [
        ('org_nummer = "1"', "org_nummer"),
        ("[finale]", "finale"),
        ('setup = "burea"', "bureau-shared"),
        ("setup = 1", "bureau-shared"),
        ('application = ["x"]', "text"),
        ('clients = "974760673"', "list"),
        ("clients = [974760673]", "list"),
        ('setup = "single-company"\nclients = ["974760673"]', "clients"),
        ('setup = "bureau-client"\nclients = ["974760674"]', "974 760 674"),
        ('employee_token = "env:X"', "reference"),
        ('employee_token = { vault = "x" }', "keyring, file, env"),
        ('store = "vault"', "keyring, file"),
        ("setup =", "TOML"),
        ('environment = "production"\nbase_url = "http://127.0.0.1:1/v2"', "--base-url"),
        (f'employee_token = {{ env = "{make_key().reveal()}" }}', "token"),
        (f"# {make_key().reveal()}", "token"),
    ],
)
def test_an_invalid_answer_is_refused(home: Home, config: Path, line: str, said: str) -> None:
    refused = home.run("setup", config, "--answers", write(home, f"{line}\n"), "--no-input", *STDIN)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert make_key().reveal()[:20] not in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not config.exists()


@pytest.mark.parametrize("content", [None, "a folder", b"\xff\xfe"])
def test_an_unreadable_answers_file_is_refused(home: Home, config: Path, content: bytes | str | None) -> None:
    path = home.folder / "nothing"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        path.mkdir()
    refused = home.run("setup", config, "--answers", path, "--no-input")
    assert refused.returncode == 2
    assert str(path) in refused.stderr


def test_references_are_taken_only_from_a_file_that_nobody_else_can_change(
    home: Home, sandbox: Sandbox, config: Path, answers: Path
) -> None:
    key = home.folder / "key"
    key.write_text(sandbox.world.single_company.employee_token)
    write(home, answers.read_text() + f'employee_token = {{ command = ["cat", "{key}"] }}\n')
    answers.chmod(0o666)
    refused = home.run("setup", config, "--answers", answers, "--no-input")
    assert refused.returncode == 4
    assert "TW327" in refused.stderr
    assert not sandbox.requests
    answers.chmod(0o644)
    done = home.run("setup", config, "--answers", answers, "--no-input")
    assert done.returncode == 0, done.stderr
    assert tomllib.loads(config.read_text())["credentials"]["employee_token"]["command"] == ["cat", str(key)]


def test_a_key_is_sent_only_to_an_address_that_nobody_else_can_change(
    home: Home, sandbox: Sandbox, config: Path, answers: Path
) -> None:
    answers.chmod(0o666)
    key = sandbox.world.single_company.employee_token
    refused = home.run("setup", config, "--answers", answers, "--no-input", *STDIN, text=key)
    assert refused.returncode == 4
    assert "TW327" in refused.stderr
    assert not sandbox.requests
    assert not config.exists()


def test_saved_answers_write_the_same_config_again(
    home: Home, sandbox: Sandbox, config: Path, answers: Path
) -> None:
    key = sandbox.world.single_company.employee_token
    saved = home.folder / "saved.toml"
    words = ("setup", config, "--answers", answers, "--no-input", *STDIN, "--save-answers", saved)
    done = home.run(*words, text=key)
    assert done.returncode == 0, done.stderr
    assert str(saved) in " ".join(done.stderr.split())
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert key[:12] not in saved.read_text()
    said = tomllib.loads(saved.read_text())
    assert said.pop("employee_token") == {"file": str(key_files(home)[0])}
    assert said == tomllib.loads(answers.read_text())
    written = config.read_bytes()
    config.unlink()
    done = home.run("setup", config, "--answers", saved, "--no-input")
    assert done.returncode == 0, done.stderr
    assert config.read_bytes() == written


@pytest.mark.parametrize("place", ["answers.toml", "finale.toml", ".", "nowhere/answers.toml"])
def test_an_unwritable_place_for_answers_is_refused_beforehand(
    home: Home, sandbox: Sandbox, config: Path, answers: Path, place: str
) -> None:
    before = answers.read_text()
    words = ("--answers", answers, "--no-input", *STDIN, "--save-answers", home.folder / place)
    refused = home.run("setup", config, *words, text=sandbox.world.single_company.employee_token)
    assert refused.returncode == 2
    assert not config.exists()
    assert not sandbox.requests
    assert answers.read_text() == before
