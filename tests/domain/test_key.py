"""What a pasted text is taken for, without asking Tripletex."""

import base64
import json
import re
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.keys import ZERO_UUID
from tests.keys import make_key as make_secret
from tests.support.rows import every_row
from wizard.domain.key import KeyReading, Secret, looks_like_token, read_key
from wizard.domain.setup import Environment
from wizard.findings import Code, codes
from wizard.text import LANGUAGES, Texts

PRODUCTION, TEST, SANDBOX = Environment.PRODUCTION, Environment.TEST, Environment.SANDBOX
NUMBERS = st.integers(1, 2**40)
NOISE = st.text(" \t\r\n\u00a0\u00ad\u200b\u200e\u202a\u2060\ufeff\x00", max_size=6)
TEXTS = {language: Texts(language) for language in LANGUAGES}


def make_key(number: int = 2147628461, *, test: bool = False) -> str:
    """Return the text of a well-formed key."""
    return make_secret(number, test=test).reveal()


def read(text: str, environment: Environment = PRODUCTION) -> KeyReading:
    return read_key(text, environment)


def codes_of(reading: KeyReading) -> list[Code]:
    return [finding.code for finding in reading.findings]


def rendered(reading: KeyReading) -> str:
    """Return every word that a person could read about a paste, in both languages."""
    return "\n".join(
        text
        for t in TEXTS.values()
        for finding in reading.findings
        for text in (finding.message(t), finding.hint(t), repr(finding))
    ) + repr(reading)


def packed(document: object) -> str:
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


@every_row("environment", Environment)
def test_a_key_is_read(environment: Environment) -> None:
    key = make_key(4711, test=environment is TEST)

    reading = read(key, environment)

    assert reading == KeyReading(Secret(key), 4711, ())


@given(NUMBERS, st.lists(st.tuples(st.integers(0, 100), NOISE), max_size=8))
def test_a_key_survives_wrapping_and_noise(number: int, noises: list[tuple[int, str]]) -> None:
    text = key = make_key(number)
    for position, noise in noises:
        text = text[:position] + noise + text[position:]

    reading = read(text)

    assert reading.secret == Secret(key)
    assert codes_of(reading) == ([] if text.strip() == key else [codes.KEY_REPAIRED])


DRESSES = [
    *('"{}"', "'{}'", "«{}»", "“{}”", "`{}`", "<{}>", "({})", "{}.", "{},", "{};", "> {}", "\ufeff{}\r\n"),
    *("API-nøkkel: {}", "API-nøkkel {}", "Nøkkelen er {} Mvh Kari", "employeeToken={}"),
    *('{{"employeeToken": "{}"}}', "{0}{0}", "{0} {0}", "{0}\n{0}\n"),
]


@every_row("dress", DRESSES)
@every_row("number", [7, 42, 123])  # no padding, one character, and two
def test_a_key_is_found_among_other_copied_text(dress: str, number: int) -> None:
    key = make_key(number)

    for pasted in (key, key.rstrip("=")):
        reading = read(dress.format(pasted))
        assert reading.secret == Secret(key)
        assert codes_of(reading) == [codes.KEY_REPAIRED]


def test_a_key_is_found_in_a_quoted_e_mail() -> None:
    key = make_key()
    text = "".join(f"> {key[at : at + 20]}\n" for at in range(0, len(key), 20))

    assert read(text).secret == Secret(key)


@every_row(
    ("test", "environment", "expected"),
    [
        (True, PRODUCTION, [codes.TEST_KEY_IN_PRODUCTION]),
        (False, TEST, [codes.PRODUCTION_KEY_IN_TEST]),
        (False, PRODUCTION, []),
        (True, TEST, []),
        (True, SANDBOX, []),
        (False, SANDBOX, []),
    ],
)
def test_the_environment_is_read_from_the_key(
    test: bool,  # noqa: FBT001 - a value of a row
    environment: Environment,
    expected: list[Code],
) -> None:
    reading = read(make_key(test=test), environment)

    assert codes_of(reading) == expected
    assert (reading.secret is None) is bool(expected)


