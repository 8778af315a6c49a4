"""Renders the blocks of a page as lines of text."""

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import singledispatch
from typing import Final, NamedTuple

from rich.cells import cell_len
from textual.content import Content

from wizard.text import Texts
from wizard.ui.tui.content import (
    EMPTY,
    NARROW,
    boxed,
    cut,
    from_markup,
    hanging,
    joined,
    pad,
    plain,
    rule,
    wrap,
)
from wizard.ui.tui.theme import COLOUR_OF, SYMBOLS
from wizard.walk import pages
from wizard.walk.words import state_word


class Look(NamedTuple):
    """What the rendering of a block depends on besides its width.

    Attributes:
        t: Texts in the current language.
        spinner: The current frame of the spinner; a space until it appears.
        is_compact: True to leave out empty lines inside drawings.
    """

    t: Texts
    spinner: str
    is_compact: bool


def symbol_of(state: pages.State, look: Look) -> Content:
    """Return the symbol of a state followed by a space, or nothing if it has none."""
    if state is pages.State.WORKING:
        return joined((f"{look.spinner} ", "$accent bold"))
    return joined((f"{SYMBOLS[state]} ", f"{COLOUR_OF[state]} bold")) if SYMBOLS[state] else EMPTY


class Gap(IntEnum):
    """The kind of an empty row between two parts. If rows are short, the lowest kinds are removed first."""

    NONE = 0
    CARD_AND_CHOICES = 1
    RESULT = 2
    BLOCK = 3
    FIELD_OR_CARD = 4


def gap_between(before: object, block: pages.Block) -> Gap:
    """Return the kind of the empty row between two blocks."""
    if isinstance(before, pages.Heading | pages.Rule):
        return Gap.NONE
    if isinstance(block, pages.Paragraph) and block.is_close:
        return Gap.NONE
    if isinstance(before, pages.FinaleForm) and isinstance(block, pages.Clicks | pages.FinaleForm):
        return Gap.NONE
    if isinstance(before, pages.Clicks) and isinstance(block, pages.FinaleForm):
        return Gap.NONE
    introduces = isinstance(before, pages.Paragraph) and before.text.endswith(":")
    if introduces and isinstance(block, pages.Clicks | pages.Bullets):
        return Gap.NONE
    return Gap.RESULT if isinstance(before, pages.Result) else Gap.BLOCK


def blocks_lines(
    blocks: Iterable[pages.Block], look: Look, width: int, squeeze: Gap = Gap.NONE
) -> list[Content]:
    """Return the lines of blocks, with those empty rows between them that are above a kind."""
    lines: list[Content] = []
    before: pages.Block | None = None
    for block in blocks:
        if before is not None and gap_between(before, block) > squeeze:
            lines.append(EMPTY)
        lines += block_lines(block, look, width)
        before = block
    return lines


def topic_lines(topic: pages.Topic, look: Look, width: int) -> list[Content]:
    """Return the lines of a help topic."""
    title = wrap(plain(topic.title, "$strong bold"), width) if topic.title else []
    return [*title, *blocks_lines(topic.body, look, width)]


_LITERAL: Final = re.compile(r"(?<![\d.])\d{9}(?![\d.])|%ORGNR%")
_LABEL_WIDTH: Final = 16
_WORD_WIDTH: Final = 12


@singledispatch
def block_lines(block: pages.Block, _look: Look, _width: int) -> list[Content]:
    """Return the lines of a block, at most ``width`` columns wide."""
    raise TypeError(block)


@block_lines.register
def _heading(block: pages.Heading, _look: Look, width: int) -> list[Content]:
    return wrap(plain(block.text, "$strong bold"), width)


@block_lines.register
def _paragraph(block: pages.Paragraph, _look: Look, width: int) -> list[Content]:
    return wrap(from_markup(block.text), width)


@block_lines.register
def _bullets(block: pages.Bullets, _look: Look, width: int) -> list[Content]:
    return [line for item in block.items for line in hanging("  •  ", from_markup(item), width, "$muted")]


@block_lines.register
def _clicks(block: pages.Clicks, _look: Look, width: int) -> list[Content]:
    lines: list[Content] = []
    for number, click in enumerate(block.items, block.first):
        text = click.short if click.short and width < NARROW else click.text
        if click.is_marked:
            wrapped = hanging(
                f"{number:<3}", from_markup(text, "$doubt", "$doubt bold"), width - 2, "$doubt bold"
            )
            lines += [
                joined(("► ", "$doubt bold") if not row else "  ", line) for row, line in enumerate(wrapped)
            ]
        else:
            lines += hanging(f"  {number:<3}", from_markup(text), width, "$accent")
    return lines


