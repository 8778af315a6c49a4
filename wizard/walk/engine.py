"""One engine for every guided walk.

A walk is a table of steps and a state. A step is one row: whether it applies, what it shows, what it does
with a reply, what it does by itself when it is reached. Question and action of a step are in one file and
read the same state; adding a step is that file, a row in the table and a page of the guide per language.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any, Final, Generic, NamedTuple, TypeVar

from wizard.domain.key import looks_like_token
from wizard.domain.setup import Setup
from wizard.findings import Finding, Phrase, Severity, StepId, codes
from wizard.guide import Clicks, GuidePage, load_page
from wizard.text import N_, Language, Texts
from wizard.walk.page import (
    Answer,
    Back,
    Block,
    Card,
    Choice,
    Copy,
    Edit,
    Fix,
    Key,
    Leave,
    NextFinding,
    OutlineEntry,
    Page,
    Paragraph,
    Progress,
    Reply,
    Shown,
    Slot,
    State,
    Topic,
    Typed,
)


class Then(Enum):
    """Where a reply leads; a ``StepId`` instead goes to that step."""

    STAY = auto()
    NEXT = auto()
    END = auto()


Move = Then | str


class View(NamedTuple):
    """What a step shows; the engine adds the head, the footer and the help of the walk.

    Attributes:
        enter: What Enter does, in a word; empty where it does nothing.
        keys: What other keys do here, most important first.
        fix_step: The step that F4 leads to, with the word for the footer.
        The others are those of ``Page``.
    """

    title: str
    part: str = ""
    note: str = ""
    body: tuple[Block | Slot, ...] = ()
    answer: Answer | None = None
    card: Card | None = None
    choices: tuple[Choice, ...] = ()
    marked: str = ""
    menu_note: bool = False
    after: tuple[Block, ...] = ()
    choices_first: bool = False
    enter: str = ""
    keys: tuple[Key, ...] = ()
    fix_step: tuple[StepId, str] | None = None
    has_document: bool = False
    copies: tuple[Copy, ...] = ()
    help: tuple[Topic, ...] = ()
    helps_more: bool = False
    is_end: bool = False


def _nobody() -> None:
    """Ignore a change that is not shown."""


@dataclass(kw_only=True)
class WalkState:
    """What every walk knows.

    Attributes:
        t: The language of what is written and of the summary; set whenever a page is asked for.
        current: The step that is shown.
        trouble: What was found about the last reply; shown in the card.
        shown: Which of them.
        was_cancelled: Whether the last piece of work was cancelled.
        was_sent: Whether a later step has sent the user back here, to put something right.
        on_change: Called when the page has changed.
    """

    t: Texts
    current: str
    trouble: tuple[Finding, ...] = ()
    shown: int = 0
    is_busy: bool = False
    was_cancelled: bool = False
    was_sent: bool = False
    is_finished: bool = False
    on_change: Callable[[], None] = field(default=_nobody, repr=False)

    def say(self, *findings: Finding) -> Then:
        """Show what was found, the worst first, and stay."""
        self.trouble, self.shown = tuple(sorted(unique(findings), key=_weight)), 0
        return Then.STAY

    @property
    def finding(self) -> Finding | None:
        """What the card is about."""
        return self.trouble[self.shown] if self.trouble else None

    def note(self) -> None:
        """Write down where the walk is."""

    def forget_question(self) -> None:
        """Forget what belongs to the page that is left."""
        self.trouble, self.shown, self.was_cancelled = (), 0, False


def unique(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings without those that say the same."""
    found: list[Finding] = []
    for finding in findings:
        if finding not in found:
            found.append(finding)
    return found


def _weight(finding: Finding) -> tuple[int, bool]:
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    return order.index(finding.severity), finding.code.is_unknown


S = TypeVar("S", bound=WalkState)


def _always(_: WalkState) -> bool:
    return True


