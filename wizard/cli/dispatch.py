"""Runs a command, or a walk in the interface that suits the terminal, and reports unhandled errors."""

import errno
import logging
import os
import sys
import threading
import traceback
from argparse import Namespace
from collections.abc import Coroutine
from importlib import import_module
from signal import SIGTERM
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from wizard.cli.streams import discard_output, print_findings, print_message
from wizard.domain.exits import ENDING, Exit, Terminated, UsageError, heeded, signal_exit
from wizard.domain.legible import sentence
from wizard.domain.redaction import RedactingFormatter
from wizard.files.reading import explain_failure, is_limit, reason_in
from wizard.findings import codes, shown
from wizard.secrets.hardening import close_memory
from wizard.site import DefaultsError, SiteDefaults
from wizard.text import Texts, choose_language

if TYPE_CHECKING:
    from wizard.walk.pages import AnyWalk

_PRINTING = frozenset({"completion", "explain", "guide", "schema"})
_WITHOUT_TOKENS = _PRINTING | {"sandbox"}
_MODULES = dict.fromkeys(_PRINTING, "printing") | {"rollback": "rotate"}
"""The modules of commands that are not named after them."""
_WRITING = frozenset({"menu", "rollback", "rotate", "setup"})
T = TypeVar("T")

_NO_ROOM = frozenset({errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC})


def execute(options: Namespace, t: Texts, defaults: SiteDefaults | None) -> int:
    """Run a command and return the exit code. Never raises.

    Args:
        options: The options, including the command.
        t: The language.
        defaults: The site's defaults, if there are any.
    """
    defaults = defaults or SiteDefaults()
    if _holds_tokens(options):
        close_memory()
        mask_errors()
    if options.verbose:
        log_to_stderr()
    try:
        module = _MODULES.get(options.command, options.command)
        command = import_module(f"wizard.cli.commands.{module}")
        if options.command in _WRITING and not _prepare_state_folder(defaults, t):
            return Exit.MACHINE
        code = int(command.run(options, t, defaults))
        sys.stdout.flush()  # now, while an error can still be reported
    except UsageError as error:
        print_message(str(error))
        return Exit.USAGE
    except Terminated as ended:
        return ended.exit_code
    except KeyboardInterrupt:
        print_message(t("Interrupted."))
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - never show a traceback, which may contain values
        return report_error(error, t)
    return code


def report_defaults_error(error: DefaultsError, t: Texts) -> int:
    """Print why the site's defaults cannot be used, and return the exit code."""
    refusal = error.refusal
    problem = error.path if refusal else f"{error.path}: {shown(error.problem, t)}"
    print_message(t("The site's defaults cannot be used: {problem}", problem=problem))
    if refusal is None:
        return Exit.USAGE
    print_findings([refusal], t)
    return Exit.MACHINE


def report_early_error(error: BaseException) -> int:
    """Print an error that occurred before a command was run, and return the exit code."""
    if isinstance(error, KeyboardInterrupt):  # nothing has been started yet
        return Exit.INTERRUPTED
    if not isinstance(error, Exception):
        raise error
    return report_error(error, Texts(choose_language(None, os.environ, None)))


def _prepare_state_folder(defaults: SiteDefaults, t: Texts) -> bool:
    """Remove what interrupted runs have left. Return whether the state folder can be trusted.

    Journals contain references to keys, including commands, so nobody else must be able to write them.
    """
    from wizard.context import AppContext  # imports asyncio, which not all commands need

    context = AppContext.of_this_machine(defaults)
    refusal = context.trust.refusal(context.state_folder) if context.keeps_notes else None
    is_refused = refusal is not None and refusal.code is not codes.FILE_UNREADABLE
    print_findings([refusal] if refusal and is_refused else context.sweep(), t)
    return not is_refused


