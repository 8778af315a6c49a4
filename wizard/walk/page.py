"""What a step shows, as values: both faces draw these, and know nothing of the steps.

From top to bottom a page has a title, a task (``body``), one thing that takes the keys (``answer`` or
``choices``), one place that speaks (``card``), and what can be done now (``keys``). A part that has
nothing to say is empty. All texts come in the reader's language.

Texts of ``Paragraph``, ``Bullets``, ``Clicks`` and ``Sides`` carry the guide's two marks, ``**Label**`` and
`` `typed exactly so` ``, with a backslash before a character that is no mark. Every other text is plain.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final, NamedTuple, Protocol

from wizard.domain.secret import Secret
from wizard.findings import StepId
from wizard.guide import Bullets, Click, Clicks, FinaleForm, FormField, Heading, Paragraph, Side, Sides, Topic
from wizard.text import Texts

# Guide pages and walks are made of the same parts.
__all__ = [
    "Bullets",
    "Click",
    "Clicks",
    "FinaleForm",
    "FormField",
    "Heading",
    "Paragraph",
    "Side",
    "Sides",
    "Topic",
]


class State(StrEnum):
    """How something is: a field, a card, a check."""

    RESTING = "resting"
    WORKING = "working"
    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    WARNING = "warning"
    PENDING = "pending"
    """A check that has not begun; never a card or a field."""


# --- the head ---------------------------------------------------------------------------------------


class Progress(NamedTuple):
    """Where the step is in its walk.

    Attributes:
        number: Of the current step; 0 before the first.
        total: Of the walk; 0 where there are no steps (the menu), and the head has a plain rule.
        label: What the right-hand end of the head says: «Steg 2 av 6», «Før du begynner».
    """

    number: int
    total: int
    label: str


class OutlineEntry(NamedTuple):
    """A step in the list next to the page, if the terminal is wide enough.

    Attributes:
        state: ``GOOD`` when done, ``WORKING`` for the current one, ``UNKNOWN`` when its check gave no answer,
            ``PENDING`` to come.
    """

    title: str
    state: State


# --- the task ---------------------------------------------------------------------------------------


class Facts(NamedTuple):
    """Rows of label and value."""

    rows: tuple[tuple[str, str], ...]


class Rule(NamedTuple):
    """A heading in a line, with a note at its right end."""

    title: str
    note: str = ""


class CheckRow(NamedTuple):
    """One check.

    Attributes:
        state: ``WORKING`` while it runs, ``PENDING`` before.
        is_marked: Whether the card is about it.
    """

    state: State
    text: str
    is_marked: bool = False
    code: str = ""


class CheckRows(NamedTuple):
    """Checks in fixed places, so that nothing moves when answers arrive."""

    rows: tuple[CheckRow, ...]


class Comparison(NamedTuple):
    """What is in use and what will be; ``rows`` have label, old value and new value."""

    old_title: str
    new_title: str
    rows: tuple[tuple[str, str, str], ...]


class Drawing(NamedTuple):
    """Two programs and what goes from one to the other."""

    left: str
    arrow: str
    right: str


class Bar(NamedTuple):
    """How far a long run has come."""

    done: int
    total: int
    text: str


class Result(NamedTuple):
    """A line that says what was done, with its symbol: «√ Lagret: …»."""

    state: State
    text: str


class Files(NamedTuple):
    """Config files and whom they are for; ``rows`` have name and description."""

    rows: tuple[tuple[str, str], ...]


Block = (
    Heading
    | Paragraph
    | Bullets
    | Clicks
    | Sides
    | Facts
    | Rule
    | CheckRows
    | Comparison
    | FinaleForm
    | Drawing
    | Bar
    | Result
    | Files
)


class Slot(Enum):
    """Where in the body another part of the page is, if not below the body in this order."""

    ANSWER = "answer"
    CARD = "card"
    CHOICES = "choices"


# --- what takes the keys ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SecretField:
    """A field for a token; what is in it is never shown.

    A paste is answered with at once (``Pasted``); typed text only on Enter, and only where ``takes_words``.

    Attributes:
        label: What the border says, which depends on the state.
        state: ``RESTING``, ``WORKING``, ``GOOD``, ``BAD``, ``UNKNOWN`` or ``WARNING``.
        length: How many characters it has; 0 if it is empty.
        fingerprint: A short hash of them; empty for what is no key.
        takes_words: Whether words may be typed, as in the demo.
        short: The label where columns are few.
        may_be_empty: Whether Enter means something else while nothing has been pasted.
    """

    label: str
    state: State = State.RESTING
    length: int = 0
    fingerprint: str = ""
    takes_words: bool = False
    short: str = ""
    may_be_empty: bool = False


class TextField(NamedTuple):
    """A line to type; answered with ``Typed`` on Enter.

    Attributes:
        is_path: Whether Tab completes it as a path.
    """

    label: str
    text: str = ""
    state: State = State.RESTING
    is_path: bool = False


class Mark(StrEnum):
    """What is at the beginning of a row of a list."""

    CHOSEN = "chosen"
    NOT_CHOSEN = "not-chosen"
    TICKED = "ticked"
    NOT_TICKED = "not-ticked"
    WARNING = "warning"
    NONE = "none"


class ListRow(NamedTuple):
    """A row of a list.

    Attributes:
        note: A middle column, such as «! samme nummer».
        right: What is at the right edge.
        is_enabled: Whether it can be chosen; else it is there so that nobody looks for it.
    """

    value: str
    text: str
    note: str = ""
    right: str = ""
    mark: Mark = Mark.NONE
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class SearchList:
    """A list with a search field above it; the rows come filtered.

    Changes of the field are reported with ``edit(Searched(text))``, after which ``search`` is what the field
    must contain: it may have been emptied. Space on a row (and Enter while ``search`` has text, if
    ``takes_ticks``) is ``edit(Toggled(value))``. Enter otherwise is ``Continue`` where rows have ticks, and
    ``Chosen(value)`` where they have none.

    Attributes:
        label: What the border of the field says.
        state: ``BAD`` when what was typed was refused.
        first: A row of its own above the others, with a rule between; None where there is none.
        marked: The row that the cursor is on; empty to leave it where the face has it.
        is_path: Whether Tab completes the text as a path.
        is_searchable: Whether there is a field at all.
        columns: Headings of text and right edge, where there are any.
    """

    label: str
    rows: tuple[ListRow, ...]
    search: str = ""
    state: State = State.RESTING
    first: ListRow | None = None
    marked: str = ""
    takes_ticks: bool = False
    is_path: bool = False
    is_searchable: bool = True
    columns: tuple[str, str] | None = None


class TableRow(NamedTuple):
    """A row of a table; ``state`` is shown as symbol and word before the cells, None for rows without one."""

    value: str
    cells: tuple[str, ...]
    state: State | None = None
    word: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to look through; the row that the cursor comes to is reported with ``edit(Marked(value))``.

    Attributes:
        columns: Their headings; empty for a table without. The state's comes first where rows have one.
        marked: The row that the card is about.
        right: Whether the last column is set to the right.
        widths: Of the columns but the last, where their texts do not decide it.
    """

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    marked: str = ""
    right: bool = False
    widths: tuple[int, ...] = ()


