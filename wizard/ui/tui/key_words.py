"""Which keys the foot of a question names, and by which word."""

from collections.abc import Iterable

from wizard.flow.questions import Continue, Question
from wizard.text import Texts

KeyWords = list[tuple[str, str]]


def key_words(
    question: Question,
    t: Texts,
    own: Iterable[tuple[str, str]],
    *,
    proceed: str,
    can_go_back: bool,
    can_copy: bool,
    is_busy: bool,
) -> KeyWords:
    """Return the keys with their words, the most important first.

    Args:
        question: What is asked.
        t: The language.
        own: The keys of this kind of question.
        proceed: What Enter does, where that is more than going on.
        can_go_back: Whether Esc leads back.
        can_copy: Whether there is something to copy.
        is_busy: Whether a reply is being worked on: then little else than cancelling is possible.
    """
    leave = ("Ctrl+Q", t("leave"))
    if is_busy:
        return [("Esc", t("cancel")), leave]
    keys = [("Enter", _lowered(proceed or t("go on"))), *own]
    if can_go_back:
        keys.append(("Esc", t("back")))
    keys += [("F1", t("help")), ("F2", other_language(t)), ("F3", t("print"))]
    if can_copy:
        keys.append(("F5", t("copy")))
    # Where leaving comes to the same as Enter, one of them is enough.
    return keys if question.on_leaving == Continue() else [*keys, leave]


def other_language(t: Texts) -> str:
    """Return what the language is called that F2 changes to, in that language."""
    return "English" if t.language == "nb" else "Norsk"


def _lowered(label: str) -> str:
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
