"""Answers that were given at a terminal once, given again: in both faces, and without questions."""

import stat

from tests.e2e.faces import BOTH, Face, FullScreen, Lines
from tests.e2e.walks import BUREAU_CLIENT, SEVERAL_CLIENTS, STEPS
from tests.support.house import House
from wizard.findings import StepId


def test_saved_answers_lead_through_every_face_to_the_same_bytes(house: House) -> None:
    saved = house.folder / "answers.toml"
    person: Face = FullScreen(house.set_up(house.config, "--save-answers", saved))
    BUREAU_CLIENT.take(person, house)
    assert person.terminal.end() == 0
    assert str(saved) in person.terminal.plain[-500:]
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert saved not in house.telling
    written = house.written
    again = ("setup", house.config, "--answers", saved)
    # With everything known, Enter is all that is left to press, the key included.
    for face in BOTH:
        house.config.unlink()
        person = face(house.start(*again, *face.flags))
        for step in STEPS:
            person.at(step)
            person.go_on()
            if step is StepId.CREATE_KEY:
                # It is read from its place with the first one.
                person.works()
        assert person.terminal.end() == 0
        assert house.written == written
    house.config.unlink()
    done = house.home.run(*again, "--no-input")
    assert done.returncode == 0, done.stderr
    assert house.written == written
    # On another machine there is no key yet.
    house.furnish()
    key = house.sandbox.world.office.employee_token
    done = house.home.run(*again, "--no-input", "--employee-token-file", "-", text=key)
    assert done.returncode == 0, done.stderr
    assert house.written == written


def test_several_clients_are_among_the_answers(house: House) -> None:
    saved = house.folder / "answers.toml"
    person = Lines(house.set_up("--plain", "--save-answers", saved))
    SEVERAL_CLIENTS.take(person, house)
    assert person.terminal.end() == 0
    written = house.written
    assert len(written) == 2
    for name in written:
        (house.configs / name).unlink()
    done = house.home.run("setup", house.configs, "--answers", saved, "--no-input")
    assert done.returncode == 0, done.stderr
    assert house.written == written


def test_answers_of_a_run_that_was_left_are_not_saved(house: House) -> None:
    saved = house.folder / "answers.toml"
    person = Lines(house.set_up(house.config, "--plain", "--save-answers", saved))
    BUREAU_CLIENT.take(person, house, to=StepId.REVIEW)
    person.leave()
    assert person.terminal.end() == 130
    assert not saved.exists()
