"""Screens on top of a page: the help, and the questions that the interface itself asks."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content, Span
from textual.geometry import Region

from wizard.ui.tui.blocks import topic_lines
from wizard.ui.tui.content import EMPTY, cut, joined, pad, plain, rule, wrap
from wizard.ui.tui.frame import FramedScreen
from wizard.ui.tui.layout import Grid
from wizard.ui.tui.lists import Choices
from wizard.ui.tui.parts import BodyPart, FramePart, Part
from wizard.walk.pages import Choice, Key, Leave, Page, SecretField

_ADDRESS: Final = re.compile(r"\bhttps?://[\w.-]+/[\w/.-]*[\w/]")


class Topics(Part, BodyPart):
    """The help topics of a page, which scroll above a table of its keys.

    Attributes:
        scroll_row: The first line that is shown.
        last_scroll_row: The largest value that it can have.
        page_rows: The number of lines that are shown at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scroll_row = self.last_scroll_row = 0
        self.page_rows = 1

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the visible lines of the topics, then the keys, filling the available height."""
        height = height or Grid(self.app.size).room
        t = self.app.t
        text = self.topic_lines(width)
        keys = self._key_table(width)
        self.page_rows = max(height - len(keys) - 1, 3)
        self.last_scroll_row = max(0, len(text) - self.page_rows)
        self.scroll_row = min(self.scroll_row, self.last_scroll_row)
        shown = [_linked(line) for line in text[self.scroll_row : self.scroll_row + self.page_rows]]
        shown += [EMPTY] * (self.page_rows - len(shown))
        shown.append(
            plain(f"▼ {t('PgDn shows more')}", "$accent") if self.scroll_row < self.last_scroll_row else EMPTY
        )
        return [*shown, *keys]

    def topic_lines(self, width: int) -> list[Content]:
        """Return all lines of the topics."""
        lines: list[Content] = []
        for topic in self.screen.page.help:
            lines += [EMPTY] if lines else []
            lines += topic_lines(topic, self.app.look, width)
        return lines

    def numbering(self) -> str:
        """Return "2 of 3", or an empty string if everything is visible."""
        self.lines(Grid(self.app.size).measure, None)
        pages = -(-(self.last_scroll_row + self.page_rows) // self.page_rows)
        is_last = self.scroll_row == self.last_scroll_row
        number = pages if is_last else min(pages, -(-self.scroll_row // self.page_rows) + 1)
        return self.app.t("{done} of {total}", done=number, total=pages) if pages > 1 else ""

    def _key_table(self, width: int) -> list[Content]:
        """Return the keys of the page in two columns: named keys, and function keys."""
        t, page = self.app.t, self.screen.page
        keys = {key.key: key.word for key in page.keys}
        if isinstance(page.answer, SecretField):
            keys.setdefault("Ctrl+U", t("clear the field"))
        if not page.has_document:
            keys["F3"] = t("show the step as text (to select it)")
        if page.copies:
            keys["F5"] = t("copy {texts}", texts=t(" or ").join(copy.text for copy in page.copies[:2]))
        keys["F2"] = "Norsk" if t.language == "en" else "English"
        functions = [(key, keys[key]) for key in ("F3", "F4", "F5", "F6", "F2") if key in keys]
        named = [(key, word) for key, word in keys.items() if key[0] != "F" and key != "Ctrl+Q"]
        lines = [rule(plain(t("Keys"), "$strong bold"), EMPTY, width)]
        for row in range(max(len(named), len(functions))):
            left = _key_and_word(*named[row], 10) if row < len(named) else EMPTY
            right = _key_and_word(*functions[row], 5) if row < len(functions) else EMPTY
            lines.append(cut(joined(pad(left, 30), right), width))
        quitting = t("quit, your answers are saved") if page.leave and page.badge != "DEMO" else t("quit")
        return [*lines, _key_and_word("Ctrl+Q", quitting, 10)]


def _key_and_word(key: str, word: str, width: int) -> Content:
    return joined((f"{key:<{width}}", "$accent bold"), word)


def _linked(line: Content) -> Content:
    """Return a line with its URLs as links, which terminals without links show as plain text."""
    links = [Span(*found.span(), f"$accent link='{found[0]}'") for found in _ADDRESS.finditer(line.plain)]
    return line.add_spans(links)


class HelpScreen(FramedScreen, inherit_bindings=False):
    """The help of a page: its topics and all its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,enter,q", "dismiss"),
        Binding("f3", "print_out"),
        Binding("up", "scroll(-1)"),
        Binding("down", "scroll(1)"),
        Binding("home", "scroll(-9999)"),
        Binding("end", "scroll(9999)"),
        Binding("pageup", "turn(-1)"),
        Binding("pagedown,space", "turn(1)"),
    ]

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.topics = Topics()

    def title_and_note(self) -> tuple[str, str]:
        """Return the title, and the page number."""
        return self._title, self.topics.numbering()

    @property
    def _title(self) -> str:
        return self.app.t("Help: {title}", title=self.page.title)

    def compose_body(self) -> ComposeResult:
        """Create the topics."""
        yield self.topics

    def text_parts(self, width: int) -> Iterator[list[Content]]:
        """Yield the title and the topics."""
        yield [plain(self._title)]
        yield self.topics.topic_lines(width)

    def keys(self) -> tuple[Key, ...]:
        """Return the keys for the footer."""
        t = self.app.t
        language = Key("F2", "Norsk" if t.language == "en" else "English")
        return (
            Key("Esc", t("back")),
            Key("↑↓", t("scroll")),
            Key("F3", t("show as text")),
            language,
            Key("F1", t("close")),
        )

    def on_resize(self) -> None:
        """Update the page number."""
        self.show_page(self.page)

    def action_scroll(self, rows: int) -> None:
        """Scroll by a number of lines."""
        self.topics.scroll_row = max(0, min(self.topics.scroll_row + rows, self.topics.last_scroll_row))
        self.show_page(self.page)

    def action_turn(self, pages: int) -> None:
        """Scroll by a number of pages."""
        self.action_scroll(pages * self.topics.page_rows)


