"""Commands without a terminal: no stream, report or file contains a token.

What they wrote, left and sent is searched by the guard of the home, here after every run.
"""

import json
import signal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.home import (
    COMPANY_KEY,
    CONSUMER,
    DELETED_KEY,
    NEXT_KEY,
    OFFICE_KEY,
    STDIN,
    Done,
    Home,
)
from tests.support.rows import every_row
from tests.support.sandbox import METHOD_NOT_ALLOWED, Behaviour, DemoKey, Fault
from tests.support.servers import unused_port

HASTY = "tests.hostile.hasty"
TOKEN = COMPANY_KEY.employee_token


def set_up(
    home: Home, *more: str | Path, key: DemoKey = COMPANY_KEY, program: str = "wizard", code: int = 0
) -> Done:
    """Set up verbosely, with a key on standard input, and assert that it was sent."""
    words = home.setup("finale.toml", *STDIN, "-v", "--overwrite", *more)
    done = home.run(*words, text=f" {key.employee_token}\n", program=program, code=code)
    assert home.saw(key)
    return done


@pytest.mark.parametrize("is_legacy", [False, True], ids=["log-on", "legacy log-on"])
def test_no_command_leaks(home: Home, is_legacy: bool) -> None:  # noqa: FBT001 - a case
    """From the first set-up to the end of a rotation; PUT has both tokens in its address."""
    if is_legacy:
        home.sandbox.behaviour = Behaviour(post_refused=METHOD_NOT_ALLOWED)
    config, given = home.folder / "finale.toml", home.write("given.key", TOKEN)
    set_up(home, "--dry-run")
    home.assert_no_leak()
    assert "TW402" in set_up(home, key=DELETED_KEY, code=1).err
    home.assert_no_leak()
    home.variables["FINALE_KEY"] = TOKEN
    for reference in ("env:FINALE_KEY", f"file:{given}", f"command:cat {given}"):
        words = ("--employee-token-ref", reference, "-v", "--overwrite")
        home.run(*home.setup("finale.toml", *words), code=0)
        home.assert_no_leak()
    home.run(*home.setup("finale.toml", "--employee-token-file", given, "--overwrite"), code=0)
    set_up(home)
    assert home.saw(CONSUMER)
    assert any(request.query.get("employeeToken") == TOKEN for request in home.sandbox.requests) is is_legacy
    home.assert_no_leak(COMPANY_KEY)

    hook(home)
    assert "TW402" in home.rotate(config, "-v", key=DELETED_KEY, code=1).err
    home.rotate(config, "-v", key=NEXT_KEY, code=0)
    assert "PATH=" in (home.folder / "seen.environment").read_text()
    home.assert_no_leak(COMPANY_KEY, NEXT_KEY)
    home.run("rollback", config, "-v", code=0)
    home.run("rotate", config, "--finish", "-v", code=1)
    home.assert_no_leak(COMPANY_KEY, NEXT_KEY)
    home.world.delete_key(home.world.single_company_second)
    home.run("rotate", config, "--finish", "-v", code=0)
    home.assert_no_leak(COMPANY_KEY)


def hook(home: Home, *lines: str) -> None:
    """Let a command of the site run after a rotation."""
    script = home.write("hook", "\n".join(("#!/bin/sh", "env > seen.environment", *lines, "")), 0o700)
    home.defaults.write_text(f'{home.defaults.read_text()}hook = ["{script}"]\n')


def test_the_output_of_a_hook_that_prints_the_key_is_masked(home: Home) -> None:
    new = home.key_file(NEXT_KEY)
    hook(home, f"cat {new}", f"base64 -w0 {new} >&2", "exit 1")
    done = home.rotate(home.config(), "-v", key=NEXT_KEY, code=1)
    assert "***" in done.err
    home.assert_no_leak(COMPANY_KEY, NEXT_KEY)


def test_pythons_debug_modes_show_nothing_more(home: Home) -> None:
    """In that mode asyncio logs what is slow, with the arguments of callbacks."""
    home.sandbox.latency = 0.12
    home.variables |= {"PYTHONASYNCIODEBUG": "1", "PYTHONDEVMODE": "1", "PYTHONUNBUFFERED": "1"}
    words = home.setup("finale.toml", *STDIN, "-v")
    done = Home.run(home, *words, text=TOKEN, code=0)  # a new Python, which reads these variables
    assert "DEBUG wizard." in done.err
    assert "ResourceWarning" not in done.err
    home.assert_no_leak(COMPANY_KEY)


def test_a_troubled_log_on_does_not_leak(home: Home) -> None:
    """PUT, which has both tokens in its address, is cut off; ``tests/tripletex`` has every other trouble."""
    home.sandbox.behaviour = Behaviour(post_refused=METHOD_NOT_ALLOWED)
    fault = Fault(path="*:create", method="PUT", trouble="drop-after", times=None)
    home.sandbox.faults.append(fault)
    set_up(home, program=HASTY, code=3)
    home.run("validate", "finale.toml", "-v", program=HASTY, code=3)
    assert home.sandbox.faults.hits(fault)
    home.assert_no_leak(COMPANY_KEY)
    for session in home.sandbox.open_sessions:
        home.sandbox.delete_session(session)


