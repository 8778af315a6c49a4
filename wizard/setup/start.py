"""The first steps of a set-up: the welcome, which offers to resume an unfinished set-up, and API 2.0."""

from dataclasses import replace

from wizard.context import prepare_to_connect
from wizard.domain.reference import CommandReference, EnvReference, describe
from wizard.findings import StepId, codes
from wizard.guide import load_page, page_title
from wizard.setup.state import SavedSetup, SetupState
from wizard.text import Texts
from wizard.walk.engine import Move, Step, Then, body_of
from wizard.walk.journal import JournalV1, remembered_place
from wizard.walk.page import Bullets, Card, Choice, Chosen, Drawing, Page, Paragraph, Reply, State
from wizard.walk.words import moment_words, number_of_key

RESUME, FRESH = "resume", "fresh"


# --- welcome ---


def _show_welcome(state: SetupState, t: Texts) -> Page:
    guide = load_page(StepId.WELCOME, t.language)
    drawing = Drawing("Tripletex", t("API key"), "Visma Finale")
    if state.is_demo:
        return Page(
            title=t("Welcome to the demo"),
            body=(
                Paragraph(
                    t(
                        "Everything here is made up: Tripletex, the companies and the keys. Nothing outside "
                        "the demo's own folder is changed; the folder is deleted at the end."
                    )
                ),
                drawing,
                Paragraph(t("Instead of an API key, type one of these words at step 2:")),
                Bullets(
                    (
                        t("`company`   an ordinary key, for a single company"),
                        t("`office`    an office key with five clients"),
                        t("`refused`   a key that Tripletex refuses"),
                    )
                ),
                Paragraph(t("The rest is just like the real thing.")),
            ),
            enter=t("start"),
            help=guide.topics,
        )
    if state.unfinished is not None:
        return Page(
            title=guide.title,
            card=unfinished_card(state.unfinished, t),
            choices=unfinished_choices(state.unfinished, t),
            marked=RESUME,
            enter=t("choose"),
            help=guide.topics,
        )
    first, *rest = body_of(guide)
    card = version_1_card(state.earlier, t) if state.earlier else None
    return Page(
        title=guide.title, body=(first, drawing, *rest), card=card, enter=t("start"), help=guide.topics
    )


def version_1_card(page: JournalV1, t: Texts) -> Card:
    """Return the card for a set-up by version 1, which cannot be resumed, with the reference of its key."""
    lines = tuple(t("Saved: {path}", path=path) for path in page.written)
    if not lines and page.key is not None:
        number = "?" if page.key.number is None else page.key.number
        left = codes.KEY_LEFT.found(key=number, reference=describe(page.key.reference))
        lines = (left.message(t), left.hint(t))
    return Card(State.RESTING, t("A set-up by an earlier version cannot be continued. Start again."), lines)


def unfinished_card(page: SavedSetup, t: Texts) -> Card:
    """Return the card for an unfinished set-up, with its company, step and time."""
    from wizard.setup.walk import TABLE  # noqa: PLC0415 - the table has this module's steps

    answers = page.answers
    if answers.company is not None and answers.company.name:
        who = answers.company.name
    elif answers.key is not None:
        who = t("key {number}", number=number_of_key(answers.key.number, t))
    else:
        who = t("no key yet")
    title = page_title(page.current, t.language)
    numbers = {step.id: step.number for step in TABLE}
    number, total = numbers.get(page.current, 0), max(numbers.values())
    where = (
        t("step {number} of {total}: {title}", number=number, total=total, title=title) if number else title
    )
    words = [who, where]
    if page.at is not None:
        words.append(moment_words(page.at.astimezone(), t))
    return Card(State.RESTING, t("A set-up is not finished"), (" · ".join(words),))


def unfinished_choices(page: SavedSetup, t: Texts) -> tuple[Choice, ...]:
    """Return the choices «Fortsett» and «Begynn på nytt»."""
    key = page.answers.key
    stays = t("Key {number} stays where it is stored", number=number_of_key(key.number, t)) if key else ""
    return (
        Choice(RESUME, t("Continue where you left off"), note=t("Your answers and the key are kept")),
        Choice(FRESH, t("Start again"), note=stays or t("Your answers are deleted")),
    )


async def _leave_welcome(state: SetupState, reply: Reply) -> Move:
    """Resume an unfinished set-up, or start a new one."""
    prepare_to_connect()
    if state.unfinished is not None and reply != Chosen(FRESH):
        return state.resume()
    state.erase()
    await find_place(state)
    return Then.NEXT


async def find_place(state: SetupState) -> None:
    """Choose a store that works for the key, or let the user choose."""
    answers = state.answers
    if answers.key_reference is not None:
        state.own_reference = answers.key_reference
    if answers.asks_storage:
        await _ask_for_place(state)
        return
    if answers.key_reference is not None and answers.store is None:
        # The command line has a reference to the key, so the wizard does not store it.
        return
    wish = answers.store or remembered_place(state.context.state_folder)
    if isinstance(wish, CommandReference | EnvReference):
        # Each key has another reference, so ask for it, with the last one as a proposal.
        state.own_place = "command" if isinstance(wish, CommandReference) else "env"
        state.own_reference = wish
        state.answers = replace(answers, own_place=state.own_place, key_reference=wish)
        await _ask_for_place(state)
        return
    for kind in (wish,) if wish else ("keyring",):
        if await state.context.store(kind).probe() is None:
            state.answers = replace(answers, store=kind, asks_storage=False)
            return
    await _ask_for_place(state)


async def _ask_for_place(state: SetupState) -> None:
    await state.find_stores()
    state.answers = replace(state.answers, store=None, asks_storage=True)


# --- API 2.0 ---


def _show_enable_api(state: SetupState, t: Texts) -> Page:
    guide = load_page(StepId.ENABLE_API, t.language, state.setup)
    return Page(
        title=guide.title,
        note=guide.where,
        body=body_of(guide),
        card=Card(State.RESTING, lines=guide.card) if guide.card else None,
        enter=t("continue"),
        help=guide.topics,
    )


async def _leave_enable_api(_state: SetupState, _reply: Reply) -> Move:
    return Then.NEXT


WELCOME = Step(id=StepId.WELCOME, show=_show_welcome, take=_leave_welcome, is_listed=False)
ENABLE_API = Step(id=StepId.ENABLE_API, show=_show_enable_api, take=_leave_enable_api, number=1)
