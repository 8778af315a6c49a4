"""The site's command, which runs after configs have been changed."""

import json
import sys
from pathlib import Path

from tests.keys import make_key
from wizard.secrets.programs import Commands
from wizard.text import Texts

TELL = "import json, os, sys; json.dump([sys.argv[1:], dict(os.environ)], open('{out}', 'w'))"


def hook(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", *words)


async def test_the_hook_gets_the_paths_and_no_token(tmp_path: Path) -> None:
    token = make_key(84201).reveal()
    environ = {"PATH": "/bin", "TRIPLETEX_CONSUMER_TOKEN": "x", "MY_KEY": token, "OTHER": "kept"}
    out = tmp_path / "out"
    told = hook(TELL.format(out=out))
    paths = [Path("relative.toml"), tmp_path / "with space $HOME.toml"]

    assert await Commands(environ).run_hook(told, paths) is None

    arguments, variables = json.loads(out.read_text())
    assert arguments == [str(Path("relative.toml").absolute()), str(tmp_path / "with space $HOME.toml")]
    assert variables["OTHER"] == "kept"
    assert not {"TRIPLETEX_CONSUMER_TOKEN", "MY_KEY"} & set(variables)
    assert token not in out.read_text()


async def test_a_failed_hook_is_reported_with_the_end_of_its_output() -> None:
    token = make_key(84201).reveal()
    words = hook(
        "import sys; print('x' * 100000); print('\\x1b[31mno room for', sys.argv[1], flush=True); "
        "print('on standard error', file=sys.stderr); sys.exit(7)"
    )
    finding = await Commands({}).run_hook(words, [Path(token)])
    assert finding is not None
    message = finding.message(Texts("en"))
    assert finding.code.id == "TW701"
    assert "exit 7" in message
    assert message.endswith("on standard error")
    assert token not in message
    assert "\x1b" not in message
    assert len(message) < 1000


async def test_no_half_of_a_token_is_shown_where_the_output_is_cut() -> None:
    token = make_key(84201).reveal()
    words = hook(f"import sys; print(sys.argv[1] + ' ' * {64 * 1024 - 41}); sys.exit(7)")
    finding = await Commands({}).run_hook(words, [Path(f"/{token}")])
    assert finding is not None
    assert token[-40:-20] not in finding.message(Texts("en"))


async def test_a_hook_that_cannot_be_run_is_reported(tmp_path: Path) -> None:
    missing = await Commands({}).run_hook((str(tmp_path / "missing"),), [])
    assert missing is not None
    assert "no such file" in missing.message(Texts("en"))
    assert await Commands({}).run_hook(("a\0b",), []) is not None
    killed = await Commands({}).run_hook(hook("import os; os.kill(os.getpid(), 9)"), [])
    assert killed is not None
    assert "SIGKILL" in killed.message(Texts("en"))


async def test_a_hook_that_hangs_is_killed() -> None:
    finding = await Commands({}).run_hook(hook("import time; time.sleep(60)"), [], deadline=0.2)
    assert finding is not None
    assert "0.2 s" in finding.message(Texts("en"))
