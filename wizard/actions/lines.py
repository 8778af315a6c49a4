"""The results of checks as lines that a person reads."""

from dataclasses import dataclass

from wizard.checks.outcomes import CheckId, CheckOutcome
from wizard.domain.org_number import format_org_number
from wizard.domain.setup import KeyKind
from wizard.findings import Finding, Verdict
from wizard.text import N_, Texts

_KINDS = {
    KeyKind.ORDINARY: N_("an ordinary key"),
    KeyKind.OFFICE: N_("an office key"),
}
_PROVEN = {
    CheckId.LOG_ON: N_("The key is accepted"),
    CheckId.COMPANY: N_("The company is found"),
    CheckId.KIND: N_("The kind of key fits the set-up"),
    CheckId.CLIENT: N_("The key has access to the client"),
    CheckId.CLIENTS: N_("The key has access to the clients"),
    CheckId.ACCOUNTS: N_("The chart of accounts can be read"),
    CheckId.BALANCES: N_("The balances can be read"),
    CheckId.POSTINGS: N_("All transactions can be read"),
}
_ASKED = {
    CheckId.LOG_ON: N_("Is the key accepted?"),
    CheckId.COMPANY: N_("Is the company found?"),
    CheckId.KIND: N_("Does the kind of key fit the set-up?"),
    CheckId.CLIENT: N_("Does the key have access to the client?"),
    CheckId.CLIENTS: N_("Does the key have access to the clients?"),
    CheckId.ACCOUNTS: N_("Can the chart of accounts be read?"),
    CheckId.BALANCES: N_("Can the balances be read?"),
    CheckId.POSTINGS: N_("Can all transactions be read?"),
}
"""The same where it is not so, or not known: «WRONG: the client is reached» would say both at once."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """The result of one check."""

    verdict: Verdict
    text: str
    findings: tuple[Finding, ...] = ()
    request_id: str | None = None


def line_of(result: CheckOutcome, t: Texts) -> CheckLine:
    """Return one check's result: what was checked, and what was seen."""
    title = _title(result.check, result.verdict, t)
    seen = _seen(result, t)
    # Support is asked about what went wrong; for what is in order the number is only noise.
    request_id = None if result.verdict is Verdict.VALID else result.request_id
    return CheckLine(result.verdict, f"{title}: {seen}" if seen else title, result.findings, request_id)


def wait_line(seconds: float, t: Texts) -> str:
    """Return what is shown while Tripletex's rate limit is waited for."""
    return t("Tripletex asks us to wait {seconds} seconds …", seconds=round(seconds))


def _title(check: CheckId, verdict: Verdict, t: Texts) -> str:
    return t((_PROVEN if verdict is Verdict.VALID else _ASKED)[check])


def _seen(result: CheckOutcome, t: Texts) -> str:
    if result.verdict is not Verdict.VALID:
        return ""
    if result.check is CheckId.KIND and result.kind is not None:
        return t(_KINDS[result.kind])
    if result.check is CheckId.CLIENTS and result.count is not None:
        return t.plural("{n} client", "{n} clients", result.count)
    company = result.company
    if company is None:
        return ""
    number = f" ({format_org_number(company.org_number)})" if company.org_number else ""
    return f"{company.name or t('a company without a name')}{number}"
