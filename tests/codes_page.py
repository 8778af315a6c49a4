"""``python -m tests.codes_page``: the page that lists every code, from the one place that defines them."""

import re
import sys

from wizard.cli.commands.printing import general_text, grouped_codes
from wizard.text import Texts
from wizard.ui.report import finding_word

_MARKUP = re.compile(r"([\\*_\[\]<>#|])")


def codes_page(t: Texts) -> str:
    """Return a Markdown page with the explanation of every code."""
    sections = ["# What was found, and what to do about it"]
    for title, codes in grouped_codes(t):
        sections.append(f"## {title}")
        for code in codes:
            texts = code.texts(t.language)
            sections += [
                f"### {code.id}",
                f"**{_escaped(general_text(texts.message))}** ({finding_word(code.found(), t)})",
                _escaped(general_text(texts.advice)),
                _escaped(texts.explanation),
            ]
    return "\n\n".join(sections) + "\n"


def _escaped(text: str) -> str:
    """Escape Markdown markup, except between backticks."""
    pieces = text.split("`")
    pieces[::2] = [_MARKUP.sub(r"\\\1", piece) for piece in pieces[::2]]
    return "`".join(pieces)


if __name__ == "__main__":
    sys.stdout.write(codes_page(Texts("en")))
