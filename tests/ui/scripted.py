"""A conversation for the tests of the faces: one question of each kind, and the replies are kept."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from wizard.domain.environment import Environment
from wizard.domain.key import read_key
from wizard.domain.secret import Secret
from wizard.findings import Finding, StepId, Verdict, codes
from wizard.flow.flow import Position
from wizard.flow.questions import (
    Again,
    AskSecret,
    AskText,
    CheckLine,
    Choose,
    Continue,
    Option,
    Outcome,
    OutlineEntry,
    Overview,
    Question,
    Read,
    Reply,
    Report,
    Review,
    Row,
    RunChecks,
    Shape,
)
from wizard.text import Texts

MISSING_CLIENT = codes.CLIENT_ACCESS_MISSING.found(number="971032146", request_id="req-1")

CLIENTS = (
    Option(value="974760673", label="Demo Regnskap AS", detail="974 760 673"),
    Option(value="971032146", label="Østlandets Bakeri", detail="971 032 146"),
    Option(value="982463718", label="Demo Fisk AS", detail="982 463 718"),
)

CHECKS = (
    CheckLine(Verdict.VALID, "The key is accepted"),
    CheckLine(Verdict.INVALID, "Does the key have access to the client?", (MISSING_CLIENT,), "req-1"),
    CheckLine(Verdict.UNKNOWN, "Log-on to the client"),
)


def judge(text: str) -> Shape:
    """Judge a pasted text as the step for the key does."""
    reading = read_key(text, Environment.PRODUCTION)
    secret = reading.secret or Secret("")
    summary = f"Key no. {reading.number}" if reading.secret else ""
    return Shape(len(secret), secret.fingerprint if secret else "", summary, reading.findings)


READ = Read(
    step=StepId.WELCOME,
    position=Position(0, 7),
    title="Welcome",
    guide="You need:\n\n1. **Administrator** rights → five minutes\n2. `Tripletex` open",
    help="More about **rights**.",
    proceed="Begin",
)
ASK_SECRET = AskSecret(
    step=StepId.CREATE_KEY,
    position=Position(1, 7),
    title="Make an API key",
    guide="Choose **NY NØKKEL** and copy the key.",
    help="The key is shown once.",
    label="Paste the API key here:",
    judge=judge,
)
CHOOSE = Choose(
    step=StepId.SETUP,
    position=Position(2, 7),
    title="Single company or bureau",
    guide="Choose what is to be connected.",
    help="An office key is for a bureau.",
    notes=("The key works: Demo AS (974 760 673).",),
    label="What is to be connected?",
    options=(
        Option(value="single-company", label="A single company", detail="Made in its own Tripletex."),
        Option(value="bureau", label="An accounting office", detail="Made in the office's Tripletex."),
    ),
    selected="bureau",
)
ASK_TEXT = AskText(
    step=StepId.ORG_NUMBER,
    position=Position(3, 7),
    title="Organisation number",
    guide="Which client?",
    help="Nine digits.",
    label="The client's organisation number, or a part of its name:",
    placeholder="nine digits",
    options=CLIENTS,
)
OVERVIEW = Overview(
    step=StepId.CLIENT_ACCESS,
    position=Position(4, 7),
    title="Client access",
    guide="Give the key access.",
    help="In Tripletex.",
    findings=(MISSING_CLIENT,),
    columns=("Org. number", "Client"),
    rows=(
        Row(verdict=Verdict.INVALID, cells=("971 032 146", "no access")),
        Row(verdict=Verdict.VALID, cells=("974 760 673", "Demo Regnskap AS")),
    ),
    proceed="Go on",
)
REVIEW = Review(
    step=StepId.REVIEW,
    position=Position(5, 7),
    title="Look it over",
    guide="This will be written.",
    help="Nothing is written before.",
    path="/srv/configs/demo.toml",
    text='schema_version = 1\n\n[finale]\nsetup = "bureau-client"\n',
    is_diff=False,
    proceed="Write the file",
)
RUN_CHECKS = RunChecks(
    step=StepId.CHECK,
    position=Position(6, 7),
    title="Check against Tripletex",
    guide="Each check is made in turn.",
    help="What can go wrong.",
)
LAST = Read(
    step=StepId.DONE,
    position=Position(7, 7),
    title="Done",
    guide="Everything is in place.",
    help="Commands for later.",
    proceed="Finish",
    on_leaving=Continue(),
)

EVERY_KIND: tuple[Question, ...] = (
    READ,
    ASK_SECRET,
    CHOOSE,
    ASK_TEXT,
    OVERVIEW,
    REVIEW,
    RUN_CHECKS,
    LAST,
)

Work = Callable[["Scripted", Reply, Report], Awaitable[Outcome]]


def told(progress: CheckLine, t: Texts) -> CheckLine:
    """Tell a line that knows no language."""
    del t
    return progress


class Scripted:
    """A ``Conversation`` over fixed questions.

    Every reply leads to the next question, except ``Again``, which runs ``CHECKS``. Another
    behaviour of a step is given as ``work``; it may call ``advance``.

    Attributes:
        replies: Every reply that was submitted, cancelled ones too.
    """

    def __init__(
        self, questions: Sequence[Question] = EVERY_KIND, work: Mapping[StepId, Work] | None = None
    ) -> None:
        self.questions = list(questions)
        self.replies: list[Reply] = []
        self.languages: list[str] = []
        self.at = 0
        self._work = work or {}

    @property
    def is_finished(self) -> bool:
        return self.at >= len(self.questions)

    @property
    def can_go_back(self) -> bool:
        return self.at > 0

    def question(self, t: Texts) -> Question:
        self.languages.append(t.language)
        return self.questions[self.at]

    def outline(self, t: Texts) -> tuple[OutlineEntry, ...]:
        return tuple(
            OutlineEntry(question.step, question.title, is_current=index == self.at, is_done=index < self.at)
            for index, question in enumerate(self.questions)
        )

    async def submit(self, reply: Reply, report: Report) -> Outcome:
        self.replies.append(reply)
        work = self._work.get(self.questions[self.at].step)
        if work is not None:
            return await work(self, reply, report)
        if isinstance(reply, Again):
            return self.run_checks(report)
        return self.advance()

    def advance(self, *findings: Finding) -> Outcome:
        self.at += 1
        return Outcome(moved=True, findings=findings)

    def run_checks(self, report: Report) -> Outcome:
        question = self.questions[self.at]
        if isinstance(question, RunChecks):
            for line in CHECKS:
                report(partial(told, line))
            self.questions[self.at] = replace(question, lines=CHECKS)
        return Outcome(moved=False)

    def back(self) -> None:
        self.at = max(0, self.at - 1)

    def go_to(self, step: StepId) -> None:
        self.at = next(index for index, question in enumerate(self.questions) if question.step == step)
