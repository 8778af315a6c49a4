"""Reads the command line: its language, the site's defaults, and which command is wanted."""

import os

from wizard.cli.parser import parse, wished_language
from wizard.cli.streams import say
from wizard.paths import defaults_files
from wizard.text import Texts, choose_language

TYPE_CHECKING = False  # typing itself is a tenth of what --help may cost
if TYPE_CHECKING:
    from wizard.site import DefaultsError, SiteDefaults

_WITHOUT_DEFAULTS = frozenset({"completion", "doctor", "explain", "guide", "schema"})
"""Commands that work without the site's defaults; ``doctor`` tells what is wrong with them."""
_SHORTEST_TOKEN = 36
"""Characters in a token of the form before 2022."""


def run(words: list[str]) -> int:
    """Run the command that the words name, and return the exit code."""
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
    from wizard.cli.dispatch import carry_out, refuse_defaults  # help does without

    if error is not None and options.command not in _WITHOUT_DEFAULTS:
        return refuse_defaults(error, t)
    return carry_out(options, t, defaults)


def _mentions_token(words: list[str]) -> bool:
    if all(len(word) < _SHORTEST_TOKEN for word in words):
        return False
    from wizard.domain.key import looks_like_token  # not paid for by short command lines

    return any(looks_like_token(part) for word in words for part in word.replace("=", ":").split(":"))


def _load_defaults() -> "tuple[SiteDefaults | None, DefaultsError | None]":
    """Return what the site has decided, and what is wrong with it."""
    from wizard.site import DefaultsError, load_defaults

    try:
        return load_defaults(os.environ), None
    except DefaultsError as error:
        return None, error
