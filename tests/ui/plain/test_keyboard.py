"""A terminal as the dialogue reads from it."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from wizard.ui.plain.keyboard import Terminal


@pytest.fixture
def reading() -> Iterator[Terminal]:
    """Return the keyboard of a terminal on which nobody types."""
    other_end, end = os.openpty()
    try:
        yield Terminal(end, "utf-8")
    finally:
        os.close(end)
        os.close(other_end)


def test_a_signal_that_does_not_interrupt_the_read_ends_it_all_the_same(reading: Terminal) -> None:
    """As one that comes just before the read; sent to another thread, it does so every time."""

    def press_ctrl_c() -> None:
        time.sleep(0.2)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    with reading.hushed(), pytest.raises(KeyboardInterrupt):
        reading.read_line(threading.Thread(target=press_ctrl_c, daemon=True).start)
    # Whoever woke up at signals before does so again.
    assert signal.set_wakeup_fd(-1) == -1
