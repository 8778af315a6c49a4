"""The whole demo, line by line, as it is drawn in ``dialogues``, in both languages."""

import os
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from tests.keys import make_key
from tests.support.terminal import Terminal
from wizard.findings import codes
from wizard.text import Texts
from wizard.ui.plain.page_writer import Output, PageWriter
from wizard.walk.cards import finding_topic, plain
from wizard.walk.pages import Card, Facts, Page, Paragraph, Progress, SearchList, Slot, State, Topic

DIALOGUES: Final = Path(__file__).parent / "dialogues"
ANSWERS: Final = {
    "nb-single": ("", "", "123456", "selskap", "", "", "", "", ""),
    "en-single": ("", "", "123456", "company", "", "", "", "", ""),
    "nb-clients": ("", "", "byrå", "", "", "310000028", "2,3", "", "2", "2", "3", ""),
    "en-common": ("", "", "office", "", "", "%ORGNR%", "", "", ""),
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


def test_what_is_being_found_out_is_said_once_it_is_known() -> None:
    """The first page of a rotation: its key has no company before Tripletex has been asked."""
    busy = Page(
        enter="continue",
        step="rotate_start",
        title="Change the API key",
        progress=Progress(1, 4, "Change key · step 1 of 4"),
        body=(Facts((("Key", "no. 84201"),)), Slot.CARD, Paragraph("We check it.")),
        card=Card(State.WORKING, lines=("Trying the key …",)),
        is_busy=True,
    )
    body = (Facts((("Key", "ordinary key no. 84201"),)), Slot.CARD, Paragraph("It cannot be checked."))
    known = replace(busy, body=body, card=Card(State.GOOD, "The key works"), is_busy=False)
    assert told(busy, known, known) == [
        "Change key, step 1 of 4: Change the API key",
        "Key:  ordinary key no. 84201",
        "OK: The key works.",
        "It cannot be checked.",
    ]
    clients = SearchList("Find a client", ())
    reading = Page(
        enter="continue",
        step="clients",
        title="Clients",
        progress=Progress(0, 0, ""),
        note="0 clients",
        answer=clients,
        is_busy=True,
    )
    read = replace(reading, note="office key · 5 clients", is_busy=False)
    assert told(reading, read) == ["Clients", "Office key, 5 clients"]


def test_the_help_says_commands_and_paths_as_they_are() -> None:
    written = StringIO()
    path = Paragraph(plain("/srv/`a`/*.toml"))
    topic = finding_topic(codes.ALREADY_THERE.found(path="/srv/b*c.toml"), Texts("en"))
    PageWriter(Output(written)).help((topic, Topic("Files", (path,))), Texts("en"))
    said = " ".join(written.getvalue().split())
    assert "TW120: /srv/b*c.toml already exists. New key: tripletex-wizard rotate CONFIG. New content" in said
    assert "Files /srv/`a`/*.toml" in said


def told(*pages: Page) -> list[str]:
    """Return the lines that say something, of pages that are shown one after the other."""
    written = StringIO()
    writer = PageWriter(Output(written))
    for page in pages:
        writer.write(page, Texts("en"))
    return [line for line in written.getvalue().splitlines() if line]


def test_without_a_token_the_review_says_what_is_open(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "wizard", "setup", "--plain", "--lang", "en"]
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    terminal = Terminal(command, environ, tmp_path)
    answers = ("", "", "1", make_key(84201).reveal(), "", "2", "310000027", "", "", "")
    for number, answer in enumerate(answers, start=1):
        terminal.until(lambda: terminal.written.count(b" > ") == number, f"question {number}")  # noqa: B023 - called at once
        terminal.send(f"{answer}\r")
    terminal.end()
    said = [line.rstrip() for line in terminal.plain.splitlines()]
    first = said.index("OK       The key is complete, and it is made for production")
    assert said[first : first + 4] == [
        "OK       The key is complete, and it is made for production",
        "OK       The key can be read where it is stored",
        "UNKNOWN  Is the key accepted, and does it belong to the right company?",
        "UNKNOWN  Can Finale read accounts, balances and transactions?",
    ]
    assert not [line for line in said if line.startswith("Asking Tripletex")]
    assert "  Client           310 000 027" in said
    menu = Terminal([*command[:3], "--plain", "--lang", "en"], environ, tmp_path)
    menu.until(lambda: b" > " in menu.written, "the menu")
    menu.send("q\r")
    menu.end()
    assert "   2  Change the API key: The old one works until you are done" in menu.plain.splitlines()
    assert "·" not in menu.plain


@pytest.mark.parametrize("name", ANSWERS)
def test_the_demo_says_what_is_drawn(name: str) -> None:
    # The folder of a test is so long that it would break the lines elsewhere.
    with TemporaryDirectory() as folder:
        assert dialogue(name, Path(folder)) == (DIALOGUES / f"{name}.txt").read_text()
