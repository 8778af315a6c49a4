"""Commands that report: all that they write, in every form, tells nothing of the tokens that they used."""

import json
from xml.etree import ElementTree as ET

import pytest

from tests.leaks.conftest import Serve
from tests.support.house import COMPANY_KEY, DELETED_KEY, OFFICE_KEY, House
from tests.support.sandbox import METHOD_NOT_ALLOWED, Behaviour, Fault
from tests.support.servers import unused_port

HASTY = "tests.hostile.hasty"


def is_whole(form: str, text: str) -> bool:
    """Whether a report is a whole document of its form."""
    match form:
        case "json":
            return bool(json.loads(text))
        case "junit":
            return len(ET.fromstring(text)) > 0  # noqa: S314 - it comes from the program under test
        case _:
            return text.endswith("\n")


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_a_good_and_a_refused_key(stage: House, form: str) -> None:
    for name, key in (("good", COMPANY_KEY), ("refused", DELETED_KEY)):
        path = stage.given(f"{name}.key", key.token)
        stage.write_config(f'{{ file = "{path}" }}').rename(stage.folder / f"{name}.toml")
    run = stage.run("validate", stage.folder, "-v", "--deep", "--format", form)
    assert run.returncode == 1, run.stderr
    assert is_whole(form, run.stdout)
    assert "TW402" in run.stdout
    assert stage.saw(COMPANY_KEY)
    assert stage.saw(DELETED_KEY)
    stage.assert_run_untold(run)


TROUBLES = {
    "a hanging log-on": ({"faults": [Fault(path="*:create", trouble="hang", times=None)]}, 3),
    "a hanging question": ({"faults": [Fault(path="*whoAmI", trouble="hang", times=None)]}, 3),
    "the legacy log-on, cut off": (
        {
            "behaviour": Behaviour(post_refused=METHOD_NOT_ALLOWED),
            "faults": [Fault(path="*:create", method="PUT", trouble="drop-after", times=None)],
        },
        3,
    ),
    "the legacy log-on": ({"behaviour": Behaviour(post_refused=METHOD_NOT_ALLOWED)}, 0),
}


@pytest.mark.parametrize(("ways", "code"), TROUBLES.values(), ids=TROUBLES.keys())
def test_a_key_whose_log_on_is_troubled(serve: Serve, ways: dict[str, object], code: int) -> None:
    stage = serve(**ways)
    config = stage.write_config(f'{{ file = "{stage.given("good.key", COMPANY_KEY.token)}" }}')
    run = stage.run("validate", config, "-v", "--format", "json", program=HASTY)
    assert run.returncode == code, run.stdout + run.stderr
    assert is_whole("json", run.stdout)
    assert stage.saw(COMPANY_KEY)
    stage.assert_run_untold(run)
    for session in stage.sandbox.open_sessions:
        stage.sandbox.delete_session(session)


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_the_clients_of_an_office_key(stage: House, form: str) -> None:
    path = stage.given("office.key", OFFICE_KEY.token)
    config = stage.write_config(f'{{ file = "{path}" }}', setup="bureau-shared", org_number="%ORGNR%")
    run = stage.run("clients", config, "-v", "--format", form)
    assert run.returncode == 0, run.stderr
    assert is_whole(form, run.stdout)
    assert "Demo Fiskemottak AS" in run.stdout
    assert stage.saw(OFFICE_KEY)
    stage.assert_run_untold(run)


def test_the_demo_by_itself(stage: House) -> None:
    run = stage.run("demo", "-v")
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("[credentials]") == 3
    stage.assert_run_untold(run)
    assert not list((stage.folder / "tmp").iterdir())


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_doctor(stage: House, form: str) -> None:
    nobody = f"http://canary:{COMPANY_KEY.token}@127.0.0.1:{unused_port()}"
    stage.home.variables |= {"HTTPS_PROXY": nobody, "NO_PROXY": "", "LS_COLORS": COMPANY_KEY.token}
    run = stage.run("doctor", "-v", "--format", form)
    assert run.returncode == 3, run.stdout
    assert is_whole(form, run.stdout)
    assert "consumer.token" in run.stdout
    stage.assert_run_untold(run)
