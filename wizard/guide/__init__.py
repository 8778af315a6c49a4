"""The guide, which consists of Markdown files that anyone can edit, one per step and language.

``README.md`` in this folder describes their format. This module parses them into pages, which consist of
blocks that the user interfaces draw. Texts may contain two kinds of markup, ``**Label**`` and `` `literal
input` ``, and backslashes to escape other Markdown markup. ``page_text`` returns plain text.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from wizard.domain.legible import command_line, one_line
from wizard.domain.setup import Setup
from wizard.findings import StepId
from wizard.text import Language

FOLDER: Final = Path(__file__).parent


class Heading(NamedTuple):
    """A heading within a page."""

    text: str


class Paragraph(NamedTuple):
    """A paragraph; ``is_close`` means that there is no empty row before it."""

    text: str
    is_close: bool = False


class Bullets(NamedTuple):
    """A bulleted list."""

    items: tuple[str, ...]


class Click(NamedTuple):
    """A documented click.

    Attributes:
        name: The name that findings refer to; empty for most.
        is_marked: Whether the message on the page is about it.
        short: The text for terminals with fewer than 80 columns.
    """

    text: str
    name: str = ""
    is_marked: bool = False
    short: str = ""


class Clicks(NamedTuple):
    """Numbered clicks; ``first`` is the number of the first one."""

    items: tuple[Click, ...]
    first: int = 1


class Side(NamedTuple):
    """The clicks in one version of a menu."""

    title: str
    items: tuple[Click, ...]


class Sides(NamedTuple):
    """The clicks in two versions of a menu, which are shown side by side if there is room."""

    left: Side
    right: Side


class FormField(NamedTuple):
    """A field of a dialog in Finale.

    Attributes:
        value: What to enter; empty to leave the field empty.
        note: A note next to it.
    """

    label: str
    value: str
    note: str = ""


class FinaleForm(NamedTuple):
    """A dialog in Finale; ``tab`` is empty if it has none."""

    dialog: str
    tab: str
    fields: tuple[FormField, ...]


GuideBlock = Heading | Paragraph | Bullets | Clicks | Sides | FinaleForm


class Topic(NamedTuple):
    """A topic of the help."""

    title: str
    body: tuple[GuideBlock, ...]


class GuidePage(NamedTuple):
    """The guide page of a step, in one language and for one kind of set-up.

    Attributes:
        title: The name of the step, short enough for the head of a screen.
        where: The program that the clicks are in; empty if there are none.
        body: What to do.
        card: The paragraphs of the message that is shown if there is no other.
        topics: The topics of the help. The first one may have no title.
        checked: The date on which the text was last compared with its source.
    """

    title: str
    where: str
    body: tuple[GuideBlock, ...]
    card: tuple[str, ...]
    topics: tuple[Topic, ...]
    checked: date

    def number_of(self, name: str) -> int | None:
        """Return the number of the click with a name, or None."""
        for block in self.body:
            for number, click in enumerate(block.items, block.first) if isinstance(block, Clicks) else ():
                if click.name == name:
                    return number
        return None


_FILE: Final = re.compile(r"---\n(?P<header>.*?\n)---\n(?P<body>.*?)\n## help\n(?P<help>.*)", re.DOTALL)
_UNDECIDED: Final = "undecided"
_AUDIENCES: Final = frozenset({"bureau", _UNDECIDED, *Setup})
_BLOCK: Final = re.compile(r":::(?P<words>.*)")
_CLICK: Final = re.compile(r"(?P<number>\d+)\. (?:\{#(?P<name>\w+)\} )?(?P<text>.*)")
_FIELD: Final = re.compile(r"\*\*(?P<label>.+?)\*\*: ?(?P<value>.*?)(?:\s*\((?P<note>[^()]*)\))?$")
_OPTIONAL: Final = re.compile(r"\[\[(?P<wide>[^\[\]]*?)(?:\|\|(?P<narrow>[^\[\]]*))?\]\]")
_PLACEHOLDER: Final = re.compile(r"\{(?P<name>\w+)\|(?P<words>[^{}|]+)\}")
_CODE_ALONE: Final = re.compile(rf"`{_PLACEHOLDER.pattern}`")
_MARKUP: Final = re.compile(r"([\\*_\[\]<>&#~])")
# Steps that findings and scripts refer to, but that are now part of another page.
_PART_OF: Final[Mapping[str, str]] = {
    StepId.SCOPE: StepId.ORG_NUMBER,
    StepId.CHECK: StepId.REVIEW,
    StepId.DONE: StepId.FINALE,
    StepId.ROTATE_TABLE: StepId.ROTATE_END,
    StepId.ROTATE_OLD_KEY: StepId.ROTATE_END,
}
_CONTAINERS: Final = frozenset({"side", "form", "card"})

Values = Mapping[str, str | None]


def load_page(
    step: StepId | str, language: Language, setup: Setup | None = None, **values: str | None
) -> GuidePage:
    """Return the page of a step, for a kind of set-up or for an undecided one.

    Its placeholders ``{name|words}`` are replaced by ``values``, or by the words if there is no value. Markup
    and control characters in values are escaped.

    Raises:
        ValueError: If the file does not have the format that ``README.md`` in the guide's folder describes.
    """
    path = _path(step, language)
    try:
        header, body, help_text = _parts(path)
        body_parser, help_parser = _Parser(setup, values), _Parser(setup, values)
        return GuidePage(
            title=header["title"],
            where=header.get("where", ""),
            body=body_parser.blocks(body),
            card=tuple(body_parser.card),
            topics=_topics(help_parser.blocks(help_text)),
            checked=date.fromisoformat(header["checked"]),
        )
    except (KeyError, ValueError) as wrong:
        raise ValueError(f"{path}: {wrong}") from wrong


def page_title(step: StepId | str, language: Language) -> str:
    """Return the title of a step's page, without parsing the rest."""
    return _parts(_path(step, language))[0]["title"]


