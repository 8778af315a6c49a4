"""The menu as a walk: what a person wants to do, and with which config."""

from typing import Any, Final

from wizard import __version__
from wizard.context import AppContext
from wizard.menu.results import CLIENTS_STEP, FIX_STEP, RESULTS_STEP
from wizard.menu.start import MENU, MENU_STEP, PICK_STEP
from wizard.menu.state import CLIENTS, ROTATE, SETUP, VALIDATE, MenuState
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.text import Texts
from wizard.walk.engine import Frame, Move, Step, Then, Walk

TABLE: Final[tuple[Step[Any], ...]] = (MENU_STEP, PICK_STEP, CLIENTS_STEP, RESULTS_STEP, FIX_STEP)


class MenuWalk(Walk[MenuState]):
    """The start menu.

    Attributes:
        set_up: The set-up that was begun from it, if one was.
    """

    def __init__(self, context: AppContext, t: Texts, answers: Answers, *, task: str = "") -> None:
        """Prepare the menu.

        Args:
            context: The outside world.
            t: The language to begin in.
            answers: What the site has decided for a set-up.
            task: With a task, only the config is asked for.
        """
        state = MenuState(t=t, current=MENU, context=context, is_pick_only=bool(task), task=task)
        frame = Frame(
            place=lambda _, t: _place(state, t),
            title=lambda step, _t: str(step),
        )
        super().__init__(TABLE, state, frame)
        self._answers = answers
        self._task = task
        self.set_up: SetupWalk | None = None

    def _back_word(self, t: Texts) -> str:
        return t("menu") if self._before() == [MENU] else t("back")

    def _before(self) -> list[str]:
        """Everything leads back to the menu, save what leads back to the results."""
        if self.state.current == MENU or self._task:
            return ["results"] if self.state.current == "fix" else []
        return ["results"] if self.state.current == "fix" else [MENU]

    async def _move(self, move: Move, *, is_back: bool = False) -> None:
        state = self.state
        if self._task and move == "pick_config":
            state.task = self._task
            if self._task == VALIDATE and state.paths:
                # Those of the site and the remembered ones; a config is asked for where there are none.
                move = "results"
        elif self._task and move == MENU:
            move = Then.END
        await super()._move(move, is_back=is_back)
        if move is Then.END and state.task == SETUP:
            self.set_up = SetupWalk(
                state.context, self._answers, state.t, takes_up=state.takes_up, parent=self._again
            )
            self.hand_over(self.set_up)

    def _again(self) -> "MenuWalk":
        menu = MenuWalk(self.state.context, self.state.t, self._answers)
        self.follower = menu
        return menu

    follower: "MenuWalk | None" = None

    @property
    def last(self) -> "MenuWalk":
        """The menu that was shown last."""
        return self.follower.last if self.follower is not None else self


def _place(state: MenuState, t: Texts) -> str:
    """Return the right-hand end of the head: what somebody is about to do."""
    names = {ROTATE: t("Change key"), VALIDATE: t("Check configs"), CLIENTS: t("Clients")}
    if state.current == MENU or state.task not in names:
        return f"tripletex-wizard {__version__}"
    return names[state.task]
