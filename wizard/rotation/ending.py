"""The last step of a rotation: what to do in Finale and Tripletex, or what has failed."""

import os
from pathlib import Path

from wizard.config.reading import read_config
from wizard.domain.legible import command_line
from wizard.domain.setup import Setup
from wizard.findings import Finding, StepId, Verdict, codes, verdict
from wizard.guide import load_page
from wizard.rotation.changing import change_configs
from wizard.rotation.keys import Member
from wizard.rotation.review import about_config
from wizard.rotation.state import RotationState
from wizard.rotation.writing import ConfigOutcome, Outcome, findings_of
from wizard.text import N_, Texts
from wizard.walk import pages
from wizard.walk.cards import finding_card
from wizard.walk.engine import Move, Step, Then
from wizard.walk.pages import Card, Choice, Chosen, Page, Reply, State
from wizard.walk.words import key_fact, number_of_key, summary_head, summary_row

_MOST_NAMED = 10
PROVE, LATER, AGAIN, ACCESS = "prove", "later", "again", "access"
_WORDS = {Outcome.MOVED: N_("CHANGED"), Outcome.ALREADY_MOVED: N_("CHANGED"), Outcome.WAITING: N_("NOT YET")}


def _show(state: RotationState, t: Texts) -> Page:
    return _show_done(state, t) if state.is_complete else _show_failed(state, t)


# --- if everything succeeded ---


def _show_done(state: RotationState, t: Texts) -> Page:
    new, old = state.key, state.in_use
    delete = t("key {number}", number=number_of_key(old.number, t)) if old.number is not None else None
    keep = number_of_key(new.number, t) if new and new.number is not None else None
    setup = None if state.is_mixed else state.setup
    guide = load_page(StepId.ROTATE_END, t.language, setup, old_key=delete, new_key=keep)
    result = t(
        "Key {number} is in use in {where}",
        number=number_of_key(new.number if new else None, t),
        where=_where(state, t),
    )
    is_dead, finding = state.old_is_dead, state.finding
    # Without the application's token, the old key cannot be checked either.
    may_check = not is_dead and not state.accepts_untested
    if state.is_busy:
        card = Card(State.WORKING, lines=(state.waits,))
    elif is_dead:
        blocked = t("Key {number} is blocked. The change is finished.", number=number_of_key(old.number, t))
        card = Card(State.GOOD, blocked)
    elif finding is not None:
        card = finding_card(finding, t)
    else:
        card = Card(State.RESTING, lines=guide.card if may_check else guide.card[:1])
    prove = Choice(PROVE, t("Check that the old key is blocked"))
    later = Choice(LATER, t("Done, I will delete it later"))
    may_copy = old.number is not None and not is_dead
    return Page(
        title=guide.title,
        body=(pages.Result(State.GOOD, result), *guide.body),
        card=card,
        choices=(prove, later) if may_check else (),
        marked=PROVE if may_check else "",
        enter=t("choose") if may_check else t("done"),
        is_end=True,
        copies=(pages.Copy(t("copy the number"), str(old.number)),) if may_copy else (),
        finding=finding,
        help=guide.topics,
    )


def _where(state: RotationState, t: Texts) -> str:
    moved = state.moved
    if len(moved) == 1:
        return str(moved[0].path)
    count = t.plural("{n} config file", "{n} config files", len(moved))
    return t("{count} in {folder}", count=count, folder=moved[0].path.parent) if moved else count


# --- if something failed ---


def _show_failed(state: RotationState, t: Texts) -> Page:
    guide = load_page(StepId.ROTATE_END, t.language)
    rows = tuple(_rows(state, t))
    marked = state.marked if state.marked in {row.value for row in rows} else rows[0].value if rows else ""
    finding = _finding_of(state, marked)
    done = len(state.moved)
    left = len(state.every_outcome) - done
    old = number_of_key(state.in_use.number, t)
    keep = t.plural(
        "Do not delete key {old} in Tripletex yet. {n} config file uses it.",
        "Do not delete key {old} in Tripletex yet. {n} config files use it.",
        left,
        old=old,
    )
    card = finding_card(finding, t) if finding else None
    if state.is_busy:
        card = Card(State.WORKING, lines=(state.waits,))
    choices = [Choice(AGAIN, t("Try again"))]
    if state.lacks_access:
        choices.append(Choice(ACCESS, t("Show how to give access")))
    choices.append(Choice(LATER, t("Quit now, and finish later from the menu")))
    return Page(
        title=t("The change is not finished"),
        part="failed",
        note=t("{n} of {total} config files", n=done, total=done + left),
        body=(pages.Slot.ANSWER, pages.Slot.CARD, *((pages.Paragraph(keep),) if left else ())),
        answer=pages.Table(
            (t("Result"), t("Config file"), t("For"), t("Current key")), rows, marked, right=True
        ),
        card=card,
        choices=tuple(choices),
        marked=AGAIN,
        enter=t("choose"),
        is_end=True,
        finding=finding,
        help=guide.topics,
    )


def _rows(state: RotationState, t: Texts) -> list[pages.TableRow]:
    members = {member.path: member for member in state.group.members}
    return [
        pages.TableRow(
            str(outcome.path), _cells(state, outcome.path, members.get(outcome.path), t), *_label(outcome, t)
        )
        for outcome in sorted(state.every_outcome, key=_order)
    ]


