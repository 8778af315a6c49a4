"""Creates the widgets of a page, and updates them when its state changes."""

from typing import TYPE_CHECKING

from wizard.ui.tui.blocks import Gap
from wizard.ui.tui.fields import Field, SecretInput
from wizard.ui.tui.layout import CARD, is_tall
from wizard.ui.tui.lists import AnswerRows, Choices, Columns
from wizard.ui.tui.parts import Message, Text
from wizard.walk import pages

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.widget import Widget


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

    def __init__(self, page: pages.Page, *, typed: str | None, choice: str) -> None:
        """Create the widgets.

        Args:
            page: The page to show.
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
                self._gap = Gap.NONE if isinstance(before, pages.SecretField) else Gap.FIELD_OR_CARD
                self.widgets.append(self.message)
                before = page.card or before
            elif item is pages.Slot.CHOICES:
                chosen = choice if choice in values_of(page) else first_choice(page)
                self.choices = Choices(page.choices, chosen, is_menu=page.menu_note)
                self.widgets.append(self.choices)
                before = page.choices
            else:
                self._add_text(item, before)
                before = item[-1]

    def _add_text(self, blocks: tuple[pages.Block, ...], before: object) -> None:
        self.texts.append(Text(blocks, before))
        if self.page.menu_note and blocks[0] in self.page.after:
            self.texts[-1].empty_rows = 2
        self.widgets.append(self.texts[-1])

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

    def update(self, page: pages.Page) -> None:
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

    def show_card(self, card: pages.Card | None, size: "Size") -> None:
        """Show a card, and reserve rows so that the choices do not move."""
        page, message = self.page, self.message
        has_both = card is not None and bool(page.choices)
        is_field = isinstance(page.answer, pages.SecretField)
        message.show_state(card, is_quiet=is_field and card is not None and card.state is pages.State.RESTING)
        message.gap = Gap.CARD_AND_CHOICES if has_both and self._gap else self._gap
        reserves_rows = is_field or (
            isinstance(page.answer, pages.SearchList) and not page.after and not is_tall(size)
        )
        message.min_rows = CARD if reserves_rows else 0
        if self.choices is not None:
            has_checks = any(isinstance(block, pages.CheckRows) for block in page.body)
            self.choices.gap = Gap.CARD_AND_CHOICES if has_both else Gap.BLOCK
            self.choices.min_rows = CARD if has_both and has_checks and not is_tall(size) else 0


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
