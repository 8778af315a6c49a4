"""The reports that a person reads."""

import csv
import io
import json
import re
import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from tests.codes_page import codes_page
from tests.keys import ZERO_UUID, make_key
from tests.support.rows import every_row
from tests.ui.report.samples import BAD, EVERY, EVIL, GOOD, HOSTILE, OPEN, TEXT, WARNED, report, result
from wizard.checks.results import ClientReport, ClientRow, KeyRecord
from wizard.cli.commands.printing import explain, list_codes
from wizard.domain.excerpt import excerpt
from wizard.findings import Finding, Position, codes
from wizard.findings.codes import (
    ALL_CODES,
    CLIENT_ACCESS_MISSING,
    CLIENT_UNREADABLE,
    PLACEHOLDER_MISSPELLED,
    SERVER_TROUBLE,
)
from wizard.rotation.writing import ConfigOutcome, Outcome
from wizard.text import LANGUAGES, Language, Texts
from wizard.ui.report.changes import write_outcomes
from wizard.ui.report.clients import ClientFormat, write_clients

EXPECTED = """\
WRONG    clients/acme.toml
         TW202 The check digit of 974 760 674 does not fit.
         --> clients/acme.toml:5:14
         5 | org_number = "974760674"
           |              ^
         Compare it with brreg.no. Two digits are often swapped.
         TW407 The key has no access to the client 971 032 146.
         Give it Klienttilgang in Tripletex, and check again.
         Tripletex's request id: req-1
         note TW217 The previous key is still stored.
         When the key in use works in Finale, run
         `tripletex-wizard rotate --finish CONFIG`.
UNKNOWN  clients/café.toml
         TW508 Tripletex has problems right now (HTTP 503).
         The key may still be right. Check again later.
WARNING  clients/old.toml  shared by all clients, key 84204
         TW216 The key is 500 days old. The limit is 400.
         Make a new one with `tripletex-wizard rotate CONFIG`.
OK       clients/demo.toml  Demo AS

4 configs: 1 error, 1 unknown, 1 warning, 1 in order.
"""


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_worst_comes_first_and_the_text_is_wrapped() -> None:
    assert report("text", [GOOD, WARNED, OPEN, BAD]) == EXPECTED


def test_colour_adds_nothing_but_colour() -> None:
    coloured = report("text", EVERY, colour=True)
    assert re.sub(r"\x1b\[\d+m", "", coloured) == report("text", EVERY)
    assert "\x1b[31mWRONG  \x1b[0m  \x1b[1mclients/acme.toml\x1b[0m" in coloured


def test_quiet_shows_only_errors_unknowns_and_warnings() -> None:
    noted = result("noted.toml", codes.PREVIOUS_KEY_KEPT.found())
    assert report("text", [GOOD, GOOD, noted], is_quiet=True) == ""
    told = report("text", [GOOD, OPEN, WARNED, noted], is_quiet=True)
    assert "demo.toml" not in told
    assert "noted.toml" not in told
    assert told.startswith("UNKNOWN  clients/café.toml\n")
    assert "WARNING  clients/old.toml" in told
    assert told.endswith("\n4 configs: 1 unknown, 1 warning, 2 in order.\n")


def test_valid_configs_are_counted_and_listed_on_request() -> None:
    several = [replace(GOOD, path=f"{number}.toml") for number in range(8)]
    assert report("text", several) == "OK       8 configs\n\n8 configs: 8 in order.\n"
    assert report("text", several, is_verbose=True).count("Demo AS") == 8


def test_one_deleted_key_of_125_configs_is_one_block() -> None:
    key = KeyRecord(84204, date(2026, 11, 22), 4)
    hit = [
        result(f"clients/{number}.toml", codes.KEY_REJECTED.found(application="VismaFinale"), key=key)
        for number in range(125)
    ]
    told = report("text", [*hit, GOOD])
    assert len(told.splitlines()) <= 24
    assert told.startswith("WRONG    125 configs  key 84204\n         TW402 ")
    assert told.count("TW402") == 1
    assert "clients/0.toml, clients/1.toml, clients/2.toml, and 122 more (-v lists them)" in words(told)
    everything = report("text", hit, is_verbose=True)
    assert all(each.path in everything for each in hit)
    assert "2 keys" in report("text", [*hit, replace(hit[0], key=KeyRecord(84205, None, None))])


def test_the_same_cause_with_other_details_is_one_block() -> None:
    hit = [
        result(f"{number}.toml", codes.CLIENT_ACCESS_MISSING.found(number=str(310000000 + number)))
        for number in range(40)
    ]
    told = report("text", hit)
    assert len(told.splitlines()) <= 16
    assert told.count("Klienttilgang") == 1
    assert "TW407 2.toml: The key has no access to the client 310 000 002." in words(told)
    assert "and 37 more" in told
    two = report("text", hit[:2])
    assert two.count("WRONG") == 2
    assert two.count("Klienttilgang") == 1


