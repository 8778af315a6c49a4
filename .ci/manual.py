"""Writes the man page of ``tripletex-wizard`` to standard output, made from its own command line.

Run it with the Python that the program is installed in. SOURCE_DATE_EPOCH decides the date on the page.
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator

from wizard import __version__
from wizard.cli.parser import build_parser
from wizard.text import Texts

ENVIRONMENT = (
    (
        "TRIPLETEX_CONSUMER_TOKEN",
        "The application's token, if no config names it.",
    ),
    ("TRIPLETEX_WIZARD_LANG", "The language: nb or en."),
    ("NO_COLOR", "No colours, if it is not empty."),
    ("CREDENTIALS_DIRECTORY", "Set by systemd; a key file of a config may begin with it."),
    ("HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE", "The proxy, and the certificates to trust."),
)
FILES = (
    ("/etc/xdg/tripletex-wizard/defaults.toml", "What the site has decided for everybody."),
    (
        "$XDG_CONFIG_HOME/tripletex-wizard/",
        "A user's own defaults, and configs without another place.",
    ),
    ("$XDG_DATA_HOME/tripletex-wizard/keys/", "Private key files."),
    ("$XDG_STATE_HOME/tripletex-wizard/", "Journals of unfinished runs; never a key."),
)
EXIT_STATUS = (
    ("0", "Done. For validate: every config is proven good, or well-formed with --offline."),
    ("1", "Something is definitely wrong."),
    ("2", "The command line cannot be carried out as given."),
    ("3", "Nothing is proven wrong, but Tripletex did not settle it, or there is no consumer token."),
    ("4", "Nothing is proven wrong, but this machine prevented the check."),
    ("70", "The program itself failed: a bug."),
    ("130", "Interrupted by the user."),
)


def escaped(text: str) -> str:
    """Return text that troff shows as it is."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def entries(rows: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield a list of terms and what they mean."""
    for term, text in rows:
        yield f".TP\n\\fB{escaped(term)}\\fR\n{escaped(text)}"


def flag(action: argparse.Action) -> str:
    """Return a flag as its entry begins: every spelling, and what it takes."""
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    if not action.option_strings:
        return rf"\fI{escaped(str(value))}\fR"
    takes = "" if action.nargs == 0 else rf" \fI{escaped(str(value))}\fR"
    return ", ".join(rf"\fB{escaped(each)}\fR{takes}" for each in action.option_strings)


def options(parser: argparse.ArgumentParser, skip: set[str]) -> Iterator[str]:
    """Yield what a parser takes, apart from some flags."""
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction):
            continue
        if skip.isdisjoint(action.option_strings):
            told = (action.help or "").replace("%%", "%")
            yield f".TP\n{flag(action)}\n{escaped(told)}"


def usage(parser: argparse.ArgumentParser) -> str:
    """Return the places of a command after its name: what stands without a flag."""
    places = [action for action in parser._actions if not action.option_strings]
    told = ["[OPTION]..."]
    for action in places:
        name = str(action.metavar or action.dest.upper())
        told.append({"?": f"[{name}]", "*": f"[{name}]...", "+": f"{name}..."}.get(str(action.nargs), name))
    return " ".join(told)


def page() -> Iterator[str]:
    """Yield the page, piece by piece."""
    parser = build_parser(Texts("en"))
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    everywhere = {flag for action in parser._actions for flag in action.option_strings}
    written = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()))
    day = time.strftime("%Y-%m-%d", written)
    title = f"tripletex\\-wizard {escaped(__version__)}"
    yield f'.TH TRIPLETEX\\-WIZARD 1 "{day}" "{title}" "User Commands"'
    yield f".SH NAME\ntripletex\\-wizard \\- {escaped('connect Visma Finale to Tripletex')}"
    yield ".SH SYNOPSIS"
    yield r"\fBtripletex\-wizard\fR [\fICOMMAND\fR] [\fIOPTION\fR]..."
    yield f".SH DESCRIPTION\n{escaped(parser.description or '')}"
    yield "Without a command the wizard starts with its menu.\n.SH OPTIONS"
    yield from options(parser, set())
    yield ".SH COMMANDS"
    for name, command in commands.choices.items():
        yield f".SS \\fBtripletex\\-wizard {name}\\fR {escaped(usage(command))}"
        yield escaped(command.description or "")
        yield from options(command, everywhere)
    yield ".SH EXIT STATUS"
    yield from entries(EXIT_STATUS)
    yield ".SH ENVIRONMENT"
    yield from entries(ENVIRONMENT)
    yield ".SH FILES"
    yield from entries(FILES)
    yield ".SH SEE ALSO\n.BR systemd\\-creds (1),\n.BR pass (1),\n.BR age (1)"
    yield "The manual for administrators is in /usr/share/doc/tripletex\\-wizard/."


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
