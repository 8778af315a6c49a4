"""The last step of a set-up, which shows what to enter in Finale, and the summary."""

import socket
from collections.abc import Iterator
from pathlib import Path

from wizard.domain.legible import command_line
from wizard.domain.setup import ORG_NUMBER_PLACEHOLDER, Setup, format_org_number
from wizard.findings import Finding, StepId, Verdict
from wizard.guide import GuidePage, load_page
from wizard.setup.state import SetupState
from wizard.setup.writing import remember
from wizard.text import Texts
from wizard.tripletex.models import Company
from wizard.walk import pages
from wizard.walk.cards import lacks_token
from wizard.walk.checking import proven_words, unusable_clients
from wizard.walk.engine import Move, Step, Then
from wizard.walk.pages import Card, Key, Page, Reply, State
from wizard.walk.words import key_fact, place_words, summary_head, summary_row

_MOST_LISTED = 10
_MOST_SHOWN = 3


def _show(state: SetupState, t: Texts) -> Page:
    answers = state.answers
    several = answers.clients if answers.is_for_several else ()
    marked = state.marked if state.marked in several else several[0] if several else ""
    number = marked or answers.finale_org_number
    guide = load_page(
        StepId.FINALE,
        t.language,
        state.setup,
        company=answers.company.name if answers.company else None,
        client=state.client_names.get(number),
        org_number=number or None,
    )
    copies = (pages.Copy(t("copy {text}", text=_called(number)), number),) if number else ()
    return Page(
        title=guide.title,
        note=_whose(state, marked, t),
        body=(_saved(state, t), *_clicks(state, guide, t)),
        answer=pages.Table((), tuple(_client_rows(state)), marked) if several else None,
        card=_card(state, guide, number, t),
        enter=t("done"),
        keys=(
            *((Key("↑↓", t("client")),) if several else ()),
            *(Key("F5", copy.word) for copy in copies),
            *(() if several else (Key("F3", t("show as text")),)),
        ),
        is_end=True,
        copies=copies,
        help=guide.topics,
    )


def _called(number: str) -> str:
    return number if number == ORG_NUMBER_PLACEHOLDER else "OrgNr"


def _client_rows(state: SetupState) -> Iterator[pages.TableRow]:
    names = state.client_names
    for number in state.answers.clients:
        yield pages.TableRow(number, (names.get(number, ""), number))


def _whose(state: SetupState, marked: str, t: Texts) -> str:
    answers, names = state.answers, state.client_names
    if marked:
        place = answers.clients.index(marked) + 1
        count = t("client {n} of {total}", n=place, total=len(answers.clients))
        return f"{names.get(marked) or format_org_number(marked)} · {count}"
    if answers.setup is Setup.BUREAU_SHARED:
        return t("common for all clients")
    if answers.org_number:
        return names.get(answers.org_number) or format_org_number(answers.org_number)
    return (answers.company.name if answers.company else None) or ""


def _saved(state: SetupState, t: Texts) -> pages.Result:
    if len(state.written) > 1:
        count = len(state.written)
        said = t.plural(
            "Saved: {n} config file in {folder}",
            "Saved: {n} config files in {folder}",
            count,
            folder=state.path.absolute(),
        )
        return pages.Result(State.GOOD, said)
    path = state.written[0] if state.written else state.path
    return pages.Result(State.GOOD, t("Saved: {path}", path=path))


def _clicks(state: SetupState, guide: GuidePage, t: Texts) -> tuple[pages.Block, ...]:
    unproven = state.check_verdict is not Verdict.VALID
    blocks: list[pages.Block] = []
    for block in guide.body:
        if isinstance(block, pages.Clicks):
            items = [*block.items]
            if items[-1].name != "figures" and state.answers.is_for_several:
                # Merge two clicks, to make room for the clients and the card.
                items = [pages.Click(t("Open Firmaopplysninger, and choose the tab Regnskapsintegrasjon:"))]
            elif state.answers.is_for_several:
                then = t("Save in Finale, and fetch figures. Then take the next client:")
                items[-1] = items[-1]._replace(text=then, short=then)
            elif items[-1].name == "figures" and unproven:
                # Fetching figures is the only test that is left, so make it a separate click.
                proof = t("Fetch figures in Finale. If they arrive, the key works.")
                items[-1:] = [
                    pages.Click(t("Save in Finale.")),
                    pages.Click(proof, "figures", is_marked=True),
                ]
            is_second = state.answers.is_for_several and bool(blocks)
            blocks.append(block._replace(items=tuple(items), first=2 if is_second else block.first))
        else:
            blocks.append(block)
    return tuple(blocks)


def _card(state: SetupState, guide: GuidePage, number: str, t: Texts) -> Card:
    if state.is_busy:
        return Card(State.WORKING, lines=(state.waits or t("Checking again …"),))
    lines = list(guide.card)
    if state.answers.is_for_several:
        lines.append(t("The key is the same for all. Paste it first, and copy OrgNr afterwards."))
    elif number:
        what = ORG_NUMBER_PLACEHOLDER if number == ORG_NUMBER_PLACEHOLDER else "OrgNr"
        lines.append(t("Paste the key first: F5 replaces it on the clipboard with {what}.", what=what))
    elif state.check_verdict is not Verdict.VALID:
        lines.append(t("If you get no figures, F1 shows what to check."))
    return Card(State.RESTING, lines=tuple(lines))


async def _arrive(state: SetupState) -> Move:
    """Check again if the set-up is resumed here, since only the verdict is in the journal."""
    if state.check_verdict is not None and not state.results:
        if state.answers.is_bureau:
            await state.read_again()
        await state.run_checks()
        remember(state)
    return Then.STAY


def _edit(state: SetupState, edit: pages.Edit) -> None:
    if isinstance(edit, pages.Marked):
        state.marked = edit.value


