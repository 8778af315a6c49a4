"""Lays a page out in a window: every row of the screen, drawn by nothing but values.

The measure is 76 columns, centred; under 80 columns or 24 rows the empty rows go, and what is left is a
column at each side. If rows are short, empty rows give way first, then rows of lists; never a click, the
field, the card or the footer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from wizard.ui.tui.answers import View, field_box, listing, secret_rows, typed_row
from wizard.ui.tui.blocks import (
    block_rows,
    card_rows,
    choice_rows,
    named_key,
    needs_gap,
    rule,
    short_card,
    sign_of,
)
from wizard.ui.tui.overlays import (
    MEASURE,
    SMALLEST,
    help_keys,
    help_rows,
    question_rows,
    too_small,
    topic_rows,
)
from wizard.ui.tui.palette import Look, in_ascii
from wizard.ui.tui.rows import EMPTY, Piece, Row, ends, headed, pad, plain, text_of, width_of
from wizard.walk.page import (
    Answer,
    Block,
    Card,
    CheckRows,
    Clicks,
    Key,
    OutlineEntry,
    Page,
    Progress,
    Result,
    SearchList,
    SecretField,
    Slot,
    State,
    Table,
    TextField,
)

_OUTLINE: Final = 26
_WITH_OUTLINE: Final = 108
_TALL: Final = 34
"""Rows from which there are margins, and the first topics of the help under the card."""
_FULL: Final = (80, 24)
_DOTS: Final = 32
_CARD: Final = 3
"""Rows that a card keeps under a field, so that nothing moves when it speaks."""


@dataclass(frozen=True)
class Frame:
    """A drawn screen.

    Attributes:
        rows: One for every row of the window, as wide as it.
        listed: How many rows of the list are shown, for PgUp and PgDn.
        top: The first row of the list that is shown.
        last: How far the help can be scrolled.
    """

    rows: tuple[Row, ...]
    listed: int = 1
    top: int = 0
    last: int = 0


class _Gap(IntEnum):
    """An empty row before a part; the lower ones give way first."""

    NONE = 0
    CARD_AND_CHOICES = 1
    RESULT = 2
    BLOCK = 3
    FIELD = 4
    CARD = 5


@dataclass
class _Part:
    """A part of the body.

    Attributes:
        least: Rows that it keeps even if it has fewer.
        items: Of a list, what can be scrolled; ``rows`` are above them.
        marked: Which of the items the marker is on.
    """

    rows: list[Row]
    gap: _Gap = _Gap.BLOCK
    blanks: int = 1
    least: int = 0
    is_text: bool = False
    items: list[Row] = field(default_factory=list)
    marked: int = -1

    @property
    def height(self) -> int:
        return max(len(self.rows), self.least)


@dataclass
class _Space:
    """The window, divided."""

    width: int
    height: int
    has_outline: bool
    is_full: bool = field(init=False)
    is_tall: bool = field(init=False)
    measure: int = field(init=False)
    left: int = field(init=False)
    spared: int = 0

    def __post_init__(self) -> None:
        self.is_full = self.width >= _FULL[0] and self.height >= _FULL[1]
        self.is_tall = self.is_full and self.height >= _TALL
        self.has_outline = self.has_outline and self.is_full and self.width >= _WITH_OUTLINE
        self.measure = min(MEASURE, self.width - (4 if self.is_full else 2))
        beside = _OUTLINE + 2 if self.has_outline else 0
        self.left = (self.width - self.measure - beside) // 2 + beside

    @property
    def spare(self) -> int:
        """Empty rows around head, title and footer, which go when nothing else can."""
        return 3 if self.is_full else 0

    @property
    def room(self) -> int:
        """Rows for everything between title and footer."""
        if not self.is_full:
            return self.height - 3
        return self.height - (9 if self.is_tall else 7)


def draw(page: Page, view: View, look: Look, width: int, height: int) -> Frame:
    """Draw a page for a window."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Frame(_fitted(too_small(look, width, height), look, width, height))
    space = _Space(width, height, bool(page.outline) and not view.overlay)
    head = _head(page, look, space)
    listed, top, last = 1, 0, 0
    if view.overlay == "help":
        title: Row
        title, body, listed, last = help_rows(page, view, look, space.measure, space.room)
        keys = help_keys(look)
    elif view.overlay:
        title, body, keys = question_rows(page, view, look, space.measure)
    else:
        note = plain(page.note, "muted")
        title = headed(plain(page.title, "accent bold"), note, space.measure)
        body, listed, top = _body(page, view, look, space)
        keys = view.keys or page.keys
        if isinstance(page.answer, SearchList) and view.typed:
            clearing = Key("Esc", look.t("clear the search"))
            keys = tuple(clearing if key.key == "Esc" else key for key in keys)
        if view.typed and isinstance(page.answer, SecretField) and all(key.key != "Enter" for key in keys):
            keys = (Key("Enter", look.t("continue")), *keys)
    rows = _stack(head, title, body, footer(keys, look, space.measure), space)
    outline = page.outline if space.has_outline else ()
    placed = _fitted(_placed(rows, outline, look, space), look, width, height)
    return Frame(placed, listed, top, last)