def test_three_thousand_clients_of_one_config_fit_on_a_screen() -> None:
    found = [
        codes.CLIENT_ACCESS_MISSING.found(number=str(310000000 + number), request_id="req-1")
        for number in range(3000)
    ]
    hit = result("office.toml", *found, codes.PREVIOUS_KEY_KEPT.found())
    told = report("text", [hit])
    assert len(told.splitlines()) <= 20
    assert told.count("req-1") == told.count("Klienttilgang") == 1
    assert "TW407 and 2997 more (-v lists them)" in words(told)
    assert codes.PREVIOUS_KEY_KEPT.id in told
    assert report("text", [hit], is_verbose=True).count("TW407") == 3000


def test_only_errors_name_the_request_that_tripletex_can_look_up() -> None:
    alike = codes.SEVERAL_CLIENTS.found(count=2, number="971032146", names="A, B", request_id="req-2")
    refused = codes.CLIENT_ACCESS_MISSING.found(number="971032146", request_id="req-1")
    told = report("text", [result("a.toml", alike, refused)])
    assert re.findall(r"req-\d", told) == ["req-1"]


def test_within_a_config_errors_come_before_warnings() -> None:
    told = report(
        "text",
        [
            result(
                "a.toml",
                codes.PREVIOUS_KEY_KEPT.found(),
                codes.KEY_TOO_OLD.found(days=500, limit=400),
                codes.SERVER_TROUBLE.found(status=503),
                codes.CLIENT_ACCESS_MISSING.found(number="971032146"),
            )
        ],
    )
    assert re.findall(r"TW\d{3}", told) == ["TW407", "TW508", "TW216", "TW217"]


def test_advice_that_names_each_config_makes_no_block_for_each() -> None:
    """Such as ``chmod 600 PATH``; neither does the number of findings of one kind."""
    exposed = [result(f"{n}.toml", codes.SECRET_FILE_EXPOSED.found(path=f"/k/{n}")) for n in range(500)]
    missing = [
        result(
            f"c{count}.toml",
            *(codes.CLIENT_ACCESS_MISSING.found(number=f"{n}") for n in range(1, count + 1)),
        )
        for count in range(1, 100)
    ]
    told = report("text", [*exposed, *missing])
    assert len(told.splitlines()) < 30
    for said in "WRONG    500 configs", "chmod 600 /k/0\n", "chmod 600 /k/2\n", "and 497 more", "99 configs":
        assert said in told, told
    assert "chmod 600 /k/3" not in told


def test_a_thousand_changed_configs_are_counted_and_the_rest_comes_first() -> None:
    outcomes = [ConfigOutcome(Path(f"{n}.toml"), Outcome.MOVED) for n in range(1000)]
    outcomes += [
        ConfigOutcome(
            Path(f"x{n}.toml"), Outcome.FAILED, (codes.NOT_WRITTEN.found(path=f"x{n}.toml", reason="no"),)
        )
        for n in range(50)
    ]
    out = io.StringIO()
    write_outcomes(outcomes, out, Texts("en"))
    told = out.getvalue().splitlines()
    assert re.fullmatch(r"UNKNOWN  failed +50 configs", told[0])
    assert re.fullmatch(r"OK +changed +1000 configs", told[-1])
    assert "and 47 more (--format json lists them)" in told[-2]
    assert len(told) < 20
    out = io.StringIO()
    write_outcomes(outcomes, out, Texts("en"), wanted="json")
    assert len(json.loads(out.getvalue())["configs"]) == 1050


def test_findings_of_different_kinds_are_separate_blocks() -> None:
    told = report(
        "text",
        [
            result("a.toml", codes.SERVER_TROUBLE.found(status=503)),
            result("b.toml", codes.SERVER_TROUBLE.found(status=503), codes.PREVIOUS_KEY_KEPT.found()),
        ],
    )
    assert told.count("UNKNOWN") == 2


def test_no_value_in_a_report_can_control_the_terminal() -> None:
    told = report("text", [EVIL])
    assert not [line for line in told.splitlines() if not line.isprintable()]
    assert all(line.startswith((" ", "WRONG ", "1 config")) or not line for line in told.splitlines())


def test_a_text_report_can_be_written_in_any_encoding() -> None:
    assert "clients/café" in report("text", EVERY, encoding="latin-1")
    assert "clients/cafe" in report("text", EVERY, encoding="ascii")


