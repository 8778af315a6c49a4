"""Commands that print a token: what they are given, and that nothing is left of them."""

import asyncio
import base64
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.keys import make_key
from tests.secrets.contracts import KEY, SourceContract, code_of
from tests.support.rows import every_row
from wizard.domain.environment import Environment
from wizard.domain.reference import CommandReference
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes
from wizard.secrets.resolver import Resolver
from wizard.text import Texts


def shell(script: str, *arguments: object) -> CommandReference:
    return CommandReference(("sh", "-c", script, "sh", *map(str, arguments)))


@pytest.fixture
def environ() -> dict[str, str]:
    return {"PATH": os.environ["PATH"]}


@pytest.fixture
def resolver(environ: dict[str, str]) -> Resolver:
    return Resolver(environ=environ)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{KEY.reveal()}\n")
    return path


class TestSource(SourceContract):
    missing_code = codes.COMMAND_FAILED

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        self.path = tmp_path / "output"
        return environ

    def lay(self, content: str) -> CommandReference:
        self.path.write_text(content)
        return CommandReference(("cat", str(self.path)))

    def missing(self) -> CommandReference:
        return CommandReference(("no-such-program", "argument"))


async def test_is_the_first_line(resolver: Resolver, key_file: Path) -> None:
    assert (
        await resolver.resolve(
            shell('cat "$1"; echo user: x', key_file), config_path=None, environment=Environment.PRODUCTION
        )
        == KEY
    )


async def test_is_no_shell(resolver: Resolver) -> None:
    answer = await resolver.resolve(
        CommandReference(("echo", "$HOME;", "`id`")), config_path=None, environment=Environment.PRODUCTION
    )
    assert not isinstance(answer, Finding)
    assert answer.reveal() == "$HOME; `id`"


async def test_reads_nothing_from_the_terminal(resolver: Resolver) -> None:
    answer = await resolver.resolve(
        CommandReference(("cat",)), config_path=None, environment=Environment.PRODUCTION
    )
    assert code_of(answer) is codes.SECRET_EMPTY


async def test_may_print_more_than_anybody_wants(resolver: Resolver, key_file: Path) -> None:
    flood = shell('cat "$1"; head -c 3000000 /dev/zero', key_file)
    assert await resolver.resolve(flood, config_path=None, environment=Environment.PRODUCTION) == KEY


async def test_runs_in_the_folder_of_the_config(resolver: Resolver, key_file: Path, tmp_path: Path) -> None:
    config = tmp_path / "acme.toml"
    config.touch(0o600)
    assert (
        await resolver.resolve(
            CommandReference(("cat", "key")), config_path=config, environment=Environment.PRODUCTION
        )
        == KEY
    )
    (tmp_path / "print-key").write_text("#!/bin/sh\ncat key\n")
    (tmp_path / "print-key").chmod(0o700)
    assert (
        await resolver.resolve(
            CommandReference(("./print-key",)), config_path=config, environment=Environment.PRODUCTION
        )
        == KEY
    )


@pytest.mark.parametrize(
    ("script", "reason"), [("exit 3", "exit 3"), ("kill -TERM $$", "SIGTERM"), ('cat "$1"; false', "exit 1")]
)
async def test_that_fails_is_told_by_its_status_alone(
    resolver: Resolver, key_file: Path, capfd: pytest.CaptureFixture[str], script: str, reason: str
) -> None:
    answer = await resolver.resolve(
        shell(f'cat "$1" >&2; {script}', key_file), config_path=None, environment=Environment.PRODUCTION
    )
    assert code_of(answer) is codes.COMMAND_FAILED
    assert isinstance(answer, Finding)
    assert f"sh failed ({reason})" in answer.message(Texts("en"))
    assert capfd.readouterr() == ("", "")


@every_row("command", [("/",), ("/etc/hostname",), ("no\0program",), ("cat", "no\0file")])
async def test_that_cannot_be_run_fails(resolver: Resolver, command: tuple[str, ...]) -> None:
    answer = await resolver.resolve(
        CommandReference(command), config_path=None, environment=Environment.PRODUCTION
    )
    assert code_of(answer) is codes.COMMAND_FAILED


async def test_gets_the_environment_without_tokens(environ: dict[str, str], tmp_path: Path) -> None:
    key = make_key(1).reveal()
    packed = base64.b64encode(key.encode()).decode()
    uuid = "00000000-0000-0000-0000-000000000000"
    tokens = {
        "TRIPLETEX_CONSUMER_TOKEN": "whatever it looks like",
        "ACME_KEY": key,
        "ACME_TEST_KEY": f"{make_key(2, test=True).reveal()}\n",
        "OLD_KEY": uuid,
        "OLD_TEST_KEY": f"key=test-{uuid};",
        "TWO_KEYS": f"{key}:{make_key(2).reveal()}",
        "JSON": json.dumps({"tripletex": {"employee": key}}),
        "PACKED": packed,
        "PACKED_TWICE": base64.urlsafe_b64encode(packed.encode()).decode().rstrip("="),
        "BASIC": base64.b64encode(f"0:{key}".encode()).decode(),
        "FOLDED": base64.encodebytes(key.encode()).decode(),
        "NAMED": "not like a token at all",
        "NAMED_BY_DEFAULTS": "nor this",
    }
    others = {
        "VAULT_TOKEN": "hvs.abc",
        "VAULT_ROLE_ID": "11111111-0000-0000-0000-000000000000",
        "ODD": "\udcff",
        "TRIPLETEX_WIZARD_LANG": "nb",
        "HOME": "/root",
        "JWT": base64.b64encode(b'{"alg":"none"}').decode() + ".e30.",
        "LONG": "/opt/some/where/with/a/long/name/that/is/no/key:" * 40,
    }
    config = tmp_path / "acme.toml"
    config.write_text('[credentials]\nconsumer_token = { env = "NAMED" }\n')
    resolver = Resolver(
        environ=environ | tokens | others, passed=["VAULT_ROLE_ID", "NAMED"], named=["NAMED_BY_DEFAULTS"]
    )
    await resolver.resolve(
        shell('env > "$1"', tmp_path / "env"), config_path=config, environment=Environment.PRODUCTION
    )
    seen = dict(
        line.split("=", 1) for line in (tmp_path / "env").read_text(errors="surrogateescape").splitlines()
    )
    assert others.items() <= seen.items()
    assert not tokens.keys() & seen.keys()


