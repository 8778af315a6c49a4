"""The line under a finding: the mark stands right, and no secret is shown."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tests.keys import ZERO_UUID, make_key
from tests.support.rows import every_row
from wizard.findings import Position
from wizard.ui.report.text import excerpt, lines_of


def marked(line: str, column: int, encoding: str | None = None) -> tuple[str, str]:
    """Return the line as shown, and what stands above the mark in a terminal's columns."""
    shown = excerpt(lines_of(f"first = 1\n{line}\nlast = 2\n"), Position(2, column), encoding)
    assert shown is not None
    wide = "".join(
        sign + "\0" if unicodedata.east_asian_width(sign) in "WF" else sign
        for sign in shown.line
        if not unicodedata.combining(sign)
    )
    return shown.line, wide[len(shown.mark) - 1 :]


@every_row(
    ("line", "column", "above"),
    [
        ('org_number = "1"', 14, '"1"'),
        ('\torg\t= "1"', 8, '"1"'),
        ('navn = "漢字" # x', 13, "# x"),
        ('navn = "Ame\u0301lie" # x', 18, "# x"),
        ('navn = "\x1b" # x', 12, "# x"),
        ("a = 1", 1, "a = 1"),
        ("a = 1", 6, ""),
        ("a = 1", 99, ""),
        ("a = 1\r", 5, "1"),
        ("a = 1 # \x0b\x85\u2028 b", 13, "b"),
    ],
)
def test_the_mark_stands_under_its_place(line: str, column: int, above: str) -> None:
    assert marked(line, column)[1] == above


def test_the_mark_stands_right_where_signs_are_replaced() -> None:
    assert marked('navn = "→ø" # x', 13, "ascii") == ('navn = "->oe" # x', "# x")


@every_row("column", [1, 100, 250, 400])
def test_a_long_line_is_cut_around_the_place(column: int) -> None:
    line = "".join(f"{number:04} " for number in range(80))
    shown, above = marked(line, column)
    assert len(shown) <= 60
    assert above.removesuffix("...")[:3] == line[column - 1 : column + 2]
    assert shown.startswith("...") == (column > 60)
    assert shown.endswith("...") == (column < 340)


@given(st.text(st.characters(exclude_characters="\n\r")), st.integers(1, 300))
def test_every_line_can_be_shown(line: str, column: int) -> None:
    shown = excerpt(lines_of(line), Position(1, column))
    if shown is not None:
        assert "\n" not in shown.line + shown.mark
        # An accent of its own takes no column.
        assert sum(not unicodedata.combining(sign) for sign in shown.line) <= 78


@every_row(
    "line",
    [
        f'employee_token = "{make_key().reveal()}',
        f"{make_key().reveal()[40:]}",
        f'employee_token = "{ZERO_UUID}"',
        f'employee_token = "{ZERO_UUID.replace("-", "")}',
        'org_number = "01019012345"',
        "org_number = 010190 12345",
        "",
        "   ",
    ],
)
def test_what_may_be_secret_is_not_shown(line: str) -> None:
    assert excerpt(lines_of(line), Position(1, 5)) is None


@every_row("place", [Position(3, 1), Position(0, 1)])
def test_a_place_outside_the_file_shows_nothing(place: Position) -> None:
    assert excerpt(lines_of("a = 1\nb = 2"), place) is None
