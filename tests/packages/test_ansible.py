"""The Ansible example, run twice against the sandbox: changed, then ok."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox import Sandbox

TASKS = Path(__file__).parents[2] / "docs" / "examples" / "ansible" / "finale.yml"
PROGRAM = Path(sysconfig.get_path("scripts")) / "tripletex-wizard"


class Play:
    """A play that includes the tasks, on this machine, as this user."""

    def __init__(self, folder: Path, base_url: str, consumer_token: str) -> None:
        self.folder = folder
        self.consumer_token = consumer_token
        self.variables: dict[str, Any] = {
            "finale_folder": str(folder / "finale"),
            "finale_account": "root" if os.geteuid() == 0 else os.environ.get("USER", ""),
            "finale_becomes": False,
            "ansible_python_interpreter": sys.executable,
            "finale_program": str(PROGRAM),
            "finale_flags": ["--store", "file", "--environment", "sandbox", "--base-url", base_url],
        }

    def run(self) -> tuple[int, dict[str, int], str]:
        """Return the exit code, the recap and the whole output."""
        program = shutil.which("ansible-playbook")
        if program is None:
            if os.environ.get("WIZARD_PACKAGES"):
                pytest.fail("ansible-playbook is not installed")
            pytest.skip("ansible-playbook is not installed")
        play = [
            {
                "hosts": "localhost",
                "connection": "local",
                "gather_facts": False,
                "tasks": [{"ansible.builtin.include_tasks": str(TASKS)}],
            }
        ]
        (self.folder / "play.yml").write_text(json.dumps(play))
        (self.folder / "variables.json").write_text(json.dumps(self.variables))
        done = subprocess.run(
            [program, "-i", "localhost,", "-e", "@variables.json", "-v", "play.yml"],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "LANG": "C.UTF-8",
                "TRIPLETEX_CONSUMER_TOKEN": self.consumer_token,
                "ANSIBLE_LOCALHOST_WARNING": "false",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = done.stdout + done.stderr
        recap = said.rpartition("PLAY RECAP")[2]
        counts = dict(word.split("=") for word in recap.split() if "=" in word)
        return done.returncode, {name: int(count) for name, count in counts.items()}, said


@pytest.fixture
def play(tmp_path: Path, sandbox: Sandbox, base_url: str) -> Play:
    return Play(tmp_path, base_url, sandbox.world.consumer_token)


def test_the_play_changes_once_and_is_ok_afterwards(play: Play, sandbox: Sandbox) -> None:
    world = sandbox.world
    number = (world.client.organization_number or "").replace(" ", "")
    keys = (world.single_company.employee_token, world.office.employee_token)
    play.variables["finale_connections"] = [
        {"name": "bakeriet", "setup": "single-company", "key": keys[0]},
        {"name": number, "setup": "bureau-client", "org_number": number, "key": keys[1]},
    ]
    code, recap, said = play.run()
    assert (code, recap["changed"], recap["failed"]) == (0, 2, 0), said
    assert sorted(path.name for path in (play.folder / "finale").glob("*.toml")) == [
        f"{number}.toml",
        "bakeriet.toml",
    ]
    code, recap, again = play.run()
    assert (code, recap["changed"], recap["failed"]) == (0, 0, 0), again
    assert not [key for key in keys if key in said + again]


def test_an_invalid_config_fails_the_play_and_an_unknown_one_does_not(play: Play, sandbox: Sandbox) -> None:
    key = sandbox.world.deleted.employee_token
    play.variables["finale_connections"] = [{"name": "slettet", "setup": "single-company", "key": key}]
    code, recap, said = play.run()
    assert (code != 0, recap["failed"], "TW402" in said) == (True, 1, True), said
    assert key not in said

    play.consumer_token = ""
    key = sandbox.world.single_company.employee_token
    play.variables["finale_connections"] = [{"name": "bakeriet", "setup": "single-company", "key": key}]
    code, recap, said = play.run()
    assert (code, recap["changed"], recap["failed"]) == (0, 1, 0), said
    assert "written, not proven" in said
