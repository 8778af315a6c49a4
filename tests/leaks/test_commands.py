"""Commands without a terminal: no stream, report or file contains a token."""

import json
import signal
import tomllib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.leaks.conftest import Serve
from tests.support.house import COMPANY_KEY, CONSUMER, DELETED_KEY, NEXT_KEY, OFFICE_KEY, House
from tests.support.rows import every_row
from tests.support.sandbox import METHOD_NOT_ALLOWED, Behaviour, Fault
from tests.support.servers import unused_port
from tests.support.terminal import CLIPBOARD

HASTY = "tests.hostile.hasty"
STDIN = ("--employee-token-file", "-")


@pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "verbose"])
def test_a_good_key_from_standard_input_does_not_leak(stage: House, verbose: tuple[str, ...]) -> None:
    run = stage.run(*stage.setup(*STDIN, *verbose), text=f" {COMPANY_KEY.token}\n")
    assert run.returncode == 0, run.stderr
    assert "Written: finale.toml" in run.stderr
    assert stage.saw(COMPANY_KEY)
    assert stage.saw(CONSUMER)
    assert tomllib.loads((stage.folder / "finale.toml").read_text())["key"]["id"] == COMPANY_KEY.number
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,))


def test_a_good_key_from_a_file_does_not_leak(stage: House) -> None:
    given = stage.given("given.key", COMPANY_KEY.token)
    run = stage.run(*stage.setup("--employee-token-file", given, "-v"))
    assert run.returncode == 0, run.stderr
    assert stage.saw(COMPANY_KEY)
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,))


def test_pythons_debug_modes_show_nothing_more(serve: Serve) -> None:
    """In that mode asyncio logs what is slow, with the arguments of callbacks."""
    stage = serve(latency=0.12)
    stage.home.variables |= {"PYTHONASYNCIODEBUG": "1", "PYTHONDEVMODE": "1", "PYTHONUNBUFFERED": "1"}
    run = stage.run(*stage.setup(*STDIN, "-v"), text=COMPANY_KEY.token)
    assert run.returncode == 0, run.stderr
    assert "DEBUG wizard." in run.stderr
    assert "ResourceWarning" not in run.stderr
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,))


def by_variable(stage: House) -> str:
    stage.home.variables["FINALE_KEY"] = COMPANY_KEY.token
    return "env:FINALE_KEY"


def by_file(stage: House) -> str:
    return f"file:{stage.given('given.key', COMPANY_KEY.token)}"


def by_command(stage: House) -> str:
    return f"command:cat {stage.given('given.key', COMPANY_KEY.token)}"


@pytest.mark.parametrize("place", [by_variable, by_file, by_command])
def test_a_key_that_is_kept_elsewhere_is_not_copied(stage: House, place: Callable[[House], str]) -> None:
    run = stage.run(*stage.setup("--employee-token-ref", place(stage), "-v"))
    assert run.returncode == 0, run.stderr
    assert stage.saw(COMPANY_KEY)
    stage.assert_run_leaks_nothing(run)


def test_a_refused_key_is_removed_from_its_store(stage: House) -> None:
    run = stage.run(*stage.setup(*STDIN, "-v"), text=DELETED_KEY.token)
    assert run.returncode == 1
    assert "TW402" in run.stderr
    assert stage.saw(DELETED_KEY)
    stage.assert_run_leaks_nothing(run)


def test_a_dry_run_stores_nothing(stage: House) -> None:
    run = stage.run(*stage.setup(*STDIN, "-v", "--dry-run"), text=COMPANY_KEY.token)
    assert run.returncode == 0, run.stderr
    assert "employee_token" in run.stdout
    assert stage.saw(COMPANY_KEY)
    stage.assert_run_leaks_nothing(run)


def test_the_legacy_log_on_does_not_leak(serve: Serve) -> None:
    stage = serve(behaviour=Behaviour(post_refused=METHOD_NOT_ALLOWED))
    run = stage.run(*stage.setup(*STDIN, "-v"), text=COMPANY_KEY.token)
    assert run.returncode == 0, run.stderr
    assert any(request.query.get("employeeToken") == COMPANY_KEY.token for request in stage.sandbox.requests)
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,))


