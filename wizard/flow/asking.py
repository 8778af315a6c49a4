"""Which question a step asks, given the answers so far: pure, the same for every face."""

from collections.abc import Callable

from wizard.findings import StepId
from wizard.flow import asking_place as place
from wizard.flow import questions as ask
from wizard.flow.asking_key import ask_application, ask_key
from wizard.flow.asking_storage import ask_own_place, ask_storage
from wizard.flow.copies import adding
from wizard.flow.flow import Flow
from wizard.flow.frame import frame
from wizard.flow.known import ANEW, KEY_NAME, RESUME, Common, Known, company_line
from wizard.text import Texts


def question_for(flow: Flow, known: Known, t: Texts) -> ask.Question:
    """Return the question of the current step, in the reader's language."""
    answers = flow.answers
    values = {
        "application": answers.application,
        "key_name": KEY_NAME,
        "company": company_line(answers, t) if answers.company else None,
        "org_number": answers.finale_org_number or None,
        "config_path": known.config_path,
    }
    common = frame(flow, answers.setup, values, t)
    return _BUILDERS.get(flow.current, _read)(flow, known, t, common)


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
    return ask_application(common, t, flow.answers.consumer_token)


def _storage(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
    answers = flow.answers
    return ask_storage(common, t, known.stores, answers.own_place or answers.store, offers_own_places=True)


def _own_place(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
    answers = flow.answers
    if answers.own_place is None:
        return _read(flow, known, t, common)
    return ask_own_place(common, t, answers.own_place, answers.key_reference)


def _create_key(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
    answers = flow.answers
    return ask_key(
        common,
        t,
        answers.environment,
        answers.key,
        place=known.key_place,
        pasted=known.pasted,
        findings=known.findings,
    )


def _review(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
    return ask.Review(
        **adding(common, ask.Copy(t("The config"), known.config_path)),
        path=known.config_path,
        text=known.document,
        is_diff=known.is_diff,
        findings=known.findings,
        proceed=_writing(flow, t) if known.document else "",
    )


def _writing(flow: Flow, t: Texts) -> str:
    return t("Write the files") if flow.answers.is_for_several else t("Write the file")


def _finale(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:
    names = {client.org_number: client.name for client in known.clients or ()}
    copies = [ask.Copy(names.get(number, ""), number) for number in flow.answers.clients]
    # Without grouping: Finale gets the number as it stands here.
    numbers = tuple(f"  {copy.text}  {copy.label}".rstrip() for copy in copies)
    notes = (t("OrgNr for each client:"), *numbers) if numbers else ()
    return ask.Read(**adding(common, *copies), notes=notes)


def _done(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    return ask.Read(**common, proceed=t("Finish"), on_leaving=ask.Continue())


def _check(flow: Flow, known: Known, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    return ask.RunChecks(**common, lines=known.lines)


_BUILDERS: dict[StepId, Callable[[Flow, Known, Texts, Common], ask.Question]] = {
    StepId.WELCOME: _welcome,
    StepId.APPLICATION: _application,
    StepId.STORAGE: _storage,
    StepId.OWN_PLACE: _own_place,
    StepId.CREATE_KEY: _create_key,
    StepId.SETUP: place.ask_setup,
    StepId.SCOPE: place.ask_scope,
    StepId.ORG_NUMBER: place.ask_org_number,
    StepId.CLIENT_ACCESS: place.ask_client_access,
    StepId.REVIEW: _review,
    StepId.CHECK: _check,
    StepId.FINALE: _finale,
    StepId.DONE: _done,
}
