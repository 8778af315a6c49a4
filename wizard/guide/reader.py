"""Reads the guide: one file per step and language, with blocks for the set-ups they apply to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Final

from wizard.domain.setup import Setup
from wizard.findings import StepId
from wizard.paths import GUIDE_FOLDER
from wizard.text import Language

_FILE: Final = re.compile(r"---\n(?P<header>.*?\n)---\n(?P<body>.*?)\n## help\n(?P<help>.*)", re.DOTALL)
_UNDECIDED: Final = "undecided"
_AUDIENCES: Final = frozenset({"bureau", _UNDECIDED, *Setup})
_BLOCK: Final = re.compile(r":::(?P<audiences>.*)")
_NUMBERED: Final = re.compile(r"\d+\. ")
_PLACEHOLDER: Final = re.compile(r"\{(?P<name>\w+)\|(?P<words>[^{}|]+)\}")
_CODE_ALONE: Final = re.compile(rf"`{_PLACEHOLDER.pattern}`")
_MARKUP: Final = re.compile(r"([\\*_\[\]<>&#~])")


class GuideError(Exception):
    """A guide file is not in the form that ``README.md`` in the guide's folder describes."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


@dataclass(frozen=True, slots=True)
class GuideStep:
    """What a person reads on one step, in one language, for one set-up.

    Attributes:
        title: The step's name, short enough for the head of a screen.
        body: What to do, as Markdown; stands above the step's question.
        help: The background, as Markdown; shown by F1.
        checked: The day on which the text was last compared with its source.
        source: What the clicks were taken from; empty for a step that describes none.
    """

    title: str
    body: str
    help: str
    checked: date
    source: str

    def filled(self, **values: str | None) -> "GuideStep":
        """Return the step with its ``{name|words}`` replaced by a value, or by the words without one.

        The values are shown as they are: Markdown and control characters in them do nothing.
        """
        return replace(self, body=fill(self.body, values), help=fill(self.help, values))


def load_step(step: StepId, language: Language, setup: Setup | None = None) -> GuideStep:
    """Return one step; without a set-up, what fits while none is chosen.

    Raises:
        GuideError: the file is not in the documented form.
    """
    path = Path(GUIDE_FOLDER, language, f"{step}.md")
    parts = _FILE.fullmatch(path.read_text(encoding="utf-8-sig"))
    if parts is None:
        raise GuideError(path, 'a header between two "---" lines and a "## help" line are needed')
    header = dict(re.findall(r"^(\w+):[ ]*(.*)$", parts["header"], re.MULTILINE))
    try:
        return GuideStep(
            title=header["title"],
            body=_for_setup(path, parts["body"], setup),
            help=_for_setup(path, parts["help"], setup),
            checked=date.fromisoformat(header["checked"]),
            source=header.get("source", ""),
        )
    except KeyError as missing:
        raise GuideError(path, f"no {missing} in the header") from missing
    except ValueError as wrong:
        raise GuideError(path, f"checked: {wrong}") from wrong


def guide_steps(setup: Setup | None = None) -> tuple[StepId, ...]:
    """Return the steps that hold clicks to follow, in their order; without a set-up, all of them."""
    client_access = () if setup is Setup.SINGLE_COMPANY else (StepId.CLIENT_ACCESS,)
    return (StepId.ENABLE_API, StepId.CREATE_KEY, *client_access, StepId.FINALE)


def _for_setup(path: Path, text: str, setup: Setup | None) -> str:
    """Keep the blocks that are meant for a set-up, and number the clicks that remain."""
    kept = re.sub(r"\n{3,}", "\n\n", "\n".join(_kept_lines(path, text, setup)))
    lines = []
    numbers = count(1)
    for line in kept.strip().splitlines():
        if _NUMBERED.match(line):
            lines.append(_NUMBERED.sub(f"{next(numbers)}. ", line, count=1))
            continue
        if line and not line.startswith(" "):
            numbers = count(1)
        lines.append(line)
    return "\n".join(lines)


def _kept_lines(path: Path, text: str, setup: Setup | None) -> Iterator[str]:
    names = {str(setup or _UNDECIDED), *(("bureau",) if setup and setup.is_bureau else ())}
    wanted: set[str] | None = None
    for line in text.splitlines():
        if not (block := _BLOCK.fullmatch(line.rstrip())):
            if wanted is None or wanted & names:
                yield line
            continue
        audiences = set(block["audiences"].split())
        if not audiences <= _AUDIENCES or bool(audiences) is (wanted is not None):
            raise GuideError(path, f"unexpected {line}")
        wanted = audiences or None
    if wanted is not None:
        raise GuideError(path, "the last ::: block is not closed")


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """Return guide Markdown with its placeholders replaced; see ``GuideStep.filled``."""
    # Words that stand for a value are nothing to type.
    text = _CODE_ALONE.sub(lambda code: code[0] if values.get(code["name"]) else code["words"], text)
    # Every other piece stands between backticks, where Markdown knows no other marks.
    return "`".join(
        _fill_piece(piece, values, in_code=bool(position % 2))
        for position, piece in enumerate(text.split("`"))
    )


def _fill_piece(piece: str, values: Mapping[str, str | None], *, in_code: bool) -> str:
    def written(placeholder: re.Match[str]) -> str:
        value = values.get(placeholder["name"])
        if not value:
            return placeholder["words"]
        shown = "".join(sign if sign.isprintable() else " " for sign in value).replace("`", "'")
        return shown if in_code else _MARKUP.sub(r"\\\1", shown)

    return _PLACEHOLDER.sub(written, piece)
