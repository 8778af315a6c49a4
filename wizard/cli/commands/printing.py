"""The commands that only print: ``guide``, ``explain``, ``schema`` and ``completion``."""

import re
import sys
from argparse import Namespace
from collections.abc import Iterator
from itertools import groupby
from textwrap import fill
from typing import Final

from wizard.cli.parser import build_parser
from wizard.cli.streams import write_output
from wizard.config.fields import schema_text
from wizard.domain.exits import UsageError
from wizard.domain.redaction import quoted
from wizard.domain.setup import DEFAULT_APPLICATION, Setup
from wizard.findings import Code, StepId
from wizard.findings.codes import ALL_CODES
from wizard.guide import Paragraph, guide_steps, load_page, page_text
from wizard.site import SiteDefaults
from wizard.text import N_, Texts
from wizard.ui.report import finding_word
from wizard.walk.words import KEY_NAME

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


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command and return the exit code."""
    match options.command:
        case "guide":
            write_output(_guide(options, t, defaults))
        case "explain":
            write_output(_explanation(options.code, t))
        case "schema":
            write_output(schema_text())
        case _:
            import shtab  # with string formatting and more that the others do without

            sys.stdout.write(shtab.complete(build_parser(t), options.shell) + "\n")
    return 0


def _explanation(name: str | None, t: Texts) -> str:
    if name is None:
        return list_codes(t)
    if (code := ALL_CODES.get(name.upper())) is None:
        raise UsageError(
            t("There is no code “{code}”. `tripletex-wizard explain` lists them all.", code=quoted(name))
        )
    return explain(code, t)


def explain(code: Code, t: Texts) -> str:
    """Return the explanation of a code and how to fix it, as text that ends with a line break."""
    texts = code.texts(t.language)
    parts = [
        f"{code.id}: {general_text(texts.message)}",
        f"{t('Kind:')} {finding_word(code.found(), t)}",
        f"{t('What to do:')} {general_text(texts.advice)}",
        texts.explanation,
    ]
    if code.step is not None:
        title = load_page(code.step, t.language).title
        parts.append(t("Fixed in the step “{title}” ({step}).", title=title, step=code.step))
    return (
        "\n\n".join(fill(part, _WIDTH, break_long_words=False, break_on_hyphens=False) for part in parts)
        + "\n"
    )


def list_codes(t: Texts) -> str:
    """Return a list of all codes in groups, as text that ends with a line break."""
    sections = []
    for title, codes in grouped_codes(t):
        lines = [f"{code.id}  {general_text(code.texts(t.language).message)}" for code in codes]
        sections.append("\n".join([title, "", *lines]))
    return "\n\n".join(sections) + "\n"


def grouped_codes(t: Texts) -> Iterator[tuple[str, list[Code]]]:
    """Yield the title and the codes of each group."""
    for group, codes in groupby(ALL_CODES.values(), lambda code: code.id[:3]):
        yield t(_GROUPS[group]), list(codes)


def general_text(message: str) -> str:
    """Replace the placeholders of a message with ellipses, and remove that of a client."""

    def general(placeholder: re.Match[str]) -> str:
        if placeholder["name"] == "whose":
            return ""
        return f"… {placeholder['many']}" if placeholder["many"] else "…"

    return _PLACEHOLDER.sub(general, message)


def _guide(options: Namespace, t: Texts, defaults: SiteDefaults) -> str:
    setup = Setup(options.setup) if options.setup else Setup.SINGLE_COMPANY
    steps = guide_steps(setup) if options.step is None else (_step(options.step, t),)
    sections = []
    for number, step in enumerate(steps, 1):
        page = load_page(
            step,
            t.language,
            setup,
            application=defaults.application or DEFAULT_APPLICATION,
            key_name=KEY_NAME,
        )
        heading = f"{number}. {page.title}" if len(steps) > 1 else page.title
        checked = t("Checked on {date}.", date=t.date(page.checked))
        text = page_text((*page.body, *map(Paragraph, page.card)))
        sections.append(f"{heading}\n{'=' * len(heading)}\n\n{text}\n\n{checked}\n")
    return "\n".join(sections)


def _step(name: str, t: Texts) -> StepId:
    try:
        return StepId(name.replace("-", "_"))
    except ValueError:
        raise UsageError(
            t("There is no step “{name}”. The steps are: {steps}", name=name, steps=", ".join(StepId))
        ) from None
