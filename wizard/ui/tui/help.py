"""Screens in place of a page: the help, and the questions that the face itself asks."""

import re
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content, Span

from wizard.ui.tui.blocks import topic_lines
from wizard.ui.tui.content import EMPTY, cut, joined, pad, plain, rule, wrap
from wizard.ui.tui.layout import Grid
from wizard.ui.tui.lists import Choices
from wizard.ui.tui.parts import BodyPart, Box, Part, Title
from wizard.ui.tui.screen import FramedScreen
from wizard.walk.page import Choice, Key, Page, SecretField

_ADDRESS: Final = re.compile(r"\bhttps?://[\w.-]+/[\w/.-]*[\w/]")


class Topics(Part, BodyPart):
    """The topics of a page, scrolled, above a table of its keys.

    Attributes:
        at: The first line that is shown.
        last: How far it can be scrolled.
        height: How many lines are a page.
    """

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.at = self.last = 0
        self.height = 1

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return a page of the text, and all of the keys; they take all the room there is."""
        height = height or Grid(self.app.size).room
        look, t = self.app.look, self.app.t
        text: list[Content] = []
        for topic in self.page.help:
            text += ([EMPTY] if text else []) + topic_lines(topic.title, topic.body, look, width)
        keys = self._key_table(width)
        self.height = max(height - len(keys) - 1, 3)
        self.last = max(0, len(text) - self.height)
        self.at = min(self.at, self.last)
        shown = [_linked(line) for line in text[self.at : self.at + self.height]]
        shown += [EMPTY] * (self.height - len(shown))
        shown.append(plain(f"▼ {t('PgDn shows more')}", "$accent") if self.at < self.last else EMPTY)
        return [*shown, *keys]

    def numbering(self) -> str:
        """Return which page of how many is shown; empty if there is one."""
        self.lines(Grid(self.app.size).measure, None)
        pages = -(-(self.last + self.height) // self.height)
        number = pages if self.at == self.last else min(pages, -(-self.at // self.height) + 1)
        return self.app.t("{done} of {total}", done=number, total=pages) if pages > 1 else ""

    def _key_table(self, width: int) -> list[Content]:
        """Return the keys of the page in two columns: those with a name, and the function keys."""
        t, page = self.app.t, self.page
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
        lines = [rule(plain(t("Keys on this step"), "$strong bold"), EMPTY, width)]
        for at in range(max(len(named), len(functions))):
            left = _key_and_word(*named[at], 10) if at < len(named) else EMPTY
            right = _key_and_word(*functions[at], 5) if at < len(functions) else EMPTY
            lines.append(cut(joined(pad(left, 30), right), width))
        leaving = t("quit, your answers are saved") if page.leave and page.badge != "DEMO" else t("quit")
        return [*lines, _key_and_word("Ctrl+Q", leaving, 10)]


def _key_and_word(key: str, word: str, width: int) -> Content:
    return joined((f"{key:<{width}}", "$accent bold"), word)


def _linked(line: Content) -> Content:
    """Return a line in which every address can be opened; it is its own text, where links are not shown."""
    links = [Span(*found.span(), f"$accent link='{found[0]}'") for found in _ADDRESS.finditer(line.plain)]
    return line.add_spans(links)


class HelpScreen(FramedScreen, inherit_bindings=False):
    """F1: the topics of a page, and all its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,enter,q", "dismiss"),
        Binding("up", "scroll(-1)"),
        Binding("down", "scroll(1)"),
        Binding("home", "scroll(-9999)"),
        Binding("end", "scroll(9999)"),
        Binding("pageup", "turn(-1)"),
        Binding("pagedown,space", "turn(1)"),
    ]

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.topics = Topics(page)

    def title_widget(self) -> Title:
        """Return the title with the number of the page."""
        return Title(self.app.t("Help: {title}", title=self.page.title), self.topics.numbering())

    def body(self) -> ComposeResult:
        """Return the topics."""
        yield self.topics

    def keys(self) -> tuple[Key, ...]:
        """Return how to read, and how to close."""
        t = self.app.t
        language = Key("F2", "Norsk" if t.language == "en" else "English")
        return Key("Esc", t("back to the step")), Key("↑↓", t("scroll")), language, Key("F1", t("close"))

    def show_page(self, page: Page) -> None:
        """Show the help of another state, or in another language."""
        self.topics.page = page
        super().show_page(page)

    def on_resize(self) -> None:
        """Count the pages again."""
        super().show_page(self.page)

    def action_scroll(self, rows: int) -> None:
        """Scroll by so many lines."""
        self.topics.at = max(0, min(self.topics.at + rows, self.topics.last))
        super().show_page(self.page)

    def action_turn(self, pages: int) -> None:
        """Scroll by so many pages."""
        self.action_scroll(pages * self.topics.height)


class Lead(Part):
    """What is to be known before answering."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        super().__init__()
        self.texts = texts

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the sentences, and an empty row."""
        del height
        return [*(line for text in self.texts for line in wrap(plain(text), width)), EMPTY]


class QuestionScreen(FramedScreen, inherit_bindings=False):
    """Whether to leave, or what to copy; dismissed with the value of the answer, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss"),
        Binding("enter", "answer"),
        Binding("up", "move(-1)"),
        Binding("down", "move(1)"),
    ]

    def __init__(self, page: Page, *, is_leaving: bool) -> None:
        super().__init__(page)
        self.is_leaving = is_leaving

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be answered."""
        if self.is_leaving:
            return self.page.leave.choices if self.page.leave is not None else ()
        return tuple(Choice(value=copy.text, label=copy.text) for copy in self.page.copies)

    def body(self) -> ComposeResult:
        """Return the box."""
        self._list = Choices(self.choices, self.choices[0].value if self.choices else "")
        leave = self.page.leave if self.is_leaving else None
        with Box() as box:
            if leave is not None:
                yield Lead(leave.lines)
            yield self._list
        box.border_title = plain(leave.title if leave is not None else self.app.t("What should be copied?"))

    def keys(self) -> tuple[Key, ...]:
        """Return how to answer, and what Esc does."""
        t = self.app.t
        first = self.choices[0].label if self.choices else ""
        word = (first[:1].lower() + first[1:]) if self.is_leaving else t("back")
        return Key("Enter", t("choose")), Key("↑↓", t("move")), Key("Esc", word)

    def show_page(self, page: Page) -> None:
        """Ask in another language."""
        super().show_page(page)
        self.refresh(recompose=True)

    def on_key(self, event: events.Key) -> None:
        """Take a digit for its answer."""
        digit = event.character or ""
        if digit.isdigit() and 0 < int(digit) <= len(self._list.values):
            self.dismiss(self._list.values[int(digit) - 1])

    def action_move(self, rows: int) -> None:
        """Move the marker."""
        values = self._list.values
        at = values.index(self._list.marked) + rows
        self._list.marked = values[max(0, min(at, len(values) - 1))]

    def action_answer(self) -> None:
        """Take the marked answer."""
        self.dismiss(self._list.marked)
