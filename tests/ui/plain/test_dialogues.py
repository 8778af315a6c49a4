"""The whole demo, line by line, as it is drawn in ``dialogues``, in both languages."""

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from tests.support.terminal import Terminal

DIALOGUES: Final = Path(__file__).parent / "dialogues"
ANSWERS: Final = {
    "nb-single": ("", "", "123456", "selskap", "", "", "", "", ""),
    "en-single": ("", "", "123456", "company", "", "", "", "", ""),
    "nb-clients": ("", "", "byrå", "", "", "2,3", "", "2", "2", "3", ""),
    "en-common": ("", "", "office", "", "", "", "", ""),
}


def dialogue(name: str, folder: Path) -> str:
    """Return the output of the demo, with the parts that differ from run to run replaced."""
    command = [sys.executable, "-m", "wizard", "demo", "--plain", "--lang", name[:2]]
    environ = {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONUTF8": "1", "PATH": os.environ["PATH"]}
    terminal = Terminal(command, environ, folder)
    for number, answer in enumerate(ANSWERS[name], start=1):
        terminal.until(lambda: terminal.written.count(b" > ") == number, f"question {number}")  # noqa: B023 - called at once
        terminal.send(f"{answer}\r")
    terminal.end()
    said = re.sub(rf"{re.escape(str(folder))}/tripletex-wizard-demo-\w+", "/tmp/demo", terminal.plain)  # noqa: S108 - a name
    said = re.sub(r"\.toml\n +\(", ".toml (", said)
    return re.sub(rf"\b{datetime.now(tz=UTC).year - 1}\b", "2025", said)


@pytest.mark.parametrize("name", ANSWERS)
def test_the_demo_says_what_is_drawn(name: str) -> None:
    # The folder of a test is so long that it would break the lines elsewhere.
    with TemporaryDirectory() as folder:
        assert dialogue(name, Path(folder)) == (DIALOGUES / f"{name}.txt").read_text()
