"""The set-up as a walk: what each reply leads to, with a Tripletex that answers over HTTP."""

import asyncio
import json
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.sandbox import FORBIDDEN, Fault, Sandbox
from tests.support.walker import T, Walker, key_files
from wizard.checks.outcomes import CheckId, CheckOutcome
from wizard.config.reading import read_config
from wizard.context import AppContext
from wizard.domain.key import Secret
from wizard.domain.reference import Reference
from wizard.domain.setup import Environment, Setup
from wizard.findings import Finding, StepId, Verdict, codes
from wizard.menu.walk import MenuWalk
from wizard.secrets.file_store import FileStore
from wizard.setup.answers import Answers, journal_of
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.walk.pages import (
    Again,
    Anyway,
    Back,
    Chosen,
    Continue,
    Emptied,
    Facts,
    Fix,
    ListRow,
    Mark,
    Marked,
    Pasted,
    Searched,
    SearchList,
    SecretField,
    State,
    Toggled,
    Typed,
)

Begin = Callable[..., Walker]


def listed(walker: Walker) -> SearchList:
    assert isinstance(walker.page.answer, SearchList)
    return walker.page.answer


def common_mark(walker: Walker) -> Mark:
    first = listed(walker).first
    assert first is not None
    return first.mark


def rows(walker: Walker) -> dict[str, ListRow]:
    return {row.value: row for row in listed(walker).rows}


