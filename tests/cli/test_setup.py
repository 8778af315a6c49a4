"""``setup --no-input`` as operators run it, once and again: exit codes, files and requests."""

import json
import re
import stat
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import Home
from tests.support.sandbox import OSLO, DemoKey, Sandbox
from wizard.domain.setup import format_org_number, has_valid_check_digit


def arguments(base_url: str, config: Path, *more: str) -> list[str]:
    start = ["setup", str(config), "--no-input", "--environment", "sandbox", "--base-url", base_url]
    return [*start, "--employee-token-file", "-", "--store", "file", *more]


def key_files(home: Home) -> list[Path]:
    return [path for path in (home.folder / ".local").rglob("keys/**/*") if path.is_file()]


@pytest.fixture
def config(home: Home) -> Path:
    return home.folder / "finale.toml"


def test_a_single_company_is_set_up_and_proven(
    home: Home, sandbox: Sandbox, base_url: str, config: Path
) -> None:
    key = sandbox.world.single_company
    done = home.run(*arguments(base_url, config, "--setup", "single-company"), text=key.employee_token)
    assert done.returncode == 0, done.stderr

    assert re.search(r"^OK +The balances can be read: 20\d\d$", done.stderr, re.MULTILINE)
    written = tomllib.loads(config.read_text())
    assert written["finale"] == {"setup": "single-company", "org_number": ""}
    assert written["key"]["id"] == key.token_id
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    (key_file,) = key_files(home)
    assert key_file.read_text().strip() == key.employee_token
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    checked = home.run("validate", config)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_address_contains_a_token(home: Home, sandbox: Sandbox, base_url: str, config: Path) -> None:
    world = sandbox.world
    text = world.single_company.employee_token
    assert home.run(*arguments(base_url, config, "--setup", "single-company"), text=text).returncode == 0
    created = [request for request in sandbox.requests if request.call == "POST /token/session/:create"]
    assert created
    today = datetime.now(UTC).astimezone(OSLO).date()
    for request in created:
        assert isinstance(request.json, dict)
        assert datetime.strptime(request.json["expirationDate"], "%Y-%m-%d").date() > today  # noqa: DTZ007
    for request in sandbox.requests:
        address = request.raw_path + request.raw_query
        assert world.consumer_token not in address
        assert text not in address
        assert ">" not in address
    assert any("%3EwhoAmI" in request.raw_path for request in sandbox.requests)
    assert not sandbox.open_sessions


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("office", "TW405"),
        ("single_company_without_rights", "TW404"),
        ("expired", "TW402"),
        ("deleted", "TW402"),
        ("other_application", "TW402"),
    ],
)
def test_a_malformed_key_leaves_nothing_behind(
    home: Home, sandbox: Sandbox, base_url: str, name: str, finding: str
) -> None:
    config = home.folder / "finale.toml"
    key: DemoKey = getattr(sandbox.world, name)
    done = home.run(*arguments(base_url, config, "--setup", "single-company"), text=key.employee_token)
    assert done.returncode == 1
    assert finding in done.stderr
    assert not config.exists()
    assert not key_files(home)
    assert not sandbox.open_sessions


def test_without_a_consumer_token_the_config_is_written_and_said_to_be_unproven(
    home: Home, sandbox: Sandbox, base_url: str, config: Path
) -> None:
    home.variables.clear()
    key = sandbox.world.single_company.employee_token
    done = home.run(*arguments(base_url, config, "--setup", "single-company"), text=key)
    assert done.returncode == 3
    assert "TW510" in done.stderr
    assert "not tested" in done.stderr
    assert config.exists()
    assert not sandbox.requests


def test_without_a_network_the_config_is_written_and_said_to_be_unproven(home: Home, config: Path) -> None:
    key = Sandbox().world.single_company.employee_token
    nobody = "http://127.0.0.1:9/v2"
    done = home.run(*arguments(nobody, config, "--setup", "single-company"), text=key)
    assert done.returncode == 3
    assert "TW502" in done.stderr
    assert config.exists()


