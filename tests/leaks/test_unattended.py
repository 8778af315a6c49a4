"""Commands without a face: whatever becomes of a key, it is told neither on a stream nor in a file."""

import signal
import tomllib
from collections.abc import Callable

import pytest

from tests.leaks.conftest import Serve
from tests.support.house import COMPANY_KEY, CONSUMER, DELETED_KEY, House
from tests.support.sandbox import METHOD_NOT_ALLOWED, Behaviour, Fault

HASTY = "tests.hostile.hasty"
STDIN = ("--employee-token-file", "-")


@pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "verbose"])
def test_a_good_key_from_standard_input(stage: House, verbose: tuple[str, ...]) -> None:
    run = stage.run(*stage.setup(*STDIN, *verbose), text=f" {COMPANY_KEY.token}\n")
    assert run.returncode == 0, run.stderr
    assert "Written: finale.toml" in run.stderr
    assert stage.saw(COMPANY_KEY)
    assert stage.saw(CONSUMER)
    assert tomllib.loads((stage.folder / "finale.toml").read_text())["key"]["id"] == COMPANY_KEY.number
    stage.assert_run_untold(run, kept=(COMPANY_KEY,))


def test_a_good_key_from_a_file_of_the_operators(stage: House) -> None:
    given = stage.given("given.key", COMPANY_KEY.token)
    run = stage.run(*stage.setup("--employee-token-file", given, "-v"))
    assert run.returncode == 0, run.stderr
    assert stage.saw(COMPANY_KEY)
    stage.assert_run_untold(run, kept=(COMPANY_KEY,))


def test_a_programmers_switches_tell_nothing_more(serve: Serve) -> None:
    """In that mode asyncio logs what is slow, with the arguments of callbacks."""
    stage = serve(latency=0.12)
    stage.home.variables |= {"PYTHONASYNCIODEBUG": "1", "PYTHONDEVMODE": "1", "PYTHONUNBUFFERED": "1"}
    run = stage.run(*stage.setup(*STDIN, "-v"), text=COMPANY_KEY.token)
    assert run.returncode == 0, run.stderr
    assert "DEBUG wizard." in run.stderr
    assert "ResourceWarning" not in run.stderr
    stage.assert_run_untold(run, kept=(COMPANY_KEY,))


def by_variable(stage: House) -> str:
    stage.home.variables["FINALE_KEY"] = COMPANY_KEY.token
    return "env:FINALE_KEY"


def by_file(stage: House) -> str:
    return f"file:{stage.given('given.key', COMPANY_KEY.token)}"


def by_command(stage: House) -> str:
    return f"command:cat {stage.given('given.key', COMPANY_KEY.token)}"


@pytest.mark.parametrize("place", [by_variable, by_file, by_command])
def test_a_key_that_lies_elsewhere_is_copied_nowhere(stage: House, place: Callable[[House], str]) -> None:
    run = stage.run(*stage.setup("--employee-token-ref", place(stage), "-v"))
    assert run.returncode == 0, run.stderr
    assert stage.saw(COMPANY_KEY)
    stage.assert_run_untold(run)


def test_a_refused_key_is_taken_out_of_its_store_again(stage: House) -> None:
    run = stage.run(*stage.setup(*STDIN, "-v"), text=DELETED_KEY.token)
    assert run.returncode == 1
    assert "TW402" in run.stderr
    assert stage.saw(DELETED_KEY)
    stage.assert_run_untold(run)


def test_a_dry_run_keeps_nothing(stage: House) -> None:
    run = stage.run(*stage.setup(*STDIN, "-v", "--dry-run"), text=COMPANY_KEY.token)
    assert run.returncode == 0, run.stderr
    assert "employee_token" in run.stdout
    assert stage.saw(COMPANY_KEY)
    stage.assert_run_untold(run)


def test_the_legacy_form_of_a_log_on(serve: Serve) -> None:
    stage = serve(behaviour=Behaviour(post_refused=METHOD_NOT_ALLOWED))
    run = stage.run(*stage.setup(*STDIN, "-v"), text=COMPANY_KEY.token)
    assert run.returncode == 0, run.stderr
    assert any(request.query.get("employeeToken") == COMPANY_KEY.token for request in stage.sandbox.requests)
    stage.assert_run_untold(run, kept=(COMPANY_KEY,))


FAULTS = {
    "the log-on hangs": Fault(path="*:create", trouble="hang", times=None),
    "the log-on is cut off": Fault(path="*:create", trouble="drop-after", times=None),
    "a question hangs": Fault(path="*whoAmI", trouble="hang", times=None),
    "a question is answered with half": Fault(path="*whoAmI", trouble="cut-short", times=None),
    "the session cannot be deleted": Fault(path="*{token}", trouble="drop-before", times=None),
    "Tripletex has problems": Fault(path="*", status=500, times=None),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_log_on_that_fails(serve: Serve, fault: Fault) -> None:
    stage = serve(faults=[fault])
    run = stage.run(*stage.setup(*STDIN, "-v"), text=COMPANY_KEY.token, program=HASTY)
    assert run.returncode == (0 if "{token}" in fault.path else 3), run.stderr
    assert "Written: finale.toml" in run.stderr
    assert stage.saw(COMPANY_KEY)
    assert stage.sandbox.faults.hits(fault)
    stage.assert_run_untold(run, kept=(COMPANY_KEY,))
    for session in stage.sandbox.open_sessions:
        stage.sandbox.delete_session(session)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_of_a_question(serve: Serve, number: signal.Signals) -> None:
    hang = Fault(path="*whoAmI", trouble="hang")
    stage = serve(faults=[hang])
    with stage.running(*stage.setup(*STDIN, "-v"), text=COMPANY_KEY.token) as process:
        stage.await_hit(hang)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert stage.saw(COMPANY_KEY)
    assert "Traceback" not in err
    assert not (stage.folder / "finale.toml").exists()
    stage.assert_untold(out, err)
