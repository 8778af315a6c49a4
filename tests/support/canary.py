"""Finds tokens in text, files and requests, also when they were cut, wrapped, quoted or encoded."""

import base64
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tests.keys import ZERO_UUID, make_key

WINDOW: Final = 12
"""This many characters of a token in a row count as a leak, also if the rest was cut off or wrapped."""

_WIDTHS: Final = (WINDOW, 2 * WINDOW)
_CHUNK: Final = 100_000
_OVERLAP: Final = 100
"""More characters than the longest trace has."""

_MOST: Final = 2_000_000
"""Bytes of a file that are searched: some tests make files of many gigabytes, all of them holes."""

_CONTROL: Final = re.compile(
    r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[PX^_][^\x1b]*\x1b\\|.)?"
)
"""Terminal control sequences (ECMA-48, 5.4 and 5.6), which may occur in the middle of a text."""


@dataclass(frozen=True)
class Canary:
    """A token that must not leak, and the name it has in a failure."""

    name: str
    token: str

    @property
    def number(self) -> int:
        """The token's number, which is not secret by itself."""
        return int(json.loads(base64.b64decode(self.token))["tokenId"])

    def forms_in(self, text: str) -> Iterator[str]:
        """Yield the forms in which a text, given in lower case, contains this token or a part of it."""
        for form, traces in _traces(self.token).items():
            if any(trace in text for trace in traces):
                yield form


def canary(name: str, token_id: int) -> Canary:
    """Return a canary that has the shape of a real token and opens nothing."""
    return Canary(name, make_key(token_id).reveal())


def leaks(text: str | bytes, canaries: Iterable[Canary]) -> set[str]:
    """Return the names of the canaries in a text, each with the form that it was found in."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    canaries = tuple(canaries)
    bare = _CONTROL.sub("", text)
    for seen in {text.lower(), bare.lower(), "".join(bare.split()).lower()}:
        if any(_is_any_in(chunk, canaries) for chunk in _chunks(seen)):
            return {f"{each.name}, {form}" for each in canaries for form in each.forms_in(seen)}
    return set()


def leaking_files(folder: Path, canaries: Iterable[Canary]) -> set[Path]:
    """Return every file and link below a folder with a canary in its name, its target or its content."""
    canaries = tuple(canaries)
    leaking = set()
    for path in _below(folder):
        content = ""
        with suppress(FileNotFoundError):  # a program that still runs has just removed it
            if path.is_symlink():
                content = path.readlink().as_posix()
            elif path.is_file():
                with path.open("rb") as file:
                    content = file.read(_MOST).decode("utf-8", "replace")
        if leaks(f"{path.relative_to(folder)}\n{content}", canaries):
            leaking.add(path)
    return leaking


def _below(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder. Some tests nest folders deeper than ``Path.rglob`` can follow."""
    folders = [folder]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                yield Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))


@cache
def _traces(token: str) -> Mapping[str, frozenset[str]]:
    """Return every text that gives a token away, in lower case, by the form that it is a trace of."""
    unpacked = {ZERO_UUID}
    with suppress(ValueError):  # an old session token is not packed
        number = f'"tokenid":{Canary("", token).number}'
        unpacked |= {number, json.dumps(number)[1:-1], quote(number).lower()}
    return {
        "as it is": _windows(token),
        "quoted for a URL": _windows(quote(token, safe="")),
        "in base64": frozenset().union(*map(_windows, _in_base64(token))),
        "in hexadecimal": _windows(token.encode().hex(), 2 * WINDOW),
        "unpacked": frozenset(unpacked),
    }


def _is_any_in(text: str, canaries: Iterable[Canary]) -> bool:
    windows = {width: _windows(text, width) for width in _WIDTHS}
    for canary in canaries:
        for width, traces in _by_width(canary.token).items():
            if width not in windows:
                if any(trace in text for trace in traces):
                    return True
            elif not traces.isdisjoint(windows[width]):
                return True
    return False


@cache
def _by_width(token: str) -> Mapping[int, frozenset[str]]:
    traces = {trace for each in _traces(token).values() for trace in each}
    return {width: frozenset(t for t in traces if len(t) == width) for width in set(map(len, traces))}


def _chunks(text: str) -> Iterator[str]:
    for at in range(0, len(text), _CHUNK):
        yield text[at : at + _CHUNK + _OVERLAP]


def _windows(text: str, width: int = WINDOW) -> frozenset[str]:
    return frozenset(text[at : at + width].lower() for at in range(len(text) - width + 1))


def _in_base64(text: str) -> Iterator[str]:
    # In a longer text it may begin at any of the three bytes of a group.
    for lead in range(3):
        encoded = base64.b64encode(b" " * lead + text.encode()).decode()
        yield encoded[4 if lead else 0 :].rstrip("=")
