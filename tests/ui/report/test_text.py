"""The report that a person reads."""

import re

import pytest

from tests.ui.report.samples import BAD, EVERY, EVIL, GOOD, OPEN, TEXT, report, result
from wizard.findings import Place, codes

EXPECTED = """\
OK       clients/demo.toml  Demo AS (974 760 673)

WRONG    clients/acme.toml
  error TW202: The organisation number 974760674 cannot be right: its last digit does not fit the others.
    --> clients/acme.toml:5:14
    5 | org_number = "974760674"
      |              ^
    advice: Compare it with Brønnøysundregistrene; two digits are often swapped.
  error TW407: The key does not reach the client 971032146.
    advice: Give the key Klienttilgang for that client in Tripletex, then check again.
    Tripletex's request id: req-1
  note TW217: The previous key still lies in the store.
    advice: When the new key is known to work in Finale, run `tripletex-wizard rotate --finish`.

UNKNOWN  clients/café.toml
  could not be checked TW508: Tripletex has trouble right now (HTTP 503).
    advice: Nothing is wrong with the key as far as is known. Check again later.

3 configs: 1 in order, 1 with errors, 1 could not be checked.
"""


def test_it_stands_as_a_person_reads_it() -> None:
    assert report("text", [GOOD, BAD, OPEN]) == EXPECTED


def test_colour_adds_nothing_but_colour() -> None:
    coloured = report("text", EVERY, colour=True)
    assert re.sub(r"\x1b\[\d+m", "", coloured) == report("text", EVERY)
    assert "\x1b[31mWRONG  \x1b[0m  \x1b[1mclients/acme.toml\x1b[0m" in coloured


def test_quiet_tells_only_what_is_not_in_order() -> None:
    assert report("text", [GOOD, GOOD], is_quiet=True) == ""
    told = report("text", [GOOD, OPEN, GOOD], is_quiet=True)
    assert "demo.toml" not in told
    assert told.startswith("UNKNOWN  clients/café.toml\n")
    assert told.endswith("\n3 configs: 2 in order, 1 could not be checked.\n")


def test_files_in_order_stand_close_together() -> None:
    line = "OK       clients/demo.toml  Demo AS (974 760 673)\n"
    assert report("text", [GOOD, GOOD]) == line * 2 + "\n2 configs: 2 in order.\n"


def test_nothing_from_outside_acts_on_the_terminal() -> None:
    told = report("text", [EVIL])
    assert not [line for line in told.splitlines() if not line.isprintable()]
    assert all(line.startswith((" ", "WRONG ", "1 config")) or not line for line in told.splitlines())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_it_can_be_written_anywhere(encoding: str) -> None:
    assert "Brønnøysundregistrene" in report("text", EVERY, encoding="latin-1")
    assert "clients/cafe" in report("text", EVERY, encoding="ascii")
    assert report("text", EVERY, encoding=encoding)


@pytest.mark.parametrize("code", [codes.SECRET_IN_CONFIG, codes.ORG_NUMBER_IS_PERSONAL])
def test_no_line_is_shown_of_a_file_in_which_a_secret_was_found(code: object) -> None:
    assert code in {codes.SECRET_IN_CONFIG, codes.ORG_NUMBER_IS_PERSONAL}
    found = (
        codes.SECRET_IN_CONFIG.found(key="credentials.employee_token", place=Place(5, 14))
        if code is codes.SECRET_IN_CONFIG
        else codes.ORG_NUMBER_IS_PERSONAL.found(place=Place(5, 14))
    )
    other = codes.UNKNOWN_KEY.found(key="setup", place=Place(4, 1))
    told = report("text", [result("a.toml", found, other, text=TEXT)])
    assert "--> a.toml:5:14" in told
    assert "974760674" not in told
    assert "bureau-client" not in told


def test_a_report_of_nothing_says_so() -> None:
    assert report("text", []) == "0 configs.\n"
