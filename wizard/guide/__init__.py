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
    page_text,
    without_marks,
)
from wizard.guide.reader import GuideError, guide_steps, load_page

__all__ = [
    "Bullets",
    "Click",
    "Clicks",
    "FinaleForm",
    "FormField",
    "GuideBlock",
    "GuideError",
    "GuidePage",
    "Heading",
    "Paragraph",
    "Side",
    "Sides",
    "Topic",
    "guide_steps",
    "load_page",
    "page_text",
    "without_marks",
]
