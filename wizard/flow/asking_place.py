"""The questions about where a key belongs: single company or bureau, which client, and its access."""

from wizard.domain.org_number import format_org_number
from wizard.domain.setup import ORG_NUMBER_PLACEHOLDER, KeyKind, Setup
from wizard.findings import Verdict
from wizard.flow import questions as ask
from wizard.flow.copies import adding
from wizard.flow.flow import Flow
from wizard.flow.known import (
    BUREAU,
    CLIENT,
    KINDS,
    NO,
    SHARED,
    SINGLE,
    YES,
    Common,
    Known,
    company_line,
)
from wizard.text import Texts


def ask_setup(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
    """Ask «single company or bureau», with what the key says as the proposal."""
    answers = flow.answers
    notes = []
    if answers.kind is not None:
        notes.append(t("The key works: {company}.", company=company_line(answers, t)))
        notes.append(t("It is {kind}.", kind=t(KINDS[answers.kind])))
    proposed = {KeyKind.ORDINARY: SINGLE, KeyKind.OFFICE: BUREAU, None: None}[answers.kind]
    chosen = None if answers.is_bureau is None else (BUREAU if answers.is_bureau else SINGLE)
    return ask.Choose(
        **common,
        notes=tuple(notes),
        findings=known.findings,
        label=t("What is to be connected?"),
        options=(
            ask.Option(
                value=SINGLE,
                label=t("A single company"),
                detail=t("The key was made in the company's own Tripletex."),
            ),
            ask.Option(
                value=BUREAU,
                label=t("An accounting office with clients"),
                detail=t("The key was made in the office's Tripletex, with the tick for the office's key."),
            ),
        ),
        selected=chosen or proposed,
    )


def ask_scope(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    """Ask «common for all clients or one client»."""
    chosen = {None: None, True: SHARED, False: CLIENT}[flow.answers.is_shared]
    return ask.Choose(
        **common,
        label=t("How will Finale be set up?"),
        options=(
            ask.Option(
                value=SHARED,
                label=t("Common for all clients"),
                detail=t(
                    "Entered once in Byråopplysninger; OrgNr is {number}.", number=ORG_NUMBER_PLACEHOLDER
                ),
            ),
            ask.Option(
                value=CLIENT,
                label=t("Client by client"),
                detail=t("Entered in each client's Firmaopplysninger; OrgNr is the client's number."),
            ),
        ),
        selected=chosen or SHARED,
    )


def ask_org_number(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
    """Ask for the client's number, or for a yes to the company that was found."""
    answers = flow.answers
    if answers.setup is Setup.SINGLE_COMPANY and answers.company is not None:
        number = ask.Copy(answers.company.name or "", answers.company.org_number or "")
        return ask.Choose(
            **adding(common, number),
            label=t("Is this the right company? {company}", company=company_line(answers, t)),
            options=(
                ask.Option(value=YES, label=t("Yes, this company")),
                ask.Option(value=NO, label=t("No, another company: make the key there")),
            ),
            selected=YES,
        )
    if answers.setup is Setup.BUREAU_CLIENT:
        return ask.AskText(
            **common,
            label=t("The client's organisation number, or a part of its name:"),
            text=answers.org_number or "",
            placeholder=t("nine digits"),
            options=tuple(_client_options(known)),
            takes_several=True,
            picked=answers.clients,
        )
    return ask.Read(**common)


def _client_options(known: Known) -> list[ask.Option]:
    return [
        ask.Option(value=client.org_number, label=client.name, detail=format_org_number(client.org_number))
        for client in known.clients or ()
        if client.org_number
    ]


def ask_client_access(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
    """Show which clients are reached, the missing ones first."""
    wanted = flow.answers.wanted_clients
    reached = {client.org_number: client.name for client in known.clients or ()}
    missing = [number for number in wanted if number not in reached]
    verdict, said = (
        (Verdict.UNKNOWN, t("not known")) if known.clients is None else (Verdict.INVALID, t("no access"))
    )
    rows = [ask.Row(verdict=verdict, cells=(format_org_number(number), said)) for number in missing]
    rows += [
        ask.Row(
            verdict=Verdict.VALID,
            cells=(format_org_number(client.org_number or "–"), client.name),
        )
        for client in known.clients or ()
        if not wanted or client.org_number in wanted
    ]
    return ask.Overview(
        **adding(common, *(ask.Copy(said, number) for number in missing)),
        columns=(t("Org. number"), t("Client")),
        rows=tuple(rows),
        findings=known.findings,
        proceed="",
    )