def test_no_line_of_a_file_with_a_secret_is_shown() -> None:
    for found in (
        codes.SECRET_IN_CONFIG.found(key="credentials.employee_token", position=Position(5, 14)),
        codes.ORG_NUMBER_IS_PERSONAL.found(position=Position(5, 14)),
    ):
        other = codes.UNKNOWN_KEY.found(key="setup", position=Position(4, 1))
        told = report("text", [result("a.toml", found, other, text=TEXT)])
        assert "--> a.toml:5:14" in told
        assert "974760674" not in told
        assert "bureau-client" not in told


def test_an_empty_report_says_so() -> None:
    assert report("text", []) == "0 configs.\n"


def marked(line: str, column: int, encoding: str | None = None) -> tuple[str, str]:
    """Return the line as shown, and the text above the mark in terminal columns."""
    shown = excerpt(f"first = 1\n{line}\nlast = 2\n".split("\n"), Position(2, column), encoding)
    assert shown is not None
    wide = "".join(
        sign + "\0" if unicodedata.east_asian_width(sign) in "WF" else sign
        for sign in shown.line
        if not unicodedata.combining(sign)
    )
    return shown.line, wide[len(shown.mark) - 1 :]


@every_row(
    ("line", "column", "above"),
    [
        ('org_number = "1"', 14, '"1"'),
        ('\torg\t= "1"', 8, '"1"'),
        ('navn = "漢字" # x', 13, "# x"),
        ('navn = "Ame\u0301lie" # x', 18, "# x"),
        ('navn = "\x1b" # x', 12, "# x"),
        ("a = 1", 1, "a = 1"),
        ("a = 1", 6, ""),
        ("a = 1", 99, ""),
        ("a = 1\r", 5, "1"),
        ("a = 1 # \x0b\x85\u2028 b", 13, "b"),
    ],
)
def test_the_mark_is_under_its_position(line: str, column: int, above: str) -> None:
    assert marked(line, column)[1] == above


def test_the_mark_is_right_where_characters_are_replaced() -> None:
    assert marked('navn = "→ø" # x', 13, "ascii") == ('navn = "->oe" # x', "# x")


@every_row("column", [1, 100, 250, 400])
def test_a_long_line_is_cut_around_the_mark(column: int) -> None:
    line = "".join(f"{number:04} " for number in range(80))
    shown, above = marked(line, column)
    assert len(shown) <= 60
    assert above.removesuffix("...")[:3] == line[column - 1 : column + 2]
    assert shown.startswith("...") == (column > 60)
    assert shown.endswith("...") == (column < 340)


@given(st.text(st.characters(exclude_characters="\n\r")), st.integers(1, 300))
def test_every_line_can_be_shown(line: str, column: int) -> None:
    shown = excerpt(line.split("\n"), Position(1, column))
    if shown is not None:
        assert "\n" not in shown.line + shown.mark
        # A combining accent takes no column.
        assert sum(not unicodedata.combining(sign) for sign in shown.line) <= 78


@every_row(
    "line",
    [
        f'employee_token = "{make_key().reveal()}',
        f"{make_key().reveal()[40:]}",
        f'employee_token = "{ZERO_UUID}"',
        f'employee_token = "{ZERO_UUID.replace("-", "")}',
        'org_number = "01019012345"',
        "org_number = 010190 12345",
        "",
        "   ",
    ],
)
def test_a_line_with_a_possible_secret_is_not_shown(line: str) -> None:
    assert excerpt(line.split("\n"), Position(1, 5)) is None


@every_row("place", [Position(3, 1), Position(0, 1)])
def test_a_position_outside_the_file_shows_nothing(place: Position) -> None:
    assert excerpt(["a = 1", "b = 2"], place) is None


ROWS = (
    ClientRow("Demo Regnskap AS", "974760673", is_reached=True),
    ClientRow("=cmd|' /C calc'!A0", None, is_reached=True),
    ClientRow(None, "971032146", is_reached=False),
    ClientRow('Østlandets; "Bakeri"', "982463718", is_reached=True),
)


def written(
    wanted: ClientFormat, rows: tuple[ClientRow, ...] = ROWS, findings: tuple[Finding, ...] = ()
) -> str:
    out = io.StringIO(newline="")
    write_clients(ClientReport(rows=rows, findings=findings), wanted, out, Texts("en"))
    return out.getvalue()


def test_the_text_list_begins_with_missing_clients() -> None:
    assert written("text").splitlines() == [
        "WRONG    971 032 146  no access",
        "OK       –            =cmd|' /C calc'!A0",
        "OK       974 760 673  Demo Regnskap AS",
        'OK       982 463 718  Østlandets; "Bakeri"',
        "",
        "3 clients with access, 1 without access.",
    ]


