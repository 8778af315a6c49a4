"""Every fault of a setting, and the position of every value and name."""

import tomllib
from contextlib import suppress
from itertools import count

from hypothesis import given, reject
from hypothesis import strategies as st

from tests.config.texts import ENGLISH, GOOD, NORWEGIAN, SANDBOX, SHARED, SINGLE, ids, messages, places
from tests.support.rows import every_row
from wizard.config.reading import parse_config
from wizard.config.syntax import Flaw, Positions, SettingPath
from wizard.findings import Position, Verdict, codes, verdict

REFERENCE = '{ keyring = "production/2147628461" }'
CLIENTS = SHARED.replace('"%ORGNR%"', '"%ORGNR%"\nclients = CLIENTS')
# What is changed in a good config, into what, and the codes and places that are then expected.
CASES = [
    # Presence and type
    ("schema_version = 1", "", "TW106", None),
    ("schema_version = 1", "schema_version = 2", "TW108", (1, 18)),
    ("schema_version = 1", "schema_version = -0x1", "TW101", (1, 20)),
    ("schema_version = 1", "schema_version = true", "TW105", (1, 18)),
    ("schema_version = 1", "schema_version = 1.0", "TW105", (1, 18)),
    ("schema_version = 1", 'schema_version = "1"', "TW105", (1, 18)),
    ('environment = "production"', "", "TW106", (3, 2)),
    ('"production"', "1", "TW105", (4, 15)),
    ('"production"', '"Production"', "TW107", (4, 15)),
    ('"bureau-client"', '"bureau"', "TW107", (8, 9)),
    ('setup = "bureau-client"', "", "TW106", (7, 2)),
    ('"VismaFinale"', '""', "TW112", (5, 15)),
    ('"VismaFinale"', '"  "', "TW112", (5, 15)),
    ('"VismaFinale"', '"Visma\\u0007"', "TW112", (5, 15)),
    ('"VismaFinale"', '"""\nVisma\nFinale"""', "TW112", (5, 15)),
    ('"974760673"', "974760673", "TW105", (9, 14)),
    ("id = 2147628461", "id = 0", "TW112", (16, 6)),
    ("id = 2147628461", "id = 9223372036854775808", "TW112", (16, 6)),
    ("id = 2147628461", "id = '1'", "TW105", (16, 6)),
    ("id = 2147628461", "id = true", "TW105", (16, 6)),
    ("2026-11-22", "2026-11-22T10:00:00Z", "TW105", (17, 13)),
    ("2026-11-22", "10:00:00", "TW105", (17, 13)),
    ("2026-11-22", "'22.11.2026'", "TW105", (17, 13)),
    ("2026-11-22", "'2026-02-29'", "TW105", (17, 13)),
    ("2026-11-22", "'2026-11-22\u00a0'", "TW105", (17, 13)),
    ("2026-11-22", '"2026-11-22\\n"', "TW105", (17, 13)),
    ("[key]", "[[key]]", "TW105", (15, 3)),
    # References
    (REFERENCE, "{}", "TW111", (12, 18)),
    (REFERENCE, '{ keyring = "a", env = "A" }', "TW111", (12, 18)),
    (REFERENCE, '"keyring:a"', "TW105", (12, 18)),
    (REFERENCE, "{ keyring = '' }", "TW112", (12, 30)),
    (REFERENCE, "{ keyring = 1 }", "TW105", (12, 30)),
    (REFERENCE, "{ file = '' }", "TW112", (12, 27)),
    (REFERENCE, "{ file = '~/key' }", "TW112", (12, 27)),
    (REFERENCE, "{ file = '$HOME/key' }", "TW112", (12, 27)),
    (REFERENCE, "{ file = 'keys/${NAME}' }", "TW112", (12, 27)),
    (REFERENCE, "{ file = '${CREDENTIALS_DIRECTORY}' }", "TW112", (12, 27)),
    (REFERENCE, "{ env = '1A' }", "TW112", (12, 26)),
    (REFERENCE, "{ env = 'A B' }", "TW112", (12, 26)),
    (REFERENCE, "{ env = 'Å' }", "TW112", (12, 26)),
    (REFERENCE, "{ command = 'pass show x' }", "TW105", (12, 30)),
    (REFERENCE, "{ command = [] }", "TW112", (12, 30)),
    (REFERENCE, "{ command = [''] }", "TW112", (12, 30)),
    (REFERENCE, "{ command = ['pass', 1] }", "TW105", (12, 39)),
    (REFERENCE, '{ command = ["pass", "\\u0000"] }', "TW112", (12, 39)),
    # Organisation numbers
    ('org_number = "974760673"', "", "TW203", (7, 2)),
    ('"974760673"', '""', "TW203", (9, 14)),
    ('"974760673"', '"12"', "TW201", (9, 14)),
    ('"974760673"', '"974760674"', "TW202", (9, 14)),
    ('"974760673"', '"01010112345"', "TW205", (9, 14)),
    ('"974760673"', '"%ORGNR%"', "TW207", (9, 14)),
    ('"974760673"', '"974 760 673"', "TW210", (9, 14)),
    ('"974760673"', '"NO974760673MVA"', "TW210", (9, 14)),
    ('"974760673"', '"974760673\\n"', "TW210", (9, 14)),
    # The address
    ('"VismaFinale"', '"A"\nbase_url = "http://127.0.0.1:1/v2"', "TW212", (6, 1)),
]
# Whole configs, and the codes and places that are then expected.
TOGETHER: list[tuple[str, list[str], list[tuple[int, int] | None]]] = [
    (SINGLE.replace('""', '"974760673"'), ["TW204"], [(9, 14)]),
    (SINGLE.replace('""', '" "'), ["TW204"], [(9, 14)]),
    (SINGLE.replace('""', '"%ORGNR%"'), ["TW204"], [(9, 14)]),
    (SINGLE.replace('org_number = ""', "clients = []"), ["TW211"], [(9, 1)]),
    (SHARED.replace("%ORGNR%", "974760673"), ["TW208"], [(9, 14)]),
    (SHARED.replace("%ORGNR%", "%orgnr%"), ["TW206"], [(9, 14)]),
    (SHARED.replace("%ORGNR%", " %ORGNR%"), ["TW206"], [(9, 14)]),
    (SHARED.replace("%ORGNR%", "ORGNR"), ["TW206"], [(9, 14)]),
    (SHARED.replace('org_number = "%ORGNR%"', ""), ["TW208"], [(7, 2)]),
    (CLIENTS.replace("CLIENTS", "[]"), [], []),
    (CLIENTS.replace("CLIENTS", "'974760673'"), ["TW105"], [(10, 11)]),
    (CLIENTS.replace("CLIENTS", "[\n1,\n'974760673']"), ["TW105"], [(11, 1)]),
    (CLIENTS.replace("CLIENTS", "['974760673', '']"), ["TW201"], [(10, 25)]),
    (CLIENTS.replace("CLIENTS", "['%ORGNR%']"), ["TW201"], [(10, 12)]),
    (CLIENTS.replace("CLIENTS", "['974 760 673']"), ["TW210"], [(10, 12)]),
    (CLIENTS.replace("CLIENTS", "['01010112345']"), ["TW205"], [(10, 12)]),
    (CLIENTS.replace("CLIENTS", "['974760673', '971032146', '974760673']"), ["TW215"], [(10, 38)]),
    (CLIENTS.replace("CLIENTS", "['123456785']"), ["TW209"], [(10, 12)]),
    (CLIENTS.replace("CLIENTS", "['123456785']").replace("production", "test"), [], []),
    (GOOD.replace("974760673", "123456785"), ["TW209"], [(9, 14)]),
    (SANDBOX.replace('base_url = "http://127.0.0.1:8765/v2"\n', ""), ["TW214"], [(3, 2)]),
    (SANDBOX.replace("127.0.0.1", "127.0.0.1.example"), ["TW213"], [(5, 12)]),
    (SANDBOX.replace("127.0.0.1", "user@127.0.0.1"), ["TW213"], [(5, 12)]),
    (SANDBOX.replace("127.0.0.1", "10.0.0.1"), ["TW213"], [(5, 12)]),
    (SANDBOX.replace("8765", "65536"), ["TW213"], [(5, 12)]),
    (SANDBOX.replace("8765/v2", "8765/v2?a=b"), ["TW213"], [(5, 12)]),
]


