"""The steps that ask whether the key is for a single company or an office, and for which clients."""

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
from wizard.findings import Finding, StepId, Verdict, codes
from wizard.guide import GuidePage, load_page
from wizard.setup.state import SetupState
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.engine import Move, Step, Then, finding_card, lacks_token, state_of
from wizard.walk.pages import Card, Choice, Chosen, Key, Page, Reply, State
from wizard.walk.words import kind_words

SINGLE, OFFICE = "single-company", "bureau"
YES, NO = "yes", "no"
_DIGITS = 9


# --- single company or office ---


def _show_setup(state: SetupState, t: Texts) -> Page:
    guide = load_page(StepId.SETUP, t.language)
    answers, finding = state.answers, state.finding
    fits_key = {KeyKind.ORDINARY: SINGLE, KeyKind.OFFICE: OFFICE, None: ""}[answers.kind]
    note = t("fits the key")
    chosen = "" if answers.is_bureau is None else OFFICE if answers.is_bureau else SINGLE
    if finding is not None:
        chosen = SINGLE if finding.code is codes.OFFICE_KEY_FOR_COMPANY else OFFICE
    return Page(
        title=guide.title,
        choices=(
            Choice(
                SINGLE,
                t("Single company"),
                (
                    t("The key was made in the company's own Tripletex account."),
                    t("In Finale: Firmaopplysninger. OrgNr stays empty."),
                ),
                note if fits_key == SINGLE else "",
            ),
            Choice(
                OFFICE,
                t("Accounting office with clients"),
                (
                    t(
                        "The key was made in the office's Tripletex account, with a tick for "
                        "Regnskapskontorets brukernøkkel."
                    ),
                    t("In Finale: Byråopplysninger, or Firmaopplysninger at each client."),
                ),
                note if fits_key == OFFICE else "",
                gap=True,
            ),
        ),
        marked=chosen or fits_key or SINGLE,
        choices_first=True,
        card=_setup_card(state, finding, t),
        enter=t("continue"),
        fix_step=(StepId.CREATE_KEY, t("make a new key")) if finding else None,
        finding=finding,
        help=guide.topics,
    )


def _setup_card(state: SetupState, finding: Finding | None, t: Texts) -> Card:
    answers = state.answers
    if finding is not None:
        return finding_card(finding, t)
    if answers.kind is None:
        lines = (
            t("We do not know what kind of key it is."),
            t("Choose 2 if you ticked Regnskapskontorets brukernøkkel."),
        )
        return Card(State.RESTING, lines=lines)
    kind = kind_words(answers.kind, t)
    name = answers.company.name if answers.company else None
    headline = (
        t("The key is an {kind} from {company}.", kind=kind, company=name)
        if name
        else t("The key is an {kind}.", kind=kind)
    )
    return Card(State.GOOD, headline, (t("We have selected the one that fits the key."),))


async def _take_setup(state: SetupState, reply: Reply) -> Move:
    """Apply the choice, unless it does not fit the key."""
    if not isinstance(reply, Chosen) or reply.value not in {SINGLE, OFFICE}:
        return Then.STAY
    is_bureau = reply.value == OFFICE
    trouble = check_choice(state.answers.kind, is_bureau=is_bureau)
    if trouble is not None:
        return state.report(trouble)
    if is_bureau != state.answers.is_bureau:
        state.results, state.said = (), None
    state.answers = replace(state.answers, is_bureau=is_bureau)
    return Then.NEXT


def check_choice(kind: KeyKind | None, *, is_bureau: bool) -> Finding | None:
    """Return a finding if a choice does not fit the kind of key."""
    if kind is KeyKind.OFFICE and not is_bureau:
        return codes.OFFICE_KEY_FOR_COMPANY.found(step=StepId.CREATE_KEY)
    if kind is KeyKind.ORDINARY and is_bureau:
        return codes.ORDINARY_KEY_FOR_BUREAU.found(step=StepId.CREATE_KEY)
    return None


# --- the organisation number ---


def _show_org_number(state: SetupState, t: Texts) -> Page:
    guide = load_page(StepId.ORG_NUMBER, t.language, state.setup)
    page = _show_clients(state, t, guide) if state.answers.is_bureau else _show_company(state, t, guide)
    return replace(page, help=(*page.help, *guide.topics))


