"""Reads a text as TOML without being kept busy by a hostile one."""

import re
import tomllib
from typing import Any, Final

# a.a.a.… with a hundred parts and more: tomllib spends time and memory on it by the square.
_ENDLESS_NAME: Final = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\\\n]{0,99}+"|'[^'\n]{0,99}+')[ \t]*+\.[ \t]*+){100}"""
)


def endless_name(text: str) -> int | None:
    """Return where a name of far too many parts begins, if there is one."""
    found = _ENDLESS_NAME.search(text)
    return found.start() if found else None


def parse_toml(text: str) -> dict[str, Any]:
    """Return the document in a text without BOM.

    Raises:
        ValueError: it is not TOML.
        RecursionError: tables, lists or names are nested too deeply.
    """
    if endless_name(text) is not None:
        raise RecursionError
    return tomllib.loads(text)
