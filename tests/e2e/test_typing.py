"""Wrong answers at every field, and what was typed: refused with a word, and never lost."""

import pytest

from tests.e2e.faces import BOTH, Face, FullScreen
from tests.e2e.walks import BUREAU_CLIENT, SINGLE_COMPANY, wrapped
from tests.support.house import House
from tests.support.sandbox import DemoWorld, Fault
from wizard.findings import Code, StepId, codes

EVERY_FACE = pytest.mark.parametrize("face", BOTH)


def begin(house: House, face: type[Face], *words: str) -> Face:
    return face(house.set_up(house.config, *face.flags, *words))


def wrong_keys(world: DemoWorld) -> dict[str, Code]:
    """What people paste instead of a key, and what is said of it."""
    key = world.office.employee_token
    return {
        "2147628461": codes.KEY_IS_ID,
        "974 760 673": codes.KEY_IS_ORG_NUMBER,
        "VismaFinale": codes.KEY_IS_NAME,
        key[:50]: codes.KEY_CUT_OFF,
        world.consumer_token: codes.KEY_IS_CONSUMER_TOKEN,
    }


@EVERY_FACE
def test_what_is_no_key_is_refused_at_once_and_never_stored(house: House, face: type[Face]) -> None:
    person = begin(house, face)
    BUREAU_CLIENT.take(person, house, to=StepId.CREATE_KEY)
    for text, code in wrong_keys(house.sandbox.world).items():
        person.paste(text)
        person.hears(code)
        person.still_at(StepId.CREATE_KEY)
    assert not house.keys
    assert not house.sandbox.requests
    person.paste(wrapped(house.sandbox.world.office.employee_token))
    person.works()
    person.at(StepId.SETUP)
    assert not house.written


@EVERY_FACE
def test_a_refused_key_gives_way_to_the_next(house: House, face: type[Face]) -> None:
    world = house.sandbox.world
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    for key, code in (
        (world.deleted, codes.KEY_REJECTED),
        (world.single_company_without_rights, codes.NO_RIGHTS),
    ):
        person.paste(key.employee_token)
        person.hears(code)
        person.still_at(StepId.CREATE_KEY)
    SINGLE_COMPANY.answer(person, StepId.CREATE_KEY, world)
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert str(world.single_company.token_id) in [path.name for path in house.telling]


@EVERY_FACE
def test_somebody_may_go_on_with_a_refused_key(house: House, face: type[Face]) -> None:
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.paste(house.sandbox.world.deleted.employee_token)
    person.hears(codes.KEY_REJECTED)
    person.still_at(StepId.CREATE_KEY)
    person.anyway()
    person.at(StepId.SETUP)


@EVERY_FACE
def test_a_bureau_is_led_through_every_contradiction(house: House, face: type[Face]) -> None:
    world = house.sandbox.world
    person = begin(house, face)
    BUREAU_CLIENT.take(person, house, to=StepId.SETUP)
    person.choose(1)
    person.hears(codes.OFFICE_KEY_FOR_COMPANY)
    person.still_at(StepId.SETUP)
    person.choose(2)
    person.at(StepId.ORG_NUMBER)
    for text, code in (
        ("974760674", codes.ORG_NUMBER_CHECK_DIGIT),
        ("01017012345", codes.ORG_NUMBER_IS_PERSONAL),
    ):
        person.write(text)
        person.hears(code)
        person.still_at(StepId.ORG_NUMBER)
    if face is FullScreen:
        assert "01017012345" not in person.terminal.plain
    missing = world.client_without_access.organization_number or ""
    person.write(missing)
    person.hears(person.t("Selected: 1 client"))
    person.still_at(StepId.ORG_NUMBER)
    person.go_on()
    person.at(StepId.CLIENT_ACCESS)
    person.hears(codes.CLIENT_ACCESS_MISSING)
    person.still_at(StepId.CLIENT_ACCESS)
    person.choose(1)
    person.hears(codes.CLIENT_ACCESS_MISSING)
    person.still_at(StepId.CLIENT_ACCESS)
    world.give_client_access(world.office, world.client_without_access)
    person.choose(1)
    BUREAU_CLIENT.take(person, house, after=StepId.ORG_NUMBER)
    assert person.terminal.end() == 0
    assert missing in house.written[house.config.name]


def test_a_search_survives_resize_language_and_help(house: House) -> None:
    person = FullScreen(house.set_up(house.config))
    BUREAU_CLIENT.take(person, house, to=StepId.ORG_NUMBER)
    terminal = person.terminal
    terminal.send("Rørlegg")
    terminal.see("│ Rørlegg")
    terminal.resize(60, 20)
    terminal.see("│ Rørlegg")
    person.at(StepId.ORG_NUMBER)
    terminal.resize(50, 10)
    person.hears("Vinduet er for lite")
    terminal.resize(120, 40)
    person.at(StepId.ORG_NUMBER)
    person.switch_language()
    person.at(StepId.ORG_NUMBER)
    terminal.see("│ Rørlegg")
    terminal.send("\x1bOP")
    person.hears("Help: ")
    terminal.send("\x1bOP")
    person.at(StepId.ORG_NUMBER)
    terminal.see("│ Rørlegg")
    terminal.send("\r")
    person.hears("Selected: 1 client")
    person.go_back()
    person.at(StepId.SETUP)
    person.go_on()
    person.at(StepId.ORG_NUMBER)
    person.hears("Selected: 1 client")
    person.leave()
    assert terminal.end() == 130
    assert not house.written


@EVERY_FACE
def test_what_was_answered_stays_after_going_back_and_in_the_other_language(
    house: House, face: type[Face]
) -> None:
    person = face(house.set_up(*face.flags))
    BUREAU_CLIENT.take(person, house, to=StepId.ORG_NUMBER)
    person.pick(1, 2)
    person.hears("Valgt: 2 klienter")
    person.still_at(StepId.ORG_NUMBER)
    person.go_on()
    person.at(StepId.REVIEW)
    person.go_back()
    person.at(StepId.ORG_NUMBER)
    person.switch_language()
    person.at(StepId.ORG_NUMBER)
    person.hears("Selected: 2 clients")
    person.go_on()
    person.at(StepId.REVIEW)
    person.go_on()
    person.at(StepId.FINALE)
    assert len(house.written) == 2


@EVERY_FACE
def test_a_config_that_came_in_between_is_not_overwritten(house: House, face: type[Face]) -> None:
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.REVIEW)
    house.config.write_text("# somebody else's\n")
    person.go_on()
    person.hears(codes.ALREADY_THERE)
    person.still_at(StepId.REVIEW)
    person.leave()
    assert person.terminal.end() == 130
    assert house.config.read_text() == "# somebody else's\n"


@EVERY_FACE
def test_tripletex_being_away_is_never_called_wrong_and_can_be_passed(house: House, face: type[Face]) -> None:
    house.sandbox.faults.append(Fault(path="*", trouble="captive-portal", times=None))
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.paste(house.sandbox.world.single_company.employee_token)
    person.hears(codes.NOT_TRIPLETEX)
    person.still_at(StepId.CREATE_KEY)
    person.go_on()
    person.at(StepId.SETUP)
    person.choose(1)
    person.at(StepId.ORG_NUMBER)
    person.go_on()
    person.at(StepId.REVIEW)
    assert "FEIL" not in person.words
    person.choose(2)
    person.at(StepId.FINALE)
    person.go_on()
    assert person.terminal.end() == 3
