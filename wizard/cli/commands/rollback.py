"""``rollback``: tests the previous key and goes back to it."""

import sys
from argparse import Namespace

from wizard.cli.commands.rotate import candidates_from, one_key
from wizard.cli.dispatch import run_async
from wizard.cli.streams import print_findings
from wizard.context import AppContext
from wizard.domain.exits import UsageError, exit_for
from wizard.rotation.finish import roll_back
from wizard.rotation.members import findings_of, lock_all, unread
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.progress import Progress
from wizard.ui.report.changes import ROLLED_BACK, write_outcomes


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command."""
    context = AppContext.of_this_machine(defaults)
    if not options.configs and not options.all:
        raise UsageError(t("Give a config file, or a folder with --all."))
    candidates = candidates_from(options.configs, options.all, context, t)
    members = candidates.given
    if options.all:
        with_previous = tuple(member for member in candidates.found if member.previous)
        named = members or with_previous
        one_key(named, "rollback", options.all, t)
        members += tuple(each for each in with_previous if each.key.is_same(named[0].key))
    if not members and not candidates.broken:
        raise UsageError(t("No config file in {path} has a previous key.", path=options.all))
    paths = [member.path for member in members]
    with lock_all(paths, context.trust) as refused, Progress(sys.stderr, len(paths), t) as progress:
        results = run_async(roll_back(context, members, refused, progress.advance))
    broken = unread(candidates.broken)
    write_outcomes(
        [*results.outcomes, *broken],
        sys.stdout,
        t,
        labels=ROLLED_BACK,
        wanted=options.format,
        others=results.notices,
    )
    print_findings(results.notices, t)
    return exit_for([*results.findings, *findings_of(broken)])
