"""Pages of the menu that show the results of checking configs, and the clients of a key."""

import textwrap
from collections import Counter
from pathlib import Path
from typing import Final

from wizard.checks.results import ClientReport, ClientRow, FileResult, ValidateOptions
from wizard.config.discovery import NothingFound, find_configs
from wizard.config.reading import Config, read_config
from wizard.domain.excerpt import excerpts_of
from wizard.domain.legible import visible
from wizard.domain.setup import Setup, format_org_number
from wizard.findings import Finding, Severity, StepId, Verdict
from wizard.guide import guide_steps, load_page
from wizard.menu.state import ROTATE, MenuState, MenuStep
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.cards import body_of, finding_card
from wizard.walk.engine import Move, Step, Then
from wizard.walk.journal import remember_results
from wizard.walk.pages import Card, Choice, Chosen, Key, Page, Reply, State
from wizard.walk.search import fits, searchable
from wizard.walk.words import number_of_key, state_word, time_words

_ORDER: Final = (State.BAD, State.UNKNOWN, State.WARNING, State.GOOD)
_LONGEST_PATH: Final = 30
_WIDTH: Final = 76


def _state_of(result: FileResult) -> State:
    if result.status is Verdict.INVALID:
        return State.BAD
    if result.status is Verdict.UNKNOWN:
        return State.UNKNOWN
    warned = any(finding.severity is Severity.WARNING for finding in result.findings)
    return State.WARNING if warned else State.GOOD


def _show_results(state: MenuState, t: Texts) -> Page:
    results = _in_order(state)
    rows = tuple(_row(result, state.read(result.path).config, t) for result in results)
    chosen = _chosen(state)
    finding = _worst(chosen)
    has_line = bool(finding and finding.position and not state.is_busy and not _can_be_fixed(finding))
    count = t.plural("{n} file", "{n} files", state.total)
    where = str(state.chosen or state.folder)
    note = f"{where if len(where) <= _LONGEST_PATH else Path(where).name} · {count}"
    if not state.is_busy and state.results:
        note = f"{note} · {time_words(state.context.now().astimezone(), t)}"
    after: tuple[pages.Block, ...] = (pages.Paragraph(_counted(results, t)),) if results else ()
    if state.is_busy:
        after = (pages.Bar(len(results), state.total, t("Checking …")),)
    return Page(
        title=t("Check configs"),
        note=note,
        answer=pages.Table(
            (t("Result"), t("Config file"), t("Company or client"), t("Key")),
            rows,
            chosen.path if chosen else "",
            right=True,
        ),
        card=_card(chosen, finding, t) if not state.is_busy else None,
        after=after,
        enter=t("fix it") if _can_be_fixed(finding) else t("done") if state.only_task else "",
        keys=(Key("Ctrl+R", t("check again")), *((Key("F3", t("show the line")),) if has_line else ())),
        has_document=has_line,
        finding=finding,
    )


def _in_order(state: MenuState) -> list[FileResult]:
    """Return the results as they are listed: the worst first, or as they arrive."""
    if state.is_busy:
        return list(state.results)
    return sorted(state.results, key=lambda result: (_ORDER.index(_state_of(result)), result.path))


def _chosen(state: MenuState) -> FileResult | None:
    """Return the result of the marked row, which is the first one to begin with."""
    return _marked(state) or next(iter(_in_order(state)), None)


def _row(result: FileResult, config: Config | None, t: Texts) -> pages.TableRow:
    state = _state_of(result)
    about = (result.company.name if result.company else None) or ""
    key = str(config.key_id) if config and config.key_id else ""
    if config and config.setup.is_bureau and not about:
        about = (
            t("Common for all clients")
            if not config.org_number.isdigit()
            else format_org_number(config.org_number)
        )
    return pages.TableRow(result.path, (Path(result.path).name, about, key), state, state_word(state, t))


def _worst(result: FileResult | None) -> Finding | None:
    if result is None:
        return None
    errors = [finding for finding in result.findings if finding.is_error]
    return next(iter((*errors, *result.findings)), None)


