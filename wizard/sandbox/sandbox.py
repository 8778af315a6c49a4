"""The sandbox as one object: a small Tripletex that serves on loopback."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING

from wizard.sandbox.behaviour import Behaviour
from wizard.sandbox.clock import Clock
from wizard.sandbox.demo import DemoWorld, demo_world
from wizard.sandbox.faults import Fault, Faults
from wizard.sandbox.front import Front
from wizard.sandbox.server import running
from wizard.sandbox.tripletex import Tripletex

if TYPE_CHECKING:
    from wizard.sandbox.recorder import RecordedRequest

LOOPBACK = "127.0.0.1"


class Sandbox(Tripletex):
    """A Tripletex to try things on. All of it may be changed and looked at while it is serving.

    Attributes:
        world: Companies, applications and keys.
        behaviour: Its ways where the facts leave a choice.
        clock: Gives the present moment, with zone.
        latency: Seconds that every request takes longer.
        faults: Trouble to order.
        requests: What came in, oldest first.
        peak_concurrency: The most requests there were at once.
        crashes: Mistakes in the sandbox itself; ``serve`` raises the first when it ends.
    """

    def __init__(
        self,
        *,
        world: DemoWorld | None = None,
        behaviour: Behaviour | None = None,
        clock: Callable[[], datetime] | None = None,
        latency: float = 0.0,
        faults: Iterable[Fault] = (),
    ) -> None:
        super().__init__(world or demo_world(), behaviour or Behaviour(), clock or Clock())
        self.latency = latency
        self.faults = Faults(faults)
        self.requests: list[RecordedRequest] = []
        self.peak_concurrency = 0
        self.crashes: list[Exception] = []

    @contextmanager
    def serve(self, *, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
        """Serve in a thread of its own while the context lasts; gives the base URL, ``http://127.0.0.1:PORT/v2``.

        At the end connections are cut, hanging requests too, and the thread is gone.

        Args:
            host: A loopback address.
            port: 0 for any free one.

        Raises:
            NotLoopbackError: Other machines could reach the address.
            OSError: The port is taken.
        """
        with running(Front(self), host=host, port=port) as authority:
            yield f"http://{authority}/v2"
        if self.crashes:
            raise self.crashes[0]

    def serve_forever(self, announce: Callable[[str], None], *, host: str = LOOPBACK, port: int = 0) -> None:
        """Serve until interrupted from the keyboard.

        Args:
            announce: Is told the base URL once requests are answered.
            host: A loopback address.
            port: 0 for any free one.

        Raises:
            KeyboardInterrupt: The user has ended it.
            NotLoopbackError: Other machines could reach the address.
            OSError: The port is taken.
        """
        with self.serve(host=host, port=port) as base_url:
            announce(base_url)
            Event().wait()