@every_row("text", [ZERO_UUID, ZERO_UUID.upper(), f" {ZERO_UUID}\n", f"Nøkkel: {ZERO_UUID}"])
def test_a_key_from_before_2022_is_read(text: str) -> None:
    reading = read(text)

    assert reading.secret is not None
    assert reading.number is None
    assert codes.KEY_OLD_FORMAT in codes_of(reading)
    assert codes_of(read(f"test-{ZERO_UUID}")) == [codes.TEST_KEY_IN_PRODUCTION, codes.KEY_OLD_FORMAT]


@every_row(
    ("text", "code"),
    [
        ("", codes.KEY_EMPTY),
        (" \n\t\u200b\ufeff", codes.KEY_EMPTY),
        ('""', codes.KEY_EMPTY),
        ("2147628461", codes.KEY_IS_ID),
        ("  2 147 628 461 ", codes.KEY_IS_ID),
        ("Brukernøkkel-ID: 2147628461", codes.KEY_IS_ID),
        ("974760674", codes.KEY_IS_ID),
        ("01010112345", codes.KEY_IS_ID),
        ("²³", codes.KEY_IS_ID),
        ("٩٧٤٧٦٠٦٧٣", codes.KEY_IS_ID),
        ("974760673", codes.KEY_IS_ORG_NUMBER),
        ("974 760 673", codes.KEY_IS_ORG_NUMBER),
        ("Org.nr.: NO 974 760 673 MVA", codes.KEY_IS_ORG_NUMBER),
        ("VismaFinale", codes.KEY_IS_NAME),
        ("Visma Finale", codes.KEY_IS_NAME),
        ("«Visma Finale»", codes.KEY_IS_NAME),
        ("Applikasjonsnavn: VismaFinale", codes.KEY_IS_NAME),
        ("API-nøkkel", codes.KEY_IS_NAME),
        ("Nøkkel for revisjon", codes.KEY_IS_NAME),
        ("kari.nordmann@example.no", codes.KEY_IS_USER_NAME),
        ("Brukernavn: kari@example.no", codes.KEY_IS_USER_NAME),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", codes.KEY_IS_JWT),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", codes.KEY_IS_JWT),
        ("tlxr_eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", codes.KEY_IS_REFRESH_TOKEN),
        ("Refresh token: tlxr_abc", codes.KEY_IS_REFRESH_TOKEN),
        ("passord123", codes.KEY_UNRECOGNISED),
        ("www.tripletex.no/integrasjoner", codes.KEY_UNRECOGNISED),
        ("hei og takk for sist, her er nøkkelen du ba om i går", codes.KEY_UNRECOGNISED),
        (packed({"tokenId": "7", "name": "x"}), codes.KEY_CUT_OFF),
        (packed({"hello": "world"}), codes.KEY_UNRECOGNISED),
        (packed({"tokenId": 0, "token": "x"}), codes.KEY_CUT_OFF),
        (packed({"tokenId": -7, "token": "x"}), codes.KEY_CUT_OFF),
        (packed({"tokenId": 2**63, "token": "x"}), codes.KEY_CUT_OFF),
        (packed([1, 2, 3]), codes.KEY_UNRECOGNISED),
        ("eyJ" + "9" * 4000, codes.KEY_UNRECOGNISED),
        ("x" * 5000, codes.KEY_UNRECOGNISED),
        (make_key() * 100, codes.KEY_UNRECOGNISED),
        (make_key(1) + "\n" + make_key(2), codes.SEVERAL_KEYS),
    ],
)
def test_text_that_is_not_a_key_is_explained(text: str, code: Code) -> None:
    reading = read(text)

    assert codes_of(reading) == [code]
    assert (reading.secret, reading.number) == (None, None)


