"""The page on which an accounting office chooses clients, with a config for each, or one for all of them."""

from collections import Counter
from dataclasses import replace

from wizard.domain.key import shows_token
from wizard.domain.setup import (
    ORG_NUMBER_PLACEHOLDER,
    KeyKind,
    Setup,
    check_first_digit,
    format_org_number,
    normalise_org_number,
    parse_org_number,
)
from wizard.findings import Finding, Verdict, codes
from wizard.guide import GuidePage
from wizard.setup.state import SetupState
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.cards import finding_card, lacks_token, state_of
from wizard.walk.engine import Move, Then
from wizard.walk.pages import Card, Key, Page, Reply, State
from wizard.walk.search import fits, searchable
from wizard.walk.words import kind_words

_DIGITS = 9


def show_clients(state: SetupState, guide: GuidePage, t: Texts) -> Page:
    """Return the page with the clients of an office, and the common set-up above them."""
    clients, rows = state.clients, _rows(state, t)
    label = (
        t("Find a client, or type the organisation number")
        if clients
        else t("Type the client's organisation number, nine digits")
    )
    first = pages.ListRow(
        ORG_NUMBER_PLACEHOLDER,
        t("%ORGNR% · common for all clients"),
        right="Byråopplysninger",
        mark=pages.Mark.NOT_CHOSEN if _chosen(state) else pages.Mark.CHOSEN,
    )
    shown_first = first if ORG_NUMBER_PLACEHOLDER.startswith(state.search.strip()) else None
    has_match = shown_first is not None or any(row.is_enabled for row in rows)
    finding = state.search_finding or state.finding
    kind = kind_words(KeyKind.OFFICE, t)
    note = kind if clients is None else f"{kind} · {t.plural('{n} client', '{n} clients', len(clients))}"
    if state.search and clients:
        note = t.plural("{shown} of {n} client", "{shown} of {n} clients", len(clients), shown=len(rows))
    return Page(
        title=guide.title,
        note=note,
        body=guide.body,
        answer=pages.SearchList(
            label,
            rows,
            state.search,
            State.BAD if state_of(finding) is State.BAD else State.RESTING,
            shown_first,
            takes_ticks=True,
        ),
        card=finding_card(finding, t) if finding else _chosen_card(state, rows, t),
        enter=t("continue") if not state.search else t("tick") if has_match else "",
        keys=(Key("Space", t("select")), *((Key("Ctrl+R", t("read again")),) if clients is None else ())),
        finding=finding,
    )


def _chosen(state: SetupState) -> tuple[str, ...]:
    """Return the clients that get a config of their own; none if the set-up is shared by all."""
    return state.answers.wanted_clients if state.answers.is_shared is False else ()


def _rows(state: SetupState, t: Texts) -> tuple[pages.ListRow, ...]:
    """Return a row for each client, and for each number that is chosen or typed but not in their list."""
    clients, chosen = state.clients or (), _chosen(state)
    counted = Counter(client.org_number for client in clients)
    # Numbers may be typed in other formats, such as NO 974 760 673 MVA.
    typed = parse_org_number(state.search) if state.search else None

    def is_found(number: str | None, name: str = "") -> bool:
        if not state.search or number == typed:
            return True
        return fits(state.search, searchable((name, number or "")))

    def mark(number: str) -> pages.Mark:
        return pages.Mark.TICKED if number in chosen else pages.Mark.NOT_TICKED

    rows = []
    for client in sorted(clients, key=lambda client: client.name.casefold()):
        number = client.org_number
        if not is_found(number, client.name):
            continue
        if number is None:
            lacks = t("has no number in Tripletex")
            rows.append(pages.ListRow("", client.name, right=lacks, is_enabled=False))
        else:
            twin = t("! same number") if counted[number] > 1 else ""
            rows.append(pages.ListRow(number, client.name, twin, format_org_number(number), mark(number)))
    others = [*chosen, typed] if isinstance(typed, str) else chosen
    note = t("typed in") if state.clients is None else t("not in the list yet")
    rows += [
        pages.ListRow(number, format_org_number(number), right=note, mark=mark(number))
        for number in dict.fromkeys(others)
        if number not in counted and is_found(number)
    ]
    return tuple(rows)


