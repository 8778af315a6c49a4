"""Which question a step asks, given the answers so far: pure, the same for every face."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wizard.domain.finding import Finding, Verdict
from wizard.domain.key import read_key
from wizard.domain.org_number import format_org_number
from wizard.domain.reference import describe
from wizard.domain.secret import Secret
from wizard.domain.setup import ORG_NUMBER_PLACEHOLDER, KeyKind, Setup
from wizard.domain.step import StepId
from wizard.flow import questions as ask
from wizard.flow.answers import Answers, HeldKey, StoreKind
from wizard.flow.flow import Flow
from wizard.guide import load_step
from wizard.text import N_, Texts

SINGLE, BUREAU = "single-company", "bureau"
SHARED, CLIENT = "shared", "client"
YES, NO = "yes", "no"

KEY_NAME = "Visma Finale"
"""What to call the key in Tripletex. Source: Finale's help page."""

KINDS = {
    KeyKind.ORDINARY: N_("an ordinary key"),
    KeyKind.OFFICE: N_("an accounting office's key"),
}


@dataclass(frozen=True, slots=True)
class Reached:
    """A client that the key reaches."""

    name: str
    org_number: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a run has found out besides the answers.

    Attributes:
        clients: The clients that an office key reaches; None when that is not known.
        findings: What the last proof of the key said, to be shown where it matters.
        stores: The places for the key that exist here, with what is wrong with those that do not work.
    """

    config_path: str = ""
    document: str = ""
    is_diff: bool = False
    clients: tuple[Reached, ...] | None = None
    lines: tuple[ask.CheckLine, ...] = ()
    findings: tuple[Finding, ...] = ()
    stores: tuple[tuple[StoreKind, Finding | None], ...] = ()
    is_resumable: bool = False


def question_for(flow: Flow, known: Known, t: Texts) -> ask.Question:
    """Return the question of the current step, in the reader's language."""
    answers = flow.answers
    guide = load_step(flow.current, t.language, answers.setup).filled(
        application=answers.application,
        key_name=KEY_NAME,
        company=company_line(answers, t),
        org_number=answers.finale_org_number,
        config_path=known.config_path,
        key_place=describe(answers.key.reference) if answers.key else "",
    )
    common: dict[str, Any] = {
        "step": flow.current,
        "position": flow.position,
        "title": guide.title,
        "guide": guide.body,
        "help": guide.help,
    }
    return _BUILDERS.get(flow.current, _read)(flow, known, t, common)


def company_line(answers: Answers, t: Texts) -> str:
    """Return the company that was found, as one reads it out: ``Demo AS (974 760 673)``."""
    if answers.company is None:
        return t("not known yet")
    name = answers.company.name or t("a company without a name")
    number = answers.company.org_number
    return f"{name} ({format_org_number(number)})" if number else name


def held_line(key: HeldKey, t: Texts) -> str:
    """Return what is said of a key that is safe in its store."""
    if key.number is None:
        return t("{length} characters · {fingerprint}", length=key.length, fingerprint=key.fingerprint)
    return t(
        "Key no. {number} · {length} characters · {fingerprint}",
        number=key.number,
        length=key.length,
        fingerprint=key.fingerprint,
    )


_Common = dict[str, Any]


def _read(flow: Flow, known: Known, t: Texts, common: _Common) -> ask.Question:  # noqa: ARG001
    return ask.Read(**common)


def _application(flow: Flow, known: Known, t: Texts, common: _Common) -> ask.Question:  # noqa: ARG001
    def judge(text: str) -> ask.Shape:
        secret = Secret(text.strip())
        return ask.Shape(len(secret), secret.fingerprint)

    held = flow.answers.consumer_token
    return ask.AskSecret(
        **common,
        label=t("The application's token (leave empty if you do not have it):"),
        held=t("Kept as {place}", place=describe(held)) if held else None,
        is_optional=True,
        judge=judge,
    )


