"""The step for clients that the key has no access to, shown only if there are some."""

from typing import Any

from wizard.domain.setup import format_org_number
from wizard.findings import Finding, StepId, codes
from wizard.guide import load_page
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.cards import body_of, finding_card
from wizard.walk.engine import Move, Step, Then
from wizard.walk.pages import Card, Choice, Chosen, Key, Page, Reply
from wizard.walk.state import SharedState
from wizard.walk.words import time_words

_MOST_NAMED = 3


def _show(state: SharedState, t: Texts) -> Page:
    guide = load_page(StepId.CLIENT_ACCESS, t.language, state.setup, key_name=state.key_name)
    refused = state.refused_figures
    lacking = _access_finding(state)
    finding = state.finding or lacking or (refused[0] if refused else None)
    blocks = body_of(guide, finding)
    card = None
    if finding is not None:
        card = finding_card(finding, t, guide)
        if finding == lacking:
            card = _with_others(card, state, t)
    count = len(state.missing) + len(state.reached_of_wanted)
    note = (
        t("{n} of {total} without access", n=len(state.missing), total=count)
        if state.missing and count > 1
        else ""
    )
    if refused and not note:
        note = refused[1]
    if state.access_checked_at is not None:
        # Otherwise nothing on the page shows that it was checked, if the answer is the same.
        checked = t("last checked {when}", when=time_words(state.access_checked_at.astimezone(), t))
        note = f"{note} · {checked}" if note else checked
    return Page(
        title=guide.title,
        note=note,
        body=blocks,
        card=card,
        choices=tuple(_choices(state, t)),
        marked="again",
        enter=t("choose"),
        keys=(Key("Ctrl+R", t("check again")),),
        finding=finding,
        help=guide.topics,
    )


def _access_finding(state: SharedState) -> Finding | None:
    if state.missing:
        return codes.CLIENT_ACCESS_MISSING.found(number=state.missing[0])
    return codes.NO_CLIENTS.found() if state.lacks_access else None


def _with_others(card: Card, state: SharedState, t: Texts) -> Card:
    if others := state.missing[1:]:
        said = t("Also: {numbers}", numbers=_numbers(others))
    elif state.reached_of_wanted:
        said = t("With access: {numbers}", numbers=_numbers(state.reached_of_wanted))
    else:
        return card
    return card._replace(lines=(said, *card.lines))


def _numbers(numbers: tuple[str, ...]) -> str:
    more = " …" if len(numbers) > _MOST_NAMED else ""
    return ", ".join(map(format_org_number, numbers[:_MOST_NAMED])) + more


def _choices(state: SharedState, t: Texts) -> list[Choice]:
    choices = [
        Choice("again", t("Check again")),
        Choice("anyway", t("Continue anyway, give access later")),
    ]
    if state.can_leave_out:
        several = len(state.missing) > 1
        choices.append(
            Choice("leave-out", t("Leave these clients out") if several else t("Leave this client out"))
        )
    return choices


async def _take(state: SharedState, reply: Reply) -> Move:
    """Read the clients again, continue anyway, or leave clients out."""
    match reply:
        case Chosen("again") | pages.Again():
            return await _check_again(state)
        case Chosen("anyway"):
            state.goes_on_without = True
            return state.after_access
        case Chosen("leave-out") if state.can_leave_out:
            return state.leave_out()
        case _:
            return Then.STAY


async def _check_again(state: SharedState) -> Move:
    trouble = await state.read_again()
    state.access_checked_at = state.context.now()
    if trouble is not None:
        return state.report(trouble)
    return Then.STAY if state.lacks_access else state.after_access


CLIENT_ACCESS: Step[Any] = Step(
    id=StepId.CLIENT_ACCESS,
    show=_show,
    take=_take,
    applies=lambda state: state.lacks_access,
    number=4,
    is_listed=False,
)