def test_gets_the_umask_of_the_caller(tmp_path: Path) -> None:
    """The wizard's own is strict; a hook that copies a config must not make it private by that."""
    program = (
        "import asyncio, os; os.umask(0o022)\n"
        "from wizard.secrets.hardening import harden_process; harden_process()\n"
        "from wizard.domain.environment import Environment\n"
        "from wizard.domain.reference import CommandReference\n"
        "from wizard.secrets.resolver import Resolver\n"
        "command = CommandReference(('sh', '-c', 'umask'))\n"
        "answer = asyncio.run(Resolver(environ=os.environ).resolve(\n"
        "    command, config_path=None, environment=Environment.SANDBOX))\n"
        "print(answer.reveal(), oct(os.umask(0)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0022", "0o77"]


class TestThatDoesNotEnd:
    """The command starts a child of its own and waits for it."""

    @pytest.fixture
    def reference(self, tmp_path: Path) -> CommandReference:
        return shell('sleep 600 & echo $! > "$1.new"; mv "$1.new" "$1"; wait', tmp_path / "child")

    @staticmethod
    async def child(tmp_path: Path) -> int:
        while not (tmp_path / "child").exists():  # noqa: ASYNC110 - a shell sets no asyncio.Event
            await asyncio.sleep(0.005)
        return int((tmp_path / "child").read_text())

    @staticmethod
    def wait_until_dead(child: int) -> None:
        until = time.monotonic() + 5
        while True:
            try:
                state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
            except (FileNotFoundError, ProcessLookupError):
                return
            if state == "Z":  # dead, and nobody has asked how it died
                return
            assert time.monotonic() < until, "the child lives on"
            time.sleep(0.005)

    async def test_is_ended_with_all_its_children(
        self, environ: dict[str, str], reference: CommandReference, tmp_path: Path
    ) -> None:
        resolver = Resolver(environ=environ, command_deadline=0.3)
        assert (
            code_of(await resolver.resolve(reference, config_path=None, environment=Environment.PRODUCTION))
            is codes.COMMAND_SILENT
        )
        self.wait_until_dead(await self.child(tmp_path))

    async def test_is_ended_when_nobody_wants_it_any_more(
        self, resolver: Resolver, reference: CommandReference, tmp_path: Path
    ) -> None:
        task = asyncio.create_task(
            resolver.resolve(reference, config_path=None, environment=Environment.PRODUCTION)
        )
        child = await self.child(tmp_path)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        self.wait_until_dead(child)


async def test_whose_child_keeps_its_output_open_is_understood(resolver: Resolver) -> None:
    begun = time.monotonic()
    program = shell("sleep 20 & echo key")
    answer = await resolver.resolve(program, config_path=None, environment=Environment.PRODUCTION)
    assert isinstance(answer, Secret)
    assert answer.reveal() == "key"
    assert time.monotonic() - begun < 5


async def test_that_fails_tells_why_only_when_asked_and_masked(
    resolver: Resolver, key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    failing = shell('echo "gpg: no secret key for $(cat "$1")" >&2; seq 100 >&2; exit 2', key_file)
    await resolver.resolve(failing, config_path=None, environment=Environment.PRODUCTION)
    assert caplog.text == ""
    with caplog.at_level(logging.DEBUG):
        await resolver.resolve(failing, config_path=None, environment=Environment.PRODUCTION)
    assert "sh: gpg: no secret key for ***" in caplog.text
    assert KEY.reveal() not in caplog.text
    assert len(caplog.records) == 20


_RESOLVE = """
import asyncio, os, sys
from pathlib import Path
from wizard.domain.environment import Environment
from wizard.domain.reference import CommandReference, EnvReference
from wizard.secrets.file_store import FileStore
from wizard.secrets.resolver import Resolver

async def run() -> None:
    resolver = Resolver(environ=os.environ)
    real = Environment.PRODUCTION
    key = await resolver.resolve(EnvReference("ACME_KEY"), config_path=None, environment=real)
    reference = await FileStore(Path(sys.argv[1])).put("production/1", key)
    command = CommandReference(("cat", reference.path))
    assert await resolver.resolve(command, config_path=None, environment=real) == key

asyncio.run(run())
"""


@pytest.mark.system
def test_no_program_ever_sees_the_key_among_its_arguments_or_variables(
    environ: dict[str, str], system_program: Callable[[str], str], tmp_path: Path
) -> None:
    log = tmp_path / "calls"
    strace = [system_program("strace"), "-f", "-v", "-s", "65536", "-e", "trace=execve", "-o", str(log)]
    subprocess.run(
        [*strace, sys.executable, "-c", _RESOLVE, str(tmp_path / "keys")],
        env=environ | {"ACME_KEY": KEY.reveal()},
        check=True,
        timeout=60,
    )
    own, *others = [line for line in log.read_text().splitlines() if "execve(" in line]
    assert KEY.reveal() in own, "the variable of this very test is what strace would show"
    assert any('"cat"' in line for line in others)
    assert not any(KEY.reveal() in line for line in others)
