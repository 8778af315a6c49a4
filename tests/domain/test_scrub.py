from hypothesis import given
from hypothesis import strategies as st

from tests.keys import ZERO_UUID, make_key
from tests.support.rows import every_row
from wizard.domain.redaction import Scrub
from wizard.domain.secret import Secret

KEY = make_key(4711)


@every_row(
    ("text", "shown"),
    [
        ("Rørlegger AS", "Rørlegger AS"),
        ("  two\nlines\t", "two lines"),
        ("\x1b[31mred\x07", "[31mred"),
        ("admin\u202egnp.exe", "admin gnp.exe"),
        ("\ud800broken", "broken"),
        ("\u200b\ufeff", ""),
    ],
)
def test_a_line_can_be_shown(text: str, shown: str) -> None:
    assert Scrub(KEY).line(text) == shown


@given(st.text())
def test_every_line_is_one_printable_line(text: str) -> None:
    shown = Scrub(KEY).line(text)
    assert len(shown) <= 200
    assert shown.isprintable()
    shown.encode()


@every_row(
    "text",
    [
        KEY.reveal(),
        f"Company {KEY.reveal()} AS",
        KEY.reveal()[:40],
        KEY.reveal().lower(),
        " ".join(KEY.reveal()),
        "\u200b".join(KEY.reveal()),
        f"inner {ZERO_UUID}",
    ],
)
def test_a_token_that_comes_back_is_not_shown(text: str) -> None:
    assert Scrub(KEY).line(text) == ""


def test_a_token_of_no_known_form_is_kept_back_too() -> None:
    assert Scrub(Secret("hunter2-hunter2")).line("it is hunter2-hunter2") == ""


@every_row("text", ["3f2a-c1", "A" * 64, "0123"])
def test_a_request_id_is_kept(text: str) -> None:
    assert Scrub(KEY).request_id(text) == text


@every_row("text", [None, "", "a b", "A" * 65, "x\n", "æ", "<script>", ZERO_UUID, KEY.reveal()[:32]])
def test_what_is_no_request_id_is_dropped(text: str | None) -> None:
    assert Scrub(KEY).request_id(text) is None
