"""Explanations of the codes, for ``explain`` and the documentation."""

import re
from collections.abc import Iterator
from itertools import groupby
from textwrap import fill
from typing import Final

from wizard.findings import Code
from wizard.findings.codes import ALL_CODES
from wizard.guide import load_page
from wizard.text import N_, Texts
from wizard.ui.report import finding_word

_GROUPS: Final = {
    "TW1": N_("The file and its TOML"),
    "TW2": N_("Content of the config file"),
    "TW3": N_("Keys and where they are stored"),
    "TW4": N_("Refused by Tripletex"),
    "TW5": N_("Could not be checked"),
    "TW6": N_("This machine"),
    "TW7": N_("Replacing a key"),
}

_WIDTH: Final = 78
_PLACEHOLDER: Final = re.compile(r"\{(?P<name>\w+)(?::[^{}|]*\|(?P<many>[^{}]*))?[^{}]*\}")
_MARKUP: Final = re.compile(r"([\\*_\[\]<>#|])")


def explain(code: Code, t: Texts) -> str:
    """Return the explanation of a code and how to fix it, as text that ends with a line break."""
    texts = code.texts(t.language)
    parts = [
        f"{code.id}: {_general(texts.message)}",
        f"{t('Kind:')} {finding_word(code.found(), t)}",
        f"{t('What to do:')} {_general(texts.advice)}",
        texts.explanation,
    ]
    if code.step is not None:
        title = load_page(code.step, t.language).title
        parts.append(t("Fixed in the step “{title}” ({step}).", title=title, step=code.step))
    return "\n\n".join(fill(part, _WIDTH, break_long_words=False) for part in parts) + "\n"


def list_codes(t: Texts) -> str:
    """Return a list of all codes in groups, as text that ends with a line break."""
    sections = []
    for title, codes in _grouped(t):
        lines = [f"{code.id}  {_general(code.texts(t.language).message)}" for code in codes]
        sections.append("\n".join([title, "", *lines]))
    return "\n\n".join(sections) + "\n"


def codes_page(t: Texts) -> str:
    """Return a Markdown page with the explanation of every code."""
    sections = [f"# {t('What was found, and what to do about it')}"]
    for title, codes in _grouped(t):
        sections.append(f"## {title}")
        for code in codes:
            texts = code.texts(t.language)
            sections += [
                f"### {code.id}",
                f"**{_escaped(_general(texts.message))}** ({finding_word(code.found(), t)})",
                _escaped(_general(texts.advice)),
                _escaped(texts.explanation),
            ]
    return "\n\n".join(sections) + "\n"


def _grouped(t: Texts) -> Iterator[tuple[str, list[Code]]]:
    for group, codes in groupby(ALL_CODES.values(), lambda code: code.id[:3]):
        yield t(_GROUPS[group]), list(codes)


def _general(message: str) -> str:
    """Replace the placeholders of a message with ellipses, and remove that of a client."""

    def general(placeholder: re.Match[str]) -> str:
        if placeholder["name"] == "whose":
            return ""
        return f"… {placeholder['many']}" if placeholder["many"] else "…"

    return _PLACEHOLDER.sub(general, message)


def _escaped(text: str) -> str:
    """Escape Markdown markup, except between backticks."""
    pieces = text.split("`")
    pieces[::2] = [_MARKUP.sub(r"\\\1", piece) for piece in pieces[::2]]
    return "`".join(pieces)
