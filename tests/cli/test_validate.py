"""``validate`` and ``clients`` as operators run them."""

import asyncio
import json
import re
import signal
import time
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.keys import make_key
from tests.support.home import VARIABLE, Home
from tests.support.rows import every_row
from tests.support.sandbox import METHOD_NOT_ALLOWED, Behaviour, Fault, Sandbox, world_with_clients
from tests.support.waiting import wait_for
from wizard.checks.results import ValidateOptions
from wizard.checks.validation import validate
from wizard.context import AppContext
from wizard.site import SiteDefaults


def found(home: Home, *words: str | Path, code: int) -> list[tuple[str, str]]:
    """Validate, and return the codes and severities of the findings of the only config."""
    (result,) = home.run("validate", *words, "--format", "json", code=code).report["results"]
    return [(each["code"], each["severity"]) for each in result["findings"]]


def test_configs_that_share_a_key_need_one_log_on(home: Home) -> None:
    reached = [client.organization_number for client in home.world.clients if client.organization_number]
    for count in range(60):
        number = reached[count % len(reached)]
        home.config(f"configs/{count:03}.toml", home.world.office, setup="bureau-client", number=number)
    done = home.run("validate", "configs", "--format", "json", code=0)
    assert done.report["summary"] == {"valid": 60, "invalid": 0, "unknown": 0}
    assert len(home.sandbox.requests) <= 5


def test_results_come_in_order_with_their_own_verdicts(home: Home) -> None:
    world, number = home.world, home.world.client_without_access.organization_number
    home.config("configs/a.toml")
    home.config("configs/b.toml", world.office, setup="bureau-client", number=number)
    home.config("configs/c.toml", world.office, setup="single-company")
    home.config("configs/d.toml", setup="bureau-shared")
    home.write("configs/e.toml", "schema_version = [\n")
    path = home.config("configs/f.toml")
    path.write_text(path.read_text().replace(home.base_url, "http://127.0.0.1:9/v2"))
    report = home.run("validate", "configs", "--format", "json", code=1).report
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
    published = json.loads((files("wizard.ui.report") / "report.schema.json").read_text())
    jsonschema.Draft202012Validator(published).validate(report)
    assert "TW406" in home.run("clients", "configs/d.toml", code=1).out


def test_a_company_that_nobody_names_ends_with_3(home: Home) -> None:
    path, warning = home.config(), ("TW404", "warning")
    refused = '{"status": 403, "code": 9000, "message": "Forbidden", "requestId": "3f2a"}'
    home.sandbox.faults.append(Fault(path="/company/[0-9]*", status=403, body=refused, times=None))
    assert found(home, path, code=0) == [warning]
    # Without the name, the company is nowhere to be seen.
    nameless = '{"value": {"employeeId": 1}}'
    home.sandbox.faults.append(Fault(path="*whoAmI", status=200, body=nameless, times=None))
    assert found(home, path, code=3) == [warning, ("TW539", "error")]


def test_the_age_limit_of_a_key_can_be_set(home: Home) -> None:
    path, today = home.config(), datetime.now(UTC).date()
    path.write_text(path.read_text().replace(str(today), str(today - timedelta(days=400))))
    assert found(home, path, "--offline", "--max-age", "365", code=0) == [("TW216", "warning")]
    assert found(home, path, "--offline", "--max-age", "500", code=0) == []
    flags = ("validate", path, "--offline", "--quiet", "--max-age", "365")
    assert "TW216" in home.run(*flags).out
    home.run(*flags, "--fail-on", "warning", code=1)
    told = home.run(*flags, "--format", "prometheus").out
    assert re.search(rf'^tripletex_wizard_key_age_days\{{path="{path}",key="\d+"\}} 400$', told, re.MULTILINE)