def test_a_signal_during_a_request_does_not_leak(home: Home) -> None:
    hang = Fault(path="*whoAmI", trouble="hang")
    home.sandbox.faults.append(hang)
    with home.running(*home.setup("finale.toml", *STDIN, "-v"), text=TOKEN) as process:
        home.await_hit(hang)
        process.terminate()
        said = process.communicate(timeout=20)
    home.guard.said += said
    assert process.returncode == 128 + signal.SIGTERM
    assert home.saw(COMPANY_KEY)
    assert "Traceback" not in said[1]
    assert not (home.folder / "finale.toml").exists()
    home.assert_no_leak()


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
def test_a_token_on_the_command_line_is_refused_and_not_repeated(home: Home, words: list[str]) -> None:
    run = home.run(*words, code=2)
    assert run.err.startswith("There is a token on the command line")
    home.guard.check()


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
def test_a_token_in_the_sites_defaults_is_refused_and_not_repeated(home: Home, line: str) -> None:
    home.write(home.defaults, line)
    run = home.run("validate", "finale.toml", code=2)
    assert "defaults.toml: it contains a token" in run.err
    home.guard.check()


MISPLACED = {
    "over several lines": ("[finale]", f'x = """{TOKEN[:40]}\\\n  {TOKEN[40:]}"""\n[finale]'),
    "as a command": ('{ env = "X" }', f'{{ command = ["echo", "{TOKEN}"] }}'),
    "as a table's name": ("[finale]", f'["{TOKEN}"]\n[finale]'),
    "in a broken line": ('{ env = "X" }', f'{{ file = "{TOKEN} }}'),
    "in a comment": ("[finale]", f"# old key: {TOKEN}\n[finale]"),
    "in a line that is no text": ("[finale]", f'x = "{TOKEN}\udcff"\n[finale]'),
}
"""Every place where a token may be is in ``tests/config/test_leaks.py``."""


@pytest.fixture
def folder(home: Home) -> Path:
    """Return a folder of configs, each with a token where it does not belong."""
    good = home.config(reference='env = "X"').read_text()
    for name, (there, instead) in MISPLACED.items():
        assert there in good
        text = good.replace(there, instead).encode(errors="surrogateescape")
        home.guard.stores.add(home.write(f"configs/{name}.toml", text))
    return home.configs


def test_a_token_in_a_config_is_found_and_not_repeated(home: Home, folder: Path) -> None:
    wrong = []
    for form in ("text", "json", "junit"):
        for more in ((), ("--offline", "-v"), ("--lang", "nb")):
            done = home.run("validate", folder, "--format", form, *more, code=1)
            if any(f"{name}.toml" not in done.said for name in MISPLACED) or "TW320" not in done.said:
                wrong.append((form, more, done))
            if form == "json":
                for result in done.report["results"]:
                    assert "TW320" in {finding["code"] for finding in result["findings"]}, result["path"]
            home.assert_no_leak()
    assert wrong == []


def test_a_token_in_a_config_is_not_in_the_backup(home: Home, folder: Path) -> None:
    former = (folder / "in a comment.toml").read_text()
    home.write("finale.toml", former)
    set_up(home)
    (backup,) = home.folder.glob("finale.toml.bak-*")
    assert backup.read_text() == former.replace(TOKEN.rstrip("="), "***")
    home.guard.stores.remove(home.folder / "finale.toml")  # it was replaced
    home.assert_no_leak(COMPANY_KEY)


def is_whole(form: str, text: str) -> bool:
    """Whether a report is a whole document of its form."""
    match form:
        case "json":
            return bool(json.loads(text))
        case "junit":
            return len(ET.fromstring(text)) > 0  # noqa: S314 - it comes from the program under test
        case _:
            return text.endswith("\n")


def test_no_report_leaks(home: Home) -> None:
    good, refused = home.config("good.toml"), home.config("refused.toml", DELETED_KEY)
    office = home.config("office.toml", OFFICE_KEY)
    nobody = f"http://canary:{TOKEN}@127.0.0.1:{unused_port()}"
    home.variables |= {"HTTPS_PROXY": nobody, "NO_PROXY": "", "LS_COLORS": TOKEN}
    wrong = []
    words: tuple[str | Path, ...]
    for words, forms, code, told in (
        (("validate", good, refused, "--deep"), ("text", "json", "junit"), 1, "TW402"),
        (("clients", office), ("text", "json", "csv"), 0, "Demo Fiskemottak AS"),
        (("doctor",), ("text", "json"), 3, "consumer.token"),
    ):
        for form in forms:
            done = home.run(*words, "-v", "--format", form)
            if done.code != code or told not in done.out or not is_whole(form, done.out):
                wrong.append((words, form, done))
            home.assert_no_leak(COMPANY_KEY, DELETED_KEY, OFFICE_KEY)
    assert wrong == []
    assert all(map(home.saw, (COMPANY_KEY, DELETED_KEY, OFFICE_KEY)))
    assert home.run("demo", "-v", code=0).out.count("[credentials]") == 3
    assert not list((home.folder / "tmp").iterdir())