@every_row(("what", "into", "code", "place"), CASES)
def test_one_fault_is_one_finding_with_its_place(
    what: str, into: str, code: str, place: tuple[int, int] | None
) -> None:
    assert GOOD.count(what) == 1
    reading = parse_config(GOOD.replace(what, into))
    assert ids(reading) == [code], messages(reading)
    assert places(reading) == [place]
    assert reading.config is None
    assert verdict(reading.findings) is Verdict.INVALID


@every_row(("text", "codes", "expected"), TOGETHER)
def test_settings_that_contradict_each_other_are_found(
    text: str, codes: list[str], expected: list[tuple[int, int] | None]
) -> None:
    reading = parse_config(text)
    assert ids(reading) == codes, messages(reading)
    assert places(reading) == expected
    assert (reading.config is None) == any(finding.is_error for finding in reading.findings)


@every_row(
    ("what", "into", "said", "place"),
    [
        ("org_number =", "org_nummer =", "Did you mean “finale.org_number”?", (9, 1)),
        ("org_number =", "Org-Number =", "Did you mean “finale.org_number”?", (9, 1)),
        ("[credentials]", "[credential]", "Did you mean “credentials”?", (11, 2)),
        ("schema_version", "shema_version", "Did you mean “schema_version”?", (1, 1)),
        ("[key]\n", '[key]\n"prevous" = 1\n', "Did you mean “key.previous”?", (16, 1)),
        ("application =", "org_number =", "Did you mean “finale.org_number”?", (5, 1)),
        ("{ keyring = ", "{ keyrin = ", "Did you mean “credentials.employee_token.keyring”?", (12, 20)),
        ("[key]\n", "[key]\ncolour = 1\n", "The setting “key.colour” is unknown", (16, 1)),
        ("[key]\n", "[key]\na.b = 1\n", "The setting “key.a” is unknown", (16, 1)),
        ("[key]\n", "[extra]\nx = 1\n[key]\n", "The setting “extra” is unknown", (15, 2)),
        ("[key]\n", "[a.b.c]\n[key]\n", "The setting “a” is unknown", (15, 2)),
        ("[key]\n", "[[list]]\n[[list]]\n[key]\n", "The setting “list” is unknown", (15, 3)),
    ],
)
def test_unknown_names_are_warnings_with_a_suggestion(
    what: str, into: str, said: str, place: tuple[int, int]
) -> None:
    reading = parse_config(GOOD.replace(what, into, 1))
    warnings = [finding for finding in reading.findings if not finding.is_error]
    assert [said in finding.message(ENGLISH) for finding in warnings] == [True]
    assert (warnings[0].position and (warnings[0].position.line, warnings[0].position.column)) == place


