"""Every screen equals its drawing in ``screens``, row by row."""

from pathlib import Path
from typing import Final

from tests.ui.tui.pages import DRAWN
from wizard.text import Texts
from wizard.ui.tui.answers import View, first_view
from wizard.ui.tui.layout import Frame, draw
from wizard.ui.tui.palette import Look
from wizard.ui.tui.rows import headed, plain, text_of
from wizard.walk.page import SearchList, SecretField

SCREENS: Final = Path(__file__).parent / "screens"


def rows_of(frame: Frame) -> list[str]:
    """Return the rows as text, the cursor as the block that it is."""
    return [
        "".join(
            "█" if piece.style.startswith("cursor") and not piece.text.strip() else piece.text
            for piece in row
        )
        for row in frame.rows
    ]


def size_of(name: str) -> tuple[int, int]:
    if name == "too-small":
        return 50, 14
    return {"-60": (60, 20), "120": (120, 40)}.get(name[-3:], (80, 24))


def shown(name: str) -> list[str]:
    drawn = DRAWN[name]
    page, view = drawn if isinstance(drawn, tuple) else (drawn, View())
    return rows_of(draw(page, first_view(page, view), Look(Texts("nb")), *size_of(name)))


def test_every_screen_equals_its_drawing() -> None:
    assert {path.stem for path in SCREENS.glob("*.txt")} == set(DRAWN)
    different = []
    for name in DRAWN:
        width, height = size_of(name)
        rows = shown(name)
        assert [len(row) for row in rows] == [width] * height, name
        expected = (SCREENS / f"{name}.txt").read_text().splitlines()
        got = [row.rstrip() for row in rows]
        wrong = [
            f"{name}:{number}\n  drawn {want!r}\n  shown {have!r}"
            for number, (want, have) in enumerate(zip(expected, got, strict=True), 1)
            if want != have
        ]
        different += wrong
    assert not different, "\n".join([f"{len(different)} rows differ", *different])


def test_every_screen_fits_every_window_and_shows_its_field_and_footer() -> None:
    wrong = []
    for name, drawn in DRAWN.items():
        page = drawn[0] if isinstance(drawn, tuple) else drawn
        for size in ((60, 15), (60, 20), (79, 24), (80, 23), (107, 33), (108, 34), (200, 60)):
            for is_ascii in (False, True):
                look = Look(Texts("nb"), is_ascii)
                rows = rows_of(draw(page, first_view(page), look, *size))
                text = "\n".join(rows)
                field = page.answer.label[:8] if isinstance(page.answer, SecretField | SearchList) else ""
                signs = {sign for sign in text if not sign.isascii() and not sign.isalpha()}
                if (
                    [len(row) for row in rows] != [size[0]] * size[1]
                    or field not in text
                    or "F1" not in text
                    or (is_ascii and signs - {"█"})
                ):
                    wrong.append(f"{name} {size} {is_ascii}\n{text}")
    assert not wrong, wrong[0]


def test_a_note_gives_way_to_the_title() -> None:
    title = plain("Kontroller oppsett")
    assert text_of(headed(title, plain("kl. 14.20"), 40)) == "Kontroller oppsett             kl. 14.20"
    assert text_of(headed(title, plain("/srv/regnskap/finale · 12 filer"), 40)) == (
        "Kontroller oppsett  /srv/regnskap/final…"
    )
    assert text_of(headed(title, plain("12 filer"), 20)).rstrip() == "Kontroller oppsett"
