"""The commands. Nothing heavy is imported before it is known which one is wanted."""

import errno
import gc
import os
import sys
from collections.abc import Sequence

TYPE_CHECKING = False  # typing itself is half of what --version costs
if TYPE_CHECKING:
    from argparse import Namespace

    from wizard.actions.defaults import DefaultsError, SiteDefaults
    from wizard.text import Texts

_WITHOUT_TOKENS = frozenset({"completion", "explain", "guide", "sandbox", "schema"})
_WITHOUT_DEFAULTS = frozenset({"completion", "doctor", "explain", "guide", "schema"})
"""Commands that work without the site's defaults; ``doctor`` tells what is wrong with them."""
_WRITING = frozenset({"menu", "rollback", "rotate", "setup"})
_NO_ROOM = frozenset({errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC})
_SHORTEST_TOKEN = 36
"""Characters in a token of the form before 2022."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what ``tripletex-wizard`` on the command line does."""
    # Imports make much and drop nothing. Measured: looking for garbage among them is a tenth of the
    # time to the first screen.
    gc.set_threshold(50_000)
    from wizard.secrets.hardening import harden_process  # noqa: PLC0415

    harden_process()
    from wizard.cli.streams import settle_streams  # noqa: PLC0415

    settle_streams()
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()  # here, where the result can be reported
    except KeyboardInterrupt:  # so early that nothing has begun
        from wizard.domain.exits import Exit  # noqa: PLC0415

        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - as below, of what comes before a command
        from wizard.text import Texts, choose_language  # noqa: PLC0415

        return _tell(error, Texts(choose_language(None, os.environ, None)))
    return code


def _run(words: list[str]) -> int:
    if words == ["--version"]:
        # The one answer that scripts ask for in a loop.
        from wizard import __version__  # noqa: PLC0415

        sys.stdout.write(f"tripletex-wizard {__version__}\n")
        return 0
    from wizard.actions.site_files import defaults_files  # noqa: PLC0415
    from wizard.cli.parser import parse, wished_language  # noqa: PLC0415
    from wizard.text import Texts, choose_language  # noqa: PLC0415

    defaults, error = _load_defaults() if defaults_files(os.environ) else (None, None)
    language = defaults.language if defaults else None
    t = Texts(choose_language(wished_language(words), os.environ, language))
    if _mentions_token(words):
        # Before anything can quote it: where it cannot be carried out, a command line is repeated in part.
        say(t("There is a token on the command line. Other users can see it, and the shell remembers it."))
        say(
            t("Give it with --employee-token-file - (standard input), or paste it when you are asked for it.")
        )
        return 2
    options = parse(words, t)
    if isinstance(options, int):
        return options
    if error is not None and options.command not in _WITHOUT_DEFAULTS:
        return _refuse_defaults(error, t)
    return _carry_out(options, t, defaults)


def _mentions_token(words: list[str]) -> bool:
    if all(len(word) < _SHORTEST_TOKEN for word in words):
        return False
    from wizard.domain.key import looks_like_token  # noqa: PLC0415 - not paid for by short command lines

    return any(looks_like_token(part) for word in words for part in word.replace("=", ":").split(":"))


def _load_defaults() -> "tuple[SiteDefaults | None, DefaultsError | None]":
    """Return what the site has decided, and what is wrong with it."""
    from wizard.actions.defaults import DefaultsError, load_defaults  # noqa: PLC0415

    try:
        return load_defaults(os.environ), None
    except DefaultsError as error:
        return None, error


def _refuse_defaults(error: "DefaultsError", t: "Texts") -> int:
    """Say why the site's defaults cannot be used, and return the exit code."""
    from wizard.domain.exits import Exit  # noqa: PLC0415

    if error.refusal is None:
        say(t("The site's defaults cannot be used: {problem}", problem=str(error)))
        return Exit.USAGE
    refused = error.refusal
    say(t("The site's defaults cannot be used: {problem}", problem=f"{error.path}"))
    say(f"{refused.code.id}  {refused.message(t)}")
    say(f"       {t('hint')}: {refused.hint(t)}")
    return Exit.MACHINE


