"""The map for newcomers: every file that it names is there, and every name is in that file."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text()


def test_every_file_on_the_map_exists() -> None:
    paths = {path for path in re.findall(r"`((?:wizard|tests|docs)/[^`<> ]+)`", TEXT) if "*" not in path}
    assert len(paths) > 30
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_every_name_is_in_the_file_beside_it() -> None:
    named = re.findall(r"`(?:\w+\.)?(\w+)` in `(wizard/[^`<> ]+\.py)`", TEXT)
    named += re.findall(r"`(?:\w+\.)?(\w+)` \(`(wizard/[^`<> ]+\.py)`\)", TEXT)
    assert len(named) > 12
    missing = [
        f"{name} in {path}"
        for name, path in named
        if not re.search(rf"\b{name}\b", (ROOT / path).read_text())
    ]
    assert missing == []


def test_the_tree_shows_every_room() -> None:
    rooms = {path.name for path in (ROOT / "wizard").iterdir() if (path / "__init__.py").exists()}
    shown = set(re.findall(r"[├└]── (\w+)/", TEXT))
    assert shown <= rooms | {"findings", "guide"}