def plain_text(page: Page, look: Look, width: int) -> str:
    """Return a page as plain text, to be marked and copied: everything, however long; nothing secret."""
    space = _Space(width + 4, 500, has_outline=False)
    space.measure = min(width, MEASURE)
    parts: list[list[Row]] = [[plain(page.title)]]
    if page.note:
        parts[0].append(plain(page.note))
    parts += [block_rows(block, look, space.measure) for block in page.body if not isinstance(block, Slot)]
    if isinstance(page.answer, SearchList | Table):
        drawn = listing(page.answer, View(), look, space.measure)
        parts.append([*drawn.head, *drawn.items])
    if page.card is not None:
        parts.append([row[1:] for row in card_rows(page.card, look, space.measure)])
    if page.choices:
        parts.append(choice_rows(page.choices, "", space.measure, is_menu=page.menu_note))
    parts += [block_rows(block, look, space.measure) for block in page.after]
    text = "\n\n".join("\n".join(text_of(row).rstrip() for row in part) for part in parts)
    return in_ascii(text) if look.is_ascii else text


# --- head and footer ---------------------------------------------------------------------------------


def _head(page: Page, look: Look, space: _Space) -> list[Row]:
    name = "Visma Finale" if space.is_full else "Finale"
    left: Row = (Piece("Tripletex", "strong bold"), Piece(" → ", "accent"), Piece(name, "strong bold"))
    if page.badge:
        edges = ("[", "]") if look.is_ascii else ("▐", "▌")
        badge = Piece(edges[0], "doubt"), Piece(page.badge, "badge bold"), Piece(edges[1], "doubt")
        left = (*left, Piece("  "), *badge)
    label = plain(page.progress.label, "muted")
    if not space.is_full:
        segments = "".join("═" if part < page.progress.number else "─" for part in range(page.progress.total))
        right = (*label, *((Piece(f"  {segments}", "accent"),) if segments else ()))
        return [ends(left, right, space.measure)]
    return [ends(left, label, space.measure), _segments(page.progress, space.measure)]


def _segments(progress: Progress, width: int) -> Row:
    if not progress.total:
        return (Piece("─" * width, "rule"),)
    pieces: list[Piece] = []
    begin = 0
    for part in range(1, progress.total + 1):
        end = round(part * (width + 2) / progress.total) - 2
        done = part <= progress.number
        pieces += [Piece(("═" if done else "─") * (end - begin), "accent" if done else "rule"), Piece("  ")]
        begin = end + 2
    return tuple(pieces[:-1])


def footer(keys: Sequence[Key], look: Look, width: int) -> Row:
    """Return the keys with F1 at the right edge; what does not fit is left out from the end."""
    last = [key for key in keys if key.key == "F1"]
    right = named_key(last[0], look) if last else EMPTY
    left: Row = EMPTY
    others = [key for key in keys if key.key != "F1"][: 4 if last else 5]
    for key in others:
        more = (*left, *((Piece("   "),) if left else ()), *named_key(key, look))
        if width_of(more) + (2 if right else 0) + width_of(right) > width:
            continue
        left = more
    return ends(left, right, width) if right else pad(left, width)


