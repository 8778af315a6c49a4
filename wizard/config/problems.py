"""Reads a text as TOML, or says where and why it is not: in the words of ``tomllib``, at our position."""

import re
import tomllib
from typing import Final

from wizard.config.flaw import Document
from wizard.domain.redaction import quoted
from wizard.findings import Finding, Position, Term, codes
from wizard.text import N_

_TOO_DEEP: Final = Term(N_("tables or lists are nested too deeply"))
_TOO_LONG: Final = Term(N_("a number has far too many digits"))
_NO_MORE_OF: Final = re.compile(r"Expected \"('{1,3})\" ")
_AT: Final = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)$")
# a.a.a.… with a hundred parts and more: tomllib spends time and memory on it by the square.
_ENDLESS_NAME: Final = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\\\n]{0,99}+"|'[^'\n]{0,99}+')[ \t]*+\.[ \t]*+){100}"""
)


# What brackets are counted between: texts and comments, in which they mean nothing. A text that is not
# closed ends with its line, or with the file.
_SKIPPED_OR_BRACKET: Final = re.compile(
    r"""\"{3}(?:[^\\]|\\.)*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?|\#[^\n]*+|[\[\]{}]""",
    re.DOTALL,
)
_DEEP: Final = 50
"""Brackets inside each other; Python's own limit comes later, and sooner the deeper it was called."""
_ENDLESS_NUMBER: Final = re.compile(r"[0-9_]{4301,}")


def load(text: str) -> Document | Finding:
    """Return the document in a text without BOM, or what is wrong with it."""
    if endless := _ENDLESS_NAME.search(text):
        return codes.TOML_SYNTAX.found(problem=_TOO_DEEP, position=_place_of(endless.start(), text))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _explain(str(error), text)
    except RecursionError:
        return codes.TOML_SYNTAX.found(problem=_TOO_DEEP, position=_place_of(_deep_value(text), text))
    except ValueError:
        # Python refuses to read decimal numbers of more than 4,300 digits.
        number = _ENDLESS_NUMBER.search(text)
        return codes.TOML_SYNTAX.found(problem=_TOO_LONG, position=number and _place_of(number.start(), text))


def _deep_value(text: str) -> int:
    """Return where the first value begins that is nested too deeply."""
    begin = depth = 0
    for found in _SKIPPED_OR_BRACKET.finditer(text):
        if found[0] in {"[", "{"}:
            begin = begin if depth else found.start()
            depth += 1
        elif found[0] in {"]", "}"}:
            depth = max(depth - 1, 0)
        if depth > _DEEP:
            break
    return begin


def _place_of(position: int, text: str) -> Position:
    return Position(text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position))


def _explain(said: str, text: str) -> Finding:
    problem = _AT.sub("", said).strip()
    shown = quoted(problem[:1].lower() + problem[1:])  # it may repeat a name from the file
    return codes.TOML_SYNTAX.found(problem=shown, position=_place(said, text))


def _place(said: str, text: str) -> Position | None:
    at = _AT.search(said)
    if not at:
        return None
    if unclosed := _NO_MORE_OF.match(said):
        # tomllib looked for the mark up to the end: the last one there is has opened the text.
        return _place_of(text.rfind(unclosed[1]), text)
    # The end of the file is the end of its text: nobody looks for a mistake below that.
    lines = (text if at[1] else text.rstrip(" \t\r\n")).split("\n")
    line = int(at[1] or len(lines))
    written = lines[line - 1]
    if said.startswith(("Cannot", "Duplicate")):
        # tomllib reads past the second setting or table before it notices.
        return Position(line, len(written) - len(written.lstrip()) + 1)
    return Position(line, int(at[2] or len(written) + 1))
