"""A defect in the very frame that holds the key: what is said of it says nothing of the key."""

import pytest

from tests.leaks.test_faces import begin, go_to_the_key
from tests.support.house import COMPANY_KEY, House

PROGRAM = "tests.leaks.crashing"
TOKEN = COMPANY_KEY.token
WRAPPED = f"{TOKEN[:40]}\n{TOKEN[40:]}"
QUIET_AND_VERBOSE = pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "verbose"])


@QUIET_AND_VERBOSE
@pytest.mark.parametrize(("where", "code", "told"), [("kept", 70, "DefectError"), ("sent", 3, "TW5")])
def test_without_a_face(stage: House, where: str, code: int, told: str, verbose: tuple[str, ...]) -> None:
    run = stage.run(
        where, *stage.setup("--employee-token-file", "-", *verbose), text=WRAPPED, program=PROGRAM
    )
    assert run.returncode == code, run.stderr
    assert told in run.stderr
    stage.assert_run_untold(run, kept=(COMPANY_KEY,) if where == "sent" else ())


@QUIET_AND_VERBOSE
def test_an_error_that_nobody_catches(stage: House, verbose: tuple[str, ...]) -> None:
    words = stage.setup("--employee-token-file", "-", *verbose)
    run = stage.run("unseen", *words, text=WRAPPED, program=PROGRAM)
    assert run.returncode == 0, run.stderr
    assert run.stderr.count("nobody caught") == 2
    assert "Task exception was never retrieved" in run.stderr
    assert "WARNING somebody.else: could not send ***" in run.stderr
    stage.assert_run_untold(run, kept=(COMPANY_KEY,))


@QUIET_AND_VERBOSE
@pytest.mark.parametrize("where", ["judged", "kept"])
def test_line_by_line(stage: House, where: str, verbose: tuple[str, ...]) -> None:
    with begin(stage, "--plain", *verbose, program=f"{PROGRAM} {where}") as terminal:
        go_to_the_key(terminal)
        terminal.paste(WRAPPED, enter="\r")
        assert terminal.end() == 70
    assert b"DefectError" in terminal.written
    stage.assert_untold(terminal.written)


@pytest.mark.parametrize("where", ["judged", "taken", "kept", "unseen"])
def test_on_the_full_screen(stage: House, where: str) -> None:
    with begin(stage, "-v", program=f"{PROGRAM} {where}") as terminal:
        go_to_the_key(terminal)
        terminal.paste(WRAPPED)
        if where == "unseen":
            terminal.asked("The key works")
            terminal.send("\x03\x03")
            assert terminal.end() == 130
        else:
            assert terminal.end() == 70
            assert b"DefectError" in terminal.written
    stage.assert_untold(terminal.written, kept=(COMPANY_KEY,) if where == "unseen" else ())
