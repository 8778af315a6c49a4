"""The documented steps as Markdown files that anybody can edit; ``README.md`` here says how."""

from wizard.guide.plain import plain_text
from wizard.guide.reader import GuideError, GuideStep, guide_steps, load_step
from wizard.guide.typed import typed_texts

__all__ = ["GuideError", "GuideStep", "guide_steps", "load_step", "plain_text", "typed_texts"]
