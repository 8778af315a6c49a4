"""``setup --no-input`` as operators run it, once and again: exit codes, files and requests."""

import json
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.home import Home, key_in, reference_in
from tests.support.rows import every_row
from tests.support.sandbox import DemoKey, Fault
from wizard.domain.setup import format_org_number, has_valid_check_digit
from wizard.sandbox.world import demo_token


@pytest.fixture
def config(home: Home) -> Path:
    return home.folder / "finale.toml"


def test_a_single_company_is_set_up_and_proven(home: Home, config: Path) -> None:
    key = home.world.single_company
    done = home.set_up(config, key, code=0)
    assert re.search(r"^OK +The balances can be read: 20\d\d$", done.err, re.MULTILINE)
    written = tomllib.loads(config.read_text())
    assert written["finale"] == {"setup": "single-company", "org_number": ""}
    assert written["key"]["id"] == key.token_id
    (key_file,) = home.keys
    assert key_file.read_text().strip() == key.employee_token
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (config, key_file, key_file.parent)]
    assert modes == [0o600, 0o600, 0o700]
    home.run("validate", config, code=0)


def test_a_figure_with_a_warning_is_not_said_to_be_readable(home: Home, config: Path) -> None:
    said = home.set_up(config, home.world.without_all_vouchers, code=0).err
    assert re.search(r"^WARNING +Can all transactions be read\?$", said, re.MULTILINE), said
    assert "TW419" in said


def test_a_set_up_that_proves_nothing_says_so(home: Home, config: Path) -> None:
    def written(code: int, said: str, *more: str, base_url: str = home.base_url) -> None:
        words = [word.replace(home.base_url, base_url) for word in home.setup(config, *more)]
        done = home.run(*words, "--employee-token-file", "-", text=key, code=code)
        assert said in done.err
        config.unlink()

    key = home.world.single_company.employee_token
    home.sandbox.faults.append(Fault(path="/balanceSheet", times=None, status=500))
    written(3, "Not everything could be checked")
    home.sandbox.faults.clear()
    home.sandbox.requests.clear()
    written(0, "--offline", "--offline")
    written(3, "TW502", base_url="http://127.0.0.1:9/v2")
    home.variables.clear()
    written(3, "TW510")
    assert not home.sandbox.requests


@every_row(("code", "token"), [("TW401", demo_token(1)), ("TW345", "not a token")])
def test_a_consumer_token_that_is_wrong_is_no_fault_of_the_config(
    home: Home, config: Path, code: str, token: str
) -> None:
    home.variables["TRIPLETEX_CONSUMER_TOKEN"] = token
    assert code in home.set_up(config, None, "--overwrite", code=1).err
    assert key_in(config)["id"] == home.world.single_company.token_id
    assert home.keys


def test_the_company_of_an_office_key_can_have_no_number(home: Home, config: Path) -> None:
    world, nameless = home.world, '{"value": {"companyId": 0, "company": {"id": 0}}}'
    hidden = Fault(path="*whoAmI", status=200, body=nameless, times=None)
    home.sandbox.faults.append(hidden)
    home.set_up(config, world.office_second, code=0)
    assert "company_id" not in key_in(config)
    home.run("validate", config, code=0)

    home.sandbox.faults.clear()
    home.rotate(config, key=world.office, code=0)
    assert key_in(config)["company_id"] == world.office_company.id
    home.sandbox.faults.append(hidden)
    third = world.add_key("third", world.office_company, company_owned=True, clients=world.clients)
    home.rotate(config, key=third, code=0)
    assert key_in(config)["company_id"] == world.office_company.id


@every_row(
    ("missing", "words"),
    [
        ("--setup", ["--employee-token-file", "-"]),
        ("--employee-token-file", ["--setup", "single-company"]),
        ("--org-number", ["--setup", "bureau-client", "--employee-token-file", "-"]),
    ],
)
def test_missing_flags_are_named_and_nothing_is_written(
    home: Home, config: Path, missing: str, words: list[str]
) -> None:
    assert missing in home.run("setup", config, "--no-input", *words, code=2).err
    assert not config.exists()


