"""The start menu in both faces: an unfinished set-up, the configs that are there, and whether they work."""

import pytest

from tests.e2e.faces import BOTH, Face, FullScreen
from tests.e2e.walks import BUREAU_CLIENT, SINGLE_COMPANY
from tests.support.house import House
from wizard.findings import StepId, codes

EVERY_FACE = pytest.mark.parametrize("face", BOTH)
MENU = "Hva vil du gjøre?"


@EVERY_FACE
def test_an_unfinished_set_up_is_offered_once_with_its_company(house: House, face: type[Face]) -> None:
    person = face(house.start(*face.flags))
    person.asked(MENU)
    if face is FullScreen:
        person.hears("Ingen oppsettsfiler ennå. Velg 1.")
    person.leave()
    assert person.terminal.end() == 0
    person = face(house.set_up(*face.flags))
    SINGLE_COMPANY.take(person, house, to=StepId.ORG_NUMBER)
    person.leave()
    assert person.terminal.end() == 130
    person = face(house.start(*face.flags))
    person.asked(MENU)
    person.hears("Et oppsett er ikke ferdig")
    person.hears(f"{house.sandbox.world.company.name} · steg 4 av 6")
    person.choose(1)
    SINGLE_COMPANY.take(person, house, after=StepId.SETUP)
    assert person.terminal.end() == 0
    assert len(house.written) == 1


def test_configs_are_checked_in_a_table_with_the_worst_first(house: House) -> None:
    world = house.sandbox.world
    for walk in (SINGLE_COMPANY, BUREAU_CLIENT):
        words = [word for word in walk.flags(house) if word != str(house.config)]
        name = house.configs / f"{walk.setup}.toml"
        done = house.home.run("setup", name, *words[1:], text=walk.key(world).employee_token)
        assert done.returncode == 0, done.stderr
    world.delete_key(world.office)
    person = FullScreen(house.start())
    person.asked(MENU)
    person.hears("2 filer")
    person.terminal.send("3")
    person.asked("Kontroller oppsett")
    person.hears("1 feil · 1 i orden")
    rows = [row for row in person.terminal.rows if ".toml" in row]
    assert rows[0].startswith("  ► × FEIL      bureau-client.toml")
    assert rows[1].startswith("    √ OK        single-company.toml     Demobakeriet AS"[:32])
    person.hears(codes.KEY_REJECTED)
    person.go_on()
    person.at(StepId.CREATE_KEY)
    person.hears("Bytt API-nøkkel")
    person.go_back()
    person.asked("Kontroller oppsett")
    person.terminal.send("\x1b[B")
    person.hears("Alt er i orden.")
    person.go_back()
    person.asked(MENU)
    person.hears("sist kontrollert")
    person.hears("1 må rettes")
    person.leave()
    assert person.terminal.end() == 0


@EVERY_FACE
def test_from_the_first_page_of_a_rotation_one_comes_back_to_the_menu(house: House, face: type[Face]) -> None:
    words = [word for word in SINGLE_COMPANY.flags(house) if word != str(house.config)]
    name = house.configs / "one.toml"
    done = house.home.run(
        "setup", name, *words[1:], text=SINGLE_COMPANY.key(house.sandbox.world).employee_token
    )
    assert done.returncode == 0, done.stderr
    person = face(house.start(*face.flags))
    person.asked(MENU)
    person.choose(2)
    person.at(StepId.ROTATE_START)
    if face is FullScreen:
        person.hears("Esc meny")
    person.go_back()
    person.asked(MENU)
    person.leave()
    assert person.terminal.end() == 0
