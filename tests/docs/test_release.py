"""What a release must agree on, and the pages that are made from the program."""

import subprocess
from pathlib import Path

from wizard import __version__

ROOT = Path(__file__).parents[2]


def release(clone: Path) -> str:
    done = subprocess.run(
        [clone / ".ci" / "package", "--release", clone / "dist"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert not (clone / "dist").exists()
    return done.stderr.strip()


def test_a_release_needs_its_tag_and_its_section_in_the_change_log(tmp_path: Path) -> None:
    def git(*words: str | Path) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    for name in (".ci/package", "wizard/__init__.py", "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / ".ci" / "package").chmod(0o755)
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n")
    git("init", "--quiet")
    git("add", ".")
    git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "--message", "x")
    assert release(tmp_path) == f"the version is {__version__}, the tag is missing"
    git("tag", "v99.0")
    assert release(tmp_path) == f"the version is {__version__}, the tag is v99.0"
    git("tag", "--delete", "v99.0")
    git("tag", f"v{__version__}")
    assert release(tmp_path) == f"CHANGELOG.md has no section for {__version__}"
