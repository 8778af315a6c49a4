"""References to tokens of every kind, and the files: only private ones are read."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from tests.secrets.conftest import KEY, code_of, resolve
from tests.support.rows import every_row
from tests.support.users import NOBODY, needs_root, open_folder, ordinary_user
from wizard.domain.key import Secret
from wizard.domain.reference import CommandReference, EnvReference, FileReference, Reference
from wizard.domain.setup import Environment
from wizard.findings import Code, Finding, codes
from wizard.secrets.key_files import check_secret_file, read_secret_file
from wizard.secrets.resolver import Resolver
from wizard.text import Texts


def lay(path: Path, content: str | None = None, mode: int = 0o600) -> FileReference:
    path.write_text(f"{KEY.reveal()}\n" if content is None else content)
    path.chmod(mode)
    return FileReference(str(path))


def both(reference: FileReference) -> tuple[Code | None, Code | None]:
    """Return the findings of the check without reading and of reading; None if there are none."""
    seen, read = check_secret_file(reference, None), read_secret_file(reference, None)
    return code_of(seen) if seen else None, None if isinstance(read, Secret) else code_of(read)


EMPTY = codes.SECRET_EMPTY
CONTENTS: dict[str | None, Code | None] = {
    KEY.reveal(): None,
    f" {KEY.reveal()}\t\r\n": None,
    "": EMPTY,
    " \n": EMPTY,
}


def reference_to(kind: str, path: Path, content: str | None, environ: dict[str, str]) -> Reference:
    """A reference of a kind to a token; without a content to nothing."""
    environ.pop("ACME_KEY", None)
    path.unlink(missing_ok=True)
    if content is not None:
        environ["ACME_KEY"] = content
        lay(path, content)
    match kind:
        case "file":
            return FileReference(str(path))
        case "env":
            return EnvReference("ACME_KEY")
        case _:
            return CommandReference(("cat" if content is not None else "no-such-program", str(path)))


@every_row(
    ("kind", "missing"),
    [("file", codes.SECRET_FILE_MISSING), ("env", codes.ENV_NOT_SET), ("command", codes.COMMAND_FAILED)],
)
def test_every_kind_of_reference_gives_the_token_or_says_why_not(
    tmp_path: Path, kind: str, missing: Code
) -> None:
    environ = {"PATH": os.environ["PATH"]}
    config, resolver = tmp_path / "acme.toml", Resolver(environ=environ)
    config.touch(0o600)

    async def ask(reference: Reference, config_path: Path | None) -> list[Secret | Finding]:
        resolving = [
            resolver.resolve(reference, config_path=config_path, environment=Environment.PRODUCTION)
            for _ in range(5)
        ]
        return list(await asyncio.gather(*resolving))

    wrong = []
    for content, code in (CONTENTS | {None: missing}).items():
        reference = reference_to(kind, tmp_path / "key", content, environ)
        for config_path in None, config:
            answers = asyncio.run(ask(reference, config_path))  # each time in another event loop
            if not all(answer == KEY if code is None else code_of(answer) is code for answer in answers):
                wrong.append((content, config_path, answers))
    assert wrong == []


async def test_a_path_is_relative_to_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "acme.toml"
    (tmp_path / "keys").mkdir()
    lay(tmp_path / "keys" / "1")
    monkeypatch.chdir("/")
    assert await resolve(FileReference("keys/1"), config) == KEY
    monkeypatch.chdir(tmp_path)
    assert code_of(await resolve(FileReference("../1"), Path("keys/acme.toml"))) is codes.SECRET_FILE_MISSING
    assert await resolve(FileReference("1"), Path("keys/acme.toml")) == KEY
    assert await resolve(FileReference("keys/1")) == KEY


@every_row("start", ["", "\ufeff"])
async def test_the_token_is_the_first_line(tmp_path: Path, start: str) -> None:
    assert await resolve(lay(tmp_path / "key", f"{start}{KEY.reveal()}\r\nuser: somebody\n")) == KEY


async def test_a_disk_that_does_not_answer_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    came_back = Event()
    monkeypatch.setattr("wizard.secrets.resolver.read_secret_file", lambda *_, **__: came_back.wait())
    answer = await resolve(FileReference("key"), environ={}, deadline=0.05)
    came_back.set()
    assert code_of(answer) is codes.FILE_UNREADABLE


@every_row(
    ("mode", "code"),
    [
        *((mode, None) for mode in (0o400, 0o600)),
        *((mode, codes.SECRET_FILE_EXPOSED) for mode in (0o640, 0o604, 0o620, 0o602, 0o601, 0o777)),
    ],
)
def test_only_a_private_file_is_accepted(tmp_path: Path, mode: int, code: Code | None) -> None:
    assert both(lay(tmp_path / "key", mode=mode)) == (code, code)


def test_the_command_in_the_hint_fixes_it(tmp_path: Path) -> None:
    reference = lay(tmp_path / "a key; and more", mode=0o644)
    finding = check_secret_file(reference, None)
    assert finding
    subprocess.run(finding.hint(Texts("en")).removeprefix("Run: "), shell=True, check=True)  # noqa: S602 - as a person would
    assert both(reference) == (None, None)


def test_a_missing_file_is_a_finding_only_when_it_is_read(tmp_path: Path) -> None:
    assert both(FileReference(str(tmp_path / "key"))) == (None, codes.SECRET_FILE_MISSING)
    lay(tmp_path / "file")
    assert both(FileReference(str(tmp_path / "file" / "key"))) == (None, codes.SECRET_FILE_MISSING)
    assert both(FileReference("key\0")) == (None, codes.SECRET_FILE_MISSING)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        seen = {path.name: both(FileReference(str(path))) for path in tmp_path.iterdir()}
    not_regular = codes.SECRET_FILE_NOT_REGULAR
    assert seen.pop("socket")[0] is not_regular  # it cannot even be opened
    assert seen == {"folder": (not_regular, not_regular), "fifo": (not_regular, not_regular)}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows a process its open files")
def test_no_file_is_left_open(tmp_path: Path) -> None:
    before = list(Path("/proc/self/fd").iterdir())
    for mode in 0o600, 0o644:
        read_secret_file(lay(tmp_path / "key", mode=mode), None)
    assert len(list(Path("/proc/self/fd").iterdir())) == len(before)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    too_large = codes.SECRET_FILE_TOO_LARGE
    assert both(lay(tmp_path / "key", "x" * (64 * 1024))) == (None, None)
    assert both(lay(tmp_path / "key", "x" * (64 * 1024 + 1))) == (too_large, too_large)


def test_a_link_is_checked_by_its_target(tmp_path: Path) -> None:
    lay(tmp_path / "key")
    (tmp_path / "link").symlink_to("key")
    link = FileReference(str(tmp_path / "link"))
    assert both(link) == (None, None)
    (tmp_path / "key").chmod(0o644)
    assert both(link) == (codes.SECRET_FILE_EXPOSED, codes.SECRET_FILE_EXPOSED)
    (tmp_path / "key").unlink()
    assert both(link) == (None, codes.SECRET_FILE_MISSING)
    (tmp_path / "key").symlink_to("link")
    assert both(link) == (None, codes.FILE_UNREADABLE)


def test_a_file_that_is_not_text_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00\n")
    (tmp_path / "key").chmod(0o600)
    assert isinstance(read_secret_file(FileReference(str(tmp_path / "key")), None), Secret)


@needs_root
def test_a_file_of_another_user_is_refused_with_a_fix_for_who_asks(tmp_path: Path) -> None:
    def fix(reference: FileReference) -> str:
        assert both(reference) == (codes.SECRET_FILE_OWNER, codes.SECRET_FILE_OWNER)
        finding = check_secret_file(reference, None)
        assert finding
        return finding.hint(Texts("en"))

    reference = lay(tmp_path / "key")
    for owner, name in (NOBODY, "nobody"), (12345, "'#12345'"):
        os.chown(tmp_path / "key", owner, owner)
        assert fix(reference) == f"Run: sudo -u {name} tripletex-wizard …"
    with open_folder(12345) as folder:
        other = lay(folder / "key", mode=0o604)
        os.chown(folder / "key", 12345, 12345)
        with ordinary_user():
            assert fix(other) == f"Run: sudo chown nobody {folder}/key"


@needs_root
@pytest.mark.system
def test_a_read_only_mount_that_shows_no_permissions_is_accepted(tmp_path: Path) -> None:
    """A container's secret is 0444 on a mount that nothing can be written through; chmod fails there."""
    (tmp_path / "real").mkdir()
    (tmp_path / "mounted").mkdir()
    lay(tmp_path / "real" / "key", mode=0o444)
    source, target = tmp_path / "real", tmp_path / "mounted"
    mounted = ["mount", "--bind", str(source), str(target)]
    if subprocess.run(mounted, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        exposed = codes.SECRET_FILE_EXPOSED
        assert both(FileReference(str(target / "key"))) == (exposed, exposed)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(target)], check=True)
        assert both(FileReference(str(target / "key"))) == (None, None)
    finally:
        subprocess.run(["umount", str(target)], check=True)


