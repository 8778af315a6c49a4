"""A page of the guide, as a step shows it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from wizard.domain.setup import Setup
from wizard.findings import Finding, StepId
from wizard.guide import Clicks, GuidePage, load_page
from wizard.text import Language
from wizard.walk.page import Block

_MARKS: Final = re.compile(r"([\\*`])")


def plain(text: str) -> str:
    """Return a text that carries no marks, whatever is in it, such as a company's name."""
    return _MARKS.sub(r"\\\1", text)


def guide_page(
    step: StepId,
    language: Language,
    setup: Setup | None = None,
    values: Mapping[str, str | None] | None = None,
) -> GuidePage:
    """Return a step's page of the guide with its placeholders filled in."""
    return load_page(step, language, setup, **(values or {}))


def body_of(guide: GuidePage, about: Finding | None = None) -> tuple[Block, ...]:
    """Return what a page says; the click that a finding is about is marked."""
    name = about.code.click if about else None
    if name is None:
        return guide.body
    return tuple(
        replace(block, items=tuple(replace(each, is_marked=each.name == name) for each in block.items))
        if isinstance(block, Clicks)
        else block
        for block in guide.body
    )


def click_of(guide: GuidePage, about: Finding | None) -> int | None:
    """Return the number of the click that a finding is about."""
    return guide.number_of(about.code.click) if about and about.code.click else None
