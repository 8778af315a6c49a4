"""The engine for all guided walks.

A walk consists of a table of steps and a state. A step defines whether it applies, its page, how it handles a
reply, and its work on arrival. All of this is in one module, so a new step is a module, a row in the table
and a guide page in each language.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum, auto
from typing import Any, Generic, NamedTuple, TypeVar

from wizard.domain.key import shows_token
from wizard.findings import Finding, Severity, codes, unique
from wizard.guide import page_title
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.cards import finding_topic
from wizard.walk.pages import Key, Page, Reply, State


class Then(Enum):
    """What to do after a reply, unless it leads to a certain step."""

    STAY = auto()
    NEXT = auto()
    """Go to the next step that applies."""
    END = auto()


Move = Then | StrEnum
"""What to do after a reply, or the id of the step to go to, even if it does not apply."""


def _ignore() -> None:
    pass


@dataclass(kw_only=True, eq=False, repr=False)
class WalkState:
    """The state that all walks have.

    Attributes:
        t: The language of files and the summary; updated whenever a page is requested.
        current: The current step.
        trouble: The findings about the last reply, one of which is shown in the card.
        shown: The index of that finding.
        was_cancelled: Whether the last work was cancelled.
        was_sent: Whether a later step has sent the user back here to correct something.
        on_change: Called when the page has changed.
    """

    t: Texts
    current: StrEnum
    trouble: tuple[Finding, ...] = ()
    shown: int = 0
    is_busy: bool = False
    was_cancelled: bool = False
    was_sent: bool = False
    is_finished: bool = False
    on_change: Callable[[], None] = field(default=_ignore, repr=False)

    def report(self, *findings: Finding) -> Then:
        """Show findings, the worst first, and stay on the step."""
        self.trouble, self.shown = tuple(sorted(unique(findings), key=_weight)), 0
        return Then.STAY

    @property
    def finding(self) -> Finding | None:
        """The finding that is shown in the card."""
        return self.trouble[self.shown] if self.trouble else None

    def save(self) -> None:
        """Save what is needed to resume the walk. Only a set-up overrides this."""

    def reset_page(self) -> None:
        """Reset what is only about the current page, when it is left."""
        self.trouble, self.shown, self.was_cancelled = (), 0, False


def _weight(finding: Finding) -> tuple[int, bool]:
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    return order.index(finding.severity), finding.code.is_unknown


S = TypeVar("S", bound=WalkState)


def _always(_: WalkState) -> bool:
    return True


async def _go_on(_: WalkState, __: Reply) -> Move:
    return Then.NEXT


class Step(NamedTuple, Generic[S]):
    """A step, which is a row in the table of a walk.

    Attributes:
        show: Returns the page. It must not change the state or do any I/O.
        take: Handles a reply; by default, any leads to the next step.
        applies: Returns whether the step is part of the walk, given the answers so far.
        number: The n of «step n of m»; 0 before the first. It never changes, so a step that only some users
            see has the number of a neighbour.
        arrive: Called when the step is reached.
        edit: Handles an edit, such as typing or marking.
        back: Goes back within the step. Returns whether that was possible.
        is_listed: Whether it is in the list next to the page.
    """

    id: StrEnum
    show: Callable[[S, Texts], Page]
    take: Callable[[S, Reply], Awaitable[Move]] = _go_on
    applies: Callable[[S], bool] = _always
    number: int = 0
    arrive: Callable[[S], Awaitable[Move]] | None = None
    edit: Callable[[S, pages.Edit], None] | None = None
    back: Callable[[S], bool] | None = None
    is_listed: bool = True


class Walk(ABC, Generic[S]):
    """A guided walk. It is shown by the user interfaces, and driven by ``drive`` without questions.

    A subclass says what its pages have in common: their label, badge, and question before leaving.
    """

    def __init__(
        self,
        steps: Sequence[Step[S]],
        state: S,
        *,
        parent: Callable[[], pages.AnyWalk | None] | None = None,
    ) -> None:
        """Create a walk without doing any I/O.

        Args:
            steps: The table of steps.
            state: The state.
            parent: Creates the walk to show after going back from the first page.
        """
        self._steps = {step.id: step for step in steps}
        self._order = tuple(self._steps)
        self._total = max(step.number for step in steps)
        self.state = state
        self._parent = parent
        self._successor: pages.AnyWalk | None = None

    # --- pages ---

    @property
    def is_finished(self) -> bool:
        """Whether the walk is over."""
        return self.state.is_finished

    @property
    def successor(self) -> pages.AnyWalk | None:
        """The walk to show once this one is finished."""
        return self._successor

    @property
    def step(self) -> Step[S]:
        """The current step."""
        return self._steps[self.state.current]

    @property
    def can_go_back(self) -> bool:
        """Whether there is a page before this one."""
        return self._previous is not None or self._parent is not None

    def page(self, t: Texts) -> Page:
        """Return the current page in a language."""
        state, step = self.state, self.step
        state.t = t
        page = step.show(state, t)
        return replace(
            page,
            help=(*((finding_topic(page.finding, t),) if page.finding else ()), *page.help),
            step=step.id,
            badge=self.badge,
            progress=pages.Progress(step.number, self._total, self.label(step.number, self._total, t)),
            outline=self._outline(t),
            keys=self._keys(page, t),
            can_go_back=self.can_go_back,
            is_busy=state.is_busy,
            leave=self.leave(t),
        )

    @abstractmethod
    def label(self, number: int, total: int, t: Texts) -> str:
        """Return the text in the head, such as «Steg 2 av 6»."""

    def title(self, step: StrEnum, t: Texts) -> str:
        """Return the name of a step in the list next to the page."""
        return page_title(step, t.language)

    @property
    def badge(self) -> str:
        """``DEMO``, ``TEST`` or nothing."""
        return ""

    def leave(self, t: Texts) -> pages.Leave | None:
        """Return the question of Ctrl+Q, or None to leave without asking."""
        del t
        return None

    def unknown_steps(self) -> Iterable[StrEnum]:
        """Return the ids of steps whose checks have unknown results."""
        return ()

    def _keys(self, page: Page, t: Texts) -> tuple[Key, ...]:
        helping = Key("F1", t("more") if page.finding else t("help"))
        language = Key("F2", "English" if t.language == "nb" else "Norsk")
        if self.state.is_busy:
            printing = tuple(key for key in page.keys if key.key == "F3")
            return (Key("Esc", t("cancel")), *printing, language, Key("Ctrl+Q", t("quit")), helping)
        # If Enter goes back like Esc, only one of them is shown.
        goes_back = self._previous is not None and page.enter == self._back_word(t)
        keys = [Key("Enter", page.enter)] if page.enter and not goes_back else []
        if page.fix_step is not None:
            keys.append(Key("F4", page.fix_step[1]))
        elif page.choices and not page.keys:
            keys.append(Key("↑↓", t("move")))
        if len(self.state.trouble) > 1 and page.card is not None and page.card.code:
            keys.append(Key("PgDn", t("next finding")))
        keys += page.keys
        if self.can_go_back:
            keys.append(Key("Esc", self._back_word(t)))
        return (*keys, language, Key("Ctrl+Q", t("quit")), helping)

    def _back_word(self, t: Texts) -> str:
        """Return the word for what Esc does."""
        return t("menu") if self._previous is None else t("back")

    def _outline(self, t: Texts) -> tuple[pages.OutlineEntry, ...]:
        listed = [step for step in self._order if self._steps[step].is_listed and self._applies(step)]
        unknown = set(self.unknown_steps())
        states = {step: State.UNKNOWN if step in unknown else State.GOOD for step in self._before()}
        states[self.state.current] = State.WORKING
        return tuple(
            pages.OutlineEntry(self.title(step, t), states.get(step, State.PENDING)) for step in listed
        )

    # --- replies ---

    def edit(self, edit: pages.Edit) -> None:
        """Apply an edit, without doing any I/O."""
        state = self.state
        if isinstance(edit, pages.NextFinding) and state.trouble:
            state.shown = (state.shown + 1) % len(state.trouble)
        elif self.step.edit is not None:
            self.step.edit(state, edit)

    async def begin(self, on_change: Callable[[], None]) -> None:
        """Do the work of the first step."""
        await self._work(self._arrive(), on_change)

    async def reply(self, reply: Reply, on_change: Callable[[], None]) -> None:
        """Handle a reply, and continue until an answer is needed."""
        self.state.was_cancelled = False
        if isinstance(reply, pages.Back):
            await self._work(self._go_back(), on_change)
            return
        if isinstance(reply, pages.Fix):
            fix = self.step.show(self.state, self.state.t).fix_step
            await self._work(self._move(fix[0] if fix else Then.STAY), on_change)
            return
        await self._work(self._take(reply), on_change)

    def finish(self, successor: pages.AnyWalk | None = None) -> None:
        """Finish, and continue with another walk if there is one."""
        self._successor = successor
        self.state.is_finished = True

    async def abandon(self) -> None:
        """Delete the answers, but not a stored key."""

    def document(self, t: Texts) -> str:
        """Return the text that F3 shows; empty in a walk without one."""
        del t
        return ""

    def summary(self, t: Texts) -> str:
        """Return the text that is left in the terminal; empty in a walk without one."""
        del t
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

    async def _take(self, reply: Reply) -> None:
        self.state.trouble, self.state.shown = (), 0
        if isinstance(reply, pages.Typed) and shows_token(reply.text):
            # A text field shows what is typed, so it must not be used as a key or stored.
            await self._move(self.state.report(codes.KEY_SHOWN.found()))
            return
        await self._move(await self.step.take(self.state, reply))

    async def _go_back(self) -> None:
        if self.step.back is not None and self.step.back(self.state):
            return
        if self._previous is not None:
            await self._go_to(self._previous)
        elif self._parent is not None:
            self.finish(self._parent())

    async def _arrive(self) -> None:
        if self.step.arrive is not None:
            await self._move(await self.step.arrive(self.state))

    async def _move(self, move: Move) -> None:
        match move:
            case Then.STAY:
                self.state.save()
            case Then.END:
                self.finish()
                self.state.save()
            case Then.NEXT:
                here = self._order.index(self.state.current)
                await self._go_to(next(step for step in self._order[here + 1 :] if self._applies(step)))
            case _:
                # A step that does not apply, such as the application's token, is only a detour.
                was_sent = move in self._before() and self._applies(self.state.current)
                await self._go_to(move, was_sent=was_sent)

    async def _go_to(self, step: StrEnum, *, was_sent: bool = False) -> None:
        state = self.state
        state.reset_page()
        state.current, state.was_sent = step, was_sent
        state.save()
        state.on_change()
        await self._arrive()

    def _applies(self, step: StrEnum) -> bool:
        return self._steps[step].applies(self.state)

    def _before(self) -> list[StrEnum]:
        here = self._order.index(self.state.current)
        return [step for step in self._order[:here] if self._applies(step)]

    @property
    def _previous(self) -> StrEnum | None:
        """The step that Esc goes back to; None on the first page."""
        return next(reversed(self._before()), None)


Answerer = Callable[[Page], Reply | None]
"""Returns the reply to a page, or None to stop."""


async def drive(
    walk: Walk[Any], t: Texts, answer: Answerer, on_change: Callable[[], None] = lambda: None
) -> Page:
    """Reply to each page, and return the page on which the walk stopped or ended.

    This stops if the same reply leads to the same page again.
    """
    await walk.begin(on_change)
    former: object = None
    while True:
        page = walk.page(t)
        if walk.is_finished:
            return page
        reply = answer(page)
        now = (page.step, page.part, page.card, page.is_blocked, reply)
        if reply is None or now == former:
            return page
        former = now
        await walk.reply(reply, on_change)
