"""The site's own command: what it is given, what it is not, and what becomes of its failure."""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

from tests.rotation.rig import EN, Rig
from wizard.rotation.finish import roll_back
from wizard.rotation.hook import run_hook
from wizard.rotation.members import read_candidates
from wizard.secrets.commands import child_environ

TELL = "import json, os, sys; json.dump([sys.argv[1:], dict(os.environ)], open('{out}', 'w'))"


def hook(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", *words)


async def gone(pid: int) -> None:
    """Wait until a process has ended; it was killed, but dying takes its time on a busy machine."""
    state = Path(f"/proc/{pid}/stat")
    while state.exists() and state.read_text().split()[2] != "Z":  # noqa: ASYNC110 - the kernel sets no event
        await asyncio.sleep(0.01)


async def test_it_gets_the_paths_and_no_token(rig: Rig, tmp_path: Path) -> None:
    token = rig.world.single_company.employee_token
    environ = {"PATH": "/bin", "TRIPLETEX_CONSUMER_TOKEN": "x", "MY_KEY": token, "OTHER": "kept"}
    out = tmp_path / "out"
    told = hook(TELL.format(out=out))
    paths = [Path("relative.toml"), tmp_path / "with space $HOME.toml"]

    assert await run_hook(told, paths, child_environ(environ)) is None

    arguments, variables = json.loads(out.read_text())
    assert arguments == [str(Path("relative.toml").absolute()), str(tmp_path / "with space $HOME.toml")]
    assert variables["OTHER"] == "kept"
    assert not {"TRIPLETEX_CONSUMER_TOKEN", "MY_KEY"} & set(variables)
    assert token not in out.read_text()


async def test_a_failure_is_told_with_the_end_of_its_output_and_no_token(rig: Rig) -> None:
    token = rig.world.single_company.employee_token
    words = hook(
        "import sys; print('x' * 100000); print('\\x1b[31mno room for', sys.argv[1], flush=True); "
        "print('on standard error', file=sys.stderr); sys.exit(7)"
    )
    finding = await run_hook(words, [Path(token)], child_environ({}))
    assert finding is not None
    message = finding.message(EN)
    assert finding.code.id == "TW701"
    assert "exit 7" in message
    assert message.endswith("on standard error")
    assert token not in message
    assert "\x1b" not in message
    assert len(message) < 1000


async def test_what_cannot_be_run_is_told(tmp_path: Path) -> None:
    missing = await run_hook((str(tmp_path / "missing"),), [], child_environ({}))
    assert missing is not None
    assert "no such file" in missing.message(EN)
    assert await run_hook(("a\0b",), [], child_environ({})) is not None
    killed = await run_hook(hook("import os; os.kill(os.getpid(), 9)"), [], child_environ({}))
    assert killed is not None
    assert "signal 9" in killed.message(EN)


async def test_what_does_not_end_is_ended_with_all_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    words = ("sh", "-c", f"sleep 60 & echo $! > {pid}; wait")
    finding = await run_hook(words, [], child_environ({"PATH": "/usr/bin:/bin"}), deadline=0.5)
    assert finding is not None
    assert "0.5 s" in finding.message(EN)
    await asyncio.wait_for(gone(int(pid.read_text())), 5)


async def test_a_daemon_it_leaves_behind_holds_nobody_up() -> None:
    words = ("sh", "-c", "sleep 3 & exit 0")
    assert await run_hook(words, [], child_environ({"PATH": "/usr/bin:/bin"}), deadline=2.5) is None


async def test_going_back_runs_it_too(rig: Rig, tmp_path: Path) -> None:
    path = await rig.config("a.toml", rig.world.single_company)
    await rig.walk(rig.rotation(path), rig.world.single_company_second)
    out = tmp_path / "out"
    rig.defaults = replace(rig.defaults, hook=("touch", str(out)))
    tally = await roll_back(rig.context, read_candidates([path], None, rig.context).given, {})
    assert tally.findings == ()
    assert out.exists()
