"""What stays in the terminal when the wizard is gone, and what its exit code says."""

import pytest

from tests.e2e.faces import BOTH, Face, FullScreen, Lines
from tests.e2e.walks import BUREAU_SHARED, SINGLE_COMPANY
from tests.support.house import House
from tests.support.sandbox import Fault
from wizard.findings import StepId, codes

EVERY_FACE = pytest.mark.parametrize("face", BOTH)
GO_ON = "Kjør samme kommando igjen for å fortsette."


def said_last(person: Face) -> str:
    """Return what stands at the end, however it is broken into lines."""
    return " ".join(person.terminal.plain[-1500:].split())


@EVERY_FACE
def test_a_finished_set_up_says_where_the_config_is_and_what_was_proven(
    house: House, face: type[Face]
) -> None:
    person = face(house.set_up(house.config, *face.flags))
    SINGLE_COMPANY.take(person, house)
    assert person.terminal.end() == 0
    last = said_last(person)
    assert "ok Nøkkelen er godtatt" in last
    assert f"ok Selskapet er funnet: {house.sandbox.world.company.name}" in last
    assert last.endswith(f"Skrevet: {house.config}")


@EVERY_FACE
def test_what_could_not_be_proven_is_said_and_is_exit_code_3(house: House, face: type[Face]) -> None:
    person = face(house.set_up(house.config, *face.flags))
    BUREAU_SHARED.take(person, house, to=StepId.REVIEW)
    house.sandbox.faults.append(Fault(path="*", trouble="captive-portal", times=None))
    person.go_on()
    BUREAU_SHARED.take(person, house, after=StepId.REVIEW)
    assert person.terminal.end() == 3
    last = said_last(person)
    assert "TW506" in last
    assert f"Skrevet: {house.config}" in last
    assert last.endswith("Nøkkelen er ikke prøvd mot Tripletex.")


@EVERY_FACE
@pytest.mark.parametrize("code", [0, 3])
def test_leaving_the_last_page_is_finishing(house: House, face: type[Face], code: int) -> None:
    person = face(house.set_up(house.config, *face.flags))
    BUREAU_SHARED.take(person, house, to=StepId.REVIEW)
    if code == 3:
        house.sandbox.faults.append(Fault(path="*", trouble="captive-portal", times=None))
    person.go_on()
    BUREAU_SHARED.take(person, house, after=StepId.REVIEW, to=StepId.DONE)
    person.leave()
    assert person.terminal.end() == code
    last = said_last(person)
    assert f"Skrevet: {house.config}" in last
    assert GO_ON not in last


@EVERY_FACE
def test_who_leaves_before_the_end_is_told_how_to_go_on(house: House, face: type[Face]) -> None:
    person = face(house.set_up(house.config, *face.flags))
    person.at(StepId.WELCOME)
    person.leave()
    assert person.terminal.end() == 130
    assert GO_ON not in said_last(person)
    person = face(house.set_up(house.config, *face.flags))
    SINGLE_COMPANY.take(person, house, to=StepId.SETUP)
    person.leave()
    assert person.terminal.end() == 130
    assert GO_ON in said_last(person)
    person = face(house.set_up(house.config, *face.flags))
    person.at(StepId.WELCOME)
    person.hears("Fortsett der det stoppet")
    person.go_on()
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY, to=StepId.CHECK)
    person.leave()
    assert person.terminal.end() == 130
    last = said_last(person)
    assert f"Skrevet: {house.config}" in last
    assert GO_ON in last


@EVERY_FACE
def test_the_menu_leads_into_an_unfinished_set_up(house: House, face: type[Face]) -> None:
    person = face(house.start(*face.flags))
    person.asked("Hva vil du gjøre?")
    person.hears("Sett opp")
    person.choose(1)
    person.at(StepId.WELCOME)
    person.go_on()
    person.at(StepId.ENABLE_API)
    person.leave()
    assert person.terminal.end() == 130
    person = face(house.start(*face.flags))
    person.asked("Hva vil du gjøre?")
    person.hears("Fortsett oppsettet som ikke ble ferdig")
    person.choose(1)
    person.at(StepId.WELCOME)
    person.leave()
    assert person.terminal.end() == 130


@pytest.mark.parametrize("keeps", [False, True])
@EVERY_FACE
def test_a_demo_says_that_it_was_one_and_what_is_left(house: House, face: type[Face], keeps: bool) -> None:  # noqa: FBT001 - a case
    temporary, kept = house.folder / "tmp", house.folder / "kept"
    temporary.mkdir()
    house.home.variables["TMPDIR"] = str(temporary)
    house.allowed.add(kept)
    folder = ("--folder", str(kept)) if keeps else ()
    person = face(house.start("demo", *folder, *face.flags))
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.paste("avvist")
    person.hears(codes.KEY_REJECTED)
    person.still_at(StepId.CREATE_KEY)
    person.paste("selskap")
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert not list(temporary.iterdir())
    last = said_last(person)
    assert "Dette var en demonstrasjon" in last
    if keeps:
        assert str(kept) in last
        assert list(kept.glob("*.toml"))
    else:
        assert "Ingenting av den er igjen på maskinen." in last
    assert not house.written
    assert not house.journals
    assert not house.sandbox.requests


@pytest.mark.parametrize("number", [1, 15])
def test_a_demo_that_is_ended_leaves_nothing_either(house: House, number: int) -> None:
    temporary = house.folder / "tmp"
    temporary.mkdir()
    house.home.variables["TMPDIR"] = str(temporary)
    person = FullScreen(house.start("demo"))
    person.at(StepId.WELCOME)
    person.terminal.signal(number)
    assert person.terminal.end() == 128 + number
    assert not list(temporary.iterdir())


def test_ctrl_c_leaves_the_line_face_with_the_same_word(house: House) -> None:
    person = Lines(house.set_up(house.config, "--plain"))
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.terminal.send("\x03")
    assert person.terminal.end() == 130
    assert GO_ON in said_last(person)