FAULTS = {
    "the log-on hangs": Fault(path="*:create", trouble="hang", times=None),
    "the log-on is cut off": Fault(path="*:create", trouble="drop-after", times=None),
    "a question hangs": Fault(path="*whoAmI", trouble="hang", times=None),
    "a question is answered with half": Fault(path="*whoAmI", trouble="cut-short", times=None),
    "the session cannot be deleted": Fault(path="*{token}", trouble="drop-before", times=None),
    "Tripletex has problems": Fault(path="*", status=500, times=None),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_failed_log_on_does_not_leak(serve: Serve, fault: Fault) -> None:
    stage = serve(faults=[fault])
    run = stage.run(*stage.setup(*STDIN, "-v"), text=COMPANY_KEY.token, program=HASTY)
    assert run.returncode == (0 if "{token}" in fault.path else 3), run.stderr
    assert "Written: finale.toml" in run.stderr
    assert stage.saw(COMPANY_KEY)
    assert stage.sandbox.faults.hits(fault)
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,))
    for session in stage.sandbox.open_sessions:
        stage.sandbox.delete_session(session)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_a_request_does_not_leak(serve: Serve, number: signal.Signals) -> None:
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
    stage.assert_no_leak(out, err)


TOKEN = COMPANY_KEY.token


@every_row(
    "words",
    [
        [TOKEN],
        [f"--key={TOKEN}"],
        ["--lang", TOKEN],
        ["setup", "finale.toml", TOKEN],
        ["setup", "finale.toml", "--setup", TOKEN],
        ["setup", "finale.toml", "--employee-token", TOKEN],
        ["setup", "finale.toml", "--employee-token-file", TOKEN],
        ["setup", "finale.toml", "--employee-token-ref", f"env:{TOKEN}"],
        ["setup", "finale.toml", "--employee-token-ref", f"command:echo {TOKEN}"],
        ["setup", "finale.toml", "--consumer-token-ref", f"file:/etc/{TOKEN}"],
        ["setup", "finale.toml", "--application", TOKEN, "--setup", "single-company"],
        ["validate", TOKEN],
        ["validate", "--max-age", TOKEN, "finale.toml"],
        ["explain", TOKEN],
        ["guide", TOKEN],
    ],
    ids=lambda words: " ".join(words).replace(TOKEN, "TOKEN"),
)
def test_a_token_on_the_command_line_is_refused_and_not_repeated(stage: House, words: list[str]) -> None:
    run = stage.run(*words)
    assert run.returncode == 2
    assert run.stderr.startswith("There is a token on the command line")
    stage.assert_run_leaks_nothing(run)


@every_row(
    "line",
    [
        f'consumer_token = "{TOKEN}"',
        f'consumer_token = {{ env = "{TOKEN}" }}',
        f'application = "{TOKEN}"',
        f'"{TOKEN}" = 1',
        f"[{TOKEN}]\n[{TOKEN}]",
        f"# was {TOKEN}",
    ],
    ids=lambda line: line.replace(TOKEN, "TOKEN"),
)
def test_a_token_in_the_sites_defaults_is_refused_and_not_repeated(stage: House, line: str) -> None:
    stage.guard.stores.add(stage.defaults)
    stage.defaults.write_text(line)
    run = stage.run("validate", "finale.toml")
    assert run.returncode == 2
    assert "defaults.toml: it contains a token" in run.stderr
    stage.assert_run_leaks_nothing(run)


MISPLACED = {
    "over several lines": ("[finale]", f'x = """{TOKEN[:40]}\\\n  {TOKEN[40:]}"""\n[finale]'),
    "as the reference": ('employee_token = { env = "X" }', f'employee_token = "{TOKEN}"'),
    "as a variable's name": ('{ env = "X" }', f'{{ env = "{TOKEN}" }}'),
    "as a file's name": ('{ env = "X" }', f'{{ file = "{TOKEN}" }}'),
    "as a command": ('{ env = "X" }', f'{{ command = ["echo", "{TOKEN}"] }}'),
    "as an organisation number": ('org_number = ""', f'org_number = "{TOKEN}"'),
    "as the set-up": ('"single-company"', f'"{TOKEN}"'),
    "as the schema's version": ("schema_version = 1", f'schema_version = "{TOKEN}"'),
    "as a setting of its own": ("[finale]", f'key = "{TOKEN}"\n[finale]'),
    "as a setting's name": ("[finale]", f"{TOKEN.rstrip('=')} = 1\n[finale]"),
    "as a table's name": ("[finale]", f'["{TOKEN}"]\n[finale]'),
    "without quotation marks": ('{ env = "X" }', TOKEN),
    "in a broken line": ('{ env = "X" }', f'{{ file = "{TOKEN} }}'),
    "in a comment": ("[finale]", f"# old key: {TOKEN}\n[finale]"),
    "in a line that was commented out": ("[finale]", f'# employee_token = "{TOKEN}"\n[finale]'),
    "in a line that is no text": ("[finale]", f'x = "{TOKEN}\udcff"\n[finale]'),
    "cut off": ("[finale]", f'key = "{TOKEN[:60]}"\n[finale]'),
}


