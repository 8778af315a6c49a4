"""Pages, which are what a step shows, as values that the user interfaces draw.

From top to bottom a page has a title, a task (``body``), one element with the focus (``answer`` or
``choices``), a message (``card``), and the available keys (``keys``). Parts that are not used are empty. All
texts are in the user's language.

Texts of ``Paragraph``, ``Bullets``, ``Clicks`` and ``Sides`` may contain the guide's markup, ``**Label**``
and `` `literal input` ``, with a backslash to escape. All other texts are plain.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import NamedTuple, Protocol

from wizard.domain.key import Secret
from wizard.findings import Finding, StepId
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
    """The state of a field, a card or a check."""

    RESTING = "resting"
    WORKING = "working"
    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    WARNING = "warning"
    PENDING = "pending"
    """Only for checks that have not started."""


# --- the head ---------------------------------------------------------------------------------------


class Progress(NamedTuple):
    """The position of a step in its walk.

    Attributes:
        number: The number of the current step; 0 before the first.
        total: The number of steps; 0 for the menu, whose head has a plain rule.
        label: The right-hand end of the head, such as «Steg 2 av 6» or «Før du begynner».
    """

    number: int
    total: int
    label: str


class OutlineEntry(NamedTuple):
    """A step in the list next to the page, if the terminal is wide enough.

    Attributes:
        state: ``GOOD`` if done, ``WORKING`` for the current one, ``UNKNOWN`` if its check gave no answer, or
            ``PENDING``.
    """

    title: str
    state: State


# --- the task ---------------------------------------------------------------------------------------


class Facts(NamedTuple):
    """Rows of label and value."""

    rows: tuple[tuple[str, str], ...]


class Rule(NamedTuple):
    """A horizontal line with a heading, and a note at its right end."""

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


class CheckRows(NamedTuple):
    """Checks as rows, whose positions do not change while answers arrive."""

    rows: tuple[CheckRow, ...]


class Comparison(NamedTuple):
    """A comparison of the old and the new key; ``rows`` have label, old value and new value."""

    old_title: str
    new_title: str
    rows: tuple[tuple[str, str, str], ...]


class Drawing(NamedTuple):
    """A drawing of two programs with an arrow between them."""

    left: str
    arrow: str
    right: str


class Bar(NamedTuple):
    """A progress bar."""

    done: int
    total: int
    text: str


class Result(NamedTuple):
    """A line with a symbol about something that was done, such as «√ Lagret: …»."""

    state: State
    text: str


class Files(NamedTuple):
    """A list of config files; ``rows`` have name and description."""

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
    """The position of another part of the page in the body. By default they follow it in this order."""

    ANSWER = "answer"
    CARD = "card"
    CHOICES = "choices"


# --- input widgets ----------------------------------------------------------------------------------


class SecretField(NamedTuple):
    """A field for a token, whose content is never shown.

    A paste is replied with ``Pasted`` at once. Typed text is replied on Enter, and only if ``takes_words``.

    Attributes:
        label: The title of the border, which depends on the state.
        state: Any state but ``PENDING``.
        length: The number of characters; 0 if it is empty.
        fingerprint: A short hash of the key; empty if it is not a key.
        takes_words: Whether words may be typed, as in the demo.
        short: A shorter label for narrow terminals.
        may_be_empty: Whether Enter means something else while the field is empty.
    """

    label: str
    state: State = State.RESTING
    length: int = 0
    fingerprint: str = ""
    takes_words: bool = False
    short: str = ""
    may_be_empty: bool = False


class TextField(NamedTuple):
    """A text field, replied with ``Typed`` on Enter."""

    label: str
    text: str = ""
    state: State = State.RESTING


class Mark(StrEnum):
    """The mark at the beginning of a row."""

    CHOSEN = "chosen"
    NOT_CHOSEN = "not-chosen"
    TICKED = "ticked"
    NOT_TICKED = "not-ticked"
    WARNING = "warning"
    NONE = "none"


class ListRow(NamedTuple):
    """A row of a list.

    Attributes:
        note: The middle column, such as «! samme nummer».
        right: The column at the right edge.
        is_enabled: Whether it can be chosen.
    """

    value: str
    text: str
    note: str = ""
    right: str = ""
    mark: Mark = Mark.NONE
    is_enabled: bool = True


class SearchList(NamedTuple):
    """A list with a search field above it. The rows are already filtered.

    A change of the field is reported with ``edit(Searched(text))``. After that, the field must be set to
    ``search``, which may have been cleared. Space on a row is ``edit(Toggled(value))``, and so is Enter if
    ``takes_ticks`` and ``search`` is not empty. Otherwise, Enter is replied with ``Continue`` if
    ``takes_ticks``, or else with ``Chosen(value)``.

    Attributes:
        label: The title of the border of the field.
        state: ``BAD`` if the text was refused.
        first: A separate row above the others; None if there is none.
        marked: The row with the cursor; empty to leave the cursor where it is.
        is_path: Whether Tab completes the text as a path.
        columns: The headings of the text and the right column, if any.
    """

    label: str
    rows: tuple[ListRow, ...]
    search: str = ""
    state: State = State.RESTING
    first: ListRow | None = None
    marked: str = ""
    takes_ticks: bool = False
    is_path: bool = False
    columns: tuple[str, str] | None = None


class TableRow(NamedTuple):
    """A row of a table; ``state``, if any, is shown as a symbol and word before the cells."""

    value: str
    cells: tuple[str, ...]
    state: State | None = None
    word: str = ""


class Table(NamedTuple):
    """A table. Moving the cursor to a row is reported with ``edit(Marked(value))``.

    Attributes:
        columns: The headings, beginning with that of the state; empty if the rows have no state.
        marked: The row that the card is about.
        right: Whether the last column is right-aligned.
    """

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    marked: str = ""
    right: bool = False


Answer = SecretField | TextField | SearchList | Table


# --- the message -------------------------------------------------------------------------------------


class Card(NamedTuple):
    """The message of a page.

    Attributes:
        headline: The headline, without the symbol and word of the state; may be empty.
        lines: One or more sentences each, which are wrapped. A ``CheckRow`` has a symbol.
        code: The code of the finding, such as ``TW302``.
        click: The number of the click that it is about, which is also marked in the body.
    """

    state: State
    headline: str = ""
    lines: tuple[str | CheckRow, ...] = ()
    code: str = ""
    click: int | None = None


class Choice(NamedTuple):
    """A numbered choice.

    Attributes:
        detail: Lines below the label.
        note: Text after the label, at the right edge or in a second column.
        is_enabled: Whether it can be chosen. If not, it has no number.
        gap: Whether there is an empty line before it.
    """

    value: str
    label: str
    detail: tuple[str, ...] = ()
    note: str = ""
    is_enabled: bool = True
    gap: bool = False


class Key(NamedTuple):
    """An available key and a word for what it does, such as ``Key("Enter", "videre")``."""

    key: str
    word: str


class Copy(NamedTuple):
    """A text that F5 copies to the clipboard; never a token.

    Attributes:
        word: The word in the footer, such as «kopier OrgNr».
    """

    word: str
    text: str


class Leave(NamedTuple):
    """The question before leaving. The values of its choices are ``stay``, ``quit`` and ``erase``."""

    title: str
    lines: tuple[str, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What is shown at the moment: what the step shows, and from ``step`` on what the engine adds.

    Attributes:
        part: Distinguishes several pages of a step.
        note: Text at the right of the title.
        marked: The value of the choice that is initially marked.
        menu_note: Whether the notes of choices are in a second column, as in the menu.
        after: Blocks below everything else, such as a note or a count.
        choices_first: Whether the choices are above the card.
        enter: A word for what Enter does; empty if it does nothing, because the answer is missing or wrong.
        keys: The available keys, most important first. A step names those of its own; the engine adds those
            that every page has, F1 last.
        fix_step: The step that F4 leads to, and its word in the footer.
        has_document: Whether F3 shows a file (``Walk.document``) instead of the page as text.
        finding: The finding that the card is about, which F1 explains first.
        help: The topics of F1.
        is_end: Whether nothing is left to do, so that leaving means finishing.
        saves: Whether Enter writes configs. It must not if it is held down since the page before.
        step: The id of the step. If it or ``part`` changes, it is a new page.
        badge: ``DEMO``, ``TEST`` or nothing.
        can_go_back: Whether Esc goes to another page (``Back``) rather than leaving.
        is_busy: Whether work is in progress. Enter then does nothing, and Esc cancels.
        leave: The question of Ctrl+Q; None to leave without asking.
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
    finding: Finding | None = None
    help: tuple[Topic, ...] = ()
    is_end: bool = False
    saves: bool = False

    step: str = ""
    badge: str = ""
    progress: Progress = Progress(0, 0, "")  # noqa: RUF009 - immutable
    outline: tuple[OutlineEntry, ...] = ()
    can_go_back: bool = False
    is_busy: bool = False
    leave: Leave | None = None

    @property
    def is_blocked(self) -> bool:
        """Whether Enter does nothing."""
        return not self.enter


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
    """Enter on a page without choices."""


class Chosen(_WithValue):
    """A selected choice, or a selected row of a table or of a list without ticks."""


class Typed(_WithText):
    """Enter in a text field."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A token as it was pasted, including spaces and line breaks."""

    text: Secret