def guide_steps(setup: Setup | None = None) -> tuple[StepId, ...]:
    """Return the steps with clicks in order, for a kind of set-up or for all."""
    client_access = () if setup is Setup.SINGLE_COMPANY else (StepId.CLIENT_ACCESS,)
    return (StepId.ENABLE_API, StepId.CREATE_KEY, *client_access, StepId.FINALE)


def _path(step: StepId | str, language: Language) -> Path:
    return Path(FOLDER, language, f"{_PART_OF.get(step, step)}.md")


@cache
def _parts(path: Path) -> tuple[dict[str, str], str, str]:
    found = _FILE.fullmatch(path.read_text(encoding="utf-8-sig").replace("&nbsp;", "\N{NO-BREAK SPACE}"))
    if found is None:
        raise ValueError('a header between two "---" lines and a "## help" line are needed')
    header = dict(re.findall(r"^(\w+):[ ]*(.*)$", found["header"], re.MULTILINE))
    return header, found["body"], found["help"]


def _topics(blocks: tuple[GuideBlock, ...]) -> tuple[Topic, ...]:
    topics: list[tuple[str, list[GuideBlock]]] = []
    for block in blocks:
        if isinstance(block, Heading):
            topics.append((block.text, []))
        else:
            if not topics:
                topics.append(("", []))
            topics[-1][1].append(block)
    return tuple(Topic(title, tuple(body)) for title, body in topics)


