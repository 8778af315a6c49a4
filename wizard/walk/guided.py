"""A page of the guide as the blocks that a face draws."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wizard.domain.setup import Setup
from wizard.findings import StepId
from wizard.guide import GuideStep, load_step
from wizard.text import Language
from wizard.walk.page import Block, Bullets, Click, Clicks, Paragraph, Side, Sides, Topic

_NEXT_ITEM: Final = re.compile(r"\n(?=\d+\. |- )")
_CLICK: Final = re.compile(r"\d+\. (?:\{#(?P<name>[\w-]+)\} )?(?P<text>.*)", re.DOTALL)
_LINE_END: Final = re.compile(r" *\n *")
_MARKS: Final = re.compile(r"([\\*`])")


def plain(text: str) -> str:
    """Return a text that carries no marks, whatever is in it, such as a company's name."""
    return _MARKS.sub(r"\\\1", text)


def guide_page(
    step: StepId,
    language: Language,
    setup: Setup | None = None,
    values: Mapping[str, str | None] | None = None,
) -> GuideStep:
    """Return a step's page of the guide with its placeholders filled in."""
    return load_step(step, language, setup).filled(**(values or {}))


def blocks_of(markdown: str, marked: str | None = None) -> tuple[Block, ...]:
    """Return guide Markdown as blocks.

    Args:
        markdown: The text.
        marked: The name of the click that something is said about.
    """
    return tuple(_blocks(markdown, marked))


def topics_of(markdown: str) -> tuple[Topic, ...]:
    """Return the help of a page, one topic for each of its headings."""
    first, *parts = re.split(r"^### ", markdown.strip(), flags=re.MULTILINE)
    topics = [Topic("", blocks_of(first))] if first.strip() else []
    for part in parts:
        title, _, rest = part.partition("\n")
        topics.append(Topic(title.strip(), blocks_of(rest)))
    return tuple(topics)


def number_of(blocks: tuple[Block, ...], name: str | None) -> int | None:
    """Return the number of the click of that name."""
    if name is None:
        return None
    for block in blocks:
        if isinstance(block, Clicks):
            for number, click in enumerate(block.items, start=block.first):
                if click.name == name:
                    return number
    return None


def _blocks(markdown: str, marked: str | None) -> Iterator[Block]:
    sides: list[Side] = []
    for paragraph in re.split(r"\n{2,}", markdown.strip()):
        if paragraph.startswith(":::side "):
            sides.append(_side(paragraph))
            if len(sides) == 2:  # noqa: PLR2004 - left and right
                yield Sides(sides[0], sides[1])
        elif paragraph:
            yield from _paragraph(paragraph, marked)


def _side(paragraph: str) -> Side:
    head, _, rest = paragraph.partition("\n")
    clicks = next(block for block in _paragraph(rest.removesuffix(":::").strip(), None))
    return Side(head.removeprefix(":::side ").strip(), clicks.items if isinstance(clicks, Clicks) else ())


def _paragraph(paragraph: str, marked: str | None) -> Iterator[Block]:
    items = _NEXT_ITEM.split(paragraph)
    if not re.match(r"\d+\. |- ", items[0]):
        yield Paragraph(_joined(items.pop(0)))
    clicks = [found for item in items if (found := _CLICK.fullmatch(item))]
    if clicks:
        yield Clicks(
            tuple(
                Click(_joined(each["text"]), each["name"] or "", bool(marked) and each["name"] == marked)
                for each in clicks
            )
        )
    elif items:
        yield Bullets(tuple(_joined(item.removeprefix("- ")) for item in items))


def _joined(text: str) -> str:
    return _LINE_END.sub(" ", text.strip())


def where_of(guide: GuideStep) -> str:
    """Return where the clicks of a page are made: «i Tripletex, i nettleseren»."""
    return str(getattr(guide, "where", ""))