def test_a_key_from_the_future_has_no_age_and_is_a_warning(home: Home) -> None:
    path, today = home.config(), datetime.now(UTC).date()
    text = path.read_text()
    # A day ahead is another time zone.
    for days, age, expected in ((1, 0, []), (3, None, [("TW219", "warning")])):
        path.write_text(text.replace(str(today), str(today + timedelta(days=days))))
        assert found(home, path, "--offline", "--max-age", "365", code=0) == expected
        (result,) = json.loads(home.run("validate", path, "--offline", "--format", "json").out)["results"]
        assert result["key"]["age_days"] == age
    assert "key_age_days{" not in home.run("validate", path, "--offline", "--format", "prometheus").out


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_number_of_parallel_keys_can_be_limited(home: Home, jobs: int) -> None:
    home.sandbox.latency = 0.02
    for number in range(6):
        key = home.world.add_key("Finale", home.world.add_company(f"Bedrift {number} AS"))
        home.config(f"configs/{number}.toml", key)
    done = home.run("validate", "configs", "--quiet", "--jobs", str(jobs), code=0)
    assert done.said == ""
    # The figures of a company are asked for at the same time.
    assert jobs <= home.sandbox.peak_concurrency <= 3 * jobs


@every_row(
    "flags",
    [
        ("--jobs", "0"),
        ("--jobs", "-1"),
        ("--jobs", "x"),
        ("--deadline", "0"),
        ("--deadline", "nan"),
        ("--max-age", "-1"),
    ],
)
def test_a_senseless_number_is_a_usage_error(home: Home, flags: tuple[str, str]) -> None:
    assert home.run("validate", home.write("a.toml"), *flags, code=2).out == ""


def test_deep_reads_the_figures_of_the_client(home: Home) -> None:
    number = home.world.client.organization_number
    path = home.config(key=home.world.office, setup="bureau-client", number=number)
    home.run("validate", path, "--quiet", code=0)
    shallow = len(home.sandbox.requests)
    home.run("validate", path, "--quiet", "--deep", code=0)
    assert len(home.sandbox.requests) - shallow == shallow + 3


def test_offline_validate_asks_nobody(home: Home) -> None:
    home.run("validate", home.config(key=home.world.deleted), "--offline", code=0)
    assert not home.sandbox.requests


def test_verbose_logs_each_request_without_secrets(home: Home) -> None:
    key, path = home.world.single_company, home.config()
    done = home.run("validate", "-v", path)
    told = re.findall(r"^DEBUG wizard\.tripletex\.\w+: (\S+ \S+ \d+) \d+ ms$", done.err, re.MULTILINE)
    assert [line.split()[-1] for line in told] == [str(request.status) for request in home.sandbox.requests]
    assert told[0].startswith("POST /token/session/:create ")
    assert told[-1].startswith("DELETE /token/session/*** ")
    for secret in (str(key.company.id), "?", "fields"):
        assert secret not in "".join(told)
    path.write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:9", path.read_text()))
    assert "POST /token/session/:create Unreachable" in home.run("validate", "-v", path).err


def test_quiet_says_nothing_when_all_is_good(home: Home) -> None:
    assert home.run("validate", "--quiet", home.config(), code=0).said == ""


def test_missing_expected_clients_are_listed(home: Home) -> None:
    world, missing = home.world, home.world.client_without_access.organization_number
    expected = home.write("expected.txt", f"{world.client.organization_number}\n{missing}\n")
    office = home.config(key=world.office)
    listed = home.run("clients", office, "--expect", expected, "--format", "json", code=1).report["clients"]
    assert [each["org_number"] for each in listed if not each["reached"]] == [missing]
    assert len([each for each in listed if each["reached"]]) == len(world.clients)


def test_a_table_of_clients_is_explained_on_standard_error(home: Home) -> None:
    config = home.config(key=home.world.office)
    home.variables.clear()
    done = home.run("clients", config, "--format", "csv", code=3)
    assert len(done.out.splitlines()) == 1, done.out
    assert "TW510" in done.err


def test_configs_left_unchecked_by_the_deadline_are_unknown(home: Home) -> None:
    home.sandbox.latency = 30
    assert found(home, home.config(), "--deadline", "0.5", code=3)[0] == ("TW521", "error")
    for number in range(20):
        home.write(f"many/{number}.toml", "schema_version = 1\n")
    # The time in which files are read counts too.
    words = ("validate", "many", "--offline", "--deadline", "0.000001", "--format", "json")
    results = home.run(*words, code=3).report["results"]
    assert [finding["code"] for result in results for finding in result["findings"]] == ["TW521"] * 20


