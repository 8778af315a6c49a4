"""Which question a step of a rotation asks: pure, the same for every face."""

from collections.abc import Callable

from wizard.domain.legible import command_line
from wizard.domain.org_number import format_org_number
from wizard.domain.setup import Setup
from wizard.findings import StepId, Verdict, verdict
from wizard.flow import questions as ask
from wizard.flow.asking_key import ask_application, ask_key
from wizard.flow.asking_storage import ask_storage
from wizard.flow.copies import adding
from wizard.flow.frame import frame
from wizard.flow.known import ANEW, RESUME, Common
from wizard.flow.rotation.answers import ConfigFate, Fate, RotationKnown
from wizard.flow.rotation.steps import RotationFlow
from wizard.flow.rotation.wording import (
    FATES,
    company_name,
    delete_line,
    in_use_line,
    named,
    others_line,
    tried_line,
)
from wizard.text import Texts

PROVE, LATER = "prove", "later"
_MOST_PATHS = 3


def question_for(flow: RotationFlow, known: RotationKnown, t: Texts) -> ask.Question:
    """Return the question of the current step, in the reader's language."""
    answers = flow.answers
    is_for_all = answers.is_mixed and flow.current is StepId.FINALE
    values = {
        "application": answers.application,
        "key_name": known.key_name,
        "company": _company_in_guide(flow, known, t),
        "org_number": answers.org_number or None,
        "config_path": known.paths[0] if len(known.paths) == 1 else None,
    }
    common = frame(flow, None if is_for_all else answers.setup, values, t)
    return _BUILDERS.get(flow.current, _read)(flow, known, t, common)


def _company_in_guide(flow: RotationFlow, known: RotationKnown, t: Texts) -> str | None:
    # An office's own name is not the name of the client in whose dialog the key is entered.
    is_single = flow.answers.setup is Setup.SINGLE_COMPANY
    return company_name(known.new_company, t) if is_single and known.new_company else None


