"""A site's own place for keys: with stand-ins for a vault's client, and with the real programs."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.keys import make_key
from wizard.domain import redaction
from wizard.domain.reference import CommandReference
from wizard.findings import Finding, codes
from wizard.secrets.commands import CommandStore, name_in
from wizard.secrets.store import LogOn, ProofOfDeath

KEY, OTHER = make_key(1), make_key(2)
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
    """A stand-in for a vault's client, and the store that uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "vault"
        self.folder.mkdir()
        program = folder / "vault-client"
        program.write_text(VAULT)
        program.chmod(0o755)
        self.store = CommandStore(
            (str(program), "put", "tripletex-{entry}"),
            (str(program), "get", "tripletex-{entry}"),
            environ={"PATH": os.environ["PATH"], "VAULT": str(self.folder)},
            deadline=5,
        )

    @property
    def entry(self) -> Path:
        return self.folder / "tripletex-production-84201"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


async def test_a_key_is_put_away_read_back_and_referred_to(vault: Vault) -> None:
    assert await vault.store.probe() is None
    reference = await vault.store.put(NAME, KEY)
    assert isinstance(reference, CommandReference)
    assert reference.command[1:] == ("get", "tripletex-production-84201")
    assert vault.entry.read_text() == f"{KEY.reveal()}\n"
    assert await vault.store.get(reference) == KEY


async def test_the_same_key_there_needs_no_put_and_another_one_is_a_refusal(vault: Vault) -> None:
    vault.entry.write_text(f"{KEY.reveal()}\nuser: finale\n")
    assert await vault.store.put(NAME, KEY) == vault.store.reference(NAME)
    refused = await vault.store.put(NAME, OTHER)
    assert isinstance(refused, Finding)
    assert refused.code is codes.ENTRY_TAKEN
    assert vault.entry.read_text() == f"{KEY.reveal()}\nuser: finale\n"


async def test_every_failure_is_told_and_nothing_is_taken_for_stored(vault: Vault) -> None:
    for trouble, code in (
        ("broken", codes.COMMAND_FAILED),
        ("forgetful", codes.STORE_LOSES),
        ("slow", codes.COMMAND_SILENT),
    ):
        (vault.folder / trouble).touch()
        vault.entry.unlink(missing_ok=True)
        vault.store._source._deadline = 0.3 if trouble == "slow" else 5
        told = await vault.store.put(NAME, KEY)
        assert isinstance(told, Finding), trouble
        assert told.code is code, trouble
        (vault.folder / trouble).unlink()
    missing = CommandStore(("no-such-program", "x"), ("cat", "x"), environ={"PATH": os.environ["PATH"]})
    absent = await missing.probe()
    assert absent is not None
    assert absent.code is codes.PROGRAM_MISSING


async def test_nothing_is_ever_deleted_there(vault: Vault) -> None:
    await vault.store.put(NAME, KEY)
    dead = ProofOfDeath.from_log_ons(
        LogOn(KEY, OTHER, "", codes.KEY_REJECTED.found()), LogOn(make_key(3), OTHER, "", None)
    )
    assert dead is not None
    told = await vault.store.delete(vault.store.reference(NAME), dead)
    assert told is not None
    assert told.code is codes.NOT_OURS
    assert vault.entry.exists()


def test_a_reference_of_the_store_is_told_from_others() -> None:
    read = ("pass", "show", "tripletex/{entry}", "--", "{entry}")
    for command, name in (
        (("pass", "show", "tripletex/production-84201", "--", "production-84201"), "production/84201"),
        (("pass", "show", "tripletex/production-84201", "--", "production-84202"), None),
        (("pass", "show", "tripletex/", "--", ""), None),
        (("pass", "show", "other/production-84201", "--", "production-84201"), None),
        (("pass", "show"), None),
    ):
        assert name_in(command, read) == name, command


def gpg_home(folder: Path) -> dict[str, str]:
    """Return an environment with a key pair that needs no passphrase, for ``pass``."""
    home = folder / "gnupg"
    home.mkdir(mode=0o700)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GNUPGHOME": str(home),
        "PASSWORD_STORE_DIR": str(folder / "passwords"),
    }
    make = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "tripletex"]
    subprocess.run([*make, "default", "default", "never"], env=environ, check=True, capture_output=True)
    subprocess.run(["pass", "init", "tripletex"], env=environ, check=True, capture_output=True)
    return environ


@pytest.fixture
def passwords(tmp_path: Path, system_program: Callable[[str], str]) -> Iterator[dict[str, str]]:
    """An environment with a key pair that needs no passphrase, and an empty password store."""
    system_program("pass")
    environ = gpg_home(tmp_path)
    yield environ
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=environ, check=True)


@pytest.mark.system
async def test_pass_keeps_a_key(tmp_path: Path, passwords: dict[str, str]) -> None:
    store = CommandStore(
        ("pass", "insert", "--multiline", "--force", "tripletex/{entry}"),
        ("pass", "show", "tripletex/{entry}"),
        environ=passwords,
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
            ("sh", "-c", put, "sh", "{entry}"), ("sh", "-c", get, "sh", "{entry}"), environ=environ
        )
        reference = await store.put(NAME, KEY)
        assert isinstance(reference, CommandReference), reference
        assert await store.get(reference) == KEY
        assert KEY.reveal() not in "".join(path.read_text("latin-1") for path in tmp_path.iterdir())


def test_a_key_that_is_put_away_is_masked_from_then_on(vault: Vault) -> None:
    import asyncio  # noqa: PLC0415 - the other tests have a loop

    asyncio.run(vault.store.put(NAME, KEY))
    assert KEY.reveal() not in redaction.mask(f"x{KEY.reveal()}")
