"""The review of a set-up: shows what will be written and runs the checks, before anything is written."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from wizard.checks.outcomes import CheckId, CheckOutcome
from wizard.domain.setup import ORG_NUMBER_PLACEHOLDER, Environment, KeyKind, Setup, format_org_number
from wizard.findings import Cause, Finding, StepId, Verdict, verdict
from wizard.guide import load_page
from wizard.setup.clients import unusual
from wizard.setup.state import SetupState
from wizard.setup.writing import write_configs
from wizard.text import Texts
from wizard.tripletex.models import Client
from wizard.walk import pages
from wizard.walk.cards import finding_card, finding_topic, lacks_token
from wizard.walk.checking import counted, rows_of, unusable_clients
from wizard.walk.engine import Move, Step, Then
from wizard.walk.pages import Card, Choice, Chosen, Key, Page, Reply, State
from wizard.walk.words import company_words, key_fact, listed, place_words, time_words

_MOST_SHOWN: Final = 2
_FRESH: Final = timedelta(minutes=15)
"""How long the results of testing the key may be used if Tripletex does not answer on the review."""


def _show(state: SetupState, t: Texts) -> Page:
    guide = load_page(StepId.REVIEW, t.language)
    finding = state.finding
    cannot = finding is not None and finding not in state.check_findings
    trouble = not cannot and not state.is_busy and _asks_what_to_do(state)
    keys = [Key("F3", t("show the file"))]
    if not trouble and not lacks_token(state.check_findings):
        keys.insert(0, Key("Ctrl+R", t("check again")))
    return Page(
        title=guide.title,
        note=_note(state, t),
        body=(pages.Facts(_facts(state, t)), *_checks(state, finding, t)),
        card=None if state.is_busy else _card(state, finding, t),
        choices=_choices(state, finding, t) if trouble else (),
        marked="again" if trouble else "",
        enter=t("choose") if trouble else t("save"),
        keys=tuple(keys),
        fix_step=(StepId.APPLICATION, t("enter the token")) if lacks_token(state.check_findings) else None,
        saves=True,
        has_document=True,
        finding=finding,
        help=(*(finding_topic(each, t) for each in _others_summed_up(state)), *guide.topics),
    )


def _note(state: SetupState, t: Texts) -> str:
    if state.written:
        return ""
    if state.answers.is_for_several:
        return t("the config files are not written yet")
    return t("the config file is not written yet")


def _facts(state: SetupState, t: Texts) -> tuple[tuple[str, str], ...]:
    answers = state.answers
    names = state.client_names
    if answers.setup is Setup.SINGLE_COMPANY:
        who = (t("Company"), company_words(answers.company, t))
        number = t("leave empty")
    elif answers.setup is Setup.BUREAU_SHARED:
        known = len(state.clients) if state.clients is not None else None
        count = t.plural("{n} client in Tripletex", "{n} clients in Tripletex", known) if known else ""
        who = (t("Clients"), " · ".join(filter(None, (t("common for all"), count))))
        number = ORG_NUMBER_PLACEHOLDER
    elif answers.is_for_several:
        wanted = [names.get(each) or format_org_number(each) for each in answers.clients]
        who = (t("Clients"), listed(wanted, t))
        number = t("each client's number")
    else:
        its = answers.org_number or ""
        name = names.get(its)
        who = (t("Client"), f"{name} · {format_org_number(its)}" if name else format_org_number(its))
        number = its
    return (
        who,
        (t("OrgNr in Finale"), number),
        (t("Key"), _key_fact(state, t)),
        (t("Config files") if answers.is_for_several else t("Config file"), _file_fact(state, t)),
    )


def _key_fact(state: SetupState, t: Texts) -> str:
    key = state.answers.key
    if key is None:
        return t("not known yet")
    words = key_fact(state.answers.kind, key.number, t)
    return f"{words}, {place_words(key.reference, t, is_demo=state.is_demo)}"


def _file_fact(state: SetupState, t: Texts) -> str:
    if state.answers.is_for_several:
        count = len(state.answers.clients)
        return t.plural("{n} file in {folder}", "{n} files in {folder}", count, folder=state.path.absolute())
    if state.has_written(state.path):
        return t("{path} (saved)", path=state.path)
    if os.path.exists(state.path):
        return t("{path} (changed, with a backup)", path=state.path)
    return t("{path} (new)", path=state.path)


def _checks(state: SetupState, finding: Finding | None, t: Texts) -> tuple[pages.Block, ...]:
    if state.is_offline:
        return ()
    if lacks_token(state.check_findings):
        return (pages.Rule(t("Checks")), _offline_rows(state, t))
    if state.is_busy:
        note = state.waits or counted(state.results, state.wanted, t)
    else:
        note = time_words(state.checked_at.astimezone(), t) if state.checked_at else ""
    proven_at = state.proven_at
    rows = rows_of(
        state.results,
        state.wanted,
        finding,
        t,
        is_running=state.is_busy,
        before=tuple(_seen_before(state)),
        when=time_words(proven_at.astimezone(), t) if proven_at else "",
    )
    return (pages.Rule(t("Checked with Tripletex"), note), rows)


def _seen_before(state: SetupState) -> Iterator[CheckOutcome]:
    """Yield outcomes from when the key was tested, unless that is too long ago."""
    answers, at = state.answers, state.proven_at
    if at is None or state.context.now() - at > _FRESH:
        return
    yield CheckOutcome(CheckId.LOG_ON)
    if answers.kind is not (KeyKind.OFFICE if answers.is_bureau else KeyKind.ORDINARY):
        return
    yield CheckOutcome(CheckId.KIND, kind=answers.kind)
    company = answers.company
    if not answers.is_bureau and company is not None:
        yield CheckOutcome(CheckId.COMPANY, company=company)
    if not answers.is_bureau or state.clients is None or state.missing:
        return
    yield CheckOutcome(CheckId.CLIENTS, count=len(state.clients))
    for client in state.clients:
        if client.org_number in answers.wanted_clients and len(answers.wanted_clients) == 1:
            yield CheckOutcome(CheckId.CLIENT, company=Client(0, client.name, client.org_number))


def _offline_rows(state: SetupState, t: Texts) -> pages.CheckRows:
    key = state.answers.key
    rows = [
        pages.CheckRow(State.UNKNOWN, t("Is the key accepted, and does it belong to the right company?")),
        pages.CheckRow(State.UNKNOWN, t("Can Finale read accounts, balances and transactions?")),
    ]
    if key is not None and key.length:
        made_for = {
            Environment.PRODUCTION: t("The key is complete, and it is made for production"),
            Environment.TEST: t("The key is complete, and it is made for the test environment"),
            Environment.SANDBOX: t("The key is complete, and it is made for the sandbox"),
        }
        rows.insert(0, pages.CheckRow(State.GOOD, t("The key can be read where it is stored")))
        rows.insert(0, pages.CheckRow(State.GOOD, made_for[state.environment]))
    return pages.CheckRows(tuple(rows))


def _card(state: SetupState, finding: Finding | None, t: Texts) -> Card:
    if state.was_cancelled:
        return Card(State.RESTING, lines=(t("Cancelled. Ctrl+R checks again; Enter saves without a check."),))
    if finding is not None and finding not in state.check_findings:
        return finding_card(finding, t)
    if lacks_token(state.check_findings):
        lines = (
            t(
                "The rest cannot be checked here: the application's token (consumer token) is missing. "
                "The key may still be right. Press Enter to save, and fetch figures in Finale. "
                "If they arrive, the key works."
            ),
        )
        return Card(State.RESTING, lines=lines)
    if finding is not None and _sums_up(state):
        return _unusable_card(state, t)
    if finding is not None:
        card = finding_card(finding, t)
        if finding.code.cause is Cause.TRIPLETEX:
            later = t("Try again in a moment, or save now and choose Check configs in the menu later.")
            card = card._replace(lines=(f"{t('The set-up may still be right.')} {later}",))
        return card
    if state.is_offline:
        return Card(State.RESTING, lines=(t("Nothing was checked with Tripletex (--offline)."),))
    return Card(
        State.GOOD,
        t("Everything is in order. Press Enter to save."),
        (t("The config file does not contain the key, only where to find it."),),
    )


def _sums_up(state: SetupState) -> bool:
    """Return whether all findings are about clients that Finale cannot find, which one card sums up."""
    is_shared = state.answers.setup is Setup.BUREAU_SHARED and state.clients is not None
    return is_shared and bool(state.trouble) and all(map(unusable_clients, state.trouble))


def _unusable_card(state: SetupState, t: Texts) -> Card:
    """Return a card about the clients that Finale cannot find, which does not prevent saving."""
    clients = state.clients or ()
    count = sum(map(unusable_clients, state.trouble))
    nameless = [client.name for client in clients if client.org_number is None]
    sharing: dict[str, list[str]] = {}
    for client in clients:
        if client.org_number is not None:
            sharing.setdefault(client.org_number, []).append(client.name)
    said = [t("Without an organisation number: {names}.", names=listed(nameless, t))] if nameless else []
    said += [
        t("Same number, {number}: {names}.", number=format_org_number(number), names=listed(names, t))
        for number, names in sharing.items()
        if len(names) > 1
    ]
    if len(said) > _MOST_SHOWN:
        said = [*said[:_MOST_SHOWN], " …"]
    return Card(
        State.WARNING,
        t.plural(
            "You can save now, but {n} client needs fixing in Tripletex.",
            "You can save now, but {n} clients need fixing in Tripletex.",
            count,
        ),
        (" ".join([*said, t("F1 shows what to do.")]),),
    )


def _others_summed_up(state: SetupState) -> tuple[Finding, ...]:
    """Return the other findings that the card is about, for the help."""
    return tuple(each for each in state.trouble if each != state.finding) if _sums_up(state) else ()


def _choices(state: SetupState, finding: Finding | None, t: Texts) -> tuple[Choice, ...]:
    choices = [Choice("again", t("Check again"))]
    is_wrong = verdict(state.check_findings) is Verdict.INVALID
    step = _fixed_at(finding)
    if is_wrong and step is not None:
        words = {
            StepId.CLIENT_ACCESS: t("Show how to give access (step 4)"),
            StepId.CREATE_KEY: t("Make a new key (step 2)"),
            StepId.SETUP: t("Choose again: single company or office (step 3)"),
            StepId.ORG_NUMBER: t("Correct the organisation number (step 4)"),
        }
        choices.append(Choice("fix", words.get(step, t("Go to the step that fixes it"))))
    later = t("Save anyway, fix it later") if is_wrong else t("Save anyway, check later")
    return (*choices, Choice("anyway", later))


def _fixed_at(finding: Finding | None) -> StepId | None:
    fixable = {StepId.CLIENT_ACCESS, StepId.CREATE_KEY, StepId.SETUP, StepId.ORG_NUMBER, StepId.STORAGE}
    return finding.step if finding is not None and finding.step in fixable else None


def _asks_what_to_do(state: SetupState) -> bool:
    return not lacks_token(state.check_findings) and any(finding.is_error for finding in state.check_findings)


# --- actions ---


async def _arrive(state: SetupState) -> Move:
    """Run the checks, unless they have already been run for these answers."""
    if state.results and not any(finding.code.is_unknown for finding in state.check_findings):
        return _report(state)
    return await _check(state)


async def _check(state: SetupState) -> Move:
    await state.run_checks()
    return _report(state)


def _report(state: SetupState) -> Move:
    found = () if state.is_offline else state.check_findings
    return state.report(*found, *unusual(state))


async def _take(state: SetupState, reply: Reply) -> Move:
    """Check again, go to the step that fixes a finding, or write the config."""
    worst = next((finding for finding in state.check_findings if finding.is_error), None)
    match reply:
        case pages.Again() | Chosen("again"):
            return await _check(state)
        case Chosen("fix"):
            found = (each for each in state.check_findings if each.is_error and _fixed_at(each))
            step = _fixed_at(next(found, None))
            if step is StepId.CLIENT_ACCESS:
                state.goes_on_without = False
            return step or Then.STAY
        case Chosen("anyway"):
            return await write_configs(state)
        case pages.Continue() if not _asks_what_to_do(state) or (state.was_cancelled and worst is None):
            return await write_configs(state)
        case _:
            return _report(state)


REVIEW = Step(id=StepId.REVIEW, show=_show, take=_take, arrive=_arrive, number=5)