@pytest.fixture
def folder(stage: House) -> Path:
    """Return a folder of configs, each with a token where it does not belong."""
    good = stage.write_config('{ env = "X" }').read_text()
    folder = stage.folder / "configs"
    folder.mkdir()
    for name, (there, instead) in MISPLACED.items():
        assert there in good
        path = folder / f"{name}.toml"
        path.write_bytes(good.replace(there, instead).encode(errors="surrogateescape"))
        stage.guard.stores.add(path)
    return folder


@pytest.mark.parametrize("more", [(), ("--offline", "-v"), ("--lang", "nb")], ids=" ".join)
def test_a_token_in_a_config_is_found_and_not_repeated(
    stage: House, folder: Path, more: tuple[str, ...]
) -> None:
    run = stage.run("validate", folder, "--format", "json", *more)
    assert run.returncode == 1, run.stderr
    results = json.loads(run.stdout)["results"]
    assert {Path(result["path"]).stem for result in results} == MISPLACED.keys()
    for result in results:
        assert "TW320" in {finding["code"] for finding in result["findings"]}, result["path"]
    stage.assert_run_leaks_nothing(run)


@pytest.mark.parametrize("form", ["text", "junit"])
def test_a_token_in_a_config_is_not_in_the_other_reports(stage: House, folder: Path, form: str) -> None:
    run = stage.run("validate", folder, "--format", form, "-v")
    assert run.returncode == 1, run.stderr
    said = " ".join(run.stdout.split())
    assert "TW320" in said
    assert not [name for name in MISPLACED if f"{name}.toml" not in said]
    stage.assert_run_leaks_nothing(run)


def test_a_token_in_a_config_is_not_in_the_backup(stage: House, folder: Path) -> None:
    former = (folder / "in a comment.toml").read_text()
    (stage.folder / "finale.toml").write_text(former)
    run = stage.run(*stage.setup("--employee-token-file", "-", "--overwrite", "-v"), text=TOKEN)
    assert run.returncode == 0, run.stderr
    (backup,) = stage.folder.glob("finale.toml.bak-*")
    assert backup.read_text() == former.replace(TOKEN, "***")
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,))


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
def test_no_report_of_a_good_and_a_refused_key_leaks(stage: House, form: str) -> None:
    for name, key in (("good", COMPANY_KEY), ("refused", DELETED_KEY)):
        path = stage.given(f"{name}.key", key.token)
        stage.write_config(f'{{ file = "{path}" }}').rename(stage.folder / f"{name}.toml")
    run = stage.run("validate", stage.folder, "-v", "--deep", "--format", form)
    assert run.returncode == 1, run.stderr
    assert is_whole(form, run.stdout)
    assert "TW402" in run.stdout
    assert stage.saw(COMPANY_KEY)
    assert stage.saw(DELETED_KEY)
    stage.assert_run_leaks_nothing(run)


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
def test_the_report_of_a_troubled_log_on_does_not_leak(
    serve: Serve, ways: dict[str, object], code: int
) -> None:
    stage = serve(**ways)
    config = stage.write_config(f'{{ file = "{stage.given("good.key", COMPANY_KEY.token)}" }}')
    run = stage.run("validate", config, "-v", "--format", "json", program=HASTY)
    assert run.returncode == code, run.stdout + run.stderr
    assert is_whole("json", run.stdout)
    assert stage.saw(COMPANY_KEY)
    stage.assert_run_leaks_nothing(run)
    for session in stage.sandbox.open_sessions:
        stage.sandbox.delete_session(session)


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_the_list_of_clients_does_not_leak(stage: House, form: str) -> None:
    path = stage.given("office.key", OFFICE_KEY.token)
    config = stage.write_config(f'{{ file = "{path}" }}', setup="bureau-shared", org_number="%ORGNR%")
    run = stage.run("clients", config, "-v", "--format", form)
    assert run.returncode == 0, run.stderr
    assert is_whole(form, run.stdout)
    assert "Demo Fiskemottak AS" in run.stdout
    assert stage.saw(OFFICE_KEY)
    stage.assert_run_leaks_nothing(run)


