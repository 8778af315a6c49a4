"""The few kinds of question that a face must be able to ask, and the replies to them.

A face knows these and nothing of the steps: a new step needs no new screen. Texts come in the
reader's language, with the guide's Markdown in ``guide`` and ``help``.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from wizard.domain.secret import Secret
from wizard.findings import Finding, StepId, Verdict
from wizard.flow.flow import Position
from wizard.text import Texts


@dataclass(frozen=True, slots=True)
class Copy:
    """Something on the screen that a person may want in the clipboard; never a token.

    Attributes:
        label: What it is, in the reader's language; empty where the text speaks for itself.
    """

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What every question has.

    Attributes:
        guide: What stands above the input, Markdown.
        help: What F1 shows, Markdown.
        notes: Plain sentences about what has been found so far.
        findings: What stands in the way or should be known, shown at once.
        copies: What a face may offer to copy; made by ``wizard.flow.copies`` alone.
        on_leaving: What somebody answers who leaves here: at the end, where nothing is left to do, leaving is
            finishing. None where it breaks something off.
    """

    step: StepId
    position: Position
    title: str
    guide: str
    help: str
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    copies: tuple[Copy, ...] = ()
    on_leaving: "Reply | None" = None


@dataclass(frozen=True, kw_only=True)
class Read(Question):
    """Something to read or to do elsewhere, then go on."""

    proceed: str = ""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One of several answers.

    Attributes:
        proceed: What Enter does with this answer, where that is more than going on.
        is_available: Whether it can be answered with; else it is told of, so that nobody looks for it.
    """

    value: str
    label: str
    detail: str = ""
    proceed: str = ""
    is_available: bool = True


@dataclass(frozen=True, kw_only=True)
class Choose(Question):
    """One answer out of a few; those that are not available come last."""

    label: str
    options: tuple[Option, ...]
    selected: str | None = None


@dataclass(frozen=True, kw_only=True)
class AskSecret(Question):
    """A token to paste; shown as dots.

    Attributes:
        held: What is said of a token that need not be pasted, or None.
        is_kept: Whether that one is safe in a store; else it is read from a place of the user's own, and
            one that was pasted is only compared with it.
        is_optional: Whether an empty reply is an answer.
        judge: Says at once, without asking anybody, what a text that was pasted is.
        keep: Makes a text that was judged to be good safe before it is answered with: Tripletex shows a
            key once, and a line may be lost between the paste and Enter. None where that does not matter.
    """

    label: str
    held: str | None = None
    is_kept: bool = True
    is_optional: bool = False
    judge: Callable[[str], "Shape"] = field(repr=False)
    keep: Callable[[Secret], Coroutine[Any, Any, None]] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Shape:
    """What can be said of a pasted token while it stands in its field; nothing of it is secret."""

    length: int
    fingerprint: str
    summary: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AskText(Question):
    """A line to type, or to pick from a list that can be searched.

    Attributes:
        takes_several: Whether several of the list may be picked.
        picked: The values that were picked the last time.
    """

    label: str
    text: str = ""
    placeholder: str = ""
    options: tuple[Option, ...] = ()
    takes_several: bool = False
    picked: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Review(Question):
    """What is about to be written, as it will stand in the file.

    Attributes:
        text: The whole TOML, or a unified diff when the file exists.
        is_diff: Which of the two it is.
    """

    path: str
    text: str
    is_diff: bool
    proceed: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line in a table of things that are there, missing or not known."""

    verdict: Verdict
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Overview(Question):
    """A table to look over, with a way to read it anew."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    proceed: str


@dataclass(frozen=True, kw_only=True)
class RunChecks(Question):
    """Checks that run by themselves; their lines arrive as progress, the rest is in ``lines``.

    Attributes:
        lines: The results of checks that have already run; empty before.
    """

    lines: tuple["CheckLine", ...] = ()


@dataclass(frozen=True, slots=True)
class CheckLine:
    """The result of one check, as a person reads it."""

    verdict: Verdict
    text: str
    findings: tuple[Finding, ...] = ()
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on: read, agreed, or leave as it is."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value of the option that was chosen."""

    value: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A line as it was typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Picked:
    """The values of the options that were picked from a list."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pasted:
    """A token as it was pasted, spaces and line breaks included."""

    text: Secret


@dataclass(frozen=True, slots=True)
class Again:
    """Read or check again what Tripletex says."""


Reply = Continue | Chosen | Typed | Picked | Pasted | Again


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a reply.

    Attributes:
        moved: Whether there is another question now.
        findings: What was wrong, or could not be checked; to be shown.
        is_settled: When not moved: whether ``Continue`` goes on all the same.
    """

    moved: bool
    findings: tuple[Finding, ...] = ()
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A step as it stands in the list beside the question, where the terminal is wide enough.

    Attributes:
        is_done: Whether it lies behind the current one.
    """

    step: StepId
    title: str
    is_current: bool = False
    is_done: bool = False


Progress = Callable[[Texts], CheckLine | str]
"""Tells what happened while a reply was worked on, a check's result or a line to show.

The language may change while it stands on the screen.
"""

Report = Callable[[Progress], None]
