"""A key anywhere in a config is found and never repeated."""

import json
from pathlib import Path

from tests.config.texts import ENGLISH, GOOD, NORWEGIAN, ids, messages, places
from tests.keys import ZERO_UUID, make_key
from tests.support.rows import every_row
from wizard.config.reading import Reading, parse_config, read_config
from wizard.findings import Verdict, verdict

KEY = make_key().reveal()
REFERENCE = '{ keyring = "production/2147628461" }'


def said(reading: Reading) -> str:
    """Return everything that a reading shows of itself."""
    texts = [repr(reading)]
    for finding in reading.findings:
        texts += [finding.message(t) + finding.hint(t) for t in (ENGLISH, NORWEGIAN)]
    return json.dumps(texts)


KEYS = {
    "token": KEY,
    "former-form": ZERO_UUID,
    "test-key": f"test-{ZERO_UUID}",
    "blanks": f" {ZERO_UUID.upper()} ",
    "inside": f"x{KEY}y",
    "escaped": f"\\u0065{KEY[1:]}",
    "cut off": KEY[:60],
}


@every_row("key", KEYS.values(), ids=KEYS)
@every_row(
    ("what", "into", "place"),
    [
        (REFERENCE, '"KEY"', (12, 18)),
        (REFERENCE, '{ keyring = "KEY" }', (12, 30)),
        (REFERENCE, '{ env = "KEY" }', (12, 26)),
        (REFERENCE, '{ file = "KEY" }', (12, 27)),
        (REFERENCE, '{ command = ["echo", "KEY"] }', (12, 39)),
        ('"VismaFinale"', '"KEY"', (5, 15)),
        ('"bureau-client"', '"KEY"', (8, 9)),
        ('"974760673"', '"KEY"', (9, 14)),
        ("schema_version = 1", 'schema_version = "KEY"', (1, 18)),
        ("[key]\n", '[key]\nnote = "KEY"\n', (16, 8)),
        ("[key]\n", '[a.b]\nc = [[{ d = "KEY" }]]\n[key]\n', (16, 13)),
        ("[key]\n", '[key]\n"KEY" = 1\n', (16, 1)),
        ("[key]\n", '[a."KEY"]\n[key]\n', (15, 4)),
        ("schema_version = 1", '"KEY" = 1\nschema_version = 1', (1, 1)),
    ],
)
def test_a_key_in_a_value_or_a_name_is_an_error(
    key: str, what: str, into: str, place: tuple[int, int]
) -> None:
    reading = parse_config(GOOD.replace(what, into.replace("KEY", key)))
    errors = [finding for finding in reading.findings if finding.is_error]
    assert [finding.code.id for finding in errors] == ["TW320"], messages(reading)
    assert (errors[0].position and (errors[0].position.line, errors[0].position.column)) == place
    assert verdict(reading.findings) is Verdict.INVALID
    for secret in (key.strip(), KEY, ZERO_UUID):
        assert secret not in said(reading)


@every_row(
    ("comment", "place"),
    [
        ("# KEY", (18, 1)),
        ("  #UUID", (18, 3)),
        ('# employee_token = "UUID"', (18, 1)),
        ("# the old one was KEY, from May", (18, 1)),
        ("x = [ # KEY\n]", (18, 7)),
        ("x = 1 # KEY", (18, 7)),
        ("[x] # KEY", (18, 5)),
    ],
)
def test_a_key_in_a_comment_is_an_error(comment: str, place: tuple[int, int]) -> None:
    reading = parse_config(GOOD + comment.replace("KEY", KEY).replace("UUID", ZERO_UUID) + "\n")
    errors = [finding for finding in reading.findings if finding.is_error]
    assert [finding.code.id for finding in errors] == ["TW320"]
    assert (errors[0].position and (errors[0].position.line, errors[0].position.column)) == place
    assert KEY not in said(reading)
    assert ZERO_UUID not in said(reading)


def test_text_that_only_resembles_a_key_is_allowed() -> None:
    for harmless in (
        f"# Managed by Ansible, run {ZERO_UUID}",
        f"# {KEY[:30]}",
        'x = "a#b" # eyJ',
        "# production/2147628461",
    ):
        assert "TW320" not in ids(parse_config(f"{GOOD}{harmless}\n"))


@every_row("line", ["x = KEY", 'x = "KEY', "# KEY\nx = ", "a, UUID"])
def test_a_key_in_a_broken_file_is_found(line: str) -> None:
    reading = parse_config(GOOD + line.replace("KEY", KEY).replace("UUID", ZERO_UUID) + "\n")
    assert sorted(ids(reading)) == ["TW101", "TW320"]
    assert (18, line.index("KEY" if "KEY" in line else "UUID") + 1) in places(reading)
    assert KEY not in said(reading)
    assert ZERO_UUID not in said(reading)


def test_a_key_in_a_binary_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(f"# \xe5\nx = '{KEY}'\n".encode("latin-1"))
    reading = read_config(path)
    assert ids(reading) == ["TW102", "TW320"]
    assert KEY not in said(reading)


def test_a_personal_number_is_never_repeated() -> None:
    for number in ("01010112345", "010101 12345"):
        text = GOOD.replace("974760673", number) + f'"{number}" = 1\n"x{number}" = 1\n'
        reading = parse_config(text)
        assert "TW205" in ids(reading)
        assert number not in said(reading)
        assert "***" in said(reading)


def test_names_in_messages_are_short_and_on_one_line() -> None:
    reading = parse_config(GOOD + f'"a\\nb\\u001b[2J" = 1\n{"x" * 5000} = 1\n"\\u202Ex" = 1\n')
    assert ids(reading) == ["TW103"] * 3
    for message in messages(reading):
        assert message.isprintable()
        assert len(message) < 150
    assert "a\\nb\\x1b[2J" in messages(reading)[0]
