"""Texts that are no TOML: where, and in words that help."""

import pytest

from tests.config.texts import ENGLISH, GOOD, NORWEGIAN, ids, places
from wizard.config import parse_config

UNCLOSED = "a quotation mark is missing"
TWICE = "is in the file twice"
DEEP = "too deep"
SHALLOW = r"""a = "[[{ \" [["
c = '[[["' # {{{ '
d = '''[[
[['''
e = [[1], { f = [2] }]
[g]
"""


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a = 1\na = 2", (2, 1), TWICE),
        ("a = 1\n  a = 2 # again\nb = 3", (2, 3), TWICE),
        ("[a]\n\t[a]\n", (2, 2), TWICE),
        ("a.b = 1\na = 2", (2, 1), TWICE),
        ("a = {}\n[a.b]\n", (2, 1), TWICE),
        ("a = {b = 1, b = 2}", (1, 1), TWICE),
        ("a.b = 1\n[a]\nc = 1", (2, 1), TWICE),
        ('a = "x', (1, 7), UNCLOSED),
        ("a = 'x'\nb = 'y\nc = 1", (2, 5), UNCLOSED),
        ("a = 'x\nb = 'y'", (1, 7), UNCLOSED),
        ('a = "x\nb = 1', (1, 7), UNCLOSED),
        ("a = 1\nb = '''x\ny", (2, 5), UNCLOSED),
        ('a = """x', (1, 9), UNCLOSED),
        ('"a = 1', (1, 7), UNCLOSED),
        ('a = "C:\\x"', (1, 10), "backslash"),
        ('a = "\\u12"', (1, 8), "backslash"),
        ('a = "\\ud800"', (1, 12), "backslash"),
        ("a = C:\\x", (1, 5), "without quotation marks"),
        ("a = \n", (1, 5), "value is missing"),
        ("a = 'it's'", (1, 9), "there is something after"),
        ("[a]]", (1, 4), "there is something after"),
        ("a = 1\rb = 2", (1, 6), "there is something after"),
        ("[a", (1, 3), "square bracket"),
        ("[[a]", (1, 4), "square bracket"),
        ("[]", (1, 2), "a name is missing"),
        ("å = 1", (1, 1), "a line must be"),
        ("a å = 1", (1, 3), "equals sign"),
        ("a", (1, 2), "equals sign"),
        ("= 1", (1, 1), "a line must be"),
        ("a = [1", (1, 7), "list is not closed"),
        ("a = [1 2]", (1, 8), "list is not closed"),
        ("a = {b = 1\n}", (1, 11), "braces"),
        ("a = 2026-02-30", (1, 5), "no such date"),
        ("a = '\x00'", (1, 6), "not allowed"),
        ("# \x07", (1, 3), "not allowed"),
        pytest.param("a = " + "1" * 5000, (1, 5), "too many digits", id="digits"),
        pytest.param("a = " + "[" * 5000, (1, 5), DEEP, id="lists"),
        pytest.param("a = " + "{a = " * 5000, (1, 5), DEEP, id="tables"),
        pytest.param(".".join("a" * 5000) + " = 1", (1, 1), DEEP, id="dots"),
        pytest.param("[" + " . ".join(["'a b'"] * 5000) + "]", (1, 2), DEEP, id="dots-in-header"),
        pytest.param("a = { " + "\t.".join(['"x"'] * 5000) + " = 1 }", (1, 7), DEEP, id="dots-in-braces"),
        pytest.param(f"{SHALLOW}b = {'[' * 5000}", (7, 5), DEEP, id="below-texts-with-brackets"),
        pytest.param(f"{SHALLOW}b = {'[' * 5000}{']' * 5000}\n", (7, 5), DEEP, id="closed"),
        pytest.param("a = 1\nb = [\n" + "[\n" * 5000, (2, 5), DEEP, id="over-many-lines"),
        ("a = 1\nb = [\n", (2, 6), "value is missing"),
        ("a = 1\nb = [1,\n\n  \r\n", (2, 8), "value is missing"),
    ],
)
def test_a_problem_is_placed_and_named(text: str, place: tuple[int, int] | None, said: str) -> None:
    reading = parse_config(text)
    assert ids(reading) == ["TW101"]
    (finding,) = reading.findings
    assert said in finding.message(ENGLISH)
    assert places(reading) == [place]
    # Nothing of it is left in English.
    norwegian = finding.message(NORWEGIAN)
    assert norwegian.startswith("Filen er ikke gyldig TOML: ")
    assert said not in norwegian
    assert str(finding.values["problem"]) not in norwegian


def test_a_place_counts_neither_the_bom_nor_line_ends() -> None:
    for text in ("\ufeffa = \r\n", "\ufeffx = '🔑'\r\na = \r\n"):
        assert places(parse_config(text)) == [(text.count("\n"), 5)]
    assert places(parse_config("x = '🔑' 🔑")) == [(1, 9)]


def test_the_last_of_many_lines_is_found() -> None:
    assert places(parse_config(GOOD + "# x\n" * 300_000 + "a = [\n")) == [(GOOD.count("\n") + 300_001, 6)]


def test_many_dots_are_no_deep_table() -> None:
    assert parse_config(GOOD + f"# {'.' * 500}\n# {'. ' * 500}\nx = 'www.{'a/' * 300}'\n").config


def test_a_large_number_is_not_read_aloud() -> None:
    reading = parse_config("schema_version = 0x" + "f" * 5000)
    assert ids(reading) == ["TW108"]
    assert "***" in reading.findings[0].message(ENGLISH)
