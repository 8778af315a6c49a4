"""Finds what a guide says is typed exactly so, with the label before it."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wizard.guide.plain import items_of, without_marks
from wizard.guide.reader import fill

_CODE: Final = re.compile(r"`([^`]+)`")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\|")


def typed_texts(markdown: str, values: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Yield label and text of everything between backticks in a guide that is not filled in yet.

    ``4. **OrgNr**: `{org_number|the number}` `` gives ``OrgNr`` and the number. Words that only stand
    for a value that is not known are nothing to type, so they are left out.
    """
    for item in items_of(markdown):
        for code in _CODE.finditer(item):
            if all(values.get(name) for name in _PLACEHOLDER.findall(code[1])):
                lead = without_marks(fill(item[: code.start()], values))
                yield lead.rpartition(":")[0].strip(), fill(code[0], values)[1:-1]
