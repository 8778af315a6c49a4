"""Who may be trusted: files that decide which secrets are read, and the process itself."""

import asyncio
import grp
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.secrets.conftest import KEY, code_of
from tests.support.users import NOBODY, needs_root, open_folder, ordinary_user
from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    FileReference,
    KeyringReference,
    Reference,
)
from wizard.domain.setup import Environment
from wizard.findings import Code, Finding, codes
from wizard.secrets.file_store import FileStore
from wizard.secrets.resolver import Resolver
from wizard.secrets.trust import Trust
from wizard.text import Texts

EN = Texts("en")


def refused(path: Path, *exempt: Path) -> Code | None:
    finding = Trust(exempt).refusal(path)
    return code_of(finding) if finding else None


@contextmanager
def opened(path: Path, mode: int) -> Iterator[None]:
    former = path.stat().st_mode
    path.chmod(mode)
    yield
    path.chmod(former)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir(0o700)
    path = tmp_path / "etc" / "acme.toml"
    path.touch(0o600)
    return path


def test_a_file_that_only_its_owner_can_change_is_trusted(config: Path) -> None:
    assert refused(config) is None
    config.chmod(0o644)
    config.parent.chmod(0o755)
    assert refused(config) is None
    config.parent.chmod(0o1777)  # as /tmp: only the owner can replace this file
    assert refused(config) is None


