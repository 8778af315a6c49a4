"""Other users than root, for tests of what only matters to ordinary ones."""

import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def as_user(user: int, call: Callable[[], T]) -> T:
    """Return what a call returns to another user, in a child process."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            os.write(sending, pickle.dumps(call()))
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as answer:
        data = answer.read()
    os.waitpid(child, 0)
    assert data, "the call raised"
    result: T = pickle.loads(data)  # noqa: S301 - it comes from this very test
    return result


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that every user can enter; pytest's own are for its user alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
