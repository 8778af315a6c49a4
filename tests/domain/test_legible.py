"""What comes from outside can be shown on any terminal and does nothing there."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import every_row
from wizard.domain.legible import encodable, is_hidden, one_line, visible

ANYTHING = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANYTHING)
def test_nothing_visible_is_hidden(text: str) -> None:
    shown = visible(text)
    assert not any(map(is_hidden, shown))
    shown.encode()
    assert "\x1b" not in shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_a_line_break_is_kept_where_it_is_meant() -> None:
    assert visible("a\nb\tc\x1b", keep="\n") == "a\nb\\tc\\x1b"


@given(ANYTHING.filter(lambda text: not any(unicodedata.category(c) == "Cs" for c in text)))
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "cp865"])
def test_whatever_is_encodable_can_be_encoded(encoding: str, text: str) -> None:
    encodable(text, encoding).encode(encoding)


@every_row(
    ("encoding", "shown"),
    [
        (None, "Blåbær → «ØL» … • Č€"),
        ("utf-8", "Blåbær → «ØL» … • Č€"),
        ("latin-1", "Blåbær -> «ØL» ... * C?"),
        ("ascii", 'Blaabaer -> "OEL" ... * C?'),
    ],
)
def test_signs_that_are_lacking_have_equivalents(encoding: str | None, shown: str) -> None:
    assert encodable("Blåbær → «ØL» … • Č€", encoding) == shown


def test_text_is_put_on_one_line() -> None:
    assert one_line("a\x1b[1m\n b\u202e\t\u00a0c ") == "a [1m b c"
