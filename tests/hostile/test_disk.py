"""Disks that are full, broken or read-only: what was there before is still there."""

import os
from collections.abc import Callable

import pytest

from tests.support.home import COMPANY_KEY, STDIN, Done, Home

MINE = "# mine\n"


@pytest.fixture
def home(home: Home) -> Home:
    """Return a home that has a config."""
    home.write("finale.toml", MINE)
    return home


def set_up(home: Home, script: str = 'exec "$@"') -> Done:
    """Run a set-up that replaces the config, in a script of the shell."""
    words = home.setup("finale.toml", *STDIN, "--offline", "--overwrite")
    text = COMPANY_KEY.employee_token
    return home.shell(script, *words, text=text, environ=home.undisturbed)


def assert_as_before(home: Home, run: Done) -> None:
    """Assert that a run reported the fault and changed nothing."""
    assert run.code in {1, 4}, run.err
    assert "TW332" in run.err or "TW530" in run.err
    assert "Nothing was written.\n" in run.err
    assert "Traceback" not in run.err
    assert "unexpected" not in run.err
    assert (home.folder / "finale.toml").read_text() == MINE
    # A key that was stored before the config failed stays, and is named.
    is_kept = home.key_file(COMPANY_KEY).exists()
    assert is_kept == ("TW708" in run.err)
    left = {path.name for path in home.folder.rglob("*") if path.is_file()}
    kept = {home.key_file(COMPANY_KEY).name} if is_kept else set()
    assert left == {"finale.toml", "consumer.token", "defaults.toml"} | kept
    home.assert_no_leak(*((COMPANY_KEY,) if is_kept else ()))


def injecting(strace: str, fault: str) -> str:
    """Return a script that runs a command on a system with a fault."""
    call = fault.partition(":")[0]
    return f'exec {strace} -f -qq -o /dev/null -e trace={call} -e inject={fault} "$@"'


@pytest.mark.system
@pytest.mark.parametrize(
    "fault",
    [
        "fsync:error=EIO:when=1",
        "fsync:error=ENOSPC:when=2",
        "fsync:error=EDQUOT:when=3",
        "linkat:error=ENOSPC:when=1",
        "renameat:error=EACCES:when=1",
        "fchmod:error=EIO:when=2",
        "fchmod:error=EIO:when=3",
        "mkdir:error=EROFS:when=1",
    ],
)
def test_a_disk_that_fails_during_a_write_loses_nothing(
    home: Home, system_program: Callable[[str], str], fault: str
) -> None:
    assert_as_before(home, set_up(home, injecting(system_program("strace"), fault)))


@pytest.mark.system
@pytest.mark.parametrize("fault", ["fsync:error=EIO:when=4", "unlinkat:error=EIO:when=2"])
def test_a_disk_that_fails_after_the_rename_is_reported(
    home: Home, system_program: Callable[[str], str], fault: str
) -> None:
    """The config has been exchanged by then: to call that "nothing was written" would lose both texts."""
    run = set_up(home, injecting(system_program("strace"), fault))
    assert run.code == 0, run.err
    assert "Written: finale.toml" in run.err
    assert str(home.key_file(COMPANY_KEY)) in (home.folder / "finale.toml").read_text()
    (backup,) = home.folder.glob("finale.toml.bak-*")
    assert backup.read_text() == MINE
    home.assert_no_leak(COMPANY_KEY)


def test_a_full_disk_loses_nothing(home: Home) -> None:
    assert_as_before(home, set_up(home, 'ulimit -f 0; exec "$@"'))


def test_a_key_folder_that_is_a_file_is_reported(home: Home) -> None:
    home.variables["XDG_DATA_HOME"] = os.devnull
    run = set_up(home)
    assert_as_before(home, run)
    assert run.code == 1
