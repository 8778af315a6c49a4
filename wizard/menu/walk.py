"""The walk for the menu: the menu itself, and the page for choosing a config."""

import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from wizard import __version__
from wizard.context import AppContext
from wizard.domain.setup import Setup, format_org_number
from wizard.findings import Finding, Verdict, codes
from wizard.menu.results import CLIENTS_STEP, FIX_STEP, RESULTS_STEP, faulty_lines
from wizard.menu.state import CLIENTS, DEMO, QUIT, ROTATE, SETUP, VALIDATE, MenuState, MenuStep
from wizard.paths import UserUnknown, expanded
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk, unfinished_card, version_1_card
from wizard.text import N_, Texts
from wizard.walk import pages
from wizard.walk.cards import finding_card, plain
from wizard.walk.engine import Move, Step, Then, Walk
from wizard.walk.journal import LEFT_TO_FIX
from wizard.walk.pages import Card, Choice, Chosen, Key, Page, Reply, State
from wizard.walk.search import fits, searchable
from wizard.walk.words import FRESH, RESUME, day_words, resume_choices, unfinished_rotation_card

_HELP: Final = (
    (
        N_("Connect Finale to Tripletex"),
        N_("The first time: six steps, about five minutes, with Tripletex open next to it."),
    ),
    (
        N_("Change the API key"),
        N_("Once a year, or when somebody leaves. You can undo it until the old key is deleted."),
    ),
    (
        N_("Check configs"),
        N_("Asks Tripletex whether each key works and whether Finale gets its figures."),
    ),
    (
        N_("Clients the key can access"),
        N_("For an accounting office: the clients of its key, those with something wrong first."),
    ),
    (
        N_("Try the demo"),
        N_("The whole set-up with a simulated Tripletex. Nothing on this machine is changed."),
    ),
)
"""The title and text of each topic of the help."""


def _show_menu(state: MenuState, t: Texts) -> Page:
    card, first = _unfinished(state, t)
    has_office = bool(state.office_paths)
    rest = (
        Choice(ROTATE, t("Change the API key"), note=t("The old one works until you are done"), gap=True),
        Choice(VALIDATE, t("Check configs"), note=t("Tests the key and reads the figures")),
        Choice(
            CLIENTS,
            t("Clients the key can access"),
            note=t("For accounting offices") if has_office else t("no office key yet"),
            is_enabled=has_office,
        ),
        Choice(DEMO, t("Try the demo"), note=t("All made up, nothing is changed"), gap=True),
        Choice(QUIT, t("Quit")),
    )
    return Page(
        title=t("What would you like to do?"),
        card=card,
        choices=(*first, *rest),
        marked=first[0].value,
        menu_note=True,
        enter=t("choose"),
        after=_configs(state, t),
        is_end=True,
        help=(*_resume_help(state, t), *_help(t)),
    )


def _unfinished(state: MenuState, t: Texts) -> tuple[Card | None, tuple[Choice, ...]]:
    saved = state.saved_setup
    connect = Choice(SETUP, t("Connect Finale to Tripletex"), note=t("First time, company or office"))
    if saved is not None:
        card, choices = unfinished_card(saved, t), resume_choices(saved.answers.key, t)
        if saved.target is None:
            return card, choices
        return card, (choices[0]._replace(note=saved.target.name), connect)
    if state.saved_rotation is not None:
        names = ", ".join(path.name for path in state.saved_rotation.paths[:3])
        card = unfinished_rotation_card(state.saved_rotation.new, t)
        resume, _ = resume_choices(state.saved_rotation.new, t)
        return card._replace(lines=(names, *card.lines)), (resume._replace(note=names), connect)
    return version_1_card(state.earlier, t) if state.earlier else None, (connect,)


def _configs(state: MenuState, t: Texts) -> tuple[pages.Block, ...]:
    if not state.paths:
        return (pages.Rule(t("Config files")), pages.Paragraph(t("No config files yet. Choose 1.")))
    words = [t.plural("{n} file", "{n} files", len(state.paths)), *_last_check(state, t)]
    folder = plain(state.folder)
    return (
        pages.Rule(t("Config files")),
        pages.Paragraph(folder),
        pages.Paragraph(" · ".join(words), is_close=True),
    )


