"""Parses the command line, with help in the user's language."""

import argparse
import os
from collections.abc import Callable, Sequence

from wizard import __version__
from wizard.domain.legible import sentence, visible
from wizard.paths import expanded
from wizard.text import LANGUAGES, N_, Texts

TYPE_CHECKING = False  # importing typing takes a tenth of the time of --help
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from _typeshed import SupportsWrite

_ENVIRONMENTS = ("production", "test", "sandbox")
_SETUPS = ("single-company", "bureau-client", "bureau-shared")
_STORES = ("keyring", "file", "command")
_ASK = "ask"
_USUAL_COLUMNS = 80

_GLOBAL = frozenset({"lang", "plain", "no_color", "verbose"})
"""Flags of every command."""

COMMANDS: tuple[tuple[str, str], ...] = (
    ("setup", N_("set up the connection for the first time")),
    ("rotate", N_("replace the API key")),
    ("rollback", N_("go back to the previous key")),
    ("validate", N_("check config files")),
    ("clients", N_("list the clients that an office key has access to")),
    ("guide", N_("print the documented steps as plain text")),
    ("demo", N_("try the wizard with a simulated Tripletex")),
    ("sandbox", N_("start only the simulated Tripletex")),
    ("doctor", N_("check terminal, secret store, network, TLS and clock")),
    ("schema", N_("print the JSON Schema of the config file")),
    ("explain", N_("explain a finding and how to fix it")),
    ("completion", N_("print tab completion for a shell")),
)

_EXAMPLES = N_("""\
examples:
  tripletex-wizard                                start here: the wizard asks, step by step
  tripletex-wizard demo                           try it without a Tripletex account
  tripletex-wizard validate /etc/finale           check every config file in a folder
  tripletex-wizard rotate kunde.toml              change the key of a config file
  tripletex-wizard explain TW402                  explain a finding

exit codes: 0 done, 1 something is wrong, 2 the command line is wrong,
3 Tripletex gave no clear answer, 4 this machine prevented the check,
70 a bug in the program, 130 interrupted""")


class _Stop(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size().columns or _USUAL_COLUMNS
    except OSError:  # standard output is not a terminal
        return _USUAL_COLUMNS


def _formatter(prog: str) -> argparse.HelpFormatter:
    # Without a width, argparse would import shutil, which is slow.
    return argparse.RawDescriptionHelpFormatter(prog, width=_columns() - 2)


class Parser(argparse.ArgumentParser):
    """An argument parser that does not allow abbreviations or exit the process."""

    def __init__(self, **settings: "Any") -> None:  # noqa: ANN401 - argparse's own signature
        super().__init__(**settings, allow_abbrev=False, formatter_class=_formatter)

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        # It quotes the command line, which may contain a hostile file name.
        super()._print_message(visible(message, keep="\n\t"), file)

    def exit(self, status: int = 0, message: str | None = None) -> "NoReturn":
        """Stop parsing without exiting the process."""
        if message:
            self._print_message(message)
        raise _Stop(status)


def requested_language(words: Sequence[str]) -> str | None:
    """Return the value of ``--lang`` before parsing, so that errors are in the right language."""
    for index, word in enumerate(words):
        if word == "--lang":
            return words[index + 1] if index + 1 < len(words) else None
        if word.startswith("--lang="):
            return word.partition("=")[2]
    return None


def parse(words: Sequence[str], t: Texts) -> argparse.Namespace | int:
    """Return the options, or the exit code if parsing has printed help or an error."""
    # argparse translates its own texts with this function; there is no other way to replace it.
    argparse._ = t  # type: ignore[attr-defined]
    try:
        options = build_parser(t, words).parse_args(words)
    except _Stop as stop:
        return stop.code
    options.command = options.command or "menu"
    return options


def is_bare(options: argparse.Namespace, t: Texts) -> bool:
    """Return whether a command has no arguments and flags but those of every command."""
    bare = parse([options.command], t)
    return isinstance(bare, argparse.Namespace) and all(
        getattr(options, name) == value for name, value in vars(bare).items() if name not in _GLOBAL
    )


def build_parser(t: Texts, words: Sequence[str] | None = None) -> Parser:
    """Return the parser, from which the shell completion is generated as well.

    Args:
        t: The language of help and errors.
        words: The command line. Only the flags of commands in it are added; None adds all.
    """
    parser = Parser(
        prog="tripletex-wizard",
        description=t("Connects Visma Finale to Tripletex: sets up, tests and changes the API key."),
        epilog=t(_EXAMPLES),
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"%(prog)s {__version__}",
        help=t("show program's version number and exit"),
    )
    _add_global(parser, t, is_default=True)
    commands = parser.add_subparsers(
        dest="command", metavar=t("COMMAND"), title=t("commands"), prog=parser.prog
    )
    for name, summary in COMMANDS:
        command = commands.add_parser(name, help=t(summary), description=sentence(t(summary)))
        if words is None or name in words:
            if name in _ADDERS:
                _ADDERS[name](command, t)
            _add_global(command, t, is_default=False)
    return parser


def _add_global(parser: Parser, t: Texts, *, is_default: bool) -> None:
    def default(value: object) -> object:
        # The parser of a command must not overwrite a value that is given before the command.
        return value if is_default else argparse.SUPPRESS

    group = parser.add_argument_group(t("for every command"))
    group.add_argument(
        "--lang", choices=LANGUAGES, default=default(None), help=t("language: Norwegian or English")
    )
    group.add_argument(
        "--plain", action="store_true", default=default(False), help=t("line by line instead of full screen")
    )
    group.add_argument("--no-color", action="store_true", default=default(False), help=t("no colours"))
    group.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        default=default(False),
        help=t("print details on standard error"),
    )


