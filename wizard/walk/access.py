"""The step for clients that the key has no access to, shown only if there are some."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from wizard.domain.setup import format_org_number
from wizard.findings import Finding, StepId, codes
from wizard.guide import load_page
from wizard.text import Texts
from wizard.tripletex.models import Client
from wizard.walk import pages
from wizard.walk.engine import Move, Step, Then, body_of, finding_card
from wizard.walk.pages import Card, Choice, Chosen, Key, Page, Reply
from wizard.walk.storage import StorageState

AGAIN, ANYWAY, LEAVE_OUT = "again", "anyway", "leave-out"
_MOST_NAMED = 3


@dataclass(kw_only=True, eq=False, repr=False)
class AccessState(StorageState):
    """The state that this step needs.

    Attributes:
        clients: The clients that the key has access to; None if unknown.
        goes_on_without: Whether the user has chosen to continue without access.
    """

    clients: tuple[Client, ...] | None = None
    goes_on_without: bool = False

    @property
    @abstractmethod
    def missing(self) -> tuple[str, ...]:
        """The organisation numbers of clients that the key should have access to but does not."""

    @property
    @abstractmethod
    def reached_of_wanted(self) -> tuple[str, ...]:
        """The organisation numbers of clients that the key should have access to and does."""

    @property
    @abstractmethod
    def lacks_access(self) -> bool:
        """Whether this step has to be shown."""

    @property
    def after_access(self) -> Move:
        """The step that follows this one."""
        return Then.NEXT

    @property
    def can_leave_out(self) -> bool:
        """Whether clients can be removed from the list."""
        return False

    @property
    def access_finding(self) -> Finding | None:
        """The finding about missing access."""
        if self.missing:
            return codes.CLIENT_ACCESS_MISSING.found(number=self.missing[0])
        return codes.NO_CLIENTS.found() if self.lacks_access else None

    @property
    def refused_figures(self) -> tuple[Finding, str] | None:
        """A finding about figures that cannot be read although the key has access, and the client's name."""
        return None

    @abstractmethod
    async def read_again(self) -> Finding | None:
        """Read the clients again. Return a finding if that failed."""

    def leave_out(self) -> Move:
        """Remove the missing clients from the list."""
        return Then.STAY


def _show(state: AccessState, t: Texts) -> Page:
    guide = load_page(StepId.CLIENT_ACCESS, t.language, state.setup, key_name=state.key_name)
    refused = state.refused_figures
    finding = state.finding or state.access_finding or (refused[0] if refused else None)
    blocks = body_of(guide, finding)
    card = None
    if finding is not None:
        card = finding_card(finding, t, guide)
        if finding == state.access_finding:
            card = _with_others(card, state, t)
    count = len(state.missing) + len(state.reached_of_wanted)
    note = (
        t("{n} of {total} without access", n=len(state.missing), total=count)
        if state.missing and count > 1
        else ""
    )
    if refused and not note:
        note = refused[1]
    return Page(
        title=guide.title,
        note=note,
        body=blocks,
        card=card,
        choices=tuple(_choices(state, t)),
        marked=AGAIN,
        enter=t("choose"),
        keys=(Key("Ctrl+R", t("check again")),),
        finding=finding,
        help=guide.topics,
    )


def _with_others(card: Card, state: AccessState, t: Texts) -> Card:
    if others := state.missing[1:]:
        said = t("Also: {numbers}", numbers=_numbers(others))
    elif state.reached_of_wanted:
        said = t("With access: {numbers}", numbers=_numbers(state.reached_of_wanted))
    else:
        return card
    return card._replace(lines=(said, *card.lines))


def _numbers(numbers: tuple[str, ...]) -> str:
    more = " …" if len(numbers) > _MOST_NAMED else ""
    return ", ".join(map(format_org_number, numbers[:_MOST_NAMED])) + more


def _choices(state: AccessState, t: Texts) -> list[Choice]:
    choices = [
        Choice(AGAIN, t("Check again")),
        Choice(ANYWAY, t("Continue anyway, give access later")),
    ]
    if state.can_leave_out:
        several = len(state.missing) > 1
        choices.append(
            Choice(LEAVE_OUT, t("Leave these clients out") if several else t("Leave this client out"))
        )
    return choices


async def _take(state: AccessState, reply: Reply) -> Move:
    """Read the clients again, continue anyway, or leave clients out."""
    match reply:
        case Chosen("again") | pages.Again():
            return await _check_again(state)
        case Chosen("anyway"):
            state.goes_on_without = True
            return state.after_access
        case Chosen("leave-out") if state.can_leave_out:
            return state.leave_out()
        case _:
            return Then.STAY


async def _check_again(state: AccessState) -> Move:
    trouble = await state.read_again()
    if trouble is not None:
        return state.report(trouble)
    return Then.STAY if state.lacks_access else state.after_access


CLIENT_ACCESS: Step[Any] = Step(
    id=StepId.CLIENT_ACCESS,
    show=_show,
    take=_take,
    applies=lambda state: state.lacks_access,
    number=4,
    is_listed=False,
)