def _storage(flow: Flow, known: Known, t: Texts, common: _Common) -> ask.Question:
    labels: dict[StoreKind, tuple[str, str]] = {
        "keyring": (t("The keyring of this machine"), t("Encrypted, and open only while you are logged on.")),
        "file": (
            t("A private file"),
            t("Not encrypted. Readable by you and by the machine's administrator only."),
        ),
    }
    options = []
    findings = []
    for store, trouble in known.stores:
        if trouble is None:
            label, detail = labels[store]
            options.append(ask.Option(value=store, label=label, detail=detail))
        else:
            findings.append(trouble)
    # A plain file is never preselected: it takes a person to agree to it.
    works = any(option.value == "keyring" for option in options)
    selected = flow.answers.store or ("keyring" if works else None)
    return ask.Choose(
        **common,
        label=t("Where shall the key lie?"),
        options=tuple(options),
        selected=selected,
        findings=tuple(findings),
    )


def _create_key(flow: Flow, known: Known, t: Texts, common: _Common) -> ask.Question:
    answers = flow.answers

    def judge(text: str) -> ask.Shape:
        reading = read_key(text, answers.environment)
        secret = reading.secret or Secret(text)
        summary = (
            ""
            if reading.secret is None
            else _summary(reading.number, t("test environment") if reading.is_test else t("production"), t)
        )
        return ask.Shape(len(secret), secret.fingerprint if reading.secret else "", summary, reading.findings)

    return ask.AskSecret(
        **common,
        label=t("Paste the API key here (the long text, shown only once):"),
        held=held_line(answers.key, t) if answers.key else None,
        judge=judge,
        findings=known.findings,
    )


def _summary(number: int | None, place: str, t: Texts) -> str:
    if number is None:
        return t("A key of the old form, {place}", place=place)
    return t("Key no. {number}, {place}", number=number, place=place)


def _setup(flow: Flow, known: Known, t: Texts, common: _Common) -> ask.Question:
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


def _scope(flow: Flow, known: Known, t: Texts, common: _Common) -> ask.Question:  # noqa: ARG001
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
                label=t("One client"),
                detail=t("Entered in the client's Firmaopplysninger; OrgNr is the client's number."),
            ),
        ),
        selected=chosen or SHARED,
    )


def _org_number(flow: Flow, known: Known, t: Texts, common: _Common) -> ask.Question:
    answers = flow.answers
    if answers.setup is Setup.SINGLE_COMPANY and answers.company is not None:
        return ask.Choose(
            **common,
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
        )
    return ask.Read(**common)


def _client_options(known: Known) -> list[ask.Option]:
    return [
        ask.Option(value=client.org_number, label=client.name, detail=format_org_number(client.org_number))
        for client in known.clients or ()
        if client.org_number
    ]


def _client_access(flow: Flow, known: Known, t: Texts, common: _Common) -> ask.Question:
    wanted = (flow.answers.org_number,) if flow.answers.org_number else flow.answers.clients
    reached = {client.org_number: client.name for client in known.clients or ()}
    rows = [
        ask.Row(
            verdict=Verdict.UNKNOWN if known.clients is None else Verdict.INVALID,
            cells=(format_org_number(number), t("not known") if known.clients is None else t("not reached")),
        )
        for number in wanted
        if number not in reached
    ]
    rows += [
        ask.Row(
            verdict=Verdict.VALID,
            cells=(format_org_number(client.org_number or "–"), client.name),
        )
        for client in known.clients or ()
        if not wanted or client.org_number in wanted
    ]
    return ask.Overview(
        **common,
        columns=(t("Org. number"), t("Client")),
        rows=tuple(rows),
        findings=known.findings,
        proceed=t("Go on"),
    )


def _review(flow: Flow, known: Known, t: Texts, common: _Common) -> ask.Question:  # noqa: ARG001
    return ask.Review(
        **common,
        path=known.config_path,
        text=known.document,
        is_diff=known.is_diff,
        findings=known.findings,
        proceed=t("Write the file"),
    )


def _check(flow: Flow, known: Known, t: Texts, common: _Common) -> ask.Question:  # noqa: ARG001
    return ask.RunChecks(**common, lines=known.lines)


_BUILDERS: dict[StepId, Callable[[Flow, Known, Texts, _Common], ask.Question]] = {
    StepId.APPLICATION: _application,
    StepId.STORAGE: _storage,
    StepId.CREATE_KEY: _create_key,
    StepId.SETUP: _setup,
    StepId.SCOPE: _scope,
    StepId.ORG_NUMBER: _org_number,
    StepId.CLIENT_ACCESS: _client_access,
    StepId.REVIEW: _review,
    StepId.CHECK: _check,
}
