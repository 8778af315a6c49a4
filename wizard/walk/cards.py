"""What a page says about a finding: its card, its help, and the click that is marked."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from wizard.findings import Finding, Phrase, Severity, codes
from wizard.guide import Clicks, GuidePage
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.pages import Card, State

_STARS: Final = re.compile(r"([\\*])")
_MARKS: Final = re.compile(r"([\\*`])")


def lacks_token(findings: Iterable[Finding]) -> bool:
    """Return whether nothing could be checked because the application's token is missing."""
    return any(finding.code is codes.CONSUMER_TOKEN_MISSING for finding in findings)


def state_of(finding: Finding | None) -> State:
    """Return the state of a card or field according to a finding."""
    if finding is None or finding.severity is Severity.INFO:
        return State.RESTING
    if not finding.is_error:
        return State.WARNING
    return State.UNKNOWN if finding.code.is_unknown else State.BAD


def finding_card(finding: Finding, t: Texts, guide: GuidePage | None = None) -> Card:
    """Return the card for a finding: what is wrong, then what to do about it.

    Args:
        finding: The finding.
        t: The user's language.
        guide: The page on which to name the number of the click that the finding is about.
    """
    click = guide.number_of(finding.code.click) if guide and finding.code.click else None
    if finding.code is codes.KEY_REJECTED and click is not None:
        # The click is only one of several possible reasons, so it is named with that one.
        named = t("{application} (point\N{NO-BREAK SPACE}{number})", number=click, **finding.values)
        finding, click = replace(finding, values={**finding.values, "application": named}), None
    state = state_of(finding)
    whose = finding.values.get("whose")
    if isinstance(whose, Phrase):
        # The name is too long for the headline.
        nameless = replace(finding, values={**finding.values, "whose": ""})
        names = [str(client)] if (client := whose.values.get("client")) else []
        return Card(state, nameless.message(t), (*names, finding.hint(t)), finding.code.id, click)
    return Card(state, finding.message(t), (finding.hint(t),), finding.code.id, click)


def finding_topic(finding: Finding, t: Texts) -> pages.Topic:
    """Return the help about a finding."""
    lines = [finding.hint(t), finding.code.texts(t.language).explanation]
    if finding.request_id:
        lines.append(t("Tripletex's request id: {request}", request=finding.request_id))
    title = f"{finding.code.id}: {finding.message(t)}"
    # Commands stay literal input, as in the guide.
    texts = (_STARS.sub(r"\\\1", line) for line in lines if line)
    return pages.Topic(title, tuple(map(pages.Paragraph, texts)))


def plain(text: str) -> str:
    """Escape markup in a text, such as a company's name."""
    return _MARKS.sub(r"\\\1", text)


def body_of(guide: GuidePage, about: Finding | None) -> tuple[pages.Block, ...]:
    """Return the body of a guide page, with the click that a finding is about marked."""
    name = about.code.click if about else None
    if name is None:
        return guide.body
    return tuple(
        block._replace(items=tuple(each._replace(is_marked=each.name == name) for each in block.items))
        if isinstance(block, Clicks)
        else block
        for block in guide.body
    )