class _Parser:
    """Parses the subset of Markdown that ``README.md`` in the guide's folder describes."""

    def __init__(self, setup: Setup | None, values: Values) -> None:
        self._names = {str(setup or _UNDECIDED), *(("bureau",) if setup and setup.is_bureau else ())}
        self._values = values
        self.card: list[str] = []

    def blocks(self, text: str) -> tuple[GuideBlock, ...]:
        """Return the blocks for the set-up. Paragraphs of a card container are added to ``card``."""
        blocks: list[GuideBlock] = []
        sides: list[Side] = []
        for container, lines in self._containers(text):
            kind, *words = container.split(" ", 2)
            if kind == "side":
                side = self._side(lines)
                if sides:
                    blocks.append(Sides(sides.pop(), side))
                else:
                    sides.append(side)
            elif kind == "form":
                dialog, _, tab = " ".join(words).partition(" / ")
                blocks.append(FinaleForm(dialog, tab, tuple(self._fields(lines))))
            elif kind == "card":
                self.card += [self._filled(item) for item in _items(lines)]
            else:
                blocks += self._plain_blocks(lines, blocks)
        return tuple(blocks)

    def _containers(self, text: str) -> Iterator[tuple[str, list[str]]]:
        """Yield the lines for the set-up in runs, with the container that they are in, or an empty string."""
        opened: list[tuple[str, bool]] = []
        lines: list[str] = []
        container = ""
        for line in text.splitlines():
            if not (block := _BLOCK.fullmatch(line.rstrip())):
                if all(is_kept for _, is_kept in opened):
                    lines.append(line)
                continue
            words = block["words"].strip()
            if lines:
                yield container, lines
                lines = []
            if words:
                opened.append(self._opened(words, line))
            elif not opened:
                raise ValueError(f"unexpected {line}")
            else:
                opened.pop()
            container = next((name for name, _ in reversed(opened) if name), "")
        if opened:
            raise ValueError("the last ::: block is not closed")
        if lines:
            yield container, lines

    def _opened(self, words: str, line: str) -> tuple[str, bool]:
        if words.split(maxsplit=1)[0] in _CONTAINERS:
            return words, True
        audiences = set(words.split())
        if not audiences <= _AUDIENCES:
            raise ValueError(f"unexpected {line}")
        return "", bool(audiences & self._names)

    def _plain_blocks(self, lines: list[str], before: list[GuideBlock]) -> list[GuideBlock]:
        blocks: list[GuideBlock] = []
        for item in _items(lines):
            earlier = blocks or before
            last = earlier[-1] if earlier else None
            if item.startswith("### "):
                blocks.append(Heading(self._filled(item[4:])))
            elif item.startswith("- "):
                point = self._filled(item[2:])
                if isinstance(last, Bullets):
                    earlier[-1] = Bullets((*last.items, point))
                else:
                    blocks.append(Bullets((point,)))
            elif click := self._click(item):
                if isinstance(last, Clicks):
                    earlier[-1] = Clicks((*last.items, click), last.first)
                else:
                    blocks.append(Clicks((click,), _first_number(item, [*before, *blocks])))
            else:
                blocks.append(Paragraph(self._filled(item)))
        return blocks

    def _click(self, item: str) -> Click | None:
        if not (found := _CLICK.fullmatch(item)):
            return None
        wide = _OPTIONAL.sub(lambda optional: optional["wide"], found["text"])
        narrow = _OPTIONAL.sub(lambda optional: optional["narrow"] or "", found["text"])
        return Click(self._filled(wide), found["name"] or "", short=self._filled(narrow))

    def _side(self, lines: list[str]) -> Side:
        title, *items = _items(lines)
        clicks = [click for item in items if (click := self._click(item))]
        if not title.startswith("### ") or len(clicks) != len(items):
            raise ValueError(":::side needs a ### title and clicks")
        return Side(title[4:], tuple(clicks))

    def _fields(self, lines: list[str]) -> Iterator[FormField]:
        for item in _items(lines):
            if not (found := _FIELD.fullmatch(item.removeprefix("- "))):
                raise ValueError(f":::form: unexpected {item}")
            value = self._filled(found["value"])
            shown = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", value)
            yield FormField(found["label"], shown.strip("`"), self._filled(found["note"] or ""))

    def _filled(self, text: str) -> str:
        return fill(_OPTIONAL.sub(lambda optional: optional["wide"], text), self._values)