@needs_root
def test_an_ordinary_user_reads_only_their_own_files() -> None:
    with open_folder() as folder:
        own, roots = lay(folder / "own"), lay(folder / "root's")
        os.chown(folder / "own", NOBODY, NOBODY)
        with ordinary_user():
            assert read_secret_file(own, None) == KEY
            assert both(roots) == (None, codes.FILE_UNREADABLE)
        folder.chmod(0o700)
        with ordinary_user():
            assert both(own) == (None, codes.FILE_UNREADABLE)


class TestCredentialsOfSystemd:
    reference = FileReference("${CREDENTIALS_DIRECTORY}/tripletex-key")

    @pytest.fixture
    def environ(self, tmp_path: Path) -> dict[str, str]:
        return {"CREDENTIALS_DIRECTORY": str(tmp_path)}

    def answers(self, environ: dict[str, str]) -> tuple[Code | None, bool]:
        seen = check_secret_file(self.reference, Path("/etc/acme.toml"), environ=environ)
        read = read_secret_file(self.reference, Path("/etc/acme.toml"), environ=environ)
        return seen.code if seen else None, read == KEY

    @needs_root
    @every_row("mode", [0o400, 0o440, 0o600])
    def test_are_read_as_systemd_lays_them_out(
        self, tmp_path: Path, environ: dict[str, str], mode: int
    ) -> None:
        lay(tmp_path / "tripletex-key", mode=mode)
        assert self.answers(environ) == (None, True)

    @every_row("mode", [0o444, 0o460, 0o450, 0o644])
    def test_are_refused_where_others_reach_them(
        self, tmp_path: Path, environ: dict[str, str], mode: int
    ) -> None:
        lay(tmp_path / "tripletex-key", mode=mode)
        assert self.answers(environ) == (codes.SECRET_FILE_EXPOSED, False)

    @needs_root
    def test_of_a_real_group_are_refused(self, tmp_path: Path, environ: dict[str, str]) -> None:
        lay(tmp_path / "tripletex-key", mode=0o440)
        os.chown(tmp_path / "tripletex-key", 0, NOBODY)
        assert self.answers(environ) == (codes.SECRET_FILE_EXPOSED, False)

    @every_row("environ", [{}, {"CREDENTIALS_DIRECTORY": ""}])
    def test_cannot_be_seen_from_outside_the_service(self, environ: dict[str, str]) -> None:
        assert self.answers(environ) == (None, False)
        answer = read_secret_file(self.reference, None, environ=environ)
        assert code_of(answer) is codes.CREDENTIALS_DIRECTORY_UNSET

    @every_row("name", ["../key", "a/../../key", ".."])
    def test_must_be_in_that_folder(self, environ: dict[str, str], name: str) -> None:
        reference = FileReference(f"${{CREDENTIALS_DIRECTORY}}/{name}")
        assert code_of(check_secret_file(reference, None, environ=environ)) is codes.SECRET_FILE_OUTSIDE
        assert code_of(read_secret_file(reference, None, environ=environ)) is codes.SECRET_FILE_OUTSIDE

    @every_row("start", ["x/${CREDENTIALS_DIRECTORY}", "${CREDENTIALS_DIRECTORY}x", "$HOME"])
    def test_are_the_only_variable_that_is_expanded(
        self, tmp_path: Path, environ: dict[str, str], start: str
    ) -> None:
        (tmp_path / start).mkdir(parents=True)
        lay(tmp_path / start / "key")
        assert read_secret_file(FileReference(f"{start}/key"), tmp_path / "a.toml", environ=environ) == KEY
