"""A progress line for long runs, which is only shown on a terminal."""

from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Final, Self, TextIO

from wizard.domain.legible import encodable
from wizard.text import N_, Texts

_PACE: Final = 0.1
"""Seconds between two updates, so that a slow connection is not filled with them."""
_LIMITED: Final = 0.3
"""Seconds per client under the rate limit: three requests, of which 100 are allowed in ten seconds."""
_UNLIMITED: Final = 30
"""How many clients can be read before the rate limit is reached."""


class Progress:
    """A progress line that is updated in place and removed at the end.

    It is meant for standard error. Call ``clear`` before writing other text to the same terminal.
    """

    def __init__(self, stream: TextIO, total: int, t: Texts) -> None:
        self._stream = stream
        self._total = total
        self._t = t
        self._done = 0
        self._shown = ""
        self._next = 0.0
        self._first_client = 0.0
        self._is_on = stream.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def advance(self) -> None:
        """Increase the count by one."""
        self._done += 1
        if self._is_on and monotonic() >= self._next:
            self._next = monotonic() + _PACE
            text = self._t("Checked {done} of {total}", done=self._done, total=self._total)
            self._show(encodable(text, self._stream.encoding))

    def count_clients(self, done: int, total: int) -> None:
        """Show how many clients have been read, and an estimate of the remaining time."""
        now = monotonic()
        if done == 1:
            self._first_client = now
        if not self._is_on or now < self._next:
            return
        self._next = now + _PACE
        if done == 1:
            self.tell(lambda t: t("Clients read: {done} of {total}", done=done, total=total))
            return
        # The first hundred requests are faster than those that wait for the rate limit.
        pace = max((now - self._first_client) / (done - 1), _LIMITED if total > _UNLIMITED else 0.0)
        left = round(pace * (total - done))
        text = N_("Clients read: {done} of {total}, about {seconds} seconds left")
        self.tell(lambda t: t(text, done=done, total=total, seconds=left))

    def tell(self, text: Callable[[Texts], str]) -> None:
        """Show a message in place of the count."""
        if self._is_on:
            self._show(encodable(text(self._t), self._stream.encoding))

    def clear(self) -> None:
        """Remove the line."""
        if self._shown:
            self._show("")
            self._stream.write("\r")
            self._stream.flush()

    def _show(self, text: str) -> None:
        self._stream.write(f"\r{text.ljust(len(self._shown))}")
        self._stream.flush()
        self._shown = text