def test_unknown_names_alone_keep_a_config_good() -> None:
    reading = parse_config(GOOD + "note = 1\n[extra]\norg_number = 5\n")
    assert ids(reading) == ["TW103", "TW103"]
    assert reading.config == parse_config(GOOD).config


def test_a_name_that_is_already_used_is_not_suggested() -> None:
    assert ids(parse_config(GOOD.replace("org_number", 'org_nummer = "1"\norg_number'))) == ["TW103"]


def test_everything_is_found_at_once_in_the_order_of_the_file() -> None:
    reading = parse_config(
        "[finale]\norg_number = 1\nclients = [1, '2']\n"
        "[credentials]\nemployee_token = {}\n[tripletex]\nenvironment = 'x'\nbase_url = ''\n"
    )
    assert ids(reading) == ["TW106", "TW105", "TW105", "TW201", "TW111", "TW107", "TW213", "TW106"]
    assert places(reading) == [(1, 2), (2, 14), (3, 12), (3, 15), (5, 18), (7, 15), (8, 12), None]


def test_a_config_of_another_version_has_one_finding() -> None:
    reading = parse_config("schema_version = 2\n[tripletex]\nenvironment = 5\n[new]\n")
    assert ids(reading) == ["TW108"]
    assert messages(reading) == ["The file has schema_version 2. The program knows 1."]


@every_row(
    ("value", "word"),
    [
        ("1", "a whole number"),
        ("1.5", "a decimal number"),
        ("false", "true or false"),
        ("2026-11-22", "a date"),
        ("2026-11-22 10:00:00", "a date with a time"),
        ("10:00:00", "a time of day"),
        ("[]", "a list"),
        ("{}", "a table"),
    ],
)
def test_every_type_has_its_word(value: str, word: str) -> None:
    reading = parse_config(GOOD.replace('"VismaFinale"', value))
    assert messages(reading) == [f"“tripletex.application” must be text in quotation marks, not {word}."]


def test_the_words_are_in_the_language_of_the_reader() -> None:
    (finding,) = parse_config(GOOD.replace('"974760673"', "974760673")).findings
    assert finding.message(NORWEGIAN) == "«finale.org_number» må være tekst i anførselstegn, ikke et heltall."


FINDING = codes.NOT_A_FILE.found()


def text_at(text: str, place: Position | None) -> str:
    """Return a text from a place on."""
    assert place is not None
    return "\n".join(text.split("\n")[place.line - 1 :])[place.column - 1 :]


