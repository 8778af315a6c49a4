"""``validate``: checks existing configs."""

import sys
import time
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from wizard.checks.results import DEFAULT_JOBS, FileResult, ValidateOptions, check_files
from wizard.cli.streams import wants_colour
from wizard.config.discovery import NothingFound, find_configs
from wizard.domain.exits import Exit, Terminated, UsageError
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.progress import Progress
from wizard.ui.report.forms import Report
from wizard.ui.report.text import new_report


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command and return the exit code."""
    if not options.paths:
        from wizard.cli.commands.menu import pick  # only needed without arguments

        return pick("validate", options, t, defaults)
    wishes = _validate_options(options, t)  # the deadline begins
    paths = _paths(options.paths, t)
    report = new_report(
        options.format,
        sys.stdout,
        t,
        colour=wants_colour(options),
        is_quiet=options.quiet,
        is_verbose=options.verbose,
    )
    try:
        with Progress(sys.stderr, len(paths), t) as progress:
            if options.offline:
                today = datetime.now(UTC).astimezone().date()
                for result in check_files(paths, wishes, today):
                    _add_result(result, report, progress)
            else:
                _check_online(paths, wishes, defaults, report, progress)
    except (KeyboardInterrupt, Terminated):
        report.finish()  # with the results so far
        raise
    report.finish()
    if options.fail_on == "warning" and report.warned:
        return Exit.WRONG
    return report.exit_code


def _validate_options(options: Namespace, t: Texts) -> ValidateOptions:
    if options.jobs is not None and options.jobs < 1:
        raise UsageError(t("--jobs must be at least 1."))
    if options.max_age is not None and options.max_age < 0:
        raise UsageError(t("--max-age must be at least 0 days."))
    if options.deadline is not None and not options.deadline > 0:  # nan neither
        raise UsageError(t("--deadline must be more than 0 seconds."))
    return ValidateOptions(
        deep=options.deep,
        max_age=options.max_age,
        jobs=options.jobs or DEFAULT_JOBS,
        deadline=None if options.deadline is None else time.monotonic() + options.deadline,
    )


def _check_online(
    paths: list[Path], wishes: ValidateOptions, defaults: SiteDefaults, report: Report, progress: Progress
) -> None:
    # Imported here because --offline does not need asyncio, httpx and keyring.
    from wizard.checks.outcomes import wait_line
    from wizard.checks.validation import validate
    from wizard.cli.dispatch import run_async
    from wizard.context import AppContext
    from wizard.walk.journal import remember_results

    def on_wait(seconds: float) -> None:
        progress.tell(lambda t: wait_line(seconds, t))

    async def prove() -> None:
        context = AppContext.of_this_machine(defaults)
        results = []
        async for result in validate(paths, wishes, context, on_wait, progress.count_clients):
            _add_result(result, report, progress)
            # Without the text, since there may be thousands of configs.
            results.append(replace(result, text=None, checks=()))
        remember_results(context.state_folder, results, context.now())

    run_async(prove())


def _add_result(result: FileResult, report: Report, progress: Progress) -> None:
    # Report and progress may share one terminal.
    progress.clear()
    report.add(result)
    progress.advance()


def _paths(names: Iterable[str], t: Texts) -> list[Path]:
    try:
        return find_configs(Path(name) for name in names)
    except NothingFound as error:
        raise UsageError(error.message(t)) from None
