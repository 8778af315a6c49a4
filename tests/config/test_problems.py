"""Texts that are no TOML: where, and in words that help."""

from tests.config.texts import ENGLISH, GOOD, NORWEGIAN, ids, places
from tests.keys import make_key
from wizard.config.reading import parse_config

SHALLOW = r"""a = "[[{ \" [["
c = '[[["' # {{{ '
d = '''[[
[['''
e = [[1], { f = [2] }]
[g]
"""


PLACES = [
    ("a = 1\na = 2", (2, 1)),
    ("a = 1\n  a = 2 # again\nb = 3", (2, 3)),
    ("[a]\n\t[a]\n", (2, 2)),
    ("a.b = 1\na = 2", (2, 1)),
    ("a = {}\n[a.b]\n", (2, 1)),
    ("a = {b = 1, b = 2}", (1, 1)),
    ("a.b = 1\n[a]\nc = 1", (2, 1)),
    ('a = "x', (1, 7)),
    ("a = 'x'\nb = 'y\nc = 1", (2, 5)),
    ("a = 'x\nb = 'y'", (1, 7)),
    ('a = "x\nb = 1', (1, 7)),
    ("a = 1\nb = '''x\ny", (2, 5)),
    ('a = """x', (1, 9)),
    ('"a = 1', (1, 7)),
    ('a = "C:\\x"', (1, 10)),
    ('a = "\\u12"', (1, 8)),
    ('a = "\\ud800"', (1, 12)),
    ("a = C:\\x", (1, 5)),
    ("a = \n", (1, 5)),
    ("a = 'it's'", (1, 9)),
    ("[a]]", (1, 4)),
    ("a = 1\rb = 2", (1, 6)),
    ("[a", (1, 3)),
    ("[[a]", (1, 4)),
    ("[]", (1, 2)),
    ("å = 1", (1, 1)),
    ("a å = 1", (1, 3)),
    ("a", (1, 2)),
    ("= 1", (1, 1)),
    ("a = [1", (1, 7)),
    ("a = [1 2]", (1, 8)),
    ("a = {b = 1\n}", (1, 11)),
    ("a = 2026-02-30", (1, 5)),
    ("a = '\x00'", (1, 6)),
    ("# \x07", (1, 3)),
    ("a = " + "1" * 5000, (1, 5)),
    ("a = " + "[" * 5000, (1, 5)),
    ("a = " + "{a = " * 5000, (1, 5)),
    (".".join("a" * 5000) + " = 1", (1, 1)),
    ("[" + " . ".join(["'a b'"] * 5000) + "]", (1, 2)),
    ("a = { " + "\t.".join(['"x"'] * 5000) + " = 1 }", (1, 7)),
    (f"{SHALLOW}b = {'[' * 5000}", (7, 5)),
    (f"{SHALLOW}b = {'[' * 5000}{']' * 5000}\n", (7, 5)),
    ("a = 1\nb = [\n" + "[\n" * 5000, (2, 5)),
    ("a = 1\nb = [\n", (2, 6)),
    ("a = 1\nb = [1,\n\n  \r\n", (2, 8)),
]


def test_a_syntax_error_has_a_position_and_the_message_of_the_library() -> None:
    wrong = []
    for text, place in PLACES:
        reading = parse_config(text)
        said = [finding.message(t) for finding in reading.findings for t in (ENGLISH, NORWEGIAN)]
        is_told = len(said) == 2 and all("TOML: " in each and len(each) < 160 for each in said)
        if ids(reading) != ["TW101"] or places(reading) != [place] or not is_told:
            wrong.append((text[:40], places(reading), said))
    assert wrong == []


def test_a_syntax_error_repeats_no_key_from_the_file() -> None:
    key = make_key().reveal()
    for text in (f'"{key}" = 1\n"{key}" = 2\n', f'a = {{ "{key}" = 1, "{key}" = 2 }}\n'):
        (finding, *leaks) = parse_config(text).findings
        assert key not in finding.message(ENGLISH)
        assert leaks


def test_a_position_ignores_the_bom_and_line_endings() -> None:
    for text in ("\ufeffa = \r\n", "\ufeffx = '🔑'\r\na = \r\n"):
        assert places(parse_config(text)) == [(text.count("\n"), 5)]
    assert places(parse_config("x = '🔑' 🔑")) == [(1, 9)]


def test_an_error_in_the_last_of_many_lines_is_found() -> None:
    assert places(parse_config(GOOD + "# x\n" * 300_000 + "a = [\n")) == [(GOOD.count("\n") + 300_001, 6)]


def test_a_name_with_many_dots_is_refused() -> None:
    assert parse_config(GOOD + f"# {'.' * 500}\n# {'. ' * 500}\nx = 'www.{'a/' * 300}'\n").config


def test_a_huge_number_is_not_repeated() -> None:
    reading = parse_config("schema_version = 0x" + "f" * 5000)
    assert ids(reading) == ["TW108"]
    assert "***" in reading.findings[0].message(ENGLISH)
