"""Addresses of Tripletex, references as people type them, and exit codes."""

import shlex
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.keys import make_key
from tests.support.rows import every_row
from wizard.domain.exits import Exit, exit_for, signal_exit, worst
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
from wizard.domain.setup import Environment, is_loopback_url
from wizard.findings import Code, Finding, codes
from wizard.findings.codes import ALL_CODES


def test_the_two_addresses_are_fixed() -> None:
    assert Environment.PRODUCTION.base_url == "https://tripletex.no/v2"
    assert Environment.PRODUCTION.host == "tripletex.no"
    assert Environment.TEST.base_url == "https://api-test.tripletex.tech/v2"
    assert Environment.TEST.host == "api-test.tripletex.tech"
    assert Environment.SANDBOX.base_url is None
    assert Environment.SANDBOX.host is None


@every_row(
    "url",
    [
        "http://127.0.0.1:8765/v2",
        "http://127.0.0.1",
        "http://127.0.0.1/",
        "https://127.0.0.1:443/v2",
        "http://127.8.9.10:1/v2",
        "http://localhost:65535/v2",
        "http://[::1]:8765/v2",
        "http://[0:0:0:0:0:0:0:1]/v2",
    ],
)
def test_addresses_of_this_machine_are_allowed(url: str) -> None:
    assert is_loopback_url(url)


@every_row(
    "url",
    [
        "",
        "127.0.0.1:8765",
        "//127.0.0.1/v2",
        "ftp://127.0.0.1/v2",
        "file:///etc/passwd",
        "http://",
        "http:///v2",
        "http://evil.no/v2",
        "https://tripletex.no/v2",
        "http://127.0.0.1.evil.no/v2",
        "http://localhost.evil.no/v2",
        "http://localhost@evil.no/v2",
        "http://127.0.0.1:80@evil.no/v2",
        "http://user:secret@127.0.0.1/v2",
        "http://@127.0.0.1/v2",
        "http://evil.no\\@127.0.0.1/v2",
        "http://127.0.0.1\\@evil.no/v2",
        "http://127.0.0.1\\.evil.no/v2",
        "http://127.0.0.1#@evil.no/",
        "http://127.0.0.1/v2#here",
        "http://127.0.0.1?@evil.no/",
        "http://127.0.0.1/v2?token=a",
        "http://0x7f000001/v2",
        "http://0x7f.0.0.1/v2",
        "http://2130706433/v2",
        "http://127.1/v2",
        "http://0177.0.0.1/v2",
        "http://127.0.0.01/v2",
        "http://0.0.0.0/v2",
        "http://128.0.0.1/v2",
        "http://10.0.0.1/v2",
        "http://[::]/v2",
        "http://[::2]/v2",
        "http://[fe80::1]/v2",
        "http://[::1%25eth0]/v2",
        "http://[::1/v2",
        "http://[::1].evil.no/v2",
        "http://localhost./v2",
        "http://127.0.0.1./v2",
        "http://127.0.0.1:0/v2",
        "http://127.0.0.1:65536/v2",
        "http://127.0.0.1:99999/v2",
        "http://127.0.0.1:-1/v2",
        "http://127.0.0.1:+80/v2",
        "http://127.0.0.1:８０/v2",
        "http://１２７.0.0.1/v2",
        "http://127。0。0。1/v2",
        "http://ⓛocalhost/v2",
        "http://127.0.0.1/v2\n",
        " http://127.0.0.1/v2",
        "http://127.0.\n0.1/v2",
        "http://127.0.0.1\t.evil.no/v2",
        "http://127.0.0.1\x00.evil.no/v2",
        "http://127.0.0.1%2eevil.no/v2",
        "http://127.0.0.1/%2e%2e",
        "http://local\u200bhost/v2",
    ],
)
def test_every_other_address_is_refused(url: str) -> None:
    assert not is_loopback_url(url)


