"""A clone can be built by a user who may not write to it, such as one in ``/usr/local/src``."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[2]
POWERLESS = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
"""What keeps root, too, from writing where the permissions say no."""


def test_a_clone_that_its_user_cannot_write_to_can_be_built(tmp_path: Path) -> None:
    clone, wheels, temporary = (tmp_path / name for name in ("clone", "wheels", "tmp"))
    temporary.mkdir()
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True)
    subprocess.run(["chmod", "-R", "a-w", clone], check=True)
    before = sorted(clone.rglob("*"))
    assert subprocess.run([*POWERLESS, "touch", clone / "new"], capture_output=True, check=False).returncode
    # What it is built with comes from the environment of the tests: nothing is fetched.
    pip = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--no-index"]
    done = subprocess.run(
        [*POWERLESS, *pip, "--wheel-dir", wheels, clone],
        env={"PATH": os.environ["PATH"], "TMPDIR": str(temporary)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = wheels.glob("*.whl")
    assert "wizard/locale/nb/LC_MESSAGES/wizard.mo" in ZipFile(wheel).namelist()
    assert not list(temporary.iterdir()), "what was compiled is removed"
    assert sorted(clone.rglob("*")) == before
    subprocess.run(["chmod", "-R", "u+w", clone], check=True)
