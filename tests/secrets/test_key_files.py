"""Files that hold a token: only private ones are read, and nothing makes the reader wait."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from tests.secrets.contracts import KEY, SourceContract, code_of
from tests.secrets.users import NOBODY, as_user, needs_root, open_folder
from tests.support.rows import every_row
from wizard.domain.key import Secret
from wizard.domain.reference import EnvReference, FileReference
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


class TestSource(SourceContract):
    missing_code = codes.SECRET_FILE_MISSING

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "key"

    def lay(self, content: str) -> FileReference:
        return lay(self.path, content)

    def missing(self) -> FileReference:
        return FileReference(str(self.path))

    async def test_is_relative_to_the_config(
        self, resolver: Resolver, config_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (config_path.parent / "keys").mkdir()
        lay(config_path.parent / "keys" / "1")
        monkeypatch.chdir("/")
        assert (
            await resolver.resolve(
                FileReference("keys/1"), config_path=config_path, environment=Environment.PRODUCTION
            )
            == KEY
        )
        monkeypatch.chdir(config_path.parent)
        assert (
            await resolver.resolve(
                FileReference("../1"), config_path=Path("keys/acme.toml"), environment=Environment.PRODUCTION
            )
            != KEY
        )
        assert (
            await resolver.resolve(
                FileReference("1"), config_path=Path("keys/acme.toml"), environment=Environment.PRODUCTION
            )
            == KEY
        )
        assert (
            await resolver.resolve(
                FileReference("keys/1"), config_path=None, environment=Environment.PRODUCTION
            )
            == KEY
        )

    @every_row("start", ["", "\ufeff"])
    async def test_is_the_first_line(self, resolver: Resolver, start: str) -> None:
        reference = self.lay(f"{start}{KEY.reveal()}\r\nuser: somebody\n")
        assert await resolver.resolve(reference, config_path=None, environment=Environment.PRODUCTION) == KEY

    async def test_a_disk_that_does_not_answer_is_unknown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        came_back = Event()
        monkeypatch.setattr("wizard.secrets.resolver.read_secret_file", lambda *_, **__: came_back.wait())
        answer = await Resolver(environ={}, deadline=0.05).resolve(
            self.missing(), config_path=None, environment=Environment.PRODUCTION
        )
        came_back.set()
        assert code_of(answer) is codes.FILE_UNREADABLE


def test_a_private_file_is_accepted(tmp_path: Path) -> None:
    assert both(lay(tmp_path / "key", mode=0o400)) == (None, None)


@every_row("mode", [0o640, 0o604, 0o620, 0o602, 0o601, 0o644, 0o777])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    exposed = codes.SECRET_FILE_EXPOSED
    assert both(lay(tmp_path / "key", mode=mode)) == (exposed, exposed)


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


@every_row("make", [Path.mkdir, os.mkfifo], ids=["folder", "fifo"])
def test_only_regular_files_are_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / make.__name__
    make(path)
    not_regular = codes.SECRET_FILE_NOT_REGULAR
    assert both(FileReference(str(path))) == (not_regular, not_regular)


def test_a_socket_is_not_read(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "key"))
        seen = check_secret_file(FileReference(str(tmp_path / "key")), None)
        assert code_of(seen) is codes.SECRET_FILE_NOT_REGULAR
        assert isinstance(read_secret_file(FileReference(str(tmp_path / "key")), None), Finding)


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
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    reference = lay(tmp_path / "key")
    os.chown(tmp_path / "key", NOBODY, NOBODY)
    assert both(reference) == (codes.SECRET_FILE_OWNER, codes.SECRET_FILE_OWNER)


@needs_root
def test_root_and_users_get_different_hints_for_a_file_of_another_user(tmp_path: Path) -> None:
    reference = lay(tmp_path / "key")
    fixes = []
    for owner in NOBODY, 12345:
        os.chown(tmp_path / "key", owner, owner)
        finding = check_secret_file(reference, None)
        assert finding
        fixes.append(finding.hint(Texts("en")))
    assert fixes == [
        "Run: sudo -u nobody tripletex-wizard …",
        "Run: sudo -u '#12345' tripletex-wizard …",
    ]
    with open_folder() as folder:
        os.chown(folder, 12345, 12345)
        other = lay(folder / "key")
        os.chown(folder / "key", 12345, 12345)
        told = as_user(NOBODY, lambda: check_secret_file(other, None).hint(Texts("en")))  # type: ignore[union-attr]
    assert told == f"Run: sudo chown nobody {folder}/key"


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
        assert as_user(NOBODY, lambda: read_secret_file(own, None) == KEY)
        seen = as_user(NOBODY, lambda: [code and code.id for code in both(roots)])
        assert seen == [None, codes.FILE_UNREADABLE.id]
        folder.chmod(0o700)
        seen = as_user(NOBODY, lambda: [code and code.id for code in both(own)])
        assert seen == [None, codes.FILE_UNREADABLE.id]


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


def test_checking_a_reference_imports_nothing_slow() -> None:
    script = (
        "import sys; from wizard.secrets.key_files import check_secret_file;"
        "print({'asyncio', 'keyring', 'logging', 'httpx'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"


class TestVariable(SourceContract):
    """The same contract for a variable."""

    missing_code = codes.ENV_NOT_SET

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        self.variables: dict[str, str] = {}
        return self.variables

    def lay(self, content: str) -> EnvReference:
        self.variables["ACME_KEY"] = content
        return EnvReference("ACME_KEY")

    def missing(self) -> EnvReference:
        return EnvReference("ACME_KEY")
