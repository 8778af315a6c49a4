"""The command line. Modules are imported once it is known which command to run."""

import gc
import os
import sys

from wizard import __version__
from wizard.cli.streams import prepare_streams, print_message
from wizard.secrets.hardening import harden_process

TYPE_CHECKING = False  # importing typing takes half of the time of --version
if TYPE_CHECKING:
    from wizard.site import DefaultsError, SiteDefaults

_WITHOUT_DEFAULTS = frozenset({"completion", "doctor", "explain", "guide", "schema"})
"""Commands that work without the site's defaults; ``doctor`` reports what is wrong with them."""
_SHORTEST_TOKEN = 36
"""Characters in a token in the format used before 2022."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code. This is the entry point of ``tripletex-wizard``."""
    # Imports allocate much and free nothing, and collecting garbage takes a tenth of the start-up time.
    gc.set_threshold(100_000)
    harden_process()
    prepare_streams()
    words = sys.argv[1:] if arguments is None else arguments
    try:
        code = _run(words)
        sys.stdout.flush()  # now, while an error can still be reported
    except BaseException as error:  # noqa: BLE001 - never show a traceback, which may contain values
        from wizard.cli.dispatch import report_early_error

        return report_early_error(error)
    return code


def _run(words: list[str]) -> int:
    if words == ["--version"]:
        # Answered here because scripts may call it in a loop.
        sys.stdout.write(f"tripletex-wizard {__version__}\n")
        return 0
    from wizard.cli.parser import parse, requested_language
    from wizard.paths import UserUnknown, defaults_files
    from wizard.text import Texts, choose_language

    defaults, error = _load_defaults() if defaults_files(os.environ) else (None, None)
    language = defaults.language if defaults else None
    t = Texts(choose_language(requested_language(words), os.environ, language))
    if _mentions_token(words):
        # Checked first, because errors in the command line quote parts of it.
        print_message(
            t("There is a token on the command line. Other users can see it, and the shell remembers it.")
        )
        print_message(
            t("Use --employee-token-file - (standard input), or paste it when you are asked for it.")
        )
        return 2
    try:
        options = parse(words, t)
    except UserUnknown as unknown:
        from wizard.cli.dispatch import report_error  # help does without

        return report_error(unknown, t)
    if isinstance(options, int):
        return options
    from wizard.cli.dispatch import execute, report_defaults_error  # help does without

    if error is not None and options.command not in _WITHOUT_DEFAULTS:
        return report_defaults_error(error, t)
    return execute(options, t, defaults)


def _mentions_token(words: list[str]) -> bool:
    if all(len(word) < _SHORTEST_TOKEN for word in words):
        return False
    from wizard.domain.key import looks_like_token  # not needed for short command lines

    return any(looks_like_token(part) for word in words for part in word.replace("=", ":").split(":"))


def _load_defaults() -> "tuple[SiteDefaults | None, DefaultsError | None]":
    """Return the site's defaults, or the error in them."""
    from wizard.site import DefaultsError, load_defaults

    try:
        return load_defaults(os.environ), None
    except DefaultsError as error:
        return None, error
