"""Nobody at a terminal: a sentence and exit code 2 at once, never a question that nobody sees."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.support.house import WIZARD, House

_CONFIG = """\
schema_version = 1
tripletex = {{ environment = "sandbox", base_url = "{base_url}" }}
finale = {{ setup = "single-company" }}
credentials = {{ employee_token = {{ env = "KEY" }} }}
"""

Open = Callable[[Path], AbstractContextManager[int]]

COMMANDS = {"menu": (), "setup": ("setup", "new.toml"), "rotate": ("rotate", "configs/finale.toml")}


@contextmanager
def nowhere(folder: Path) -> Iterator[int]:
    with Path(os.devnull).open() as stdin:
        yield stdin.fileno()


@contextmanager
def file(folder: Path) -> Iterator[int]:
    path = folder / "answers"
    path.write_text("\n" * 20)
    with path.open() as stdin:
        yield stdin.fileno()


@contextmanager
def pipe(folder: Path) -> Iterator[int]:
    """Give a pipe into which nobody writes, as ``ssh host command`` has."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


@contextmanager
def connection(folder: Path) -> Iterator[int]:
    """Give a socket, which some versions of sshd use instead."""
    one, other = socket.socketpair()
    with one, other:
        yield one.fileno()


STDIN: dict[str, Open | None] = {
    "nowhere": nowhere,
    "a file": file,
    "a pipe": pipe,
    "a connection": connection,
    "closed": None,
}


def run(house: House, *words: str, stdin: int | None) -> subprocess.CompletedProcess[str]:
    """Run the wizard with another standard input, or a closed one; nothing of it is a terminal."""
    closed = ("sh", "-c", 'exec "$@" <&-', "sh") if stdin is None else ()
    return subprocess.run(
        [*closed, *WIZARD, *words],
        env=house.home.environment,
        cwd=house.folder,
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("stdin", STDIN.values(), ids=STDIN.keys())
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_where_nobody_can_answer_nothing_is_asked(
    house: House, command: tuple[str, ...], stdin: Open | None
) -> None:
    house.config.write_text(_CONFIG.format(base_url=house.base_url))
    if stdin is None:
        refused = run(house, *command, stdin=None)
    else:
        with stdin(house.folder) as descriptor:
            refused = run(house, *command, stdin=descriptor)
    assert refused.returncode == 2, refused.stderr
    assert "--no-input" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not refused.stdout
    assert not (house.folder / "new.toml").exists()
    assert not house.journals


def test_a_pipe_that_was_announced_answers_a_whole_set_up(house: House) -> None:
    key = house.sandbox.world.single_company.employee_token
    answers = ["", "", key, "", "1", "1", "", ""]
    text = "".join(f"{answer}\n" for answer in answers)
    done = house.home.run("setup", house.config, "--plain", *house.flags, text=text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(house.written) == [house.config.name]
    assert key not in done.stdout + done.stderr


def test_a_pipe_that_ends_too_early_leaves_a_run_to_go_on_with(house: House) -> None:
    key = house.sandbox.world.single_company.employee_token
    ended = house.home.run("setup", house.config, "--plain", *house.flags, text=f"\n\n{key}\n")
    assert ended.returncode == 2
    assert "Kjør den samme kommandoen på nytt" in " ".join(ended.stderr.split())
    assert not house.written
    assert [path.name for path in house.telling] == [str(house.sandbox.world.single_company.token_id)]
    rest = "".join(f"{answer}\n" for answer in ("1", "", "1", "1", "", ""))
    done = house.home.run("setup", house.config, "--plain", *house.flags, text=rest)
    assert done.returncode == 0, done.stdout + done.stderr
    assert house.written
