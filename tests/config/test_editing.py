"""An edit changes only what it must, and undoing it restores every byte."""

import difflib
import re
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.texts import ENGLISH, GOOD, NORWEGIAN, SANDBOX, SHARED, SINGLE, config_of
from tests.keys import make_key
from tests.support.rows import every_row
from wizard.config.editing import diff, render, update
from wizard.config.reading import Config, parse_config
from wizard.config.syntax import EditRefused, Positions
from wizard.domain.reference import CommandReference, EnvReference, FileReference, KeyringReference, Reference
from wizard.domain.setup import Environment, Setup

NEW_KEY = KeyringReference("production/9")
TODAY = date(2027, 1, 31)

UNLIKE_A_PLAIN_TEXT = (FileReference("keys/ø 'q' \"\\"), CommandReference(("pass", "show", "a b")))

references = st.sampled_from(
    [KeyringReference("production/9"), FileReference("../ø 🔑"), EnvReference("KEY"), *UNLIKE_A_PLAIN_TEXT]
)


def set_key(text: str, **key: object) -> str:
    return update(text, replace(config_of(text), **key))  # type: ignore[arg-type]  # of a Config


def rotate(text: str, key: Reference = NEW_KEY) -> str:
    former = config_of(text).employee_token
    return set_key(text, employee_token=key, key_id=9, installed=TODAY, previous=former)


def roll_back(text: str, former: Config) -> str:
    return set_key(
        text,
        employee_token=former.employee_token,
        key_id=former.key_id,
        installed=former.installed,
        previous=former.previous,
    )


def lines_gone(old: str, new: str) -> list[str]:
    before, after = (text.replace("\r\n", "\n").split("\n") for text in (old, new))
    return [line[2:] for line in difflib.ndiff(before, after) if line.startswith("- ")]


def comments_in(text: str) -> Counter[str]:
    return Counter(
        said for _, said in Positions(text.removeprefix("\ufeff").replace("\r\n", "\n")).comments()
    )


def written_in(text: str) -> list[str]:
    """Return the lines of a text without what an edit may leave or change: spaces, marks, an empty table."""
    lines = [re.sub(r"\s", "", line).replace("'", '"') for line in text.splitlines()]
    return [line for line in lines if line not in {"", "[key]"}]


# The same in every form that TOML allows. «…» marks where the user may have a comment or a line.
TABLES = {
    "tripletex": [
        '[tripletex]…environment = "production"…',
        "tripletex = { environment = 'production' }…",
        'tripletex.environment = "production"…',
        '  [ tripletex ]…  environment="production"…  application   =   "VismaFinale"…',
    ],
    "finale": [
        '[finale]…setup = "bureau-client"…org_number = "974760673"…',
        'finale = {setup="bureau-client",org_number="974760673",}…'.replace(",}", "}"),
        '"finale".setup = "bureau-client"…finale.\'org_number\' = """974760673"""…',
    ],
    "credentials": [
        '[credentials]…employee_token = { keyring = "production/1" }…consumer_token = { env = "C" }…',
        "[credentials]…employee_token = {keyring='production/1'}…",
        "[credentials.employee_token]…keyring = 'production/1'…note = 1…",
        '[credentials]…employee_token.keyring = "production/1"…other = 1…',
        'credentials = { consumer_token = { env = "C" }, employee_token = { x = 1, keyring = "a/1" } }…',
        'credentials.employee_token = { "keyring" = "production/1" }…credentials.note = [1, 2]…',
        "[credentials]…[credentials.employee_token]…keyring = 'production/1'…",
    ],
    "key": [
        "",
        "[key]…id = 1…installed = 2026-11-22…",
        "[key]…installed = '2026-11-22'…",
        "key = { id = 1 }…",
        "key = {}…",
        "key.id = 1…key.note = 'x'…",
        "[key]…note = 1…",
        "[key]…note = 1…id = 1…other = 2…",
        "[key.other]…note = 1…",
    ],
    "extra": ["", "[extra]…a = nan…b = inf…[[list]]…c = 1…[[list]]…", "x = [ # 🔑…  1,…]…"],
}
marks = st.sampled_from(["\n", "\n", " # 🔑 kommentar\n", "\n\n", "\n  # ] } \" '\n", "   \n"])


@st.composite
def hand_written(draw: st.DrawFn) -> str:
    """Write the same config in one of thousands of manners."""
    tables = [draw(st.sampled_from(manners)) for manners in TABLES.values()]
    tables = draw(st.permutations([table for table in tables if table]))
    # Settings without a header must come before every header.
    tables.sort(key=lambda table: "[" in table.partition("=")[0])
    pieces = ["schema_version = 1…", *tables]
    text = draw(st.sampled_from(["", "# Vår fil\n\n"]))
    for piece in "".join(pieces).split("…"):
        text += piece + draw(marks)
    text = text.rstrip() + draw(st.sampled_from(["\n", "", "\n\n", "\n# Slutt", "\n# Slutt\n"]))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(["", "\ufeff"])) + text


