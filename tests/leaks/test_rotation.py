"""A rotation has two keys at hand: neither is told, nor given to the site's own command."""

from pathlib import Path

import pytest

from tests.leaks.conftest import Serve
from tests.support.house import COMPANY_KEY, DELETED_KEY, NEXT_KEY, House
from tests.support.sandbox import METHOD_NOT_ALLOWED, Behaviour
from tests.support.terminal import CLIPBOARD

STDIN = ("--employee-token-file", "-")


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


def test_a_rotation_the_way_back_and_the_end(serve: Serve) -> None:
    stage = serve(behaviour=Behaviour(post_refused=METHOD_NOT_ALLOWED))
    config = in_use(stage)
    hooked(stage)
    moved = stage.run("rotate", config, "--no-input", *STDIN, "-v", text=NEXT_KEY.token)
    assert moved.returncode == 0, moved.stderr
    assert stage.saw(COMPANY_KEY)
    assert stage.saw(NEXT_KEY)
    assert "PATH=" in (stage.folder / "seen.environment").read_text()
    stage.assert_run_untold(moved, kept=(COMPANY_KEY, NEXT_KEY))
    back = stage.run("rollback", config, "-v")
    assert back.returncode == 0, back.stderr
    stage.assert_run_untold(back, kept=(COMPANY_KEY, NEXT_KEY))
    alive = stage.run("rotate", config, "--finish", "-v")
    assert alive.returncode == 1, alive.stderr
    stage.assert_run_untold(alive, kept=(COMPANY_KEY, NEXT_KEY))
    stage.sandbox.world.delete_key(
        next(k for k in stage.sandbox.world.keys if k.employee_token == NEXT_KEY.token)
    )
    end = stage.run("rotate", config, "--finish", "-v")
    assert end.returncode == 0, end.stderr
    stage.assert_run_untold(end, kept=(COMPANY_KEY,))


def test_a_new_key_that_is_refused(stage: House) -> None:
    config = in_use(stage)
    run = stage.run("rotate", config, "--no-input", *STDIN, "-v", text=DELETED_KEY.token)
    assert run.returncode == 1, run.stderr
    assert stage.saw(DELETED_KEY)
    stage.assert_run_untold(run, kept=(COMPANY_KEY,))


def test_a_command_of_the_sites_that_tells_the_key(stage: House) -> None:
    config = in_use(stage)
    hooked(stage, f"cat {stage.key_file(NEXT_KEY)}", f"base64 -w0 {stage.key_file(NEXT_KEY)} >&2", "exit 1")
    run = stage.run("rotate", config, "--no-input", *STDIN, "-v", text=NEXT_KEY.token)
    assert run.returncode == 1, run.stderr
    assert "***" in run.stderr
    stage.assert_run_untold(run, kept=(COMPANY_KEY, NEXT_KEY))


@pytest.mark.parametrize("face", [(), ("--plain",)], ids=["full screen", "line by line"])
def test_a_new_key_that_a_person_pastes(stage: House, face: tuple[str, ...]) -> None:
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
    stage.assert_untold(terminal.written, kept=(COMPANY_KEY, NEXT_KEY))