@block_lines.register
def _sides(block: pages.Sides, _look: Look, width: int) -> list[Content]:
    if width < NARROW:
        return _side(block.left, width, 0) + _side(block.right, width, 0)
    half = (width - 2) // 2
    height = max(len(_side_clicks(side.items, half)) for side in (block.left, block.right))
    sides = (_side(block.left, half, height), _side(block.right, half, height))
    return [joined(left, "  ", right) for left, right in zip(*sides, strict=True)]


def _side(side: pages.Side, width: int, height: int) -> list[Content]:
    clicks = _side_clicks(side.items, width)
    clicks += [EMPTY] * (height - len(clicks))
    return boxed(clicks, plain(side.title, "$strong bold"), width)


def _side_clicks(clicks: Iterable[pages.Click], width: int) -> list[Content]:
    lines: list[Content] = []
    for number, click in enumerate(clicks, 1):
        if lines and width < NARROW // 2 + 10:
            lines.append(EMPTY)
        lines += hanging(f"{number}  ", from_markup(click.text), width - 4, "$accent")
    return lines


@block_lines.register
def _facts(block: pages.Facts, _look: Look, width: int) -> list[Content]:
    return [
        line
        for number, (label, value) in enumerate(block.rows)
        for line in hanging(
            f"{label:<{_LABEL_WIDTH}}", with_literals(value, name_first=number == 0), width, "$muted"
        )
    ]


@block_lines.register
def _rule(block: pages.Rule, _look: Look, width: int) -> list[Content]:
    return [rule(plain(block.title, "$strong bold"), plain(block.note, "$muted"), width)]


@block_lines.register
def _check_rows(block: pages.CheckRows, look: Look, width: int) -> list[Content]:
    return [line for check in block.rows for line in _check(check, look, width)]


def _check(check: pages.CheckRow, look: Look, width: int) -> list[Content]:
    colour = f"{COLOUR_OF[check.state]} bold"
    word = joined(symbol_of(check.state, look), (state_word(check.state, look.t), colour))
    first = joined(("► " if check.is_marked else "  ", colour), pad(word, _WORD_WIDTH))
    lines = wrap(plain(check.text, "$strong bold" if check.is_marked else ""), width - _WORD_WIDTH - 2)
    return [joined(" " * (_WORD_WIDTH + 2) if number else first, line) for number, line in enumerate(lines)]


@block_lines.register
def _comparison(block: pages.Comparison, _look: Look, width: int) -> list[Content]:
    label, arrow = 18, 5
    old_width = (width - label - arrow + 1) // 2 - 2 if width >= NARROW else (width - label - arrow) // 2
    old_title = pad(plain(block.old_title, "$muted"), old_width + arrow)
    new_width = width - label - old_width - arrow
    lines = [joined(" " * label, old_title, plain(block.new_title, "$muted"))]
    for number, (name, old, new) in enumerate(block.rows):
        old_lines, new_lines = wrap(plain(old), old_width - 1), wrap(plain(new, "$strong"), new_width)
        height = max(len(old_lines), len(new_lines))
        names, arrows = [plain(name, "$muted")], [EMPTY if number else plain("→", "$accent")]
        columns = ((names, label), (old_lines, old_width), (arrows, arrow), (new_lines, new_width))
        padded = [[pad(cell, size) for cell in (*cells, *[EMPTY] * height)] for cells, size in columns]
        lines += [joined(*(cells[row] for cells in padded)) for row in range(height)]
    return [cut(line, width) for line in lines]


@block_lines.register
def _form(block: pages.FinaleForm, look: Look, width: int) -> list[Content]:
    if not block.dialog:
        return [
            joined("  ", _field(field, _LABEL_WIDTH, width - 2 - _LABEL_WIDTH - 28)) for field in block.fields
        ]
    if look.is_compact:
        title = f"{block.dialog} → {block.tab}" if block.tab else block.dialog
        inner = [line for field in block.fields for line in _boxed_field(field, width, is_compact=True)]
        return boxed(inner, plain(title, "$strong bold"), width)
    fields: list[Content] = []
    for field in block.fields:
        if fields:
            fields.append(EMPTY)
        fields += _boxed_field(field, width)
    if block.tab:
        tab = cell_len(block.tab) + 2
        head = joined((" ┌ ", "$accent"), plain(block.tab, "$accent bold"), (" ┐", "$accent"))
        lines = boxed([head, EMPTY, *fields], plain(block.dialog, "$strong bold"), width)
        # The line under the tab spans the box.
        under = f"──┘{' ' * tab}└{'─' * (width - 6 - tab)}"
        lines[2] = joined(("│", "$rule"), (under, "$accent"), ("│", "$rule"))
        return lines
    if len(fields) < 2 * len(block.fields):  # no note is below the last field
        fields.append(EMPTY)
    return boxed([EMPTY, *fields], plain(block.dialog, "$strong bold"), width)


