"""The review of a rotation, which compares the keys and lists the configs, and then changes them."""

import os

from wizard.domain.setup import Setup, format_org_number
from wizard.findings import Finding, StepId, codes
from wizard.guide import load_page
from wizard.rotation.changing import change_configs, preview
from wizard.rotation.keys import Member
from wizard.rotation.state import RotationState, is_acceptable
from wizard.text import Texts
from wizard.tripletex.models import Client
from wizard.walk import pages, words
from wizard.walk.cards import finding_card, lacks_token
from wizard.walk.engine import Move, Step, Then
from wizard.walk.pages import Card, Choice, Chosen, Page, Reply, State

AGAIN, ACCESS, ANYWAY, NEW_KEY = "again", "access", "anyway", "new-key"
_MOST_LISTED = 8


def _show(state: RotationState, t: Texts) -> Page:
    guide = load_page(StepId.ROTATE_REVIEW, t.language, state.setup)
    finding = state.finding or next(iter(_trouble(state)), None)
    is_held = finding is not None and not state.is_busy
    choices = _choices(state, finding, t) if is_held else ()
    waiting = [member for member in state.group.members if not state.outcomes[member.path].is_on_new_key]
    count = len(waiting)
    folders = {str(member.path.absolute().parent) for member in waiting}
    folder = os.path.commonpath(folders) if folders else ""
    title = t.plural("{n} config file gets the new key", "{n} config files get the new key", count)
    keys = [pages.Key("F3", t("changes"))] if state.texts else []
    if not choices:
        keys.insert(0, pages.Key("Ctrl+R", t("check again")))
    return Page(
        title=guide.title,
        note=guide.where,
        body=(_comparison(state, t), pages.Rule(title, folder), pages.Files(_files(state, waiting, t))),
        card=_card(state, finding, t),
        choices=choices,
        marked=choices[0].value if choices else "",
        enter=t("choose") if choices else t("change"),
        keys=tuple(keys),
        fix_step=(StepId.APPLICATION, t("enter the token")) if lacks_token(state.key_findings) else None,
        saves=True,
        has_document=bool(state.texts),
        finding=finding,
        help=guide.topics,
    )


def _trouble(state: RotationState) -> tuple[Finding, ...]:
    """Return what is wrong with the key, then what keeps configs from getting it."""
    return (*(finding for finding in state.key_findings if finding.is_error), *state.obstacles)


def _comparison(state: RotationState, t: Texts) -> pages.Comparison:
    old, new = state.in_use, state.key
    rows = [
        (
            t("Key"),
            words.key_fact(old.kind, old.number, t),
            words.key_fact(state.new.kind, new.number if new else None, t),
        ),
        (
            t("In use since"),
            t.date(old.installed) if old.installed else t("not known"),
            t("today, {date}", date=t.date(state.context.today)),
        ),
    ]
    if state.in_use.clients is not None or state.new.clients is not None:
        rows.append((t("Clients"), _count(state.in_use.clients, t), _new_count(state, t)))
    elif old.company is not None or state.new.company is not None:
        is_same = old.company is not None and old.company == state.new.company
        if is_same and old.company and old.company.name:
            # The number would be wrapped here, and was shown on the first page.
            rows.append((t("Company"), old.company.name, t("the same company")))
        else:
            after = t("the same company") if is_same else words.company_words(state.new.company, t)
            rows.append((t("Company"), words.company_words(old.company, t), after))
    rows.append(
        (
            t("Stored"),
            words.place_words(state.group.old.reference, t),
            words.place_words(new.reference, t) if new else "",
        )
    )
    return pages.Comparison(t("In use now"), t("After the change"), tuple(rows))


def _count(clients: tuple[Client, ...] | None, t: Texts) -> str:
    return t("not known") if clients is None else str(len(clients))


def _new_count(state: RotationState, t: Texts) -> str:
    count = _count(state.new.clients, t)
    if state.new.lost:
        return f"{count} · {t.plural('{n} is missing', '{n} are missing', len(state.new.lost))}"
    return f"{count} · {t('the same')}" if state.in_use.clients == state.new.clients else count


def _files(state: RotationState, members: list[Member], t: Texts) -> tuple[tuple[str, str], ...]:
    rows = [(member.path.name, about_config(state, member, t)) for member in members[:_MOST_LISTED]]
    if len(members) > _MOST_LISTED:
        rows.append((t("and {n} more", n=len(members) - _MOST_LISTED), ""))
    return tuple(rows)


