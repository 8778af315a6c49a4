"""Tokens whose every trace can be found again, whatever a program has made of them."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tests.keys import ZERO_UUID, make_key

WINDOW: Final = 12
"""Characters in a row that give a token away, also where the rest was cut off or wrapped."""

_CONTROL: Final = re.compile(
    r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[PX^_][^\x1b]*\x1b\\|.)?"
)
"""What steers a terminal (ECMA-48, 5.4 and 5.6) and may stand in the middle of a text."""


@dataclass(frozen=True)
class Canary:
    """A token, and how it is called when it was found where it should not be."""

    name: str
    token: str

    @cached_property
    def traces(self) -> Mapping[str, frozenset[str]]:
        """Every text that gives the token away, in lower case, by the form that it is a trace of."""
        number = f'"tokenid":{self.number}'
        return {
            "as it is": _windows(self.token),
            "quoted for a URL": _windows(quote(self.token, safe="")),
            "in base64": frozenset().union(*map(_windows, _in_base64(self.token))),
            "in hexadecimal": _windows(self.token.encode().hex(), 2 * WINDOW),
            "unpacked": frozenset({ZERO_UUID, number, json.dumps(number)[1:-1], quote(number).lower()}),
        }

    @cached_property
    def number(self) -> int:
        """The token's number, which is no secret by itself."""
        return int(json.loads(base64.b64decode(self.token))["tokenId"])

    def forms_in(self, text: str) -> Iterator[str]:
        """Yield the forms in which a text, given in lower case, holds this token or a part of it."""
        for form, traces in self.traces.items():
            if any(trace in text for trace in traces):
                yield form


def canary(name: str, token_id: int) -> Canary:
    """Return a canary that is rightly shaped and opens nothing."""
    return Canary(name, make_key(token_id).reveal())


def leaks(text: str | bytes, canaries: Iterable[Canary]) -> set[str]:
    """Return what is told of the canaries, each with the form that it was found in."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    bare = _CONTROL.sub("", text)
    for seen in {text.lower(), bare.lower(), "".join(bare.split()).lower()}:
        found = {f"{each.name}, {form}" for each in canaries for form in each.forms_in(seen)}
        if found:
            return found
    return set()


def files_that_tell(folder: Path, canaries: Iterable[Canary]) -> set[Path]:
    """Return every file below a folder that holds a trace of a canary, in its name or inside."""
    canaries = tuple(canaries)
    told = set()
    for path in folder.rglob("*"):
        content = path.readlink().as_posix() if path.is_symlink() else ""
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes().decode("utf-8", "replace")
        if leaks(f"{path.relative_to(folder)}\n{content}", canaries):
            told.add(path)
    return told


def _windows(text: str, width: int = WINDOW) -> frozenset[str]:
    return frozenset(text[at : at + width].lower() for at in range(len(text) - width + 1))


def _in_base64(text: str) -> Iterator[str]:
    # Inside a longer text it begins at any of three places in a group of three bytes.
    for lead in range(3):
        encoded = base64.b64encode(b" " * lead + text.encode()).decode()
        yield encoded[4 if lead else 0 :].rstrip("=")
