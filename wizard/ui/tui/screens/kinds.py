"""Which screen asks which kind of question."""

from importlib import import_module
from typing import Any, Final, cast

from wizard.flow.questions import AskSecret, AskText, Choose, Overview, Question, Read, Review, RunChecks
from wizard.ui.tui.screens.question import QuestionScreen

_SCREENS: Final[dict[type[Question], tuple[str, str]]] = {
    Read: ("read", "ReadScreen"),
    Choose: ("choose", "ChooseScreen"),
    AskSecret: ("ask_secret", "AskSecretScreen"),
    AskText: ("ask_text", "AskTextScreen"),
    Review: ("review", "ReviewScreen"),
    Overview: ("overview", "OverviewScreen"),
    RunChecks: ("run_checks", "RunChecksScreen"),
}


def screen_for(question: Question) -> type[QuestionScreen[Any]]:
    """Return the screen that asks a kind of question.

    It is imported when it is first needed: the first page should not wait for all the others.
    """
    module, name = _SCREENS[type(question)]
    screen = getattr(import_module(f"wizard.ui.tui.screens.{module}"), name)
    return cast("type[QuestionScreen[Any]]", screen)
