"""The journal of a set-up: what it holds, and that no journal whatever keeps anybody from starting."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wizard.actions.journal import Journal, Page
from wizard.domain.environment import Environment
from wizard.domain.reference import CommandReference, EnvReference, FileReference
from wizard.domain.setup import KeyKind
from wizard.findings import StepId, Verdict
from wizard.flow.answers import Answers, FoundCompany, HeldKey
from wizard.flow.flow import Flow

HELD = HeldKey(FileReference("/keys/production/2147628461"), 2147628461, 88, "3f2a-c1")
FULL = Page(
    Flow(
        Answers(
            environment=Environment.SANDBOX,
            base_url="http://127.0.0.1:8765/v2",
            application="VismaFinale",
            consumer_token=CommandReference(("pass", "show", "it")),
            asks_application=True,
            store="file",
            own_place="command",
            key_reference=CommandReference(("age", "-d", "key.age")),
            key=HELD,
            key_verdict=Verdict.VALID,
            kind=KeyKind.OFFICE,
            company=FoundCompany("Demo AS", None),
            is_bureau=True,
            is_shared=False,
            clients=("974760673", "971032146"),
        ),
        StepId.ORG_NUMBER,
    ),
    (HELD.reference, EnvReference("X")),
    (Path("/srv/finale.toml"),),
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state", Path("finale.toml"))


def path_of(journal: Journal) -> Path:
    assert journal._path is not None
    return journal._path


def test_a_page_from_before_there_were_places_of_ones_own_is_read(journal: Journal) -> None:
    page = Page(Flow(Answers(store="file")))
    journal.write(page)
    noted = json.loads(path_of(journal).read_bytes())
    del noted["flow"]["own_place"], noted["flow"]["key_reference"]
    path_of(journal).write_text(json.dumps(noted))
    assert journal.read() == page


@pytest.mark.parametrize("page", [FULL, Page(Flow(Answers()))], ids=["full", "empty"])
def test_a_page_is_read_as_it_was_written(journal: Journal, page: Page) -> None:
    journal.write(page)
    assert journal.read() == page
    assert stat.S_IMODE(path_of(journal).stat().st_mode) == 0o600
    assert stat.S_IMODE(path_of(journal).parent.stat().st_mode) == 0o700
    journal.erase()
    assert journal.read() is None
    journal.erase()


def test_each_config_has_a_journal_of_its_own(tmp_path: Path) -> None:
    paths = [path_of(Journal(tmp_path, target)) for target in (None, Path("a.toml"), Path("b.toml"))]
    assert len(set(paths)) == 3
    assert path_of(Journal(tmp_path, Path.cwd() / "a.toml")) == paths[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"version": 2}',
        '{"version": 1}',
        "\x00",
        "[" * 100_000,
        '{"version": 1, "flow": []}',
    ],
    ids=lambda text: text[:20],
)
def test_a_file_that_is_no_journal_is_none(journal: Journal, text: str) -> None:
    path_of(journal).parent.mkdir(parents=True)
    path_of(journal).write_text(text)
    assert journal.read() is None
    journal.write(FULL)
    assert journal.read() == FULL


def with_flow(**changes: Any) -> Callable[[dict[str, Any]], None]:  # noqa: ANN401 - whatever JSON holds
    return lambda noted: noted["flow"].update(changes)


def with_key(**changes: Any) -> Callable[[dict[str, Any]], None]:  # noqa: ANN401 - whatever JSON holds
    return lambda noted: noted["flow"]["key"].update(changes)


@pytest.mark.parametrize(
    "change",
    [
        with_flow(environment="moon"),
        with_flow(current="nowhere"),
        with_flow(current="rotate_start"),
        with_flow(current="storage", asks_storage=False),
        with_flow(base_url=1),
        with_flow(application=None),
        with_flow(store="vault"),
        with_flow(store=[]),
        with_flow(own_place="vault"),
        with_flow(own_place=[]),
        with_flow(key_reference={"vault": "x"}),
        with_flow(is_bureau="yes"),
        with_flow(org_number=974760673),
        with_flow(clients=[1]),
        with_flow(clients=None),
        with_flow(company=["Demo AS"]),
        with_flow(company={"name": "Demo AS"}),
        with_flow(consumer_token={"vault": "x"}),
        with_flow(key_verdict="perhaps"),
        with_key(reference="file:x"),
        with_key(number="1"),
        with_key(length=None),
        with_key(fingerprint=1),
        with_key(owned=1),
        lambda noted: noted.update(stored={"file": "x"}),
        lambda noted: noted.update(written=[1]),
        lambda noted: noted["flow"].pop("kind"),
    ],
)
def test_a_journal_of_another_making_is_none(
    journal: Journal, change: Callable[[dict[str, Any]], None]
) -> None:
    journal.write(FULL)
    noted = json.loads(path_of(journal).read_text())
    change(noted)
    path_of(journal).write_text(json.dumps(noted))
    assert journal.read() is None


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_none(journal: Journal, make: Callable[[Path], None]) -> None:
    path_of(journal).parent.mkdir(parents=True)
    make(path_of(journal))
    assert journal.read() is None


def test_without_a_folder_nothing_is_noted() -> None:
    journal = Journal(None, Path("finale.toml"))
    journal.write(FULL)
    assert journal.read() is None
    journal.erase()
