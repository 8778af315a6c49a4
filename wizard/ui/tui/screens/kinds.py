"""Which screen asks which kind of question."""

from typing import Any, Final

from wizard.flow.questions import AskSecret, AskText, Choose, Overview, Question, Read, Review, RunChecks
from wizard.ui.tui.screens.ask_secret import AskSecretScreen
from wizard.ui.tui.screens.ask_text import AskTextScreen
from wizard.ui.tui.screens.choose import ChooseScreen
from wizard.ui.tui.screens.overview import OverviewScreen
from wizard.ui.tui.screens.question import QuestionScreen
from wizard.ui.tui.screens.read import ReadScreen
from wizard.ui.tui.screens.review import ReviewScreen
from wizard.ui.tui.screens.run_checks import RunChecksScreen

_SCREENS: Final[dict[type[Question], type[QuestionScreen[Any]]]] = {
    Read: ReadScreen,
    Choose: ChooseScreen,
    AskSecret: AskSecretScreen,
    AskText: AskTextScreen,
    Review: ReviewScreen,
    Overview: OverviewScreen,
    RunChecks: RunChecksScreen,
}


def screen_for(question: Question) -> type[QuestionScreen[Any]]:
    """Return the screen that asks a kind of question."""
    return _SCREENS[type(question)]
