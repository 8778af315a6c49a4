"""The clients that a key reaches, in every form."""

import csv
import io
import json
from typing import get_args

from tests.support.rows import every_row
from tests.ui.report.samples import HOSTILE
from wizard.checks.results import ClientReport, ClientRow
from wizard.findings import Finding
from wizard.findings.codes import CLIENT_ACCESS_MISSING, CLIENT_UNREADABLE, SERVER_TROUBLE
from wizard.text import Texts
from wizard.ui.report.clients import ClientFormat, write_clients

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


def test_text_has_the_missing_ones_first() -> None:
    assert written("text").splitlines() == [
        "WRONG    971 032 146  no access",
        "OK       –            =cmd|' /C calc'!A0",
        "OK       974 760 673  Demo Regnskap AS",
        'OK       982 463 718  Østlandets; "Bakeri"',
        "",
        "3 clients with access, 1 without access.",
    ]


def test_three_thousand_missing_ones_are_listed_once() -> None:
    numbers = [f"{number:09}" for number in range(3000)]
    rows = tuple(ClientRow(None, number, is_reached=False) for number in numbers)
    found = tuple(CLIENT_ACCESS_MISSING.found(number=number) for number in numbers)
    lines = written("text", rows, (*found, CLIENT_UNREADABLE.found(count=1))).splitlines()
    assert len([line for line in lines if "TW407" in line]) == 3
    assert sum("Klienttilgang" in line for line in lines) == 1
    assert "    and 2997 more" in lines
    assert len(lines) < 3020


def test_json_counts_and_lists() -> None:
    document = json.loads(written("json", findings=(CLIENT_UNREADABLE.found(count=1),)))
    assert list(document) == ["schema_version", "tool", "summary", "clients", "findings"]
    assert document["summary"] == {"reached": 3, "missing": 1}
    assert document["clients"][0] == {"name": None, "org_number": "971032146", "reached": False}
    assert document["findings"][0]["code"] == "TW520"


def test_csv_opens_in_a_spreadsheet_and_computes_nothing() -> None:
    rows = list(csv.reader(io.StringIO(written("csv"), newline=""), delimiter=";"))
    assert rows == [
        ["Org. number", "Client", "Reached"],
        ["971032146", "", "no"],
        ["", "'=cmd|' /C calc'!A0", "yes"],
        ["974760673", "Demo Regnskap AS", "yes"],
        ["982463718", 'Østlandets; "Bakeri"', "yes"],
    ]
    assert written("csv").count("\r\n") == 5


@every_row("wanted", get_args(ClientFormat))
def test_nothing_from_outside_acts_on_the_terminal(wanted: ClientFormat) -> None:
    text = written(wanted, (ClientRow(HOSTILE, HOSTILE, is_reached=True),))
    assert all(line.removesuffix("\r").isprintable() for line in text.split("\n"))


@every_row(("wanted", "told"), [("text", "TW508"), ("json", "TW508")])
def test_a_list_that_could_not_be_read_is_not_an_empty_one(wanted: ClientFormat, told: str) -> None:
    text = written(wanted, (), (SERVER_TROUBLE.found(status=503),))
    assert told in text
    assert "0 clients" not in text


def test_a_key_that_reaches_nobody_is_told_in_text() -> None:
    assert written("text", ()) == "0 clients with access.\n"


def test_no_name_of_a_client_is_a_formula() -> None:
    names = ["=1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "﹦1", "  =1"]
    out = io.StringIO(newline="")
    rows = [ClientRow(name, None, is_reached=True) for name in names]
    write_clients(ClientReport(rows=tuple(rows)), "csv", out, Texts("en"))
    written_names = [row[1] for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=";")]
    assert sorted(written_names[1:]) == sorted(f"'{name}" for name in names)
