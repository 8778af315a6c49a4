"""The report that a person reads."""

import re
from dataclasses import replace
from datetime import date

from tests.ui.report.samples import BAD, EVERY, EVIL, GOOD, OPEN, TEXT, WARNED, report, result
from wizard.checks.results import KeyRecord
from wizard.domain.setup import Setup
from wizard.findings import Position, codes

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
         `tripletex-wizard rotate --finish`.
UNKNOWN  clients/café.toml
         TW508 Tripletex has problems right now (HTTP 503).
         The key may still be right. Check again later.
WARNING  clients/old.toml  shared by all clients, key 84204
         TW216 The key is 500 days old. The limit is 400.
         Make a new one with `tripletex-wizard rotate`.
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


def test_quiet_tells_errors_unknowns_and_warnings_only() -> None:
    noted = result("noted.toml", codes.PREVIOUS_KEY_KEPT.found())
    assert report("text", [GOOD, GOOD, noted], is_quiet=True) == ""
    told = report("text", [GOOD, OPEN, WARNED, noted], is_quiet=True)
    assert "demo.toml" not in told
    assert "noted.toml" not in told
    assert told.startswith("UNKNOWN  clients/café.toml\n")
    assert "WARNING  clients/old.toml" in told
    assert told.endswith("\n4 configs: 1 unknown, 1 warning, 2 in order.\n")


def test_what_is_in_order_is_counted_and_named_only_when_asked() -> None:
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


def test_the_same_cause_with_other_particulars_is_one_block_too() -> None:
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


def test_what_differs_in_kind_is_never_lumped_together() -> None:
    told = report(
        "text",
        [
            result("a.toml", codes.SERVER_TROUBLE.found(status=503)),
            result("b.toml", codes.SERVER_TROUBLE.found(status=503), codes.PREVIOUS_KEY_KEPT.found()),
        ],
    )
    assert told.count("UNKNOWN") == 2


def test_nothing_from_outside_acts_on_the_terminal() -> None:
    told = report("text", [EVIL])
    assert not [line for line in told.splitlines() if not line.isprintable()]
    assert all(line.startswith((" ", "WRONG ", "1 config")) or not line for line in told.splitlines())


def test_it_can_be_written_anywhere() -> None:
    assert "clients/café" in report("text", EVERY, encoding="latin-1")
    assert "clients/cafe" in report("text", EVERY, encoding="ascii")


def test_no_line_is_shown_of_a_file_in_which_a_secret_was_found() -> None:
    for found in (
        codes.SECRET_IN_CONFIG.found(key="credentials.employee_token", position=Position(5, 14)),
        codes.ORG_NUMBER_IS_PERSONAL.found(position=Position(5, 14)),
    ):
        other = codes.UNKNOWN_KEY.found(key="setup", position=Position(4, 1))
        told = report("text", [result("a.toml", found, other, text=TEXT)])
        assert "--> a.toml:5:14" in told
        assert "974760674" not in told
        assert "bureau-client" not in told


def test_a_report_of_nothing_says_so() -> None:
    assert report("text", []) == "0 configs.\n"


def test_a_common_set_up_says_that_it_is_one() -> None:
    assert "shared by all clients" in report("text", [replace(GOOD, setup=Setup.BUREAU_SHARED)])