def _show_company(state: SetupState, t: Texts, guide: GuidePage) -> Page:
    company = state.answers.company
    body = (
        *guide.body,
        pages.FinaleForm("", "", (pages.FormField(t("OrgNr in Finale"), "", t("leave empty")),)),
    )
    if company is None:
        return Page(title=guide.title, body=body, enter=t("continue"))
    number = company.org_number
    lines = (t("Organisation number {number}", number=format_org_number(number)),) if number else ()
    return Page(
        title=guide.title,
        body=(
            *body,
            pages.Slot.CARD,
            pages.Paragraph(t("Is this the company that you want to connect to Finale?")),
        ),
        card=Card(State.GOOD, company.name or t("a company without a name"), lines),
        choices=(
            Choice(YES, t("Yes, that is the company")),
            Choice(
                NO,
                t("No, make the key in another company"),
                (t("Change company in Tripletex, make a new key there, and paste it."),),
            ),
        ),
        marked=YES,
        enter=t("choose"),
        copies=(pages.Copy(t("copy the number"), number),) if number else (),
    )


def _show_clients(state: SetupState, t: Texts, guide: GuidePage) -> Page:
    answers, clients = state.answers, state.clients
    is_shared = answers.is_shared is not False
    chosen = () if is_shared else answers.wanted_clients
    rows, total = _rows(state, chosen, t)
    label = (
        t("Find a client, or type the organisation number")
        if clients
        else t("Type the client's organisation number, nine digits")
    )
    first = pages.ListRow(
        ORG_NUMBER_PLACEHOLDER,
        t("%ORGNR% · common for all clients"),
        right="Byråopplysninger",
        mark=pages.Mark.CHOSEN if is_shared else pages.Mark.NOT_CHOSEN,
    )
    finding = state.typed_number or state.finding
    kind = kind_words(KeyKind.OFFICE, t)
    note = kind if clients is None else f"{kind} · {t.plural('{n} client', '{n} clients', total)}"
    if state.search and clients:
        note = t.plural("{shown} of {n} client", "{shown} of {n} clients", total, shown=len(rows))
    return Page(
        title=guide.title,
        note=note,
        body=guide.body,
        answer=pages.SearchList(
            label,
            rows,
            state.search,
            State.BAD if state_of(finding) is State.BAD else State.RESTING,
            first if ORG_NUMBER_PLACEHOLDER.startswith(state.search.strip()) else None,
            takes_ticks=True,
        ),
        card=finding_card(finding, t) if finding else _chosen_card(state, chosen, rows, t),
        enter=t("tick") if state.search else t("continue"),
        keys=(Key("Space", t("select")), *((Key("Ctrl+R", t("read again")),) if clients is None else ())),
        finding=finding,
    )


def _rows(state: SetupState, chosen: tuple[str, ...], t: Texts) -> tuple[tuple[pages.ListRow, ...], int]:
    clients = state.clients or ()
    counted = Counter(client.org_number for client in clients)
    rows = []
    # Numbers may be typed in other formats, such as NO 974 760 673 MVA.
    typed = parse_org_number(state.search) if state.search else None
    for client in sorted(clients, key=lambda client: client.name.casefold()):
        number = client.org_number
        is_typed = number is not None and number == typed
        if (
            state.search
            and not is_typed
            and not pages.fits(state.search, pages.searchable((client.name, number or "")))
        ):
            continue
        if number is None:
            rows.append(
                pages.ListRow("", client.name, right=t("has no number in Tripletex"), is_enabled=False)
            )
            continue
        twin = t("! same number") if counted[number] > 1 else ""
        mark = pages.Mark.TICKED if number in chosen else pages.Mark.NOT_TICKED
        rows.append(pages.ListRow(number, client.name, twin, format_org_number(number), mark))
    known = {client.org_number for client in clients}
    for number in answers_not_listed(state, chosen, known):
        if state.search and number != typed and not pages.fits(state.search, number):
            continue
        mark = pages.Mark.TICKED if number in chosen else pages.Mark.NOT_TICKED
        note = t("typed in") if state.clients is None else t("not in the list yet")
        rows.append(pages.ListRow(number, format_org_number(number), right=note, mark=mark))
    return tuple(rows), len(clients)


def answers_not_listed(state: SetupState, chosen: tuple[str, ...], known: set[str | None]) -> list[str]:
    """Return typed numbers that are not in the list of clients, including the one in the search field."""
    found = [number for number in chosen if number not in known]
    typed = parse_org_number(state.search) if state.search else None
    if isinstance(typed, str) and typed not in known and typed not in found:
        found.append(typed)
    return found


