"""``rollback``: test the previous key and go back to it."""

import sys
from argparse import Namespace

from wizard.actions.context import AppContext
from wizard.actions.defaults import SiteDefaults
from wizard.actions.rotate.locks import hold_all
from wizard.actions.rotate.rollback import roll_back
from wizard.actions.rotate.tally import findings_of, unread
from wizard.cli.commands.rotate import candidates_from
from wizard.cli.running import run_in_order
from wizard.domain.exits import exit_for
from wizard.text import Texts
from wizard.ui.report.rotation import ROLLED_BACK, write_fates, write_findings


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    context = AppContext.of_this_machine(defaults)
    candidates = candidates_from(options.configs, None, context, t)
    with hold_all([member.path for member in candidates.given]) as refused:
        tally = run_in_order(roll_back(context, candidates.given, refused))
    broken = unread(candidates.broken)
    write_fates([*tally.fates, *broken], sys.stdout, t, labels=ROLLED_BACK)
    write_findings(tally.notices, sys.stderr, t)
    return exit_for([*tally.findings, *findings_of(broken)])