async def _take(_state: SetupState, _reply: Reply) -> Move:
    return Then.END


FINALE = Step(id=StepId.FINALE, show=_show, take=_take, arrive=_arrive, edit=_edit, number=6)


# --- the summary ---


def summary_of(state: SetupState, t: Texts) -> str:
    """Return the summary to leave in the terminal. It contains no secrets, so it can be mailed."""
    lines = summary_head(_heading(state, t), state.context.now(), t)
    for label, value in _summary_rows(state, t):
        lines += summary_row(label, value)
    place = (
        "Tilleggsfunksjoner → Byråopplysninger"
        if state.setup is Setup.BUREAU_SHARED
        else t("Firmaopplysninger, tab Regnskapsintegrasjon")
    )
    lines += ["", f"  {t('In Finale: {place}', place=place)}"]
    not_this = t("the API key from Tripletex (not the code Brukernøkkel-ID)")
    lines.append(f"  {'Brukernøkkel-ID':<16} {not_this}")
    lines += [f"  {label:<16} {value}" for label, value in _org_number_rows(state, t)]
    where = (state.written[0] if len(state.written) == 1 else state.path).absolute()
    lines += ["", f"  {t('Later')}"]
    lines.append(f"  {t('Check'):<16} {command_line('tripletex-wizard', 'validate', where)}")
    if state.written:
        all_of = () if len(state.written) == 1 else ("--all",)
        lines.append(f"  {t('Change key'):<16} {command_line('tripletex-wizard', 'rotate', *all_of, where)}")
    return "\n".join(lines)


def _heading(state: SetupState, t: Texts) -> str:
    if state.check_verdict is Verdict.VALID:
        return t("Tripletex is connected to Visma Finale")
    if state.check_verdict is not Verdict.INVALID:
        return t("Saved, but not everything has been checked")
    if state.answers.is_for_several or state.setup is Setup.BUREAU_SHARED:
        return t("Saved, but Finale does not get all figures yet")
    return t("Saved, but Finale does not get its figures yet")


def _summary_rows(state: SetupState, t: Texts) -> Iterator[tuple[str, str | Path]]:
    answers = state.answers
    key = answers.key
    if answers.setup is Setup.SINGLE_COMPANY and answers.company is not None:
        yield t("Company"), _company_line(answers.company, t)
    elif answers.setup is Setup.BUREAU_SHARED and state.clients is not None:
        count = t.plural("{n} client in Tripletex", "{n} clients in Tripletex", len(state.clients))
        yield t("Clients"), f"{t('common for all')}, {count}"
    elif answers.org_number:
        name, number = state.client_names.get(answers.org_number), format_org_number(answers.org_number)
        yield t("Client"), f"{name}, {number}" if name else number
    if key is not None:
        place = place_words(key.reference, t)
        host = socket.gethostname().partition(".")[0]
        on_this = t("{place} on {machine}", place=place, machine=host) if key.owned else place
        yield t("Key"), f"{key_fact(answers.kind, key.number, t)}, {on_this}"
    if len(state.written) == 1:
        yield t("Config file"), state.written[0].absolute()
    elif state.written:
        yield t("Config files"), t("{n} in {folder}", n=len(state.written), folder=state.path.absolute())
    yield from _checked_rows(state, t)


def _company_line(company: Company, t: Texts) -> str:
    name = company.name or t("a company without a name")
    if not company.org_number:
        return name
    number = format_org_number(company.org_number)
    return t("{name}, organisation number {number}", name=name, number=number)


def _checked_rows(state: SetupState, t: Texts) -> Iterator[tuple[str, str]]:
    if lacks_token(state.check_findings):
        proof = t("Fetch figures in Finale. If they arrive, the key works.")
        yield t("Not checked"), "\n".join((t("The application's token is missing."), proof))
        return
    if state.is_offline or not state.results:
        yield t("Not checked"), t("Fetch figures in Finale. If they arrive, the key works.")
        return
    if good := proven_words(state.results, state.wanted, t):
        yield t("Checked"), "\n".join(good)
    found = [
        finding
        for finding in state.check_findings
        if finding.is_error or finding.code.id.startswith("TW4") or unusable_clients(finding)
    ]
    for finding in sorted(found, key=lambda each: not each.is_error)[:_MOST_SHOWN]:
        is_open = finding.code.is_unknown and not unusable_clients(finding)
        yield t("Not checked") if is_open else t("To be fixed"), _to_be_fixed(state, finding, t)
    rest = len(found) - _MOST_SHOWN
    if rest > 0:
        yield "", t("and {n} more", n=rest)


def _to_be_fixed(state: SetupState, finding: Finding, t: Texts) -> str:
    count = unusable_clients(finding)
    if not count:
        return f"{finding.message(t)} ({finding.code.id})"
    if number := finding.values.get("number"):
        same = format_org_number(str(number))
        return t("{n} clients have the same number, {number}", n=count, number=same)
    names = [client.name for client in state.clients or () if client.org_number is None]
    if len(names) != 1:
        return t("{n} clients have no organisation number", n=count)
    return t("1 client has no organisation number: {name}", name=names[0])


def _org_number_rows(state: SetupState, t: Texts) -> Iterator[tuple[str, str]]:
    answers = state.answers
    if not answers.is_for_several:
        yield "OrgNr", answers.finale_org_number or t("leave empty")
        return
    names = state.client_names
    for index, number in enumerate(answers.clients[:_MOST_LISTED]):
        yield "OrgNr" if index == 0 else "", f"{number}  {names.get(number, '')}".rstrip()
    if len(answers.clients) > _MOST_LISTED:
        yield "", t("and {n} more: tripletex-wizard clients …", n=len(answers.clients) - _MOST_LISTED)
