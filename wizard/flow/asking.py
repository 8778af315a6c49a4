"""Which question a step asks, given the answers so far: pure, the same for every face."""

from collections.abc import Callable

from wizard.domain.key import read_key
from wizard.domain.reference import describe
from wizard.domain.secret import Secret
from wizard.domain.step import StepId
from wizard.flow import asking_place as place
from wizard.flow import questions as ask
from wizard.flow.answers import StoreKind
from wizard.flow.flow import Flow
from wizard.flow.known import ANEW, KEY_NAME, RESUME, Common, Known, company_line, held_line
from wizard.guide import load_step
from wizard.text import Texts


def question_for(flow: Flow, known: Known, t: Texts) -> ask.Question:
    """Return the question of the current step, in the reader's language."""
    answers = flow.answers
    guide = load_step(flow.current, t.language, answers.setup).filled(
        application=answers.application,
        key_name=KEY_NAME,
        company=company_line(answers, t) if answers.company else None,
        org_number=answers.finale_org_number or None,
        config_path=known.config_path,
    )
    common: Common = {
        "step": flow.current,
        "position": flow.position,
        "title": guide.title,
        "guide": guide.body,
        "help": guide.help,
    }
    return _BUILDERS.get(flow.current, _read)(flow, known, t, common)


def outline_of(flow: Flow, t: Texts) -> tuple[ask.OutlineEntry, ...]:
    """Return the steps that the answers lead through, for a list beside the question."""
    path = flow.path
    current = path.index(flow.current)
    return tuple(
        ask.OutlineEntry(step, load_step(step, t.language).title, index == current, index < current)
        for index, step in enumerate(path)
    )


def _read(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    return ask.Read(**common)


def _welcome(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
    if not known.is_resumable:
        return _read(flow, known, t, common)
    return ask.Choose(
        **common,
        label=t("An earlier set-up was not finished."),
        options=(
            ask.Option(
                value=RESUME, label=t("Go on where it was"), detail=t("A key that was pasted is kept safe.")
            ),
            ask.Option(
                value=ANEW, label=t("Start anew"), detail=t("A key that was pasted then is thrown away.")
            ),
        ),
        selected=RESUME,
    )


def _application(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
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


def _storage(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
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


def _create_key(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
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


def _review(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    return ask.Review(
        **common,
        path=known.config_path,
        text=known.document,
        is_diff=known.is_diff,
        findings=known.findings,
        proceed=t("Write the file"),
    )


def _check(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    return ask.RunChecks(**common, lines=known.lines)


_BUILDERS: dict[StepId, Callable[[Flow, Known, Texts, Common], ask.Question]] = {
    StepId.WELCOME: _welcome,
    StepId.APPLICATION: _application,
    StepId.STORAGE: _storage,
    StepId.CREATE_KEY: _create_key,
    StepId.SETUP: place.ask_setup,
    StepId.SCOPE: place.ask_scope,
    StepId.ORG_NUMBER: place.ask_org_number,
    StepId.CLIENT_ACCESS: place.ask_client_access,
    StepId.REVIEW: _review,
    StepId.CHECK: _check,
}
