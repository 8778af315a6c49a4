"""The report for continuous integration."""

from xml.etree import ElementTree as ET

from tests.support.rows import every_row
from tests.ui.report.samples import BAD, EVERY, EVIL, GOOD, OPEN, report, result
from wizard.findings import codes


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.encode())  # noqa: S314 - our own output


def test_each_config_is_a_case_of_one_suite() -> None:
    root = parsed(report("junit", EVERY))
    (suite,) = root
    for element in (root, suite):
        assert (element.get("tests"), element.get("failures"), element.get("errors")) == ("4", "2", "1")
    assert suite.get("skipped") == "0"
    assert [case.get("name") for case in suite][:3] == [GOOD.path, BAD.path, OPEN.path]
    assert {case.get("classname") for case in suite} == {"tripletex-wizard.validate"}
    assert suite[0].get("file") == GOOD.path
    assert [[child.tag for child in case] for case in suite] == [
        [],
        ["failure", "system-out"],
        ["error"],
        ["failure", "system-out"],
    ]


def test_a_failure_tells_all_and_the_place_of_each() -> None:
    failure = parsed(report("junit", [BAD]))[0][0][0]
    assert failure.get("type") == "TW202"
    assert (failure.get("message") or "").startswith("The check digit of 974 760 674")
    message = failure.get("message")
    assert (failure.text or "").splitlines() == [
        f"clients/acme.toml:5:14: error TW202: {message}",
        "Advice: Compare it with brreg.no. Two digits are often swapped.",
        "error TW407: The key has no access to the client 971 032 146.",
        "Advice: Give it Klienttilgang in Tripletex, and check again.",
        "Tripletex's request id: req-1",
    ]


def test_what_is_definitely_wrong_is_the_message_of_a_failure() -> None:
    mixed = result(
        "a.toml", codes.SERVER_TROUBLE.found(status=503), codes.KEY_REJECTED.found(application="X")
    )
    assert parsed(report("junit", [mixed]))[0][0][0].get("type") == "TW402"


@every_row("encoding", ["ascii", "latin-1", "utf-8"])
def test_it_is_well_formed_whatever_it_is_about(encoding: str) -> None:
    text = report("junit", [EVIL, OPEN], encoding=encoding)
    assert text.isascii()
    assert parsed(text)[0][1].get("name") == "clients/café.toml"
    assert "]]>&<" in (parsed(text)[0][0].get("name") or "")
