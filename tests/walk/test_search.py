"""A row is found by what a person would type for it."""

from tests.support.rows import every_row
from wizard.walk.page import fits, searchable

ROW = searchable(("Østlandets Båt & Bakeri AS", "971 032 146"))


@every_row(
    "query",
    [
        "bakeri",
        "AS øst",
        "ostlandets",
        "oestlandets",
        "bat",
        "baat",
        "971 03",
        "97103",
        "971.032.146",
        "",
        " ",
    ],
)
def test_it_is_found(query: str) -> None:
    assert fits(query, ROW)


@every_row("query", ["bakeri bergen", "972", "østland vest", "32 971"])
def test_it_is_not_found(query: str) -> None:
    assert not fits(query, ROW)


def test_letters_put_together_of_two_are_found() -> None:
    assert fits("a\u030alesund", searchable(("Ålesund",)))
