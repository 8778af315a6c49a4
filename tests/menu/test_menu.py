"""The menu: what it offers, and where its choices lead."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.keys import make_key
from tests.support.rotation import EN, Rig
from tests.support.sandbox import Sandbox
from wizard.domain.key import Secret
from wizard.domain.setup import Environment
from wizard.menu.walk import MenuWalk
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.walk.pages import (
    Again,
    Back,
    Chosen,
    Continue,
    Key,
    Marked,
    Paragraph,
    Pasted,
    Searched,
    SearchList,
    State,
    Table,
    Typed,
)


@pytest.fixture
def rig(tmp_path: Path, sandbox: Sandbox, base_url: str) -> Rig:
    return Rig(tmp_path, sandbox, base_url)


def answers(rig: Rig) -> Answers:
    return Answers(environment=Environment.SANDBOX, base_url=rig.base_url, store="file")


async def menu(rig: Rig, task: str = "") -> MenuWalk:
    walk = MenuWalk(rig.context, EN, answers(rig), task=task)
    await walk.begin(lambda: None)
    return walk


def offered(walk: MenuWalk) -> list[str]:
    return [choice.value for choice in walk.page(EN).choices if choice.is_enabled]


async def test_the_menu_leads_into_a_set_up_and_back(rig: Rig) -> None:
    walk = await menu(rig)
    assert offered(walk) == ["setup", "rotate", "validate", "demo", "quit"]
    await walk.reply(Chosen("setup"), lambda: None)
    set_up = walk.successor
    assert isinstance(set_up, SetupWalk)
    await set_up.reply(Back(), lambda: None)
    assert set_up.is_finished
    assert set_up.successor is walk
    await walk.begin(lambda: None)
    assert (walk.is_finished, walk.set_up, offered(walk)[0]) == (False, None, "setup")
    await walk.reply(Chosen("setup"), lambda: None)
    assert isinstance(walk.successor, SetupWalk)
    assert walk.successor is not set_up


async def test_an_unfinished_rotation_goes_on_with_the_configs_that_are_left(rig: Rig) -> None:
    paths = [await rig.config(f"{name}.toml", rig.world.single_company) for name in ("one", "two")]
    run = rig.rotation(*paths)
    await rig.submit(run, Continue())
    await rig.submit(run, Pasted(Secret(rig.world.single_company_second.employee_token)))
    paths[0].unlink()
    walk = await menu(rig)
    assert offered(walk)[0] == "resume"
    await walk.reply(Chosen("resume"), lambda: None)
    assert walk.state.command == ("rotate", str(paths[1]))


async def test_an_unfinished_set_up_is_offered_once_with_its_company_and_goes_on_at_its_step(
    rig: Rig,
) -> None:
    begun = SetupWalk(rig.context, answers(rig), EN)
    for reply in (Continue(), Continue()):
        await begun.reply(reply, lambda: None)
    await begun.reply(Pasted(Secret(rig.world.single_company.employee_token)), lambda: None)
    await begun.reply(Continue(), lambda: None)
    walk = await menu(rig)
    page = walk.page(EN)
    assert page.card is not None
    assert "Demobakeriet AS" in str(page.card.lines[0])
    assert offered(walk)[:2] == ["resume", "fresh"]
    assert walk.page(EN).help[0].title == "Continue where you left off"
    await walk.reply(Chosen("resume"), lambda: None)
    assert walk.successor is not None
    assert walk.successor.page(EN).step == "setup"


async def test_an_unfinished_set_up_of_a_named_config_is_offered_next_to_a_new_one(rig: Rig) -> None:
    target = rig.folder / "kunde.toml"
    begun = SetupWalk(rig.context, answers(rig), EN, target=target)
    for reply in (Continue(), Continue()):
        await begun.reply(reply, lambda: None)
    await begun.reply(Pasted(Secret(rig.world.single_company.employee_token)), lambda: None)
    await begun.reply(Continue(), lambda: None)
    walk = await menu(rig)
    assert offered(walk)[:2] == ["resume", "setup"]
    assert walk.page(EN).choices[0].note == "kunde.toml"
    await walk.reply(Chosen("resume"), lambda: None)
    assert (walk.is_finished, walk.successor) == (True, None)
    assert walk.state.command == ("setup", str(target))
    resumed = SetupWalk(rig.context, answers(rig), EN, target=target, resumes=True)
    assert resumed.page(EN).step == begun.page(EN).step == "setup"


async def test_the_menu_asks_which_config_if_there_are_several(rig: Rig) -> None:
    for name in ("one.toml", "two.toml"):
        await rig.config(name, rig.world.single_company)
    walk = await menu(rig)
    await walk.reply(Chosen("rotate"), lambda: None)
    answer = walk.page(EN).answer
    assert isinstance(answer, SearchList)
    assert [row.text for row in answer.rows] == ["one.toml", "two.toml"]
    walk.edit(Searched("two"))
    answer = walk.page(EN).answer
    assert isinstance(answer, SearchList)
    assert len(answer.rows) == 1
    await walk.reply(Typed("/nowhere.toml"), lambda: None)
    assert walk.page(EN).step == "pick_config"
    await walk.reply(Chosen(answer.rows[0].value), lambda: None)
    assert walk.state.command == ("rotate", str(rig.folder / "two.toml"), str(rig.folder / "one.toml"))


async def test_the_card_says_which_configs_use_the_same_key(rig: Rig) -> None:
    for name, key in (
        ("one.toml", rig.world.single_company),
        ("two.toml", rig.world.single_company),
        ("three.toml", rig.world.single_company_second),
    ):
        await rig.config(name, key)
    walk = await menu(rig, "rotate")
    told = {}
    for name in ("one.toml", "three.toml"):
        walk.edit(Marked(str(rig.folder / name)))
        card = walk.page(EN).card
        assert card is not None
        told[name] = card.lines[0]
    first, second = rig.world.single_company, rig.world.single_company_second
    assert told == {
        "one.toml": f"Key {first.token_id} is used in 2 config files.",
        "three.toml": f"Key {second.token_id} is used in this config file only.",
    }


async def test_the_menu_says_where_the_configs_are_and_what_esc_does(rig: Rig) -> None:
    await rig.config("one.toml", rig.world.single_company)
    walk = await menu(rig)
    assert walk.state.folder == str(rig.context.config_folder)
    walk.state.paths = (Path("/srv/finale/one.toml"),)
    assert Paragraph("/srv/finale") in walk.page(EN).after
    walk.state.paths = (Path("/srv/finale/one.toml"), Path("/srv/office/two.toml"))
    assert Paragraph("/srv") in walk.page(EN).after
    await walk.reply(Chosen("validate"), lambda: None)
    page = walk.page(EN)
    assert page.progress.label == "Check configs"
    assert Key("Esc", "menu") in page.keys


async def test_configs_are_checked_worst_first_and_remembered(rig: Rig) -> None:
    await rig.config("good.toml", rig.world.single_company)
    await rig.config("bad.toml", rig.world.deleted)
    walk = await menu(rig)
    seen: list[int] = []

    def look() -> None:
        answer = walk.page(EN).answer
        seen.append(len(answer.rows) if isinstance(answer, Table) else 0)

    await walk.reply(Chosen("validate"), look)
    page = walk.page(EN)
    assert isinstance(page.answer, Table)
    assert [(row.cells[0], row.state) for row in page.answer.rows] == [
        ("bad.toml", State.BAD),
        ("good.toml", State.GOOD),
    ]
    assert page.card is not None
    assert (page.card.code, page.card.headline) == ("TW402", "bad.toml")
    assert {1, 2} <= set(seen)
    await walk.reply(Again(), lambda: None)
    await walk.reply(Chosen(str(rig.folder / "bad.toml")), lambda: None)
    page = walk.page(EN)
    assert (page.step, page.title) == ("fix", "Make the API key")
    assert page.card is not None
    assert page.card.code == "TW402"
    await walk.reply(Chosen("rotate"), lambda: None)
    assert walk.state.command == ("rotate", str(rig.folder / "bad.toml"))
    elsewhere = replace(rig.context, config_folder=rig.folder / "empty")
    other = MenuWalk(elsewhere, EN, answers(rig))
    await other.begin(lambda: None)
    assert {path.name for path in other.state.paths} == {"good.toml", "bad.toml"}


async def test_a_config_that_must_be_corrected_is_shown_at_its_lines(rig: Rig) -> None:
    path = await rig.config("bad.toml", rig.world.single_company)
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n[finale]\nsetup = 'office'\n", encoding="utf-8")
    walk = await menu(rig, "validate")
    page = walk.page(EN)
    assert page.finding is not None
    assert page.finding.position is not None
    assert (page.has_document, Key("F3", "show the line") in page.keys) == (True, True)
    shown = walk.document(EN)
    line = text.count("\n") + 2
    assert f"{path}:{line}:" in shown
    assert "\n  [finale]\n" in shown
    path.write_text(f"{text}\nkey = '{make_key().reveal()}'\n\"\\u001b[2J\" = 1\n", encoding="utf-8")
    await walk.reply(Again(), lambda: None)
    shown = walk.document(EN)
    assert "TW103" in shown
    assert not any(each in shown for each in (make_key().reveal(), "\x1b", "key = "))
    await rig.config("bad.toml", rig.world.deleted)
    await walk.reply(Again(), lambda: None)
    page = walk.page(EN)
    assert page.card is not None
    assert (page.card.code, page.has_document) == ("TW402", False)
    assert Key("F3", "show the line") not in page.keys


async def test_drawing_a_page_reads_no_config_again_until_the_configs_are_checked_again(rig: Rig) -> None:
    await rig.config("one.toml", rig.world.single_company)
    await rig.config("two.toml", rig.world.single_company)
    pick, walk = await menu(rig, "rotate"), await menu(rig, "validate")
    drawn = [each.page(EN) for each in (pick, walk)]
    (rig.folder / "one.toml").write_text("broken =", encoding="utf-8")
    assert [each.page(EN) for each in (pick, walk)] == drawn
    await walk.reply(Again(), lambda: None)
    answer = walk.page(EN).answer
    assert isinstance(answer, Table)
    assert [row.state for row in answer.rows] == [State.BAD, State.GOOD]


async def test_the_clients_of_an_office_key_are_listed_odd_ones_first(rig: Rig) -> None:
    await rig.config("felles.toml", rig.world.office, "bureau-shared", 'org_number = "%ORGNR%"')
    walk = await menu(rig)
    await walk.reply(Chosen("clients"), lambda: None)
    page = walk.page(EN)
    assert isinstance(page.answer, SearchList)
    assert len(page.answer.rows) == len(rig.world.clients_of(rig.world.office))
    assert page.answer.rows[0].mark.value == "warning"
    assert [key.word for key in page.keys if key.word == "menu"] == ["menu"]
    await walk.reply(Continue(), lambda: None)
    assert walk.page(EN).step == "clients"
    walk.edit(Marked(page.answer.rows[-1].value))
    card = walk.page(EN).card
    assert card is not None
    assert card.lines == (f"Set up in {rig.folder / 'felles.toml'}",)
    walk.edit(Searched("sameie"))
    card = walk.page(EN).card
    assert card is not None
    assert card.headline == "Demo Sameie"
    await walk.reply(Back(), lambda: None)
    assert walk.page(EN).step == "menu"
    await walk.reply(Chosen("validate"), lambda: None)
    await walk.reply(Back(), lambda: None)
    assert "1 warning" in str(walk.page(EN).after)


async def test_a_command_without_a_path_asks_for_the_config_alone(rig: Rig) -> None:
    await rig.config("one.toml", rig.world.single_company)
    assert (await menu(rig, "rotate")).page(EN).step == "pick_config"
    walk = await menu(rig, "validate")
    assert walk.page(EN).step == "results"
    await walk.reply(Continue(), lambda: None)
    assert walk.is_finished


async def test_enter_chooses_nothing_where_there_is_nothing(rig: Rig) -> None:
    walk = await menu(rig, task="validate")
    assert walk.page(EN).enter == ""
    for empty in ("", " "):
        await walk.reply(Typed(empty), lambda: None)
        assert walk.page(EN).title == "Which config file?"
        assert walk.page(EN).card is None
    walk.edit(Searched("a.toml"))
    assert walk.page(EN).enter == "choose"