@settings(deadline=None, max_examples=40)
@given(hand_written(), references)
def test_rotation_changes_only_the_key_and_rollback_restores_what_was_written(
    text: str, key: Reference
) -> None:
    former = config_of(text)
    rotated = rotate(text, key)
    assert config_of(rotated) == replace(
        former, employee_token=key, key_id=9, installed=TODAY, previous=former.employee_token
    )
    for line in lines_gone(text, rotated):
        assert any(word in line for word in ("keyring", "id", "installed", "key =")), line
    assert ("\r\n" in text) == ("\r\n" in rotated)
    assert rotated.count("\n") - rotated.count("\r\n") in {0, rotated.count("\n")}
    assert rotated.startswith("\ufeff") == text.startswith("\ufeff")
    assert rotated.endswith("\n") == text.endswith("\n")
    assert comments_in(rotated) == comments_in(text)
    assert written_in(roll_back(rotated, former)) == written_in(text)


@settings(deadline=None, max_examples=40)
@given(hand_written(), references)
def test_rotating_twice_and_finishing_leaves_one_key(text: str, key: Reference) -> None:
    twice = rotate(rotate(text), key)
    finished = set_key(twice, employee_token=key, key_id=9, installed=TODAY, previous=None)
    assert config_of(finished).previous is None
    assert "previous" not in finished
    assert comments_in(finished) == comments_in(text)


TARGETS = [
    config_of(text)
    for text in (
        GOOD,
        SHARED,
        SINGLE,
        SANDBOX,
        SHARED.replace('"%ORGNR%"', '"%ORGNR%"\nclients = ["974760673", "971032146"]'),
    )
]


@settings(deadline=None, max_examples=40)
@given(hand_written(), st.sampled_from(TARGETS))
def test_a_hand_written_config_can_become_any_other(text: str, target: Config) -> None:
    changed = update(text, target)
    assert config_of(changed) == target
    unknown = {"extra", "list", "x"}
    former, now = (tomllib.loads(each.removeprefix("\ufeff")) for each in (text, changed))
    assert repr({name: former[name] for name in unknown & former.keys()}) == repr(
        {name: now[name] for name in unknown & now.keys()}
    )
    assert not comments_in(text) - comments_in(changed)
    assert update(changed, target) == changed


@every_row("target", TARGETS)
def test_rollback_restores_every_byte_of_a_config_of_ours(target: Config) -> None:
    unknown = replace(target, key_id=None, installed=None)
    for former in target, unknown, replace(target, previous=KeyringReference("production/0")):
        for t in (ENGLISH, NORWEGIAN):
            text = render(former, t)
            assert update(text, former) == text
            assert roll_back(rotate(text), former) == text


@every_row(
    ("old", "new"),
    [
        (
            'employee_token = { keyring = "production/2147628461" }',
            'employee_token = { keyring = "production/9" }',
        ),
        ("employee_token={keyring='x'} # mine", "employee_token={keyring='production/9'} # mine"),
        ("employee_token . keyring = 'x'", "employee_token . keyring = 'production/9'"),
        ("employee_token = { env = 'X' }", "employee_token = { keyring = 'production/9' }"),
        ("employee_token = { command = ['a',\n 'b'] }", 'employee_token = { keyring = "production/9" }'),
        ("employee_token = { keyring = '''x''' }", 'employee_token = { keyring = "production/9" }'),
    ],
)
def test_a_changed_value_keeps_the_style_of_its_line(old: str, new: str) -> None:
    line = 'employee_token = { keyring = "production/2147628461" }'
    changed = rotate(GOOD.replace(line, old))
    assert new in changed.split("\n")


def test_new_settings_are_placed_next_to_related_ones() -> None:
    text = (
        'schema_version = 1\n[finale]\nsetup = "single-company"\n[tripletex]\nenvironment = "test" # x\n\n'
        '# y\n[credentials]\nemployee_token = { env = "K" }\n'
    )
    config = config_of(text)
    changed = update(
        text,
        replace(
            config,
            environment=Environment.SANDBOX,
            base_url="http://127.0.0.1:1/v2",
            application="Annen",
            setup=Setup.BUREAU_SHARED,
            org_number="%ORGNR%",
            clients=("974760673",),
            consumer_token=EnvReference("C"),
            installed=TODAY,
        ),
    )
    assert changed == (
        'schema_version = 1\n[finale]\nsetup = "bureau-shared"\norg_number = "%ORGNR%"\n'
        'clients = ["974760673"]\n[tripletex]\nenvironment = "sandbox" # x\n'
        'base_url = "http://127.0.0.1:1/v2"\napplication = "Annen"\n\n# y\n[credentials]\n'
        'employee_token = { env = "K" }\nconsumer_token = { env = "C" }\n\n[key]\ninstalled = 2027-01-31\n'
    )


def clients(body: str) -> str:
    return SHARED.replace('"%ORGNR%"', f'"%ORGNR%"\nclients = {body}')