def test_the_demo_without_a_terminal_does_not_leak(stage: House) -> None:
    run = stage.run("demo", "-v")
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("[credentials]") == 3
    stage.assert_run_leaks_nothing(run)
    assert not list((stage.folder / "tmp").iterdir())


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_report_of_the_doctor_does_not_leak(stage: House, form: str) -> None:
    nobody = f"http://canary:{COMPANY_KEY.token}@127.0.0.1:{unused_port()}"
    stage.home.variables |= {"HTTPS_PROXY": nobody, "NO_PROXY": "", "LS_COLORS": COMPANY_KEY.token}
    run = stage.run("doctor", "-v", "--format", form)
    assert run.returncode == 3, run.stdout
    assert is_whole(form, run.stdout)
    assert "consumer.token" in run.stdout
    stage.assert_run_leaks_nothing(run)


def in_use(stage: House) -> Path:
    """Leave a config and its key as a set-up leaves them."""
    key_file = stage.key_file(COMPANY_KEY)
    key_file.parent.mkdir(parents=True)
    key_file.touch(0o600)
    key_file.write_text(f"{COMPANY_KEY.token}\n")
    config = stage.write_config(f'{{ file = "{key_file}" }}')
    config.write_text(f"{config.read_text()}[key]\nid = {COMPANY_KEY.number}\ninstalled = 2026-01-02\n")
    return config


def hooked(stage: House, *lines: str) -> None:
    """Let a command of the site run after a rotation."""
    hook = stage.folder / "hook"
    hook.write_text("\n".join(("#!/bin/sh", "env > seen.environment", *lines, "")))
    hook.chmod(0o700)
    stage.defaults.write_text(f'{stage.defaults.read_text()}hook = ["{hook}"]\n')


def test_a_rotation_a_rollback_and_a_finish_do_not_leak(serve: Serve) -> None:
    stage = serve(behaviour=Behaviour(post_refused=METHOD_NOT_ALLOWED))
    config = in_use(stage)
    hooked(stage)
    moved = stage.run("rotate", config, "--no-input", *STDIN, "-v", text=NEXT_KEY.token)
    assert moved.returncode == 0, moved.stderr
    assert stage.saw(COMPANY_KEY)
    assert stage.saw(NEXT_KEY)
    assert "PATH=" in (stage.folder / "seen.environment").read_text()
    stage.assert_run_leaks_nothing(moved, kept=(COMPANY_KEY, NEXT_KEY))
    back = stage.run("rollback", config, "-v")
    assert back.returncode == 0, back.stderr
    stage.assert_run_leaks_nothing(back, kept=(COMPANY_KEY, NEXT_KEY))
    alive = stage.run("rotate", config, "--finish", "-v")
    assert alive.returncode == 1, alive.stderr
    stage.assert_run_leaks_nothing(alive, kept=(COMPANY_KEY, NEXT_KEY))
    stage.sandbox.world.delete_key(
        next(k for k in stage.sandbox.world.keys if k.employee_token == NEXT_KEY.token)
    )
    end = stage.run("rotate", config, "--finish", "-v")
    assert end.returncode == 0, end.stderr
    stage.assert_run_leaks_nothing(end, kept=(COMPANY_KEY,))


def test_a_refused_new_key_does_not_leak(stage: House) -> None:
    config = in_use(stage)
    run = stage.run("rotate", config, "--no-input", *STDIN, "-v", text=DELETED_KEY.token)
    assert run.returncode == 1, run.stderr
    assert stage.saw(DELETED_KEY)
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,))


def test_the_output_of_a_hook_that_prints_the_key_is_masked(stage: House) -> None:
    config = in_use(stage)
    hooked(stage, f"cat {stage.key_file(NEXT_KEY)}", f"base64 -w0 {stage.key_file(NEXT_KEY)} >&2", "exit 1")
    run = stage.run("rotate", config, "--no-input", *STDIN, "-v", text=NEXT_KEY.token)
    assert run.returncode == 1, run.stderr
    assert "***" in run.stderr
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY, NEXT_KEY))


@pytest.mark.parametrize("face", [(), ("--plain",)], ids=["full screen", "line by line"])
def test_a_pasted_new_key_does_not_leak(stage: House, face: tuple[str, ...]) -> None:
    config = in_use(stage)
    with stage.on_terminal("rotate", config.name, "--store", "file", "-v", *face) as terminal:
        terminal.answer("Change the API key")
        terminal.asked("Make the API key")
        terminal.paste(NEXT_KEY.token, enter="\r" if face else "")
        terminal.answer("key no. 2113377003" if face else "The key works")
        terminal.asked("The new key works")
        terminal.send("\x03" if face else "\x03\x03")
        assert terminal.end() == 130
    assert stage.saw(NEXT_KEY)
    assert CLIPBOARD not in terminal.written
    stage.assert_no_leak(terminal.written, kept=(COMPANY_KEY, NEXT_KEY))