def _chosen_card(state: SetupState, rows: tuple[pages.ListRow, ...], t: Texts) -> Card:
    chosen = _chosen(state)
    lines: tuple[str, ...]
    if state.search and state.clients and not rows and "%" not in state.search:
        lines = (t("If the client is not in the list, type all nine digits of its number."),)
        return Card(State.RESTING, t("No matches."), lines)
    if not chosen:
        headline = t("Selected: %ORGNR%, common for all clients")
        lines = (
            t(
                "Entered once in Byråopplysninger. At log-on to Tripletex, Finale uses the organisation "
                "number registered in Firmaopplysninger at the client."
            ),
        )
    elif len(chosen) == 1:
        headline = t("Selected: 1 client")
        lines = (t("Entered in Firmaopplysninger at the client in Finale."),)
    else:
        headline = t("Selected: {n} clients. That makes {n} config files, one for each.", n=len(chosen))
        lines = (t("Entered in Firmaopplysninger at each client in Finale."),)
    found = next((row for row in rows if row.is_enabled), None) if state.search else None
    if found is not None:
        lines = (t("Enter ticks {name} and clears the search.", name=found.text),)
    elif state.clients is None:
        lines = (*lines[:1], _why_no_list(state, t))
    return Card(State.RESTING, headline, lines)


def _why_no_list(state: SetupState, t: Texts) -> str:
    if lacks_token(state.key_findings):
        return t("The client list cannot be read here: the application's token is missing.")
    return t("The client list could not be read.")


def edit_clients(state: SetupState, edit: pages.Edit) -> None:
    """Search for a client, or tick one."""
    match edit:
        case pages.Searched(text):
            _search(state, text)
        case pages.Toggled(value):
            _toggle(state, value)


def _search(state: SetupState, text: str) -> None:
    state.search, state.search_finding, state.trouble, state.has_seen_error = text, None, (), False
    if shows_token(text):
        state.search, state.search_finding = "", codes.KEY_SHOWN.found()
        return
    digits = sum(map(str.isdigit, text))
    words = sum(map(str.isalpha, text.replace("NO", "").replace("MVA", "")))
    if digits >= _DIGITS and not words:
        parsed = parse_org_number(text)
        if isinstance(parsed, Finding):
            state.search_finding = parsed
            if parsed.code is codes.ORG_NUMBER_IS_PERSONAL:
                # A national identity number must not be stored, not even in the field.
                state.search = ""
    elif "%" in text and not ORG_NUMBER_PLACEHOLDER.startswith(text.strip()):
        parsed = parse_org_number(text)
        if isinstance(parsed, Finding) and parsed.code is codes.PLACEHOLDER_NOT_HERE:
            state.search_finding = codes.PLACEHOLDER_MISSPELLED.found()


def _toggle(state: SetupState, value: str) -> None:
    """Toggle a client, or choose the shared set-up, which deselects all clients."""
    state.search, state.search_finding, state.trouble = "", None, ()
    if value == ORG_NUMBER_PLACEHOLDER:
        _choose(state, ())
    elif (number := normalise_org_number(value)) is not None:
        chosen = _chosen(state)
        others = tuple(each for each in chosen if each != number)
        _choose(state, others if number in chosen else (*chosen, number))


def _choose(state: SetupState, chosen: tuple[str, ...]) -> None:
    alone = len(chosen) == 1
    state.answers = replace(
        state.answers,
        is_shared=not chosen,
        org_number=chosen[0] if alone else None,
        clients=() if alone else chosen,
    )
    state.goes_on_without = False
    state.forget_checks()


async def arrive_at_clients(state: SetupState) -> Move:
    """Read the clients, if they were not read when the key was tested."""
    if state.clients is None and state.answers.key_verdict is Verdict.VALID:
        await state.read_again()
    return Then.STAY


async def take_clients(state: SetupState, reply: Reply) -> Move:
    """Continue with the chosen clients, or tick the one that was typed."""
    if isinstance(reply, pages.Again):
        trouble = await state.read_again()
        return state.report(trouble) if trouble else Then.STAY
    if isinstance(reply, pages.Typed):
        _search(state, reply.text)
    is_erased = state.search_finding is not None and not state.search
    if isinstance(reply, pages.Continue) and is_erased and state.has_seen_error:
        state.search_finding = None
    # This Enter was meant for the text that was cleared, so it must not confirm the choice. The next one may.
    state.has_seen_error = is_erased
    if state.search_finding is not None or not isinstance(reply, pages.Continue | pages.Typed):
        return Then.STAY
    if state.search:
        typed = parse_org_number(state.search)
        if isinstance(typed, Finding):
            return state.report(typed)
        _toggle(state, typed)
        return Then.STAY
    if state.answers.is_shared is None:
        state.answers = replace(state.answers, is_shared=True)
    return Then.NEXT


def unusual(state: SetupState) -> tuple[Finding, ...]:
    """Return warnings about organisation numbers that do not start with 8 or 9."""
    if state.setup is Setup.SINGLE_COMPANY:
        return ()
    found = (check_first_digit(number, state.environment) for number in state.answers.wanted_clients)
    return tuple(finding for finding in found if finding is not None)
