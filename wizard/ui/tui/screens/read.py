"""Something to read, or to do elsewhere."""

from wizard.flow.questions import Read
from wizard.ui.tui.screens.question import QuestionScreen


class ReadScreen(QuestionScreen[Read]):
    """Nothing but the guide; Enter goes on."""
