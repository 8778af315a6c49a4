"""The progress of a long run. Imported on demand, as few pages have a progress bar."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.renderables.bar import Bar as BarRenderable
from textual.widgets import ProgressBar, Static

from wizard.ui.tui.blocks import block_lines
from wizard.ui.tui.content import plain
from wizard.ui.tui.parts import BodyPart, Part, gap_between
from wizard.walk.pages import Bar, Block

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp


class DoubleLine(BarRenderable):
    """A bar whose completed part is a double line, so that it does not depend on colour."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render the bar in whole cells."""
        del console
        done = round(self.highlight_range[1])
        rest = options.max_width - done
        yield Text.assemble(("═" * done, self.highlight_style), ("─" * rest, self.background_style), end="")


class LineProgressBar(ProgressBar):
    """A progress bar drawn with line characters. Its total is always known, so it is never animated."""

    BAR_RENDERABLE = DoubleLine


class CurrentTask(Part):
    """The current task, after a spinner."""

    def __init__(self, bar: Bar) -> None:
        super().__init__()
        self.bar = bar

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the line."""
        del height
        return block_lines(self.bar, self.app.look, width)[:1]


class RunProgress(Vertical, BodyPart):
    """The current task, a progress bar and a count."""

    app: "WizardApp"
    DEFAULT_CSS = """
    RunProgress {
        height: 2;
        & Horizontal { height: 1; }
        & LineProgressBar, & LineProgressBar Bar { width: 1fr; }
        & LineProgressBar .bar--bar, & LineProgressBar .bar--complete { color: $accent; background: $rule; }
        & #count { width: auto; padding-left: 2; }
    }
    """

    def __init__(self, bar: Bar, before: object) -> None:
        super().__init__()
        self.gap = gap_between(before, bar)
        self.bar = bar

    def compose(self) -> ComposeResult:
        """Create the two rows."""
        yield CurrentTask(self.bar)
        with Horizontal():
            yield LineProgressBar(show_percentage=False, show_eta=False)
            yield Static(id="count")

    def on_mount(self) -> None:
        """Show the initial progress."""
        self.show_bar(self.bar)

    def show_blocks(self, blocks: Sequence[Block]) -> None:
        """Show the progress from the blocks of a page."""
        for block in blocks:
            if isinstance(block, Bar):
                self.show_bar(block)

    def show_bar(self, bar: Bar) -> None:
        """Show the progress."""
        self.bar = self.query_one(CurrentTask).bar = bar
        self.query_one(LineProgressBar).update(total=max(bar.total, 1), progress=bar.done)
        count = self.app.t("{done} of {total}", done=bar.done, total=bar.total)
        self.query_one("#count", Static).update(plain(count))
