"""The guide, documents and searches, without a screen."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from tests.ui.scripted import CHECKS, CLIENTS, OVERVIEW, REVIEW, RUN_CHECKS
from wizard.flow.questions import Option
from wizard.text import Texts
from wizard.ui.tui.document_text import document_lines
from wizard.ui.tui.guide_text import guide_lines, hanging, with_code
from wizard.ui.tui.look import ASCII, DRAWN, Look, signs_for
from wizard.ui.tui.printout import step_text
from wizard.ui.tui.search import Searchable

LOOK = Look(Texts("en"), DRAWN)


def plain(lines: list[object]) -> list[str]:
    return [str(line) for line in lines]


class TestGuide:
    def test_items_hang_under_their_first_word(self) -> None:
        lines = guide_lines(
            "First:\n\n1. Click here and\n   there and everywhere\n10. Done\n- or not", LOOK, 24
        )
        assert plain([*lines]) == [
            "First:",
            "",
            " 1. Click here and there",
            "    and everywhere",
            "10. Done",
            "  - or not",
        ]

    def test_labels_and_code_have_a_style_and_no_marks(self) -> None:
        (line,) = guide_lines(r"Choose **Min profil** and type `a_b*c` for Demo\_AS", LOOK, 80)
        assert str(line) == "Choose Min profil and type a_b*c for Demo_AS"
        styles = {str(line)[span.start : span.end]: str(span.style) for span in line.spans}
        assert styles["Min profil"].startswith("bold")
        assert "a_b*c" in styles

    @pytest.mark.parametrize(("has_colours", "style"), [(True, "$accent"), (False, "underline")])
    def test_what_is_typed_is_set_off_without_colours_too(self, style: str, *, has_colours: bool) -> None:
        look = replace(LOOK, has_colours=has_colours)
        (line,) = guide_lines("type `%ORGNR%`", look, 80)
        said = with_code("Run `wizard doctor` first", "$ink", look, hold=20)
        assert [str(span.style) for span in line.spans] == [style]
        assert [str(span.style) for span in said.spans] == ["$ink", style, "$ink"]

    def test_a_label_and_a_command_are_not_broken(self) -> None:
        lines = guide_lines("Click the button **NY NØKKEL** or run `wizard rotate a.toml` now", LOOK, 23)
        assert plain([*lines]) == ["Click the button", "NY NØKKEL or run", "wizard rotate a.toml", "now"]

    def test_a_command_in_a_sentence_is_not_broken_where_it_fits_a_line(self) -> None:
        said = with_code("Run `wizard doctor` first", "$ink", LOOK, hold=14)
        assert plain([*hanging(said, 14, Content())]) == ["Run", "wizard doctor", "first"]
        said = with_code("Run `wizard doctor` first", "$ink", LOOK, hold=12)
        assert plain([*hanging(said, 12, Content())]) == ["Run wizard", "doctor first"]

    def test_a_number_in_groups_is_not_broken(self) -> None:
        lines = hanging(Content("Demobakeriet AS (974 760 673) i Finale"), 26, Content())
        assert [line.plain for line in lines] == ["Demobakeriet AS", "(974 760 673) i Finale"]

    def test_square_brackets_are_text(self) -> None:
        assert plain([*guide_lines("[bold red]Demo[/] AS", LOOK, 80)]) == ["[bold red]Demo[/] AS"]

    @given(st.text(alphabet="ab *`-.1#\\\n", max_size=80), st.integers(10, 80))
    def test_no_line_is_wider_than_the_room(self, markdown: str, width: int) -> None:
        assert all(line.cell_length <= width for line in guide_lines(markdown, LOOK, width))


class TestDocument:
    @given(st.text(max_size=200), st.integers(10, 90), st.booleans())
    def test_every_character_is_there(self, text: str, width: int, is_diff: bool) -> None:  # noqa: FBT001 - drawn
        lines = document_lines(text, LOOK, width, is_diff=is_diff)
        assert all(line.cell_length <= width for line in lines)
        if text.isprintable() and not {"↳", " "} & set(text):
            assert "".join(str(line).removeprefix("↳ ") for line in lines) == text

    def test_a_diff_tells_by_sign_and_colour(self) -> None:
        removed, added = document_lines("-old\n+new", LOOK, 80, is_diff=True)
        assert (str(removed), str(added)) == ("-old", "+new")
        assert str(removed.spans[0].style) != str(added.spans[0].style)


class TestSearch:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", 3),
            ("demo", 2),
            ("DEMO fisk", 1),
            ("fisk demo", 1),
            ("ØSTLANDETS", 1),
            ("974 760", 1),
            ("974.760.673", 1),
            ("974760673", 1),
            ("nothing", 0),
        ],
    )
    def test_finds(self, query: str, found: int) -> None:
        assert len(Searchable(CLIENTS).matches(query)) == found

    def test_knows_a_whole_value_however_it_is_grouped(self) -> None:
        search = Searchable([Option(value="974760673", label="Demo")])
        assert search.names("974 760 673")
        assert not search.names("974 760")


class TestPrintout:
    def test_a_table_can_be_pasted_into_a_sheet(self) -> None:
        text = step_text(OVERVIEW, OVERVIEW.findings, LOOK, 79)
        assert "WRONG\t971 032 146\tnot reached" in text
        assert "Error: The key has no access to the client 971 032 146." in text

    def test_a_document_is_whole(self) -> None:
        assert REVIEW.text.strip() in step_text(REVIEW, (), LOOK, 79)

    def test_checks_tell_their_verdict_in_words(self) -> None:

        assert "UNKNOWN: Log-on to the client" in step_text(replace(RUN_CHECKS, lines=CHECKS), (), LOOK, 79)


def test_a_poor_font_gets_signs_that_it_has() -> None:
    assert signs_for({"TERM": "linux"}) is ASCII
    assert signs_for({"TERM": "xterm-256color"}) is DRAWN
    assert all(getattr(ASCII, name).isascii() for name in ASCII.__slots__)