class Again(_Bare):
    """Ctrl+R: check again."""


class Anyway(_Bare):
    """F6: continue anyway."""


class Back(_Bare):
    """Esc: go to the page before, or to the parent walk."""


class Fix(_Bare):
    """F4: go to ``Page.fix_step``."""


Reply = Continue | Chosen | Typed | Pasted | Again | Anyway | Back | Fix


class Searched(_WithText):
    """The text of the search field has changed."""


class Toggled(_WithValue):
    """A row of a list was ticked, unticked or chosen."""


class Marked(_WithValue):
    """The cursor of a list or table has moved to another row."""


class Emptied(_Bare):
    """Ctrl+U in a field for a token."""


class NextFinding(_Bare):
    """PgDn if the card has several findings to show."""


Edit = Searched | Toggled | Marked | Emptied | NextFinding


class AnyWalk(Protocol):
    """Any walk, as the user interfaces see it.

    Call ``begin`` once, then ``reply`` for every answer. Both run until the walk needs an answer. While they
    run, ``on_change`` is called whenever ``page`` has changed, for example because a check has finished or
    another step has been reached. To cancel, cancel the task, and then show the page again.
    """

    @property
    def is_finished(self) -> bool:
        """Whether the walk is over."""
        ...

    @property
    def successor(self) -> "AnyWalk | None":
        """The walk to show once this one is finished; None to end."""
        ...

    def page(self, t: Texts) -> Page:
        """Return the current page in a language, without doing any I/O."""
        ...

    def document(self, t: Texts) -> str:
        """Return the text that F3 shows if the page ``has_document``: a TOML file or a unified diff."""
        ...

    def edit(self, edit: Edit) -> None:
        """Apply an edit, without doing any I/O."""
        ...

    async def begin(self, on_change: Callable[[], None]) -> None:
        """Do the work of the first step."""
        ...

    async def reply(self, reply: Reply, on_change: Callable[[], None]) -> None:
        """Handle a reply."""
        ...

    async def abandon(self) -> None:
        """Delete the answers («Avslutt og slett svarene»), but not a stored key."""
        ...

    def summary(self, t: Texts) -> str:
        """Return the text to leave in the terminal after the walk; may be empty."""
        ...
