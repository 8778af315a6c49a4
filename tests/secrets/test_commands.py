"""Commands that print or keep a token: a site's own place for keys, and references to commands."""

import asyncio
import base64
import hashlib
import json
import logging
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.keys import make_key
from tests.secrets.conftest import KEY, OTHER, code_of, proof_of_death, resolve
from tests.support.rows import every_row
from tests.support.waiting import is_running, wait_for
from wizard.domain import redaction
from wizard.domain.key import Secret
from wizard.domain.reference import CommandReference
from wizard.findings import Finding, codes
from wizard.secrets.commands import CommandStore, name_in
from wizard.secrets.programs import Commands
from wizard.text import Texts


def shell(script: str, *arguments: object) -> CommandReference:
    return CommandReference(("sh", "-c", script, "sh", *map(str, arguments)))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{KEY.reveal()}\n")
    return path


@contextmanager
def typed(text: str) -> Iterator[None]:
    """Let a text wait on standard input."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    former = os.dup(0)
    os.dup2(reading, 0)
    try:
        yield
    finally:
        os.dup2(former, 0)
        os.close(former)
        os.close(reading)


async def test_the_first_line_of_the_output_is_the_token(key_file: Path, tmp_path: Path) -> None:
    config = tmp_path / "acme.toml"
    config.touch(0o600)
    (tmp_path / "print-key").write_text("#!/bin/sh\ncat key\n")
    (tmp_path / "print-key").chmod(0o700)
    for command, expected in (
        (shell('cat "$1"; echo user: x', key_file), KEY),
        (shell('cat "$1"; head -c 3000000 /dev/zero', key_file), KEY),
        (CommandReference(("cat", "key")), KEY),  # in the folder of the config
        (CommandReference(("./print-key",)), KEY),
        (CommandReference(("echo", "$HOME;", "`id`")), Secret("$HOME; `id`")),  # without a shell
    ):
        assert await resolve(command, config) == expected, command
    with typed("for somebody else\n"):
        assert code_of(await resolve(CommandReference(("cat",)))) is codes.SECRET_EMPTY


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 3", "exit 3"),
        ("kill -TERM $$", "SIGTERM"),
        ("kill -40 $$", "signal 40"),
        ('cat "$1"; false', "exit 1"),
    ],
)
async def test_a_command_that_fails_is_reported_by_its_status_alone(
    key_file: Path, capfd: pytest.CaptureFixture[str], script: str, reason: str
) -> None:
    answer = await resolve(shell(f'cat "$1" >&2; {script}', key_file))
    assert code_of(answer) is codes.COMMAND_FAILED
    assert isinstance(answer, Finding)
    assert f"sh failed ({reason})" in answer.message(Texts("en"))
    assert capfd.readouterr() == ("", "")


@every_row("command", [("/",), ("/etc/hostname",), ("no\0program",), ("cat", "no\0file")])
async def test_a_command_that_cannot_be_run_is_reported(command: tuple[str, ...]) -> None:
    answer = await resolve(CommandReference(command))
    assert code_of(answer) is codes.COMMAND_FAILED


async def test_a_command_gets_the_environment_without_tokens(tmp_path: Path) -> None:
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
        "HEX": f"key={key.encode().hex()}",
        "HEX_FOLDED": "\n".join(textwrap.wrap(key.encode().hex().upper(), 60)),
        "HEX_SPACED": key.encode().hex(" "),
        "HEX_COLONS": key.encode().hex(":"),
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
        "SHA512": hashlib.sha512(key.encode()).hexdigest(),
        "FINGERPRINT": hashlib.sha256(key.encode()).digest().hex(":"),
        "JWT": base64.b64encode(b'{"alg":"none"}').decode() + ".e30.",
        "LONG": "/opt/some/where/with/a/long/name/that/is/no/key:" * 40,
    }
    config = tmp_path / "acme.toml"
    config.write_text('[credentials]\nconsumer_token = { env = "NAMED" }\n')
    await resolve(
        shell('env > "$1"', tmp_path / "env"),
        config,
        commands=Commands(
            {"PATH": os.environ["PATH"]} | tokens | others,
            passed=["VAULT_ROLE_ID", "NAMED"],
            named=["NAMED_BY_DEFAULTS"],
        ),
    )
    seen = dict(
        line.split("=", 1) for line in (tmp_path / "env").read_text(errors="surrogateescape").splitlines()
    )
    assert others.items() <= seen.items()
    assert not tokens.keys() & seen.keys()


def test_a_command_gets_the_umask_of_the_caller(tmp_path: Path) -> None:
    """The wizard's own is strict; a hook that copies a config must not make it private by that."""
    program = (
        "import asyncio, os; os.umask(0o022)\n"
        "from wizard.secrets.hardening import harden_process; harden_process()\n"
        "from wizard.domain.setup import Environment\n"
        "from wizard.domain.reference import CommandReference\n"
        "from wizard.secrets.resolver import Resolver\n"
        "command = CommandReference(('sh', '-c', 'umask'))\n"
        "answer = asyncio.run(Resolver(environ=os.environ).resolve(\n"
        "    command, config_path=None, environment=Environment.SANDBOX))\n"
        "print(answer.reveal(), oct(os.umask(0)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0022", "0o77"]