# --- the body ----------------------------------------------------------------------------------------


def _body(page: Page, view: View, look: Look, space: _Space) -> tuple[list[Row], int, int]:
    """Return the rows between title and footer; how many of the list are among them, and from which."""
    look = replace(look, is_compact=not space.is_full)
    parts, listed, taken = _squeezed(page, view, look, space, most=6 if space.is_tall else 5)
    if listed is None and taken > space.room:
        # The empty rows of the frame go before the words of the card.
        room = space.room + min(taken - space.room, space.spare)
        if taken > room:
            parts, listed, taken = _squeezed(page, view, look, space, most=_CARD)
            room = space.room + max(0, min(taken - space.room, space.spare))
        space.spared = room - space.room
    shown, top = 1, 0
    if listed is not None:
        # A list that is shorter than that takes no row from the card below it.
        least = min(len(listed.rows) + len(listed.items), 3)
        room = max(space.room - taken - listed.blanks, least)
        height = _list_height(page, view, listed, room, space)
        head, items = listed.rows, listed.items
        begin, end = _window(len(items), height - len(head), listed.marked, view.top)
        shown, top = end - begin, begin
        listed.rows = [*head, *_scrolled(items, begin, end, look, space.measure)]
        listed.least = height if not space.is_tall and not page.choices else 0
    elif taken > space.room + space.spared:
        _scroll_text(parts, taken - space.room - space.spared, view, look)
    rows: list[Row] = []
    for part in parts:
        rows += [EMPTY] * part.blanks + part.rows + [EMPTY] * (part.height - len(part.rows))
    if space.is_tall:
        rows += _more_help(page, look, space.measure, space.room - len(rows))
    return rows, shown, top


def _squeezed(
    page: Page, view: View, look: Look, space: _Space, *, most: int
) -> tuple[list[_Part], _Part | None, int]:
    """Return the parts, that with a list, and how many rows the others take; ``most`` is of the card."""
    parts = _parts(page, view, look, space, most)
    parts[0].gap = _Gap.NONE
    listed = next((part for part in parts if part.items), None)
    _squeeze(parts, listed, page, space)
    return parts, listed, sum(part.height + part.blanks for part in parts if part is not listed)


def _parts(page: Page, view: View, look: Look, space: _Space, most: int) -> list[_Part]:
    width = space.measure
    rest = [Slot.ANSWER, Slot.CHOICES, Slot.CARD] if page.choices_first else list(Slot)
    order = [*page.body, *(slot for slot in rest if slot not in page.body)]
    card = view.said or page.card
    has_both = card is not None and bool(page.choices)
    parts: list[_Part] = []
    before: object = None
    for block in order:
        if block is Slot.ANSWER and page.answer is not None:
            made = _answer(page.answer, view, look, width)
            if isinstance(before, Clicks) and not isinstance(page.answer, SecretField | TextField):
                made[0].gap = _Gap.NONE
            parts += made
            before = page.answer
        elif block is Slot.CARD and (card is not None or isinstance(page.answer, SecretField)):
            parts.append(_card_part(page, card, look, space, most))
            if isinstance(before, SecretField):
                parts[-1].gap = _Gap.NONE
            before = card
        elif block is Slot.CHOICES and page.choices:
            rows = choice_rows(page.choices, view.choice, width, is_menu=page.menu_note)
            has_checks = any(isinstance(each, CheckRows) for each in page.body)
            least = _CARD if has_both and has_checks and not space.is_tall else 0
            parts.append(_Part(rows, _Gap.CARD_AND_CHOICES if has_both else _Gap.BLOCK, least=least))
            before = page.choices
        elif not isinstance(block, Slot):
            parts.append(_Part(block_rows(block, look, width), _gap(before, block), is_text=True))
            before = block
    for number, block in enumerate(page.after):
        parts.append(_Part(block_rows(block, look, width), _gap(before, block)))
        if page.menu_note and not number and space.is_full:
            parts[-1].blanks = 2
        before = block
    return parts or [_Part([])]