class Step(NamedTuple, Generic[S]):
    """One row of a table.

    Attributes:
        show: What is shown and asked; asks nobody and changes nothing.
        take: What is done with a reply.
        applies: Whether the walk leads past this step.
        number: What it counts as in «step n of m»; 0 before the first. Constant: steps that only some people
            see share the number of the one that follows or precedes them.
        arrive: What it does by itself when it is reached.
        edit: What it does with what is typed or marked meanwhile.
        back: Goes back inside the step; says whether there was anything to go back to.
        is_listed: Whether it is in the list next to the page.
    """

    id: str
    show: Callable[[S, Texts], View]
    take: Callable[[S, Reply], Awaitable[Move]]
    applies: Callable[[S], bool] = _always
    number: int = 0
    arrive: Callable[[S], Awaitable[Move]] | None = None
    edit: Callable[[S, Edit], None] | None = None
    back: Callable[[S], bool] | None = None
    is_listed: bool = True


class Frame(NamedTuple):
    """What the pages of a walk have in common.

    Attributes:
        place: The right-hand end of the head, for a number; «Steg 2 av 6».
        badge: ``DEMO`` or ``TEST``.
        leave: What Ctrl+Q asks; None where leaving needs no question.
        back: What Esc says on the first page: where it leads, or nothing.
        title: A step's name in the list next to the page.
    """

    place: Callable[[int, Texts], str]
    title: Callable[[Any, Texts], str]
    badge: str = ""
    leave: Callable[[Texts], Leave | None] = lambda _: None
    back: Callable[[Texts], str] = lambda _: ""
    others: Callable[[], Iterable[str]] = tuple


