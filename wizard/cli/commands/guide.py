"""``guide``: the documented steps as plain text, to read or print."""

import sys
from argparse import Namespace

from wizard.actions.defaults import SiteDefaults
from wizard.domain.exits import UsageError
from wizard.domain.setup import DEFAULT_APPLICATION, Setup
from wizard.findings import StepId
from wizard.flow.known import KEY_NAME
from wizard.guide import guide_steps, load_step, plain_text
from wizard.text import Texts
from wizard.ui.legible import encodable


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    setup = Setup(options.setup) if options.setup else Setup.SINGLE_COMPANY
    steps = guide_steps(setup) if options.step is None else (_step(options.step, t),)
    sections = []
    for number, step in enumerate(steps, 1):
        guide = load_step(step, t.language, setup).filled(
            application=defaults.application or DEFAULT_APPLICATION, key_name=KEY_NAME
        )
        heading = f"{number}. {guide.title}" if len(steps) > 1 else guide.title
        checked = t("Checked on {date}.", date=t.date(guide.checked))
        sections.append(f"{heading}\n{'=' * len(heading)}\n\n{plain_text(guide.body)}\n\n{checked}\n")
    sys.stdout.write(encodable("\n".join(sections), sys.stdout.encoding))
    return 0


def _step(name: str, t: Texts) -> StepId:
    try:
        return StepId(name.replace("-", "_"))
    except ValueError:
        raise UsageError(
            t("There is no step “{name}”. The steps are: {steps}", name=name, steps=", ".join(StepId))
        ) from None