def _card_part(page: Page, card: Card | None, look: Look, space: _Space, most: int) -> _Part:
    is_field = isinstance(page.answer, SecretField)
    bar = "muted" if is_field and card is not None and card.state is State.RESTING else ""
    rows = short_card(card, look, space.measure, most, bar=bar) if card else []
    keeps = is_field or (isinstance(page.answer, SearchList) and not page.after and not space.is_tall)
    gap = _Gap.CARD_AND_CHOICES if card is not None and page.choices else _Gap.CARD
    return _Part(rows, gap, least=_CARD if keeps else 0)


def _gap(before: object, block: Block) -> _Gap:
    if not needs_gap(before, block):
        return _Gap.NONE
    return _Gap.RESULT if isinstance(before, Result) else _Gap.BLOCK


_STAGES: Final[tuple[tuple[_Gap, ...], ...]] = (
    (_Gap.CARD_AND_CHOICES,),
    (_Gap.RESULT,),
    (_Gap.BLOCK,),
    (_Gap.FIELD, _Gap.CARD),
)


def _squeeze(parts: list[_Part], listed: _Part | None, page: Page, space: _Space) -> None:
    """Remove empty rows until everything fits, or none is left."""
    for part in parts:
        if part.gap is _Gap.NONE:
            part.blanks = 0
    if not space.is_full and page.answer is not None:
        for part in parts:
            part.blanks = 0
    few = min(len(listed.items), 6) + len(listed.rows) if listed else 0
    for stage in _STAGES:
        taken = sum(part.blanks + part.height for part in parts if part is not listed)
        if taken + few + (listed.blanks if listed else 0) <= space.room:
            return
        for part in parts:
            if part.gap in stage:
                part.blanks = 0
    for part in parts:
        part.least = 0


def _list_height(page: Page, view: View, listed: _Part, room: int, space: _Space) -> int:
    wanted = len(listed.rows) + len(listed.items)
    if space.is_tall or page.choices or not getattr(page.answer, "is_searchable", True):
        return min(wanted, room)
    if isinstance(page.answer, Table):
        # One more is left for what follows, so that the table is as high while it is filled.
        most = space.room - (7 if page.card or view.said else 8)
        return max(min(room, most), min(wanted, 3))
    return room if space.is_full or wanted >= room else room - 1


def _window(count: int, height: int, marked: int, top: int) -> tuple[int, int]:
    """Return which rows of a list are shown: with the marked one, and a row for what is left out."""
    height = max(height, 1)
    if count <= height:
        return 0, count

    def end_of(begin: int) -> int:
        room = height - (begin > 0)
        return count if count - begin <= room else begin + max(room - 1, 1)

    begin = max(0, min(top, count - 1))
    if begin == 1:
        begin = 0
    if marked >= 0:
        if marked < begin:
            begin = marked if marked > 1 else 0
        while marked >= end_of(begin) or end_of(begin) <= begin:
            begin += 1 if begin else 2
    while begin > 1 and end_of(begin) == count and count - (begin - 1) <= height - 1:
        begin -= 1
    return begin, end_of(begin)


def _scrolled(items: list[Row], begin: int, end: int, look: Look, width: int) -> list[Row]:
    rows = list(items[begin:end])
    if begin:
        rows.insert(0, pad(plain(f"▲ {look.t('{n} more', n=begin)}", "accent"), width))
    if end < len(items):
        rows.append(pad(plain(f"▼ {look.t('{n} more', n=len(items) - end)}", "accent"), width))
    return rows


