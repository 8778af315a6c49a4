"""The commands. Nothing heavy is imported before it is known which one is wanted."""

import gc
import sys
from collections.abc import Sequence

from wizard import __version__
from wizard.cli.streams import settle_streams
from wizard.secrets.hardening import harden_process


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what ``tripletex-wizard`` on the command line does."""
    # Imports make much and drop nothing. Measured: looking for garbage among them is a tenth of the
    # time to the first screen.
    gc.set_threshold(50_000)
    harden_process()
    settle_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words == ["--version"]:
            # The one answer that scripts ask for in a loop.
            sys.stdout.write(f"tripletex-wizard {__version__}\n")
            code = 0
        else:
            from wizard.cli.parser import run  # see above

            code = run(words)
        sys.stdout.flush()  # here, where the result can be reported
    except BaseException as error:  # noqa: BLE001 - what comes before a command; never a traceback with values
        from wizard.cli.dispatch import tell_early

        return tell_early(error)
    return code
