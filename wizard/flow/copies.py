"""What may be copied from a screen to the clipboard: the one place that decides it.

That is what the guide says is to be typed as it is (names, numbers, paths, commands), and what a
question adds of its own. A token is never part of either; one that somebody wrote where a name or
a path belongs is held back here all the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from wizard.domain.key import looks_like_token
from wizard.findings import Finding
from wizard.flow.known import Common
from wizard.flow.questions import Copy
from wizard.guide import typed_texts
from wizard.text import Texts

_CODE: Final = re.compile(r"`([^`{}]+)`")


def copies_in(guide: str, values: Mapping[str, str | None]) -> tuple[Copy, ...]:
    """Return what a guide, which is not filled in yet, says is to be typed."""
    return offered(Copy(label, text) for label, text in typed_texts(guide, values))


def copies_of(findings: Iterable[Finding], t: Texts) -> Iterator[Copy]:
    """Yield the commands that mend what was found.

    Only those that are written out: what is filled in may come from anywhere.
    """
    for finding in findings:
        for command in _CODE.findall(finding.code.texts(t.language).advice):
            yield Copy(finding.code.id, command)


def adding(common: Common, *copies: Copy) -> Common:
    """Return what every question has, with more to copy."""
    return {**common, "copies": offered([*common["copies"], *copies])}


def offered(copies: Iterable[Copy]) -> tuple[Copy, ...]:
    """Return what can be offered: each text once, and none that a shell or a reader would trip over."""
    unique: dict[str, Copy] = {}
    for copy in copies:
        if copy.text.strip() and copy.text.isprintable() and not looks_like_token(copy.text):
            unique.setdefault(copy.text, copy)
    return tuple(unique.values())
