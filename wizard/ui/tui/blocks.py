"""Draws the blocks of a page as rows of a width."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatch
from typing import Final

from wizard.ui.tui.palette import COLOUR_OF, SIGNS, Look, word_of
from wizard.ui.tui.rows import (
    EMPTY,
    Piece,
    Row,
    cut,
    ends,
    marked,
    pad,
    paint,
    plain,
    row,
    split,
    width_of,
    wrap,
)
from wizard.walk.page import (
    Bar,
    Block,
    Bullets,
    Card,
    CheckRow,
    CheckRows,
    Choice,
    Click,
    Clicks,
    Comparison,
    Drawing,
    Facts,
    Files,
    FinaleForm,
    FormField,
    Heading,
    Key,
    Paragraph,
    Result,
    Rule,
    Side,
    Sides,
    State,
)

_TYPED: Final = re.compile(r"(?<![\d.])\d{9}(?![\d.])|%ORGNR%")
_LABEL: Final = 16
_WORD: Final = 12
_NARROW: Final = 70


@singledispatch
def block_rows(block: Block, _look: Look, _width: int) -> list[Row]:
    """Return a block as rows of at most ``width`` columns."""
    raise TypeError(block)


@block_rows.register
def _heading(block: Heading, _look: Look, width: int) -> list[Row]:
    return wrap(plain(block.text, "strong bold"), width)


@block_rows.register
def _paragraph(block: Paragraph, _look: Look, width: int) -> list[Row]:
    return wrap(marked(block.text), width)


@block_rows.register
def _bullets(block: Bullets, _look: Look, width: int) -> list[Row]:
    return [line for item in block.items for line in hung("  •  ", marked(item), width, "muted")]


@block_rows.register
def _clicks(block: Clicks, _look: Look, width: int) -> list[Row]:
    return _click_rows(block.items, width, indent=2, first=block.first)


@block_rows.register
def _sides(block: Sides, _look: Look, width: int) -> list[Row]:
    if width < _NARROW:
        return _side(block.left, width, 0) + _side(block.right, width, 0)
    each = (width - 2) // 2
    height = max(len(_side_clicks(side, each)) for side in (block.left, block.right))
    sides = (_side(block.left, each, height), _side(block.right, each, height))
    return [(*left, Piece("  "), *right) for left, right in zip(*sides, strict=True)]


def _side(side: Side, width: int, height: int) -> list[Row]:
    clicks = _side_clicks(side, width)
    return boxed(
        [*clicks, *[EMPTY] * (height - len(clicks))], plain(side.title, "strong bold"), width, "rule"
    )


def _side_clicks(side: Side, width: int) -> list[Row]:
    rows: list[Row] = []
    for number, click in enumerate(side.items, 1):
        if rows and width < _NARROW // 2 + 10:
            rows.append(EMPTY)
        rows += hung(f"{number}  ", marked(click.text), width - 4, "accent")
    return rows


@block_rows.register
def _facts(block: Facts, _look: Look, width: int) -> list[Row]:
    rows: list[Row] = []
    for number, (label, value) in enumerate(block.rows):
        rows += hung(f"{label:<{_LABEL}}", typed_marked(value, name_first=number == 0), width, "muted")
    return rows


@block_rows.register
def _rule(block: Rule, _look: Look, width: int) -> list[Row]:
    return [rule(plain(block.title, "strong bold"), plain(block.note, "muted"), width)]


def rule(title: Row, note: Row, width: int) -> Row:
    """Return a line with a title in it and a note at its end."""
    used = 4 + width_of(title) + (1 + width_of(note) if note else 0)
    line = Piece("─" * max(width - used, 0), "rule")
    return (Piece("── ", "rule"), *title, Piece(" "), line, *((Piece(" "), *note) if note else ()))


@block_rows.register
def _check_rows(block: CheckRows, look: Look, width: int) -> list[Row]:
    return [line for check in block.rows for line in _check(check, look, width)]


def _check(check: CheckRow, look: Look, width: int) -> list[Row]:
    colour = COLOUR_OF[check.state]
    weight = "strong bold" if check.is_marked else "ink"
    first = (
        Piece("► ", f"{colour} bold") if check.is_marked else Piece("  "),
        *pad((*sign_of(check.state, look), Piece(word_of(check.state, look.t), f"{colour} bold")), _WORD),
    )
    rows = wrap(plain(check.text, weight), width - _WORD - 2)
    indent = Piece(" " * (_WORD + 2))
    return [(*(first if not number else (indent,)), *line) for number, line in enumerate(rows)]


def sign_of(state: State, look: Look) -> Row:
    """Return the symbol of a state followed by a space."""
    if state is State.WORKING:
        return (Piece(f"{look.spinner} ", "accent bold"),)
    return (Piece(f"{SIGNS[state]} ", f"{COLOUR_OF[state]} bold"),) if SIGNS[state] else EMPTY


@block_rows.register
def _comparison(block: Comparison, _look: Look, width: int) -> list[Row]:
    label, arrow = 18, 5
    each = (width - label - arrow + 1) // 2 - 2 if width >= _NARROW else (width - label - arrow) // 2
    rows = [
        (
            Piece(" " * label),
            *pad(plain(block.old_title, "muted"), each + arrow),
            *plain(block.new_title, "muted"),
        )
    ]
    rest = width - label - each - arrow
    for number, (name, old, new) in enumerate(block.rows):
        olds, news = wrap(plain(old), each - 1), wrap(plain(new, "strong"), rest)
        for line in range(max(len(olds), len(news))):
            between = Piece("→    " if not number and not line else " " * arrow, "accent")
            cells = (
                pad(plain(name if not line else "", "muted"), label),
                pad(olds[line] if line < len(olds) else EMPTY, each),
                (between,),
                news[line] if line < len(news) else EMPTY,
            )
            rows.append(tuple(piece for cell in cells for piece in cell))
    return [cut(line, width) for line in rows]


@block_rows.register
def _form(block: FinaleForm, look: Look, width: int) -> list[Row]:
    if not block.dialog:
        return [(Piece("  "), *_field(field, _LABEL, width - 2 - _LABEL - 28)) for field in block.fields]
    if look.is_compact:
        title = f"{block.dialog} → {block.tab}" if block.tab else block.dialog
        inner = [row for field in block.fields for row in _boxed_field(field, width, is_compact=True)]
        return boxed(inner, plain(title, "strong bold"), width, "rule")
    fields: list[Row] = []
    for field in block.fields:
        if fields:
            fields.append(EMPTY)
        fields += _boxed_field(field, width)
    if block.tab:
        tab = width_of(plain(block.tab)) + 2
        top = [
            (Piece(" ┌ ", "accent"), *plain(block.tab, "accent bold"), Piece(" ┐", "accent")),
            (Piece("──┘", "accent"), Piece(" " * tab), Piece("└" + "─" * (width - 7 - tab + 1), "accent")),
        ]
        rows = boxed([*top, *fields], plain(block.dialog, "strong bold"), width, "rule")
        # The line under the tab goes from border to border.
        border = Piece("│", "rule")
        rows[2] = (border, *pad(top[1], width - 2), border)
        return rows
    if len(fields) < 2 * len(block.fields):  # nothing is below the last field
        fields.append(EMPTY)
    return boxed([EMPTY, *fields], plain(block.dialog, "strong bold"), width, "rule")


def _boxed_field(field: FormField, width: int, *, is_compact: bool = False) -> list[Row]:
    """Return a field of a dialog; a note that is too long goes below it."""
    indent, label = ("", _LABEL) if is_compact else (" ", _LABEL + 1)
    alone = (Piece(indent), *_field(field._replace(note=""), label, 34))
    note = plain(field.note, "value bold")
    if not note:
        return [alone]
    if width_of(alone) + 2 + width_of(note) <= width - 4:
        return [(*alone, Piece("  "), *note)]
    if not field.value and is_compact:
        return [(*_field(field._replace(note=""), label, 18), Piece("  "), *note)]
    left = len(indent) + label
    return [alone, *((Piece(" " * left), *part) for part in wrap(note, width - 4 - left))]


def _field(field: FormField, label: int, room: int) -> Row:
    inside = pad((Piece(" "), *plain(field.value, "value")), room + 2)
    return (
        *pad(plain(field.label, "strong bold"), label),
        Piece("[", "muted"),
        *(Piece(piece.text, f"{piece.style} on field") for piece in inside),
        Piece("]", "muted"),
        *((Piece("  "), *plain(field.note, "value bold")) if field.note else ()),
    )


@block_rows.register
def _drawing(block: Drawing, _look: Look, width: int) -> list[Row]:
    left, right = len(block.left) + 2, len(block.right) + 2
    dashes = "─" * (8 if width >= _NARROW else 4)
    arrow = f"{dashes} {block.arrow} {dashes}►"
    indent = Piece("      " if width >= _NARROW else " ")
    gap = " " * len(arrow)
    return [
        (indent, Piece(f"┌{'─' * left}┐{gap}┌{'─' * right}┐", "rule")),
        (
            indent,
            Piece("│ ", "rule"),
            Piece(block.left, "strong bold"),
            Piece(" ├", "rule"),
            Piece(arrow, "accent"),
            Piece("│ ", "rule"),
            Piece(block.right, "strong bold"),
            Piece(" │", "rule"),
        ),
        (indent, Piece(f"└{'─' * left}┘{gap}└{'─' * right}┘", "rule")),
    ]


@block_rows.register
def _bar(block: Bar, look: Look, width: int) -> list[Row]:
    count = look.t("{done} of {total}", done=block.done, total=block.total)
    room = width - len(count) - 2
    done = min(room, round(room * block.done / block.total)) if block.total else 0
    line = row(Piece("═" * done, "accent"), Piece("─" * (room - done), "rule"), f"  {count}")
    said = [cut((*sign_of(State.WORKING, look), *plain(block.text)), width)] if block.text else []
    return [*said, line]


@block_rows.register
def _result(block: Result, look: Look, width: int) -> list[Row]:
    head, colon, tail = block.text.partition(": ")
    said = (
        *plain(head + colon.rstrip(), f"{COLOUR_OF[block.state]} bold"),
        *plain(f" {tail}" if tail else ""),
    )
    return wrap((*sign_of(block.state, look), *said), width)


@block_rows.register
def _files(block: Files, _look: Look, width: int) -> list[Row]:
    name = max([20, *(len(name) for name, _ in block.rows)]) + 2
    return [
        cut((Piece("  "), *pad(plain(first), name), *plain(second, "muted")), width)
        for first, second in block.rows
    ]


def hung(first: str, pieces: Row, width: int, style: str) -> list[Row]:
    """Return wrapped rows after a symbol or number."""
    lines = wrap(pieces, width - len(first)) or [EMPTY]
    return [
        (Piece(first if not number else " " * len(first), style), *line) for number, line in enumerate(lines)
    ]


def typed_marked(value: str, *, name_first: bool = False) -> Row:
    """Return a value with what is typed exactly so set off, and its first part as a name."""
    pieces: list[Piece] = []
    at = 0
    for found in _TYPED.finditer(value) if "/" not in value else ():
        pieces += [Piece(value[at : found.start()]), Piece(found[0], "value")]
        at = found.end()
    rest = value[at:]
    if name_first and not at and " · " in rest:
        name, rest = rest.split(" · ", 1)
        return (*plain(name, "strong bold"), *plain(f" · {rest}"))
    return tuple(piece for piece in (*pieces, *plain(rest)) if piece.text)


def boxed(rows: Iterable[Row], title: Row, width: int, style: str, *, is_double: bool = False) -> list[Row]:
    """Put rows into a box with a title in its border."""
    left, line, right, side, low_left, low_right = "╔═╗║╚╝" if is_double else "┌─┐│└┘"
    used = width_of(title) + 5 if title else 2
    head = (Piece(f"{left}{line} ", style), *title, Piece(" ")) if title else (Piece(left, style),)
    edge = Piece(side, style)
    return [
        (*head, Piece(line * (width - used) + right, style)),
        *((edge, Piece(" "), *pad(inner, width - 4), Piece(" "), edge) for inner in rows),
        (Piece(low_left + line * (width - 2) + low_right, style),),
    ]


def _click_rows(clicks: Iterable[Click], width: int, *, indent: int, first: int) -> list[Row]:
    rows: list[Row] = []
    for number, click in enumerate(clicks, first):
        text = click.short if click.short and width < _NARROW else click.text
        if click.is_marked:
            head = f"{number:<3}"
            lines = hung(head, marked(text, "doubt", "doubt bold"), width - indent, "doubt bold")
            rows += [
                ((Piece("► ", "doubt bold") if not at else Piece("  ")), *line)
                for at, line in enumerate(lines)
            ]
        else:
            rows += hung(f"{'':{indent}}{number:<3}", marked(text), width, "accent")
    return rows


# --- the card ----------------------------------------------------------------------------------------

_GROUNDS: Final = {State.GOOD: "card-good", State.BAD: "card-bad"}


def card_rows(card: Card, look: Look, width: int, *, bar: str = "") -> list[Row]:
    """Return a card: headline with its code at the right edge, then its lines."""
    ground = _GROUNDS.get(card.state, "card")
    inner: list[Row] = []
    if card.headline:
        word = word_of(card.state, look.t) if card.state not in {State.GOOD, State.WORKING} else ""
        begin = sign_of(card.state, look)
        if word:
            begin = (*begin, Piece(f"{word}  ", "strong bold"))
        head = (*begin, *plain(card.headline, "strong bold"))
        room = width - 3 - (len(card.code) + 2 if card.code else 0)
        for number, line in enumerate(wrap(head, room)):
            inner.append(ends(line, plain(card.code if not number else ""), width - 2, 1))
    for said in card.lines:
        if isinstance(said, CheckRow):
            inner += wrap((*sign_of(said.state, look), *plain(said.text)), width - 3)
        else:
            inner += wrap(plain(said), width - 3)
    edge = Piece("▌", f"{bar or COLOUR_OF[card.state]} on {ground}")
    return [(edge, *paint((Piece(" "), *pad(line, width - 2)), ground)) for line in inner]


# --- choices -----------------------------------------------------------------------------------------


def short_card(card: Card, look: Look, width: int, most: int, *, bar: str = "") -> list[Row]:
    """Return a card in at most so many rows: of a headline the first sentence, of the rest what fits."""
    rows = card_rows(card, look, width, bar=bar)
    if len(rows) <= most:
        return rows
    first, stop, _ = card.headline.partition(". ")
    rows = card_rows(replace(card, headline=first + stop.rstrip()), look, width, bar=bar)
    if len(rows) <= most:
        return rows
    last = tuple(rows[most - 1])
    text = "".join(piece.text for piece in last).rstrip()
    kept, _ = split(last, min(len(text), width - 3))
    return [
        *rows[: most - 1],
        (*kept, Piece(" …", last[-1].style), Piece(" " * (width - width_of(kept) - 2), last[-1].style)),
    ]


def choice_rows(choices: Iterable[Choice], marked_value: str, width: int, *, is_menu: bool) -> list[Row]:
    """Return the numbered choices."""
    choices = tuple(choices)
    second = max([15, *(len(choice.label) for choice in choices if choice.note)]) + 2
    rows: list[Row] = []
    number = 0
    for choice in choices:
        if choice.gap:
            rows.append(EMPTY)
        number += choice.is_enabled
        digit = f"{number:<3}" if choice.is_enabled else "   "
        is_here = choice.is_enabled and choice.value == marked_value
        label = plain(choice.label, "strong" if choice.is_enabled else "muted")
        note = plain(choice.note, "muted")
        head = (Piece("  "), Piece(digit, "accent"), *label)
        if is_menu and choice.note:
            line = (*pad(head, second + 5), *note)
        else:
            line = ends(head, note, width) if note else head
        if is_here:
            line = paint(pad((Piece("► "), *_bold(line[1:])), width), "selection", "selection-ink")
        rows.append(cut(line, width))
        for detail in choice.detail:
            rows += [(Piece("     "), *part) for part in wrap(plain(detail, "muted"), width - 5)]
    return rows


def named_key(key: Key, look: Look) -> Row:
    """Return a key and what it does, as the footer says it."""
    name = look.t("Space") if key.key == "Space" else key.key
    return (Piece(name, "accent bold"), Piece(f" {key.word}"))


def needs_gap(before: object, block: Block) -> bool:
    """Whether there is an empty row between two blocks."""
    if isinstance(before, Heading | Rule) or (isinstance(block, Paragraph) and block.is_close):
        return False
    if isinstance(before, FinaleForm) and isinstance(block, Clicks | FinaleForm):
        return False
    if isinstance(before, Clicks) and isinstance(block, FinaleForm):
        return False
    leads = isinstance(before, Paragraph) and before.text.endswith(":")
    return not (leads and isinstance(block, Clicks | Bullets))


def _bold(pieces: Row) -> Row:
    return tuple(
        Piece(piece.text, f"{piece.style} bold") if piece.style == "strong" else piece for piece in pieces
    )
