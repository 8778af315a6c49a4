"""What every report of ``validate`` has: results go in one by one, and the sum of them is kept."""

from abc import ABC, abstractmethod
from typing import TextIO

from wizard.actions.results import FileResult, Summary
from wizard.domain.exits import Exit, exit_for, worst
from wizard.text import Texts


class Report(ABC):
    """A report that is written while the results arrive.

    Results are handed over, not fetched, because they arrive from an event loop. What a report
    must hold back until it knows the totals, it holds as the text that it will write.
    """

    def __init__(self, out: TextIO, t: Texts) -> None:
        self.summary = Summary()
        self.exit_code = Exit.DONE
        self._out = out
        self._t = t

    def add(self, result: FileResult) -> None:
        """Take one result, in the order in which it is to stand."""
        self.summary = self.summary.including(result.status)
        self.exit_code = worst((self.exit_code, exit_for(result.findings)))
        self._take(result)

    @abstractmethod
    def finish(self) -> None:
        """Write what is left, the totals among it."""

    @abstractmethod
    def _take(self, result: FileResult) -> None:
        """Write one result, or keep what will be written of it."""