def test_offline_a_set_up_asks_nobody_and_says_so(
    home: Home, sandbox: Sandbox, base_url: str, config: Path
) -> None:
    key = sandbox.world.single_company.employee_token
    done = home.run(*arguments(base_url, config, "--setup", "single-company", "--offline"), text=key)
    assert done.returncode == 0
    assert "--offline" in done.stderr
    assert not sandbox.requests


@pytest.mark.parametrize(
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
    done = home.run("setup", config, "--no-input", *words)
    assert done.returncode == 2
    assert missing in done.stderr
    assert not config.exists()


def test_an_existing_config_is_refused_and_with_overwrite_kept_as_a_backup(
    home: Home, sandbox: Sandbox, base_url: str, config: Path
) -> None:
    key = sandbox.world.single_company.employee_token
    config.write_text("# mine\n")
    words = arguments(base_url, config, "--setup", "single-company")
    refused = home.run(*words, text=key)
    assert refused.returncode == 2
    assert "--overwrite" in refused.stderr
    assert config.read_text() == "# mine\n"
    done = home.run(*words, "--overwrite", text=key)
    assert done.returncode == 0, done.stderr
    (backup,) = home.folder.glob("finale.toml.bak-*")
    assert backup.read_text() == "# mine\n"


def test_a_dry_run_shows_the_config_and_stores_nothing(
    home: Home, sandbox: Sandbox, base_url: str, config: Path
) -> None:
    key = sandbox.world.single_company.employee_token
    done = home.run(*arguments(base_url, config, "--setup", "single-company", "--dry-run"), text=key)
    assert done.returncode == 0, done.stderr
    assert tomllib.loads(done.stdout)["key"]["id"] == sandbox.world.single_company.token_id
    assert not config.exists()
    assert not key_files(home)
    assert not sandbox.open_sessions


def test_a_client_number_can_be_written_with_spaces(
    home: Home, sandbox: Sandbox, base_url: str, config: Path
) -> None:
    world = sandbox.world
    number = world.client.organization_number or ""
    written = f"NO {number[:3]} {number[3:6]} {number[6:]} MVA"
    words = ["--setup", "bureau-client", "--org-number", written]
    done = home.run(*arguments(base_url, config, *words), text=world.office.employee_token)
    assert done.returncode == 0, done.stderr
    assert tomllib.loads(config.read_text())["finale"]["org_number"] == number


def test_a_config_for_each_client_in_a_list(home: Home, sandbox: Sandbox, base_url: str) -> None:
    world = sandbox.world
    numbers = [world.client.organization_number or "", world.client_without_access.organization_number or ""]
    (home.folder / "list.csv").write_text("Orgnr;Navn\n" + "".join(f"{each};x\n" for each in numbers))
    folder = home.folder / "clients"
    words = ["--setup", "bureau-client", "--org-numbers-file", "list.csv"]
    done = home.run(*arguments(base_url, folder, *words), text=world.office.employee_token)
    assert done.returncode == 1
    assert f"TW407: The key has no access to the client {format_org_number(numbers[1])}" in done.stderr
    assert {path.name for path in folder.iterdir()} == {f"{each}.toml" for each in numbers}
    created = [request for request in sandbox.requests if "create" in request.call]
    assert len(created) <= 3


def test_unreachable_clients_are_listed_once(home: Home, sandbox: Sandbox, base_url: str) -> None:
    every = (str(number) for number in range(810000000, 810001000))
    numbers = [number for number in every if has_valid_check_digit(number)][:60]
    (home.folder / "list.txt").write_text("\n".join(numbers))
    words = ["--setup", "bureau-client", "--org-numbers-file", "list.txt", "--format", "json"]
    key = sandbox.world.office.employee_token
    done = home.run(*arguments(base_url, home.folder / "clients", *words), text=key)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) < 25, done.stderr
    assert done.stderr.count("and 57 more") == 3, "checks, findings and files"
    assert done.stderr.count("TW407") == 3
    configs = json.loads(done.stdout)["configs"]
    told = [[found["code"] for found in config["findings"]] for config in configs]
    assert told == [["TW407"]] * 60