def _add_key_options(parser: Parser, t: Texts, stores: Sequence[str] = _STORES) -> None:
    """Add the flags of commands that take a key and write a config."""
    _add_path(
        parser, t, "--employee-token-file", t("FILE"), t("read the API key from a file; - is standard input")
    )
    parser.add_argument("--store", choices=stores, help=t("where to store the key"))
    _add_switch(parser, "--no-input", t("never prompt; list what is missing and exit"))
    _add_switch(parser, "--dry-run", t("show what would change, but write nothing"))


def _add_path(
    parser: Parser, t: Texts, name: str, metavar: str, text: str, *, nargs: str | None = None
) -> None:
    def path_in(word: str) -> str:
        # Path("") is the current folder, and an empty value is easily taken for none.
        if not word:
            raise argparse.ArgumentTypeError(t("the path is empty. Is a variable not set?"))
        return expanded(word)

    path = parser.add_argument(name, type=path_in, metavar=metavar, help=text, nargs=nargs)
    # shtab completes paths only where it is told to.
    path.complete = "file"  # type: ignore[attr-defined]


def _add_switch(parser: Parser, name: str, text: str) -> None:
    parser.add_argument(name, action="store_true", help=text)


def _add_format(parser: Parser, text: str, *others: str) -> None:
    parser.add_argument("--format", choices=("text", *others), default="text", help=text)


def _setup(parser: Parser, t: Texts) -> None:
    _add_path(parser, t, "config", t("CONFIG"), t("config file to write"), nargs="?")
    parser.add_argument("--setup", choices=_SETUPS, help=t("type of set-up"))
    parser.add_argument(
        "--org-number", metavar=t("NUMBER"), help=t("organisation number of the client, or %%ORGNR%%")
    )
    _add_path(
        parser,
        t,
        "--org-numbers-file",
        t("FILE"),
        t("write a config file for each client in a list (CSV, TOML or lines); CONFIG is then a folder"),
    )
    parser.add_argument(
        "--environment", choices=_ENVIRONMENTS, help=t("environment of Tripletex; default production")
    )
    parser.add_argument("--base-url", metavar="URL", help=t("address of the sandbox, on this machine only"))
    parser.add_argument(
        "--application",
        metavar=t("NAME"),
        help=t("application that the key was made for; default VismaFinale"),
    )
    parser.add_argument(
        "--employee-token-ref",
        metavar="REF",
        help=t("a key stored elsewhere: env:NAME, file:PATH, keyring:ENTRY, command:…"),
    )
    parser.add_argument("--consumer-token-ref", metavar="REF", help=t("where to read the consumer token"))
    _add_format(parser, t("format of the report; json needs --no-input"), "json")
    _add_switch(parser, "--offline", t("do not contact Tripletex"))
    _add_switch(parser, "--overwrite", t("replace an existing config file; a backup is kept"))
    _add_path(parser, t, "--answers", t("FILE"), t("read answers from a file; flags override it"))
    _add_path(parser, t, "--save-answers", t("FILE"), t("save the answers to a file, but never a key"))
    parser.set_defaults(clients=(), resumes=False)  # only set by an answers file, and by the menu
    _add_key_options(parser, t, (*_STORES, _ASK))