def _last_check(state: MenuState, t: Texts) -> tuple[str, ...]:
    checked = [each for each in state.known.values() if each.at and Path(each.path) in state.paths]
    if not checked:
        return ()
    moment = datetime.fromisoformat(max(each.at for each in checked)).astimezone()
    count = Counter(each.said for each in checked)
    if bad := count[Verdict.INVALID]:
        said = t("{n} must be fixed", n=bad)
    elif count[LEFT_TO_FIX]:
        said = t("something is left to fix")
    elif count[Verdict.UNKNOWN]:
        said = t("not everything could be checked")
    elif warned := count["warning"]:
        said = t.plural("{n} warning", "{n} warnings", warned)
    else:
        said = t("all in order")
    when = day_words(moment, state.context.now().astimezone(), t)
    return (t("last checked {when}", when=when), said)


def _resume_help(state: MenuState, t: Texts) -> tuple[pages.Topic, ...]:
    if state.saved_setup is None:
        return ()
    text = t("Your answers and the key are kept. “Start again” deletes the answers, but never the key.")
    return (pages.Topic(t("Continue where you left off"), (pages.Paragraph(text),)),)


def _help(t: Texts) -> tuple[pages.Topic, ...]:
    return tuple(pages.Topic(t(title), (pages.Paragraph(t(text)),)) for title, text in _HELP)


async def _arrive_at_menu(state: MenuState) -> Move:
    state.refresh()
    state.task, state.chosen = state.only_task, None
    if not state.only_task:
        return Then.STAY
    # If there are configs, all of them are checked.
    return MenuStep.RESULTS if state.only_task == VALIDATE and state.paths else MenuStep.PICK


async def _take_task(state: MenuState, reply: Reply) -> Move:
    if not isinstance(reply, Chosen):
        return Then.END if isinstance(reply, pages.Continue) else Then.STAY
    state.task = reply.value
    if reply.value == RESUME and state.saved_setup is not None and state.saved_setup.target is not None:
        state.command = (SETUP, str(state.saved_setup.target))
        return Then.END
    if reply.value == RESUME and state.saved_setup is None and state.saved_rotation is not None:
        state.command = (ROTATE, *map(str, state.saved_rotation.paths))
        return Then.END
    if reply.value in {RESUME, FRESH, SETUP}:
        state.resumes = None if reply.value == SETUP else reply.value == RESUME
        state.task = SETUP
        return Then.END
    if reply.value in {DEMO, QUIT}:
        state.command = (DEMO,) if reply.value == DEMO else ()
        return Then.END
    wanted = state.office_paths if state.task == CLIENTS else list(state.paths)
    if state.task == VALIDATE and wanted:
        return MenuStep.RESULTS
    if len(wanted) == 1:
        return _with_config(state, wanted[0])
    return MenuStep.PICK


def _with_config(state: MenuState, path: Path) -> Move:
    """Continue the task with a config."""
    state.chosen = path
    if state.task == CLIENTS:
        return MenuStep.CLIENTS
    if state.task == VALIDATE:
        return MenuStep.RESULTS
    return state.rotate(path)


# --- which config ---


def _show_pick(state: MenuState, t: Texts) -> Page:
    rows = tuple(row for path in _wanted(state) if (row := _row(state, path, t)) is not None)
    finding = state.finding
    count = t.plural("{n} file", "{n} files", len(_wanted(state)))
    values = [row.value for row in rows]
    marked = state.marked if state.marked in values else values[0] if values else ""
    return Page(
        title=t("Which config file?"),
        note=f"{state.folder} · {count}",
        body=(
            pages.Paragraph(t("Searches name, company and organisation number. You can also type a path.")),
        ),
        answer=pages.SearchList(
            t("Find a config file"),
            rows,
            state.search,
            State.BAD if finding else State.RESTING,
            marked=marked,
            is_path=True,
        ),
        card=finding_card(finding, t) if finding else _key_card(state, marked, t),
        enter=t("choose") if marked or state.search else "",
        keys=(Key("Tab", t("complete the path")),),
        help=_help(t),
    )


def _key_card(state: MenuState, marked: str, t: Texts) -> Card | None:
    if state.task != ROTATE or not marked:
        return None
    config = state.read(Path(marked)).config
    always = t("If several files use the same key, it is changed in all of them.")
    if config is None or not config.key_id:
        return Card(State.RESTING, lines=(always,))
    count, number = len(state.sharing_key(Path(marked))), config.key_id
    if count > 1:
        used = t("Key {number} is used in {n} config files.", number=number, n=count)
        return Card(State.RESTING, lines=(used, t("It is changed in all of them at the same time.")))
    return Card(
        State.RESTING,
        lines=(t("Key {number} is used in this config file only.", number=number), always),
    )


