"""A config names commands only where nobody else can change it."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.secrets.contracts import KEY, code_of
from tests.secrets.users import NOBODY, as_user, needs_root, open_folder
from wizard.domain.reference import CommandReference
from wizard.findings import codes
from wizard.secrets import Resolver
from wizard.secrets.config_trust import judge_trust
from wizard.text import Texts


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir(0o700)
    path = tmp_path / "etc" / "acme.toml"
    path.touch(0o600)
    return path


def test_a_private_config_is_trusted(config: Path) -> None:
    assert judge_trust(config) is None


def test_a_config_that_all_can_read_is_trusted(config: Path) -> None:
    config.chmod(0o644)
    config.parent.chmod(0o755)
    assert judge_trust(config) is None


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_config_that_others_can_change_runs_nothing(config: Path, mode: int) -> None:
    config.chmod(mode)
    command = CommandReference(("touch", str(config.parent / "ran")))
    answer = asyncio.run(Resolver(environ=dict(os.environ)).resolve(command, config_path=config))
    assert code_of(answer) is codes.COMMAND_REFUSED
    assert not any(path.name == "ran" for path in config.parent.iterdir())


@pytest.mark.parametrize("depth", [0, 1])
@pytest.mark.parametrize("mode", [0o770, 0o702])
def test_a_folder_on_the_way_that_others_can_change_is_found(config: Path, mode: int, depth: int) -> None:
    folder = config.parents[depth]
    former = folder.stat().st_mode
    folder.chmod(mode)
    finding = judge_trust(config)
    folder.chmod(former)
    assert code_of(finding) is codes.COMMAND_REFUSED
    assert finding
    assert finding.hint(Texts("en")) == f"Run: chmod go-w {folder}"


def test_a_sticky_folder_is_no_danger(config: Path) -> None:
    config.parent.chmod(0o1777)
    assert judge_trust(config) is None


def test_both_ends_of_a_link_count(config: Path, tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    link = tmp_path / "open" / "acme.toml"
    link.symlink_to(config)
    assert judge_trust(link) is None
    link.parent.chmod(0o777)
    assert code_of(judge_trust(link)) is codes.COMMAND_REFUSED
    link.parent.chmod(0o755)
    config.parent.chmod(0o777)
    assert code_of(judge_trust(link)) is codes.COMMAND_REFUSED


def test_a_config_that_is_yet_to_be_written_is_judged_by_its_folder(config: Path) -> None:
    config.unlink()
    missing = config.parent / "not" / "there" / config.name
    assert judge_trust(config) is None
    assert judge_trust(missing) is None
    config.parent.chmod(0o777)
    assert code_of(judge_trust(config)) is codes.COMMAND_REFUSED
    assert code_of(judge_trust(missing)) is codes.COMMAND_REFUSED


def test_a_link_that_leads_nowhere_is_unknown(config: Path) -> None:
    config.unlink()
    config.symlink_to(config.with_name("gone.toml"))
    assert code_of(judge_trust(config)) is codes.FILE_UNREADABLE
    config.unlink()
    config.symlink_to(config)
    assert code_of(judge_trust(config)) is codes.FILE_UNREADABLE


@needs_root
def test_a_config_of_another_user_is_refused(config: Path) -> None:
    os.chown(config, NOBODY, NOBODY)
    assert code_of(judge_trust(config)) is codes.COMMAND_REFUSED_OWNER
    os.chown(config, 0, 0)
    os.chown(config.parent, NOBODY, NOBODY)
    assert code_of(judge_trust(config)) is codes.COMMAND_REFUSED_OWNER


@needs_root
def test_an_ordinary_user_trusts_root() -> None:
    with open_folder() as folder:
        config = folder / "acme.toml"
        config.write_text(KEY.fingerprint)
        config.chmod(0o644)
        assert as_user(NOBODY, lambda: judge_trust(config)) is None
