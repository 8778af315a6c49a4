"""Organisation numbers as people write them."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import every_row
from wizard.domain.setup import (
    Environment,
    Setup,
    check_first_digit,
    format_org_number,
    has_valid_check_digit,
    normalise_org_number,
    parse_finale_org_number,
    parse_org_number,
)
from wizard.findings import Code, Finding, codes
from wizard.text import LANGUAGES, Texts

# Brønnøysundregistrene, KS, Tripletex AS, Skatteetaten, NAV, SSB, Oslo kommune, Digdir,
# Datatilsynet, Statens vegvesen, NVE.
REAL = [
    *("974760673", "971032146", "914286018", "974761076", "889640782", "971526920"),
    *("958935420", "991825827", "974761467", "971032081", "970205039"),
]
PASSING_BUT_UNUSUAL = ["999999999", "111111111", "123456785"]
WRONG = ["974760674", "123456789", "987654321", "888888880", *(f"97476069{digit}" for digit in range(10))]
WRITTEN = [
    *("{0}", " {0}\n", "{1} {2} {3}", "{1}.{2}.{3}", "{1}-{2}-{3}", "{1}–{2}–{3}", "\u202a{0}\u202c"),
    *("{1}\u00a0{2}\u00a0{3}", "{1}\u2009{2}\u202f{3}", "\ufeff{1}\u200b{2}\u200d{3}"),
    *("NO {1} {2} {3} MVA", "NO{0}MVA", "{0}MVA", "no{0}mva", "NO{0}", "NO-{0}-MVA"),
    *("Org.nr.: {1} {2} {3} MVA", "Org.nr. {0}", "org nr {0}", "Orgnr: {0}", "ORGNR {0}"),
    *("Organisasjonsnummer: {1} {2} {3}", "{1} {2} {3} Foretaksregisteret"),
    *("NO {1} {2} {3} MVA, Foretaksregisteret", "Foretaksregisteret NO {1} {2} {3} MVA"),
]
TEXTS = [Texts(language) for language in LANGUAGES]


def check_digit(stem: str) -> int | None:
    """Work out the ninth digit as Brønnøysundregistrene describes it, apart from the code."""
    total = sum(int(digit) * weight for digit, weight in zip(stem, (3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    digit = (11 - total % 11) % 11
    return None if digit == 10 else digit


def completed(stem: int) -> str | None:
    digit = check_digit(f"{stem:08}")
    return None if digit is None else f"{stem:08}{digit}"


VALID = st.integers(0, 99_999_999).map(completed).filter(lambda number: number is not None).map(str)


def dressed(form: str, number: str) -> str:
    return form.format(number, number[:3], number[3:6], number[6:])


def code_of(answer: str | Finding) -> Code:
    assert isinstance(answer, Finding)
    return answer.code


def test_the_numbers_of_companies_are_accepted_and_wrong_ones_refused() -> None:
    assert [number for number in REAL + PASSING_BUT_UNUSUAL if parse_org_number(number) != number] == []
    assert {code_of(parse_org_number(number)) for number in WRONG} == {codes.ORG_NUMBER_CHECK_DIGIT}


@given(VALID, st.sampled_from(WRITTEN))
def test_every_valid_number_is_read_in_every_written_form(number: str, form: str) -> None:
    assert parse_org_number(dressed(form, number)) == number
    assert normalise_org_number(dressed(form, number)) == number


@given(st.integers(0, 99_999_999), st.integers(0, 9))
def test_the_check_digit_follows_the_published_rule(stem: int, digit: int) -> None:
    assert has_valid_check_digit(f"{stem:08}{digit}") is (check_digit(f"{stem:08}") == digit)


@every_row(
    "text",
    [
        *("", "97476067", "9747606730", "974 760 673", " 974760673", "974760673\n", "97476067x"),
        *("²²²²²²²²²", "٩٧٤٧٦٠٦٧٣", "９７４７６０６７３", "①②③④⑤⑥⑦⑧⑨"),
    ],
)
def test_only_nine_plain_digits_have_a_check_digit(text: str) -> None:
    assert not has_valid_check_digit(text)


@every_row(
    ("text", "code"),
    [
        ("", codes.ORG_NUMBER_MISSING),
        (" \u00a0\u200b\n", codes.ORG_NUMBER_MISSING),
        ("97476067", codes.ORG_NUMBER_MALFORMED),
        ("9747606730", codes.ORG_NUMBER_MALFORMED),
        ("974760673 974760673", codes.ORG_NUMBER_MALFORMED),
        ("97476O673", codes.ORG_NUMBER_MALFORMED),
        ("ACME AS", codes.ORG_NUMBER_MALFORMED),
        ("SE 974 760 673", codes.ORG_NUMBER_MALFORMED),
        ("٩٧٤٧٦٠٦٧٣", codes.ORG_NUMBER_MALFORMED),
        ("01010112345", codes.ORG_NUMBER_IS_PERSONAL),
        ("010101 12345", codes.ORG_NUMBER_IS_PERSONAL),
        ("010101-12345", codes.ORG_NUMBER_IS_PERSONAL),
        ("01.01.01/12345", codes.ORG_NUMBER_IS_PERSONAL),
        ("fnr 01010112345", codes.ORG_NUMBER_IS_PERSONAL),
        ("Kari Nordmann, 010101 12345", codes.ORG_NUMBER_IS_PERSONAL),
        ("%ORGNR%", codes.PLACEHOLDER_NOT_HERE),
        ("orgnr", codes.PLACEHOLDER_NOT_HERE),
    ],
)
def test_text_that_is_not_an_organisation_number_is_explained(text: str, code: Code) -> None:
    assert code_of(parse_org_number(text)) is code


@given(
    st.text("0123456789", min_size=11, max_size=11),
    st.sampled_from(["{}", "fnr {}", "{} MVA", "NO{}", "Ola {}"]),
    st.sampled_from(Setup),
)
def test_eleven_digits_are_never_repeated(digits: str, form: str, setup: Setup) -> None:
    answer = parse_finale_org_number(form.format(digits), setup)

    assert isinstance(answer, Finding)
    assert answer.values == {}
    assert not any(
        digits in text for t in TEXTS for text in (answer.message(t), answer.hint(t), repr(answer))
    )


MISSPELLED = [
    *("ORGNR", "%ORGNR", "ORGNR%", "%orgnr%", "% ORGNR %", "%%ORGNR%%", "％ORGNR％", '"%ORGNR%"'),
    *("%OrgNr%", "{ORGNR}", "%ORG.NR%", "%ORGNUMMER%", "%ORG\u200bNR%"),
]


@every_row(
    ("text", "setup", "expected"),
    [
        ("", Setup.SINGLE_COMPANY, ""),
        (" \u200b\n", Setup.SINGLE_COMPANY, ""),
        ("974760673", Setup.SINGLE_COMPANY, codes.ORG_NUMBER_NOT_EMPTY),
        ("%ORGNR%", Setup.SINGLE_COMPANY, codes.ORG_NUMBER_NOT_EMPTY),
        ("NO 974 760 673 MVA", Setup.BUREAU_CLIENT, "974760673"),
        ("", Setup.BUREAU_CLIENT, codes.ORG_NUMBER_MISSING),
        ("%ORGNR%", Setup.BUREAU_CLIENT, codes.PLACEHOLDER_NOT_HERE),
        ("%orgnr", Setup.BUREAU_CLIENT, codes.PLACEHOLDER_NOT_HERE),
        ("%ORGNR%", Setup.BUREAU_SHARED, "%ORGNR%"),
        (" %ORGNR%\ufeff\n", Setup.BUREAU_SHARED, "%ORGNR%"),
        ("", Setup.BUREAU_SHARED, codes.PLACEHOLDER_NEEDED),
        ("974760673", Setup.BUREAU_SHARED, codes.PLACEHOLDER_NEEDED),
        *((text, Setup.BUREAU_SHARED, codes.PLACEHOLDER_MISSPELLED) for text in MISSPELLED),
    ],
)
def test_the_number_is_written_as_finale_expects_it(text: str, setup: Setup, expected: str | Code) -> None:
    answer = parse_finale_org_number(text, setup)

    assert (answer.code if isinstance(answer, Finding) else answer) == expected


@given(st.text(), st.sampled_from(Setup))
def test_any_text_is_read_without_an_error(text: str, setup: Setup) -> None:
    answer = parse_finale_org_number(text, setup)

    assert isinstance(answer, Finding) or answer in {"", "%ORGNR%"} or has_valid_check_digit(answer)


@every_row(
    "text", ["1" + " " * 20_000 + "2", "MVA " * 20_000 + "x", " ,\n" * 20_000, "." * 60_000, "9" * 60_000]
)
def test_a_huge_text_is_refused_quickly(text: str) -> None:
    # A pattern that tries every split of a run of spaces would exceed the test's time limit.
    assert code_of(parse_org_number(text)) is codes.ORG_NUMBER_MALFORMED


@every_row(
    ("number", "environment", "warns"),
    [
        ("974760673", Environment.PRODUCTION, False),
        ("889640782", Environment.PRODUCTION, False),
        ("123456785", Environment.PRODUCTION, True),
        ("123456785", Environment.TEST, False),
        ("123456785", Environment.SANDBOX, False),
    ],
)
def test_an_unusual_first_digit_is_a_warning_in_production(
    number: str, environment: Environment, *, warns: bool
) -> None:
    finding = check_first_digit(number, environment)

    assert (finding is not None) is warns
    assert finding is None or not finding.is_error


def test_numbers_are_shown_in_groups_of_three() -> None:
    assert format_org_number("974760673") == "974 760 673"
    assert format_org_number("%ORGNR%") == "%ORGNR%"
