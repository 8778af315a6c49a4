"""Where somebody is sent to mend what was found."""

from wizard.findings import Severity, StepId, codes
from wizard.ui.mending import mending_steps

LOST = codes.CLIENT_ACCESS_MISSING.found(number="310000027")
REFUSED = codes.KEY_REJECTED.found(application="VismaFinale")


def test_each_step_is_named_once_in_the_order_of_the_findings() -> None:
    assert mending_steps([REFUSED, LOST, REFUSED], StepId.CHECK) == (
        StepId.CREATE_KEY,
        StepId.CLIENT_ACCESS,
    )


def test_nobody_is_sent_to_the_step_on_which_he_is() -> None:
    assert mending_steps([LOST, REFUSED], StepId.CLIENT_ACCESS) == (StepId.CREATE_KEY,)


def test_a_note_needs_no_mending() -> None:
    note = codes.COMMAND_WORDS.found(words="[]", step=StepId.STORAGE)
    assert note.severity is Severity.INFO

    assert mending_steps([note], StepId.CREATE_KEY) == ()


def test_what_no_step_mends_leads_nowhere() -> None:
    assert mending_steps([codes.NOT_OURS.found(reference="x")], StepId.CHECK) == ()
