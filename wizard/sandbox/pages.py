"""Lists, page by page."""

from collections.abc import Sequence

from starlette.datastructures import QueryParams

from wizard.sandbox import refusals
from wizard.sandbox.behaviour import Behaviour
from wizard.sandbox.fields import Model, parse_fields, select
from wizard.sandbox.records import Record
from wizard.sandbox.refusals import RefusedError

_DEFAULT_COUNT = 1000
_MORE_THAN_THERE_IS = 1000


def list_answer(
    records: Sequence[Record], model: Model, query: QueryParams, behaviour: Behaviour
) -> dict[str, object]:
    """The list envelope around the page that ``from``, ``count``, ``sorting`` and ``fields`` ask for.

    ``count`` in the envelope is the number of values in it, and ``versionDigest`` was seen to be a sentence.

    Raises:
        RefusedError: A parameter is no good.
    """
    start = number(query, "from", default=0)
    wanted = number(query, "count", default=_DEFAULT_COUNT)
    selection = parse_fields(query.get("fields"), model)
    ordered = _sorted(records, query.get("sorting"), model)
    page = ordered[start : start + min(wanted, behaviour.largest_page)]
    return {
        "fullResultSize": _full_result_size(behaviour, seen=start + len(page), total=len(records)),
        "from": start,
        "count": len(page),
        "versionDigest": "'If-None-Match' header not specified",
        "values": [select(record, selection) for record in page],
    }


def number(query: QueryParams, name: str, *, default: int) -> int:
    """A parameter that is a number from 0 on.

    Raises:
        RefusedError: It is not.
    """
    text = query.get(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise RefusedError(refusals.not_a_number(text)) from None
    if value < 0:
        raise RefusedError(refusals.below_minimum(name, 0))
    return value


def _sorted(records: Sequence[Record], sorting: str | None, model: Model) -> list[Record]:
    ordered = list(records)
    for term in reversed((sorting or "").split(",")):
        member = term.strip().removeprefix("-")
        if not member:
            continue
        if member not in model.plain:
            raise RefusedError(refusals.illegal_sorting(member))
        ordered.sort(key=lambda record: str(record.get(member, "")), reverse=term.strip().startswith("-"))
    return ordered


def _full_result_size(behaviour: Behaviour, *, seen: int, total: int) -> int:
    match behaviour.full_result_size:
        case "short":
            return max(0, seen - 1)
        case "long":
            return total + _MORE_THAN_THERE_IS
        case "exact":
            return total
