"""One run under strace: where every byte of a key goes, and how private every file is from its birth."""

import re
from collections.abc import Callable, Iterator

import pytest

from tests.leaks.tracing import Trace, trace
from tests.support.house import COMPANY_KEY, CONSUMER, House, stage_in

pytestmark = pytest.mark.system

PRIVATE_FILE, PRIVATE_FOLDER, LOCK = 0o600, 0o700, 0o644


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with stage_in(tmp_path_factory.mktemp("home")) as stage:
        yield stage


@pytest.fixture(scope="module")
def traced(stage: House, system_program: Callable[[str], str]) -> Trace:
    """Return what a whole set-up did, in whose way an existing config stands."""
    (stage.folder / "finale.toml").write_text("# mine\n")
    words = stage.setup("--employee-token-file", "-", "--overwrite")
    return trace(system_program("strace"), stage, words, COMPANY_KEY.token)


def test_a_key_goes_to_its_own_file_and_to_tripletex_and_nowhere_else(stage: House, traced: Trace) -> None:
    key_file = re.escape(str(stage.key_file(COMPANY_KEY).parent))
    port = stage.base_url.split(":")[2].partition("/")[0]
    places = {re.sub(r"127\.0\.0\.1:\d+->", "", place) for place in traced.heard(COMPANY_KEY)}
    tripletex = f"TCP:[127.0.0.1:{port}]"
    assert tripletex in places
    (kept,) = places - {tripletex}
    assert re.fullmatch(rf"{key_file}/\.{COMPANY_KEY.number}\.[0-9a-f]+\.tmp", kept)
    # Every token shares its inner part with the others, so this covers the sessions' as well.
    assert traced.heard(CONSUMER) == traced.heard(COMPANY_KEY)


def test_every_file_is_private_from_its_birth(stage: House, traced: Trace) -> None:
    made = dict(traced.made())
    files = {name: mode for name, mode in made.items() if stage.folder.name in name or name.startswith(".")}
    names = " ".join(files)
    assert ".finale.toml." in names
    assert ".finale.toml.bak-" in names
    assert f".{COMPANY_KEY.number}." in names
    folders = {name for name, mode in files.items() if mode == PRIVATE_FOLDER}
    assert str(stage.key_file(COMPANY_KEY).parent) in folders
    locks = {name for name in files if name.endswith(".lock")}
    assert len(locks) == 1  # it holds the process's number and no more
    for name in files.keys() - folders - locks:
        assert files[name] == PRIVATE_FILE, name
    assert set(traced.changed_modes()) <= {PRIVATE_FILE, LOCK}


def test_memory_is_closed_before_a_key_is_read(traced: Trace) -> None:
    closed = traced.first("prctl", "PR_SET_DUMPABLE, SUID_DUMP_DISABLE")
    read = traced.first("read", COMPANY_KEY.token)
    assert closed < read
