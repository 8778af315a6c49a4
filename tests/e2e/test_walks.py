"""Whole set-ups on a real terminal, in both faces and without questions: the same answers, the same bytes."""

import stat

import pytest

from tests.e2e.faces import Face, FullScreen, Lines
from tests.e2e.walks import EVERY_WALK, Walk
from tests.support.house import House


def walk_through(house: House, walk: Walk, face: type[Face]) -> dict[str, str]:
    """Take a walk in a house that is laid out anew, and return what was written."""
    house.furnish()
    terminal = house.set_up(*walk.target(house), *face.flags)
    walk.take(face(terminal), house)
    assert terminal.end() == 0, terminal.text
    terminal.assert_restored()
    assert walk.key(house.sandbox.world).employee_token not in terminal.plain
    assert not house.journals
    return house.written


def without_questions(house: House, walk: Walk) -> dict[str, str]:
    """Let the flags say the same, in a house that is laid out anew."""
    house.furnish()
    done = house.home.run(*walk.flags(house), text=walk.key(house.sandbox.world).employee_token)
    assert done.returncode == 0, done.stderr
    return house.written


@pytest.mark.parametrize("walk", EVERY_WALK, ids=[walk.name for walk in EVERY_WALK])
def test_the_same_answers_give_the_same_bytes_whoever_asked(house: House, walk: Walk) -> None:
    written = walk_through(house, walk, FullScreen)
    assert len(written) == len(walk.picked or (1,))
    for path in (*house.configs.iterdir(), *house.keys):
        if path.is_file() and path.suffix != ".lock":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert walk_through(house, walk, Lines) == written
    assert without_questions(house, walk) == written