async def test_a_command_that_is_cancelled_before_it_can_fail_is_cancelled(tmp_path: Path) -> None:
    task = asyncio.create_task(Commands({}).run((str(tmp_path / "missing"),)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("end", ["deadline", "cancelled"])
async def test_a_command_that_does_not_end_is_ended_with_all_its_children(tmp_path: Path, end: str) -> None:
    reference = shell('sleep 600 & echo $! > "$1.new"; mv "$1.new" "$1"; wait', tmp_path / "child")
    deadline = 0.3 if end == "deadline" else 60.0
    task = asyncio.create_task(
        resolve(reference, commands=Commands({"PATH": os.environ["PATH"]}, deadline=deadline))
    )
    while not (tmp_path / "child").exists():  # noqa: ASYNC110 - a shell sets no asyncio.Event
        await asyncio.sleep(0.005)
    if end == "deadline":
        assert code_of(await task) is codes.COMMAND_SILENT
    else:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    child = int((tmp_path / "child").read_text())
    wait_for(lambda: not is_running(child), "the end of the child", 5)


async def test_a_child_that_keeps_the_output_open_is_not_waited_for() -> None:
    begun = time.monotonic()
    assert await resolve(shell("sleep 20 & echo key")) == Secret("key")
    assert time.monotonic() - begun < 5


async def test_the_output_of_a_failed_command_is_shown_only_if_verbose_and_masked(
    key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    failing = shell('echo "gpg: no secret key for $(cat "$1")" >&2; seq -f "no %g" 100 >&2; exit 2', key_file)
    await resolve(failing)
    assert caplog.text == ""
    with caplog.at_level(logging.DEBUG):
        await resolve(failing)
    assert "sh: gpg: no secret key for ***" in caplog.text
    assert KEY.reveal() not in caplog.text
    assert len(caplog.records) == 20


NAME = "production/84201"
VAULT = """\
#!/bin/sh
# A vault's client: `put NAME` reads a secret from standard input, `get NAME` prints it.
case $1 in
    put) if [ -e "$VAULT/broken" ]; then cat >/dev/null; echo "permission denied" >&2; exit 1; fi
         cat >"$VAULT/$2"
         if [ -e "$VAULT/forgetful" ]; then echo something else >"$VAULT/$2"; fi ;;
    get) if [ -e "$VAULT/slow" ]; then sleep 60; fi
         if [ ! -e "$VAULT/$2" ]; then echo "no value found at $2" >&2; exit 2; fi
         cat "$VAULT/$2" ;;
esac
"""


class Vault:
    """A fake client of a vault, and the store that uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "vault"
        self.folder.mkdir()
        self.client = folder / "vault-client"
        self.client.write_text(VAULT)
        self.client.chmod(0o755)
        self.entry = self.folder / "tripletex-production-84201"
        self.store = self.store_with(deadline=5)

    def store_with(self, deadline: float) -> CommandStore:
        put, get = ((str(self.client), verb, "tripletex-{entry}") for verb in ("put", "get"))
        environ = {"PATH": os.environ["PATH"], "VAULT": str(self.folder)}
        return CommandStore(put, get, Commands(environ, deadline=deadline))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


async def test_a_key_is_stored_read_back_and_referred_to(vault: Vault) -> None:
    assert await vault.store.probe() is None
    reference = await vault.store.put(NAME, KEY)
    assert isinstance(reference, CommandReference)
    assert reference.command[1:] == ("get", "tripletex-production-84201")
    assert vault.entry.read_text() == f"{KEY.reveal()}\n"
    assert await vault.store.get(reference) == KEY
    assert KEY.reveal() not in redaction.mask(f"x{KEY.reveal()}")


async def test_the_same_key_is_not_stored_twice_and_another_one_is_not_overwritten(vault: Vault) -> None:
    vault.entry.write_text(f"{KEY.reveal()}\nuser: finale\n")
    assert await vault.store.put(NAME, KEY) == vault.store.reference(NAME)
    assert code_of(await vault.store.put(NAME, OTHER)) is codes.ENTRY_TAKEN
    assert vault.entry.read_text() == f"{KEY.reveal()}\nuser: finale\n"


async def test_every_failure_is_reported_and_nothing_counts_as_stored(vault: Vault) -> None:
    for trouble, deadline, code in (
        ("broken", 5, codes.COMMAND_FAILED),
        ("forgetful", 5, codes.STORE_LOSES),
        ("slow", 0.3, codes.COMMAND_SILENT),
    ):
        (vault.folder / trouble).touch()
        vault.entry.unlink(missing_ok=True)
        assert code_of(await vault.store_with(deadline).put(NAME, KEY)) is code, trouble
        assert vault.entry.exists() == (trouble == "forgetful")  # nothing is put where something may be
        (vault.folder / trouble).unlink()
    missing = CommandStore(("no-such-program", "x"), ("cat", "x"), Commands({"PATH": os.environ["PATH"]}))
    assert code_of(await missing.probe()) is codes.PROGRAM_MISSING


async def test_a_store_of_the_site_never_deletes(vault: Vault) -> None:
    await vault.store.put(NAME, KEY)
    told = await vault.store.delete(vault.store.reference(NAME), proof_of_death(KEY))
    assert code_of(told) is codes.NOT_OURS
    assert vault.entry.exists()


def test_a_reference_of_the_store_is_recognised() -> None:
    read = ("pass", "show", "tripletex/{entry}", "--", "{entry}")
    for command, name in (
        (("pass", "show", "tripletex/production-84201", "--", "production-84201"), "production/84201"),
        (("pass", "show", "tripletex/production-84201", "--", "production-84202"), None),
        (("pass", "show", "tripletex/", "--", ""), None),
        (("pass", "show", "other/production-84201", "--", "production-84201"), None),
        (("pass", "show"), None),
    ):
        assert name_in(command, read) == name, command
    twice = ("age", "-d", "{entry}/{entry}.age")
    assert name_in(("age", "-d", "test-7/test-7.age"), twice) == "test/7"
    assert name_in(("age", "-d", "test-7/test-8.age"), twice) is None
    assert name_in(("printenv", "KEY"), ("printenv", "KEY")) is None


@pytest.fixture
def passwords(tmp_path: Path, system_program: Callable[[str], str]) -> Iterator[dict[str, str]]:
    """An environment with a key pair that needs no passphrase, and an empty password store."""
    system_program("pass")
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GNUPGHOME": str(home),
        "PASSWORD_STORE_DIR": str(tmp_path / "passwords"),
    }
    make = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "tripletex"]
    subprocess.run([*make, "default", "default", "never"], env=environ, check=True, capture_output=True)
    subprocess.run(["pass", "init", "tripletex"], env=environ, check=True, capture_output=True)
    yield environ
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=environ, check=True)


@pytest.mark.system
async def test_pass_keeps_a_key(tmp_path: Path, passwords: dict[str, str]) -> None:
    store = CommandStore(
        ("pass", "insert", "--multiline", "--force", "tripletex/{entry}"),
        ("pass", "show", "tripletex/{entry}"),
        Commands(passwords),
    )
    reference = await store.put(NAME, KEY)
    assert isinstance(reference, CommandReference), reference
    assert await store.put(NAME, KEY) == reference
    assert await store.get(reference) == KEY
    assert (tmp_path / "passwords/tripletex/production-84201.gpg").exists()


@pytest.mark.system
async def test_age_and_systemd_creds_keep_a_key(tmp_path: Path, system_program: Callable[[str], str]) -> None:
    environ = {"PATH": f"{os.environ['PATH']}:/usr/sbin", "HOME": str(tmp_path), "D": str(tmp_path)}
    identity = tmp_path / "identity"
    stores: list[tuple[str, str, Callable[[], object]]] = [
        (
            'age --encrypt --identity "$D/identity" --output "$D/$1.age"',
            'age --decrypt --identity "$D/identity" "$D/$1.age"',
            lambda: subprocess.run(["age-keygen", "-o", identity], check=True, capture_output=True),
        ),
        (
            'systemd-creds encrypt --with-key=host --name="$1" - "$D/$1.cred"',
            'systemd-creds decrypt --name="$1" "$D/$1.cred" -',
            lambda: None,
        ),
    ]
    for put, get, prepare in stores:
        program = Path(system_program(put.partition(" ")[0])).name
        if program == "systemd-creds" and os.geteuid() != 0:
            continue  # the host's key is root's
        prepare()
        store = CommandStore(
            ("sh", "-c", put, "sh", "{entry}"), ("sh", "-c", get, "sh", "{entry}"), Commands(environ)
        )
        reference = await store.put(NAME, KEY)
        assert isinstance(reference, CommandReference), reference
        assert await store.get(reference) == KEY
        assert KEY.reveal() not in "".join(path.read_text("latin-1") for path in tmp_path.iterdir())