@every_row("consumer", [make_key(99), ZERO_UUID, "some-other-form"])
def test_the_consumer_token_is_recognised(consumer: str) -> None:
    for text in (consumer, f'"{consumer}"\n', consumer.rstrip("=")):
        assert codes_of(read_key(text, PRODUCTION, Secret(consumer))) == [codes.KEY_IS_CONSUMER_TOKEN]
    assert read_key(make_key(7), PRODUCTION, Secret(consumer)).secret is not None


@given(
    st.one_of(st.text(), st.text(st.characters(categories=["Nd", "No", "Nl", "Cs"]))),
    st.sampled_from(Environment),
)
def test_any_text_is_read_without_an_error(text: str, environment: Environment) -> None:
    reading = read_key(text, environment, Secret("a consumer token"))

    assert (reading.secret is None) is any(finding.is_error for finding in reading.findings)
    assert rendered(reading)


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=8, max_size=200))
def test_no_message_repeats_the_paste(text: str) -> None:
    reading = read(text)
    said = rendered(reading)

    assert said
    # Words such as «VismaFinale» are in the texts anyway; the paste could only
    # come in through a value.
    hollow = reading._replace(
        findings=tuple(replace(each, values=dict.fromkeys(each.values, "")) for each in reading.findings),
    )
    assert text not in said or text in rendered(hollow)


@every_row(
    "text",
    [
        *(make_key(), make_key()[:50], make_key()[10:], make_key(test=True), f"{make_key()}.", ZERO_UUID),
        *("01010112345", "974760673", "2147628461", "Hemmelig4711"),
    ],
)
def test_no_message_repeats_a_piece_of_the_paste(text: str) -> None:
    said = rendered(read(text))
    # The key's number is no secret and is part of the reading.
    said = said.replace("number=2147628461", "")

    assert "TW3" in said or "Secret(***)" in said
    assert [piece for piece in re.findall(r"(?=(.{8}))", text) if piece in said] == []


@every_row(
    ("text", "is_token"),
    [
        *(("{key}", True), ('"{key}"', True), ("token {key}", True), ("https://x:{key}@localhost", True)),
        *(("{bare}", True), ("{bare}\n", True), ("at tlxr_abc", True)),
        *((ZERO_UUID, True), (f" test-{ZERO_UUID} ", True), (ZERO_UUID.upper(), True)),
        *(("", False), ("974760673", False), ("%ORGNR%", False), ("production/2147628461", False)),
        *(("secrets/key.token", False), ("VismaFinale", False), ("eyJ", False)),
    ],
)
def test_a_token_in_a_config_is_noticed(text: str, is_token: bool) -> None:  # noqa: FBT001 - a value of a row
    key = make_key(42)
    assert looks_like_token(text.format(key=key, bare=key.rstrip("="))) is is_token


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
def test_a_key_that_is_cut_off_anywhere_is_recognised_as_such(number: int) -> None:
    bare = make_key(number).rstrip("=")

    assert {codes_of(read(bare[:end]))[0] for end in range(4, len(bare))} == {codes.KEY_CUT_OFF}
    assert {codes_of(read(bare[start:]))[0] for start in range(1, len(bare) - 20)} == {codes.KEY_CUT_OFF}


@every_row("number", [7, 42, 123])
@every_row("extra", [*"AJKNg90+/", "Cg", "IA", "Kari"])
def test_a_key_with_an_extra_letter_is_refused(number: int, extra: str) -> None:
    assert read(make_key(number).rstrip("=") + extra).secret is None


def test_a_key_with_a_wrong_last_character_is_refused() -> None:
    key = make_key(42)
    assert key.endswith("fQ==")

    assert read(f"{key[:-3]}R==").secret is None


@every_row("start", range(1, 36))
def test_no_part_of_an_old_key_is_a_key(start: int) -> None:
    assert read(ZERO_UUID[start:]).secret is None
    assert read(ZERO_UUID[:start]).secret is None
