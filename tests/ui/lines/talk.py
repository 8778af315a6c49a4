"""Holds a scripted conversation over a stream, as through a pipe."""

import io
from dataclasses import dataclass

from tests.ui.scripted import Scripted
from wizard.text import Language
from wizard.ui.lines import run_lines


@dataclass(frozen=True)
class Talk:
    code: int
    text: str


def talk(conversation: Scripted, *answers: str, language: Language = "en") -> Talk:
    """Give answers, one per line, and return how it ended and everything that was written."""
    out = io.StringIO()
    stdin = io.StringIO("".join(f"{answer}\n" for answer in answers))
    code = run_lines(conversation, language, stdin=stdin, stdout=out)
    return Talk(code, out.getvalue())