class Walk(Generic[S]):
    """A place in a table; what both faces show, and what a run without questions drives."""

    def __init__(
        self,
        steps: Sequence[Step[S]],
        state: S,
        frame: Frame,
        *,
        parent: Callable[[], Shown | None] | None = None,
    ) -> None:
        """Prepare a walk; nothing is asked of anybody yet.

        Args:
            steps: The table.
            state: What the walk knows.
            frame: What its pages have in common.
            parent: Makes what is shown after going back from the first page; None where the caller does that.
        """
        self._steps = {step.id: step for step in steps}
        self._order = tuple(self._steps)
        self._total = max(step.number for step in steps)
        self.state = state
        self._frame = frame
        self._parent = parent
        self._successor: Shown | None = None

    # --- what is shown ---

    @property
    def is_finished(self) -> bool:
        """Whether nothing more is to be shown."""
        return self.state.is_finished

    @property
    def successor(self) -> Shown | None:
        """What to show once this is finished."""
        return self._successor

    @property
    def step(self) -> Step[S]:
        """The current step."""
        return self._steps[self.state.current]

    @property
    def path(self) -> tuple[str, ...]:
        """The steps that the answers lead through, in order."""
        return tuple(name for name in self._order if self._steps[name].applies(self.state))

    @property
    def can_go_back(self) -> bool:
        """Whether there is a page before this one."""
        return bool(self._before()) or self._parent is not None

    def page(self, t: Texts) -> Page:
        """Return what is to be shown, in the reader's language."""
        state, step = self.state, self.step
        state.t = t
        view = step.show(state, t)
        return Page(
            step=step.id,
            part=view.part,
            title=view.title,
            note=view.note,
            badge=self._frame.badge,
            progress=Progress(step.number, self._total, self._frame.place(step.number, t)),
            outline=self._outline(t),
            body=view.body,
            answer=view.answer,
            card=view.card,
            choices=view.choices,
            marked=view.marked,
            menu_note=view.menu_note,
            after=view.after,
            choices_first=view.choices_first,
            keys=self._keys(view, t),
            can_go_back=self.can_go_back,
            is_busy=state.is_busy,
            is_end=view.is_end,
            is_held=not view.enter,
            fix_step=view.fix_step[0] if view.fix_step else None,
            has_document=view.has_document,
            copies=view.copies,
            help=view.help,
            leave=self._frame.leave(t),
        )

    def _keys(self, view: View, t: Texts) -> tuple[Key, ...]:
        helping = Key("F1", t("more") if view.helps_more else t("help"))
        language = Key("F2", "English" if t.language == "nb" else "Norsk")
        if self.state.is_busy:
            quiet = tuple(key for key in view.keys if key.key == "F3")
            return (Key("Esc", t("cancel")), *quiet, language, Key("Ctrl+Q", t("quit")), helping)
        # Where Enter leads back as Esc does, one of them is enough.
        is_said = bool(self._before()) and view.enter == self._back_word(t)
        keys = [Key("Enter", view.enter)] if view.enter and not is_said else []
        if view.fix_step is not None:
            keys.append(Key("F4", view.fix_step[1]))
        elif view.choices and not view.keys:
            keys.append(Key("↑↓", t("move")))
        keys += view.keys
        if self._before():
            keys.append(Key("Esc", self._back_word(t)))
        elif self._parent is not None:
            keys.append(Key("Esc", self._frame.back(t)))
        return (*keys, language, Key("Ctrl+Q", t("quit")), helping)

    def _back_word(self, t: Texts) -> str:
        """Say where Esc leads, where there is something before the page."""
        return t("back")

    def _outline(self, t: Texts) -> tuple[OutlineEntry, ...]:
        path = [name for name in self.path if self._steps[name].is_listed]
        here = self._order.index(self.state.current)
        return tuple(
            OutlineEntry(self._frame.title(name, t), self._state_of(self._order.index(name), here))
            for name in path
        )

    def _state_of(self, index: int, here: int) -> State:
        if index == here:
            return State.WORKING
        if index > here:
            return State.PENDING
        open_ones = set(self._frame.others())
        return State.UNKNOWN if self._order[index] in open_ones else State.GOOD

    # --- what a person does ---

    def edit(self, edit: Edit) -> None:
        """Take up what was typed or marked, without waiting for anything."""
        state = self.state
        if isinstance(edit, NextFinding) and state.trouble:
            state.shown = (state.shown + 1) % len(state.trouble)
        elif self.step.edit is not None:
            self.step.edit(state, edit)

    async def begin(self, on_change: Callable[[], None]) -> None:
        """Do what the first page needs."""
        await self._work(self._arrive(), on_change)

    async def reply(self, reply: Reply, on_change: Callable[[], None]) -> None:
        """Apply a reply, and continue as far as no answer is needed."""
        self.state.was_cancelled = False
        if isinstance(reply, Back):
            await self._work(self._gone_back(), on_change)
            return
        if isinstance(reply, Fix):
            view = self.step.show(self.state, self.state.t)
            await self._work(self._moved(view.fix_step[0] if view.fix_step else Then.STAY), on_change)
            return
        await self._work(self._taken(reply), on_change)

    def hand_over(self, successor: Shown | None) -> None:
        """End, and continue with another walk."""
        self._successor = successor
        self.state.is_finished = True

    async def abandon(self) -> None:
        """Forget the answers; a stored key stays."""

    def document(self, t: Texts) -> str:  # noqa: ARG002 - some walks have one
        """Return the text behind F3."""
        return ""

    def summary(self, t: Texts) -> str:  # noqa: ARG002 - some walks have one
        """Return what stays in the terminal."""
        return ""

    # --- the work ---

    async def _work(self, work: Awaitable[None], on_change: Callable[[], None]) -> None:
        state = self.state
        state.on_change, state.is_busy = on_change, True
        try:
            await work
        except asyncio.CancelledError:
            state.was_cancelled = True
            raise
        finally:
            state.is_busy = False
            on_change()

    async def _taken(self, reply: Reply) -> None:
        self.state.trouble, self.state.shown = (), 0
        if isinstance(reply, Typed) and looks_like_token(reply.text):
            # It was to be seen; at least it goes no further.
            await self._moved(self.state.say(codes.KEY_SHOWN.found()))
            return
        await self._moved(await self.step.take(self.state, reply))

    async def _gone_back(self) -> None:
        if self.step.back is not None and self.step.back(self.state):
            return
        if before := self._before():
            await self._moved(before[-1], is_back=True)
        elif self._parent is not None:
            self.hand_over(self._parent())

    async def _arrive(self) -> None:
        if self.step.arrive is not None:
            await self._moved(await self.step.arrive(self.state))

    async def _moved(self, move: Move, *, is_back: bool = False) -> None:
        state = self.state
        if move is Then.END:
            state.is_finished = True
        if move is Then.STAY or move is Then.END:
            state.note()
            return
        if isinstance(move, str):
            # A jump leads to a step that the answers alone would lead past, too.
            state.current = move if move in self._steps else state.current
        else:
            here = self._order.index(state.current)
            after = [name for name in self.path if self._order.index(name) > here]
            state.current = after[0] if after else state.current
        state.forget_question()
        state.was_sent = isinstance(move, str) and not is_back
        state.note()
        state.on_change()
        await self._arrive()

    def _before(self) -> list[str]:
        here = self._order.index(self.state.current)
        return [name for name in self.path if self._order.index(name) < here]


