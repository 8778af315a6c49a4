"""Keys in a real keyring: rotated, put back and dropped, with nothing of them in any file."""

import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable

import pytest

from tests.support.house import WIZARD, Home
from tests.support.sandbox import DemoKey, Sandbox

ENTRIES = (
    "import keyring; print(*(name for name in ({names}) "
    "if keyring.get_password('tripletex-wizard', f'sandbox/{{name}}')))"
)


@pytest.mark.system
def test_a_key_in_a_keyring_is_rotated_put_back_and_dropped(
    home: Home, sandbox: Sandbox, base_url: str, system_program: Callable[[str], str]
) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    config = home.folder / "finale.toml"
    wizard = shlex.join(WIZARD)

    def pasted(key: DemoKey) -> str:
        path = home.folder / f"pasted-{key.token_id}"
        path.write_text(key.employee_token)
        return f"--employee-token-file {path} --no-input"

    list_entries = f'{sys.executable} -c "{ENTRIES.format(names=f"{old.token_id}, {new.token_id}")}"'
    sandbox_flags = f"--environment sandbox --base-url {base_url} --setup single-company"
    commands = [
        "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null",
        f"{wizard} setup {config} {sandbox_flags} --store keyring {pasted(old)}",
        f"{wizard} rotate {config} {pasted(new)}",
        f"cp {config} {home.folder}/rotated",
        f"{wizard} rollback {config}",
        f"cp {config} {home.folder}/back",
        f"{wizard} rollback {config}",
        # The old key is alive, so it is dropped only by its number.
        f"if {wizard} rotate --finish {config}; then exit 9; fi",
        f"{wizard} rotate --finish {config} --force {old.token_id}",
        list_entries,
    ]
    done = subprocess.run(
        [system_program("dbus-run-session"), "--", "bash", "-ec", "\n".join(commands)],
        env=home.environment,
        cwd=home.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split()[-1] == str(new.token_id)

    def said(name: str) -> tuple[object, object]:
        written = tomllib.loads((home.folder / name).read_text())
        return written["credentials"]["employee_token"], written["key"].get("previous")

    before, after = {"keyring": f"sandbox/{old.token_id}"}, {"keyring": f"sandbox/{new.token_id}"}
    assert said("rotated") == (after, before)
    assert said("back") == (before, after)
    assert said("finale.toml") == (after, None)
    for path in home.folder.rglob("*"):
        if path.is_file() and not path.name.startswith("pasted-"):
            for key in (old, new):
                assert key.employee_token.encode() not in path.read_bytes(), path
