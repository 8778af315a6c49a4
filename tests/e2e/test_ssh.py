"""Set-ups over a real SSH connection, which may be lost at any moment."""

import os
import shlex
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.faces import BUREAU_CLIENT, EVERY_FACE, SINGLE_COMPANY, SOON, Face, FullScreen, wrapped
from tests.support.home import WIZARD, Home
from tests.support.sandbox import Fault
from tests.support.servers import unused_port
from tests.support.terminal import Terminal
from tests.support.waiting import is_running, wait_for
from wizard.findings import StepId

_CONFIG: Final = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
PrintMotd no
PrintLastLog no
LogLevel ERROR
SetEnv {variables}
"""


@dataclass(frozen=True)
class Server:
    """Where one logs on.

    Attributes:
        keys: The folder with the throw-away keys.
    """

    home: Home
    program: str
    port: int
    keys: Path

    def connect(self, *words: str | Path, has_terminal: bool = True) -> tuple[str, ...]:
        """Return the command that logs on and starts the wizard there."""
        command = shlex.join(map(str, (*WIZARD, *words)))
        place = shlex.quote(str(self.home.folder))
        options = {
            "IdentityFile": self.keys / "user",
            "UserKnownHostsFile": self.keys / "known",
            "StrictHostKeyChecking": "yes",
            "IdentitiesOnly": "yes",
            "LogLevel": "ERROR",
        }
        return (
            self.program,
            *("-F", "none", "-p", str(self.port), "-tt" if has_terminal else "-T"),
            *(word for name, value in options.items() for word in ("-o", f"{name}={value}")),
            "127.0.0.1",
            # Its number stays the same, so that the test knows whom it looks for.
            f"cd {place} && echo $$ >pid && exec {command}",
        )

    def log_on(self, *words: str | Path) -> Terminal:
        """Start the wizard over a new connection, on a terminal."""
        (self.home.folder / "pid").unlink(missing_ok=True)
        return self.home.on_terminal(self.connect(*words), {"PATH": os.environ["PATH"]})

    @property
    def wizard(self) -> int:
        """The process of the wizard that was started last."""
        return int((self.home.folder / "pid").read_text())

    def await_end(self, patience: float) -> None:
        """Wait until that process is gone or is a zombie."""
        wait_for(lambda: not is_running(self.wizard), "the end of the wizard", patience)


@contextmanager
def serving(home: Home, sshd: str, ssh: str, ssh_keygen: str) -> Iterator[Server]:
    """Let people log on to a home."""
    keys = home.folder / "ssh"
    keys.mkdir(mode=0o700)
    for name in ("host", "user"):
        subprocess.run([ssh_keygen, "-q", "-t", "ed25519", "-N", "", "-f", keys / name], check=True)
    port = unused_port()
    (keys / "known").write_text(f"[127.0.0.1]:{port} {(keys / 'host.pub').read_text()}")
    variables = " ".join(f'"{name}={value}"' for name, value in home.environment.items())
    config = keys / "sshd_config"
    config.write_text(_CONFIG.format(port=port, folder=keys, variables=variables))
    if not os.geteuid():
        # Where sshd lays its rights down; a machine without a running sshd may lack it.
        Path("/run/sshd").mkdir(exist_ok=True, mode=0o755)
    with (
        (keys / "log").open("wb") as log,
        subprocess.Popen([sshd, "-D", "-e", "-f", config], stderr=log) as process,
    ):
        try:
            wait_for(lambda: _answers(port, process), "sshd")
            yield Server(home, ssh, port, keys)
        finally:
            process.terminate()


def _answers(port: int, sshd: "subprocess.Popen[bytes]") -> bool:
    assert sshd.poll() is None, "sshd did not start"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return connection.recv(4).startswith(b"SSH")
    except OSError:
        return False


GO_ON = 1


@pytest.fixture
def server(home: Home, system_program: Callable[[str], str]) -> Iterator[Server]:
    """Serve the home over SSH."""
    programs = map(system_program, ("sshd", "ssh", "ssh-keygen"))
    with serving(home, *programs) as server:
        yield server


def log_on(server: Server, face: type[Face]) -> Face:
    home = server.home
    return face(server.log_on("setup", home.target, *home.flags, *face.flags))


@pytest.mark.system
@EVERY_FACE
def test_a_complete_set_up_works_over_ssh(server: Server, face: type[Face]) -> None:
    home = server.home
    person = log_on(server, face)
    BUREAU_CLIENT.take(person, home, to=StepId.SETUP)
    person.terminal.resize(110, 30)
    person.still_at(StepId.SETUP)
    if face is FullScreen:
        # The list of steps, for which there is room now.
        person.hears("Fyll inn i Finale")
    BUREAU_CLIENT.take(person, home, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    person.terminal.assert_restored()
    server.await_end(SOON)
    written, key = home.written, home.world.office.employee_token
    assert key not in person.terminal.plain
    home.furnish()
    home.run(*BUREAU_CLIENT.flags(home), text=key, code=0)
    assert home.written == written


def lose_connection(server: Server, person: Face) -> None:
    """Kill the ssh client: the server notices, and hangs up."""
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()


@pytest.mark.system
@EVERY_FACE
def test_a_new_connection_continues_with_the_pasted_key(server: Server, face: type[Face]) -> None:
    home = server.home
    person = log_on(server, face)
    SINGLE_COMPANY.take(person, home, to=StepId.SETUP)
    lose_connection(server, person)
    server.await_end(SOON)
    assert not home.written
    assert not home.sandbox.open_sessions
    assert [path.name for path in home.leaking] == [str(home.world.single_company.token_id)]
    person = log_on(server, face)
    person.at(StepId.WELCOME)
    person.choose(GO_ON)
    SINGLE_COMPANY.take(person, home, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert list(home.written) == [home.target.name]
    assert not home.journals


@pytest.mark.system
@EVERY_FACE
def test_a_connection_lost_while_the_key_is_tested_leaves_no_session(
    server: Server, face: type[Face]
) -> None:
    home = server.home
    slow = Fault(path="*whoAmI", trouble="slow", delay=30)
    home.sandbox.faults.append(slow)
    person = log_on(server, face)
    SINGLE_COMPANY.take(person, home, to=StepId.CREATE_KEY)
    person.paste(wrapped(home.world.single_company.employee_token))
    person.terminal.until(lambda: bool(home.sandbox.faults.hits(slow)), "a question")
    assert home.sandbox.open_sessions
    lose_connection(server, person)
    server.await_end(SOON)
    assert not home.sandbox.open_sessions
    assert home.keys
    assert home.journals


@pytest.mark.system
def test_without_a_terminal_the_run_ends_at_once_with_a_message(server: Server) -> None:
    command = server.connect("setup", has_terminal=False)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        # Nothing is written to standard input, and it is not closed either.
        code = process.wait(20)
        out, err = process.communicate()
    assert code == 2
    assert "--no-input" in err
    assert "ssh -t" in err
    assert not out
    server.await_end(SOON)
