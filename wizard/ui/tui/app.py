"""The full-screen application, which shows the pages of a walk."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain, cycle
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from rich.console import RenderableType
from textual import events
from textual.app import App, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import NoColor
from textual.screen import Screen

from wizard.domain.exits import Exit
from wizard.domain.key import Secret
from wizard.text import Language, Texts
from wizard.ui.tui.blocks import Look
from wizard.ui.tui.clipboard import has_clipboard, send_to_clipboard
from wizard.ui.tui.crash import CrashReporting
from wizard.ui.tui.frame import FramedScreen
from wizard.ui.tui.help import HelpScreen, QuestionScreen
from wizard.ui.tui.keys import SavingEnter, TypedToken
from wizard.ui.tui.layout import is_full, is_too_small
from wizard.ui.tui.page import Notice, PageScreen, values_of
from wizard.ui.tui.terminal import ChangedCells, clearing_driver, show_until_enter
from wizard.ui.tui.theme import COLOURLESS, SPINNER, AsciiSymbols, needs_ascii, theme_for
from wizard.walk import pages

if TYPE_CHECKING:
    from textual.strip import Strip
    from textual.timer import Timer
    from textual.worker import Worker

_KEY_TIMEOUT: Final = 0.5
"""Seconds for which the next key waits for the page that follows an answer."""


class WizardApp(CrashReporting, inherit_bindings=False):
    """Shows a walk until it is finished or the user quits.

    The return value is the exit code: 0, 130, or 128 plus the number of a signal; None after a crash.

    Attributes:
        walk: The walk, replaced by its successor when it is finished.
        page: The walk's current page.
        page_screen: The screen that shows the page. The help or a question may be on top of it.
        t: Texts in the current language.
        spinner: The current frame of the spinner; a space until it appears.
        typed_token: Recognises a token among key presses.
        saving_enter: Delays Enter on a page that saves.
    """

    TITLE = "tripletex-wizard"
    CSS_PATH = "wizard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", priority=True),
        Binding("ctrl+q", "ask_to_leave", priority=True),
        Binding("f2", "language", priority=True),
    ]
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self,
        walk: pages.AnyWalk,
        language: Language,
        *,
        has_colours: bool = True,
        theme: str = "dark",
        is_limit: Callable[[Exception], bool] = lambda _: False,
    ) -> None:
        super().__init__(ansi_color=None if has_colours else True)
        self.is_limit = is_limit
        self.animation_level = "none"
        self.walk = walk
        self.t = Texts(language)
        self.spinner = " "
        self.is_ascii = needs_ascii(os.environ)
        self._apply_theme(theme, has_colours=has_colours)
        self.page = self._current_page()
        self.page_screen = PageScreen(self.page)
        self._work: Worker[None] | None = None
        self._answered_at = 0.0
        self._page_changed = asyncio.Event()
        self.typed_token, self.saving_enter = TypedToken(self), SavingEnter(self)
        self._spinner_timer: Timer | None = None
        self._frames: Iterator[str] = iter(())
        self._drafts: dict[tuple[str, str], str] = {}
        self._last_frame: list[Strip] = []
        self._event_loop: asyncio.AbstractEventLoop | None = None

    def _apply_theme(self, theme: str, *, has_colours: bool) -> None:
        """Set the theme and the symbols for this terminal."""
        has_few_colours = self.console.color_system in {None, "standard", "windows"}
        chosen = (
            theme_for(os.environ, has_few_colours=has_few_colours, wanted=theme)
            if has_colours
            else COLOURLESS
        )
        self.register_theme(chosen)
        self.set_reactive(App.theme, chosen.name)
        self.stylesheet.set_variables(self.get_css_variables())
        if not has_colours and not self.no_color:
            self.no_color = True
            self._filters.append(NoColor())
        if self.is_ascii:
            self._filters.append(AsciiSymbols())

    @property
    def look(self) -> Look:
        """Language, spinner and size for rendering blocks."""
        return Look(self.t, self.spinner, is_compact=not is_full(self.size))

    # --- the terminal ---

    def get_driver_class(self) -> type[Driver]:
        """Return Textual's driver, extended to clear the screen when it stops."""
        return clearing_driver(super().get_driver_class())

    def get_default_screen(self) -> Screen[Any]:
        """Return the screen of the first page."""
        self._event_loop = asyncio.get_running_loop()
        return self.page_screen

    def on_mount(self) -> None:
        """Start the walk."""
        self._run()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        del renderable
        if isinstance(screen, FramedScreen):
            self.send_frame(screen)

    def send_frame(self, screen: FramedScreen) -> None:
        """Send the cells of a screen that differ from what the terminal shows."""
        if screen is self.screen and screen.is_laid_out and not self._batch_count:
            frame = [strip.discard_meta().simplify() for strip in screen._compositor.render_strips()]  # noqa: SLF001
            last, self._last_frame = self._last_frame, frame
            if frame != last:
                super()._display(screen, cast("RenderableType", ChangedCells(last, frame)))

    def on_resize(self) -> None:
        """Send the whole screen again, as a terminal may reflow what it shows."""
        self._last_frame = []

    def copy_to_clipboard(self, text: str) -> None:
        """Do nothing: what Textual copies by itself may be a token."""

    def end(self, code: int) -> None:
        """Exit with a code. Safe to call from a signal handler."""
        if self._event_loop is None or self._event_loop.is_closed():
            raise SystemExit(code)
        self._event_loop.call_soon_threadsafe(self.exit, code)

    # --- the page ---

    def _current_page(self) -> pages.Page:
        page = self.walk.page(self.t)
        return page if has_clipboard(os.environ) else replace(page, copies=())

    def refresh_page(self) -> None:
        """Update the screen from the walk's current page."""
        self.page = self._current_page()
        self._page_changed.set()
        # Work that is cancelled by leaving may end when the widgets are gone.
        if self.page != self.page_screen.page and not self._exit:
            self.update_screen(self.page_screen)

    def _handle_change(self) -> None:
        """Update the screen; while results stream into a table, the spinner does so with every frame."""
        is_streaming = self.is_busy and self.page.is_busy and isinstance(self.page.answer, pages.Table)
        if not is_streaming:
            self.refresh_page()

    def update_screen(self, screen: FramedScreen) -> None:
        """Show the current page on a screen, now or as soon as it is laid out."""
        if not screen.is_laid_out:
            screen.needs_update = True
        elif screen is not self.page_screen:
            screen.show_page(self.page)
        elif self.page_screen.can_show(self.page):
            self._update_screens()
        else:
            self.call_later(self._change_page)

    def _update_screens(self) -> None:
        """Show the current page on every screen of the stack."""
        for screen in self.screen_stack:
            if isinstance(screen, FramedScreen):
                screen.show_page(self.page)

    async def _change_page(self) -> None:
        """Replace the widgets with those of the current page. Keys pressed meanwhile go to that page."""
        screen, page = self.page_screen, self.page
        before = screen.page
        if screen.can_show(page):
            self._update_screens()
            return
        if isinstance(before.answer, pages.TextField):
            self._drafts[before.step, before.part] = screen.typed
        if isinstance(self.screen, HelpScreen):
            await self.pop_screen()
        typed = self._drafts.get((page.step, page.part))
        is_same = (before.step, before.part) == (page.step, page.part)
        await screen.change_page(page, typed=typed, is_same=is_same)

    def edit(self, edit: pages.Edit) -> None:
        """Pass an edit to the walk and update the screen."""
        self.walk.edit(edit)
        self.refresh_page()

    # --- work ---

    @property
    def is_busy(self) -> bool:
        """True while the walk processes a reply."""
        return self._work is not None

    def reply(self, reply: pages.Reply, *, is_last: bool = False) -> None:
        """Send a reply to the walk, unless it is busy with another. Exit after the last one."""
        if self._work is None:
            self._run(reply, is_last=is_last)

    def paste_secret(self, text: str) -> None:
        """Reply with a token, cancelling a reply in progress."""
        self.cancel()
        self._run(pages.Pasted(Secret(text)))

    def cancel(self) -> None:
        """Cancel the reply in progress."""
        if self._work is not None:
            work, self._work = self._work, None
            work.cancel()
            self._reset_spinner(is_on=False)

    def _run(self, reply: pages.Reply | None = None, *, is_last: bool = False) -> None:
        """Begin the walk, or continue it with a reply."""
        self._reset_spinner(is_on=True)
        self._answered_at = monotonic()
        self._work = self.run_worker(partial(self._run_walk, reply, is_last=is_last))

    async def _run_walk(self, reply: pages.Reply | None, *, is_last: bool) -> None:
        before, worker = self.page, self._work
        try:
            if reply is None:
                await self.walk.begin(self._handle_change)
            else:
                await self.walk.reply(reply, self._handle_change)
        finally:
            if self._work is worker:
                self._work = None
                self._reset_spinner(is_on=False)
            self.refresh_page()
        if self.walk.is_finished and self.walk.successor is not None and not is_last:
            self._start(self.walk.successor)
        elif self.walk.is_finished or is_last:
            self.exit(Exit.DONE)
        elif isinstance(reply, pages.Back) and self.page == before:
            self.action_ask_to_leave()

    def _start(self, successor: pages.AnyWalk) -> None:
        self.walk = successor
        self._drafts.clear()
        self.refresh_page()
        self._run()

    def _reset_spinner(self, *, is_on: bool) -> None:
        """Start or stop the spinner. An idle wizard sends nothing to the terminal."""
        if self._spinner_timer is not None:
            self._spinner_timer.stop()
            self._spinner_timer = None
        self.spinner, self._frames = " ", chain(" ", cycle(SPINNER))
        if is_on:
            self._spinner_timer = self.set_interval(0.25, self.turn_spinner)

    def turn_spinner(self) -> None:
        """Show the next frame of the spinner, which has an empty one first, and results that have come."""
        self.spinner = next(self._frames)
        self.refresh_page()
        self.page_screen.refresh_spinner()

    # --- notices and keys ---

    def show_notice(
        self, *lines: str, state: pages.State = pages.State.RESTING, keys: tuple[pages.Key, ...] = ()
    ) -> None:
        """Show a notice in the card until the next key."""
        self.page_screen.show_notice(Notice(pages.Card(state, "", lines), keys))

    async def on_event(self, event: events.Event) -> None:
        """Handle keys and pastes one at a time, after dismissing the notice.

        Each waits until the page that follows the previous one is shown: several may arrive at once, over a
        slow connection or from an experienced user.
        """
        is_typed = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if not is_typed or not self._screen_stack:
            await super().on_event(event)
            return
        if isinstance(event, events.Paste):
            self._dismiss_notice()
        elif isinstance(event, events.Key) and (
            self.typed_token.takes(event) or self._consume_key(event.key) or self.saving_enter.takes(event)
        ):
            return
        receiver = self.focused or self.screen
        await super().on_event(event)
        with suppress(TimeoutError):
            async with asyncio.timeout(_KEY_TIMEOUT):
                handled = asyncio.Event()
                if event.is_forwarded and receiver.call_later(handled.set):
                    await handled.wait()
            await self._await_page()

    async def _await_page(self) -> None:
        """Wait for the page that follows an answer, but only briefly, so that Esc can cancel."""
        async with asyncio.timeout(self._answered_at + _KEY_TIMEOUT - monotonic()):
            while self._work is not None and not self.page.is_busy:
                self._page_changed.clear()
                await self._page_changed.wait()
        if self.page != self.page_screen.page and self.is_running:
            await self._change_page()

    async def run_binding(self, event: events.Key) -> bool:
        """Run the action bound to a key now; a bubbling key could be overtaken by the next one."""
        if not event.is_forwarded or not await self._check_bindings(event.key):
            return False
        event.stop()
        event.prevent_default()
        return True

    def _consume_key(self, key: str) -> bool:
        """Dismiss the notice; return whether the key does nothing else."""
        if key == "ctrl+c":
            return False
        asks_to_quit = self._asks_to_quit
        self._dismiss_notice()
        if key == "ctrl+q":
            return False
        if is_too_small(self.size):
            return True
        return asks_to_quit and not key.startswith("f")

    @property
    def _asks_to_quit(self) -> bool:
        """Whether the first Ctrl+C is answered on the screen. No other notice has keys."""
        notice = self.page_screen.notice
        return self.screen is self.page_screen and notice is not None and bool(notice.keys)

    def _dismiss_notice(self) -> None:
        if self.page_screen.notice is not None:
            self.page_screen.show_notice(None)

    def action_interrupt(self) -> None:
        """Quit on the second Ctrl+C: many people press it to copy."""
        t = self.t
        if self._asks_to_quit:
            self.exit(Exit.INTERRUPTED)
            return
        self._go_to_page()
        hint = t("Press Ctrl+C again to quit. Everything you have done is saved.")
        if self.page.badge == "DEMO":
            hint = t("Press Ctrl+C again to quit the demo.")
        copying = t(
            "To copy, select the text with the mouse. PuTTY copies it at once; in Windows Terminal, "
            "press Ctrl+Shift+C."
        )
        keys = (
            pages.Key("Ctrl+C", t("quit")),
            pages.Key(t("any other key"), t("continues")),
            pages.Key("F1", t("help")),
        )
        self.show_notice(hint, copying, keys=keys)

    def _go_to_page(self) -> None:
        """Close the help or the question on top of the page."""
        if self.screen is not self.page_screen:
            self.pop_screen()

    # --- quitting ---

    def action_ask_to_leave(self) -> None:
        """Ask whether to quit; where there is nothing to interrupt, finish the walk instead.

        Where the question could not be seen, quit at once, as the message about the window says.
        """
        if is_too_small(self.size):
            self.exit(Exit.INTERRUPTED)
        elif self.page.leave is not None and not self.page.is_end:
            if not isinstance(self.screen, QuestionScreen):
                self._go_to_page()
                self.push_screen(QuestionScreen(self.page, is_leaving=True), self._act_on_leaving)
        elif self._work is not None or self.walk.is_finished:
            self.exit(Exit.INTERRUPTED)
        else:
            is_menu = "quit" in values_of(self.page)
            self.reply(pages.Chosen("quit") if is_menu else pages.Continue(), is_last=True)

    async def _act_on_leaving(self, value: str | None) -> None:
        if value == "erase":
            self.cancel()
            await self.walk.abandon()
        if value in {"erase", "quit"}:
            self.exit(Exit.INTERRUPTED)

    # --- help, language, text, clipboard ---

    def action_help(self) -> None:
        """Show the help of the page."""
        self.push_screen(HelpScreen(self.page))

    def action_language(self) -> None:
        """Switch to the other language, keeping what was typed."""
        self.t = Texts("en" if self.t.language == "nb" else "nb")
        self.refresh_page()

    def print_out(self, text: str) -> None:
        """Show a text on the normal screen until Enter is pressed."""
        self.run_worker(self._print_out(text), exclusive=True, group="printing")

    async def _print_out(self, text: str) -> None:
        try:
            with self.suspend():
                await show_until_enter(f"\n{text}\n\n{self.t('Press Enter to go back to the wizard.')} ")
        except SuspendNotSupported:
            self.show_notice(self.t("This terminal cannot show the step as plain text."))
        self._last_frame = []

    def action_copy(self) -> None:
        """Copy the page's text, or ask which one if there are several."""
        copies = self.page.copies
        if len(copies) == 1:
            self._copy(copies[0].text)
        elif copies:
            self.push_screen(QuestionScreen(self.page, is_leaving=False), self._copy)

    def _copy(self, text: str | None) -> None:
        if text is not None:
            self.run_worker(self._copy_to_terminal(text), group="copying", exclusive=True)

    async def _copy_to_terminal(self, text: str) -> None:
        if self._driver is not None:
            await send_to_clipboard(text, os.environ, self._driver.write)
            self.show_notice(
                self.t("Sent to the clipboard: {text}", text=text),
                self.t("PuTTY does not support this: select the text with the mouse instead."),
            )