def about_config(state: RotationState, member: Member, t: Texts) -> str:
    """Return whom a config is for: a company, a client with its number, or all clients."""
    match member.config.setup:
        case Setup.BUREAU_SHARED:
            return t("Common for all clients")
        case Setup.BUREAU_CLIENT:
            number = member.config.org_number
            clients = state.in_use.clients or state.new.clients or ()
            name = next((client.name for client in clients if client.org_number == number), None)
            return f"{name} · {format_org_number(number)}" if name else format_org_number(number)
        case _:
            company = state.in_use.company or state.new.company
            return words.company_words(company, t) if company else t("Single company")


def _card(state: RotationState, finding: Finding | None, t: Texts) -> Card | None:
    if state.is_busy:
        return Card(State.WORKING, lines=(state.waits or t("Testing the new key against Tripletex …"),))
    if lacks_token(state.key_findings):
        missing = (
            t("The new key cannot be tested here: the application's token (consumer token) is missing."),
            t("The old key stays where it is stored until you have seen that Finale gets its figures."),
        )
        return Card(State.RESTING, lines=missing)
    if finding is not None:
        card = finding_card(finding, t)
        if finding.code is codes.FEWER_CLIENTS:
            named = t("Missing: {names}.", names=words.listed([client.name for client in state.new.lost], t))
            card = card._replace(lines=(f"{named} {card.lines[0]}", *card.lines[1:]))
        return card
    guide = load_page(StepId.ROTATE_REVIEW, t.language, state.setup)
    # The text of the guide is only shown if there are no findings.
    lines = tuple(block.text for block in guide.body if isinstance(block, pages.Paragraph))
    is_office = state.new.clients is not None
    same = (
        t("The new key works, and has access to the same clients.")
        if is_office
        else t("The new key works, and belongs to the same company.")
    )
    return Card(State.GOOD, same, lines)


def _choices(state: RotationState, finding: Finding | None, t: Texts) -> tuple[Choice, ...]:
    if lacks_token(state.key_findings):
        return (Choice(ANYWAY, t("Change anyway, and fetch figures in Finale")),)
    choices = [Choice(AGAIN, t("Check again"))]
    if state.lacks_access:
        choices.append(Choice(ACCESS, t("Show how to give access")))
    if finding is not None and not finding.code.is_unknown and not state.lacks_access:
        choices.append(Choice(NEW_KEY, t("Make another key (step 2)")))
    if may_override(state):
        choices.append(Choice(ANYWAY, t("Change anyway, give access later")))
    return tuple(choices)


def may_override(state: RotationState) -> bool:
    """Return whether the user may continue, because only clients or figures are missing."""
    key = [finding for finding in state.key_findings if finding.is_error]
    return not key and bool(state.obstacles) and any(map(is_acceptable, state.obstacles))


# --- actions ---


async def _arrive(state: RotationState) -> Move:
    if state.key_verdict is None:
        return await _check(state)
    await preview(state)
    return state.report(*_trouble(state))


async def _check(state: RotationState) -> Move:
    state.has_accepted = state.accepts_untested = False
    state.show_progress(state.t("Testing the new key against Tripletex …"))
    state.key_findings = await state.prove()
    state.waits = ""
    await preview(state)
    return state.report(*_trouble(state))


async def _take(state: RotationState, reply: Reply) -> Move:
    match reply:
        case pages.Again() | Chosen("again"):
            return await _check(state)
        case Chosen("access"):
            return StepId.CLIENT_ACCESS
        case Chosen("new-key"):
            return StepId.CREATE_KEY
        case Chosen("anyway") if lacks_token(state.key_findings):
            state.accepts_untested = True
            return await _change(state)
        case Chosen("anyway") if may_override(state):
            return await _override(state)
        case pages.Continue() if not _trouble(state):
            return await _change(state)
        case _:
            return Then.STAY


async def _override(state: RotationState) -> Move:
    state.has_accepted = True
    for member in state.group.members:
        state.block(member, state.blocked.pop(member.path, ()))
    await preview(state)
    left = [member.path for member in state.group.members if member not in state.moved]
    if not state.waiting and any(path in state.blocked for path in left):
        state.has_accepted = False
        return state.report(*state.obstacles)
    return await _change(state)


async def _change(state: RotationState) -> Move:
    await change_configs(state)
    return Then.NEXT


ROTATE_REVIEW = Step(id=StepId.ROTATE_REVIEW, show=_show, take=_take, arrive=_arrive, number=3)
