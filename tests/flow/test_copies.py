"""What may be copied from a screen."""

from dataclasses import replace

import pytest

from tests.keys import make_key
from wizard.domain.setup import KeyKind, Setup
from wizard.findings import StepId as S
from wizard.findings import codes
from wizard.flow.answers import Answers, FoundCompany
from wizard.flow.asking import question_for
from wizard.flow.copies import copies_of, offered
from wizard.flow.flow import Flow
from wizard.flow.known import Known, Reached
from wizard.flow.questions import Copy
from wizard.text import Texts

T = Texts("nb")
PATH = "/etc/finale/kunde.toml"
CLIENT = Answers(is_bureau=True, is_shared=False, org_number="974760673", kind=KeyKind.OFFICE)
SHARED = Answers(is_bureau=True, is_shared=True, kind=KeyKind.OFFICE)
SINGLE = Answers(is_bureau=False, company=FoundCompany("Demobakeriet AS", "974760673"))


def copies_at(step: S, answers: Answers, known: Known | None = None) -> dict[str, str]:
    """Return what can be copied at a step, text and label."""
    asked = question_for(Flow(answers, step), known or Known(config_path=PATH), T)
    return {copy.text: copy.label for copy in asked.copies}


def test_the_fields_of_finale_as_far_as_they_are_filled_in() -> None:
    assert CLIENT.setup is Setup.BUREAU_CLIENT
    assert copies_at(S.FINALE, CLIENT) == {"974760673": "«OrgNr»"}
    assert copies_at(S.FINALE, SHARED) == {"%ORGNR%": "«OrgNr»"}
    assert copies_at(S.FINALE, SINGLE) == {}


def test_the_number_of_each_of_several_clients() -> None:
    answers = replace(CLIENT, org_number=None, clients=("974760673", "971032146"))
    known = Known(config_path=PATH, clients=(Reached("Demo Fisk AS", "971032146"),))
    assert copies_at(S.FINALE, answers, known) == {"974760673": "", "971032146": "Demo Fisk AS"}


def test_the_commands_for_later_with_what_they_do() -> None:
    assert copies_at(S.DONE, SINGLE) == {
        PATH: "",
        f"tripletex-wizard validate {PATH}": "Kontroller at alt virker",
        f"tripletex-wizard rotate {PATH}": "Bytt nøkkel",
        f"tripletex-wizard rollback {PATH}": "Gå tilbake til forrige nøkkel",
    }


def test_what_is_typed_in_tripletex() -> None:
    assert list(copies_at(S.CREATE_KEY, Answers(application="Egen app"))) == ["Egen app", "Visma Finale"]


def test_the_path_that_is_looked_over_and_the_number_that_is_confirmed() -> None:
    assert copies_at(S.REVIEW, SINGLE) == {PATH: "Oppsettsfilen"}
    assert copies_at(S.ORG_NUMBER, SINGLE) == {"974760673": "Demobakeriet AS"}


def test_the_numbers_of_the_clients_that_need_access() -> None:
    known = Known(config_path=PATH, clients=(Reached("Demo Fisk AS", "971032146"),))
    assert copies_at(S.CLIENT_ACCESS, CLIENT, known)["974760673"] == "ikke tilgjengelig"


def test_commands_that_mend_but_nothing_that_was_filled_in() -> None:
    found = [
        codes.SECRET_EMPTY.found(reference="`rm -rf ~`"),
        codes.CLIENT_ACCESS_MISSING.found(number="1"),
    ]
    texts = {copy.text for copy in copies_of(found, T)}
    assert "rm -rf ~" not in texts
    assert all(text.startswith(("tripletex-wizard", "rotate")) for text in texts)


@pytest.mark.parametrize(
    "text",
    ["", " ", "a\nb", "a\x1b[2Jb", "a\u202eb", make_key().reveal(), f"/srv/{make_key().reveal()}.toml"],
)
def test_nothing_that_would_do_harm_is_offered(text: str) -> None:
    assert offered([Copy("", text)]) == ()


def test_each_text_is_offered_once() -> None:
    assert offered([Copy("a", "x"), Copy("b", "x")]) == (Copy("a", "x"),)