async def test_a_single_company_takes_seven_enter_and_the_paste(
    walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert walker.page.progress.number == 0
    await walker.give(Continue(), Continue())
    assert walker.page.step == "create_key"
    await walker.paste(sandbox.world.single_company)
    assert walker.card.state is State.GOOD
    assert "Demobakeriet" in str(walker.card.lines[0])
    await walker.give(Continue())
    assert walker.page.marked == "single-company"
    await walker.give(Chosen(walker.page.marked), Chosen(walker.page.marked))
    assert walker.page.step == "review"
    assert {row.state for row in walker.checks} == {State.GOOD}
    assert not list(tmp_path.glob("*.toml"))
    text = walker.walk.document(T)
    await walker.give(Continue())
    (written,) = tmp_path.glob("*.toml")
    assert written.read_text() == text
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert walker.page.is_end
    await walker.give(Continue())
    assert walker.walk.is_finished
    summary = walker.walk.summary(T)
    assert str(written) in summary
    assert all(len(line) <= 79 or str(written) in line for line in summary.splitlines())
    assert not list((tmp_path / "state").rglob("*.json"))
    assert not sandbox.open_sessions


async def test_no_config_is_written_where_others_could_change_it(
    walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    await walker.give(Continue(), Chosen("single-company"), Chosen("yes"))
    tmp_path.chmod(0o777)
    page = await walker.give(Continue())
    tmp_path.chmod(0o700)
    assert (page.step, walker.card.code) == ("review", "TW327")
    assert not list(tmp_path.glob("*.toml"))


async def test_a_shared_config_takes_as_many_steps(walker: Walker, sandbox: Sandbox, tmp_path: Path) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.office)
    await walker.give(Continue())
    await walker.give(Chosen(walker.page.marked), Continue())
    assert walker.page.step == "review"
    await walker.give(Continue(), Continue())
    assert walker.walk.is_finished
    config = read_config(tmp_path / "felles.toml").config
    assert config is not None
    assert (config.setup, config.org_number) == (Setup.BUREAU_SHARED, "%ORGNR%")


async def test_a_paste_is_judged_stored_and_proven_while_the_page_shows_it(
    walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    await walker.to_key()
    walker.seen.clear()
    await walker.paste(sandbox.world.single_company)
    told = [[getattr(line, "text", line) for line in page.card.lines] for page in walker.seen if page.card]
    assert any("The key is complete" in str(lines[0]) and len(lines) == 1 for lines in told)
    assert any(
        "Stored" in str(lines[1]) and "Asking Tripletex" in str(lines[-1]) for lines in told if len(lines) > 2
    )
    assert key_files(tmp_path)


@pytest.mark.parametrize("name", ["expired", "deleted", "other_application"])
async def test_a_refused_key_is_kept_and_can_be_used_anyway(
    walker: Walker, sandbox: Sandbox, tmp_path: Path, name: str
) -> None:
    await walker.to_key()
    page = await walker.paste(getattr(sandbox.world, name))
    assert walker.card.state is State.BAD
    assert "VismaFinale (point\N{NO-BREAK SPACE}4)" in str(walker.card.lines[0])
    assert key_files(tmp_path)
    assert [key.key for key in page.keys][:2] == ["Enter", "F6"]
    assert (await walker.give(Continue())).step == "create_key"
    assert (await walker.give(Anyway())).step == "setup"


async def test_a_refused_key_that_is_used_anyway_still_is_when_the_set_up_is_resumed(
    walker: Walker, sandbox: Sandbox, begin: Begin
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.deleted)
    await walker.give(Anyway())
    later = begin()
    await later.give(Chosen("resume"), Back())
    assert later.page.step == "create_key"
    assert (await later.give(Continue())).step == "setup"


async def test_text_that_is_not_a_key_stays_on_the_step(
    walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    await walker.to_key()
    wrong = {}
    for text in ("2147628461", "974760673", "VismaFinale", sandbox.world.consumer_token):
        await walker.paste(text)
        wrong[text] = (walker.card.state, walker.page.is_blocked)
    assert set(wrong.values()) == {(State.BAD, True)}
    assert walker.card.code == "TW307"
    assert walker.card.click == 7
    walker.walk.edit(Emptied())
    assert isinstance(walker.page.answer, SecretField)
    assert (walker.page.answer.length, walker.card.code) == (0, "")
    assert not key_files(tmp_path)
    assert not sandbox.requests


async def test_without_an_application_token_the_walk_is_the_same_and_says_so(
    begin: Begin, context: AppContext, sandbox: Sandbox
) -> None:
    walker = begin(replace(context, environ={}))
    await walker.to_key()
    page = await walker.paste(sandbox.world.single_company)
    assert page.fix_step is not None
    assert page.fix_step[0] == "application"
    assert walker.card.state is State.RESTING
    await walker.paste(f"Hi! The key is: {sandbox.world.single_company.employee_token}")
    assert walker.card.lines[-1] == "The key was repaired: extra characters were removed."
    await walker.give(Continue(), Chosen("single-company"), Continue())
    assert walker.page.step == "review"
    assert State.BAD not in {row.state for row in walker.checks}
    assert not walker.page.choices
    await walker.give(Continue())
    assert any(click.is_marked for block in walker.page.body for click in getattr(block, "items", ()))


async def test_the_application_token_is_kept_and_the_key_is_tested_with_it(
    begin: Begin, context: AppContext, sandbox: Sandbox, tmp_path: Path
) -> None:
    walker = begin(replace(context, environ={}))
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    assert (await walker.give(Fix())).step == "application"
    page = await walker.give(Pasted(sandbox_token(sandbox)))
    assert (page.step, walker.card.state) == ("create_key", State.GOOD)
    assert "Keep the Tripletex window open" in str(walker.card.lines[1])
    assert any("consumer" in str(path) for path in key_files(tmp_path))


def sandbox_token(sandbox: Sandbox) -> Secret:
    return Secret(f"  {sandbox.world.consumer_token}\n")


async def test_a_choice_that_the_key_contradicts_is_explained_and_leads_to_a_new_key(
    walker: Walker, sandbox: Sandbox
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.office)
    await walker.give(Continue(), Chosen("single-company"))
    assert (walker.page.step, walker.card.code) == ("setup", "TW405")
    assert (await walker.give(Fix())).step == "create_key"


async def test_the_wrong_company_leads_back_to_the_key(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    await walker.give(Continue(), Chosen("single-company"), Chosen("no"))
    assert walker.page.step == "create_key"
    assert walker.card.lines[1] == "Paste the new key here once you have made it."
    await walker.paste(sandbox.world.single_company_second)
    assert "Keep the Tripletex window open" in str(walker.card.lines[1])
    await walker.give(Continue(), Back())
    assert "Keep the Tripletex window open" in str(walker.card.lines[1])


async def to_clients(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.office)
    await walker.give(Continue(), Chosen("bureau"))


async def test_ticks_and_the_common_row_exclude_each_other(walker: Walker, sandbox: Sandbox) -> None:
    await to_clients(walker, sandbox)
    client = sandbox.world.client.organization_number or ""
    assert common_mark(walker) is Mark.CHOSEN
    walker.walk.edit(Toggled(client))
    assert (common_mark(walker), rows(walker)[client].mark) == (Mark.NOT_CHOSEN, Mark.TICKED)
    walker.walk.edit(Toggled("%ORGNR%"))
    assert (common_mark(walker), rows(walker)[client].mark) == (Mark.CHOSEN, Mark.NOT_TICKED)


async def test_typing_finds_clients_and_numbers_that_are_not_listed(walker: Walker, sandbox: Sandbox) -> None:
    await to_clients(walker, sandbox)
    walker.walk.edit(Searched("rorlegger"))
    assert [row.text for row in listed(walker).rows] == ["Demo Rørlegger AS"]
    assert walker.page.enter == "tick"
    walker.walk.edit(Searched("974760"))
    assert (walker.card.headline, listed(walker).rows, walker.page.enter) == ("No matches.", (), "")
    walker.walk.edit(Searched("sameie"))
    assert [(row.text, row.is_enabled) for row in listed(walker).rows] == [("Demo Sameie", False)]
    assert (walker.page.enter, "Enter ticks" in str(walker.card.lines)) == ("", False)
    walker.walk.edit(Searched("974 760 673"))
    assert [row.value for row in listed(walker).rows] == ["974760673"]
    walker.walk.edit(Toggled("974760673"))
    assert listed(walker).search == ""
    assert (await walker.give(Continue())).step == "client_access"


async def test_enter_chooses_nothing_that_does_not_fit_what_is_typed(
    begin: Begin, context: AppContext, sandbox: Sandbox
) -> None:
    walker = begin(replace(context, environ={}))
    await to_clients(walker, sandbox)
    walker.walk.edit(Toggled("974760673"))
    for typed, code in {"974760674": "TW202", "12345678": "TW201", "Demo": "TW201"}.items():
        walker.walk.edit(Searched(typed))
        assert (listed(walker).first, listed(walker).rows) == (None, ()), typed
        await walker.give(Typed(typed))
        assert (walker.card.code, listed(walker).search) == (code, typed)
    for typed in ("", "%", "%ORGNR%"):
        walker.walk.edit(Searched(typed))
        assert common_mark(walker) is Mark.NOT_CHOSEN, typed
    walker.walk.edit(Searched(""))
    assert list(rows(walker)) == ["974760673"]


async def test_an_identity_number_is_erased_at_once(walker: Walker, sandbox: Sandbox) -> None:
    await to_clients(walker, sandbox)
    typed = "010190 12345"
    walker.walk.edit(Searched(typed))
    assert (listed(walker).search, listed(walker).state, walker.card.code) == ("", State.BAD, "TW205")
    assert typed not in repr(walker.page)
    assert typed not in repr(walker.walk.state)
    walker.walk.edit(Searched("974760674"))
    assert (listed(walker).search, walker.card.code) == ("974760674", "TW202")
    assert (await walker.give(Continue())).step == "org_number"


async def test_a_missing_client_has_three_ways_on(begin: Begin, sandbox: Sandbox) -> None:
    world = sandbox.world
    missing = world.client_without_access.organization_number or ""
    ends = {}
    for way in ("again", "anyway", "leave-out"):
        walker = begin(resumes=False)
        await to_clients(walker, sandbox)
        walker.walk.edit(Toggled(world.client.organization_number or ""))
        walker.walk.edit(Toggled(missing))
        await walker.give(Continue())
        assert (walker.page.step, walker.card.code) == ("client_access", "TW407")
        ends[way] = (await walker.give(Chosen(way))).step
        if way == "anyway":
            await walker.give(Chosen("anyway"))
            menu = MenuWalk(walker.walk.state.context, T, Answers())
            await menu.begin(lambda: None)
            assert "something is left to fix" in str(menu.page(T).after)
    assert ends == {"again": "client_access", "anyway": "review", "leave-out": "review"}
    assert walker.walk.state.answers.org_number == world.client.organization_number


async def test_access_given_meanwhile_continues_by_itself(walker: Walker, sandbox: Sandbox) -> None:
    world = sandbox.world
    await to_clients(walker, sandbox)
    walker.walk.edit(Toggled(world.client_without_access.organization_number or ""))
    await walker.give(Continue())
    assert "last checked at " in (await walker.give(Chosen("again"))).note
    world.grant_client_access(world.office, world.client_without_access)
    assert (await walker.give(Chosen("again"))).step == "review"
    assert State.BAD not in {row.state for row in walker.checks}


async def test_a_config_for_each_client_that_was_ticked(
    walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    await to_clients(walker, sandbox)
    for number in ("310000027", "310000035"):
        walker.walk.edit(Toggled(number))
    await walker.give(Continue(), Chosen("anyway") if walker.page.choices else Continue())
    assert {path.stem for path in tmp_path.glob("*.toml")} == {"310000027", "310000035"}
    copied = []
    for number in ("310000027", "310000035"):
        walker.walk.edit(Marked(number))
        copied += [copy.text for copy in walker.page.copies]
    assert copied == ["310000027", "310000035"]


async def test_the_review_of_several_clients_is_about_those_and_no_others(
    walker: Walker, sandbox: Sandbox
) -> None:
    await to_clients(walker, sandbox)
    sandbox.behaviour = replace(sandbox.behaviour, refused={"GET /balanceSheet": FORBIDDEN})
    for number in ("310000027", "310000035"):
        walker.walk.edit(Toggled(number))
    page = await walker.give(Continue())
    assert page.step == "review"
    found = walker.walk.state.check_findings
    assert {each.code.id for each in found} == {"TW418"}
    assert page.note == "the config files are not written yet"
    assert [str(row.text) for row in walker.checks][2:5] == [
        "2 of 2 clients are found",
        "Chart of accounts: readable at 2 of 2 clients",
        "Balances: readable at 0 of 2 clients",
    ]
    access = await walker.give(Chosen("fix"))
    assert (access.step, walker.card.code) == ("client_access", "TW418")
    assert walker.card.headline == "The key may not read the balances."
    assert walker.card.lines[0] == "Demo Fiskemottak AS (310 000 027)"
    advice = " ".join(each.hint(Texts("nb")) for each in found)
    assert "Klienttilgang" in advice
    assert "Selskap:" not in advice


async def test_clients_that_share_a_number_are_named_together(walker: Walker, sandbox: Sandbox) -> None:
    await to_clients(walker, sandbox)
    for number in ("310000027", "310000043"):
        walker.walk.edit(Toggled(number))
    page = await walker.give(Continue())
    facts = [row for block in page.body if isinstance(block, Facts) for row in block.rows]
    both = "Demo Tvilling AS / Demo Tvilling AS avd. Øst"
    assert ("Clients", f"Demo Fiskemottak AS and {both}") in facts
    assert "2 of 2 clients are found, but some share a number" in [row.text for row in walker.checks]


async def test_clients_that_finale_cannot_find_are_summed_up(walker: Walker, sandbox: Sandbox) -> None:
    await to_clients(walker, sandbox)
    page = await walker.give(Continue())
    assert walker.checks[2].text == "5 clients are found. 3 of them cannot be used in Finale yet."
    assert walker.card.headline == "You can save now, but 3 clients need fixing in Tripletex."
    (line,) = walker.card.lines
    assert line == (
        "Without an organisation number: Demo Sameie. Same number, 310 000 043: Demo Tvilling AS and "
        "Demo Tvilling AS avd. Øst. F1 shows what to do."
    )
    assert [topic.title[:5] for topic in page.help[:2]] == ["TW409", "TW520"]
    assert "PgDn" not in {key.key for key in page.keys}


async def test_a_year_without_figures_is_said_in_its_row(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.empty)
    await walker.give(Continue(), Chosen("single-company"), Chosen("yes"))
    year = datetime.now(tz=UTC).year - 1
    assert f"Balances: empty for {year}" in {row.text for row in walker.checks}


async def test_enter_without_a_key_says_what_is_missing(walker: Walker) -> None:
    page = await walker.to_key()
    assert ("Enter", "continue") in {(key.key, key.word) for key in page.keys}
    await walker.give(Continue())
    assert walker.card.code == "TW301"


async def test_a_failed_check_offers_again_fix_and_anyway(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    await walker.give(Continue(), Chosen("single-company"))
    sandbox.world.delete_key(sandbox.world.single_company)
    await walker.give(Chosen("yes"))
    assert [choice.value for choice in walker.page.choices] == ["again", "fix", "anyway"]
    assert walker.page.marked == "again"
    assert (await walker.give(Continue())).step == "review"
    assert (await walker.give(Chosen("fix"))).step == "create_key"


async def test_the_summary_of_a_set_up_with_errors_says_what_remains(
    walker: Walker, sandbox: Sandbox
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    await walker.give(Continue(), Chosen("single-company"))
    sandbox.world.delete_key(sandbox.world.single_company)
    await walker.give(Chosen("yes"), Chosen("anyway"), Continue())
    for t, heading, left in (
        (Texts("en"), "Saved, but Finale does not get its figures yet", "To be fixed"),
        (Texts("nb"), "Lagret, men Finale får ikke tallene ennå", "Rettes"),
    ):
        summary = walker.walk.summary(t)
        assert summary.startswith(heading), summary
        assert re.search(rf"{left} .*\n? .*\(TW\d+\)", summary), summary


async def test_the_summary_of_a_set_up_that_was_not_checked_says_so(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    await walker.give(Continue(), Chosen("single-company"))
    sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    await walker.give(Chosen("yes"), Chosen("anyway"), Continue())
    assert walker.walk.summary(T).startswith("Saved, but not everything has been checked")


async def test_no_answer_is_unknown_and_never_wrong(walker: Walker, sandbox: Sandbox, tmp_path: Path) -> None:
    await walker.to_key()
    sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    await walker.paste(sandbox.world.single_company)
    assert walker.card.state is State.UNKNOWN
    assert (await walker.give(Continue())).step == "setup"
    sandbox.faults.clear()
    await walker.give(Back(), Again())
    assert walker.page.card is not None
    assert walker.page.card.state is State.GOOD


async def test_the_summary_asks_nobody_to_fix_what_is_unknown(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    await walker.paste(sandbox.world.single_company)
    await walker.give(Continue(), Chosen("single-company"), Continue(), Chosen("anyway"), Continue())
    summary = walker.walk.summary(T)
    assert "Not checked      Tripletex has problems right now (HTTP 500). (TW508)" in summary
    assert "To be fixed" not in summary


async def test_an_unfinished_run_goes_on_at_its_step_without_the_key(
    begin: Begin, walker: Walker, sandbox: Sandbox
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    await walker.give(Continue(), Chosen("single-company"))
    later = begin()
    assert "Demobakeriet AS" in str(later.card.lines[0])
    assert [choice.value for choice in later.page.choices] == ["resume", "fresh"]
    assert (await later.give(Chosen("resume"))).step == "org_number"
    assert begin(resumes=True).page.step == "org_number"


async def test_a_store_that_the_site_no_longer_has_is_not_replaced_in_silence(
    begin: Begin, context: AppContext
) -> None:
    site = SiteDefaults(store_command=("true", "{entry}"), read_command=("false", "{entry}"))
    await begin(replace(context, defaults=site), store="command").to_key()
    later = begin(resumes=True)
    assert (later.page.step, later.walk.state.answers.store) == ("storage", None)


async def test_starting_again_leaves_the_key_and_says_where_it_is(
    begin: Begin, walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    later = begin()
    assert (await later.give(Chosen("fresh"))).step == "enable_api"
    assert [finding.code.id for finding in later.walk.state.left_keys] == ["TW708"]
    assert len(key_files(tmp_path)) == 1


async def test_a_key_left_untested_by_a_lost_connection_is_tested(
    begin: Begin, walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    await walker.to_key()
    task = asyncio.create_task(walker.paste(sandbox.world.single_company))
    while not key_files(tmp_path):  # noqa: ASYNC110 - nobody tells of a file
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    later = begin()
    await later.give(Chosen("resume"))
    assert (later.page.step, later.card.state) == ("create_key", State.GOOD)
    assert "Keep the Tripletex window open" in str(later.card.lines[1])


async def test_a_key_that_was_noted_but_never_stored_is_asked_for(
    begin: Begin, walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    journal = journal_of(tmp_path / "state", None)
    noted = json.loads(journal.read_text())
    noted["page"]["answers"]["key_verdict"] = None
    journal.write_text(json.dumps(noted))
    for kept in key_files(tmp_path):
        kept.unlink()
    later = begin()
    await later.give(Chosen("resume"))
    assert (later.page.step, later.walk.state.key, later.walk.state.left_keys) == ("create_key", None, ())


async def test_quitting_can_delete_the_answers_and_leaves_the_key(
    begin: Begin, walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    def choices() -> list[str]:
        leave = walker.walk.leave(T)
        return [choice.value for choice in leave.choices] if leave else []

    assert choices() == ["stay", "quit"]
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    assert choices() == ["stay", "quit", "erase"]
    await walker.walk.abandon()
    assert begin().walk.state.unfinished is None
    assert len(key_files(tmp_path)) == 1


async def test_a_config_that_is_there_is_changed_only_where_somebody_has_seen_it(
    begin: Begin, sandbox: Sandbox, tmp_path: Path
) -> None:
    text = ""
    for _ in range(2):
        walker = begin()
        await walker.to_key()
        await walker.paste(sandbox.world.single_company)
        await walker.give(Continue(), Chosen("single-company"), Chosen("yes"))
        facts = repr(walker.page.body[0])
        text = walker.walk.document(T)
        await walker.give(Continue(), Continue())
    assert "with a backup" in facts
    assert "schema_version" not in text or text.startswith("---")


async def test_the_language_may_change_in_the_middle(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    norwegian = walker.walk.page(Texts("nb"))
    assert norwegian.card is not None
    assert norwegian.card.headline == "Nøkkelen virker"


async def test_every_page_has_a_way_forward_and_help(walker: Walker, sandbox: Sandbox) -> None:
    """Enter or a choice, Esc on all but the first, and a step number within the total."""
    await to_clients(walker, sandbox)
    await walker.give(Continue(), Continue(), Continue())
    bare = [
        page.step
        for page in walker.seen
        if not page.is_busy and page.step != "create_key" and page.is_blocked
    ]
    assert not bare
    assert all(page.help for page in walker.seen)
    assert all(page.progress.number <= page.progress.total for page in walker.seen)


async def test_a_verdict_is_noted_with_the_step(walker: Walker, sandbox: Sandbox, begin: Begin) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    await walker.give(Continue(), Chosen("single-company"), Chosen("yes"), Continue())
    later = begin(resumes=True)
    assert later.page.step == "finale"
    assert later.walk.state.check_verdict is Verdict.VALID


async def test_a_set_up_that_is_resumed_on_its_last_page_still_lists_what_is_wrong(
    walker: Walker, sandbox: Sandbox, begin: Begin
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    await walker.give(Continue(), Chosen("single-company"))
    sandbox.world.delete_key(sandbox.world.single_company)
    await walker.give(Chosen("yes"), Chosen("anyway"))
    later = begin()
    await later.give(Chosen("resume"), Continue())
    assert later.walk.is_finished
    summary = later.walk.summary(T)
    assert summary.startswith("Saved, but Finale does not get its figures yet"), summary
    assert re.search(r"To be fixed .*\n? .*\(TW\d+\)", summary), summary


async def test_answers_that_cannot_be_saved_are_a_warning_once(walker: Walker, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in place of the folder")
    await walker.give(Continue())
    assert walker.page.finding is not None
    assert walker.page.finding.code is codes.ANSWERS_NOT_KEPT
    assert walker.card.code == "TW605"
    assert walker.page.leave is not None
    assert walker.page.leave.lines[0] == "Your answers could not be saved."
    await walker.give(Continue())
    assert walker.page.finding is None


async def test_a_journal_of_version_one_is_refused_and_its_key_kept(
    begin: Begin, sandbox: Sandbox, tmp_path: Path, context: AppContext
) -> None:
    """Its answers cannot be read any more; its key stays, and is used when it is pasted again."""
    key = sandbox.world.single_company
    kept = tmp_path / "keys" / "sandbox" / str(key.token_id)
    kept.parent.mkdir(parents=True, mode=0o700)
    kept.touch(0o600)
    kept.write_text(f"{key.employee_token}\n")
    held = {
        "reference": {"file": str(kept)},
        "number": key.token_id,
        "length": 1,
        "fingerprint": "0",
        "owned": True,
    }
    page = {
        "version": 1,
        "flow": {"current": "org_number", "key": held, "is_bureau": False},
        "stored": [{"file": str(kept)}],
        "written": [],
    }
    journal = journal_of(context.state_folder, None)
    for pasted, left in ((key, []), (sandbox.world.single_company_second, ["TW708"])):
        journal.parent.mkdir(parents=True, exist_ok=True)
        journal.write_text(json.dumps(page))
        menu = MenuWalk(context, T, Answers())
        await menu.begin(lambda: None)
        assert menu.page(T).card == begin().page.card
        walker = begin()
        assert walker.page.step == "welcome"
        said = " ".join(map(str, (walker.card.headline, *walker.card.lines)))
        assert "earlier version" in said
        assert f"Key no. {key.token_id} stays in file:{kept}" in said
        await walker.to_key()
        await walker.paste(pasted)
        await walker.give(Continue(), Chosen("single-company"), Chosen("yes"), Continue(), Continue())
        assert walker.walk.is_finished
        assert [finding.code.id for finding in walker.walk.state.left_keys] == left
        assert kept.read_text() == f"{key.employee_token}\n"
        assert not journal.exists()
        for path in walker.walk.state.written:
            path.unlink()


async def test_facts_seen_just_before_count_during_an_outage_at_the_review(
    begin: Begin, sandbox: Sandbox, context: AppContext
) -> None:
    """For a quarter of an hour, with the time behind it; the verdict stays unknown."""
    pasted = datetime.now(UTC).astimezone()
    for minutes, good in ((14, 3), (16, 0)):
        clock = [pasted]

        def now(clock: list[datetime] = clock) -> datetime:
            return clock[0]

        sandbox.clock = now
        walker = begin(replace(context, now=now), resumes=False)
        await walker.to_key()
        await walker.paste(sandbox.world.single_company)
        await walker.give(Continue(), Chosen("single-company"))
        clock[0] += timedelta(minutes=minutes)
        sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=502))
        await walker.give(Chosen("yes"))
        assert walker.page.step == "review"
        said = [row.text for row in walker.checks if row.state is State.GOOD]
        assert len(said) == good, said
        assert all(text.endswith(f"(at {pasted:%H:%M})") for text in said)
        first = next(row for row in walker.checks if row.state is State.UNKNOWN)
        assert [row for row in walker.checks if row.is_marked] == [first]
        assert walker.card.state is State.UNKNOWN
        assert walker.walk.state.check_verdict is Verdict.UNKNOWN
        sandbox.faults.clear()
        walker.walk.state.erase()


async def test_what_stays_in_the_terminal_can_be_printed(
    begin: Begin, sandbox: Sandbox, tmp_path: Path
) -> None:
    walker = begin()
    await to_clients(walker, sandbox)
    await walker.give(Continue(), Continue(), Continue())
    lines = [line.rstrip() for line in walker.walk.summary(Texts("nb")).splitlines()]
    assert max(map(len, lines)) <= max(79, len(str(tmp_path)) + 60)
    text = "\n".join(lines)
    for said in (
        "  Klienter         felles for alle, 5 klienter i Tripletex",
        "  Kontrollert      nøkkel, klientliste: OK",
        "                   kontoplan, saldobalanse, transaksjoner: OK (1 av 5)",
        "  Rettes           2 klienter har samme nummer, 310 000 043",
        "  Rettes           1 klient mangler organisasjonsnummer: Demo Sameie",
        f"  Kontroller       tripletex-wizard validate {tmp_path / 'felles.toml'}",
        f"  Bytt nøkkel      tripletex-wizard rotate {tmp_path / 'felles.toml'}",
    ):
        assert said in text, text


async def test_the_warning_about_a_number_stays_when_the_review_is_shown_again(begin: Begin) -> None:
    given = {"is_bureau": True, "is_shared": False, "org_number": "310000001"}
    walker = begin(environment=Environment.PRODUCTION, base_url=None, **given)
    state = walker.walk.state
    state.current, state.results = StepId.REVIEW, (CheckOutcome(CheckId.LOG_ON),)
    await walker.walk.begin(walker.look)
    assert [finding.code for finding in state.trouble] == [codes.ORG_NUMBER_UNUSUAL]


async def test_a_key_that_a_slow_store_takes_after_esc_to_the_menu_is_not_forgotten(
    begin: Begin, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    walker = begin()
    monkeypatch.setattr(walker.walk, "_parent", lambda: None)
    await walker.to_key()
    put, begun, unlocked, stored = FileStore.put, asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def put_once_unlocked(store: FileStore, name: str, secret: Secret) -> Reference | Finding:
        begun.set()
        await unlocked.wait()
        stored.set()
        return await put(store, name, secret)

    monkeypatch.setattr(FileStore, "put", put_once_unlocked)
    pasting = asyncio.create_task(walker.paste(sandbox.world.single_company))
    await begun.wait()
    pasting.cancel()
    while not walker.walk.is_finished:
        await walker.give(Back())
    unlocked.set()
    await stored.wait()
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=1)
    resumed = begin(resumes=True)
    assert resumed.walk.state.key is not None
