"""The command line. Modules are imported once it is known which command to run."""

import gc
import sys

from wizard import __version__
from wizard.cli.streams import prepare_streams
from wizard.secrets.hardening import harden_process


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code. This is the entry point of ``tripletex-wizard``."""
    # Imports allocate much and free nothing, and collecting garbage takes a tenth of the start-up time.
    gc.set_threshold(100_000)
    harden_process()
    prepare_streams()
    words = sys.argv[1:] if arguments is None else arguments
    try:
        if words == ["--version"]:
            # Answered here because scripts may call it in a loop.
            sys.stdout.write(f"tripletex-wizard {__version__}\n")
            code = 0
        else:
            from wizard.cli.parser import run  # see above

            code = run(words)
        sys.stdout.flush()  # now, while an error can still be reported
    except BaseException as error:  # noqa: BLE001 - never show a traceback, which may contain values
        from wizard.cli.dispatch import report_early_error

        return report_early_error(error)
    return code