class Explanation(Part):
    """The sentences above a question."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        super().__init__()
        self.texts = texts

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the sentences, then an empty line."""
        del height
        return [*(line for text in self.texts for line in wrap(plain(text), width)), EMPTY]


class Box(FramePart):
    """A box with a question: an explanation and the choices."""

    DEFAULT_CSS = """
    Box {
        layout: vertical;
        border: solid $accent;
        border-title-color: $accent;
        border-title-style: bold;
        padding: 1 2;
    }
    """

    def place_in(self, grid: Grid) -> Region:
        """Return the place of the box, with border and padding."""
        width = min(56, grid.measure)
        rows = sum(child.get_content_height(grid.size, grid.size, width - 6) for child in self.children)
        left = grid.left + max((grid.measure - width) // 2 - 1, 0)
        return Region(left, grid.body + (3 if grid.is_full else 1), width, 4 + rows)


class QuestionScreen(FramedScreen, inherit_bindings=False):
    """Asks whether to quit, or what to copy. Dismissed with the value of the choice, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss"),
        Binding("enter", "answer"),
        Binding("up", "move(-1)"),
        Binding("down", "move(1)"),
    ]

    def __init__(self, page: Page, *, is_leaving: bool) -> None:
        super().__init__(page)
        self.is_leaving = is_leaving
        self._shown = self._question

    @property
    def _question(self) -> Leave:
        if self.is_leaving and self.page.leave is not None:
            return self.page.leave
        choices = tuple(Choice(value=copy.text, label=copy.text) for copy in self.page.copies)
        return Leave(self.app.t("What should be copied?"), (), choices)

    def compose_body(self) -> ComposeResult:
        """Create the box with the question."""
        self._shown = title, lines, choices = self._question
        self._list = Choices(choices, choices[0].value)
        with Box() as box:
            if lines:
                yield Explanation(lines)
            yield self._list
        box.border_title = plain(title)

    def keys(self) -> tuple[Key, ...]:
        """Return the keys for the footer."""
        t, first = self.app.t, self._question.choices[0].label
        word = first[:1].lower() + first[1:] if self.is_leaving else t("back")
        return Key("Enter", t("choose")), Key("↑↓", t("move")), Key("Esc", word)

    def show_page(self, page: Page) -> None:
        """Show the question in another language. Other changes of the page leave it as it is."""
        super().show_page(page)
        if self._question != self._shown:
            self.refresh(recompose=True)

    def on_key(self, event: events.Key) -> None:
        """Select a choice by its number."""
        digit = event.character or ""
        if digit.isdigit() and 0 < int(digit) <= len(self._list.values):
            self.dismiss(self._list.values[int(digit) - 1])

    def action_move(self, rows: int) -> None:
        """Move the marker."""
        values = self._list.values
        index = values.index(self._list.marked) + rows
        self._list.marked = values[max(0, min(index, len(values) - 1))]

    def action_answer(self) -> None:
        """Select the marked choice."""
        self.dismiss(self._list.marked)
