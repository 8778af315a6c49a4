"""Runs the command line in processes forked from one that has imported it already.

Each run is a process with its own home, streams and signals. It begins in a twentieth of the time that a new
Python takes.
"""

import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.support.guard import GLANCE, Guard
from tests.support.home import MEASURING, Done, Home

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "__main__",
        "anyio._backends._asyncio",
        "certifi",
        "httpcore",
        "tests.support.forked",
        "tomlkit",
        "wizard.checks.outcomes",
        "wizard.cli.commands.rotate",
        "wizard.cli.commands.setup",
        "wizard.cli.commands.validate",
        "wizard.cli.parser",
        "wizard.secrets.file_store",
        "wizard.tripletex.client",
    ]
)
_STREAMS = (("in", os.O_RDONLY), ("out", os.O_WRONLY | os.O_CREAT), ("err", os.O_WRONLY | os.O_CREAT))


@dataclass
class Started:
    """A run that has been started."""

    process: BaseProcess
    streams: Path
    guard: Guard

    @property
    def pid(self) -> int:
        pid = self.process.pid
        assert pid is not None
        return pid

    def end(self, timeout: float = 60) -> Done:
        """Wait for the end of the run and return its output."""
        deadline = time.monotonic() + timeout
        self.process.join(GLANCE)
        while self.process.is_alive():
            if time.monotonic() > deadline:
                self.process.kill()
                raise TimeoutError(str(self.streams))
            self.guard.look_at(self.pid)
            self.process.join(GLANCE)
        out, err = (self.streams.joinpath(name).read_text() for name in ("out", "err"))
        self.guard.said += [out, err]
        code = self.process.exitcode
        assert code is not None
        shutil.rmtree(self.streams)
        return Done(code, out, err)


class ForkedHome(Home):
    """A home in which commands are run by forked processes."""

    def begin(self, *arguments: str | Path, text: str = "") -> Started:
        """Start a command and return at once."""
        streams = Path(tempfile.mkdtemp(prefix="forked-run-"))
        (streams / "in").write_text(text)
        words = [str(argument) for argument in arguments]
        given = (words, self.environment, str(self.folder), str(streams))
        process = _CONTEXT.Process(target=_run, args=given)
        process.start()
        return Started(process, streams, self.guard)

    def run(
        self, *words: str | Path, text: str = "", program: str = "wizard", code: int | None = None
    ) -> Done:
        """Run one command to its end, and assert its exit code if one is given."""
        if program != "wizard":
            return super().run(*words, text=text, program=program, code=code)
        return self.ended(self.begin(*words, text=text).end(), code)


def _run(words: list[str], environ: dict[str, str], folder: str, streams: str) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    for number, (name, flags) in enumerate(_STREAMS):
        descriptor = os.open(f"{streams}/{name}", flags, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - a descriptor has no path
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
    from wizard.cli import main  # noqa: PLC0415 - in the process that it is about

    with _measured(environ):
        sys.exit(main(words))


@contextmanager
def _measured(environ: dict[str, str]) -> Iterator[None]:
    """Measure the coverage of this process, if the tests are measured.

    It inherits the measurement of the process that it was forked from, which is never saved.
    """
    if MEASURING not in environ:
        yield
        return
    import coverage  # noqa: PLC0415 - only where it is needed

    measurement = coverage.process_startup(force=True)
    try:
        yield
    finally:
        if measurement is not None:
            measurement.stop()
            measurement.save()
