"""The place of every value and name, in every way that TOML lets people write."""

import tomllib
from contextlib import suppress
from itertools import count

from hypothesis import given, reject
from hypothesis import strategies as st

from wizard.config.model import Flaw, SettingPath
from wizard.config.syntax import Positions
from wizard.findings import Position, codes

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
def test_the_position_of_every_value_is_right(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        reject()
    positions = Positions(text)
    for path, value in leaves(document):
        assert literal_in(text_at(text, positions.place_of(Flaw(FINDING, path)))) == value


@given(documents())
def test_the_position_of_every_name_is_right(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        reject()
    positions = Positions(text)
    for path, _ in leaves(document):
        for end in range(1, len(path) + 1):
            name = path[end - 1]
            if isinstance(name, str):
                at = text_at(text, positions.place_of(Flaw(FINDING, path[:end], is_name=True)))
                assert first_name_in(at) == name


def test_tables_in_a_list_have_their_own_positions() -> None:
    text = "[[a]]\n[a.b]\nc = '1'\n[[a]]\nd = '2'\n[a.b]\nc = '3'\n[[a.e]]\n[[a.e]]\n[a.e.f]\ng = '4'\n"
    positions = Positions(text)
    for path, value in leaves(tomllib.loads(text)):
        assert literal_in(text_at(text, positions.place_of(Flaw(FINDING, path)))) == value


def test_columns_count_code_points() -> None:
    text = "x = { '🔑å' = 1, b = 'å🔑', c = 2 }"
    positions = Positions(text)
    assert positions.place_of(Flaw(FINDING, ("x", "b"))) == Position(1, text.index("'å🔑'") + 1)
    assert positions.place_of(Flaw(FINDING, ("x", "c"), is_name=True)) == Position(1, text.index("c =") + 1)


def test_a_table_without_values_has_the_position_of_its_name() -> None:
    positions = Positions("[a.b]\nc = 1\n[d]\n")
    assert positions.place_of(Flaw(FINDING, ("a", "b"))) == Position(1, 4)
    assert positions.place_of(Flaw(FINDING, ("a",))) == Position(1, 2)
    assert positions.place_of(Flaw(FINDING, ("d",))) == Position(3, 2)
    assert positions.place_of(Flaw(FINDING, ())) is None
    assert positions.place_of(Flaw(FINDING, ("e",))) is None
