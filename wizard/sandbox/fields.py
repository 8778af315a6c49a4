"""The ``fields`` filter: which members of an answer are wanted, and which nested objects unfolded.

Without a filter every member comes, nested objects as stubs of id and url (observed). ``*`` says the same;
``company(id,name)`` unfolds; a name outside the model is refused (observed, official example).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wizard.sandbox.refusals import RefusedError, illegal_field


@dataclass(frozen=True)
class Model:
    """The members an object may have; those that are objects themselves under ``nested``."""

    name: str
    plain: tuple[str, ...]
    nested: Mapping[str, "Model"] = field(default_factory=dict)

    def __contains__(self, member: str) -> bool:
        return member in self.plain or member in self.nested


Selection = dict[str, "Selection | None"]
"""Wanted members; None under a nested one means its stub."""


def parse_fields(text: str | None, model: Model) -> Selection:
    """Read a ``fields`` parameter.

    Raises:
        RefusedError: A name is not in the model, or the brackets do not match.
    """
    selection: Selection = {}
    for name, inner in _split(text or "*", model):
        if name == "*":
            selection = dict.fromkeys((*model.plain, *model.nested)) | selection
        elif name not in model or (inner is not None and name not in model.nested):
            raise RefusedError(illegal_field(name, model.name))
        else:
            selection[name] = None if inner is None else parse_fields(inner, model.nested[name])
    return selection


def select(record: Mapping[str, object], selection: Selection) -> dict[str, object]:
    """The wanted part of a record; a member that the record lacks stays away."""
    wanted: dict[str, object] = {}
    for name, inner in selection.items():
        if name not in record:
            continue
        value = record[name]
        if isinstance(value, dict):
            wanted[name] = select(value, {"id": None, "url": None} if inner is None else inner)
        else:
            wanted[name] = value
    return wanted


def _split(text: str, model: Model) -> Iterator[tuple[str, str | None]]:
    """Names at the top level, each with the text inside its brackets."""
    depth, start = 0, 0
    for position, sign in enumerate(f"{text},"):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            break
        if sign == "," and depth == 0:
            name, bracket, inner = text[start:position].strip().partition("(")
            yield name, inner.removesuffix(")") if bracket else None
            start = position + 1
    if depth != 0:
        raise RefusedError(illegal_field(text, model.name))