Answer = SecretField | TextField | SearchList | Table


# --- the one place that speaks ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """What is to be known now.

    Attributes:
        headline: Without symbol and word, which come from the state; may be empty.
        lines: Each a sentence or a few, to be wrapped; a ``CheckRow`` has its own symbol.
        code: The finding it is about, such as ``TW302``.
        click: The number of the click it is about; the click is marked as well.
    """

    state: State
    headline: str = ""
    lines: tuple[str | CheckRow, ...] = ()
    code: str = ""
    click: int | None = None


class Choice(NamedTuple):
    """One numbered answer.

    Attributes:
        detail: Rows under the label; each its own line.
        note: What is after the label: at the right edge, or in a second column of the menu.
        is_enabled: Whether it can be chosen; else it has no number.
        gap: Whether there is an empty row before it.
    """

    value: str
    label: str
    detail: tuple[str, ...] = ()
    note: str = ""
    is_enabled: bool = True
    gap: bool = False


class Key(NamedTuple):
    """A key that does something now: ``Key("Enter", "videre")``."""

    key: str
    word: str


class Copy(NamedTuple):
    """Something that F5 may put on the clipboard; never a token.

    Attributes:
        word: What the footer calls it: «kopier OrgNr».
    """

    word: str
    text: str


class Leave(NamedTuple):
    """What is asked before leaving; values are ``stay``, ``quit`` and ``erase``."""

    title: str
    lines: tuple[str, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What is shown now.

    Attributes:
        step: The step's id. A page is a new one when it or ``part`` changes.
        part: Distinguishes pages of one step; empty for most.
        note: The words at the right of the title.
        badge: ``DEMO`` or ``TEST`` or nothing.
        marked: The value of the choice that is marked from the start.
        menu_note: Whether the notes of choices are a second column, as in the menu.
        after: A block below everything else: a note under a list, a count.
        aside: What is below everything else in a tall window; without it, the first topics of the help.
        choices_first: Whether the choices are above the card.
        keys: What can be done now, most important first, F1 last.
        can_go_back: Whether Esc leads to another page (``Back``); else it leaves.
        is_busy: Whether something runs: Enter does nothing, Esc cancels.
        is_end: Whether nothing is left to do: leaving here is finishing.
        is_held: Whether Enter does nothing here: the answer is missing or wrong.
        fix_step: The step that F4 leads to.
        has_document: Whether F3 shows a file (``Walk.document``) and not the page as text.
        help: F1.
        leave: What Ctrl+Q asks; None where leaving needs no question.
    """

    step: str
    part: str = ""
    title: str
    note: str = ""
    badge: str = ""
    progress: Progress
    outline: tuple[OutlineEntry, ...] = ()
    body: tuple[Block | Slot, ...] = ()
    answer: Answer | None = None
    card: Card | None = None
    choices: tuple[Choice, ...] = ()
    marked: str = ""
    menu_note: bool = False
    after: tuple[Block, ...] = ()
    choices_first: bool = False
    aside: tuple[Block, ...] = ()
    keys: tuple[Key, ...] = ()
    can_go_back: bool = False
    is_busy: bool = False
    is_end: bool = False
    is_held: bool = False
    fix_step: StepId | None = None
    has_document: bool = False
    copies: tuple[Copy, ...] = ()
    help: tuple[Topic, ...] = ()
    leave: Leave | None = None