def _read(flow: RotationFlow, known: RotationKnown, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    return ask.Read(**common)


def _start(flow: RotationFlow, known: RotationKnown, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    notes = (in_use_line(known.in_use, t), *_path_lines(known.paths, t), *_others(known.others, t))
    common = adding(common, *(ask.Copy(t("The config"), path) for path in known.paths[:_MOST_PATHS]))
    if not known.is_resumable:
        return ask.Read(**common, notes=notes)
    return ask.Choose(
        **common,
        notes=notes,
        label=t("An earlier change of the key was not finished."),
        options=(
            ask.Option(
                value=RESUME,
                label=t("Go on where it was"),
                detail=t("The new key is safe in its store; you are not asked for it again."),
            ),
            ask.Option(
                value=ANEW,
                label=t("Start again"),
                detail=t("With another new key. The one from then is thrown away if nothing uses it."),
            ),
        ),
        selected=RESUME,
    )


def _path_lines(paths: tuple[str, ...], t: Texts) -> tuple[str, ...]:
    if len(paths) == 1:
        return paths
    shown = paths[:_MOST_PATHS]
    more = len(paths) - len(shown)
    counted = t.plural("{n} config uses the key:", "{n} configs use the key:", len(paths))
    rest = (t.plural("and {n} more", "and {n} more", more),) if more else ()
    return (counted, *(f"  {path}" for path in shown), *rest)


def _others(count: int, t: Texts) -> tuple[str, ...]:
    return (others_line(count, t),) if count else ()


def _application(flow: RotationFlow, known: RotationKnown, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    return ask_application(common, t)


def _storage(flow: RotationFlow, known: RotationKnown, t: Texts, common: Common) -> ask.Question:
    return ask_storage(common, t, known.stores, flow.answers.store)


def _key(flow: RotationFlow, known: RotationKnown, t: Texts, common: Common) -> ask.Question:
    answers = flow.answers
    notes = (
        tried_line(known.in_use, t),
        t("Make the new one like it, for the same application, and leave the old one where it is."),
    )
    return ask_key(common, t, answers.environment, answers.key, notes=notes, findings=known.findings)


def _access(flow: RotationFlow, known: RotationKnown, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    lost_numbers = {client.org_number for client in known.lost}
    rows = [
        ask.Row(
            verdict=Verdict.INVALID,
            cells=(
                format_org_number(client.org_number or "–"),
                client.name,
                t("no longer reached"),
            ),
        )
        for client in known.lost
    ]
    rows += [
        ask.Row(
            verdict=Verdict.INVALID,
            cells=(format_org_number(number), "", t("no access")),
        )
        for number in known.missing
        if number not in lost_numbers
    ]
    rows += [
        ask.Row(verdict=Verdict.VALID, cells=(format_org_number(client.org_number or "–"), client.name, ""))
        for client in known.reached
    ]
    lacking = (
        *(ask.Copy(client.name, client.org_number or "") for client in known.lost),
        *(ask.Copy(t("no access"), number) for number in known.missing),
    )
    return ask.Overview(
        **adding(common, *lacking),
        columns=(t("Org. number"), t("Client"), t("With the new key")),
        rows=tuple(rows),
        findings=known.findings,
        proceed=t("Accept the list and go on"),
    )


def _review(flow: RotationFlow, known: RotationKnown, t: Texts, common: Common) -> ask.Question:
    key = flow.answers.key
    notes = [t("The new key: {key}.", key=named(key.number, t))] if key else []
    if known.new_company is not None:
        notes.append(t("It works, and belongs to {company}.", company=company_name(known.new_company, t)))
    if known.not_shown:
        notes.append(
            t.plural("{n} more config changes alike.", "{n} more configs change alike.", known.not_shown)
        )
    waiting = [fate for fate in known.fates if not fate.is_on_new_key]
    count = t.plural("{n} config", "{n} configs", len(waiting))
    paths = (ask.Copy(t("The config"), fate.path) for fate in waiting[:_MOST_PATHS])
    return ask.Review(
        **adding(common, *paths),
        notes=tuple(notes),
        findings=known.findings,
        path=waiting[0].path if len(waiting) == 1 else count,
        text=known.document,
        is_diff=True,
        proceed=t("Change the key") if waiting else "",
    )


def _table(flow: RotationFlow, known: RotationKnown, t: Texts, common: Common) -> ask.Question:
    advice = (
        t("Do not delete {key} in Tripletex yet: not every config has left it.", key=_old(known, t))
        if flow.answers.is_incomplete
        else t("Every config uses the new key. What is left is Finale, and the old key in Tripletex.")
    )
    # What has gone well is not looked into any further.
    left = (ask.Copy(t(FATES[fate.fate]), fate.path) for fate in known.fates if not fate.is_on_new_key)
    return ask.Overview(
        **adding(common, *left),
        notes=(advice,),
        findings=known.findings,
        columns=(t("Result"), t("Config"), t("Why")),
        rows=tuple(_row(fate, t) for fate in known.fates),
        # Where a config still needs the old key, there is nothing after this.
        proceed=t("Finish") if flow.is_last else "",
        on_leaving=ask.Continue() if flow.is_last else None,
    )


def _row(fate: ConfigFate, t: Texts) -> ask.Row:
    # A config that needs no change is in order only when the check after the change said so.
    said = Verdict.UNKNOWN if fate.fate in {Fate.WAITING, Fate.NOT_CHECKED} else verdict(fate.findings)
    why = next((finding.message(t) for finding in fate.findings if finding.is_error), "")
    return ask.Row(verdict=said, cells=(t(FATES[fate.fate]), fate.path, why))


def _old_key(flow: RotationFlow, known: RotationKnown, t: Texts, common: Common) -> ask.Question:  # noqa: ARG001
    if known.old_is_dead:
        note = t("{key} is blocked.", key=_old(known, t))
        return ask.Read(
            **common,
            notes=(note,),
            findings=known.findings,
            proceed=t("Finish"),
            on_leaving=ask.Continue(),
        )
    paths = known.paths if len(known.paths) == 1 else ()
    back = ask.Copy(t("Go back to the previous key"), command_line("tripletex-wizard", "rollback", *paths))
    return ask.Choose(
        **adding(common, back),
        notes=(delete_line(known.in_use, known.key_name, t),),
        findings=known.findings,
        label=t("When it is deleted:"),
        options=(
            ask.Option(
                value=PROVE,
                label=t("Check that the old key is blocked"),
                detail=t("One log-on is tried with it. The answer should be no."),
                proceed=t("Try it"),
            ),
            ask.Option(
                value=LATER,
                label=t("I will delete it later"),
                detail=t("As long as it lives, you can go back to it with `tripletex-wizard rollback`."),
                proceed=t("Finish"),
            ),
        ),
        selected=LATER,
        on_leaving=ask.Chosen(LATER),
    )


def _old(known: RotationKnown, t: Texts) -> str:
    return named(known.in_use.number, t)


_BUILDERS: dict[StepId, Callable[[RotationFlow, RotationKnown, Texts, Common], ask.Question]] = {
    StepId.ROTATE_START: _start,
    StepId.APPLICATION: _application,
    StepId.STORAGE: _storage,
    StepId.CREATE_KEY: _key,
    StepId.CLIENT_ACCESS: _access,
    StepId.ROTATE_REVIEW: _review,
    StepId.ROTATE_TABLE: _table,
    StepId.ROTATE_OLD_KEY: _old_key,
}
