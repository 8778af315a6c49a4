"""The walk for the menu, in which the user chooses a task and a config."""

from typing import Any, Final

from wizard import __version__
from wizard.context import AppContext
from wizard.menu.results import CLIENTS_STEP, FIX_STEP, RESULTS_STEP
from wizard.menu.start import MENU, MENU_STEP, PICK_STEP
from wizard.menu.state import CLIENTS, ROTATE, SETUP, VALIDATE, MenuState
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.text import Texts
from wizard.walk.engine import Move, Step, Then, Walk

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
        state = MenuState(t=t, current=MENU, context=context, is_pick_only=bool(task), task=task)
        super().__init__(TABLE, state)
        self._answers = answers
        self._task = task
        self.set_up: SetupWalk | None = None

    def label(self, number: int, total: int, t: Texts) -> str:
        """Return the text in the head: the task or the version."""
        del number, total
        names = {ROTATE: t("Change key"), VALIDATE: t("Check configs"), CLIENTS: t("Clients")}
        is_named = self.state.current != MENU and self.state.task in names
        return names[self.state.task] if is_named else f"tripletex-wizard {__version__}"

    def _back_word(self, t: Texts) -> str:
        return t("menu") if self._before() == [MENU] else t("back")

    def _before(self) -> list[str]:
        """Return the page before this one, which is the menu except for the page about fixing a config."""
        if self.state.current == MENU or self._task:
            return ["results"] if self.state.current == "fix" else []
        return ["results"] if self.state.current == "fix" else [MENU]

    async def _move(self, move: Move, *, is_back: bool = False) -> None:
        state = self.state
        if self._task and move == "pick_config":
            state.task = self._task
            if self._task == VALIDATE and state.paths:
                # Check all known configs. Only ask for one if there are none.
                move = "results"
        elif self._task and move == MENU:
            move = Then.END
        await super()._move(move, is_back=is_back)
        if move is Then.END and state.task == SETUP:
            self.set_up = SetupWalk(
                state.context, self._answers, state.t, resumes=state.resumes, parent=self._again
            )
            self.hand_over(self.set_up)

    def _again(self) -> "MenuWalk":
        menu = MenuWalk(self.state.context, self.state.t, self._answers)
        self.follower = menu
        return menu

    follower: "MenuWalk | None" = None

    @property
    def last(self) -> "MenuWalk":
        """The menu that was last shown, after going back from a set-up."""
        return self.follower.last if self.follower is not None else self
