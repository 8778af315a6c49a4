"""``guide``: prints the documented steps as plain text."""

from argparse import Namespace

from wizard.cli.streams import write_output
from wizard.domain.exits import UsageError
from wizard.domain.setup import DEFAULT_APPLICATION, Setup
from wizard.findings import StepId
from wizard.guide import Paragraph, guide_steps, load_page, page_text
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.walk.words import KEY_NAME


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command."""
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
    write_output("\n".join(sections))
    return 0


def _step(name: str, t: Texts) -> StepId:
    try:
        return StepId(name.replace("-", "_"))
    except ValueError:
        raise UsageError(
            t("There is no step “{name}”. The steps are: {steps}", name=name, steps=", ".join(StepId))
        ) from None
