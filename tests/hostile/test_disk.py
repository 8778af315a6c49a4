"""Disks that are full, broken or read-only: what was there before is still there."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.house import COMPANY_KEY, ROOT, House, stage_in

MINE = "# mine\n"
WORDS = ("--employee-token-file", "-", "--offline", "--overwrite")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[House]:
    """Return a home that has a config."""
    with stage_in(tmp_path) as stage:
        (stage.folder / "finale.toml").write_text(MINE)
        yield stage


def set_up(stage: House, *prefix: str) -> subprocess.CompletedProcess[str]:
    """Run a set-up that replaces the config, perhaps under another program."""
    return subprocess.run(
        [*prefix, sys.executable, "-m", "wizard", *stage.setup(*WORDS)],
        input=COMPANY_KEY.token,
        env={**stage.home.undisturbed, "PYTHONPATH": str(ROOT)},
        cwd=stage.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_as_before(stage: House, run: subprocess.CompletedProcess[str]) -> None:
    """Assert that a run reported the fault and changed nothing."""
    assert run.returncode in {1, 4}, run.stderr
    assert "TW332" in run.stderr or "TW530" in run.stderr
    assert "Nothing was written.\n" in run.stderr
    assert "Traceback" not in run.stderr
    assert "unexpected" not in run.stderr
    assert (stage.folder / "finale.toml").read_text() == MINE
    # A key that was stored before the config failed stays, and is named.
    is_kept = stage.key_file(COMPANY_KEY).exists()
    assert is_kept == ("TW708" in run.stderr)
    left = {path.name for path in stage.folder.rglob("*") if path.is_file()}
    kept = {stage.key_file(COMPANY_KEY).name} if is_kept else set()
    assert left == {"finale.toml", "consumer.token", "defaults.toml"} | kept
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,) if is_kept else ())


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
    stage: House, system_program: Callable[[str], str], fault: str
) -> None:
    call = fault.partition(":")[0]
    strace = [system_program("strace"), "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}"]
    assert_as_before(stage, set_up(stage, *strace, "-e", f"inject={fault}"))


@pytest.mark.system
@pytest.mark.parametrize("fault", ["fsync:error=EIO:when=4", "unlinkat:error=EIO:when=2"])
def test_a_disk_that_fails_after_the_rename_is_reported(
    stage: House, system_program: Callable[[str], str], fault: str
) -> None:
    """The config has been exchanged by then: to call that "nothing was written" would lose both texts."""
    call = fault.partition(":")[0]
    strace = [system_program("strace"), "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}"]
    run = set_up(stage, *strace, "-e", f"inject={fault}")
    assert run.returncode == 0, run.stderr
    assert "Written: finale.toml" in run.stderr
    assert str(stage.key_file(COMPANY_KEY)) in (stage.folder / "finale.toml").read_text()
    (backup,) = stage.folder.glob("finale.toml.bak-*")
    assert backup.read_text() == MINE
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,))


def test_a_full_disk_loses_nothing(stage: House) -> None:
    assert_as_before(stage, set_up(stage, "sh", "-c", 'ulimit -f 0; exec "$0" "$@"'))


def test_a_key_folder_that_is_a_file_is_reported(stage: House) -> None:
    stage.home.variables["XDG_DATA_HOME"] = os.devnull
    run = set_up(stage)
    assert_as_before(stage, run)
    assert run.returncode == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_output_that_cannot_be_written_is_an_error(stage: House, form: str) -> None:
    """A report that was lost must not end with the exit code of success."""
    path = stage.given("good.key", COMPANY_KEY.token)
    config = stage.write_config(f'{{ file = "{path}" }}')
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "wizard", "validate", config, "--format", form],
            env=stage.home.environment,
            cwd=stage.folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode not in {0, 1, 2}
    assert run.stderr
    assert "Traceback" not in run.stderr
    stage.assert_no_leak(run.stderr)


def test_the_target_of_a_link_is_replaced_and_the_link_stays(stage: House) -> None:
    link, target = stage.folder / "finale.toml", stage.folder / "deep" / "real.toml"
    target.parent.mkdir()
    link.rename(target)
    link.symlink_to("deep/real.toml")
    run = set_up(stage)
    assert run.returncode == 0, run.stderr
    assert link.is_symlink()
    assert str(link.readlink()) == "deep/real.toml"
    assert str(COMPANY_KEY.number) in target.read_text()
    (backup,) = target.parent.glob("*.bak-*")
    assert backup.read_text() == MINE


@pytest.mark.parametrize("mode", [0o604, 0o640])
def test_a_key_file_that_others_can_read_is_refused_with_a_fix(stage: House, mode: int) -> None:
    folder = stage.folder / "a folder"
    folder.mkdir()
    path = stage.given("a folder/its key", COMPANY_KEY.token)
    config = stage.write_config(f'{{ file = "{path}" }}')
    path.chmod(mode)
    run = stage.run("validate", config)
    assert run.returncode == 1
    assert "TW323" in run.stdout
    assert not stage.sandbox.requests
    (command,) = re.findall(r"chmod (600 '[^']+')", " ".join(run.stdout.split()))
    subprocess.run(["chmod", *shlex.split(command)], check=True)
    mended = stage.run("validate", config)
    assert mended.returncode == 0, mended.stdout
    stage.assert_no_leak(run.stdout, run.stderr, mended.stdout)


def test_a_failed_set_up_keeps_a_key_that_another_config_needs(stage: House) -> None:
    first = stage.run(*stage.setup(*WORDS), text=COMPANY_KEY.token)
    assert first.returncode == 0, first.stderr
    words = stage.setup("--employee-token-file", "-", "--org-number", "974760673", setup="bureau-client")
    words[1] = "another.toml"
    failed = stage.run(*words, text=COMPANY_KEY.token)
    assert failed.returncode == 1, failed.stderr
    assert "Nothing was written." in failed.stderr
    checked = stage.run("validate", "finale.toml")
    assert checked.returncode == 0, checked.stdout