def _order(outcome: ConfigOutcome) -> int:
    return 2 if outcome.is_on_new_key and not outcome.findings else 0 if outcome.findings else 1


def _label(outcome: ConfigOutcome, t: Texts) -> tuple[State, str]:
    if not outcome.findings:
        return (State.GOOD if outcome.is_on_new_key else State.UNKNOWN), t(
            _WORDS.get(outcome.outcome, N_("NOT YET"))
        )
    if verdict(outcome.findings) is Verdict.UNKNOWN:
        return State.UNKNOWN, t("UNKNOWN")
    return State.BAD, t("ERROR")


def _cells(state: RotationState, path: Path, member: Member | None, t: Texts) -> tuple[str, ...]:
    if member is None:
        return path.name, "", ""
    config = read_config(member.path).config
    about = about_config(state, member, t).partition(" · ")[0]
    number = config.key_id if config else None
    return member.path.name, about, "" if number is None else str(number)


def _finding_of(state: RotationState, path: str) -> Finding | None:
    found = findings_of(each for each in state.every_outcome if str(each.path) == path)
    return state.finding or next(iter(found), state.hook_trouble)


# --- actions ---


def _edit(state: RotationState, edit: pages.Edit) -> None:
    if isinstance(edit, pages.Marked):
        state.marked = edit.value


async def _arrive(state: RotationState) -> Move:
    if state.hook_trouble is not None:
        return state.report(state.hook_trouble)
    return Then.STAY


async def _take(state: RotationState, reply: Reply) -> Move:
    """Try again, check that the old key is blocked, or finish."""
    match reply:
        case pages.Again() | Chosen("again"):
            return await _again(state)
        case Chosen("access"):
            return StepId.CLIENT_ACCESS
        case Chosen("prove") if state.is_complete and not state.old_is_dead:
            return await _prove_old_dead(state)
        case Chosen("later") | pages.Continue():
            return Then.END
        case _:
            return Then.STAY


async def _again(state: RotationState) -> Move:
    # The reason why configs are blocked may have been fixed in the meantime.
    if state.blocked and (finding := await state.read_again()) is not None:
        return state.report(finding)
    await change_configs(state)
    return state.report(state.hook_trouble) if state.hook_trouble else Then.STAY


async def _prove_old_dead(state: RotationState) -> Move:
    state.show_progress(state.t("Trying to log on with the old key …"))
    finding = await try_old_key(state)
    state.waits = ""
    if finding is not None:
        return state.report(finding)
    state.old_is_dead = True
    return Then.STAY


async def try_old_key(state: RotationState) -> Finding | None:
    """Return None if Tripletex refuses the old key, or a finding if it still works or is unknown."""
    employee = state.in_use.secret or await state.resolve(state.group.old.reference)
    async with state.probe(employee) as probe:
        answer = probe if isinstance(probe, Finding) else await probe.log_on()
    if not isinstance(answer, Finding):
        number = state.in_use.number
        return codes.EARLIER_KEY_LIVES.found(key="?" if number is None else number)
    # A deleted key is refused in this way.
    return None if answer.code is codes.KEY_REJECTED else answer


ROTATE_END = Step(id=StepId.ROTATE_END, show=_show, take=_take, arrive=_arrive, edit=_edit, number=4)


# --- the summary ---


def summary_of(state: RotationState, t: Texts) -> str:
    """Return the summary to leave in the terminal: the keys, and what remains to be done."""
    title = t("The key has been changed") if state.is_complete else t("The change is not finished")
    lines = summary_head(title, state.context.now(), t)
    new, old = state.key, state.in_use
    in_use = t(
        "{number}, in use in {where}",
        number=key_fact(state.new.kind, new.number if new else None, t),
        where=_where(state, t),
    )
    common, each = "Byråopplysninger", "Firmaopplysninger"
    place = common if state.setup is Setup.BUREAU_SHARED else each
    if state.is_mixed:
        place = t(" and ").join((common, each))
    gone = t("is blocked") if state.old_is_dead else t("not deleted yet")
    rows = [
        (t("New key"), in_use),
        (t("Old key"), f"{number_of_key(old.number, t)}, {gone}"),
    ]
    if state.is_complete and not state.old_is_dead:
        rows.append(("", t("Delete it in Tripletex: Min profil → API-TILGANG")))
    rows.append((t("In Finale"), t("{place}: the new API key in Brukernøkkel-ID", place=place)))
    lines += [row for label, value in rows for row in summary_row(label, value)]
    if state.moved and not state.old_is_dead:
        lines += ["", *summary_row(t("Undo"), _undo(state))]
    return "\n".join(lines)


def _undo(state: RotationState) -> Path:
    """Return the command that changes all configs back, as a path, which is not wrapped."""
    paths = [member.path.absolute() for member in state.moved]
    if len(paths) > _MOST_NAMED:
        return Path(command_line("tripletex-wizard", "rollback", "--all", os.path.commonpath(paths)))
    return Path(command_line("tripletex-wizard", "rollback", *paths))
