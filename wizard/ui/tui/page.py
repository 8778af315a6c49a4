"""The screen of a page: its keys, and the widgets of its body."""

from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from wizard.ui.tui.blocks import Gap
from wizard.ui.tui.content import plain
from wizard.ui.tui.fields import Field, SecretInput, completed_path
from wizard.ui.tui.frame import FramedScreen, PageFooter
from wizard.ui.tui.lists import AnswerRows, Choices, Columns, Rows
from wizard.ui.tui.parts import Aside, Message, Outline, Part, Text
from wizard.walk import pages
from wizard.walk.search import begins, fits, searchable

if TYPE_CHECKING:
    from textual.widget import Widget

_SAME_WORD: Final = 1.0
"""Seconds within which another letter continues the same search."""
_MOVES: Final = ("up", "down", "pageup", "pagedown", "home", "end")


class Notice(NamedTuple):
    """A message of the interface itself, shown in the card until the next key.

    Attributes:
        keys: The footer's keys while it is shown; empty for the page's own.
    """

    card: pages.Card
    keys: tuple[pages.Key, ...]


class PageScreen(FramedScreen, inherit_bindings=False):
    """The screen of a page. Keys go to the field if there is one, otherwise to the screen.

    Attributes:
        notice: The notice that is shown, if there is one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer"),
        Binding("escape", "back"),
        Binding("f1", "app.help"),
        Binding("f3", "print_out"),
        Binding("f4", "offered('f4')"),
        Binding("f6", "offered('f6')"),
        Binding("ctrl+r", "offered('ctrl+r')"),
        Binding("f5", "app.copy"),
        Binding("tab", "complete"),
        Binding("space", "tick"),
        *(Binding(key, f"move('{key}')") for key in _MOVES),
    ]

    def __init__(self, page: pages.Page) -> None:
        super().__init__(page)
        self._init_page(page)

    def _init_page(
        self,
        page: pages.Page,
        *,
        typed: str | None = None,
        choice: str = "",
        notice: Notice | None = None,
    ) -> None:
        self.page, self.notice = page, notice
        self._body = Body(page, self.card, typed=typed, choice=choice)
        self._uses_list = False
        self._row_search, self._typed_at = "", 0.0

    async def change_page(self, page: pages.Page, *, typed: str | None, is_same: bool) -> None:
        """Show another page, or the same page with different widgets.

        Args:
            page: The page to show.
            typed: What the user left in its field earlier; None for the page's own text.
            is_same: True to keep the notice and the selected choice.
        """
        self.is_laid_out = False
        if isinstance(self._body.field, SecretInput):
            self._body.field.wipe()
        choice = self._body.choices.marked if self._body.choices is not None and is_same else ""
        self._init_page(page, typed=typed, choice=choice, notice=self.notice if is_same else None)
        await self.recompose()
        if self._body.field is not None:
            self.set_focus(self._body.field)
        self.call_after_refresh(self._finish_layout)

    @property
    def card(self) -> pages.Card | None:
        """The card that is shown."""
        return self.page.card if self.notice is None else self.notice.card

    @property
    def typed(self) -> str:
        """The text in the field."""
        return self._body.field.value if self._body.field is not None else ""

    @property
    def marked(self) -> str:
        """The value of the marked row, or an empty string."""
        return self._body.listed.marked if self._body.listed is not None else ""

    def compose_body(self) -> ComposeResult:
        """Create the widgets of the page, its outline and the help below it."""
        yield from self._body.widgets
        if self.page.outline:
            yield Outline()
        yield Aside()

    def keys(self) -> tuple[pages.Key, ...]:
        """Return the keys for the footer. Esc and Enter depend on whether the field is empty."""
        keys, t = (self.notice and self.notice.keys) or self.page.keys, self.app.t
        if self.typed and isinstance(self.page.answer, pages.SearchList):
            clearing = pages.Key("Esc", t("clear the search"))
            return tuple(clearing if key.key == "Esc" else key for key in keys)
        is_secret = isinstance(self.page.answer, pages.SecretField)
        if self.typed and is_secret and all(key.key != "Enter" for key in keys):
            return (pages.Key("Enter", t("continue")), *keys)
        return keys

    def show_keys(self) -> None:
        """Update the keys in the footer."""
        self.query_one(PageFooter).refresh()

    def can_show(self, page: pages.Page) -> bool:
        """Return whether a page can be shown with the current widgets."""
        return self.is_mounted and shape_of(page) == shape_of(self.page)

    def show_page(self, page: pages.Page) -> None:
        """Update the widgets from a new state of the page."""
        if not self.is_laid_out:
            self.needs_update = True
            return
        if self.page.is_busy and not page.is_busy:
            self.shown_at = monotonic()
        self.page = page
        self._body.update(page, self.card)
        super().show_page(page)

    def show_notice(self, notice: Notice | None) -> None:
        """Show a notice in the card until the next key; None removes it."""
        self.notice = notice
        self.show_page(self.page)

    def refresh_spinner(self) -> None:
        """Redraw the spinner."""
        for part in self.query(Part):
            part.refresh()

    def text_parts(self, width: int) -> Iterator[list[Content]]:
        """Yield the lines of each part of the page. They contain no secrets."""
        yield [plain(line) for line in (self.page.title, self.page.note) if line]
        for part in self.children:
            if isinstance(part, Rows):
                yield part.all_lines(width)
            elif isinstance(part, Text | Message | Columns):
                yield part.lines(width, None)

    # --- keys ---

    async def on_key(self, event: events.Key) -> None:
        """Run the key's binding, select a choice by its number, or find a row by its text."""
        if await self.app.run_binding(event):
            return
        character = event.character or ""
        if self._body.field is not None or not character.isprintable():
            return
        if character.isdigit() and character != "0" and self.page.choices:
            self._choose(int(character))
        elif character.strip() and isinstance(self.page.answer, pages.Table):
            self._find_row(character)

    def on_paste(self, event: events.Paste) -> None:
        """Pass a paste to the field, which has no focus while the window has none."""
        if self._body.field is not None:
            self._body.field.take_paste(event)

    def action_back(self) -> None:
        """Cancel the reply in progress, clear the search, or go back one page."""
        if self.app.is_busy:
            self.app.cancel()
        elif isinstance(self.page.answer, pages.SearchList) and self._body.field is not None and self.typed:
            self._body.field.value = ""
        else:
            self.app.reply(pages.Back())

    def action_answer(self) -> None:
        """Reply with what is typed, chosen or marked."""
        page, field = self.page, self._body.field
        if self.app.is_busy or page.is_busy:
            return
        if isinstance(field, SecretInput) and field.value:
            typed = field.text
            field.wipe()
            self.app.paste_secret(typed)
        elif isinstance(page.answer, pages.SearchList):
            self._answer_list(page.answer)
        elif isinstance(page.answer, pages.TextField) and field is not None:
            self.app.reply(pages.Typed(field.value))
        elif not page.is_blocked:
            self.app.reply(self._chosen())

    def _chosen(self) -> pages.Reply:
        if self._body.choices is not None:
            return pages.Chosen(self._body.choices.marked)
        is_titled = isinstance(self.page.answer, pages.Table) and bool(self.page.answer.columns)
        return pages.Chosen(self.marked) if is_titled and self.marked else pages.Continue()

    def _answer_list(self, answer: pages.SearchList) -> None:
        if self.typed and answer.takes_ticks and self.marked:
            self.app.edit(pages.Toggled(self.marked))
        elif self.typed and not self.marked:
            self.app.reply(pages.Typed(self.typed))
        elif self._body.choices is not None:
            self.app.reply(pages.Chosen(self._body.choices.marked))
        elif answer.takes_ticks or not self.marked:
            self.app.reply(pages.Continue())
        else:
            self.app.reply(pages.Chosen(self.marked))

    def action_offered(self, key: str) -> None:
        """Reply with a key, if this page offers it."""
        replies: dict[str, pages.Reply] = {"f6": pages.Anyway(), "ctrl+r": pages.Again(), "f4": pages.Fix()}
        offered = {each.key.casefold() for each in self.page.keys}
        if key in offered or (key == "f4" and self.page.fix_step is not None):
            self.app.reply(replies[key])

    def action_print_out(self) -> None:
        """Show the page or its document as plain text on the normal screen."""
        if self.page.has_document:
            self.app.print_out(self.app.walk.document(self.app.t))
        else:
            super().action_print_out()

    def action_complete(self) -> None:
        """Complete the path in the field."""
        field = self._body.field
        answer = self.page.answer
        if field is not None and isinstance(answer, pages.SearchList) and answer.is_path:
            field.value = completed_path(field.value)
            field.cursor_position = len(field.value)

    def action_tick(self) -> None:
        """Tick or untick the marked row."""
        takes_ticks = isinstance(self.page.answer, pages.SearchList) and self.page.answer.takes_ticks
        if takes_ticks and self.marked and not self.app.is_busy:
            self.app.edit(pages.Toggled(self.marked))

    def ticks_with_space(self) -> bool:
        """Return whether Space ticks the marked row instead of being typed.

        In a search it does after an arrow key, or when one row is left and no digit has been typed:
        a number may contain spaces, as in ``NO 974 760 673 MVA``.
        """
        answer = self.page.answer
        if not isinstance(answer, pages.SearchList):
            return False
        if not self.typed or self._uses_list:
            return True
        return len(answer.rows) == 1 and not any(map(str.isdigit, self.typed))

    def search(self, text: str) -> None:
        """Filter the list by the text in the field."""
        if isinstance(self.page.answer, pages.SearchList) and text != self.page.answer.search:
            self._uses_list = False
            self.app.edit(pages.Searched(text))

    def action_move(self, name: str) -> None:
        """Move the marker, or scroll a text that does not fit."""
        page, listed, choices = self.page, self._body.listed, self._body.choices
        has_rows = listed is not None and bool(listed.values)
        if name == "pagedown" and any(key.key == "PgDn" for key in page.keys):
            self.app.edit(pages.NextFinding())
        elif choices is not None and not (has_rows and name in {"pageup", "pagedown"}):
            if choices.move(name) and page.choices_first:
                self.app.edit(pages.Marked(choices.marked))
        elif listed is not None and has_rows:
            self._uses_list = True
            if listed.move(name):
                self.app.edit(pages.Marked(listed.marked))
        else:
            step = max(self.size.height // 3, 1) * (1 if name in {"down", "pagedown", "end"} else -1)
            for text in self.query(Text):
                text.scroll_text(step)

    def _choose(self, number: int) -> None:
        values, choices = values_of(self.page), self._body.choices
        if (
            choices is not None
            and number <= len(values)
            and not self.app.is_busy
            and not self.page.is_blocked
        ):
            choices.marked = values[number - 1]
            self.app.reply(pages.Chosen(choices.marked))

    def _find_row(self, character: str) -> None:
        """Mark the row that matches the letters typed so far; the first letter starts from the next row."""
        now = monotonic()
        self._row_search = (
            f"{self._row_search}{character}" if now - self._typed_at < _SAME_WORD else character
        )
        self._typed_at = now
        rows = self.page.answer.rows if isinstance(self.page.answer, pages.Table) else ()
        start = next((number for number, row in enumerate(rows) if row.value == self.marked), -1)
        start += len(self._row_search) == 1
        found = [
            row for row in (*rows[start:], *rows[:start]) if fits(self._row_search, searchable(row.cells))
        ]
        # A prefix is a better match than a substring.
        prefixed = [row for row in found if begins(self._row_search, searchable(row.cells))]
        row = next(iter((*prefixed, *found)), None)
        if row is not None:
            if self._body.listed is not None:
                self._body.listed.marked = row.value
            self.app.edit(pages.Marked(row.value))


# --- the widgets of a page ----------------------------------------------------------------------------


class Body:
    """The widgets between the title and the footer.

    Attributes:
        widgets: All widgets, from top to bottom.
        texts: Those that show blocks.
        field: The input field, if there is one.
        listed: The list or table, if there is one.
        choices: The numbered choices, if there are any.
        message: The card.
    """

    def __init__(self, page: pages.Page, card: pages.Card | None, *, typed: str | None, choice: str) -> None:
        """Create the widgets.

        Args:
            page: The page to show.
            card: The card to show, which may be a notice instead of the page's own.
            typed: What the user left in the field earlier; None for the page's own text.
            choice: The value of the choice to select; empty for the page's own.
        """
        self.page = page
        self.widgets: list[Widget] = []
        self.texts: list[Text] = []
        self.field: Field | None = None
        self.listed: AnswerRows | None = None
        self.choices: Choices | None = None
        self.message = Message()
        before: object = None
        for item in _order(page):
            if item is pages.Slot.ANSWER:
                self._add_answer(typed, before)
                before = page.answer
            elif item is pages.Slot.CARD:
                self.message.gap = Gap.NONE if isinstance(before, pages.SecretField) else Gap.FIELD_OR_CARD
                self.widgets.append(self.message)
                before = page.card or before
            elif item is pages.Slot.CHOICES:
                chosen = choice if choice in values_of(page) else first_choice(page)
                self.choices = Choices(page.choices, chosen, is_menu=page.menu_note)
                self.widgets.append(self.choices)
                before = page.choices
            else:
                self.texts.append(Text(item, before))
                self.widgets.append(self.texts[-1])
                before = item[-1]
        self._show_card(card)

    def _show_card(self, card: pages.Card | None) -> None:
        self.message.show_card(card, has_field=isinstance(self.page.answer, pages.SecretField))

    def _add_answer(self, typed: str | None, before: object) -> None:
        answer = self.page.answer
        gap = Gap.NONE if isinstance(before, pages.Clicks) else Gap.BLOCK
        if isinstance(answer, pages.SecretField):
            self.field = SecretInput(answer)
        elif isinstance(answer, pages.TextField):
            self.field = Field(answer, answer.text if typed is None else typed, is_prefilled=typed is None)
        elif isinstance(answer, pages.SearchList):
            self.field = Field(answer, answer.search, is_prefilled=False)
            gap = Gap.NONE
        if self.field is not None:
            self.widgets.append(self.field)
        if isinstance(answer, pages.SearchList | pages.Table):
            self.listed = AnswerRows(answer)
            self.listed.gap = Gap.NONE if answer.columns else gap
            self.widgets += [Columns()] if answer.columns else []
            self.widgets.append(self.listed)

    def update(self, page: pages.Page, card: pages.Card | None) -> None:
        """Update the widgets, keeping what was typed and marked unless the walk has changed it."""
        before, self.page = self.page, page
        if page.answer != before.answer:
            self._update_answer(page)
        if self.choices is not None and (page.choices, page.marked) != (before.choices, before.marked):
            is_kept = page.marked == before.marked and self.choices.marked in values_of(page)
            self.choices.show_choices(page.choices, self.choices.marked if is_kept else first_choice(page))
        groups = [item for item in _order(page) if isinstance(item, tuple)]
        for text, blocks in zip(self.texts, groups, strict=True):
            text.blocks = blocks
        self._show_card(card)

    def _update_answer(self, page: pages.Page) -> None:
        field, answer = self.field, page.answer
        if isinstance(field, SecretInput) and not page.is_busy:
            field.wipe()
        if field is not None and isinstance(answer, pages.TextField | pages.SearchList | pages.SecretField):
            field.show_answer(answer)
            if isinstance(answer, pages.SearchList) and answer.search != field.value:
                field.value = answer.search
        if self.listed is not None and isinstance(answer, pages.SearchList | pages.Table):
            self.listed.update_rows(answer)


def values_of(page: pages.Page) -> list[str]:
    """Return the values of the enabled choices."""
    return [choice.value for choice in page.choices if choice.is_enabled]


def first_choice(page: pages.Page) -> str:
    """Return the value of the choice that is marked at first."""
    return page.marked or next(iter(values_of(page)), "")


def _order(page: pages.Page) -> list[pages.Slot | tuple[pages.Block, ...]]:
    """Return the parts of a page from top to bottom, with consecutive blocks grouped."""
    rest = (
        [pages.Slot.ANSWER, pages.Slot.CHOICES, pages.Slot.CARD] if page.choices_first else list(pages.Slot)
    )
    missing = {pages.Slot.ANSWER} if page.answer is None else set()
    missing |= set() if page.choices else {pages.Slot.CHOICES}
    parts: list[pages.Slot | tuple[pages.Block, ...]] = []
    for item in (*page.body, *(slot for slot in rest if slot not in page.body), *page.after):
        last = parts[-1] if parts else None
        if isinstance(item, pages.Slot):
            parts += [] if item in missing else [item]
        elif isinstance(last, tuple):
            parts[-1] = (*last, item)
        else:
            parts.append((item,))
    return parts


def shape_of(page: pages.Page) -> tuple[object, ...]:
    """Return a value that is equal for states of the same page with the same widgets."""
    answer = page.answer
    return (
        page.step,
        page.part,
        *(item if isinstance(item, pages.Slot) else None for item in _order(page)),
        type(answer),
        bool(getattr(answer, "columns", ())),
        bool(page.outline),
    )
