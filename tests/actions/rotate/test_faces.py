"""The same rotation by lines, on the full screen and without questions: the same bytes in the file."""

import asyncio
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from tests.actions.rotate.rig import EN, Rig
from tests.ui.tui.screen import text_of
from wizard.actions.rotate.run import RotateRun
from wizard.domain.secret import Secret
from wizard.findings import StepId
from wizard.flow.questions import Again, Choose, Chosen, Continue, Pasted
from wizard.text import LANGUAGES, Language, Texts
from wizard.ui.lines import run_lines
from wizard.ui.tui.app import WizardApp


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def beside(rig: Rig, name: str) -> Rig:
    """Return the same world with a home of its own."""
    folder = rig.folder / name
    folder.mkdir()
    return replace(rig, folder=folder)


def written(rig: Rig) -> str:
    return (rig.folder / "finale.toml").read_text().replace(str(rig.folder), "HOME")


def by_lines(run: RotateRun, *answers: str, language: Language = "en") -> tuple[int, str]:
    out = io.StringIO()
    stdin = io.StringIO("".join(f"{answer}\n" for answer in answers))
    return run_lines(run, language, stdin=stdin, stdout=out), out.getvalue()


async def until(app: WizardApp, run: RotateRun, step: StepId) -> None:
    """Wait until a step stands on the screen."""
    for _ in range(500):
        if run.state.flow.current is step and app._work is None and "esc cancels" not in text_of(app).lower():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{step} was not reached:\n{text_of(app)}")


async def on_the_full_screen(run: RotateRun, key: str) -> dict[StepId, str]:
    """Rotate with the keyboard, and return what stood on the screen at each step."""
    app = WizardApp(run, "en")
    seen = {}
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for step in (
            StepId.ROTATE_START,
            StepId.CREATE_KEY,
            StepId.ROTATE_REVIEW,
            StepId.ROTATE_TABLE,
            StepId.FINALE,
            StepId.ROTATE_OLD_KEY,
        ):
            await until(app, run, step)
            await pilot.pause()
            seen[step] = text_of(app)
            if step is StepId.CREATE_KEY:
                app.post_message(events.Paste(key))
                await pilot.pause()
            await pilot.press("enter")
        await pilot.pause()
    assert app.return_value == 0
    return seen


def test_every_face_writes_the_same(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    homes = [beside(rig, name) for name in ("none", "lines", "full")]
    paths = [asyncio.run(home.config("finale.toml", old)) for home in homes]
    none, lines, full = [home.rotation(path) for home, path in zip(homes, paths, strict=True)]

    assert asyncio.run(homes[0].walk(none, new)) == ()
    code, said = by_lines(lines, "", new.employee_token, "", "", "", "2")
    assert code == 0, said
    seen = asyncio.run(on_the_full_screen(full, new.employee_token))

    assert written(homes[0]) == written(homes[1]) == written(homes[2])
    assert f"id = {new.token_id}" in written(homes[0])
    for text in (said, *seen.values()):
        assert new.employee_token not in text
        assert old.employee_token not in text
    for text in (said, seen[StepId.CREATE_KEY]):
        assert "key no. 84201" in text
        assert "Demobakeriet AS" in text
        assert "It works." in text
    assert f"+id = {new.token_id}" in said
    for text in (said, seen[StepId.ROTATE_TABLE]):
        assert "moved" in text
    assert "key no. 84201" in seen[StepId.ROTATE_OLD_KEY]


async def test_every_step_has_its_words_in_both_languages(rig: Rig) -> None:
    old, new = rig.world.office, rig.world.office_second
    path = await rig.config("felles.toml", old, "bureau-shared", 'org_number = "%ORGNR%"\n')
    run = rig.rotation(path)
    shown: dict[StepId, dict[str, str]] = {}
    while not run.is_finished:
        question = run.question(EN)
        for language in LANGUAGES:
            asked = run.question(Texts(language))
            shown.setdefault(asked.step, {})[language] = f"{asked.title}\n{asked.guide}\n{asked.notes}"
            assert len(run.outline(Texts(language))) >= 6
        if question.step is StepId.CREATE_KEY:
            await rig.submit(run, Pasted(Secret(new.employee_token)))
        elif isinstance(question, Choose):
            await rig.submit(run, Chosen(question.selected or ""))
        else:
            await rig.submit(run, Continue())

    assert list(shown) == [
        StepId.ROTATE_START,
        StepId.CREATE_KEY,
        StepId.CLIENT_ACCESS,
        StepId.ROTATE_REVIEW,
        StepId.ROTATE_TABLE,
        StepId.FINALE,
        StepId.ROTATE_OLD_KEY,
    ]
    for texts in shown.values():
        assert texts["nb"] != texts["en"]
        assert not re.search(r"\{\w+\}", texts["nb"] + texts["en"])


def test_an_unfinished_run_is_offered_by_lines(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    path = asyncio.run(rig.config("finale.toml", old))
    code, said = by_lines(rig.rotation(path), "", new.employee_token)
    assert code == 2
    code, said = by_lines(rig.rotation(path), "1", "", "", "", "2")
    assert code == 0, said
    assert "An earlier change of the key was not finished." in said
    assert "Paste the API key" not in said
    assert f"id = {new.token_id}" in path.read_text()


async def test_a_dead_line_in_the_middle_of_trying_leaves_no_session(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = rig.rotation(path)
    rig.sandbox.latency = 0.3
    task = asyncio.create_task(rig.submit(run, Continue()))
    await asyncio.sleep(0.45)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    rig.sandbox.latency = 0.0
    assert not rig.sandbox.open_sessions
    assert run.question(EN).step is StepId.ROTATE_START
    assert await rig.walk(run, rig.world.single_company_second) == ()


async def test_reading_the_question_again_changes_nothing(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    assert run.question(EN) != run.question(Texts("nb"))
    one, other = run.question(EN), run.question(EN)
    assert (one.notes, one.guide, one.position) == (other.notes, other.guide, other.position)
    # A reply that no question of this kind knows is no answer.
    outcome = await rig.submit(run, Again())
    assert not outcome.moved


def test_nothing_is_kept_for_later_by_a_rehearsal(tmp_path: Path, rig: Rig) -> None:
    async def rehearse() -> None:
        path = await rig.config("finale.toml", rig.world.single_company)
        before = sorted(rig.folder.rglob("*"))
        run = rig.rotation(path, is_rehearsal=True)
        await rig.submit(run, Continue())
        await rig.submit(run, Pasted(Secret(rig.world.single_company_second.employee_token)))
        assert "+id = 84202" in "".join(run.state.differences)
        assert sorted(rig.folder.rglob("*")) == before

    asyncio.run(rehearse())


@pytest.fixture(autouse=True)
def _no_leftovers(rig: Rig) -> Iterator[None]:
    yield
    assert list(rig.folder.rglob(".*.lock")) == []
    assert list(rig.folder.rglob("*.tmp")) == []
