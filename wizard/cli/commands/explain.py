"""``explain``: explains a finding."""

from argparse import Namespace

from wizard.cli.streams import write_output
from wizard.domain.exits import UsageError
from wizard.domain.redaction import quoted
from wizard.findings.codes import ALL_CODES
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.report.codes import explain, list_codes


def run(options: Namespace, t: Texts, _defaults: SiteDefaults) -> int:
    """Run the command."""
    if options.code is None:
        write_output(list_codes(t))
        return 0
    code = ALL_CODES.get(options.code.upper())
    if code is None:
        raise UsageError(
            t(
                "There is no code “{code}”. `tripletex-wizard explain` lists them all.",
                code=quoted(options.code),
            )
        )
    write_output(explain(code, t))
    return 0
