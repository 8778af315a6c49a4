"""No part of a key, and nothing more than a key, is ever taken for a key."""

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain.keys import ZERO_UUID, make_key
from tests.support.rows import every_row
from wizard.domain.environment import Environment
from wizard.domain.key import KeyReading, read_key
from wizard.findings import Code, codes
from wizard.text import Texts

NUMBERS = st.integers(1, 2**40)


def read(text: str, environment: Environment = Environment.PRODUCTION) -> KeyReading:
    return read_key(text, environment)


def codes_of(reading: KeyReading) -> list[Code]:
    return [finding.code for finding in reading.findings]


@given(NUMBERS, st.booleans(), st.data())
def test_no_part_of_a_key_is_ever_a_key(number: int, test: bool, data: st.DataObject) -> None:  # noqa: FBT001 - drawn by hypothesis
    key = make_key(number, test=test)
    bare = key.rstrip("=")
    start = data.draw(st.integers(0, len(bare) - 1))
    end = data.draw(st.integers(start, len(bare)))
    part = key[start:end]
    assume(part != bare)

    reading = read(part, Environment.SANDBOX)

    assert reading.secret is None
    assert len(reading.findings) == 1
    if len(part) > 30:
        assert codes_of(reading) == [codes.KEY_CUT_OFF]
        assert str(len(part)) in reading.findings[0].message(Texts("en"))


@every_row("number", [7, 42, 123])
def test_a_key_cut_off_anywhere_says_so(number: int) -> None:
    bare = make_key(number).rstrip("=")

    assert {codes_of(read(bare[:end]))[0] for end in range(4, len(bare))} == {codes.KEY_CUT_OFF}
    assert {codes_of(read(bare[start:]))[0] for start in range(1, len(bare) - 20)} == {codes.KEY_CUT_OFF}


@every_row("number", [7, 42, 123])
@every_row("extra", [*"AJKNg90+/", "Cg", "IA", "Kari"])
def test_a_letter_too_many_is_not_a_key(number: int, extra: str) -> None:
    assert read(make_key(number).rstrip("=") + extra).secret is None


def test_a_last_sign_mistyped_is_not_a_key() -> None:
    key = make_key(42)
    assert key.endswith("fQ==")

    assert read(f"{key[:-3]}R==").secret is None


@every_row("start", range(1, 36))
def test_no_part_of_an_old_key_is_a_key(start: int) -> None:
    assert read(ZERO_UUID[start:]).secret is None
    assert read(ZERO_UUID[:start]).secret is None