def literal_in(text: str) -> object:
    """Return the value that a text begins with, as TOML reads it."""
    for end in range(1, len(text) + 1):
        # Three quotation marks may begin where two have ended a text.
        if text[end : end + 1] not in {'"', "'"}:
            with suppress(tomllib.TOMLDecodeError):
                return tomllib.loads(f"x = {text[:end]}")["x"]
    raise AssertionError(text)


def first_name_in(text: str) -> str:
    """Return the name that a text begins with, as TOML reads it."""
    for end in range(1, len(text) + 1):
        written = text[:end]
        if end < len(text) and written[0] not in "\"'" and (text[end].isalnum() or text[end] in "_-"):
            continue
        with suppress(tomllib.TOMLDecodeError):
            return next(iter(tomllib.loads(f"{written} = 0")))
    raise AssertionError(text)


def leaves(value: object, path: SettingPath = ()) -> list[tuple[SettingPath, object]]:
    match value:
        case dict():
            return [leaf for name, inner in value.items() for leaf in leaves(inner, (*path, name))]
        case list():
            return [leaf for index, inner in enumerate(value) for leaf in leaves(inner, (*path, index))]
        case _:
            return [(path, value)]


names = st.sampled_from(["a", "b-1", "C_2", "12", '"d e"', "'f.g'", '"ø🔑"', '"\\u00e5"', '""', "'#'"])
dotted = st.lists(names, min_size=1, max_size=3).map(".".join)
blanks = st.sampled_from(["", " ", "\t "])
breaks = st.sampled_from(["", " ", "\n", " # 🔑 ] }\n  ", "\n\n"])


@st.composite
def written_values(draw: st.DrawFn, depth: int = 0) -> str:
    """Write a value whose every leaf is the text «@», later numbered."""
    shape = draw(st.integers(0, 9)) if depth < 3 else 0
    inner = written_values(depth + 1)
    if shape > 7:
        items = draw(st.lists(inner, max_size=3))
        return "[" + "".join(draw(breaks) + item + draw(breaks) + "," for item in items) + draw(breaks) + "]"
    if shape > 5:
        pairs = draw(st.lists(st.tuples(dotted, inner), max_size=3))
        return "{ " + ", ".join(f"{name}{draw(blanks)}={draw(blanks)}{value}" for name, value in pairs) + " }"
    return draw(st.sampled_from(['"@"', "'@'", '"""@"""', "'''🔑@'''", '"\\n@"', '"""\n@\n"""']))


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.integers(0, 9))
        if kind == 9:
            lines.append(f"[[{draw(dotted)}]] # 🔑")
        elif kind > 6:
            lines.append(f"{draw(blanks)}[ {draw(dotted)} ]")
        elif kind > 5:
            lines.append("# [a] b = '@'")
        else:
            lines.append(
                f"{draw(blanks)}{draw(dotted)} ={draw(blanks)}{draw(written_values())}{draw(blanks)}"
            )
    numbers = count()
    text = "\n".join(lines)
    while "@" in text:
        text = text.replace("@", f"<{next(numbers)}>", 1)
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@given(documents())
def test_the_position_of_every_value_and_name_is_right(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        reject()
    positions = Positions(text)
    for path, value in leaves(document):
        assert literal_in(text_at(text, positions.place_of(Flaw(FINDING, path)))) == value
        for end, name in enumerate(path, 1):
            if isinstance(name, str):
                at = text_at(text, positions.place_of(Flaw(FINDING, path[:end], is_name=True)))
                assert first_name_in(at) == name


def test_tables_in_a_list_have_their_own_positions() -> None:
    text = "[[a]]\n[a.b]\nc = '1'\n[[a]]\nd = '2'\n[a.b]\nc = '3'\n[[a.e]]\n[[a.e]]\n[a.e.f]\ng = '4'\n"
    positions = Positions(text)
    for path, value in leaves(tomllib.loads(text)):
        assert literal_in(text_at(text, positions.place_of(Flaw(FINDING, path)))) == value


def test_a_table_without_values_has_the_position_of_its_name() -> None:
    positions = Positions("[a.b]\nc = 1\n[d]\n")
    assert positions.place_of(Flaw(FINDING, ("a", "b"))) == Position(1, 4)
    assert positions.place_of(Flaw(FINDING, ("a",))) == Position(1, 2)
    assert positions.place_of(Flaw(FINDING, ("d",))) == Position(3, 2)
    assert positions.place_of(Flaw(FINDING, ())) is None
    assert positions.place_of(Flaw(FINDING, ("e",))) is None