def _rotate(parser: Parser, t: Texts) -> None:
    _add_path(parser, t, "configs", t("CONFIG"), t("config files to change the key of"), nargs="*")
    _add_path(
        parser, t, "--all", t("FOLDER"), t("change every config file in a folder that uses the same key")
    )
    _add_switch(parser, "--finish", t("remove the stored previous key once Tripletex refuses it"))
    parser.add_argument(
        "--force",
        metavar=t("NUMBER"),
        help=t("with --finish: remove key no. NUMBER even if it may be in use"),
    )
    _add_switch(parser, "--in-place", t("check and record a key that was replaced where it is stored"))
    _add_format(parser, t("format of the report; json needs --no-input"), "json")
    _add_switch(parser, "--prove-old-dead", t("check at the end that the old key is blocked"))
    parser.set_defaults(go_back=None, resumes=False)  # only set by the menu
    _add_key_options(parser, t)


def _rollback(parser: Parser, t: Texts) -> None:
    _add_path(parser, t, "configs", t("CONFIG"), t("config files to change back"), nargs="*")
    _add_path(
        parser, t, "--all", t("FOLDER"), t("change back every config file in a folder that uses the same key")
    )
    parser.set_defaults(dry_run=False)
    _add_format(parser, t("format of the report"), "json")


def _validate(parser: Parser, t: Texts) -> None:
    _add_path(parser, t, "paths", t("PATH"), t("config files, or folders of them"), nargs="*")
    _add_switch(parser, "--offline", t("do not contact Tripletex"))
    _add_format(parser, t("format of the report"), "json", "junit", "prometheus")
    _add_switch(parser, "--deep", t("also check whether the figures of each client can be read"))
    parser.add_argument("--max-age", type=int, metavar=t("DAYS"), help=t("warn about keys older than this"))
    parser.add_argument("--jobs", type=int, metavar="N", help=t("how many keys to check at once"))
    parser.add_argument(
        "--deadline",
        type=float,
        metavar=t("SECONDS"),
        help=t("time limit; what is not checked by then is reported as unknown"),
    )
    parser.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help=t("show only errors, warnings and what could not be checked"),
    )
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning"),
        default="error",
        help=t("which findings make the exit code 1; default error"),
    )


def _clients(parser: Parser, t: Texts) -> None:
    _add_path(parser, t, "config", t("CONFIG"), t("a config file with an office key"))
    _add_format(parser, t("format of the list"), "json", "csv")
    _add_path(parser, t, "--expect", t("FILE"), t("report which of these organisation numbers are missing"))
    _add_switch(parser, "--deep", t("also check whether the figures of each client can be read"))


def _guide(parser: Parser, t: Texts) -> None:
    parser.add_argument("step", nargs="?", metavar=t("STEP"), help=t("a single step, such as create_key"))
    parser.add_argument("--setup", choices=_SETUPS, help=t("type of set-up; default single-company"))


def _demo(parser: Parser, t: Texts) -> None:
    _add_path(parser, t, "--folder", t("FOLDER"), t("where the demo writes; default a temporary folder"))


def _sandbox(parser: Parser, t: Texts) -> None:
    parser.add_argument(
        "--port", type=int, default=8765, metavar="N", help=t("port number; default 8765, 0 uses a free one")
    )


def _doctor(parser: Parser, t: Texts) -> None:
    _add_path(
        parser, t, "config", t("CONFIG"), t("check what this config file needs, as this user"), nargs="?"
    )
    _add_format(parser, t("format of the report"), "json")


def _explain(parser: Parser, t: Texts) -> None:
    parser.add_argument(
        "code", nargs="?", metavar=t("CODE"), help=t("such as TW402; without one, all are listed")
    )


def _completion(parser: Parser, t: Texts) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help=t("shell to print it for"))


_ADDERS: dict[str, Callable[[Parser, Texts], None]] = {
    "setup": _setup,
    "rotate": _rotate,
    "rollback": _rollback,
    "validate": _validate,
    "clients": _clients,
    "guide": _guide,
    "demo": _demo,
    "sandbox": _sandbox,
    "doctor": _doctor,
    "explain": _explain,
    "completion": _completion,
}
