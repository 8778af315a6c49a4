"""Whole set-ups: the same answers give the same bytes in both faces, without questions and from a file."""

import stat
from pathlib import Path

import pytest

from tests.e2e.faces import (
    BOTH,
    BUREAU_CLIENT,
    EVERY_WALK,
    SINGLE_COMPANY,
    STEPS,
    Face,
    FullScreen,
    Lines,
    Walk,
    wrapped,
)
from tests.support.home import Home
from wizard.findings import StepId, codes


def walk_through(home: Home, walk: Walk, face: type[Face]) -> dict[str, str]:
    """Take a walk in a newly laid out home, and return what was written."""
    home.furnish()
    terminal = home.start("setup", *home.flags, *walk.target(home), *face.flags)
    walk.take(face(terminal), home)
    assert terminal.end() == 0, terminal.text
    terminal.assert_restored()
    assert walk.key(home.world).employee_token not in terminal.plain
    assert not home.journals
    return home.written


def without_questions(home: Home, walk: Walk) -> dict[str, str]:
    """Give the same answers as flags in a newly laid out home, and return what was written."""
    home.furnish()
    home.run(*walk.flags(home), text=walk.key(home.world).employee_token, code=0)
    return home.written


@pytest.mark.parametrize("walk", EVERY_WALK, ids=[walk.name for walk in EVERY_WALK])
def test_the_same_answers_give_the_same_bytes_in_every_face(home: Home, walk: Walk) -> None:
    written = walk_through(home, walk, FullScreen)
    assert len(written) == len(walk.picked or (1,))
    for path in (*home.configs.iterdir(), *home.keys):
        if path.is_file() and path.suffix != ".lock":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert walk_through(home, walk, Lines) == written
    assert without_questions(home, walk) == written


def test_saved_answers_give_the_same_bytes_in_every_face(home: Home) -> None:
    saved = home.folder / "answers.toml"
    person: Face = FullScreen.set_up(home, "--save-answers", saved)
    BUREAU_CLIENT.take(person, home)
    assert person.terminal.end() == 0
    assert str(saved) in person.terminal.plain[-500:]
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert saved not in home.leaking
    written = home.written
    again = ("setup", home.target, "--answers", saved)
    # With everything known, Enter is all that is left to press, the key included.
    for face in BOTH:
        home.target.unlink()
        person = face.start(home, *again)
        for step in STEPS:
            person.at(step)
            person.go_on()
            if step is StepId.CREATE_KEY:
                # It is read from its place with the first one.
                person.works()
        assert person.terminal.end() == 0
        assert home.written == written
    home.target.unlink()
    home.run(*again, "--no-input", code=0)
    assert home.written == written
    # On another machine there is no key yet.
    home.furnish()
    key = home.world.office.employee_token
    home.run(*again, "--no-input", "--employee-token-file", "-", text=key, code=0)
    assert home.written == written


def test_the_answers_of_an_unfinished_run_are_not_saved(home: Home) -> None:
    saved = home.folder / "answers.toml"
    person = Lines.set_up(home, "--save-answers", saved)
    BUREAU_CLIENT.take(person, home, to=StepId.REVIEW)
    person.leave()
    assert person.terminal.end() == 130
    assert not saved.exists()


OTHERS, COMMAND = 2, 3
"""The places on the list of a machine without a keyring."""


def furnish(home: Home) -> Path:
    """Lay out a home whose site names no place for keys; return the path of a vault."""
    home.furnish()
    defaults = home.folder / ".config/tripletex-wizard/defaults.toml"
    defaults.write_text(defaults.read_text().replace('store = "file"\n', ""))
    vault = home.folder / "vault"
    vault.unlink(missing_ok=True)
    home.guard.stores.add(vault)
    return vault


def put(vault: Path, key: str) -> None:
    """Let the vault give out a key."""
    vault.touch(0o600)
    vault.write_text(f"{key}\n")


def begin(home: Home, face: type[Face]) -> Face:
    """Start a set-up and choose a command as the place of the key."""
    person = face.set_up(home)
    to_storage(person)
    person.choose(OTHERS)
    person.hears("Kommando")
    person.still_at(StepId.STORAGE)
    person.choose(COMMAND)
    person.hears("Kommandoen som skriver nøkkelen")
    person.still_at(StepId.STORAGE)
    return person


def to_storage(person: Face) -> None:
    """Go to the question where the key is to be kept."""
    for step in (StepId.WELCOME, StepId.ENABLE_API):
        person.at(step)
        person.go_on()
    person.at(StepId.STORAGE)


def keep_by_command(home: Home, face: type[Face]) -> str:
    """Answer with a command that gives another key at first."""
    vault = furnish(home)
    world = home.world
    person = begin(home, face)
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
    before = len(home.sandbox.requests)
    put(vault, world.office.employee_token)
    person.paste(wrapped(world.single_company.employee_token))
    person.hears(codes.NOT_THE_PASTED_KEY)
    person.still_at(StepId.CREATE_KEY)
    assert len(home.sandbox.requests) == before
    put(vault, world.single_company.employee_token)
    person.paste(wrapped(world.single_company.employee_token))
    person.works()
    finish(home, person)
    assert not home.leaking
    return f"command:cat '{vault}'"


def finish(home: Home, person: Face) -> None:
    """Take the rest of the walk; no file has a token, and no key is stored."""
    SINGLE_COMPANY.take(person, home, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0, person.terminal.text
    assert not home.keys
    for key in home.world.keys:
        assert key.employee_token not in person.terminal.plain


def test_a_command_of_the_users_own_gives_the_same_bytes_in_every_face(home: Home) -> None:
    reference = keep_by_command(home, FullScreen)
    written = home.written
    assert list(written) == [home.target.name]
    keep_by_command(home, Lines)
    assert home.written == written
    home.target.unlink()
    words = ["--no-input", "--setup", "single-company", "--employee-token-ref", reference]
    home.run("setup", home.target, *words, *home.flags, code=0)
    assert home.written == written


def test_a_place_that_is_to_be_asked_for_is_asked_for_again(home: Home) -> None:
    home.furnish()
    person = Lines.set_up(home, "--store", "ask")
    to_storage(person)
    person.leave()
    assert person.terminal.end() == 130
    refused = home.run(
        "setup",
        home.target,
        *["--no-input", "--setup", "single-company", "--store", "ask", "--employee-token-file", "-"],
        *home.flags,
        code=2,
    )
    assert "--store ask" in refused.err


def test_a_key_kept_elsewhere_is_never_stored_unasked(home: Home) -> None:
    vault = furnish(home)
    person = begin(home, Lines)
    person.write(f"cat {vault}")
    person.hears('["cat",')
    person.still_at(StepId.STORAGE)
    person.go_on()
    person.at(StepId.CREATE_KEY)
    person.leave()
    assert person.terminal.end() == 130
    key = home.world.single_company.employee_token
    words = ["--no-input", "--setup", "single-company", "--employee-token-file", "-", *home.flags]
    done = home.run("setup", home.target, *words, text=key, code=2)
    assert "--store eller --employee-token-ref" in done.err
    assert not home.keys
    assert not home.written
