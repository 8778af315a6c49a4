"""``--answers`` and ``--save-answers``: answers can be saved and given again, in whole or in part."""

import stat
import tomllib
from pathlib import Path

import pytest

from tests.keys import make_key
from tests.support.home import STDIN, Done, Home, reference_in
from tests.support.rows import every_row


@pytest.fixture
def config(home: Home) -> Path:
    return home.folder / "finale.toml"


@pytest.fixture
def answers(home: Home) -> Path:
    """Answer everything but the key."""
    return home.write(
        "answers.toml",
        f"""
environment = "sandbox"
base_url = "{home.base_url}"
application = "VismaFinale"
setup = "single-company"
store = "file"
""",
    )


def answer(home: Home, *words: str | Path, key: str = "", target: str = "finale.toml", code: int = 0) -> Done:
    """Set up from the answers, with a key on standard input if there is one."""
    given = STDIN if key else ()
    answers = home.folder / "answers.toml"
    return home.run("setup", target, "--no-input", "--answers", answers, *given, *words, text=key, code=code)


def test_answers_replace_flags(home: Home, config: Path, answers: Path) -> None:
    key = home.world.single_company.employee_token
    answer(home, key=key)
    by_file = config.read_bytes()
    config.unlink()
    said = tomllib.loads(answers.read_text())
    flags = [word for name, value in said.items() for word in (f"--{name.replace('_', '-')}", value)]
    home.run("setup", config, *flags, "--no-input", *STDIN, text=key, code=0)
    assert config.read_bytes() == by_file
    config.unlink()
    assert "--employee-token-file" in answer(home, code=2).err
    assert not config.exists()


def test_a_flag_wins_over_the_file_and_over_what_hangs_on_its_answer(
    home: Home, config: Path, answers: Path
) -> None:
    office, world = home.world.office.employee_token, home.world
    home.variables["OFFICE"] = office
    number, other = (str(each.organization_number) for each in (world.client, world.client_with_spaces))
    more = f'setup = "bureau-client"\norg_number = "{number}"\nemployee_token = {{ env = "GONE" }}\n'
    home.write(answers, answers.read_text().replace('setup = "single-company"\n', more))
    answer(home, "--setup", "bureau-shared", "--employee-token-ref", "env:OFFICE")
    assert tomllib.loads(config.read_text())["finale"] == {"setup": "bureau-shared", "org_number": "%ORGNR%"}
    assert reference_in(config) == {"env": "OFFICE"}
    answer(home, "--overwrite", key=office)
    assert tomllib.loads(config.read_text())["finale"]["org_number"] == number
    listed = home.write("numbers", f"{number}\n{other}\n")
    answer(home, "--org-numbers-file", listed, key=office, target="several")
    assert len(list((home.folder / "several").glob("*.toml"))) == 2


@pytest.mark.usefixtures("answers")
def test_a_flag_for_the_environment_discards_the_saved_address(home: Home, config: Path) -> None:
    answer(home, "--environment", "production", "--offline", key=make_key().reveal())
    assert "base_url" not in tomllib.loads(config.read_text())["tripletex"]


@pytest.mark.parametrize("setup", ["bureau-client", "bureau-shared"])
def test_a_list_of_clients(home: Home, answers: Path, setup: str) -> None:
    world = home.world
    numbers = [world.client.organization_number, world.client_with_spaces.organization_number]
    listed = f'setup = "{setup}"\nclients = {numbers}\n'
    home.write(answers, answers.read_text().replace('setup = "single-company"\n', listed))
    target, saved = home.folder / "here", home.folder / "saved.toml"
    answer(home, "--save-answers", saved, key=world.office.employee_token, target="here")
    wanted = ["".join((number or "").split()) for number in numbers]
    assert tomllib.loads(saved.read_text())["clients"] == wanted
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
        (b"\xff\xfe", "answers.toml"),
        ('environment = "production"\nbase_url = "http://127.0.0.1:1/v2"', "--base-url"),
        (f'employee_token = {{ env = "{make_key().reveal()}" }}', "token"),
        (f"# {make_key().reveal()}", "token"),
    ],
)
def test_an_invalid_answer_is_refused(home: Home, config: Path, line: str | bytes, said: str) -> None:
    home.write("answers.toml", line)
    refused = answer(home, *STDIN, code=2)
    assert said in refused.err
    assert make_key().reveal()[:20] not in refused.err
    assert "Traceback" not in refused.err
    assert not config.exists()


def test_a_reference_or_an_address_is_taken_only_from_a_file_that_nobody_else_can_change(
    home: Home, config: Path, answers: Path
) -> None:
    token = home.world.single_company.employee_token
    key = home.write("key", token)
    before = answers.read_text()
    reference = f'employee_token = {{ command = ["cat", "{key}"] }}\n'
    for text, given in ((before, token), (before + reference, "")):
        home.write(answers, text, 0o666)
        assert "TW327" in answer(home, key=given, code=4).err
        assert not home.sandbox.requests
        assert not config.exists()
    answers.chmod(0o644)
    answer(home)
    assert reference_in(config) == {"command": ["cat", str(key)]}


def test_saved_answers_write_the_same_config_again(home: Home, config: Path, answers: Path) -> None:
    key = home.world.single_company.employee_token
    saved = home.folder / "saved.toml"
    done = answer(home, "--save-answers", saved, key=key)
    assert str(saved) in done.said
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    said = tomllib.loads(saved.read_text())
    assert said.pop("employee_token") == {"file": str(home.keys[0])}
    assert said == tomllib.loads(answers.read_text())
    written = config.read_bytes()
    config.unlink()
    home.run("setup", config, "--answers", saved, "--no-input", code=0)
    assert config.read_bytes() == written


def test_an_unwritable_place_for_answers_is_refused_beforehand(
    home: Home, config: Path, answers: Path
) -> None:
    before = answers.read_text()
    for place in ("answers.toml", "finale.toml", ".", "nowhere/answers.toml"):
        saved = home.folder / place
        answer(home, "--save-answers", saved, key=home.world.single_company.employee_token, code=2)
        assert not config.exists()
        assert not home.sandbox.requests
        assert answers.read_text() == before