def _card(result: FileResult | None, finding: Finding | None, t: Texts) -> Card | None:
    if result is None:
        return None
    if finding is None:
        return Card(State.GOOD, t("Everything is in order."), (Path(result.path).name,))
    card = finding_card(finding, t)
    return card._replace(headline=Path(result.path).name, lines=(card.headline, *card.lines))


def _can_be_fixed(finding: Finding | None) -> bool:
    """Return whether there is a guide page about how to fix a finding."""
    return finding is not None and finding.severity is not Severity.INFO and finding.step in guide_steps()


def faulty_lines(state: MenuState, t: Texts) -> str:
    """Return what is wrong in the marked config, each finding with its line."""
    result = _chosen(state)
    if result is None:
        return ""
    parts = []
    excerpts = excerpts_of(result.text or "", result.findings)
    for finding, shown in zip(result.findings, excerpts, strict=True):
        if (place := finding.position) is None or _can_be_fixed(finding):
            continue
        lines = [f"{result.path}:{place.line}:{place.column}"]
        lines += [f"  {shown.line}", f"  {shown.mark}"] if shown else []
        for text in (f"{finding.code.id}: {finding.message(t)}", finding.hint(t)):
            lines += textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
        parts.append("\n".join(map(visible, lines)))
    return "\n\n".join(parts)


def _counted(results: list[FileResult], t: Texts) -> str:
    states = [_state_of(result) for result in results]
    words = {
        State.BAD: t.plural("{n} error", "{n} errors", states.count(State.BAD)),
        State.UNKNOWN: t("{n} unknown", n=states.count(State.UNKNOWN)),
        State.WARNING: t.plural("{n} warning", "{n} warnings", states.count(State.WARNING)),
        State.GOOD: t("{n} in order", n=states.count(State.GOOD)),
    }
    return " · ".join(said for state, said in words.items() if state in states)


async def _arrive_at_results(state: MenuState) -> Move:
    """Check the configs, unless the user comes back from the page about fixing one."""
    return Then.STAY if state.results else await _check(state)


async def _check(state: MenuState) -> Move:
    from wizard.checks.validation import validate  # noqa: PLC0415 - imports httpx

    paths = list(state.paths)
    if state.chosen is not None:
        try:
            paths = find_configs([state.chosen])
        except NothingFound:
            paths = []
    state.forget_configs()
    state.results, state.total = (), len(paths)
    state.on_change()
    async for result in validate(paths, ValidateOptions(), state.context):
        state.results = (*state.results, result)
        state.on_change()
    remember_results(state.context.state_folder, state.results, state.context.now())
    return Then.STAY


async def _take_results(state: MenuState, reply: Reply) -> Move:
    match reply:
        case pages.Again():
            return await _check(state)
        case Chosen(path):
            state.marked = path
            return MenuStep.FIX if _can_be_fixed(_worst(_marked(state))) else _done(state)
        case pages.Continue():
            return _done(state)
        case _:
            return Then.STAY


def _done(state: MenuState) -> Then:
    """End the walk if only the table was requested."""
    return Then.END if state.only_task else Then.STAY


def _edit(state: MenuState, edit: pages.Edit) -> None:
    match edit:
        case pages.Marked(value):
            state.marked = value
        case pages.Searched(text):
            state.search = text


def _marked(state: MenuState) -> FileResult | None:
    return next((each for each in state.results if each.path == state.marked), None)


# --- fixing a config ---


def _show_fix(state: MenuState, t: Texts) -> Page:
    result = _marked(state)
    finding = _worst(result)
    step = (finding.step if finding else None) or StepId.CREATE_KEY
    guide = load_page(step, t.language, result.setup if result else None)
    is_key = step is StepId.CREATE_KEY
    return Page(
        title=guide.title,
        note=guide.where,
        body=body_of(guide, finding),
        card=finding_card(finding, t, guide) if finding else None,
        choices=(Choice(ROTATE, t("Change the API key")),) if is_key else (),
        marked=ROTATE if is_key else "",
        enter=t("choose") if is_key else t("back"),
        finding=finding,
        help=guide.topics,
    )


async def _take_fix(state: MenuState, reply: Reply) -> Move:
    if reply == Chosen(ROTATE):
        return state.rotate(Path(state.marked))
    return MenuStep.RESULTS


# --- the clients of a key ---


