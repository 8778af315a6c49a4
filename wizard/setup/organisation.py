"""The steps that ask whether the key is for a single company or an office, and for which one."""

from dataclasses import replace

from wizard.domain.setup import KeyKind, format_org_number
from wizard.findings import Finding, StepId, codes
from wizard.guide import GuidePage, load_page
from wizard.setup.clients import arrive_at_clients, edit_clients, show_clients, take_clients
from wizard.setup.state import SetupState
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.cards import finding_card
from wizard.walk.engine import Move, Step, Then
from wizard.walk.pages import Card, Choice, Chosen, Page, Reply, State
from wizard.walk.words import kind_words

SINGLE, OFFICE = "single-company", "bureau"
YES, NO = "yes", "no"


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
        state.forget_checks()
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
    page = show_clients(state, guide, t) if state.answers.is_bureau else _show_company(state, guide, t)
    return replace(page, help=(*page.help, *guide.topics))


def _show_company(state: SetupState, guide: GuidePage, t: Texts) -> Page:
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


def _edit(state: SetupState, edit: pages.Edit) -> None:
    if state.answers.is_bureau:
        edit_clients(state, edit)


async def _arrive(state: SetupState) -> Move:
    return await arrive_at_clients(state) if state.answers.is_bureau else Then.STAY


async def _take_org_number(state: SetupState, reply: Reply) -> Move:
    """Apply the choice of clients, or the confirmation of the company."""
    if state.answers.is_bureau:
        return await take_clients(state, reply)
    # The key works, but if it is for another company, a new one is needed.
    return StepId.CREATE_KEY if reply == Chosen(NO) else Then.NEXT


SETUP = Step(id=StepId.SETUP, show=_show_setup, take=_take_setup, number=3)
ORG_NUMBER = Step(
    id=StepId.ORG_NUMBER,
    show=_show_org_number,
    take=_take_org_number,
    arrive=_arrive,
    edit=_edit,
    number=4,
)