def report_error(error: Exception, t: Texts) -> int:
    """Print an error that a command did not handle, and return the exit code."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None:
        print_message(t("The output could not be written: {reason}", reason=reason_in(error, t)))
        discard_output(sys.stdout.fileno())  # the interpreter's last flush
        return Exit.MACHINE
    if known := explain_failure(error):
        code, reason = known
        path = error.filename if isinstance(error, OSError) and not is_limit(error) else None
        said = str(shown(reason, t))
        print_message(
            t("{path} cannot be used: {reason}.", path=path, reason=said) if path else sentence(said)
        )
        return code
    print_message(t("The program crashed. This is a bug: {what}", what=describe_crash(error)))
    print_message(t("Nothing that was stored is lost. Run again with -v for details, and report it."))
    return Exit.CRASHED


def _holds_tokens(options: Namespace) -> bool:
    if options.command == "validate":
        return not options.offline  # which reads no keys, but may read thousands of configs
    return options.command not in _WITHOUT_TOKENS


_log = logging.getLogger(__name__)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to the current ``sys.stderr``, which the full-screen interface replaces."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(RedactingFormatter("%(levelname)s %(name)s: %(message)s"))

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # an attribute there, which is never set here
        return sys.stderr


def log_to_stderr() -> None:
    """Log to standard error, with everything that looks like a token masked."""
    logging.basicConfig(level=logging.DEBUG, handlers=[_Stderr()])
    # The API client silences its own libraries, which log complete URLs.
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def mask_errors() -> None:
    """Mask what Python prints by itself: warnings without a log, and uncaught errors in threads."""
    last_resort = _Stderr()
    last_resort.setLevel(logging.WARNING)
    logging.lastResort = last_resort
    threading.excepthook = lambda args: _log_uncaught(args.exc_value)
    # What a finalizer of a library raises, such as that of a loop for which there were too many open files.
    sys.unraisablehook = lambda args: _log_uncaught(args.exc_value, logging.DEBUG)


def _log_uncaught(error: BaseException | None, level: int = logging.ERROR) -> None:
    _log.log(level, "uncaught error", exc_info=error)


def describe_crash(error: BaseException) -> str:
    """Return the type and location of an error, without its message, which may contain values."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    _log.debug("crashed", exc_info=error)
    return f"{type(error).__name__}{place}"


def show_walk(walk: "AnyWalk", options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run a walk in full screen or line by line, and return the exit code.

    Raises:
        UsageError: If there is no terminal.
    """
    from wizard.ui.face import Face, choose_face  # only with questions

    wants_plain = options.plain or bool(defaults.plain)
    choice = choose_face(
        t, os.environ, sys.stdin, sys.stderr, wants_lines=wants_plain, takes_pipe=options.plain
    )
    if choice.face is Face.NONE:
        raise UsageError(choice.reason)
    if choice.reason:
        print_message(choice.reason)
    if choice.face is Face.LINES:
        from wizard.ui.plain import run_plain  # one of two faces

        code = run_plain(walk, t.language)
    else:
        from wizard.ui.tui import show_full_screen  # the other

        theme = defaults.theme or "dark"
        wants_colours = not options.no_color
        code = show_full_screen(
            walk, t.language, wants_colours=wants_colours, theme=theme, is_limit=_is_limit
        )
    _discard_unwritten_output()
    return code


def _is_limit(error: Exception) -> bool:
    """Return whether an error means that a resource of the machine is exhausted."""
    known = explain_failure(error)
    return known is not None and known[0] is Exit.MACHINE


def _discard_unwritten_output() -> None:
    """Discard output for a terminal that no longer exists. Otherwise Python would exit with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            discard_output(stream.fileno())


def ended_early(code: int) -> bool:
    """Return whether the exit code of a walk means that it ended early, and somebody may read why.

    After SIGHUP the terminal is gone, so nothing should be printed.
    """
    return code in {Exit.INTERRUPTED, Exit.USAGE, signal_exit(SIGTERM)}


def print_resume_hint(t: Texts) -> None:
    """Print that the run can be resumed."""
    print_message(t("The steps you have finished are saved. Run the same command again to continue."))


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine and return its result. If a signal arrives, it is cancelled and can clean up.

    Raises:
        KeyboardInterrupt: If Ctrl+C was pressed.
        Terminated: If SIGTERM or SIGHUP was received.
    """
    import asyncio  # not all commands need it

    received: list[int] = []

    async def run() -> T:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()

        def end(number: int) -> None:
            received.append(number)
            if task is not None:
                task.cancel()

        for number in heeded(ENDING):
            loop.add_signal_handler(number, end, number)
        return await work

    try:
        with asyncio.Runner() as runner:
            return runner.run(run())
    except asyncio.CancelledError:
        if not received:
            raise
        raise Terminated(received[0]) from None
    finally:
        work.close()  # if there were too many open files for a loop, it was never begun
