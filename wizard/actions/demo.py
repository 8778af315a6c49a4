"""The set-up as a demonstration: where a key is asked for, a word stands for a demo key."""

from collections.abc import Mapping
from dataclasses import replace

from wizard.domain.secret import Secret
from wizard.findings import StepId
from wizard.flow.conversation import Conversation
from wizard.flow.questions import AskSecret, Outcome, OutlineEntry, Pasted, Question, Reply, Report, Shape
from wizard.text import Texts

COMPANY_WORDS = ("selskap", "company")
OFFICE_WORDS = ("byrå", "office")
REFUSED_WORDS = ("avvist", "refused")


class DemoConversation:
    """Another conversation, in which nobody needs a Tripletex account to paste a key."""

    def __init__(self, conversation: Conversation, keys: Mapping[str, Secret]) -> None:
        self._conversation = conversation
        self._keys = keys

    @property
    def is_finished(self) -> bool:
        """Whether the last question has been answered."""
        return self._conversation.is_finished

    @property
    def can_go_back(self) -> bool:
        """Whether there is a question before this one."""
        return self._conversation.can_go_back

    def question(self, t: Texts) -> Question:
        """Return the question; the one for the key says which words to type."""
        question = self._conversation.question(t)
        if not isinstance(question, AskSecret) or question.step is not StepId.CREATE_KEY:
            return question
        judge = question.judge

        def judge_word(text: str) -> Shape:
            return judge(self._key_for(text) or text)

        note = t("Demo: type {company}, {office} or {refused} instead of a key.", **_words(t))
        return replace(question, judge=judge_word, keep=None, notes=(*question.notes, note))

    def outline(self, t: Texts) -> tuple[OutlineEntry, ...]:
        """Return the steps that the answers lead through so far."""
        return self._conversation.outline(t)

    async def submit(self, reply: Reply, report: Report) -> Outcome:
        """Work a reply in."""
        if isinstance(reply, Pasted) and (key := self._key_for(reply.text.reveal())):
            reply = Pasted(Secret(key))
        return await self._conversation.submit(reply, report)

    def back(self) -> None:
        """Go to the question before."""
        self._conversation.back()

    def go_to(self, step: StepId) -> None:
        """Go to the step that mends a finding."""
        self._conversation.go_to(step)

    def _key_for(self, text: str) -> str | None:
        key = self._keys.get(text.strip().casefold())
        return key.reveal() if key else None


def _words(t: Texts) -> dict[str, str]:
    index = 0 if t.language == "nb" else 1
    words = {"company": COMPANY_WORDS, "office": OFFICE_WORDS, "refused": REFUSED_WORDS}
    return {name: both[index] for name, both in words.items()}
