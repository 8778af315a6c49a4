"""What stays in the terminal when the wizard is gone, and what its exit code says."""

import pytest

from tests.e2e.faces import BOTH, Face, FullScreen, Lines
from tests.e2e.walks import BUREAU_SHARED, SINGLE_COMPANY
from tests.support.house import House
from tests.support.sandbox import Fault
from wizard.findings import StepId, codes
from wizard.text import Texts

EVERY_FACE = pytest.mark.parametrize("face", BOTH)
GO_ON = Texts("nb")("The steps you have finished are saved. Run the same command again to continue.")


def said_last(person: Face) -> str:
    """Return what stands at the end, however it is broken into lines."""
    return " ".join(person.terminal.plain[-1500:].split())


@EVERY_FACE
def test_a_finished_set_up_leaves_a_summary(house: House, face: type[Face]) -> None:
    person = face(house.set_up(house.config, *face.flags))
    SINGLE_COMPANY.take(person, house)
    assert person.terminal.end() == 0
    last = said_last(person)
    for said in (
        "Tripletex er koblet til Visma Finale",
        house.sandbox.world.company.name,
        f"Oppsettsfil {house.config}",
        "In Finale" if person.language == "en" else "I Finale: Firmaopplysninger",
        "validate",
    ):
        assert said in last, said


@EVERY_FACE
def test_what_could_not_be_proven_is_exit_code_3(house: House, face: type[Face]) -> None:
    person = face(house.set_up(house.config, *face.flags))
    BUREAU_SHARED.take(person, house, to=StepId.ORG_NUMBER)
    house.sandbox.faults.append(Fault(path="*", trouble="captive-portal", times=None))
    person.go_on()
    person.at(StepId.REVIEW)
    person.hears(codes.NOT_TRIPLETEX)
    person.choose(2)
    person.at(StepId.FINALE)
    person.leave()
    assert person.terminal.end() == 3
    assert GO_ON not in said_last(person)
    assert list(house.written) == [house.config.name]


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
    person.choose(1)
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert GO_ON not in said_last(person)


@pytest.mark.parametrize("keeps", [False, True])
@EVERY_FACE
def test_a_demo_says_that_it_was_one_and_what_is_left(house: House, face: type[Face], keeps: bool) -> None:  # noqa: FBT001 - a case
    temporary, kept = house.folder / "tmp", house.folder / "kept"
    temporary.mkdir()
    house.home.variables["TMPDIR"] = str(temporary)
    house.guard.stores.add(kept)
    folder = ("--folder", str(kept)) if keeps else ()
    person = face(house.start("demo", *folder, *face.flags))
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.paste("avvist")
    person.hears(codes.KEY_REJECTED)
    person.still_at(StepId.CREATE_KEY)
    person.paste("selskap")
    person.works()
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert not list(temporary.iterdir())
    last = said_last(person)
    assert "Tripletex er koblet til" not in last
    if keeps:
        assert "Dette var en demo" in last
        assert str(kept) in last
        assert list(kept.glob("*.toml"))
    else:
        assert "Demoen er ferdig. Alt var oppdiktet, og ingenting er igjen på maskinen." in last
        assert last.endswith("Start på ordentlig med: tripletex-wizard")
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