@every_row(
    ("body", "wanted", "expected"),
    [
        # A line for each: comments stay with their client.
        (
            '[ # alle\n  "974760673", # Brreg\n  "971032146", # KS\n  # slutt\n]',
            ["971032146", "889640782"],
            '[ # alle\n  # Brreg\n  "971032146", # KS\n  "889640782",\n  # slutt\n]',
        ),
        ('[\n"974760673",\n"971032146" # KS\n]', ["974760673"], '[\n"974760673",\n# KS\n]'),
        (
            "[\n\t'974760673' # Brreg\n]",
            ["974760673", "971032146"],
            "[\n\t'974760673', # Brreg\n\t'971032146',\n]",
        ),
        (
            "[\n'974760673',\n'971032146'\n]",
            ["974760673", "889640782"],
            "[\n'974760673',\n'889640782',\n]",
        ),
        # Otherwise the list as a whole.
        ('["974760673"] # x', ["974760673", "971032146"], '["974760673", "971032146"] # x'),
        ('["974760673",\n"971032146"]', ["974760673"], '[\n"974760673",\n]'),
        (
            '[\n"974760673", # B\n# to\n"971032146",\n]',
            ["971032146", "974760673"],
            '[\n# to\n"971032146",\n"974760673", # B\n]',
        ),
        ('[\n"974760673",\n]', ["971032146"], '[\n"971032146",\n]'),
    ],
)
def test_a_list_of_clients_keeps_its_line_breaks(body: str, wanted: list[str], expected: str) -> None:
    for newline in ("\n", "\r\n"):
        text = clients(body).replace("\n", newline)
        changed = update(text, replace(config_of(text), clients=tuple(wanted)))
        assert changed == clients(expected).replace("\n", newline)


@every_row(
    "wrong",
    [
        GOOD.replace('"production"', '"prod"').replace("974760673", "974 760 673"),
        GOOD.replace('{ keyring = "production/2147628461" }', '"keyring:x"'),
        GOOD + '[[key.previous]]\nenv = "A"\n\n[[key.previous]]\nenv = "B"\n',
    ],
)
def test_a_wrong_config_can_be_put_right(wrong: str) -> None:
    assert parse_config(wrong).config is None
    assert update(wrong, config_of(GOOD)) == GOOD


@every_row(
    "text",
    [
        "a = ",
        GOOD.replace("[key]", "[[key]]"),
        "tripletex = 5\n" + GOOD.replace("[tripletex]", "[other]"),
        GOOD.replace('{ keyring = "production/2147628461" }', '{ keyring = "a", env = "B" }'),
        GOOD + f"# {make_key().reveal()}\n",
        GOOD + f'note = "{make_key().reveal()}"\n',
    ],
    ids=["broken", "list of tables", "number for table", "two references", "key in comment", "key in value"],
)
def test_a_change_that_would_lose_something_is_refused(text: str) -> None:
    with pytest.raises(EditRefused):
        update(text, replace(config_of(GOOD), key_id=5))


def test_a_comment_survives_the_removal_of_its_line() -> None:
    text = GOOD.replace("installed = 2026-11-22", "installed = 2026-11-22   # lagt inn av Per")
    former = config_of(text)
    without = set_key(text, employee_token=NEW_KEY, key_id=9, installed=None, previous=former.employee_token)
    assert "\n# lagt inn av Per\n" in without
    noted = without.replace("previous = { keyring", "  previous  =  { keyring").replace(
        '628461" }\n#', '628461" }  # slett\n#'
    )
    assert noted.count("# slett") == 1
    finished = set_key(noted, employee_token=NEW_KEY, key_id=9, installed=None, previous=None)
    assert finished.endswith("\nid = 9\n  # slett\n# lagt inn av Per\n")
    table = GOOD + '\n[key.previous] # tabell\nkeyring = "production/1" # oppføring\n# slutt\n'
    finished = set_key(table, employee_token=NEW_KEY, key_id=9, installed=TODAY, previous=None)
    assert finished.endswith("installed = 2027-01-31\n\n# tabell\n# oppføring\n# slutt\n")


def test_a_config_that_could_not_be_read_again_is_refused() -> None:
    for unreadable in (
        replace(config_of(GOOD), employee_token=EnvReference("not a name")),
        replace(config_of(GOOD), org_number="974 760 673"),
        replace(config_of(GOOD), employee_token=KeyringReference(make_key().reveal())),
    ):
        with pytest.raises(EditRefused):
            update(GOOD, unreadable)


def test_a_difference_has_the_format_of_diff() -> None:
    assert diff(GOOD, GOOD, Path("a.toml")) == ""
    text = diff("\ufeffa\r\nb", "\ufeffa\r\nc\r\n", Path("x/a.toml"))
    assert text == ("--- x/a.toml\n+++ x/a.toml\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n")


def test_a_difference_shows_no_key_and_no_personal_number() -> None:
    key = make_key().reveal()
    old = f"employee_token = \"{key}\"\norg_number = '010101 12345'\nid = 12345678901\n"
    text = diff(old, "x\n", Path("a.toml"))
    assert key.rstrip("=") not in text
    assert '-employee_token = "***' in text
    assert "-org_number = '***'\n-id = 12345678901\n" in text
