"""The full-screen application: one canvas that shows a walk, and the terminal it runs in."""

import asyncio
import os
import sys
import textwrap
import traceback
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.console import RenderableType
from rich.segment import Segment
from textual import events
from textual.app import App, ComposeResult, SuspendNotSupported
from textual.driver import Driver
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker, WorkerFailed

from wizard.domain.exits import Exit
from wizard.text import Language, Texts
from wizard.ui.tui.clipboard import has_clipboard, send_to_clipboard
from wizard.ui.tui.controls import Controls
from wizard.ui.tui.palette import Palette, has_poor_signs, palette
from wizard.ui.tui.rows import Row
from wizard.walk.page import Shown

if TYPE_CHECKING:
    from textual.timer import Timer


_CLEAR: Final = "\x1b[H\x1b[2J"


class Canvas(Widget, can_focus=True):
    """Shows the rows of a frame, and sends only what has changed of them."""

    DEFAULT_CSS = "Canvas { width: 100%; height: 100%; }"

    def __init__(self, controls: Controls, colours: Palette) -> None:
        super().__init__()
        self.controls = controls
        self.palette = colours
        self._rows: tuple[Row, ...] = ()
        self._strips: list[Strip] = []

    def show(self) -> None:
        """Draw the page, and have the cells sent that are different now."""
        width, height = self.size
        if not width or not height:
            return
        rows = self.controls.draw(width, height).rows
        before, self._rows = self._rows, rows
        strips = [self._strip(row) for row in rows]
        old, self._strips = self._strips, strips
        if len(before) != len(rows):
            self.refresh()
            return
        changed = [
            Region(begin, y, end - begin, 1)
            for y, (was, now) in enumerate(zip(before, rows, strict=True))
            if was != now
            for begin, end in (_difference(old[y], strips[y]),)
            if begin < end
        ]
        if changed:
            self.refresh(*changed)

    def _strip(self, row: Row) -> Strip:
        style = self.palette.style
        return Strip(
            [Segment(piece.text, style(piece.style)) for piece in row if piece.text], self.size.width
        )

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows of a region, as they were drawn."""
        blank = Strip.blank(self.size.width, self.palette.style("ink"))
        rows = [self._strips[y] if y < len(self._strips) else blank for y in crop.line_range]
        return [row.crop(crop.x, crop.right) for row in rows]

    def on_resize(self) -> None:
        """Lay the page out for the window as it is now."""
        self._rows = ()
        self.show()

    def on_key(self, event: events.Key) -> None:
        """Take every key; nothing else on the screen does."""
        event.stop()
        event.prevent_default()
        self.controls.key(event.key, event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Take all of a paste: a key from an e-mail may have line breaks."""
        event.stop()
        event.prevent_default()
        self.controls.paste(event.text)


def _difference(was: Strip, now: Strip) -> tuple[int, int]:
    """Return the columns between which two rows differ."""
    if was.cell_length != now.cell_length:
        return 0, max(was.cell_length, now.cell_length)
    cells = [[(cell, style) for text, style, _ in strip for cell in text] for strip in (was, now)]
    if any(len(row) != now.cell_length for row in cells):
        return 0, now.cell_length
    differing = [at for at, (one, other) in enumerate(zip(*cells, strict=True)) if one != other]
    return (differing[0], differing[-1] + 1) if differing else (0, 0)


