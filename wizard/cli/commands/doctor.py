"""``doctor``: reports whether this machine is ready, in a form that can be sent to support."""

import os
import sys
from argparse import Namespace

from wizard.cli.dispatch import run_async
from wizard.cli.flags import read_existing
from wizard.cli.streams import print_message, wants_colour
from wizard.config.reading import Reading
from wizard.context import AppContext
from wizard.doctor import WHOLE_DEADLINE, run_doctor
from wizard.doctor.observation import LIVE, Machine, Terminal
from wizard.domain.exits import exit_for
from wizard.findings import Finding, Term
from wizard.site import SiteDefaults
from wizard.text import N_, Texts
from wizard.ui.face import Face, choose_face
from wizard.ui.report.doctor import new_doctor_report

FACES = {
    Face.FULL_SCREEN: Term(N_("in full screen")),
    Face.LINES: Term(N_("line by line")),
    Face.NONE: Term(N_("not at all")),
}


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command and return the exit code."""
    context = AppContext.of_this_machine(defaults)
    reading = read_existing(options.config, t) if options.config else None
    machine = Machine(
        context,
        _terminal(t, wants_lines=options.plain or bool(defaults.plain)),
        config=reading,
        language_flag=options.lang,
        base_urls=LIVE if reading is None else _base_urls(reading, context),
    )
    if sys.stderr.isatty():
        print_message(t("Running all checks. This takes at most {seconds} seconds.", seconds=WHOLE_DEADLINE))
    return exit_for(run_async(_report(machine, options, t)))


def _base_urls(reading: Reading, context: AppContext) -> tuple[str, ...]:
    """Return the address that a config names, if it can be trusted. If not, its key is refused as well."""
    address = reading.config.base_url if reading.config else None
    if address is None and reading.environment is not None:
        address = reading.environment.base_url
    return (address,) if address and context.trust.refusal(reading.path or "") is None else ()


async def _report(machine: Machine, options: Namespace, t: Texts) -> list[Finding]:
    report = new_doctor_report(options.format, sys.stdout, t, colour=wants_colour(options))
    findings: list[Finding] = []
    async for seen in run_doctor(machine):
        report.add(seen)
        findings += seen.findings
    report.finish()
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