def test_three_thousand_missing_clients_are_listed_once() -> None:
    numbers = [f"{number:09}" for number in range(3000)]
    rows = tuple(ClientRow(None, number, is_reached=False) for number in numbers)
    found = tuple(CLIENT_ACCESS_MISSING.found(number=number) for number in numbers)
    lines = written("text", rows, (*found, CLIENT_UNREADABLE.found(count=1))).splitlines()
    assert len([line for line in lines if "TW407" in line]) == 3
    assert sum("Klienttilgang" in line for line in lines) == 1
    assert "    and 2997 more" in lines
    assert len(lines) < 3020


def test_the_json_list_counts_clients() -> None:
    document = json.loads(written("json", findings=(CLIENT_UNREADABLE.found(count=1),)))
    assert list(document) == ["schema_version", "tool", "summary", "clients", "findings"]
    assert document["summary"] == {"reached": 3, "missing": 1}
    assert document["clients"][0] == {"name": None, "org_number": "971032146", "reached": False}
    assert document["findings"][0]["code"] == "TW520"


def test_the_csv_list_opens_in_a_spreadsheet_without_formulas() -> None:
    rows = list(csv.reader(io.StringIO(written("csv"), newline=""), delimiter=";"))
    assert rows == [
        ["Org. number", "Client", "Reached"],
        ["971032146", "", "no"],
        ["", "'=cmd|' /C calc'!A0", "yes"],
        ["974760673", "Demo Regnskap AS", "yes"],
        ["982463718", 'Østlandets; "Bakeri"', "yes"],
    ]
    assert written("csv").count("\r\n") == 5
    names = ["=1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "﹦1", "  =1"]
    text = written("csv", tuple(ClientRow(name, None, is_reached=True) for name in names))
    shown = [row[1] for row in csv.reader(io.StringIO(text, newline=""), delimiter=";")]
    assert sorted(shown[1:]) == sorted(f"'{name}" for name in names)


@every_row("wanted", get_args(ClientFormat))
def test_the_names_of_clients_cannot_control_the_terminal(wanted: ClientFormat) -> None:
    text = written(wanted, (ClientRow(HOSTILE, HOSTILE, is_reached=True),))
    assert all(line.removesuffix("\r").isprintable() for line in text.split("\n"))


@every_row(("wanted", "told"), [("text", "TW508"), ("json", "TW508")])
def test_an_unreadable_list_is_not_shown_as_empty(wanted: ClientFormat, told: str) -> None:
    text = written(wanted, (), (SERVER_TROUBLE.found(status=503),))
    assert told in text
    assert "0 clients" not in text


def test_a_key_without_clients_is_explained() -> None:
    assert written("text", ()) == "0 clients with access.\n"


@every_row("language", LANGUAGES)
@every_row("code", ALL_CODES)
def test_every_code_is_explained(code: str, language: Language) -> None:
    told = explain(ALL_CODES[code], Texts(language))
    assert told.startswith(f"{code}: ")
    assert told.endswith("\n")
    assert "{" not in told


def test_an_explanation_says_what_to_do_and_where() -> None:
    told = explain(CLIENT_ACCESS_MISSING, Texts("en"))
    assert told.splitlines()[0] == "TW407: The key has no access to the client …."
    assert "Kind: error" in told
    assert "What to do: Give it Klienttilgang" in told
    assert "(client_access)." in told
    # A flag is not broken at its hyphens.
    assert "--in-place" in explain(codes.OTHER_KEY_IN_PLACE, Texts("en"))


@every_row("language", LANGUAGES)
def test_the_page_and_the_list_have_every_code_once(language: Language) -> None:
    t = Texts(language)
    page, listed = codes_page(t), list_codes(t)
    assert [line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")] == [
        *ALL_CODES
    ]
    assert [line[:5] for line in listed.splitlines() if line.startswith("TW")] == [*ALL_CODES]


def test_the_page_of_codes_is_valid_markdown() -> None:
    page = codes_page(Texts("en"))
    assert "`tripletex-wizard rotate --finish CONFIG`" in page
    assert r"Set org\_number to the nine digits." in page
    assert "Did you mean %ORGNR%?" in explain(PLACEHOLDER_MISSPELLED, Texts("en"))


def test_a_general_message_leaves_details_out() -> None:
    t = Texts("en")
    assert explain(codes.FEWER_CLIENTS, t).startswith("TW414: The new key lacks access to … clients.")
    assert explain(codes.BALANCES_REFUSED, t).startswith("TW418: The key may not read the balances.")