class Page(Screen[None]):
    """Holds the canvas.

    Attributes:
        is_coming: Whether it is still being laid out. Textual paints up to four times before that is done;
            what is painted so early is not sent.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self.canvas = canvas
        self.is_coming = True

    def compose(self) -> ComposeResult:
        """Return the canvas."""
        yield self.canvas

    def on_mount(self) -> None:
        """Let the page be seen once it is laid out."""
        self.canvas.focus()
        self.call_after_refresh(self._arrive)

    def _arrive(self) -> None:
        self.is_coming = False
        self.canvas.show()
        self.refresh()


def clearing(driver: type[Driver]) -> type[Driver]:
    """Return a driver that clears before it leaves the full screen.

    In GNU screen, mosh and tmux there may be no alternate screen to leave, and what is printed afterwards
    would be mixed with what was drawn.
    """

    class ClearingDriver(driver):  # type: ignore[misc, valid-type]
        def stop_application_mode(self) -> None:
            self.write(_CLEAR)
            super().stop_application_mode()

    return ClearingDriver


class WizardApp(App[int], inherit_bindings=False):
    """Shows a walk until it is finished or left.

    Its value is the exit code: 0, 130 or 128 and a signal's number; None when it crashed.
    """

    TITLE = "tripletex-wizard"
    BINDINGS: ClassVar[list[Any]] = []
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self, walk: Shown, language: Language, *, has_colours: bool = True, theme: str = "dark"
    ) -> None:
        # The canvas gives every cell its colours: Textual must pass them on as they are.
        super().__init__(ansi_color=True)
        self.animation_level = "none"
        few = self.console.color_system in {None, "standard", "windows"}
        environ = os.environ if has_colours else {**os.environ, "NO_COLOR": "1"}
        self.controls = Controls(
            walk,
            language,
            self,
            is_ascii=has_poor_signs(os.environ),
            copies=has_clipboard(os.environ),
        )
        self.canvas = Canvas(self.controls, palette(environ, colours=16 if few else 256, theme=theme))
        self._own_loop: asyncio.AbstractEventLoop | None = None
        self._ticking: Timer | None = None

    def get_driver_class(self) -> type[Driver]:
        """Return Textual's driver, made to clear before it leaves."""
        return clearing(super().get_driver_class())

    def get_default_screen(self) -> Screen[Any]:
        """Begin with the page itself: there is nothing before it."""
        self._own_loop = asyncio.get_running_loop()
        return Page(self.canvas)

    def on_mount(self) -> None:
        """Let the walk begin."""
        self.controls.begin()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not (isinstance(screen, Page) and screen.is_coming):
            super()._display(screen, renderable)

    # What the controls ask of the terminal.

    def redraw(self) -> None:
        """Show what has changed."""
        self.canvas.show()

    def spawn(self, work: Coroutine[Any, Any, None]) -> Worker[None]:
        """Run something without blocking the keys."""
        return self.run_worker(work)

    def tick(self, *, is_on: bool) -> None:
        """Turn the spinner while something runs; an idle wizard sends nothing."""
        if self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        if is_on:
            self._ticking = self.set_interval(0.25, self.controls.tick)

    def leave(self, code: int) -> None:
        """End."""
        self.exit(code)

    def print_out(self, text: str) -> None:
        """Leave the full screen for a moment, and put a text there."""
        self.run_worker(self._print_out(text), exclusive=True, group="printing")

    async def _print_out(self, text: str) -> None:
        t = self.controls.look.t
        try:
            with self.suspend():
                await until_enter(f"\n{text}\n\n{t('Press Enter to go back to the wizard.')} ")
        except SuspendNotSupported:
            self.controls.say(t("This terminal cannot show the step as plain text."))

    def copy(self, text: str) -> None:
        """Send a text to the terminal's clipboard."""
        self.run_worker(self._send(text), group="copying", exclusive=True)

    async def _send(self, text: str) -> None:
        if self._driver is not None:
            await send_to_clipboard(text, os.environ, self._driver.write)
            self.controls.sent(text)

    def summary(self) -> str:
        """Return what stays in the terminal."""
        return self.controls.walk.summary(self.controls.look.t)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy nothing: whatever Textual itself would send may be a key."""

    def end(self, code: int) -> None:
        """End in order; may be called from a signal handler."""
        if self._own_loop is None or self._own_loop.is_closed():
            raise SystemExit(code)
        self._own_loop.call_soon_threadsafe(self.exit, code)

    # Crashing. Textual's own report shows the local variables of every frame.

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = Exit.CRASHED
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._crash(error.error if isinstance(error, WorkerFailed) else error)

    def _fatal_error(self) -> None:
        self._crash(sys.exc_info()[1])

    def panic(self, *renderables: RenderableType) -> None:
        """End with the report of a crash, whatever Textual wanted to show."""
        del renderables
        self._fatal_error()

    def _crash(self, error: BaseException | None) -> None:
        self._exit_renderables.append(crash_report(error, self.controls.look.t))
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        # The first error is the cause; the terminal is in its ordinary state again.
        if self._exit_renderables and sys.__stderr__ is not None:
            sys.__stderr__.write(f"{self._exit_renderables[0]}\n")
            sys.__stderr__.flush()
        self._exit_renderables.clear()


_FRAMES: Final = 4
_WIDTH: Final = 79


def crash_report(error: BaseException | None, t: Texts) -> str:
    """Return the report: kind of error and places in the code.

    Local variables are left out, as one may be a key, and so are the messages of errors: who knows
    what a library puts into them.
    """
    lines = [
        t("The wizard crashed. This is a bug in the wizard."),
        *textwrap.wrap(
            t("The steps you have finished are saved. Run the same command again to continue."), _WIDTH
        ),
        "",
        t("If it happens again, send these lines to the person who gave you this program:"),
        f"  {_kinds_of(error)}",
    ]
    if error is not None:
        lines += [
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        ]
    return "\n".join(lines)


def _kinds_of(error: BaseException | None) -> str:
    kinds = []
    while error is not None and type(error) not in kinds:
        kinds.append(type(error))
        error = error.__cause__
    return " <- ".join(f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)


async def until_enter(text: str) -> None:
    """Write a text to the terminal and wait for Enter, while signals are still heard.

    Textual draws on standard error, so that is where the terminal is.
    """
    if sys.__stderr__ is None or sys.__stdin__ is None:
        return
    sys.__stderr__.write(text)
    sys.__stderr__.flush()
    loop = asyncio.get_running_loop()
    entered = asyncio.Event()
    descriptor = sys.__stdin__.fileno()

    def read() -> None:
        # A line, or the end of the input; either will do.
        os.read(descriptor, 1024)
        entered.set()

    loop.add_reader(descriptor, read)
    try:
        await entered.wait()
    finally:
        loop.remove_reader(descriptor)