def test_clients_deep_says_whose_figures_can_be_read(home: Home) -> None:
    world = home.world
    path = home.config(key=world.office_figures)
    report = home.run("clients", path, "--deep", "--format", "json", code=1).report
    told = {
        client["name"]: [client[name] for name in ("figures", "balances")] for client in report["clients"]
    }
    assert told == {
        world.client.name: ["valid", "valid"],
        world.client_with_spaces.name: ["invalid", "invalid"],
        world.ungenerous_client.name: ["invalid", "invalid"],
        world.empty_client.name: ["warning", "warning"],
    }
    errors = [finding["code"] for finding in report["findings"] if finding["severity"] == "error"]
    assert errors == ["TW418", "TW418"]
    table = home.run("clients", path, "--deep", "--format", "csv").out.splitlines()
    assert table[0] == "Org. number;Client;Reached;Figures;Chart of accounts;Balances;Transactions"
    assert ";WRONG;" in table[1]
    text = home.run("clients", path, "--deep").out
    assert f"{world.empty_client.name}: nothing has been posted" in text
    assert "4 clients with access, 2 without figures." in text


def test_a_list_of_clients_is_read_to_its_end(home: Home) -> None:
    home.sandbox.behaviour = Behaviour(max_page_size=2)
    report = home.run("clients", home.config(key=home.world.office), "--format", "json", code=0).report
    assert report["summary"]["reached"] == len(home.world.clients)


def test_every_report_mentions_the_legacy_log_on(home: Home) -> None:
    home.sandbox.behaviour = Behaviour(post_refused=METHOD_NOT_ALLOWED)
    path = home.config(key=home.world.office)
    for command in ("clients", "validate"):
        assert "TW425" in home.run(command, path, code=0).out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_validate_reports_what_it_found(home: Home, number: signal.Signals, code: int) -> None:
    sandbox = Sandbox(world=world_with_clients(60), behaviour=Behaviour(rate_limit=None), latency=0.15)
    with sandbox.serve() as base_url:
        home = Home(home.folder, sandbox, base_url, {VARIABLE: sandbox.world.consumer_token})
        home.config("configs/a.toml")
        home.config("configs/b.toml", sandbox.world.office)
        with home.running("validate", "configs", "--deep", "--format", "json") as process:
            wait_for(
                lambda: sum(request.endpoint == "/balanceSheet" for request in sandbox.requests) > 14,
                "figures",
            )
            process.send_signal(number)
            out, _ = process.communicate(timeout=10)
    assert process.returncode == code
    single, common = json.loads(out)["results"]
    assert single["status"] == "valid"
    assert {"check": "clients", "status": "warning"} in common["checks"]
    assert "TW536" in [finding["code"] for finding in common["findings"]]
    assert common["status"] == "unknown"
    assert not sandbox.open_sessions


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


def test_a_name_server_that_never_answers_does_not_delay_the_end(home: Home) -> None:
    """The lookup blocks in the C library, where it cannot be cancelled."""
    key = home.write("test.key", make_key(84201, test=True).reveal())
    path = home.config(reference=f'file = "{key}"')
    path.write_text(path.read_text().replace(f'"sandbox"\nbase_url = "{home.base_url}"', '"test"'))
    asked = home.folder / "asked"
    home.write(
        "sitecustomize.py",
        f"import pathlib, socket, time\nasked = pathlib.Path({str(asked)!r})\n"
        "socket.getaddrinfo = lambda *a, **k: (asked.touch(), time.sleep(60))\n",
    )
    home.variables["PYTHONPATH"] = str(home.folder)

    def interrupted(command: str) -> str:
        asked.unlink(missing_ok=True)
        with home.running(command, path) as process:
            wait_for(asked.exists, "the lookup")
            process.send_signal(signal.SIGINT)
            began = time.monotonic()
            out, _ = process.communicate(timeout=20)
        assert (process.returncode, time.monotonic() - began < 2) == (130, True)
        return out

    began = time.monotonic()
    Home.run(home, "validate", path, "--deadline", "1", code=3)  # a new Python, which reads sitecustomize
    assert time.monotonic() - began < 4
    interrupted("validate")
    path.write_text(path.read_text().replace("single-company", "bureau-shared").replace('""', '"%ORGNR%"'))
    out = interrupted("clients")
    assert "TW536" in out
    assert "0 clients" not in out, "they were not counted"