# --- replies ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Bare:
    pass


@dataclass(frozen=True, slots=True)
class _WithValue:
    value: str


@dataclass(frozen=True, slots=True)
class _WithText:
    text: str


class Continue(_Bare):
    """Enter where nothing is to be chosen."""


class Chosen(_WithValue):
    """Enter on a choice, its digit, or Enter on a row of a list without ticks or of a table."""


class Typed(_WithText):
    """Enter in a text field."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A token as it was pasted, spaces and line breaks included."""

    text: Secret


class Again(_Bare):
    """Ctrl+R: ask Tripletex again."""


class Anyway(_Bare):
    """F6: continue with what was refused."""


class Back(_Bare):
    """Esc: to the page before; on the first one to where the walk was started from."""


class Fix(_Bare):
    """F4: to the step that ``Page.fix_step`` names."""


Reply = Continue | Chosen | Typed | Pasted | Again | Anyway | Back | Fix


class Searched(_WithText):
    """The search field of a list has another text."""


class Toggled(_WithValue):
    """A row of a list was ticked, unticked or chosen."""


class Marked(_WithValue):
    """The cursor of a list or table is on another row."""


class Emptied(_Bare):
    """Ctrl+U in a field for a token."""


class NextFinding(_Bare):
    """PgDn if the card has several findings to show."""


Edit = Searched | Toggled | Marked | Emptied | NextFinding


class Shown(Protocol):
    """What a face needs of a walk.

    A face calls ``begin`` once, then ``reply`` for every answer; both run until the walk waits for a person.
    ``on_change`` fires whenever ``page`` would return something else while they run: a key has been checked,
    stored and tested; a check has finished; another step has been reached, and its work continues. To cancel,
    the face cancels the task; ``page`` then says what came of it. A new paste may be replied with after that.
    """

    @property
    def is_finished(self) -> bool:
        """Whether nothing more is to be shown."""
        ...

    @property
    def successor(self) -> "Shown | None":
        """The walk to show once this one is finished; None to end."""
        ...

    def page(self, t: Texts) -> Page:
        """Return what is to be shown, in the reader's language; changes nothing and asks nobody."""
        ...

    def document(self, t: Texts) -> str:
        """Return the text behind F3 where the page ``has_document``: a TOML file or a unified diff."""
        ...

    def edit(self, edit: Edit) -> None:
        """Take up what was typed or marked, without waiting for anything."""
        ...

    async def begin(self, on_change: Callable[[], None]) -> None:
        """Do what the first page needs."""
        ...

    async def reply(self, reply: Reply, on_change: Callable[[], None]) -> None:
        """Work a reply in."""
        ...

    async def abandon(self) -> None:
        """Forget the answers, as «Avslutt og slett svarene» says; a stored key stays."""
        ...

    def summary(self, t: Texts) -> str:
        """Return what stays in the terminal when the walk has ended; empty for nothing."""
        ...


_SEPARATORS: Final = re.compile(r"[\s.\-\u00a0\u202f]+")
_ONE_LETTER: Final = str.maketrans("æøåÆØÅ", "aoaAOA")
_TWO_LETTERS: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


def searchable(cells: Iterable[str]) -> str:
    """Return what a row is found by, prepared once for many searches.

    A keyboard without Norwegian letters finds ``Østlandet`` as ``oestlandet`` and ``ostlandet``.
    """
    shown = [unicodedata.normalize("NFC", cell).casefold() for cell in cells]
    text = " ".join(shown)
    bare = "".join(
        sign
        for sign in unicodedata.normalize("NFD", text.translate(_ONE_LETTER))
        if not unicodedata.combining(sign)
    )
    return " ".join((text, *map(joined, shown), text.translate(_TWO_LETTERS), bare))


def fits(query: str, prepared: str) -> bool:
    """Whether a row, prepared by ``searchable``, contains every word of a query."""
    query = unicodedata.normalize("NFC", query).casefold()
    digits = joined(query)
    return all(word in prepared for word in ([digits] if digits.isdigit() else query.split()))


def joined(text: str) -> str:
    """Return a number without what groups its digits."""
    return _SEPARATORS.sub("", text)