@given(st.text(), st.text())
def test_any_text_is_read_without_an_error(before: str, after: str) -> None:
    assert is_loopback_url(f"{before}http://127.0.0.1{after}") in {True, False}


@given(st.from_regex(r"[a-z0-9.-]{1,20}\.[a-z]{2,6}", fullmatch=True))
def test_only_localhost_names_this_machine(host: str) -> None:
    assert not is_loopback_url(f"http://{host}/v2")


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
def test_a_typed_reference_names_one_of_four_kinds(text: str, reference: Reference | None) -> None:
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
def test_a_malformed_command_is_explained(text: str, code: Code) -> None:
    found = read_command(text)
    assert isinstance(found, Finding)
    assert found.code is code
    assert "eyJ" not in repr(found)


@every_row("text", ["FINALE_KEY", " FINALE_KEY ", "$FINALE_KEY", "${FINALE_KEY}"])
def test_a_variable_is_recognised_by_its_name(text: str) -> None:
    assert read_variable(text) == EnvReference("FINALE_KEY")


@every_row("text", ["", "$", "${}", "A=B", "A B", "'A'", "$(id)"])
def test_a_malformed_variable_name_is_explained(text: str) -> None:
    found = read_variable(text)
    assert isinstance(found, Finding)
    assert found.code is codes.VARIABLE_NAME


def test_a_key_is_not_taken_for_a_variable_name() -> None:
    found = read_variable(KEY)
    assert isinstance(found, Finding)
    assert found.code is codes.KEY_SHOWN
    assert "eyJ" not in repr(found)


@given(words=st.lists(st.text(st.characters(min_codepoint=32, exclude_characters="|&;<>$`")), min_size=1))
def test_a_command_is_quoted_so_that_it_splits_the_same_way(words: list[str]) -> None:
    """The line that is proposed the next time means the same as the one that was typed."""
    found = read_command(shlex.join(words))
    if words[0]:
        assert found == CommandReference(tuple(words))
    else:
        assert isinstance(found, Finding)


EXPECTED = {
    Exit.WRONG: "TW101 TW102 TW201 TW321 TW322 TW323 TW324 TW325 TW326 TW401 TW402",
    Exit.UNKNOWN: "TW501 TW502 TW503 TW504 TW505 TW506 TW507 TW508 TW509 TW510 TW517 TW521",
    Exit.MACHINE: "TW327 TW335 TW511 TW512 TW513 TW514 TW515 TW516 TW519 TW524 TW525 TW530",
    Exit.DONE: "TW103 TW217 TW518 TW520",
}


def test_every_kind_of_finding_has_its_exit_code() -> None:
    found = {
        code: " ".join(each for each in ids.split() if exit_for([ALL_CODES[each].found()]) is code)
        for code, ids in EXPECTED.items()
    }

    assert found == EXPECTED


def test_invalid_wins_over_the_machine_and_the_machine_over_tripletex() -> None:
    wrong, local, remote, warning = (ALL_CODES[each].found() for each in ("TW401", "TW513", "TW503", "TW103"))

    for order in permutations((wrong, local, remote, warning)):
        assert exit_for(order) is Exit.WRONG
    for order in permutations((local, remote, warning)):
        assert exit_for(order) is Exit.MACHINE
    assert exit_for([warning, remote]) is Exit.UNKNOWN
    assert exit_for([]) is Exit.DONE


def test_the_worst_of_several_exit_codes_wins() -> None:
    ranks = ["INTERRUPTED", "CRASHED", "USAGE", "WRONG", "MACHINE", "UNKNOWN", "DONE"]

    for at, name in enumerate(ranks):
        assert worst(Exit[each] for each in reversed(ranks[at:])) is Exit[name]
    assert worst([]) is Exit.DONE


def test_a_signal_gives_the_exit_code_of_a_shell() -> None:
    assert [signal_exit(number) for number in (1, 2, 15)] == [129, 130, 143]