def test_an_existing_config_is_refused_and_with_overwrite_kept_as_a_backup(home: Home, config: Path) -> None:
    config.write_text("# mine\n")
    refused = home.set_up(config, code=2).err.splitlines()
    assert f"To change the key: tripletex-wizard rotate {config}" in refused
    assert "--overwrite" in refused[-1]
    assert config.read_text() == "# mine\n"
    home.set_up(config, None, "--overwrite", code=0)
    (backup,) = home.folder.glob("finale.toml.bak-*")
    assert backup.read_text() == "# mine\n"


def test_a_dry_run_shows_the_config_and_stores_nothing(home: Home, config: Path) -> None:
    done = home.set_up(config, None, "--dry-run", code=0)
    assert tomllib.loads(done.out)["key"]["id"] == home.world.single_company.token_id
    assert not config.exists()
    assert not home.keys


def test_a_config_for_each_client_in_a_list(home: Home) -> None:
    world = home.world
    numbers = [str(client.organization_number) for client in (world.client, world.client_without_access)]
    listed = home.write("list.csv", "Orgnr;Navn\n" + "".join(f"{each};x\n" for each in numbers))
    words = ("--org-numbers-file", listed)
    done = home.set_up("clients", world.office, *words, setup="bureau-client", code=1)
    assert f"TW407: The key has no access to the client {format_org_number(numbers[1])}" in done.err
    assert {path.name for path in (home.folder / "clients").iterdir()} == {f"{each}.toml" for each in numbers}
    assert sum("create" in request.call for request in home.sandbox.requests) <= 3


def test_unreachable_clients_are_listed_once(home: Home) -> None:
    every = (str(number) for number in range(810000000, 810001000))
    numbers = [number for number in every if has_valid_check_digit(number)][:60]
    listed = home.write("list.txt", "\n".join(numbers))
    words = ("--org-numbers-file", listed, "--format", "json")
    done = home.set_up("clients", home.world.office, *words, setup="bureau-client", code=1)
    assert len(done.err.splitlines()) < 25, done.err
    assert done.err.count("and 57 more") == 3, "checks, findings and files"
    assert done.err.count("TW407") == 3
    told = [[found["code"] for found in config["findings"]] for config in done.report["configs"]]
    assert told == [["TW407"]] * 60


def test_a_reference_that_cannot_be_read_from_here_is_written_and_ends_with_4(
    home: Home, config: Path
) -> None:
    for reference, code in (("env:MY_KEY", "TW513"), ("command:false", "TW514")):
        done = home.run(*home.setup(config, "--employee-token-ref", reference), code=4)
        assert code in done.err
        assert str(config) in done.err
        kind, _, place = reference.partition(":")
        assert reference_in(config) == {kind: place if kind == "env" else [place]}
        assert not home.sandbox.requests
        config.unlink()


def test_a_command_that_is_shown_can_be_copied_into_a_shell(home: Home) -> None:
    config, folder = home.folder / "Kari & sønn.toml", home.folder / "Kari & sønn"
    home.set_up(config, code=0)
    again = home.set_up(config, home.world.single_company_second)
    assert f"tripletex-wizard rotate '{config}'" in again.err
    folder.mkdir()
    assert f"--all '{folder}'" in home.rotate(folder).err


def test_a_config_that_no_folder_search_finds_is_written_with_a_warning(home: Home) -> None:
    for name, is_warned in {"kunde": True, "kunde.toml": False}.items():
        done = home.set_up(name, code=0)
        assert (home.folder / name).is_file()
        assert ("does not end in .toml" in done.err) is is_warned


LAST_YEAR = "2025-11-22"


