"""The documented steps as Markdown files that anybody can edit; ``README.md`` here says how."""

from wizard.guide.page import (
    Bullets,
    Click,
    Clicks,
    FinaleForm,
    FormField,
    GuideBlock,
    GuidePage,
    Heading,
    Paragraph,
    Side,
    Sides,
    Topic,
)
from wizard.guide.plain import page_text, plain_text, without_marks
from wizard.guide.reader import GuideError, GuideStep, guide_steps, load_page, load_step
from wizard.guide.typed import typed_texts

__all__ = [
    "Bullets",
    "Click",
    "Clicks",
    "FinaleForm",
    "FormField",
    "GuideBlock",
    "GuideError",
    "GuidePage",
    "GuideStep",
    "Heading",
    "Paragraph",
    "Side",
    "Sides",
    "Topic",
    "guide_steps",
    "load_page",
    "load_step",
    "page_text",
    "plain_text",
    "typed_texts",
    "without_marks",
]
