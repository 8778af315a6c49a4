"""Reports for people, programs, continuous integration and monitoring."""

from typing import Literal, TextIO

from wizard.text import Texts
from wizard.ui.report.clients import ClientFormat, write_clients
from wizard.ui.report.codes import codes_page, explain, list_codes
from wizard.ui.report.forms import JsonReport, JunitReport, PrometheusReport, Report
from wizard.ui.report.text import TextReport

__all__ = [
    "ClientFormat",
    "Report",
    "ReportFormat",
    "codes_page",
    "explain",
    "list_codes",
    "new_report",
    "write_clients",
]

ReportFormat = Literal["text", "json", "junit", "prometheus"]


def new_report(
    wanted: ReportFormat,
    out: TextIO,
    t: Texts,
    *,
    colour: bool = False,
    is_quiet: bool = False,
    is_verbose: bool = False,
) -> Report:
    """Return an empty report of ``validate``; ``add`` results to it, then ``finish`` it.

    Args:
        wanted: The form.
        out: Where it is written.
        t: The language of messages and hints.
        colour: Whether text is coloured; the other forms never are.
        is_quiet: Whether text leaves out what is in order; the other forms are always complete.
        is_verbose: Whether text names every config.
    """
    match wanted:
        case "json":
            return JsonReport(out, t)
        case "junit":
            return JunitReport(out, t)
        case "prometheus":
            return PrometheusReport(out, t)
        case "text":
            return TextReport(out, t, colour=colour, is_quiet=is_quiet, is_verbose=is_verbose)