def _scroll_text(parts: list[_Part], excess: int, view: View, look: Look) -> None:
    """Show a part of the longest text only: that with the marked click, or where PgDn has come to."""
    part = max((part for part in parts if part.is_text), key=lambda part: len(part.rows), default=None)
    if part is None or len(part.rows) - excess < 3:  # noqa: PLR2004 - less would not be readable
        return
    height = len(part.rows) - excess
    marked = next((at for at, row in enumerate(part.rows) if text_of(row).startswith("► ")), -1)
    begin, end = _window(len(part.rows), height, marked if not view.at else -1, view.at)
    part.rows = _scrolled(part.rows, begin, end, look, 20)


# --- the answer --------------------------------------------------------------------------------------


def _answer(answer: Answer, view: View, look: Look, width: int) -> list[_Part]:
    match answer:
        case SecretField():
            return [_Part(secret_rows(answer, view, look, width), _Gap.FIELD)]
        case TextField():
            return [
                _Part(field_box(answer.label, answer.state, typed_row(view, width - 4), width), _Gap.FIELD)
            ]
        case SearchList(is_searchable=True):
            box = _Part(field_box(answer.label, answer.state, typed_row(view, width - 4), width), _Gap.FIELD)
            return [box, _list(answer, view, look, width)]
        case SearchList() | Table():
            part = _list(answer, view, look, width)
            part.gap = _Gap.BLOCK
            return [part]


def _list(answer: SearchList | Table, view: View, look: Look, width: int) -> _Part:
    drawn = listing(answer, view, look, width)
    return _Part(list(drawn.head), _Gap.NONE, items=drawn.items, marked=drawn.marked)


def _more_help(page: Page, look: Look, width: int, room: int) -> list[Row]:
    """Return what a tall window has room for: what the page says, else the first topics of the help."""
    if page.aside:
        rows = topic_rows("", page.aside, look, width)
    else:
        rows = []
        code = page.card.code if page.card else ""
        for topic in page.help if page.progress.number or not page.progress.total else ():
            if code and topic.title.startswith(code):
                continue
            more = ([EMPTY] if rows else []) + topic_rows(topic.title, topic.body, look, width)
            if len(rows) + len(more) > room - 3:
                break
            rows += more
        if rows:
            rows.insert(0, rule(plain(look.t("If something is wrong"), "strong bold"), EMPTY, width))
    return [EMPTY, *rows] if rows and len(rows) < room else []


# --- putting it together -----------------------------------------------------------------------------


def _stack(head: list[Row], title: Row, body: list[Row], keys: Row, space: _Space) -> list[Row]:
    room = space.room + space.spared
    body = [*body[:room], *[EMPTY] * (room - len(body))]
    if not space.is_full:
        return [*head, title, *body, keys]
    margin: list[Row] = [EMPTY] if space.is_tall else []
    above, below, before = (([EMPTY] if space.spared < at else []) for at in (3, 2, 1))
    return [*margin, *head, *above, title, *below, *body, *before, keys, *margin]


def _placed(rows: list[Row], outline: Sequence[OutlineEntry], look: Look, space: _Space) -> list[Row]:
    """Move the rows to their column, with the list of steps next to them."""
    beside: dict[int, Row] = {}
    at = 4 if space.is_tall else 3
    for entry in outline:
        here = entry.state is State.WORKING
        sign = Piece("► ", "accent bold") if here else sign_of(entry.state, look)[0]
        beside[at] = (sign, *plain(entry.title, "strong bold" if here else "muted"))
        at += 2
    left = space.left - (_OUTLINE + 2 if space.has_outline else 0)
    placed = []
    for number, line in enumerate(rows):
        if space.has_outline:
            line = (*pad(beside.get(number, EMPTY), _OUTLINE + 2), *line)  # noqa: PLW2901 - the same row, placed
        placed.append((Piece(" " * left), *line))
    return placed


def _fitted(rows: list[Row], look: Look, width: int, height: int) -> tuple[Row, ...]:
    fitted = [pad(line, width) for line in rows[:height]]
    fitted += [pad(EMPTY, width)] * (height - len(fitted))
    if look.is_ascii:
        fitted = [tuple(Piece(in_ascii(piece.text), piece.style) for piece in line) for line in fitted]
    return tuple(fitted)
