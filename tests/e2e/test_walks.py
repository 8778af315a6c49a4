"""Whole set-ups: the same answers give the same bytes in both faces, without questions and from a file."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.faces import (
    BOTH,
    BUREAU_CLIENT,
    EVERY_WALK,
    SEVERAL_CLIENTS,
    SINGLE_COMPANY,
    STEPS,
    Face,
    FullScreen,
    Lines,
    Walk,
    wrapped,
)
from tests.support.house import House
from wizard.findings import StepId, codes


def walk_through(house: House, walk: Walk, face: type[Face]) -> dict[str, str]:
    """Take a walk in a newly laid out house, and return what was written."""
    house.furnish()
    terminal = house.set_up(*walk.target(house), *face.flags)
    walk.take(face(terminal), house)
    assert terminal.end() == 0, terminal.text
    terminal.assert_restored()
    assert walk.key(house.sandbox.world).employee_token not in terminal.plain
    assert not house.journals
    return house.written


def without_questions(house: House, walk: Walk) -> dict[str, str]:
    """Give the same answers as flags in a newly laid out house, and return what was written."""
    house.furnish()
    done = house.home.run(*walk.flags(house), text=walk.key(house.sandbox.world).employee_token)
    assert done.returncode == 0, done.stderr
    return house.written


@pytest.mark.parametrize("walk", EVERY_WALK, ids=[walk.name for walk in EVERY_WALK])
def test_the_same_answers_give_the_same_bytes_in_every_face(house: House, walk: Walk) -> None:
    written = walk_through(house, walk, FullScreen)
    assert len(written) == len(walk.picked or (1,))
    for path in (*house.configs.iterdir(), *house.keys):
        if path.is_file() and path.suffix != ".lock":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert walk_through(house, walk, Lines) == written
    assert without_questions(house, walk) == written


def test_saved_answers_give_the_same_bytes_in_every_face(house: House) -> None:
    saved = house.folder / "answers.toml"
    person: Face = FullScreen(house.set_up(house.config, "--save-answers", saved))
    BUREAU_CLIENT.take(person, house)
    assert person.terminal.end() == 0
    assert str(saved) in person.terminal.plain[-500:]
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert saved not in house.leaking
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


def test_several_clients_are_saved_among_the_answers(house: House) -> None:
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


def test_the_answers_of_an_unfinished_run_are_not_saved(house: House) -> None:
    saved = house.folder / "answers.toml"
    person = Lines(house.set_up(house.config, "--plain", "--save-answers", saved))
    BUREAU_CLIENT.take(person, house, to=StepId.REVIEW)
    person.leave()
    assert person.terminal.end() == 130
    assert not saved.exists()


EVERY_FACE = pytest.mark.parametrize("face", BOTH)
FILE, OTHERS, COMMAND, VARIABLE = 1, 2, 3, 4
"""The places on the list of a machine without a keyring."""


def furnish(house: House) -> Path:
    """Lay out a home whose site names no place for keys; return the path of a vault."""
    house.furnish()
    defaults = house.home.folder / ".config/tripletex-wizard/defaults.toml"
    defaults.write_text(defaults.read_text().replace('store = "file"\n', ""))
    vault = house.folder / "vault"
    vault.unlink(missing_ok=True)
    house.guard.stores.add(vault)
    return vault


def put(vault: Path, key: str) -> None:
    """Let the vault give out a key."""
    vault.touch(0o600)
    vault.write_text(f"{key}\n")


def begin(house: House, face: type[Face], place: int) -> Face:
    """Start a set-up and choose a place."""
    person = face(house.set_up(house.config, *face.flags))
    to_storage(person)
    person.choose(OTHERS)
    person.hears("Kommando")
    person.still_at(StepId.STORAGE)
    person.choose(place)
    person.hears("Kommandoen som skriver nøkkelen" if place == COMMAND else "variabelen")
    person.still_at(StepId.STORAGE)
    return person


def to_storage(person: Face) -> None:
    """Go to the question where the key is to be kept."""
    for step in (StepId.WELCOME, StepId.ENABLE_API):
        person.at(step)
        person.go_on()
    person.at(StepId.STORAGE)


def by_command(house: House, face: type[Face]) -> str:
    """Answer with a command that gives another key at first."""
    vault = furnish(house)
    world = house.sandbox.world
    person = begin(house, face, COMMAND)
    person.write(f"cat {vault} | head -1")
    person.hears(codes.COMMAND_NEEDS_SHELL)
    person.still_at(StepId.STORAGE)
    person.write(f"cat '{vault}'")
    person.hears('["cat",')
    person.still_at(StepId.STORAGE)
    person.go_on()
    person.at(StepId.CREATE_KEY)
    person.paste(wrapped(world.single_company.employee_token))
    person.hears(codes.COMMAND_FAILED)
    person.still_at(StepId.CREATE_KEY)
    before = len(house.sandbox.requests)
    put(vault, world.office.employee_token)
    person.paste(wrapped(world.single_company.employee_token))
    person.hears(codes.NOT_THE_PASTED_KEY)
    person.still_at(StepId.CREATE_KEY)
    assert len(house.sandbox.requests) == before
    put(vault, world.single_company.employee_token)
    person.paste(wrapped(world.single_company.employee_token))
    person.works()
    finish(house, person)
    assert not house.leaking
    return f"command:cat '{vault}'"


def by_variable(house: House, face: type[Face]) -> str:
    """Answer with the name of a variable."""
    furnish(house)
    world = house.sandbox.world
    house.home.variables["FINALE_KEY"] = world.single_company.employee_token
    person = begin(house, face, VARIABLE)
    person.write("$FINALE_KEY")
    person.at(StepId.CREATE_KEY)
    person.paste(wrapped(world.single_company.employee_token))
    person.works()
    finish(house, person)
    assert house.leaking == []
    return "env:FINALE_KEY"


def finish(house: House, person: Face) -> None:
    """Take the rest of the walk; no file has a token, and no key is stored."""
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0, person.terminal.text
    assert not house.keys
    for key in house.sandbox.world.keys:
        assert key.employee_token not in person.terminal.plain


@pytest.mark.parametrize("walk", [by_command, by_variable])
def test_a_place_of_the_users_own_gives_the_same_bytes_in_every_face(
    house: House, walk: Callable[[House, type[Face]], str]
) -> None:
    reference = walk(house, FullScreen)
    written = house.written
    assert list(written) == [house.config.name]
    walk(house, Lines)
    assert house.written == written
    house.config.unlink()
    words = ["--no-input", "--setup", "single-company", "--employee-token-ref", reference]
    done = house.home.run("setup", house.config, *words, *house.flags)
    assert done.returncode == 0, done.stderr
    assert house.written == written


@EVERY_FACE
def test_an_unreadable_place_is_unknown_and_can_be_skipped(house: House, face: type[Face]) -> None:
    furnish(house)
    person = begin(house, face, VARIABLE)
    person.write("FINALE_KEY")
    person.hears(codes.ENV_NOT_SET)
    person.still_at(StepId.STORAGE)
    person.go_on()
    person.at(StepId.CREATE_KEY)
    person.paste(house.sandbox.world.single_company.employee_token)
    person.hears(codes.ENV_NOT_SET)
    person.still_at(StepId.CREATE_KEY)
    person.go_on()
    person.at(StepId.SETUP)
    person.choose(1)
    person.at(StepId.ORG_NUMBER)
    person.go_on()
    person.at(StepId.REVIEW)
    person.hears(codes.ENV_NOT_SET)
    assert "FEIL" not in person.words
    person.choose(2)
    person.at(StepId.FINALE)
    person.go_on()
    # The key was pasted and works; the warning that it cannot be read from here is shown again.
    assert person.terminal.end() == 4
    assert f"({codes.ENV_NOT_SET.id})" in person.terminal.plain
    assert house.written
    assert house.leaking == []


@EVERY_FACE
def test_choosing_another_place_loses_nothing(house: House, face: type[Face]) -> None:
    vault = furnish(house)
    person = begin(house, face, COMMAND)
    person.write(f"cat {vault}")
    person.hears('["cat",')
    person.still_at(StepId.STORAGE)
    person.go_on()
    person.at(StepId.CREATE_KEY)
    person.paste(house.sandbox.world.single_company.employee_token)
    person.hears(codes.COMMAND_FAILED)
    person.still_at(StepId.CREATE_KEY)
    person.mend()
    person.at(StepId.STORAGE)
    person.go_back()
    person.hears("Privat fil")
    person.still_at(StepId.STORAGE)
    person.choose(FILE)
    person.works()
    assert len(house.keys) == 1
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert house.leaking == house.keys


def test_a_place_that_is_to_be_asked_for_is_asked_for_again(house: House) -> None:
    house.furnish()
    person = Lines(house.set_up(house.config, "--plain", "--store", "ask"))
    to_storage(person)
    person.leave()
    assert person.terminal.end() == 130
    refused = house.home.run(
        "setup",
        house.config,
        *["--no-input", "--setup", "single-company", "--store", "ask", "--employee-token-file", "-"],
        *house.flags,
    )
    assert refused.returncode == 2
    assert "--store ask" in refused.stderr


def test_a_key_kept_elsewhere_is_never_stored_unasked(house: House) -> None:
    vault = furnish(house)
    person = begin(house, Lines, COMMAND)
    person.write(f"cat {vault}")
    person.hears('["cat",')
    person.still_at(StepId.STORAGE)
    person.go_on()
    person.at(StepId.CREATE_KEY)
    person.leave()
    assert person.terminal.end() == 130
    key = house.sandbox.world.single_company.employee_token
    words = ["--no-input", "--setup", "single-company", "--employee-token-file", "-", *house.flags]
    done = house.home.run("setup", house.config, *words, text=key)
    assert done.returncode == 2
    assert "--store eller --employee-token-ref" in done.stderr
    assert not house.keys
    assert not house.written
