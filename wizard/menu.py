"""The start menu: what a person wants to do, with which config, and whether those that exist work."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from wizard import __version__
from wizard.actions.context import AppContext
from wizard.checks.offline import ValidateOptions
from wizard.checks.results import FileResult
from wizard.config import NoConfigs, PathMissing, find_configs, read_config
from wizard.domain.org_number import format_org_number
from wizard.domain.setup import Setup
from wizard.files.atomic import make_private_folder, write_atomically
from wizard.files.reading import LIST_LIMIT, read_regular
from wizard.findings import Finding, Severity, StepId, Verdict, codes
from wizard.guide import guide_steps
from wizard.paths import expanded
from wizard.setup.start import FRESH, RESUME, unfinished_card, unfinished_choices
from wizard.setup.state import SetupPage
from wizard.text import Texts
from wizard.walk.engine import explained, in_card
from wizard.walk.guided import body_of, guide_page, plain
from wizard.walk.page import (
    Again,
    Back,
    Bar,
    Block,
    Card,
    Choice,
    Chosen,
    Edit,
    Key,
    ListRow,
    Marked,
    Page,
    Paragraph,
    Progress,
    Reply,
    Rule,
    Searched,
    SearchList,
    Shown,
    State,
    Table,
    TableRow,
    Typed,
)
from wizard.walk.search import fits, searchable
from wizard.walk.words import moment_words, time_words

Task = Literal["setup", "rotate", "validate", "clients", "demo"]

_QUIT: Final = "quit"
_NOTED: Final = "checked.json"
_WORST_FIRST: Final = (State.BAD, State.UNKNOWN, State.WARNING, State.GOOD)


@dataclass(frozen=True, slots=True)
class _Config:
    """A config as a list shows it."""

    path: Path
    whose: str
    key: str
    is_office: bool


class Menu:
    """The menu, the list of configs behind it, and the results of checking them.

    Attributes:
        task: What was chosen for which this is not the place: a command goes on with it.
        path: The config that it is about.
    """

    def __init__(
        self,
        context: AppContext,
        t: Texts,
        *,
        unfinished: SetupPage | None = None,
        set_up: Callable[[bool | None, Callable[[], Shown]], Shown],
    ) -> None:
        """Prepare the menu.

        Args:
            context: The outside world.
            t: The language to begin in.
            unfinished: A set-up that has not come to its end.
            set_up: Makes a set-up: whether an unfinished one is taken up, where its first page leads back.
        """
        self.t = t
        self.task: Task | None = None
        self.path: Path | None = None
        self.is_finished = False
        self.successor: Shown | None = None
        self._context = context
        self._unfinished = unfinished
        self._set_up = set_up
        self._part: Literal["menu", "pick", "results", "fix"] = "menu"
        self._wanted: Task = "rotate"
        self._search = ""
        self._problem: Finding | None = None
        self._results: list[FileResult] = []
        self._total = 0
        self._marked = ""
        self._is_busy = False
        self._checked_at: datetime | None = None
        self._configs = self._find()

    # --- what a face asks ---

    def page(self, t: Texts) -> Page:
        """Return what is to be shown."""
        self.t = t
        match self._part:
            case "menu":
                return self._menu(t)
            case "pick":
                return self._pick(t)
            case "results":
                return self._table(t)
            case "fix":
                return self._fix(t)

    def document(self, t: Texts) -> str:
        """Return nothing: no page has a file behind it."""
        del t
        return ""

    def edit(self, edit: Edit) -> None:
        """Take up what was typed or marked."""
        match edit:
            case Searched(text):
                self._search, self._problem = text, None
            case Marked(value):
                self._marked = value

    async def begin(self, on_change: Callable[[], None]) -> None:
        """Do nothing: everything is known."""
        del on_change

    async def reply(self, reply: Reply, on_change: Callable[[], None]) -> None:
        """Take an answer."""
        match reply:
            case Back():
                self._go_back()
            case Chosen(value) if self._part == "menu":
                await self._choose(value, on_change)
            case Chosen(value) | Typed(value) if self._part == "pick":
                self._take_path(value)
            case Again() if self._part in {"results", "fix"}:
                await self._check(on_change)
            case Chosen(value) if self._part == "fix":
                await self._take_fix(value, on_change)
            case Chosen(value) if self._part == "results" and self._fixable:
                self._marked, self._part = value, "fix"

    async def abandon(self) -> None:
        """Forget nothing: nothing was answered."""

    def summary(self, t: Texts) -> str:
        """Return nothing: a menu leaves nothing behind."""
        del t
        return ""

    # --- the menu ---

    def _menu(self, t: Texts) -> Page:
        head = (
            unfinished_choices(self._unfinished, t)
            if self._unfinished is not None
            else (
                Choice(
                    "setup",
                    t("Connect Finale to Tripletex"),
                    note=t("First time, for a company or an office"),
                ),
            )
        )
        has_office = any(config.is_office for config in self._configs)
        choices = (
            *head,
            Choice(
                "rotate", t("Change the API key"), note=t("The old one works until you are done"), gap=True
            ),
            Choice("validate", t("Check configs"), note=t("Does the key work? Do figures come?")),
            Choice(
                "clients",
                t("Clients the key can access"),
                note=t("For accounting offices") if has_office else t("no office key yet"),
                is_enabled=has_office,
            ),
            Choice("demo", t("Try the demo"), note=t("All made up, nothing is changed"), gap=True),
            Choice(_QUIT, t("Quit")),
        )
        return Page(
            step="menu",
            title=t("What would you like to do?"),
            progress=Progress(0, 0, f"tripletex-wizard {__version__}"),
            choices=choices,
            marked=choices[0].value,
            menu_note=True,
            card=unfinished_card(self._unfinished, t) if self._unfinished is not None else None,
            after=self._known(t),
            keys=self._keys(t, Key("Enter", t("choose")), Key("↑↓", t("move"))),
            help=guide_page(StepId.WELCOME, t.language).topics,
        )

    def _known(self, t: Texts) -> tuple[Block, ...]:
        if self._unfinished is not None:
            return ()
        rule = Rule(t("Config files"))
        if not self._configs:
            return (rule, Paragraph(t("No config files yet. Choose 1.")))
        count = t.plural("{n} file", "{n} files", len(self._configs))
        noted = _read_noted(self._context.state_folder)
        if noted is not None:
            at, wrong = noted
            count += f" · {t('last checked {when}', when=moment_words(at.astimezone(), t))} · "
            count += (
                t.plural("{n} needs attention", "{n} need attention", wrong) if wrong else t("all in order")
            )
        folder = str(self._context.config_folder)
        return (rule, Paragraph(plain(folder)), Paragraph(plain(count), is_close=True))

    def _find(self) -> list[_Config]:
        with suppress(NoConfigs, PathMissing, OSError):
            return [self._seen(path) for path in find_configs([self._context.config_folder])]
        return []

    def _seen(self, path: Path) -> _Config:
        config = read_config(path).config
        if config is None:
            return _Config(path, "", "", is_office=False)
        number = "" if config.key_id is None else str(config.key_id)
        return _Config(path, _whose(config.setup, config.org_number, self.t), number, config.setup.is_bureau)

    def _keys(self, t: Texts, *keys: Key) -> tuple[Key, ...]:
        language = Key("F2", "English" if t.language == "nb" else "Norsk")
        if self._is_busy:
            return (Key("Esc", t("cancel")), language, Key("Ctrl+Q", t("quit")), Key("F1", t("help")))
        back = () if self._part == "menu" else (Key("Esc", t("menu")),)
        return (*keys, *back, language, Key("Ctrl+Q", t("quit")), Key("F1", t("help")))

    async def _choose(self, value: str, on_change: Callable[[], None]) -> None:
        if value in {"setup", RESUME, FRESH}:
            takes_up = {RESUME: True, FRESH: False}.get(value)
            self.task, self.successor = "setup", self._set_up(takes_up, self._again)
            self.is_finished = True
            return
        match value:
            case "validate":
                await self._check(on_change)
            case "rotate" | "clients":
                self._wanted, self._search = value, ""
                fitting = self._fitting()
                if len(fitting) == 1:
                    self._end_with(value, fitting[0].path)
                else:
                    self._part = "pick"
            case "demo":
                self._end_with("demo", None)
            case _:
                self.is_finished = True

    def _again(self) -> "Menu":
        return Menu(self._context, self.t, unfinished=None, set_up=self._set_up)

    def _end_with(self, task: Task, path: Path | None) -> None:
        self.task, self.path, self.is_finished = task, path, True

    def _go_back(self) -> None:
        self._part = "results" if self._part == "fix" else "menu"
        self._problem = None

    # --- which config ---

    def _fitting(self) -> list[_Config]:
        return [config for config in self._configs if config.is_office or self._wanted != "clients"]

    def _pick(self, t: Texts) -> Page:
        configs = self._fitting()
        rows = tuple(
            ListRow(
                str(config.path),
                config.path.name,
                config.whose,
                t("key {number}", number=config.key) if config.key else "",
            )
            for config in configs
            if not self._search
            or fits(self._search, searchable((config.path.name, config.whose, config.key)))
        )
        card = in_card(self._problem, t) if self._problem is not None else None
        if card is None and self._search and not rows:
            card = Card(
                State.RESTING,
                t("Nothing matches “{text}”.", text=self._search),
                (t("Type a path, for example /etc/finale/client.toml."),),
            )
        task = t("Change key") if self._wanted == "rotate" else t("Clients")
        count = t.plural("{n} file", "{n} files", len(configs))
        return Page(
            step="menu",
            part=f"pick-{self._wanted}",
            title=t("Which config file?"),
            note=f"{self._context.config_folder} · {count}",
            progress=Progress(0, 0, task),
            body=(Paragraph(t("Searches name, company and organisation number. You can also type a path.")),),
            answer=SearchList(
                t("Find a config file"),
                rows,
                self._search,
                State.BAD if self._problem is not None else State.RESTING,
                is_path=True,
            ),
            card=card,
            keys=self._keys(t, Key("Enter", t("choose")), Key("Tab", t("complete the path"))),
            can_go_back=True,
        )

    def _take_path(self, text: str) -> None:
        path = Path(expanded(text.strip()))
        if not text.strip() or not os.path.exists(path):  # noqa: PTH110 - Path.exists raises for a name too long
            self._problem = codes.NOT_THERE.found(path=text.strip() or "?")
        elif path.is_dir():
            self._problem = codes.NOT_A_FILE.found()
        else:
            self._end_with(self._wanted, path)

    # --- the results ---

    async def _check(self, on_change: Callable[[], None]) -> None:
        """Check every config; results come in the order in which they arrive, and are sorted at the end."""
        from wizard.checks.validation import validate  # noqa: PLC0415 - the menu needs no network

        self._part, self._results, self._marked = "results", [], ""
        self._configs = self._find()
        self._total, self._is_busy = len(self._configs), True
        on_change()
        try:
            paths = [config.path for config in self._configs]
            async for result in validate(paths, ValidateOptions(), self._context):
                self._results.append(result)
                on_change()
        finally:
            self._is_busy = False
            self._results.sort(key=lambda each: (_WORST_FIRST.index(_state_of(each)), each.path))
            self._checked_at = self._context.now().astimezone()
            self._note()
            on_change()

    def _note(self) -> None:
        """Note when the configs were checked, and how many need attention; a convenience, no more."""
        if len(self._results) < self._total or self._checked_at is None:
            return
        wrong = sum(_state_of(each) is not State.GOOD for each in self._results)
        with suppress(OSError):
            make_private_folder(self._context.state_folder)
            noted = json.dumps({"at": self._checked_at.isoformat(), "wrong": wrong})
            write_atomically(self._context.state_folder / _NOTED, noted.encode())

    @property
    def _here(self) -> FileResult | None:
        named = {result.path: result for result in self._results}
        return named.get(self._marked) or (self._results[0] if self._results and not self._is_busy else None)

    @property
    def _fixable(self) -> Finding | None:
        """The finding of the marked row that a page of the guide helps with."""
        finding = _worst(self._here)
        return finding if finding is not None and finding.step in guide_steps() else None

    def _table(self, t: Texts) -> Page:
        here = self._here
        when = [time_words(self._checked_at, t)] if self._checked_at and not self._is_busy else []
        count = t.plural("{n} file", "{n} files", self._total)
        finding = _worst(here)
        rows = tuple(self._row(result, t) for result in self._results)
        fixing = (Key("Enter", t("fix it")),) if self._fixable else ()
        return Page(
            step="menu",
            part="results",
            title=t("Check configs"),
            note=" · ".join([str(self._context.config_folder), count, *when]),
            progress=Progress(0, 0, t("Check configs")),
            answer=Table(
                (t("Result"), t("Config file"), t("Company or client"), t("Key")),
                rows,
                here.path if here and not self._is_busy else "",
                right=True,
            ),
            card=self._card(here, finding, t),
            after=self._below(t),
            keys=self._keys(t, *fixing, Key("Ctrl+R", t("check again")), Key("F3", t("show as text"))),
            is_busy=self._is_busy,
            is_held=not fixing,
            help=explained(finding, t),
            can_go_back=True,
        )

    def _row(self, result: FileResult, t: Texts) -> TableRow:
        key = result.key.id if result.key else None
        name = (result.company.name if result.company else None) or _whose(result.setup, "", t)
        cells = (Path(result.path).name, name, "" if key is None else str(key))
        return TableRow(result.path, cells, _state_of(result))

    def _card(self, here: FileResult | None, finding: Finding | None, t: Texts) -> Card | None:
        if here is None or self._is_busy:
            return None
        name = Path(here.path).name
        if finding is None:
            return Card(State.GOOD, name, (t("Everything is in order."),))
        card = in_card(finding, t)
        return Card(card.state, name, (finding.message(t), finding.hint(t)), card.code)

    def _below(self, t: Texts) -> tuple[Block, ...]:
        if self._is_busy:
            names = [config.path.name for config in self._configs]
            name = names[min(len(self._results), len(names) - 1)] if names else ""
            return (Bar(len(self._results), self._total, t("Checking {name} …", name=name)),)
        if not self._results:
            return (Paragraph(t("No config files yet. Choose 1.")),)
        states = [_state_of(result) for result in self._results]
        counts = [
            (states.count(State.BAD), t.plural("{n} error", "{n} errors", states.count(State.BAD))),
            (states.count(State.UNKNOWN), t("{n} unknown", n=states.count(State.UNKNOWN))),
            (
                states.count(State.WARNING),
                t.plural("{n} warning", "{n} warnings", states.count(State.WARNING)),
            ),
            (states.count(State.GOOD), t("{n} in order", n=states.count(State.GOOD))),
        ]
        return (Paragraph(" · ".join(words for count, words in counts if count)),)

    # --- how to fix it ---

    def _fix(self, t: Texts) -> Page:
        finding, here = self._fixable, self._here
        if finding is None or here is None or finding.step is None:
            return self._table(t)
        guide = guide_page(finding.step, t.language, here.setup)
        change = (Choice("rotate", t("Change the API key")),) if finding.step is StepId.CREATE_KEY else ()
        return Page(
            step="menu",
            part="fix",
            title=guide.title,
            note=Path(here.path).name,
            progress=Progress(0, 0, t("Check configs")),
            body=body_of(guide, finding),
            card=in_card(finding, t),
            choices=(*change, Choice("again", t("Check again"))),
            keys=self._keys(t, Key("Enter", t("choose")), Key("↑↓", t("move"))),
            help=(*explained(finding, t), *guide.topics),
            can_go_back=True,
        )

    async def _take_fix(self, value: str, on_change: Callable[[], None]) -> None:
        if value == "rotate" and self._here is not None:
            self._end_with("rotate", Path(self._here.path))
        else:
            await self._check(on_change)


def _whose(setup: Setup | None, org_number: str, t: Texts) -> str:
    match setup:
        case Setup.BUREAU_SHARED:
            return t("Common for all clients")
        case Setup.BUREAU_CLIENT if org_number:
            return format_org_number(org_number)
        case Setup.SINGLE_COMPANY:
            return t("Single company")
        case _:
            return ""


def _worst(result: FileResult | None) -> Finding | None:
    """Return the finding that a row is about: an error, else a warning."""
    if result is None:
        return None
    order = (Severity.ERROR, Severity.WARNING)
    found = [finding for finding in result.findings if finding.severity in order]
    return min(found, key=lambda each: (order.index(each.severity), each.code.is_unknown), default=None)


def _state_of(result: FileResult) -> State:
    if result.status is Verdict.INVALID:
        return State.BAD
    if result.status is Verdict.UNKNOWN:
        return State.UNKNOWN
    return State.WARNING if result.has_warning else State.GOOD


def _read_noted(folder: Path) -> tuple[datetime, int] | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        noted = json.loads(read_regular(folder / _NOTED, LIST_LIMIT))
        return datetime.fromisoformat(noted["at"]), int(noted["wrong"])
    return None