def test_a_key_of_the_user_stays_where_it_is(
    home: Home, sandbox: Sandbox, base_url: str, config: Path
) -> None:
    home.variables["MY_KEY"] = sandbox.world.single_company.employee_token
    words = ["--environment", "sandbox", "--base-url", base_url, "--setup", "single-company"]
    done = home.run(
        "setup", config, "--no-input", *words, "--store", "file", "--employee-token-ref", "env:MY_KEY"
    )
    assert done.returncode == 0, done.stderr
    assert tomllib.loads(config.read_text())["credentials"]["employee_token"] == {"env": "MY_KEY"}
    assert not key_files(home)


def test_a_place_that_cannot_be_read_from_here_is_written_and_ends_with_4(
    home: Home, sandbox: Sandbox, base_url: str, config: Path
) -> None:
    words = ["--environment", "sandbox", "--base-url", base_url, "--setup", "single-company"]
    for reference, code in (("env:MY_KEY", "TW513"), ("command:false", "TW514")):
        done = home.run("setup", config, "--no-input", *words, "--employee-token-ref", reference)
        assert done.returncode == 4, (reference, done.stderr)
        assert code in done.stderr
        assert str(config) in done.stderr
        kind, _, place = reference.partition(":")
        written = tomllib.loads(config.read_text())["credentials"]["employee_token"]
        assert written == {kind: place if kind == "env" else [place]}
        assert not sandbox.requests
        config.unlink()


def test_a_command_that_is_shown_can_be_copied_into_a_shell(
    home: Home, sandbox: Sandbox, base_url: str
) -> None:
    config = home.folder / "Kari & sønn.toml"
    key = sandbox.world.single_company.employee_token
    assert home.run(*arguments(base_url, config, "--setup", "single-company"), text=key).returncode == 0
    other = sandbox.world.single_company_second.employee_token
    again = home.run(*arguments(base_url, config, "--setup", "single-company"), text=other)
    assert f"tripletex-wizard rotate '{config}'" in again.stderr
    folder = home.folder / "Kari & sønn"
    folder.mkdir()
    assert f"--all '{folder}'" in home.run("rotate", folder, "--no-input").stderr


def test_a_hidden_config_is_written_with_a_warning(home: Home, sandbox: Sandbox, base_url: str) -> None:
    token = sandbox.world.single_company.employee_token
    for name, is_warned in {"kunde": True, "kunde.toml": False}.items():
        words = arguments(base_url, home.folder / name, "--setup", "single-company")
        done = home.run(*words, text=token)
        assert done.returncode == 0, done.stderr
        assert (home.folder / name).is_file()
        assert ("does not end in .toml" in done.stderr) is is_warned


LAST_YEAR = "2025-11-22"


class Operator:
    """An operator who runs the same command again."""

    def __init__(self, home: Home, base_url: str) -> None:
        self.home = home
        self.base_url = base_url

    def set_up(self, target: str, key: DemoKey, *more: str) -> subprocess.CompletedProcess[str]:
        words = ("setup", target, "--no-input", "--environment", "sandbox", "--base-url", self.base_url)
        return self.home.run(
            *words, "--store", "file", "--employee-token-file", "-", *more, text=key.employee_token
        )

    def report(self, target: str, key: DemoKey, *more: str) -> tuple[int, dict[str, Any]]:
        done = self.set_up(target, key, "--format", "json", *more)
        report: dict[str, Any] = json.loads(done.stdout) if done.stdout else {}
        return done.returncode, report

    def settle(self, name: str) -> Path:
        """Make a config look as if it had been written a year ago."""
        path = self.home.folder / name
        written = tomllib.loads(path.read_text())["key"]["installed"]
        path.write_text(path.read_text().replace(str(written), f"{LAST_YEAR}  # by hand"))
        return path


@pytest.fixture
def operator(home: Home, base_url: str) -> Operator:
    return Operator(home, base_url)


def state_of(path: Path) -> tuple[bytes, int]:
    return path.read_bytes(), path.stat().st_mtime_ns


