"""The frame of all screens: the header, the title and the footer."""

from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Region
from textual.layout import Layout
from textual.screen import Screen

from wizard.ui.tui.content import EMPTY, cut, joined, justified, key_hint, pad, plain
from wizard.ui.tui.layout import MEASURE, Grid, PageLayout
from wizard.ui.tui.parts import FramePart, Part, TooSmall
from wizard.ui.tui.theme import in_ascii
from wizard.walk import pages

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp

_MIN_NOTE: Final = 4
"""Columns without which the note at the right of the title is left out."""


class FramedScreen(Screen[Any], inherit_bindings=False):
    """A screen with a header, a title, a body and a footer.

    Attributes:
        page: The page that is shown.
        is_laid_out: True once the first layout is complete. Nothing is sent to the terminal before.
        needs_update: True if the page has changed before then.
        shown_at: When the page, or the end of its work, was shown.
    """

    app: "WizardApp"
    ALLOW_SELECT = False

    def __init__(self, page: pages.Page) -> None:
        super().__init__()
        self.page = page
        self.is_laid_out = self.needs_update = False
        self.shown_at = 0.0
        self._page_layout = PageLayout(self)

    @property
    def card(self) -> pages.Card | None:
        """The card that is shown."""
        return None

    @property
    def layout(self) -> Layout:
        """The layout of the widgets."""
        return self._page_layout

    def compose(self) -> ComposeResult:
        """Create the widgets."""
        yield PageHeader()
        yield Title()
        yield from self.compose_body()
        yield PageFooter()
        yield TooSmall()

    def title_and_note(self) -> tuple[str, str]:
        """Return the title, and the text at its right."""
        return self.page.title, self.page.note

    def compose_body(self) -> ComposeResult:
        """Create the widgets between the title and the footer."""
        raise NotImplementedError

    def keys(self) -> tuple[pages.Key, ...]:
        """Return the keys for the footer."""
        raise NotImplementedError

    def text_parts(self, width: int) -> Iterator[list[Content]]:
        """Yield the lines of each part of the screen, all of them even if they do not fit."""
        raise NotImplementedError

    def action_print_out(self) -> None:
        """Show the screen as plain text on the normal screen, for selecting with the mouse."""
        if not self.app.is_busy:
            parts = self.text_parts(min(self.size.width - 1, MEASURE))
            text = "\n\n".join("\n".join(line.plain.rstrip() for line in part) for part in parts if part)
            self.app.print_out(in_ascii(text) if self.app.is_ascii else text)

    def on_screen_resume(self) -> None:
        """Keep the screen hidden until the first layout, which Textual makes after this handler."""
        if not self.is_laid_out:
            self.call_later(self._finish_layout)

    def _finish_layout(self) -> None:
        self.is_laid_out, self.shown_at = True, monotonic()
        self.app.send_frame(self)  # at once: a refresh would wait for the next of 60 ticks a second
        if self.needs_update:
            self.needs_update = False
            self.app.update_screen(self)

    def show_page(self, page: pages.Page) -> None:
        """Update the widgets from a page, or from the same page in another language."""
        if not self.is_laid_out:
            self.needs_update = True
            return
        self.page = page
        for part in self.query(Part):
            part.refresh(layout=True)


class PageHeader(Part, FramePart):
    """The header: product names, badge and progress."""

    def place_in(self, grid: Grid) -> Region:
        """Return the first rows."""
        return Region(grid.left, grid.margin, grid.measure, 2 if grid.is_full else 1)

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return one line, or two if there is room."""
        is_full, badge = height != 1, self.screen.page.badge
        progress = self.screen.page.progress
        name = "Visma Finale" if is_full else "Finale"
        left = joined(("Tripletex", "$strong bold"), (" → ", "$accent"), (name, "$strong bold"))
        if badge:
            begin, end = ("[", "]") if self.app.is_ascii else ("▐", "▌")
            left = joined(left, "  ", (begin, "$doubt"), (badge, "$badge bold"), (end, "$doubt"))
        label = _progress_label(progress)
        if is_full:
            return [justified(left, label, width), _segments(progress, width)]
        done = min(progress.number, progress.total)
        segments = "═" * done + "─" * (progress.total - done)
        return [justified(left, joined(label, (f"  {segments}" if segments else "", "$accent")), width)]


def _progress_label(progress: pages.Progress) -> Content:
    """Return a label such as "Step 2 of 6", with the number highlighted."""
    before, number, after = progress.label.partition(f" {progress.number} ")
    if not progress.number or not number:
        return plain(progress.label, "$muted")
    return joined(plain(before, "$muted"), (number, "$strong bold"), plain(after, "$muted"))


def _segments(progress: pages.Progress, width: int) -> Content:
    if not progress.total:
        return joined(("─" * width, "$rule"))
    pieces: list[tuple[str, str] | str] = []
    begin = 0
    for part in range(1, progress.total + 1):
        end = round(part * (width + 2) / progress.total) - 2
        done = part <= progress.number
        pieces += [(("═" if done else "─") * (end - begin), "$accent" if done else "$rule"), "  "]
        begin = end + 2
    return joined(*pieces[:-1])


class Title(Part, FramePart):
    """The title, with a note at the right edge."""

    def place_in(self, grid: Grid) -> Region:
        """Return the row below the header."""
        return Region(grid.left, grid.title, grid.measure, 1)

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the line."""
        del height
        title, note = self.screen.title_and_note()
        left = plain(title, "$accent bold")
        room = width - left.cell_length - 2
        return [justified(left, cut(plain(note, "$muted"), room) if room > _MIN_NOTE else EMPTY, width)]


class PageFooter(Part, FramePart):
    """The footer: up to five keys, with F1 at the right edge. Keys that do not fit are left out."""

    def place_in(self, grid: Grid) -> Region:
        """Return the last row."""
        return Region(grid.left, grid.size.height - 1 - grid.margin, grid.measure, 1)

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the line."""
        del height
        t, keys = self.app.t, self.screen.keys()
        right = next((key_hint(key, t) for key in keys if key.key == "F1"), EMPTY)
        left = EMPTY
        for key in [key for key in keys if key.key != "F1"][: 4 if right else 5]:
            more = joined(left, "   " if left else "", key_hint(key, t))
            if more.cell_length + (2 if right else 0) + right.cell_length <= width:
                left = more
        return [justified(left, right, width) if right else pad(left, width)]
