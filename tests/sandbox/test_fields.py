"""The grammar of ``fields``, tried with whatever people may write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import every_row
from wizard.sandbox.answers import Model, Refusal, RefusedError, Selection, parse_fields, select

INNER = Model("InnerDTO", ("id", "url", "name"))
OUTER = Model("OuterDTO", ("id", "name"), {"inner": INNER})
RECORD: dict[str, object] = {"id": 1, "name": "a", "inner": {"id": 2, "url": "u", "name": "b"}}


@given(
    st.lists(st.sampled_from(["id", "name", "inner", "nope", "*", "(", ")", ",", " "]), max_size=12).map(
        "".join
    )
)
def test_any_text_is_either_read_or_refused(text: str) -> None:
    read = reading(text)
    if isinstance(read, Refusal):
        assert (read.status, read.code) == (400, 11000)
    else:
        assert set(select(RECORD, read)) <= set(RECORD)
        assert text.count("(") == text.count(")")
        assert "nope" not in text


def reading(text: str) -> Selection | Refusal:
    try:
        return parse_fields(text, OUTER)
    except RefusedError as error:
        return error.refusal


@every_row(
    ("text", "selected"),
    [
        (None, {"id": 1, "name": "a", "inner": {"id": 2, "url": "u"}}),
        ("", {"id": 1, "name": "a", "inner": {"id": 2, "url": "u"}}),
        ("name", {"name": "a"}),
        ("inner", {"inner": {"id": 2, "url": "u"}}),
        ("inner(name),id", {"inner": {"name": "b"}, "id": 1}),
        ("inner(*)", {"inner": {"id": 2, "url": "u", "name": "b"}}),
    ],
)
def test_reading(text: str | None, selected: dict[str, object]) -> None:
    assert select(RECORD, parse_fields(text, OUTER)) == selected


@every_row("text", ["inner(id)x", "inner(id)(name)", "inner(id))", "(id)", "inner(inner)", "id("])
def test_refusing(text: str) -> None:
    with pytest.raises(RefusedError):
        parse_fields(text, OUTER)
