"""Parses TOML, with protection against input that would take very long."""

import re
import tomllib
from typing import Any, Final

# A dotted key with a hundred parts or more: tomllib takes quadratic time and memory for it.
_ENDLESS_NAME: Final = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\\\n]{0,99}+"|'[^'\n]{0,99}+')[ \t]*+\.[ \t]*+){100}"""
)


def endless_name(text: str) -> int | None:
    """Return the offset of a dotted key with far too many parts, or None."""
    found = _ENDLESS_NAME.search(text)
    return found.start() if found else None


def parse_toml(text: str) -> dict[str, Any]:
    """Parse a TOML document without BOM.

    Raises:
        ValueError: If it is not TOML.
        RecursionError: If tables, lists or names are nested too deeply.
    """
    if endless_name(text) is not None:
        raise RecursionError
    return tomllib.loads(text)