def _chosen_card(
    state: SetupState, chosen: tuple[str, ...], rows: tuple[pages.ListRow, ...], t: Texts
) -> Card:
    lines: tuple[str, ...]
    if state.search and not rows and "%" not in state.search:
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
    if state.search and rows:
        lines = (t("Enter ticks {name} and clears the search.", name=rows[0].text),)
    elif state.clients is None:
        lines = (*lines[:1], _why_no_list(state, t))
    return Card(State.RESTING, headline, lines)


def _why_no_list(state: SetupState, t: Texts) -> str:
    if lacks_token(state.key_findings):
        return t("The client list cannot be read here: the application's token is missing.")
    return t("The client list could not be read.")


def _edit_clients(state: SetupState, edit: pages.Edit) -> None:
    if not state.answers.is_bureau:
        return
    match edit:
        case pages.Searched(text):
            _search(state, text)
        case pages.Toggled(value):
            toggle(state, value)


def _search(state: SetupState, text: str) -> None:
    state.search, state.typed_number, state.trouble, state.has_seen_error = text, None, (), False
    if shows_token(text):
        state.search, state.typed_number = "", codes.KEY_SHOWN.found()
        return
    digits = sum(map(str.isdigit, text))
    words = sum(map(str.isalpha, text.replace("NO", "").replace("MVA", "")))
    if digits >= _DIGITS and not words:
        parsed = parse_org_number(text)
        if isinstance(parsed, Finding):
            state.typed_number = parsed
            if parsed.code is codes.ORG_NUMBER_IS_PERSONAL:
                # A national identity number must not be stored, not even in the field.
                state.search = ""
    elif "%" in text and not ORG_NUMBER_PLACEHOLDER.startswith(text.strip()):
        parsed = parse_org_number(text)
        if isinstance(parsed, Finding) and parsed.code is codes.PLACEHOLDER_NOT_HERE:
            state.typed_number = codes.PLACEHOLDER_MISSPELLED.found()


def toggle(state: SetupState, value: str) -> None:
    """Toggle a client, or choose the shared set-up, which deselects all clients."""
    answers = state.answers
    state.search, state.typed_number, state.trouble = "", None, ()
    if value == ORG_NUMBER_PLACEHOLDER:
        _choose(state, ())
        return
    number = normalise_org_number(value)
    if number is None:
        return
    chosen = () if answers.is_shared is not False else answers.wanted_clients
    _choose(
        state, tuple(each for each in chosen if each != number) if number in chosen else (*chosen, number)
    )


def _choose(state: SetupState, chosen: tuple[str, ...]) -> None:
    alone = len(chosen) == 1
    state.answers = replace(
        state.answers,
        is_shared=not chosen,
        org_number=chosen[0] if alone else None,
        clients=() if alone else chosen,
    )
    state.results, state.said, state.goes_on_without = (), None, False


async def _arrive_at_org_number(state: SetupState) -> Move:
    """Read the clients, if they were not read when the key was tested."""
    answers = state.answers
    if answers.is_bureau and state.clients is None and answers.key_verdict is Verdict.VALID:
        await state.read_again()
    return Then.STAY


async def _take_org_number(state: SetupState, reply: Reply) -> Move:
    """Apply the choice of clients, or the confirmation of the company."""
    if not state.answers.is_bureau:
        # The key works, but for another company, so a new key is needed.
        return StepId.CREATE_KEY if reply == Chosen(NO) else Then.NEXT
    if isinstance(reply, pages.Again):
        trouble = await state.read_again()
        return state.report(trouble) if trouble else Then.STAY
    if isinstance(reply, pages.Typed):
        _search(state, reply.text)
    is_erased = state.typed_number is not None and not state.search
    if isinstance(reply, pages.Continue) and is_erased and state.has_seen_error:
        state.typed_number = None
    # This Enter was meant for the text that was cleared, so it must not confirm the choice. The next one may.
    state.has_seen_error = is_erased
    if state.typed_number is not None or not isinstance(reply, pages.Continue | pages.Typed):
        return Then.STAY
    if state.search:
        typed = parse_org_number(state.search)
        if isinstance(typed, Finding):
            return state.report(typed)
        toggle(state, typed)
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


SETUP = Step(id=StepId.SETUP, show=_show_setup, take=_take_setup, number=3)
ORG_NUMBER = Step(
    id=StepId.ORG_NUMBER,
    show=_show_org_number,
    take=_take_org_number,
    arrive=_arrive_at_org_number,
    edit=_edit_clients,
    number=4,
)
