"""The commands that only print: ``guide``, ``explain``, ``schema`` and ``completion``."""

import sys
from argparse import Namespace

from wizard.cli.parser import build_parser
from wizard.cli.streams import write_output
from wizard.config.fields import schema_text
from wizard.domain.exits import UsageError
from wizard.domain.redaction import quoted
from wizard.domain.setup import DEFAULT_APPLICATION, Setup
from wizard.findings import StepId
from wizard.findings.codes import ALL_CODES
from wizard.guide import Paragraph, guide_steps, load_page, page_text
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.report.codes import explain, list_codes
from wizard.walk.words import KEY_NAME


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command."""
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
