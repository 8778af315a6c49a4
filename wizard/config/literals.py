"""Values as TOML writes them, by tomlkit; it is imported only when something is written."""

import re
from datetime import date
from typing import Final, TypeAlias

ReferenceTable: TypeAlias = dict[str, str | list[str]]
"""A reference as the config holds it: ``{"keyring": "production/2147628461"}``."""

Value: TypeAlias = str | int | date | list[str] | ReferenceTable

_NEEDS_ESCAPES: Final = re.compile(r"['\x00-\x08\x0a-\x1f\x7f]")


def encode(value: Value) -> str:
    """Return a value on one line."""
    match value:
        case str():
            import tomlkit  # noqa: PLC0415 - reading a config does without it

            return tomlkit.string(value).as_string()
        case list():
            return f"[{', '.join(map(encode, value))}]"
        case dict():
            return f"{{ {', '.join(f'{name} = {encode(inner)}' for name, inner in value.items())} }}"
        case _:
            return str(value)


def encode_lines(texts: list[str], newline: str) -> str:
    """Return a list with a line for each text, so that it can be commented and compared line by line."""
    return newline.join(["[", *(f"    {encode(text)}," for text in texts), "]"])


def encode_like(value: Value, written: str, newline: str) -> str:
    """Return a value in the manner of the one that it replaces: its quotation marks, its lines."""
    is_quoted, is_literal = written.startswith(('"', "'")), re.match("'(?!'')", written)
    if isinstance(value, date) and is_quoted:
        value = value.isoformat()
    if isinstance(value, str) and is_literal and not _NEEDS_ESCAPES.search(value):
        return f"'{value}'"
    if isinstance(value, list) and "\n" in written:
        return encode_lines(value, newline)
    return encode(value)