def _wanted(state: MenuState) -> list[Path]:
    return state.office_paths if state.task == CLIENTS else list(state.paths)


def _row(state: MenuState, path: Path, t: Texts) -> pages.ListRow | None:
    config = state.read(path).config
    known = state.known.get(str(path))
    about = known.about if known else ""
    number = ""
    if config is not None:
        key = t("key {number}", number=config.key_id) if config.key_id else ""
        about = about or _about(config.setup, config.org_number, t)
        number = config.org_number
    else:
        key = t("cannot be read")
    if state.search and not fits(state.search, searchable((path.name, about, number, str(path)))):
        return None
    return pages.ListRow(str(path), path.name, about, key)


def _about(setup: Setup, org_number: str, t: Texts) -> str:
    if setup is Setup.BUREAU_SHARED:
        return t("Common for all clients")
    return format_org_number(org_number) if setup is Setup.BUREAU_CLIENT else t("Single company")


def _edit_pick(state: MenuState, edit: pages.Edit) -> None:
    match edit:
        case pages.Searched(text):
            state.search, state.trouble = text, ()
        case pages.Marked(value):
            state.marked = value


async def _take_config(state: MenuState, reply: Reply) -> Move:
    match reply:
        case Chosen(text) | pages.Typed(text):
            pass
        case _:
            text = state.search
    if not text.strip():
        return Then.STAY
    found = _path_from(state, text.strip())
    return state.report(found) if isinstance(found, Finding) else _with_config(state, found)


def _path_from(state: MenuState, text: str) -> Path | Finding:
    try:
        path = Path(expanded(text))
    except UserUnknown:
        return codes.NOT_THERE.found(path=text)
    if not os.path.exists(path):
        return codes.NOT_THERE.found(path=text)
    if state.task != VALIDATE and os.path.isdir(path):
        return codes.NOT_A_FILE.found()
    return path


MENU_STEP = Step(id=MenuStep.MENU, show=_show_menu, take=_take_task, arrive=_arrive_at_menu, is_listed=False)
PICK_STEP = Step(
    id=MenuStep.PICK, show=_show_pick, take=_take_config, edit=_edit_pick, applies=lambda _: False
)
TABLE: Final[tuple[Step[Any], ...]] = (MENU_STEP, PICK_STEP, CLIENTS_STEP, RESULTS_STEP, FIX_STEP)


class MenuWalk(Walk[MenuState]):
    """The start menu.

    Attributes:
        set_up: The set-up that was started from the menu, if any.
    """

    def __init__(self, context: AppContext, t: Texts, answers: Answers, *, task: str = "") -> None:
        """Create the menu.

        Args:
            context: Provides stores, folders, clock and network.
            t: The initial language.
            answers: The site's defaults for a set-up.
            task: If given, only a config for this task is chosen.
        """
        state = MenuState(t=t, current=MenuStep.MENU, context=context, only_task=task)
        super().__init__(TABLE, state)
        self._answers = answers
        self.set_up: SetupWalk | None = None

    def label(self, number: int, total: int, t: Texts) -> str:
        """Return the text in the head: the task or the version."""
        del number, total
        names = {ROTATE: t("Change key"), VALIDATE: t("Check configs"), CLIENTS: t("Clients")}
        is_named = self.state.current is not MenuStep.MENU and self.state.task in names
        return names[self.state.task] if is_named else f"tripletex-wizard {__version__}"

    def document(self, t: Texts) -> str:
        """Return the lines of the marked config that must be corrected."""
        return faulty_lines(self.state, t)

    def _back_word(self, t: Texts) -> str:
        return t("menu") if self._previous is MenuStep.MENU else t("back")

    @property
    def _previous(self) -> MenuStep | None:
        """The menu, except for the page about fixing a config."""
        if self.state.current is MenuStep.FIX:
            return MenuStep.RESULTS
        return None if self.state.current is MenuStep.MENU or self.state.only_task else MenuStep.MENU

    def finish(self, successor: pages.AnyWalk | None = None) -> None:
        """Finish, and continue with a set-up if that is the chosen task."""
        state = self.state
        if state.task == SETUP:
            self.set_up = SetupWalk(
                state.context, self._answers, state.t, resumes=state.resumes, parent=self._come_back
            )
        super().finish(self.set_up or successor)

    def _come_back(self) -> "MenuWalk":
        self.state.current, self.state.is_finished = MenuStep.MENU, False
        self.set_up = None
        return self