def _carry_out(options: "Namespace", t: "Texts", defaults: "SiteDefaults | None") -> int:
    from importlib import import_module  # noqa: PLC0415

    from wizard.actions.defaults import SiteDefaults  # noqa: PLC0415
    from wizard.domain.exits import Exit, Terminated, UsageError  # noqa: PLC0415

    if _holds_tokens(options):
        from wizard.cli.log import mask_errors  # noqa: PLC0415
        from wizard.secrets.hardening import close_memory  # noqa: PLC0415

        close_memory()
        mask_errors()
    if options.verbose:
        from wizard.cli.log import log_to_stderr  # noqa: PLC0415

        log_to_stderr()
    try:
        command = import_module(f"wizard.cli.commands.{options.command}")
        if options.command in _WRITING:
            _tell_leftovers(defaults or SiteDefaults(), t)
        code = int(command.run(options, t, defaults or SiteDefaults()))
        sys.stdout.flush()  # here, where the result can be reported
    except UsageError as error:
        say(str(error))
        return Exit.USAGE
    except Terminated as ended:
        return ended.exit_code
    except KeyboardInterrupt:
        say(t("Interrupted."))
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence: never a traceback with values
        return _tell(error, t)
    return code


def _tell_leftovers(defaults: "SiteDefaults", t: "Texts") -> None:
    """Remove what an interrupted run left of writing a key, and say so."""
    from wizard.actions.context import AppContext  # noqa: PLC0415

    for finding in AppContext.of_this_machine(defaults).sweep():
        say(f"{finding.code.id}  {finding.message(t)}")
        say(f"       {t('hint')}: {finding.hint(t)}")


def _tell(error: Exception, t: "Texts") -> int:
    """Say why a command came to no end of its own, and return the exit code."""
    from wizard.cli.log import describe_crash  # noqa: PLC0415
    from wizard.cli.streams import lead_nowhere  # noqa: PLC0415
    from wizard.domain.exits import Exit  # noqa: PLC0415
    from wizard.files.reading import explain_failure  # noqa: PLC0415
    from wizard.findings import Term  # noqa: PLC0415

    if isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None:
        say(t("The output could not be written: {reason}", reason=error.strerror))
        lead_nowhere(sys.stdout.fileno())  # the interpreter's last flush
        return Exit.MACHINE
    if known := explain_failure(error):
        code, reason = known
        path = error.filename if isinstance(error, OSError) else None
        shown = t(reason) if isinstance(reason, Term) else reason
        say(t("{path} cannot be used: {reason}.", path=path, reason=shown) if path else _sentence(shown))
        return code
    say(t("The program crashed. This is a bug in it: {what}", what=describe_crash(error)))
    say(t("Nothing that was stored is lost. Run again with -v for details, and report it."))
    return Exit.CRASHED


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."


def _holds_tokens(options: "Namespace") -> bool:
    if options.command == "validate":
        return not options.offline  # configs by the thousand, and no key is read
    return options.command not in _WITHOUT_TOKENS


def say(sentence: str) -> None:
    """Print a message to standard error; data goes to standard output."""
    from wizard.domain.legible import visible  # noqa: PLC0415

    shown = visible(sentence, keep="\n")
    sys.stderr.write(f"{_wrapped(shown) if sys.stderr.isatty() else shown}\n")


def _wrapped(text: str) -> str:
    """Break lines between words: a terminal breaks them anywhere."""
    from shutil import get_terminal_size  # noqa: PLC0415
    from textwrap import fill  # noqa: PLC0415

    width = max(get_terminal_size().columns - 1, 20)
    lines = text.split("\n")
    indents = [line[: len(line) - len(line.lstrip())] for line in lines]
    return "\n".join(
        fill(
            line.strip(),
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line, indent in zip(lines, indents, strict=True)
    )
