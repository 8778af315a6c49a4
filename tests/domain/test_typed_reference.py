"""References as people type them."""

import shlex

from hypothesis import given
from hypothesis import strategies as st

from tests.keys import make_key
from tests.support.rows import every_row
from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    FileReference,
    KeyringReference,
    Reference,
    parse_reference,
    read_command,
    read_variable,
)
from wizard.findings import Code, Finding, codes

KEY = make_key(4711).reveal()


@every_row(
    ("text", "reference"),
    [
        ("keyring:production/1", KeyringReference("production/1")),
        ("file:a b.key", FileReference("a b.key")),
        ("env:FINALE_KEY", EnvReference("FINALE_KEY")),
        ("command:pass show finale", CommandReference(("pass", "show", "finale"))),
        ("command:", None),
        ("vault:x", None),
        ("FINALE_KEY", None),
    ],
)
def test_a_flag_names_one_of_four_kinds(text: str, reference: Reference | None) -> None:
    assert parse_reference(text) == reference


@every_row(
    ("text", "words"),
    [
        ("pass show finale/tripletex", ("pass", "show", "finale/tripletex")),
        ("  age  -d 'my key.age' ", ("age", "-d", "my key.age")),
        ("sh -c 'age -d x | head -1'", ("sh", "-c", "age -d x | head -1")),
        ('vault kv get -field=key "a b"', ("vault", "kv", "get", "-field=key", "a b")),
        ("echo a|b 50% a&b", ("echo", "a|b", "50%", "a&b")),
    ],
)
def test_a_command_is_split_as_a_shell_would(text: str, words: tuple[str, ...]) -> None:
    assert read_command(text) == CommandReference(words)


WRONG: list[tuple[str, Code]] = [
    ("", codes.COMMAND_UNREADABLE),
    ("   ", codes.COMMAND_UNREADABLE),
    ("pass 'show", codes.COMMAND_UNREADABLE),
    ("'' show", codes.COMMAND_UNREADABLE),
    ("pass show x | head -1", codes.COMMAND_NEEDS_SHELL),
    ("pass show x && true", codes.COMMAND_NEEDS_SHELL),
    ("pass show x 2> /dev/null", codes.COMMAND_NEEDS_SHELL),
    ("pass show x 2>&1", codes.COMMAND_NEEDS_SHELL),
    ("cat < x", codes.COMMAND_NEEDS_SHELL),
    ("echo $(cat x)", codes.COMMAND_NEEDS_SHELL),
    (KEY, codes.KEY_SHOWN),
    (f"echo {KEY}", codes.KEY_SHOWN),
]


@every_row(("text", "code"), WRONG)
def test_what_is_no_command_is_explained(text: str, code: Code) -> None:
    found = read_command(text)
    assert isinstance(found, Finding)
    assert found.code is code
    assert "eyJ" not in repr(found)


@every_row("text", ["FINALE_KEY", " FINALE_KEY ", "$FINALE_KEY", "${FINALE_KEY}"])
def test_a_variable_is_known_by_its_name(text: str) -> None:
    assert read_variable(text) == EnvReference("FINALE_KEY")


@every_row("text", ["", "$", "${}", "A=B", "A B", "'A'", "$(id)"])
def test_what_is_no_name_is_explained(text: str) -> None:
    found = read_variable(text)
    assert isinstance(found, Finding)
    assert found.code is codes.VARIABLE_NAME


def test_a_key_is_no_name() -> None:
    found = read_variable(KEY)
    assert isinstance(found, Finding)
    assert found.code is codes.KEY_SHOWN
    assert "eyJ" not in repr(found)


@given(words=st.lists(st.text(st.characters(min_codepoint=32, exclude_characters="|&;<>$`")), min_size=1))
def test_what_was_split_is_put_together_alike(words: list[str]) -> None:
    """The line that is proposed the next time means the same as the one that was typed."""
    found = read_command(shlex.join(words))
    if words[0]:
        assert found == CommandReference(tuple(words))
    else:
        assert isinstance(found, Finding)