def _first_number(item: str, before: list[GuideBlock]) -> int:
    """Return 1 if the list starts with 1, or the number that continues the list before it."""
    lists = [block for block in before if isinstance(block, Clicks)]
    if item.startswith("1. ") or not lists:
        return 1
    return lists[-1].first + len(lists[-1].items)


def _items(lines: list[str]) -> Iterator[str]:
    """Yield every paragraph, heading and list item as one line."""
    item = ""
    for line in lines:
        is_new = re.match(r"\d+\. |- |### ", line)
        if item and (is_new or not line.strip() or item.startswith("### ")):
            yield item
            item = ""
        item = f"{item} {line.strip()}".strip()
    if item:
        yield item


def fill(text: str, values: Values) -> str:
    """Return guide Markdown with its placeholders replaced; see ``load_page``."""
    # The words of a placeholder are not literal input.
    text = _CODE_ALONE.sub(lambda code: code[0] if values.get(code["name"]) else code["words"], text)
    # Every other piece is between backticks, where there is no other markup.
    return "`".join(
        _fill_piece(piece, values, in_code=bool(position % 2))
        for position, piece in enumerate(text.split("`"))
    )


def _fill_piece(piece: str, values: Values, *, in_code: bool) -> str:
    def written(placeholder: re.Match[str]) -> str:
        value = values.get(placeholder["name"])
        if not value:
            return placeholder["words"]
        shown = one_line(value).replace("`", "'")
        if in_code and piece.startswith("tripletex-wizard "):
            return command_line(shown)  # a command, which is copied into a shell
        return shown if in_code else _MARKUP.sub(r"\\\1", shown)

    return _PLACEHOLDER.sub(written, piece)


_LABEL: Final = re.compile(r"\*\*(.+?)\*\*")
_BACKTICK: Final = re.compile(r"(?<!\\)`")
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
# textwrap breaks lines at ASCII spaces only, so this keeps a label or a command on one line.
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def page_text(blocks: Iterable[GuideBlock], width: int = 78) -> str:
    """Return blocks of a guide page as plain text, wrapped to a width; ``**Label**`` becomes «Label».

    Labels, commands and long words are not broken, so that they can be copied.
    """
    return "\n\n".join(_block(block, width) for block in blocks)


def _block(block: GuideBlock, width: int) -> str:
    match block:
        case Paragraph(text):
            return _wrapped(text, width, "")
        case Heading(text):
            return without_markup(text)
        case Bullets(items):
            return "\n".join(_wrapped(item, width, "- ") for item in items)
        case Clicks(items, first):
            return "\n".join(
                _wrapped(click.text, width, f"{number}. ") for number, click in enumerate(items, first)
            )
        case Sides(left, right):
            return "\n\n".join(
                f"{side.title}:\n{_block(Clicks(side.items), width)}" for side in (left, right)
            )
        case FinaleForm(_, _, fields):
            return "\n".join(
                _wrapped(f"{row.label}: {row.value}{f' ({row.note})' if row.note else ''}", width, "   ")
                if row.value
                else _wrapped(f"{row.label}: {row.note}", width, "   ")
                for row in fields
            )


def _wrapped(text: str, width: int, mark: str) -> str:
    lines = textwrap.wrap(
        _without_markup(text),
        width,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(_NO_BREAK, " ")


def without_markup(text: str) -> str:
    """Return a line of Markdown without markup; ``**Label**`` becomes «Label»."""
    return _without_markup(text).replace(_NO_BREAK, " ")


def _without_markup(text: str) -> str:
    """Return a line without markup, with no-break spaces in labels and commands."""
    pieces = _BACKTICK.split(text)
    pieces[::2] = [_ESCAPED.sub(r"\1", _LABEL.sub(_label, piece)) for piece in pieces[::2]]
    pieces[1::2] = [piece.replace(" ", _NO_BREAK) for piece in pieces[1::2]]
    return "".join(pieces)


def _label(found: re.Match[str]) -> str:
    return f"«{found[1].replace(' ', _NO_BREAK)}»"
