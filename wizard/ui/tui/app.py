"""The full-screen application: shows a walk, page after page, and the terminal it runs in."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
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
from wizard.domain.key import BEGINNING, Secret
from wizard.text import Language, Texts
from wizard.ui.tui.blocks import Look
from wizard.ui.tui.body import is_same_page, values_of
from wizard.ui.tui.clipboard import has_clipboard, send_to_clipboard
from wizard.ui.tui.crash import CrashReporting
from wizard.ui.tui.fields import Field, SecretInput
from wizard.ui.tui.help import HelpScreen, QuestionScreen
from wizard.ui.tui.layout import is_full, is_too_small
from wizard.ui.tui.screen import FramedScreen, PageScreen
from wizard.ui.tui.terminal import ChangedCells, clearing_driver, show_until_enter
from wizard.ui.tui.theme import COLOURLESS, SPINNER, AsciiSymbols, needs_ascii, theme_for
from wizard.walk.page import (
    Back,
    Card,
    Chosen,
    Continue,
    Copy,
    Edit,
    Key,
    Page,
    Pasted,
    Reply,
    Shown,
    State,
    Table,
    TextField,
)

if TYPE_CHECKING:
    from textual.strip import Strip
    from textual.timer import Timer
    from textual.worker import Worker

_TICKS_BEFORE_SPINNER: Final = 2
"""Ticks of a quarter of a second before a wait has a spinner."""
_KEY_TIMEOUT: Final = 0.5
"""Seconds for which keys wait for the page that an answer leads to."""


class WizardApp(CrashReporting, inherit_bindings=False):
    """Shows a walk until it is finished or left.

    Its value is the exit code: 0, 130 or 128 and a signal's number; None when it crashed.

    Attributes:
        walk: What is shown; its successor once it is finished.
        page: What it shows now.
        page_screen: The screen of it, which others may stand before.
        t: The reader's language.
        spinner: The frame that is shown while something runs; a space in the first moments.
    """

    TITLE = "tripletex-wizard"
    CSS_PATH = "wizard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", priority=True),
        Binding("ctrl+q", "ask_to_leave", priority=True),
        Binding("f1", "help"),
        Binding("f2", "language", priority=True),
    ]
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self,
        walk: Shown,
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
        self._has_clipboard = has_clipboard(os.environ)
        self._apply_theme(theme, has_colours=has_colours)
        self.page = self._copyable(walk.page(self.t))
        self.page_screen = PageScreen(self.page)
        self._work: Worker[None] | None = None
        self._answered_at = 0.0
        self._page_changed = asyncio.Event()
        self._last_key_at, self._last, self._is_token_typed = 0.0, "", False
        self._spinner_timer: Timer | None = None
        self._ticks = 0
        self._drafts: dict[tuple[str, str], str] = {}
        self._is_interrupt_armed = self._is_leaving = self._is_update_pending = False
        self._shown: list[Strip] = []
        self._event_loop: asyncio.AbstractEventLoop | None = None

    def _apply_theme(self, theme: str, *, has_colours: bool) -> None:
        """Choose theme and symbols for this terminal."""
        few = self.console.color_system in {None, "standard", "windows"}
        chosen = theme_for(os.environ, has_few_colours=few, wanted=theme) if has_colours else COLOURLESS
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
        """What the drawing of a block depends on besides the block."""
        return Look(self.t, self.spinner, is_compact=not is_full(self.size))

    # --- the terminal ---

    def get_driver_class(self) -> type[Driver]:
        """Return Textual's driver, made to clear before it leaves."""
        return clearing_driver(super().get_driver_class())

    def get_default_screen(self) -> Screen[Any]:
        """Begin with the page itself: there is nothing before it."""
        self._event_loop = asyncio.get_running_loop()
        return self.page_screen

    def on_mount(self) -> None:
        """Let the walk begin."""
        self._begin()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        del renderable
        if (
            screen is self.screen
            and isinstance(screen, FramedScreen)
            and screen.is_laid_out
            and not self._batch_count
        ):
            now = [strip.discard_meta().simplify() for strip in screen._compositor.render_strips()]  # noqa: SLF001
            was, self._shown = self._shown, now
            super()._display(screen, cast("RenderableType", ChangedCells(was, now)))

    def on_resize(self) -> None:
        """Send everything again: what the terminal made of it is not known."""
        self._shown = []

    def copy_to_clipboard(self, text: str) -> None:
        """Copy nothing: whatever Textual itself would send may be a key."""

    def end(self, code: int) -> None:
        """End in order; may be called from a signal handler."""
        if self._event_loop is None or self._event_loop.is_closed():
            raise SystemExit(code)
        self._event_loop.call_soon_threadsafe(self.exit, code)

    def summary(self) -> str:
        """Return what stays in the terminal."""
        return self.walk.summary(self.t)

    # --- the page ---

    def _copyable(self, page: Page) -> Page:
        return page if self._has_clipboard else replace(page, copies=())

    def refresh_page(self) -> None:
        """Take up what the walk shows now."""
        self.page = self._copyable(self.walk.page(self.t))
        self._page_changed.set()
        if self.page != self.page_screen.page:
            self.update_screen(self.page_screen)

    def _follow(self) -> None:
        """Take up what has changed; results that follow one another, with the next turn of the spinner."""
        self._is_update_pending = self.is_busy and self.page.is_busy and isinstance(self.page.answer, Table)
        if not self._is_update_pending:
            self.refresh_page()

    def update_screen(self, screen: FramedScreen) -> None:
        """Have a screen show what the walk shows now, once it can."""
        if not screen.is_laid_out:
            screen.needs_update = True
        elif screen is not self.page_screen:
            screen.show_page(self.page)
        elif is_same_page(screen.page, self.page) and self.page_screen.can_show(self.page):
            self._show()
        else:
            self.call_later(self._change_page)

    def _show(self) -> None:
        """Show another state of the page, in whatever stands in its place."""
        for screen in self.screen_stack:
            if isinstance(screen, FramedScreen):
                screen.show_page(self.page)

    async def _change_page(self) -> None:
        """Put another page on the screen; the keys that come meanwhile are for it."""
        screen, page = self.page_screen, self.page
        before = screen.page
        is_same = is_same_page(before, page)
        if is_same and screen.can_show(page):
            self._show()
            return
        if isinstance(before.answer, TextField):
            self._drafts[before.step, before.part] = screen.typed
        if isinstance(self.screen, HelpScreen):
            await self.pop_screen()
        typed = self._drafts.get((page.step, page.part))
        await screen.change_page(page, typed=typed, is_same=is_same)

    def edit(self, edit: Edit) -> None:
        """Tell the walk what is typed or marked."""
        self.walk.edit(edit)
        self.refresh_page()

    # --- work ---

    @property
    def is_busy(self) -> bool:
        """Whether a reply is being worked in."""
        return self._work is not None

    def _begin(self) -> None:
        self._run(self.walk.begin(self._follow))

    def reply(self, reply: Reply) -> None:
        """Answer, unless an answer is still being worked in."""
        if self._work is None:
            self._run(self.walk.reply(reply, self._follow), reply)

    def paste_secret(self, text: str) -> None:
        """Answer with a token; a second one takes the place of what is being worked on."""
        self.cancel()
        reply = Pasted(Secret(text))
        self._run(self.walk.reply(reply, self._follow), reply)

    def cancel(self) -> None:
        """Stop what runs."""
        if self._work is not None:
            work, self._work = self._work, None
            work.cancel()
            self._reset_spinner(is_on=False)

    def _run(self, work: Coroutine[Any, Any, None], reply: Reply | None = None) -> None:
        self._reset_spinner(is_on=True)
        self._answered_at = monotonic()
        self._work = self.run_worker(self._run_work(work, reply, self.page))

    async def _run_work(self, work: Coroutine[Any, Any, None], reply: Reply | None, before: Page) -> None:
        here = self._work
        try:
            await work
        finally:
            if self._work is here or here is None:
                self._work = None
                self._reset_spinner(is_on=False)
            self.refresh_page()
        if self.walk.is_finished:
            self._start_successor()
        elif self._is_leaving:
            self.exit(Exit.DONE)
        elif isinstance(reply, Back) and self.page == before:
            self.action_ask_to_leave()

    def _start_successor(self) -> None:
        successor = self.walk.successor
        if successor is None or self._is_leaving:
            self.exit(Exit.DONE)
            return
        self.walk = successor
        self._drafts.clear()
        self.refresh_page()
        self._begin()

    def _reset_spinner(self, *, is_on: bool) -> None:
        """Turn the spinner while something runs; an idle wizard sends nothing."""
        if self._spinner_timer is not None:
            self._spinner_timer.stop()
            self._spinner_timer = None
        self._ticks, self.spinner = 0, " "
        if is_on:
            self._spinner_timer = self.set_interval(0.25, self.turn_spinner)

    def turn_spinner(self) -> None:
        """Turn the spinner, once a wait has been long enough for one."""
        self._ticks += 1
        if self._is_update_pending:
            self._is_update_pending = False
            self.refresh_page()
        if self._ticks >= _TICKS_BEFORE_SPINNER:
            self.spinner = SPINNER[self._ticks % len(SPINNER)]
            self.page_screen.refresh_spinner()

    # --- what the face says itself ---

    def show_notice(self, *lines: str, state: State = State.RESTING, keys: tuple[Key, ...] = ()) -> None:
        """Say something in the card until the next key."""
        self.page_screen.show_notice(Card(state, "", lines), keys)

    async def on_event(self, event: events.Event) -> None:
        """Take keys and pastes one after the other; the first takes back what was said before it.

        The next one is not taken before the page stands there to which this one leads. Over a slow line, and
        from a person who knows the way, several come at once.
        """
        is_typed = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if not is_typed or not self._screen_stack:
            await super().on_event(event)
            return
        if isinstance(event, events.Paste):
            self._dismiss_notice()
        elif isinstance(event, events.Key) and (
            self._is_part_of_token(event) or self._is_consumed(event.key)
        ):
            return
        receiver = self.focused or self.screen
        await super().on_event(event)
        with suppress(TimeoutError):
            async with asyncio.timeout(_KEY_TIMEOUT):
                taken = asyncio.Event()
                if event.is_forwarded and receiver.call_later(taken.set):
                    await taken.wait()
            await self._await_page()

    async def _await_page(self) -> None:
        """Wait for the page that an answer leads to, unless it takes long: a wait can be cancelled."""
        async with asyncio.timeout(self._answered_at + _KEY_TIMEOUT - monotonic()):
            while self._work is not None and not self.page.is_busy:
                self._page_changed.clear()
                await self._page_changed.wait()
        if self.page != self.page_screen.page and self.is_running:
            await self._change_page()

    def _is_part_of_token(self, event: events.Key) -> bool:
        """Whether a key press is of a token that is pasted where it could be read, or answer something.

        GNU screen and old consoles do not mark pastes: each character comes as if it was typed.
        """
        is_in_one_go, self._last_key_at = event.time - self._last_key_at < _KEY_TIMEOUT, event.time
        self._last = f"{self._last if is_in_one_go else ''}{event.character or ''}"[-len(BEGINNING) :]
        self._is_token_typed &= is_in_one_go
        if not self._is_token_typed and self._last == BEGINNING:
            if isinstance(self.focused, SecretInput):
                return False
            self._is_token_typed = True
            if isinstance(self.focused, Field):
                self.focused.refuse_token(typed=len(BEGINNING) - 1)
        return self._is_token_typed

    async def run_binding(self, event: events.Key) -> bool:
        """Do at once what is bound to a key: while Textual lets it bubble up, the next overtakes it."""
        if not event.is_forwarded or not await self._check_bindings(event.key):
            return False
        event.stop()
        event.prevent_default()
        return True

    def _is_consumed(self, key: str) -> bool:
        if key == "ctrl+c":
            return False
        was_interrupt_armed, had_notice = self._is_interrupt_armed, self.page_screen.notice is not None
        self._dismiss_notice()
        if key == "ctrl+q":
            return False
        if is_too_small(self.size):
            return True
        is_on_page = self.screen is self.page_screen
        return is_on_page and (
            (was_interrupt_armed and not key.startswith("f")) or (had_notice and key == "escape")
        )

    def _dismiss_notice(self) -> None:
        self._is_interrupt_armed = False
        if self.page_screen.notice is not None:
            self.page_screen.show_notice(None)

    def action_interrupt(self) -> None:
        """Ask for a second Ctrl+C: in PuTTY, people press it to copy."""
        t = self.t
        if self._is_interrupt_armed:
            self.exit(Exit.INTERRUPTED)
            return
        if self.screen is not self.page_screen:
            # What is said stands on the page.
            self.pop_screen()
        kept = t("Press Ctrl+C again to quit. Everything you have done is saved.")
        if self.page.badge == "DEMO":
            kept = t("Press Ctrl+C again to quit the demo.")
        copying = t(
            "To copy, mark the text with the mouse. PuTTY copies it at once; in Windows Terminal, "
            "press Ctrl+Shift+C."
        )
        keys = Key("Ctrl+C", t("quit")), Key(t("any other key"), t("continues")), Key("F1", t("help"))
        self.show_notice(kept, copying, keys=keys)
        self._is_interrupt_armed = True

    # --- leaving ---

    def action_ask_to_leave(self) -> None:
        """Ask, unless nothing is broken off by leaving: then leaving is finishing."""
        if self.page.leave is not None and not self.page.is_end:
            self._ask_to_leave()
        elif self._work is not None or self.walk.is_finished:
            self.exit(Exit.INTERRUPTED)
        else:
            self._is_leaving = True
            self.reply(Chosen("quit") if "quit" in values_of(self.page) else Continue())

    def _ask_to_leave(self) -> None:
        if not isinstance(self.screen, QuestionScreen):
            self.push_screen(QuestionScreen(self.page, is_leaving=True), self._act_on_leaving)

    def _act_on_leaving(self, value: str | None) -> None:
        if value == "erase":
            self.cancel()
            self.run_worker(self._abandon())
        elif value == "quit":
            self.exit(Exit.INTERRUPTED)

    async def _abandon(self) -> None:
        await self.walk.abandon()
        self.exit(Exit.INTERRUPTED)

    # --- help, language, text, clipboard ---

    def action_help(self) -> None:
        """Show the help of the page."""
        self.push_screen(HelpScreen(self.page))

    def action_language(self) -> None:
        """Go on in the other language; what was typed stays."""
        self.t = Texts("en" if self.t.language == "nb" else "nb")
        self.page = self._copyable(self.walk.page(self.t))
        self._show()

    def print_page(self, page: Page) -> None:
        """Leave the full screen for a moment, and put the page or its file there as text."""
        if self.is_busy and not page.has_document:
            return
        text = self.walk.document(self.t) if page.has_document else self.page_screen.as_text()
        self.print_out(text)

    def print_out(self, text: str) -> None:
        """Leave the full screen until Enter, and put a text there."""
        self.run_worker(self._print_out(text), exclusive=True, group="printing")

    async def _print_out(self, text: str) -> None:
        try:
            with self.suspend():
                await show_until_enter(f"\n{text}\n\n{self.t('Press Enter to go back to the wizard.')} ")
        except SuspendNotSupported:
            self.show_notice(self.t("This terminal cannot show the step as plain text."))
        self._shown = []

    def copy(self, copies: tuple[Copy, ...]) -> None:
        """Copy a text, or ask which."""
        if len(copies) == 1:
            self._copy(copies[0].text)
        elif copies:
            self.push_screen(QuestionScreen(self.page, is_leaving=False), self._copy)

    def _copy(self, text: str | None) -> None:
        if text is not None:
            self.run_worker(self._send(text), group="copying", exclusive=True)

    async def _send(self, text: str) -> None:
        if self._driver is not None:
            await send_to_clipboard(text, os.environ, self._driver.write)
            self.show_notice(
                self.t("Sent to the clipboard: {text}", text=text),
                self.t("PuTTY does not support this: mark the text with the mouse instead."),
            )
