"""``explain``: what a finding means."""

from argparse import Namespace

from wizard.cli.streams import put
from wizard.domain.exits import UsageError
from wizard.domain.redaction import quoted
from wizard.findings.codes import ALL_CODES
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.report.codes import explain, list_codes


def run(options: Namespace, t: Texts, _defaults: SiteDefaults) -> int:
    """Carry the command out."""
    if options.code is None:
        put(list_codes(t))
        return 0
    code = ALL_CODES.get(options.code.upper())
    if code is None:
        raise UsageError(
            t(
                "There is no code “{code}”. `tripletex-wizard explain` lists them all.",
                code=quoted(options.code),
            )
        )
    put(explain(code, t))
    return 0
