"""Addresses of Tripletex, references as people type them, and exit codes."""

import shlex
from ipaddress import ip_address
from itertools import permutations

import httpx
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
    addresses = {each.name: (each.base_url, each.host) for each in Environment}
    assert addresses == {
        "PRODUCTION": ("https://tripletex.no/v2", "tripletex.no"),
        "TEST": ("https://api-test.tripletex.tech/v2", "api-test.tripletex.tech"),
        "SANDBOX": (None, None),
    }


HERE = [
    *("http://127.0.0.1:8765/v2", "http://127.0.0.1", "http://127.0.0.1/", "https://127.0.0.1:443/v2"),
    *("http://127.8.9.10:1/v2", "http://localhost:65535/v2", "http://[::1]:8765/v2"),
    "http://[0:0:0:0:0:0:0:1]/v2",
]
ELSEWHERE = [
    *("", "127.0.0.1:8765", "//127.0.0.1/v2", "ftp://127.0.0.1/v2", "file:///etc/passwd", "http://"),
    *("http:///v2", "http://localhost.evil.no/v2", "http://localhost@evil.no/v2", "http://127.1/v2"),
    *("http://127.0.0.1:80@evil.no/v2", "http://evil.no\\@127.0.0.1/v2", "http://127.0.0.1\\@evil.no/v2"),
    *("http://127.0.0.1#@evil.no/", "http://127.0.0.1?@evil.no/", "http://0x7f000001/v2"),
    *("http://2130706433/v2", "http://0177.0.0.1/v2", "http://0.0.0.0/v2", "http://10.0.0.1/v2"),
    *(
        "http://[::]/v2",
        "http://[::ffff:10.0.0.1]/v2",
        "http://[fe80::1]/v2",
        "http://[::1%25eth0]/v2",
        "http://[::1/v2",
    ),
    *("http://127.0.0.1:0/v2", "http://127.0.0.1:65536/v2", "http://127.0.0.1:-1/v2"),
    *("http://127.0.0.1/v2\n", " http://127.0.0.1/v2", "http://127.0.0.1/%2e%2e"),
    *("http://127.0.0.1/v2#here", "http://127.0.0.1/v2?token=a", "http://ⓛocalhost/v2"),
]


def test_only_addresses_of_this_machine_are_allowed() -> None:
    assert [url for url in HERE if not is_loopback_url(url)] == []
    assert [url for url in ELSEWHERE if is_loopback_url(url)] == []


PIECES = [
    *("http://", "https://", "127.0.0.1", "localhost", "[::1]", "evil.no", "tripletex.no", "user", "0x7f"),
    *("@", "\\", ":", "80", "99999", "-", "+", "/", "/v2", ".", "#", "?", "%2e", "%00", "\t", "\n", "\x00"),
    *("[", "]", "8", "８０", "１２７", "。", "ⓛ", "\u200b", "01"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=6), st.text(max_size=3))
def test_what_is_allowed_goes_to_this_machine_and_nothing_else(pieces: list[str], text: str) -> None:
    address = f"http://{''.join(pieces)}{text}"
    if not is_loopback_url(address):
        return
    url = httpx.URL(address)
    assert url.host == "localhost" or ip_address(url.host).is_loopback
    assert (url.scheme, url.userinfo, url.query, url.fragment) == ("http", b"", b"", "")
    assert url.port is None or 0 < url.port < 65536
    assert address.isprintable()


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


@every_row("text", ["", "$", "${}", "A=B", "A B", "'A'", "$(id)", KEY])
def test_a_malformed_variable_name_is_explained_and_no_key_repeated(text: str) -> None:
    found = read_variable(text)
    assert isinstance(found, Finding)
    assert found.code is (codes.KEY_SHOWN if text == KEY else codes.VARIABLE_NAME)
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