def report(
    home: Home, target: str, key: DemoKey | None, *more: str | Path, setup: str = ""
) -> tuple[int, dict[str, Any]]:
    done = home.set_up(target, key, "--format", "json", *more, setup=setup)
    return done.code, json.loads(done.out or "{}")


def settle(home: Home, name: str) -> Path:
    """Make a config look as if it had been written a year ago."""
    path = home.folder / name
    installed = f"{key_in(path)['installed']}"
    path.write_text(path.read_text().replace(installed, f"{LAST_YEAR}  # by hand"))
    return path


def state_of(path: Path) -> tuple[bytes, int]:
    return path.read_bytes(), path.stat().st_mtime_ns


def test_the_same_answers_change_nothing(home: Home) -> None:
    code, told = report(home, "kunde.toml", None)
    assert (code, told["changed"], told["configs"][0]["status"]) == (0, True, "valid"), told
    config = settle(home, "kunde.toml")
    before = state_of(config)
    for more in ((), ("--overwrite",), ("--overwrite", "--dry-run"), ("--overwrite", "--offline")):
        code, told = report(home, "kunde.toml", None, *more)
        assert (code, told["changed"], told["configs"][0]["changed"]) == (0, False, False), (more, told)
    done = home.set_up("kunde.toml", None, "--overwrite", code=0)
    assert "Unchanged: kunde.toml" in done.err
    assert "TW708" not in done.err
    assert state_of(config) == before
    assert not list(config.parent.glob("*.bak-*"))


def test_another_key_or_answer_needs_overwrite(home: Home) -> None:
    other = home.world.single_company_second
    assert report(home, "kunde.toml", None)[0] == 0
    config = settle(home, "kunde.toml")
    before = state_of(config)
    assert report(home, "kunde.toml", other) == (2, {})
    assert report(home, "kunde.toml", None, "--application", "Other") == (2, {})
    code, told = report(home, "kunde.toml", other, "--overwrite", "--dry-run")
    assert (code, told["changed"]) == (0, True)
    assert state_of(config) == before
    code, told = report(home, "kunde.toml", other, "--overwrite")
    assert (code, told["changed"]) == (0, True)
    noted = key_in(config)
    assert (noted["id"], str(noted["installed"]) != LAST_YEAR) == (other.token_id, True)


def test_a_client_can_be_added_to_a_folder_of_clients(home: Home) -> None:
    known = (client.organization_number for client in home.world.clients)
    numbers = list(dict.fromkeys(number.replace(" ", "") for number in known if number))[:3]

    def again(*listed: str) -> dict[str, Any]:
        words = ("--org-numbers-file", home.write("clients.txt", "\n".join(listed)))
        code, told = report(home, "clients", home.world.office, *words, setup="bureau-client")
        assert code in {0, 1}, told
        return {Path(each["path"]).stem: each["changed"] for each in told.get("configs", ())}

    assert again(*numbers[:2]) == dict.fromkeys(numbers[:2], True)
    first = settle(home, f"clients/{numbers[0]}.toml")
    before = state_of(first)
    assert again(*numbers) == {numbers[0]: False, numbers[1]: False, numbers[2]: True}
    assert state_of(first) == before

    third = first.with_stem(numbers[2])
    third.write_text(third.read_text().replace('"VismaFinale"', '"Another"'))
    words = ("--org-numbers-file", "clients.txt")
    refused = home.set_up("clients", home.world.office, *words, setup="bureau-client", code=1)
    assert f"{numbers[2]}.toml" in refused.err
    assert f"{numbers[0]}.toml" not in refused.err


def test_a_refused_key_gives_one_json_document(home: Home) -> None:
    code, told = report(home, "kunde.toml", home.world.deleted)
    (config,) = told["configs"]
    assert (code, told["changed"], config["status"]) == (1, False, "invalid")
    assert [each["code"] for each in config["findings"]] == ["TW402"]
    home.run("setup", "--format", "json", code=2)