def test_the_same_answers_change_nothing(operator: Operator, sandbox: Sandbox) -> None:
    key = sandbox.world.single_company
    single = ("--setup", "single-company")
    code, report = operator.report("kunde.toml", key, *single)
    assert (code, report["changed"], report["configs"][0]["status"]) == (0, True, "valid"), report
    config = operator.settle("kunde.toml")
    before = state_of(config)

    for more in ((), ("--overwrite",), ("--overwrite", "--dry-run"), ("--overwrite", "--offline")):
        code, report = operator.report("kunde.toml", key, *single, *more)
        assert (code, report["changed"]) == (0, False), (more, report)
        assert [each["changed"] for each in report["configs"]] == [False]
    told = operator.set_up("kunde.toml", key, *single, "--overwrite")
    assert (told.returncode, "Unchanged: kunde.toml" in told.stderr) == (0, True), told.stderr
    assert "TW708" not in told.stderr
    assert state_of(config) == before
    assert not list(config.parent.glob("*.bak-*"))
    assert str(tomllib.loads(config.read_text())["key"]["installed"]) == LAST_YEAR


def test_another_key_or_answer_needs_overwrite(operator: Operator, sandbox: Sandbox) -> None:
    key, other = sandbox.world.single_company, sandbox.world.single_company_second
    single = ("--setup", "single-company")
    assert operator.report("kunde.toml", key, *single)[0] == 0
    config = operator.settle("kunde.toml")
    before = state_of(config)
    assert operator.report("kunde.toml", other, *single) == (2, {})
    assert operator.report("kunde.toml", key, *single, "--application", "Other") == (2, {})
    code, report = operator.report("kunde.toml", other, *single, "--overwrite", "--dry-run")
    assert (code, report["changed"]) == (0, True)
    assert state_of(config) == before
    code, report = operator.report("kunde.toml", other, *single, "--overwrite")
    assert (code, report["changed"]) == (0, True)
    noted = tomllib.loads(config.read_text())["key"]
    assert (noted["id"], str(noted["installed"]) != LAST_YEAR) == (other.token_id, True)


def test_a_client_can_be_added_to_a_folder_of_clients(operator: Operator, sandbox: Sandbox) -> None:
    known = (client.organization_number for client in sandbox.world.clients)
    numbers = list(dict.fromkeys(number.replace(" ", "") for number in known if number))[:3]
    clients = operator.home.folder / "clients.txt"
    words = ("--setup", "bureau-client", "--org-numbers-file", "clients.txt")
    clients.write_text("\n".join(numbers[:2]))
    code, report = operator.report("clients", sandbox.world.office, *words)
    assert (code in {0, 1}, report["changed"], len(report["configs"])) == (True, True, 2), report
    first = operator.settle(f"clients/{numbers[0]}.toml")
    before = state_of(first)

    clients.write_text("\n".join(numbers))
    code, report = operator.report("clients", sandbox.world.office, *words)
    changed = {Path(each["path"]).stem: each["changed"] for each in report["configs"]}
    assert changed == {numbers[0]: False, numbers[1]: False, numbers[2]: True}, report
    assert state_of(first) == before

    third = operator.home.folder / "clients" / f"{numbers[2]}.toml"
    third.write_text(third.read_text().replace('"VismaFinale"', '"Another"'))
    refused = operator.set_up("clients", sandbox.world.office, *words)
    assert (refused.returncode, f"{numbers[2]}.toml" in refused.stderr) == (1, True), refused.stderr
    assert f"{numbers[0]}.toml" not in refused.stderr


def test_a_refused_key_gives_one_json_document(operator: Operator, sandbox: Sandbox) -> None:
    code, report = operator.report("kunde.toml", sandbox.world.deleted, "--setup", "single-company")
    (config,) = report["configs"]
    assert (code, report["changed"], config["status"]) == (1, False, "invalid")
    assert [each["code"] for each in config["findings"]] == ["TW402"]
    assert operator.home.run("setup", "--format", "json").returncode == 2
