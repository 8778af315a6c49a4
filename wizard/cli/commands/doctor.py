"""``doctor``: reports whether this machine is ready, in a form that can be sent to support."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from wizard.cli.dispatch import run_async
from wizard.cli.streams import print_message, wants_colour
from wizard.config.discovery import is_missing
from wizard.config.reading import read_config
from wizard.context import AppContext
from wizard.doctor import WHOLE_DEADLINE, run_doctor
from wizard.doctor.observation import LIVE, Machine, Terminal
from wizard.domain.exits import Exit, UsageError, exit_for
from wizard.findings import Finding, Term
from wizard.site import SiteDefaults
from wizard.text import N_, Texts
from wizard.ui.face import Face, choose_face
from wizard.ui.report.doctor import DoctorFormat, new_doctor_report

FACES = {
    Face.FULL_SCREEN: Term(N_("in full screen")),
    Face.LINES: Term(N_("line by line")),
    Face.NONE: Term(N_("not at all")),
}


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command."""
    wants_lines = options.plain or bool(defaults.plain)
    context = AppContext.of_this_machine(defaults)
    reading, base_urls = None, LIVE
    if options.config:
        path = Path(options.config)
        if is_missing(path):
            raise UsageError(t("{path} does not exist.", path=path))
        reading = read_config(path)
        environment = reading.config.environment if reading.config else reading.environment
        address = reading.config.base_url if reading.config else None
        address = address or (environment.base_url if environment else None)
        # The address in a config that others can change is not trusted; its key is refused as well.
        base_urls = (address,) if address and context.trust.refusal(path) is None else ()
    machine = Machine(
        context,
        _terminal(t, wants_lines=wants_lines),
        reading,
        options.lang,
        base_urls,
    )
    return report(machine, options.format, t, colour=wants_colour(options))


def report(machine: Machine, wanted: DoctorFormat, t: Texts, *, colour: bool = False) -> Exit:
    """Run all checks, write the report to standard output, and return the exit code."""
    if sys.stderr.isatty():
        print_message(t("Running all checks. This takes at most {seconds} seconds.", seconds=WHOLE_DEADLINE))
    return exit_for(run_async(_report(machine, wanted, t, colour=colour)))


async def _report(machine: Machine, wanted: DoctorFormat, t: Texts, *, colour: bool) -> list[Finding]:
    written = new_doctor_report(wanted, sys.stdout, t, colour=colour)
    findings: list[Finding] = []
    async for seen in run_doctor(machine):
        written.add(seen)
        findings += seen.findings
    written.finish()
    return findings


def _terminal(t: Texts, *, wants_lines: bool) -> Terminal:
    choice = choose_face(t, os.environ, sys.stdin, sys.stderr, wants_lines=wants_lines)
    try:
        columns, lines = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        columns = lines = 0
    return Terminal(
        is_stdin=sys.stdin is not None and sys.stdin.isatty(),
        is_stderr=sys.stderr.isatty(),
        columns=columns,
        lines=lines,
        encoding=sys.stderr.encoding,
        face=FACES[choice.face],
        reason=choice.reason,
    )
