"""``validate`` and ``clients`` as operators run them."""

import asyncio
import base64
import json
import re
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.support.house import Home
from tests.support.rows import every_row
from tests.support.sandbox import METHOD_NOT_ALLOWED, Behaviour, DemoKey, Fault, Sandbox, world_with_clients
from wizard.checks.results import ValidateOptions
from wizard.checks.validation import validate
from wizard.context import AppContext
from wizard.site import SiteDefaults


def write_config(  # noqa: PLR0917 - what a config is made of, in its order
    home: Home, base_url: str, name: str, key: DemoKey, setup: str, number: str = ""
) -> Path:
    key_file = home.folder / f"{key.token_id}.key"
    key_file.write_text(key.employee_token)
    key_file.chmod(0o600)
    path = home.folder / "configs" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "schema_version = 1\n\n[tripletex]\n"
        f'environment = "sandbox"\nbase_url = "{base_url}"\napplication = "VismaFinale"\n\n'
        f'[finale]\nsetup = "{setup}"\norg_number = "{number}"\n\n'
        f'[credentials]\nemployee_token = {{ file = "../{key_file.name}" }}\n'
    )
    return path


def make_test_key() -> str:
    zero = "00000000-0000-0000-0000-000000000000"
    return base64.b64encode(f'{{"tokenId":84201,"token":"test-{zero}"}}'.encode()).decode()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_configs_that_share_a_key_need_one_log_on(home: Home, base_url: str, sandbox: Sandbox) -> None:
    world = sandbox.world
    reached = [client.organization_number for client in world.clients if client.organization_number]
    for count in range(60):
        number = reached[count % len(reached)].replace(" ", "")
        write_config(home, base_url, f"{count:03}.toml", world.office, "bureau-client", number)
    done = home.run("validate", "configs", "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert report["summary"] == {"valid": 60, "invalid": 0, "unknown": 0}
    assert len(sandbox.requests) <= 5
    assert not sandbox.open_sessions


def test_results_come_in_order_with_their_own_verdicts(home: Home, base_url: str, sandbox: Sandbox) -> None:
    world = sandbox.world
    number = world.client_without_access.organization_number or ""
    write_config(home, base_url, "a.toml", world.single_company, "single-company")
    write_config(home, base_url, "b.toml", world.office, "bureau-client", number)
    write_config(home, base_url, "c.toml", world.office, "single-company")
    write_config(home, base_url, "d.toml", world.single_company, "bureau-shared", "%ORGNR%")
    (home.folder / "configs" / "e.toml").write_text("schema_version = [\n")
    write_config(home, "http://127.0.0.1:9/v2", "f.toml", world.single_company, "single-company")
    done = home.run("validate", "configs", "--format", "json")
    report = json.loads(done.stdout)
    seen = [
        (Path(each["path"]).name, each["status"], [found["code"] for found in each["findings"]])
        for each in report["results"]
    ]
    assert seen == [
        ("a.toml", "valid", []),
        ("b.toml", "invalid", ["TW407", "TW520"]),
        ("c.toml", "invalid", ["TW405"]),
        ("d.toml", "invalid", ["TW406"]),
        ("e.toml", "invalid", ["TW101"]),
        ("f.toml", "unknown", ["TW502"]),
    ]
    assert done.returncode == 1
    assert not sandbox.open_sessions
    published = json.loads((files("wizard.ui.report") / "report.schema.json").read_text())
    jsonschema.Draft202012Validator(published).validate(report)


def test_a_company_that_nobody_names_ends_with_3(home: Home, base_url: str, sandbox: Sandbox) -> None:
    path = write_config(home, base_url, "a.toml", sandbox.world.single_company, "single-company")
    refused = '{"status": 403, "code": 9000, "message": "Forbidden", "requestId": "3f2a"}'
    sandbox.faults.append(Fault(path="/company/[0-9]*", status=403, body=refused, times=None))
    named = home.run("validate", path, "--format", "json")
    # Without the name, the company is nowhere to be seen.
    nameless = '{"value": {"employeeId": 1}}'
    sandbox.faults.append(Fault(path="*whoAmI", status=200, body=nameless, times=None))
    unnamed = home.run("validate", path, "--format", "json")
    seen = []
    for done in (named, unnamed):
        (result,) = json.loads(done.stdout)["results"]
        found = [(each["code"], each["severity"]) for each in result["findings"]]
        seen.append((done.returncode, result["status"], found))
    warning = ("TW404", "warning")
    assert seen == [(0, "valid", [warning]), (3, "unknown", [warning, ("TW539", "error")])]


def test_the_age_limit_of_a_key_can_be_set(home: Home, base_url: str, sandbox: Sandbox) -> None:
    path = write_config(home, base_url, "a.toml", sandbox.world.single_company, "single-company")
    installed = datetime.now(UTC).date() - timedelta(days=400)
    path.write_text(f"{path.read_text()}\n[key]\ninstalled = {installed}\n")

    def findings(days: str) -> list[tuple[str, str]]:
        done = home.run("validate", path, "--offline", "--format", "json", "--max-age", days)
        assert done.returncode == 0
        (result,) = json.loads(done.stdout)["results"]
        return [(each["code"], each["severity"]) for each in result["findings"]]

    assert findings("365") == [("TW216", "warning")]
    assert findings("500") == []
    flags = ("validate", path, "--offline", "--quiet", "--max-age", "365")
    assert "TW216" in home.run(*flags).stdout
    assert home.run(*flags, "--fail-on", "warning").returncode == 1
    told = home.run(*flags, "--format", "prometheus").stdout
    assert f'tripletex_wizard_key_age_days{{path="{path}",key=""}} 400\n' in told


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_number_of_parallel_keys_can_be_limited(
    home: Home, base_url: str, sandbox: Sandbox, jobs: int
) -> None:
    sandbox.latency = 0.02
    for number in range(6):
        company = sandbox.world.add_company(f"Bedrift {number} AS")
        key = sandbox.world.add_key("Finale", company)
        write_config(home, base_url, f"{number}.toml", key, "single-company")
    done = home.run("validate", "configs", "--quiet", "--jobs", str(jobs))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert jobs <= sandbox.peak_concurrency <= 3 * jobs  # the figures of a company are asked at the same time


@every_row(
    "flags",
    [("--jobs", "0"), ("--jobs", "-1"), ("--deadline", "0"), ("--deadline", "nan"), ("--jobs", "x")],
)
def test_a_senseless_number_is_a_usage_error(home: Home, flags: tuple[str, str]) -> None:
    (home.folder / "a.toml").write_text("")
    done = home.run("validate", "a.toml", *flags)
    assert (done.returncode, done.stdout) == (2, "")


def test_deep_reads_the_figures_of_the_client(home: Home, base_url: str, sandbox: Sandbox) -> None:
    number = (sandbox.world.client.organization_number or "").replace(" ", "")
    path = write_config(home, base_url, "a.toml", sandbox.world.office, "bureau-client", number)
    assert home.run("validate", path, "--quiet").returncode == 0
    shallow = len(sandbox.requests)
    assert home.run("validate", path, "--quiet", "--deep").returncode == 0
    assert len(sandbox.requests) - shallow == shallow + 3


def test_offline_validate_asks_nobody(home: Home, base_url: str, sandbox: Sandbox) -> None:
    path = write_config(home, base_url, "a.toml", sandbox.world.deleted, "single-company")
    assert home.run("validate", path, "--offline").returncode == 0
    assert not sandbox.requests


def test_a_missing_path_is_a_usage_error(home: Home) -> None:
    done = home.run("validate", "nowhere.toml")
    assert done.returncode == 2
    assert "nowhere.toml" in done.stderr


def test_verbose_logs_each_request_without_secrets(home: Home, base_url: str, sandbox: Sandbox) -> None:
    key = sandbox.world.single_company
    path = write_config(home, base_url, "a.toml", key, "single-company")
    done = home.run("validate", "-v", path)
    told = re.findall(r"^DEBUG wizard\.tripletex\.\w+: (\S+ \S+ \d+) \d+ ms$", done.stderr, re.MULTILINE)
    assert len(told) == len(sandbox.requests)
    assert [line.split()[-1] for line in told] == [str(request.status) for request in sandbox.requests]
    assert told[0].startswith("POST /token/session/:create ")
    assert told[-1].startswith("DELETE /token/session/*** ")
    for secret in (key.employee_token, sandbox.world.consumer_token, str(key.company.id), "?", "fields"):
        assert secret not in "".join(told)
    path.write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:9", path.read_text()))
    assert "POST /token/session/:create Unreachable" in home.run("validate", "-v", path).stderr


def test_quiet_says_nothing_when_all_is_good(home: Home, base_url: str, sandbox: Sandbox) -> None:
    path = write_config(home, base_url, "a.toml", sandbox.world.single_company, "single-company")
    done = home.run("validate", "--quiet", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def office(home: Home, base_url: str, sandbox: Sandbox) -> Path:
    return write_config(home, base_url, "office.toml", sandbox.world.office, "bureau-shared", "%ORGNR%")


def test_missing_expected_clients_are_listed(home: Home, sandbox: Sandbox, office: Path) -> None:
    world = sandbox.world
    missing = world.client_without_access.organization_number
    (home.folder / "expected.txt").write_text(f"{world.client.organization_number}\n{missing}\n")
    done = home.run("clients", office, "--expect", "expected.txt", "--format", "json")
    assert done.returncode == 1
    listed = json.loads(done.stdout)["clients"]
    assert [each["org_number"] for each in listed if not each["reached"]] == [missing]
    assert len([each for each in listed if each["reached"]]) == len(world.clients)


def test_the_clients_of_an_ordinary_key_are_explained(home: Home, base_url: str, sandbox: Sandbox) -> None:
    path = write_config(home, base_url, "a.toml", sandbox.world.single_company, "single-company")
    done = home.run("clients", path)
    assert done.returncode == 1
    assert "TW406" in done.stdout


class TestManyClients:
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return Sandbox(world=world_with_clients(2500))

    def test_the_wanted_client_is_found_on_the_third_page(
        self, home: Home, base_url: str, sandbox: Sandbox
    ) -> None:
        last = sandbox.world.clients[-1].organization_number or ""
        path = write_config(home, base_url, "a.toml", sandbox.world.office, "bureau-client", last)
        done = home.run("validate", path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(sandbox.requests) <= 7


def test_configs_left_unchecked_by_the_deadline_are_unknown(
    home: Home, base_url: str, sandbox: Sandbox
) -> None:
    sandbox.latency = 30
    path = write_config(home, base_url, "a.toml", sandbox.world.single_company, "single-company")
    done = home.run("validate", path, "--deadline", "0.5", "--format", "json")
    (result,) = json.loads(done.stdout)["results"]
    assert (result["status"], result["findings"][0]["code"]) == ("unknown", "TW521")
    assert done.returncode == 3


def test_clients_deep_says_whose_figures_can_be_read(home: Home, base_url: str, sandbox: Sandbox) -> None:
    world = sandbox.world
    path = write_config(home, base_url, "office.toml", world.office_figures, "bureau-shared", "%ORGNR%")
    done = home.run("clients", path, "--deep", "--format", "json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    told = {
        client["name"]: [client[name] for name in ("figures", "balances")] for client in report["clients"]
    }
    assert told == {
        world.client.name: ["valid", "valid"],
        world.client_with_spaces.name: ["invalid", "invalid"],
        world.ungenerous_client.name: ["invalid", "invalid"],
        world.empty_client.name: ["warning", "warning"],
    }
    errors = [finding for finding in report["findings"] if finding["severity"] == "error"]
    assert [finding["code"] for finding in errors] == ["TW418", "TW418"]
    table = home.run("clients", path, "--deep", "--format", "csv").stdout.splitlines()
    assert table[0] == "Org. number;Client;Reached;Figures;Chart of accounts;Balances;Transactions"
    assert ";WRONG;" in table[1]
    text = home.run("clients", path, "--deep").stdout
    assert f"{world.empty_client.name}: nothing has been posted" in text
    assert "4 clients with access, 2 without figures." in text
    assert not sandbox.open_sessions


def test_every_report_mentions_the_legacy_log_on(home: Home, base_url: str, sandbox: Sandbox) -> None:
    sandbox.behaviour = Behaviour(post_refused=METHOD_NOT_ALLOWED)
    path = write_config(home, base_url, "office.toml", sandbox.world.office, "bureau-shared", "%ORGNR%")
    for command in ("clients", "validate"):
        done = home.run(command, path)
        assert done.returncode == 0, done.stdout
        assert "TW425" in done.stdout


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_validate_reports_what_it_found(home: Home, number: signal.Signals, code: int) -> None:
    sandbox = Sandbox(world=world_with_clients(60), behaviour=Behaviour(rate_limit=None), latency=0.15)
    home.variables["TRIPLETEX_CONSUMER_TOKEN"] = sandbox.world.consumer_token
    with sandbox.serve() as base_url:
        write_config(home, base_url, "a.toml", sandbox.world.single_company, "single-company")
        write_config(home, base_url, "b.toml", sandbox.world.office, "bureau-shared", "%ORGNR%")
        process = home.start("validate", "configs", "--deep", "--format", "json")
        wait_for(lambda: sum(request.endpoint == "/balanceSheet" for request in sandbox.requests) > 14)
        process.send_signal(number)
        out, _ = process.communicate(timeout=10)
    assert process.returncode == code
    single, common = json.loads(out)["results"]
    assert single["status"] == "valid"
    assert {"check": "clients", "status": "warning"} in common["checks"]
    assert "TW536" in [finding["code"] for finding in common["findings"]]
    assert common["status"] == "unknown"
    assert not sandbox.open_sessions


def test_a_deadline_counts_the_time_in_which_files_are_read(home: Home, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.toml").write_text("schema_version = 1\n")
    done = home.run("validate", tmp_path, "--offline", "--deadline", "0.000001", "--format", "json")
    found = [
        finding["code"] for result in json.loads(done.stdout)["results"] for finding in result["findings"]
    ]
    assert (done.returncode, found) == (3, ["TW521"] * 20)


async def test_a_signal_is_handled_while_thousands_of_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("schema_version = 1\n")
    context = AppContext.inside(tmp_path, SiteDefaults())
    found: list[str] = []

    async def check() -> None:
        async for result in validate([tmp_path / "a.toml"] * 3000, ValidateOptions(), context):
            found.extend(finding.code.id for finding in result.findings[:1])

    task = asyncio.create_task(check())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert found.count("TW536") > 1000
    assert len(found) == 3000


def test_a_name_server_that_never_answers_does_not_delay_the_end(home: Home, sandbox: Sandbox) -> None:
    """The lookup blocks in the C library, where it cannot be cancelled."""
    path = write_config(home, "", "a.toml", sandbox.world.single_company, "single-company")
    text = path.read_text().replace('environment = "sandbox"\nbase_url = ""\n', 'environment = "test"\n')
    path.write_text(text)
    (home.folder / f"{sandbox.world.single_company.token_id}.key").write_text(make_test_key())
    (home.folder / "sitecustomize.py").write_text(
        "import socket, time\nsocket.getaddrinfo = lambda *a, **k: time.sleep(60)\n"
    )
    home.variables["PYTHONPATH"] = str(home.folder)
    began = time.monotonic()
    done = home.run("validate", path, "--deadline", "1", "--format", "json")
    assert time.monotonic() - began < 4
    assert done.returncode == 3, done.stdout + done.stderr
    process = home.start("validate", path)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    interrupted = time.monotonic()
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - interrupted < 2
    path.write_text(
        path.read_text()
        .replace('org_number = ""', 'org_number = "%ORGNR%"')
        .replace("single-company", "bureau-shared")
    )
    process = home.start("clients", path)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "TW536" in out
    assert "0 clients" not in out, "they were not counted"