def _show_clients(state: MenuState, t: Texts) -> Page:
    clients = state.clients or ()
    rows = tuple(
        pages.ListRow(
            f"{index}",
            each.name or "",
            right=format_org_number(each.org_number) if each.org_number else t("missing"),
            mark=pages.Mark.WARNING if _is_odd(each, state) else pages.Mark.NONE,
        )
        for index, each in enumerate(clients)
        if not state.search or fits(state.search, searchable((each.name or "", each.org_number or "")))
    )
    number = state.config.key_id if state.config else None
    count = t.plural("{n} client", "{n} clients", len(clients))
    shown = {row.value: clients[int(row.value)] for row in rows}
    marked = shown.get(state.marked) or next(iter(shown.values()), None)
    copies = (
        (pages.Copy(t("copy {text}", text="OrgNr"), marked.org_number),)
        if marked and marked.org_number
        else ()
    )
    lacking = sum(each.org_number is None for each in clients)
    shared = sum(_is_odd(each, state) and each.org_number is not None for each in clients)
    summed = " · ".join(
        (count, t("{n} without a number", n=lacking), t("{n} with the same number", n=shared))
    )
    finding = state.finding
    return Page(
        title=t("Clients the key can access"),
        note=f"{t('office key')} {number_of_key(number, t)} · {count}",
        answer=pages.SearchList(t("Find a client"), rows, state.search, columns=(t("Client"), "OrgNr")),
        card=finding_card(finding, t) if finding else _client_card(state, marked, t),
        after=(pages.Paragraph(summed),) if clients else (),
        keys=(*(Key("F5", copy.word) for copy in copies), Key("Ctrl+R", t("read again"))),
        copies=copies,
        finding=finding,
    )


def _client_card(state: MenuState, client: ClientRow | None, t: Texts) -> Card | None:
    if client is None:
        return None
    name = client.name or ""
    if client.org_number is None:
        said = t("Finale cannot find it. Fill in its organisation number in Tripletex.")
        return Card(State.WARNING, name, (said,))
    if _is_odd(client, state):
        said = t("Several clients have this number, and Finale cannot tell them apart.")
        return Card(State.WARNING, name, (said,))
    own = state.config_of(client.org_number)
    if own is None and state.config is not None and state.config.setup is Setup.BUREAU_SHARED:
        own = state.chosen
    where = t("Set up in {path}", path=own) if own else t("It has no config file of its own.")
    return Card(State.RESTING, f"{name} · {format_org_number(client.org_number)}", (where,))


def _is_odd(client: ClientRow, state: MenuState) -> bool:
    return client.org_number is None or client.org_number in state.shared_numbers


async def _arrive_at_clients(state: MenuState) -> Move:
    from wizard.checks.clients import list_clients  # noqa: PLC0415 - imports httpx

    path = state.chosen
    reading = read_config(path) if path else None
    if path is None or reading is None:
        return MenuStep.MENU
    if reading.config is None:
        return state.report(*reading.findings)
    state.config, state.clients, state.search = reading.config, None, ""
    state.on_change()
    report = ClientReport()
    await list_clients(state.context, reading.config, path, report)
    counted = Counter(each.org_number for each in report.rows)
    state.shared_numbers = {number for number, count in counted.items() if number and count > 1}
    state.clients = tuple(
        sorted(report.rows, key=lambda each: (not _is_odd(each, state), (each.name or "").casefold()))
    )
    return state.report(*report.findings)


async def _take_clients(state: MenuState, reply: Reply) -> Move:
    match reply:
        case pages.Again():
            return await _arrive_at_clients(state)
        case Chosen(value):
            state.marked = value
    return Then.STAY


RESULTS_STEP = Step(
    id=MenuStep.RESULTS,
    show=_show_results,
    take=_take_results,
    arrive=_arrive_at_results,
    edit=_edit,
    applies=lambda _: False,
)
FIX_STEP = Step(id=MenuStep.FIX, show=_show_fix, take=_take_fix, applies=lambda _: False)
CLIENTS_STEP = Step(
    id=MenuStep.CLIENTS,
    show=_show_clients,
    take=_take_clients,
    arrive=_arrive_at_clients,
    edit=_edit,
    applies=lambda _: False,
)