def _boxed_field(field: pages.FormField, width: int, *, is_compact: bool = False) -> list[Content]:
    """Return a field of a dialog, with a note that is too long on the next line."""
    indent, label = ("", _LABEL_WIDTH) if is_compact else (" ", _LABEL_WIDTH + 1)
    without_note = pages.FormField(field.label, field.value)
    line = joined(indent, _field(without_note, label, 34))
    note = plain(field.note, "$value bold")
    if not note:
        return [line]
    if line.cell_length + 2 + note.cell_length <= width - 4:
        return [joined(line, "  ", note)]
    if not field.value and is_compact:
        return [joined(_field(without_note, label, 18), "  ", note)]
    left = len(indent) + label
    return [line, *(joined(" " * left, part) for part in wrap(note, width - 4 - left))]


def _field(field: pages.FormField, label: int, room: int) -> Content:
    return joined(
        pad(plain(field.label, "$strong bold"), label),
        ("[", "$muted"),
        pad(joined(" ", plain(field.value, "$value")), room + 2).stylize("on $field"),
        ("]", "$muted"),
        *(("  ", plain(field.note, "$value bold")) if field.note else ()),
    )


@block_lines.register
def _drawing(block: pages.Drawing, _look: Look, width: int) -> list[Content]:
    left, right = len(block.left) + 2, len(block.right) + 2
    dashes = "─" * (8 if width >= NARROW else 4)
    arrow = f"{dashes} {block.arrow} {dashes}►"
    indent = "      " if width >= NARROW else " "
    gap = " " * len(arrow)
    return [
        joined(indent, (f"┌{'─' * left}┐{gap}┌{'─' * right}┐", "$rule")),
        joined(
            indent,
            ("│ ", "$rule"),
            (block.left, "$strong bold"),
            (" ├", "$rule"),
            (arrow, "$accent"),
            ("│ ", "$rule"),
            (block.right, "$strong bold"),
            (" │", "$rule"),
        ),
        joined(indent, (f"└{'─' * left}┘{gap}└{'─' * right}┘", "$rule")),
    ]


@block_lines.register
def _bar(block: pages.Bar, look: Look, width: int) -> list[Content]:
    task = joined(symbol_of(pages.State.WORKING, look), plain(block.text))
    count = look.t("{done} of {total}", done=block.done, total=block.total)
    room = width - len(count) - 2
    done = round(room * block.done / max(block.total, 1))
    bar = joined(("═" * done, "$accent"), ("─" * (room - done), "$rule"), "  ", plain(count))
    return [cut(task, width), bar]


@block_lines.register
def _result(block: pages.Result, look: Look, width: int) -> list[Content]:
    head, colon, tail = block.text.partition(": ")
    title = plain(head + colon.rstrip(), f"{COLOUR_OF[block.state]} bold")
    return wrap(joined(symbol_of(block.state, look), title, plain(f" {tail}" if tail else "")), width)


@block_lines.register
def _files(block: pages.Files, _look: Look, width: int) -> list[Content]:
    name = max([20, *(len(name) for name, _ in block.rows)]) + 2
    return [
        cut(joined("  ", pad(plain(first), name), plain(second, "$muted")), width)
        for first, second in block.rows
    ]


def with_literals(value: str, *, name_first: bool = False) -> Content:
    """Return a value with literal input highlighted, or else its first part as a name."""
    pieces: list[Content] = []
    end = 0
    for found in _LITERAL.finditer(value) if "/" not in value else ():
        pieces += [plain(value[end : found.start()]), plain(found[0], "$value")]
        end = found.end()
    rest = value[end:]
    if name_first and not end and " · " in rest:
        name, rest = rest.split(" · ", 1)
        return joined(plain(name, "$strong bold"), plain(f" · {rest}"))
    return joined(*pieces, plain(rest))