_OF_CLIENT: Final = N_(" of the client")


def in_card(finding: Finding, t: Texts, *, click: int | None = None, others: int = 0) -> Card:
    """Return what was found as a card: what is wrong, then what to do about it."""
    if finding.severity is Severity.INFO:
        state = State.RESTING
    elif not finding.is_error:
        state = State.WARNING
    else:
        state = State.UNKNOWN if finding.code.is_unknown else State.BAD
    more = (t.plural("PgDn: {n} more", "PgDn: {n} more", others),) if others else ()
    whose = finding.values.get("whose")
    if isinstance(whose, Phrase) and (client := whose.values.get("client")):
        # Its name has no room in the headline.
        nameless = replace(finding, values={**finding.values, "whose": Phrase(_OF_CLIENT)})
        return Card(state, nameless.message(t), (str(client), finding.hint(t), *more), finding.code.id, click)
    return Card(state, finding.message(t), (finding.hint(t), *more), finding.code.id, click)


def explained(finding: Finding | None, t: Texts) -> tuple[Topic, ...]:
    """Return what F1 says of a finding, before the help of the step."""
    if finding is None:
        return ()
    lines = [finding.hint(t), finding.code.texts(t.language).explanation]
    if finding.request_id:
        lines.append(t("Tripletex's request id: {request}", request=finding.request_id))
    title = f"{finding.code.id}: {finding.message(t)}"
    return (Topic(title, tuple(Paragraph(plain(line)) for line in lines if line)),)


Answerer = Callable[[Page], Reply | None]
"""Returns the reply to a page, or None where nobody is there to give one."""


async def drive(
    walk: Walk[Any], t: Texts, answer: Answerer, on_change: Callable[[], None] = lambda: None
) -> Page:
    """Answer page after page, and return the one on which the walk stopped or ended.

    A page that is there again after the same reply is not answered a second time.
    """
    await walk.begin(on_change)
    former: object = None
    while True:
        page = walk.page(t)
        if walk.is_finished:
            return page
        reply = answer(page)
        now = (page.step, page.part, page.card, page.is_held, reply)
        if reply is None or now == former:
            return page
        former = now
        await walk.reply(reply, on_change)


_MARKS: Final = re.compile(r"([\\*`])")


def plain(text: str) -> str:
    """Return a text that carries no marks, whatever is in it, such as a company's name."""
    return _MARKS.sub(r"\\\1", text)


def guide_page(
    step: StepId,
    language: Language,
    setup: Setup | None = None,
    values: Mapping[str, str | None] | None = None,
) -> GuidePage:
    """Return a step's page of the guide with its placeholders filled in."""
    return load_page(step, language, setup, **(values or {}))


def body_of(guide: GuidePage, about: Finding | None = None) -> tuple[Block, ...]:
    """Return what a page says; the click that a finding is about is marked."""
    name = about.code.click if about else None
    if name is None:
        return guide.body
    return tuple(
        block._replace(items=tuple(each._replace(is_marked=each.name == name) for each in block.items))
        if isinstance(block, Clicks)
        else block
        for block in guide.body
    )


def click_of(guide: GuidePage, about: Finding | None) -> int | None:
    """Return the number of the click that a finding is about."""
    return guide.number_of(about.code.click) if about and about.code.click else None
