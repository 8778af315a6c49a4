"""Draws what is shown in place of a page: help, questions of the face itself, a window that is too small."""

import re
from collections.abc import Iterable
from typing import Final

from wizard.ui.tui.answers import View
from wizard.ui.tui.blocks import block_rows, boxed, choice_rows, named_key, needs_gap, rule
from wizard.ui.tui.palette import Look
from wizard.ui.tui.rows import EMPTY, Piece, Row, cut, ends, headed, pad, plain, wrap
from wizard.walk.page import Block, Choice, Key, Page, SecretField

_ADDRESS: Final = re.compile(r"\bhttps?://[\w.-]+/[\w/.-]*[\w/]")
SMALLEST: Final = (60, 15)
MEASURE: Final = 76


def topic_rows(title: str, body: Iterable[Block], look: Look, width: int) -> list[Row]:
    """Return a part of the help."""
    rows = wrap(plain(title, "strong bold"), width) if title else []
    before: Block | None = None
    for block in body:
        if before is not None and needs_gap(before, block):
            rows.append(EMPTY)
        rows += block_rows(block, look, width)
        before = block
    return rows


def help_rows(page: Page, view: View, look: Look, width: int, room: int) -> tuple[Row, list[Row], int, int]:
    """Return title and rows of the help, how many of them are a page, and how far it can be scrolled."""
    t = look.t
    text: list[Row] = []
    for topic in page.help:
        text += ([EMPTY] if text else []) + topic_rows(topic.title, topic.body, look, width)
    table = _key_table(page, look, width)
    height = max(room - len(table) - 1, 3)
    pages = max(1, -(-len(text) // height))
    last = max(0, len(text) - height)
    at = min(view.at, last)
    shown = [_linked(line) for line in text[at : at + height]]
    number = pages if at == last else min(pages, -(-at // height) + 1)
    rows = [*shown, *[EMPTY] * (height - len(shown))]
    rows.append(plain(f"▼ {t('PgDn shows more')}", "accent") if at < last else EMPTY)
    title = plain(t("Help: {title}", title=page.title), "accent bold")
    note = plain(t("{done} of {total}", done=number, total=pages), "muted") if pages > 1 else EMPTY
    return ends(title, note, width), [*rows, *table], height, last


def _linked(line: Row) -> Row:
    """Return a row in which every address can be opened; it is its own text, where links are not shown."""
    pieces: list[Piece] = []
    for piece in line:
        at = 0
        for found in _ADDRESS.finditer(piece.text):
            pieces.append(Piece(piece.text[at : found.start()], piece.style))
            pieces.append(Piece(found[0], f"accent link {found[0]}"))
            at = found.end()
        pieces.append(Piece(piece.text[at:], piece.style))
    return tuple(piece for piece in pieces if piece.text)


def help_keys(look: Look) -> tuple[Key, ...]:
    """Return the footer of the help."""
    t = look.t
    return (
        Key("Esc", t("back to the step")),
        Key("↑↓", t("scroll")),
        Key("F2", "Norsk" if t.language == "en" else "English"),
        Key("F1", t("close")),
    )


def _key_table(page: Page, look: Look, width: int) -> list[Row]:
    """Return the keys of the page in two columns: those with a name, and the function keys."""
    t = look.t
    keys = {key.key: key.word for key in page.keys}
    if isinstance(page.answer, SecretField):
        keys.setdefault("Ctrl+U", t("clear the field"))
    if not page.has_document:
        keys["F3"] = t("show the step as text (to mark)")
    if page.copies:
        keys["F5"] = t("copy {texts}", texts=t(" or ").join(copy.text for copy in page.copies[:2]))
    keys["F2"] = "Norsk" if t.language == "en" else "English"
    functions = [(key, keys[key]) for key in ("F3", "F4", "F5", "F6", "F2") if key in keys]
    named = [(key, word) for key, word in keys.items() if key[0] != "F" and key != "Ctrl+Q"]
    rows = [rule(plain(t("Keys on this step"), "strong bold"), EMPTY, width)]
    for at in range(max(len(named), len(functions))):
        left = _key_and_word(*named[at], 10) if at < len(named) else EMPTY
        right = _key_and_word(*functions[at], 5) if at < len(functions) else EMPTY
        rows.append(cut((*pad(left, 30), *right), width))
    leaving = t("quit, your answers are saved") if page.leave and page.badge != "DEMO" else t("quit")
    return [*rows, _key_and_word("Ctrl+Q", leaving, 10)]


def _key_and_word(key: str, word: str, width: int) -> Row:
    return (Piece(f"{key:<{width}}", "accent bold"), Piece(word))


def overlay_choices(page: Page, view: View) -> tuple[Choice, ...]:
    """Return what can be chosen in the overlay that is shown."""
    if view.overlay == "leave" and page.leave is not None:
        return page.leave.choices
    if view.overlay == "copy":
        return tuple(Choice(value=copy.text, label=copy.text) for copy in page.copies)
    return ()


def question_rows(page: Page, view: View, look: Look, measure: int) -> tuple[Row, list[Row], tuple[Key, ...]]:
    """Return title, rows and footer of a question that the face itself asks."""
    t = look.t
    choices = overlay_choices(page, view)
    leave = page.leave if view.overlay == "leave" else None
    here = choices[min(view.at, len(choices) - 1)].value if choices else ""
    width = min(56, measure)
    inner: list[Row] = [EMPTY]
    for said in leave.lines if leave else ():
        inner += [(Piece(" "), *line) for line in wrap(plain(said), width - 6)]
    if leave:
        inner.append(EMPTY)
    inner += [(Piece(" "), *line) for line in choice_rows(choices, here, width - 6, is_menu=False)]
    inner.append(EMPTY)
    title = leave.title if leave else t("What should be copied?")
    box = boxed(inner, plain(title, "accent bold"), width, "accent")
    indent = Piece(" " * max((measure - width) // 2 - 1, 0))
    first = choices[0].label if choices else ""
    keys = (
        Key("Enter", t("choose")),
        Key("↑↓", t("move")),
        Key("Esc", (first[:1].lower() + first[1:]) if leave else t("back")),
    )
    body = [*[EMPTY] * (3 if measure >= MEASURE else 1), *((indent, *row) for row in box)]
    title_row = headed(plain(page.title, "accent bold"), plain(page.note, "muted"), measure)
    return title_row, body, keys


def too_small(look: Look, width: int, height: int) -> list[Row]:
    """Return what is shown while the window is too small."""
    t = look.t
    lines = [
        EMPTY,
        plain(t("The window is too small"), "accent bold"),
        EMPTY,
        plain(
            t(
                "It is {columns} x {rows}. It must be at least {least_columns} x {least_rows}.",
                columns=width,
                rows=height,
                least_columns=SMALLEST[0],
                least_rows=SMALLEST[1],
            )
        ),
        plain(t("Make it larger, and the wizard continues where you were. Nothing is lost.")),
        EMPTY,
        plain(t("If it cannot be larger, quit, and start with:")),
        EMPTY,
        plain("  tripletex-wizard --plain", "value"),
    ]
    room = max(width - 4, 10)
    rows = [row for line in lines for row in (wrap(line, room) if line else [EMPTY])]
    rows = [(Piece("  "), *row) for row in rows[: max(height - 1, 1)]]
    rows += [EMPTY] * (height - 1 - len(rows))
    return [*rows, (Piece("  "), *named_key(Key("Ctrl+Q", t("quit")), look))]