def test_no_reference_of_an_untrusted_config_is_resolved(config: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_text(KEY.reveal())
    marker = tmp_path / "ran"
    references: list[Reference] = [
        KeyringReference("production/1"),
        FileReference(str(key)),
        EnvReference("ACME_KEY"),
        CommandReference(("touch", str(marker))),
    ]
    wrong: list[str] = []
    for mode in 0o620, 0o602, 0o666:
        config.chmod(mode)
        os.chown(config, -1, NOBODY)  # a group that is not the user's own
        resolver = Resolver(environ={"ACME_KEY": KEY.reveal()})
        for reference in references:
            answer = asyncio.run(
                resolver.resolve(reference, config_path=config, environment=Environment.SANDBOX)
            )
            if not isinstance(answer, Finding) or answer.code is not codes.UNTRUSTED_WRITERS:
                wrong.append(f"{mode:o} {reference}")
    assert wrong == []
    assert not marker.exists()


@needs_root
def test_every_folder_on_the_path_counts_and_the_hint_fixes_it(config: Path, tmp_path: Path) -> None:
    for folder in config.parents[:2]:
        os.chown(folder, -1, NOBODY)
        for mode, who in (0o770, "g"), (0o702, "o"), (0o777, "go"):
            with opened(folder, mode):
                finding = Trust().refusal(config)
            assert code_of(finding) is codes.UNTRUSTED_WRITERS
            assert finding
            assert finding.hint(EN) == f"Run: chmod {who}-w {folder}"


def test_a_link_counts_with_both_of_its_ends(config: Path, tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    link = tmp_path / "open" / "acme.toml"
    link.symlink_to(config)
    assert refused(link) is None
    for folder in link.parent, config.parent:
        with opened(folder, 0o777):
            assert refused(link) is codes.UNTRUSTED_WRITERS
    if os.geteuid() == 0:
        os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
        with opened(link.parent, 0o1777):
            assert refused(link) is codes.UNTRUSTED_OWNER, "somebody laid it in a sticky folder"


def test_parent_folders_of_a_link_are_those_of_its_target(config: Path, tmp_path: Path) -> None:
    """``link/../acme.toml`` is next to the folder that the link leads to, not next to the link."""
    deep = tmp_path / "theirs" / "deep"
    deep.mkdir(parents=True)
    (deep.parent / config.name).write_text(config.read_text())
    (config.parent / "link").symlink_to(deep)
    named = Path(f"{config.parent}/link/../{config.name}")
    assert named.samefile(deep.parent / config.name)
    assert refused(named) is None
    for folder in deep.parent, config.parent:
        with opened(folder, 0o777):
            assert refused(named) is codes.UNTRUSTED_WRITERS


def test_a_new_config_is_judged_by_its_folder(config: Path) -> None:
    config.unlink()
    missing = config.parent / "not" / "there" / config.name
    assert (refused(config), refused(missing)) == (None, None)
    with opened(config.parent, 0o777):
        assert refused(config) is codes.UNTRUSTED_WRITERS
        assert refused(missing) is codes.UNTRUSTED_WRITERS


def test_a_dangling_link_is_unknown(config: Path) -> None:
    config.unlink()
    config.symlink_to(config.with_name("gone.toml"))
    assert refused(config) is codes.FILE_UNREADABLE
    config.unlink()
    config.symlink_to(config)
    assert refused(config) is codes.FILE_UNREADABLE


@needs_root
def test_a_file_of_another_user_is_refused_and_root_is_told_to_become_that_user(config: Path) -> None:
    for path in config, config.parent:
        os.chown(path, NOBODY, NOBODY)
        finding = Trust().refusal(config)
        assert code_of(finding) is codes.UNTRUSTED_OWNER
        assert finding
        assert str(path) in finding.message(EN)
        assert finding.hint(EN) == "Run: sudo -u nobody tripletex-wizard …"
        os.chown(path, 0, 0)


@needs_root
def test_the_private_group_of_a_user_counts_as_the_user(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group of root has that name, is its primary one and has no other members."""
    with opened(config, 0o660), opened(config.parent, 0o770):
        assert refused(config) is None
        for name, members in ("staff", []), ("root", ["kari"]):
            entry = grp.struct_group((name, "x", 0, members))
            with monkeypatch.context() as patched:
                patched.setattr(grp, "getgrgid", lambda _, entry=entry: entry)
                assert refused(config) is codes.UNTRUSTED_WRITERS
        os.chown(config, 0, NOBODY)
        assert refused(config) is codes.UNTRUSTED_WRITERS


def test_the_path_to_a_trusted_folder_must_still_be_safe(config: Path, tmp_path: Path) -> None:
    with opened(config, 0o666), opened(config.parent, 0o777):
        assert refused(config, config.parent) is None
        assert refused(config, tmp_path) is None
        assert refused(config, tmp_path / "et") is codes.UNTRUSTED_WRITERS
        link = tmp_path / "link"
        link.symlink_to(config.parent)
        assert refused(link / config.name, link) is None, "a link to the folder may be named"
        with opened(tmp_path, 0o777):
            assert refused(config, config.parent) is codes.UNTRUSTED_WRITERS


@needs_root
def test_an_ordinary_user_trusts_root() -> None:
    with open_folder() as folder:
        config = folder / "acme.toml"
        config.touch(0o644)
        with ordinary_user():
            assert refused(config) is None


def test_a_sandbox_config_never_gets_a_real_key(config: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    store = FileStore(keys)
    stored = {name: asyncio.run(store.put(name, KEY)) for name in ("production/1", "test/1", "sandbox/1")}
    (tmp_path / "link").symlink_to(keys / "production" / "1")
    resolver = Resolver(environ={}, key_folders=[keys])

    def resolve(reference: Reference, environment: Environment) -> object:
        return asyncio.run(resolver.resolve(reference, config_path=config, environment=environment))

    wanted: dict[Reference, bool] = {
        KeyringReference("production/1"): True,
        KeyringReference("test/consumer/VismaFinale"): True,
        FileReference(str(keys / "production" / "1")): True,
        FileReference("../keys/test/1"): True,
        FileReference("../link"): True,
        FileReference(str(keys / "sandbox" / "1")): False,
    }
    wrong = []
    for reference, is_refused in wanted.items():
        answer = resolve(reference, Environment.SANDBOX)
        if (isinstance(answer, Finding) and answer.code is codes.NOT_FOR_SANDBOX) != is_refused:
            wrong.append(reference)
        if isinstance(reference, FileReference):
            assert resolve(reference, Environment.PRODUCTION) == KEY
    assert wrong == []
    assert not any(isinstance(each, Finding) for each in stored.values())


_HARDEN = """
import sys, wizard
before = set(sys.modules)
from wizard.secrets.hardening import harden_process
loaded = set(sys.modules) - before
harden_process()
import json, os, resource
print(json.dumps({
    "loaded": sorted(loaded),
    "variables": sorted(os.environ),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "umask": os.umask(0),
}))
"""
_NEEDED = {name: value for name, value in os.environ.items() if name.startswith(("PATH", "COVERAGE"))}
_CLOSE = """
import ctypes, subprocess
from wizard.secrets.hardening import close_memory
close_memory()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
subprocess.run(["cat", "/dev/stdin"], check=True)
"""


def run(script: str, environ: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, "-c", script],
        env=_NEEDED | environ,
        input="still readable",
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_no_core_is_dumped_files_are_private_and_nothing_records_textual() -> None:
    spec = find_spec("textual")
    assert spec
    assert spec.origin
    source = (Path(spec.origin).parent / "constants.py").read_text()
    switches = dict.fromkeys(re.findall(r'"(TEXTUAL_\w+)"', source), "1")
    assert {"TEXTUAL_LOG", "TEXTUAL_DEBUG", "TEXTUAL_PRESS", "TEXTUAL_DRIVER"} < switches.keys()
    harmless = {"TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_FPS"}
    dropped = {"TEXTUAL": "devtools", "SSLKEYLOGFILE": "/keys", "TEXTUAL_ALLOW_SIGNALS": "1"}
    result = json.loads(run(_HARDEN, {"HOME": "/"} | switches | dropped))
    assert set(result["variables"]) - {"LC_CTYPE"} == {"HOME", *_NEEDED, *harmless}
    assert (result["core"], result["umask"]) == ([0, 0], 0o077)
    # Every command pays for what is imported here.
    assert set(result["loaded"]) <= {"resource", "wizard.secrets", "wizard.secrets.hardening"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows it")
def test_only_this_programs_memory_is_protected() -> None:
    assert run(_CLOSE, {}) == "0\nstill readable"
