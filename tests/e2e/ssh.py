"""A server of its own on loopback, to which one logs on as oneself and finds the house there."""

import os
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.house import WIZARD, House
from tests.support.terminal import Terminal

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

    house: House
    program: str
    port: int
    keys: Path

    def connect(self, *words: str | Path, has_terminal: bool = True) -> tuple[str, ...]:
        """Return the command that logs on and starts the wizard there."""
        command = shlex.join(map(str, (*WIZARD, *words)))
        place = shlex.quote(str(self.house.folder))
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
        """Start the wizard over a connection of its own, on a terminal."""
        (self.house.folder / "pid").unlink(missing_ok=True)
        return self.house.run_on_terminal(self.connect(*words), {"PATH": os.environ["PATH"]})

    @property
    def wizard(self) -> int:
        """The process of the wizard that was started last."""
        return int((self.house.folder / "pid").read_text())

    def await_end(self, patience: float) -> None:
        """Wait until that process is gone, whoever has to take note of its end."""
        deadline = time.monotonic() + patience
        while _is_running(self.wizard):
            assert time.monotonic() < deadline, "still running"
            time.sleep(0.01)


def _is_running(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@contextmanager
def serving(house: House, sshd: str, ssh: str, ssh_keygen: str) -> Iterator[Server]:
    """Let people log on to a house."""
    keys = house.folder / "ssh"
    keys.mkdir(mode=0o700)
    for name in ("host", "user"):
        subprocess.run([ssh_keygen, "-q", "-t", "ed25519", "-N", "", "-f", keys / name], check=True)
    port = _free_port()
    (keys / "known").write_text(f"[127.0.0.1]:{port} {(keys / 'host.pub').read_text()}")
    variables = " ".join(f'"{name}={value}"' for name, value in house.home.environment.items())
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
            _await_banner(port, process)
            yield Server(house, ssh, port, keys)
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await_banner(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 10
    while True:
        assert process.poll() is None, "sshd did not start"
        assert time.monotonic() < deadline, "sshd did not answer"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                if connection.recv(4).startswith(b"SSH"):
                    return
        except OSError:
            time.sleep(0.02)
