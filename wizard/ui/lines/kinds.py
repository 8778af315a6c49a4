"""One way to ask for each kind of question; every step uses these."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from wizard.domain.legible import visible
from wizard.domain.secret import Secret
from wizard.findings import Verdict
from wizard.flow.questions import (
    Again,
    AskSecret,
    AskText,
    Choose,
    Chosen,
    Continue,
    Overview,
    Pasted,
    Question,
    Read,
    Reply,
    Review,
    Row,
    RunChecks,
    Typed,
)
from wizard.ui.lines.desk import Command, Desk, Mend
from wizard.ui.lines.findings import tell_findings
from wizard.ui.lines.picking import LIMIT, numbers_in, pick
from wizard.ui.search import fits, searchable
from wizard.ui.wording import verdict_width, verdict_word

Answer = Reply | Command | Mend

_AGAIN: Final = "r"


def ask(question: Question, desk: Desk) -> Answer:
    """Ask a question until there is an answer that can be handed in."""
    return _ASK[type(question)](question, desk)


def _read(question: Read, desk: Desk) -> Answer:
    return _proceed(desk, question.proceed)


def _review(question: Review, desk: Desk) -> Answer:
    path = question.path
    t = desk.t
    desk.out.line(
        t("Changes in {path}:", path=path) if question.is_diff else t("New file {path}:", path=path)
    )
    desk.out.line()
    desk.out.block(question.text)
    desk.out.line()
    return _proceed(desk, question.proceed)


def _run_checks(question: RunChecks, desk: Desk) -> Answer:  # noqa: ARG001 - its lines have been told
    return _proceed(desk, again=desk.t("check again"))


def _choose(question: Choose, desk: Desk) -> Answer:
    desk.out.line(question.label)
    default = None
    count = sum(option.is_available for option in question.options)
    for number, option in enumerate(question.options, start=1):
        desk.out.line(option.label, indent=f"{number if option.is_available else '-':>4}  ")
        if option.detail:
            desk.out.line(option.detail, indent=" " * 6)
        if option.value == question.selected:
            default = number
    while True:
        typed = desk.ask(desk.t("Number") + (f" [{default}]" if default else ""))
        if not isinstance(typed, str):
            return typed
        places = numbers_in(typed.strip() or str(default or ""), count)
        if places is not None and len(places) == 1:
            return Chosen(question.options[places[0]].value)
        desk.out.line(desk.t("Answer with a number from 1 to {last}.", last=count))


def _ask_secret(question: AskSecret, desk: Desk) -> Answer:
    t = desk.t
    desk.out.line(question.label)
    way = ""
    if question.held:
        desk.out.line(t("Kept already: {held}", held=question.held) if question.is_kept else question.held)
        way = t("[Enter: keep it] ") if question.is_kept else t("[Enter: read it in its place] ")
    elif question.is_optional:
        way = t("[Enter: go on without] ")
    while True:
        typed = desk.ask_hidden(way + t("(what you paste is not shown)"))
        if not isinstance(typed, str):
            return typed
        if not typed.strip() and way:
            return Continue()
        shape = question.judge(typed)
        if typed.strip():
            read = t.plural("Read: {n} character", "Read: {n} characters", shape.length)
            desk.out.line(" · ".join(filter(None, (read, shape.fingerprint, shape.summary))))
        tell_findings(shape.findings, desk)
        if not any(finding.is_error for finding in shape.findings):
            return Pasted(Secret(typed))


def _ask_text(question: AskText, desk: Desk) -> Answer:
    if question.options:
        return pick(question, desk)
    placeholder = f" ({question.placeholder})" if question.placeholder else ""
    desk.out.line(f"{question.label}{placeholder}")
    typed = desk.ask(f"[{question.text}]" if question.text else "")
    if not isinstance(typed, str):
        return typed
    return Typed(typed if typed.strip() else question.text)


def _overview(question: Overview, desk: Desk) -> Answer:
    # What is wrong stands first, and is never what a long list leaves out.
    rows = sorted(question.rows, key=lambda row: row.verdict is Verdict.VALID)
    _tell_rows(rows, question.columns, desk)

    def search(typed: str) -> bool:
        found = [row for row in rows if fits(typed, searchable(row.cells))]
        if not found or len(rows) <= LIMIT:
            return False
        _tell_rows(found, question.columns, desk)
        return True

    return _proceed(desk, question.proceed, again=desk.t("read again"), otherwise=search)


def _tell_rows(rows: Sequence[Row], columns: Sequence[str], desk: Desk) -> None:
    if not rows:
        desk.out.line(desk.t("The list is empty."))
        return
    listed = rows[:LIMIT]
    heads = (" " * verdict_width(desk.t), *columns)
    table = [heads, *((verdict_word(row.verdict, desk.t), *map(visible, row.cells)) for row in listed)]
    widths = [max(map(len, column)) for column in zip(*table, strict=False)]
    for cells in table:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=False))
        desk.out.block("  ".join(padded).rstrip())
    if len(rows) > len(listed):
        desk.out.line(
            desk.t("{count} more. Type a part of a name to find one.", count=len(rows) - len(listed))
        )


def _proceed(
    desk: Desk, label: str = "", again: str = "", otherwise: Callable[[str], bool] | None = None
) -> Answer:
    """Ask to go on, and perhaps to do the same again; ``otherwise`` takes any other text."""
    choices = [f"Enter: {label or desk.t('go on')}"]
    if again:
        choices.append(f"{_AGAIN}: {again}")
    while True:
        typed = desk.ask(f"[{', '.join(choices)}]")
        if not isinstance(typed, str):
            return typed
        if not typed.strip():
            return Continue()
        if again and typed.strip().casefold() == _AGAIN:
            return Again()
        if otherwise is None or not otherwise(typed):
            desk.out.line(desk.t("That is not one of the answers. Press Enter to go on, or ? for help."))


_ASK: Final[dict[type[Question], Callable[[Any, Desk], Answer]]] = {
    Read: _read,
    Choose: _choose,
    AskSecret: _ask_secret,
    AskText: _ask_text,
    Review: _review,
    Overview: _overview,
    RunChecks: _run_checks,
}
