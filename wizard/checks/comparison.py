"""Whether a new key reads as much as the one that it replaces."""

from collections.abc import Iterable, Sequence
from typing import Final

from wizard.checks.figures import is_refusal, naming_client
from wizard.checks.outcomes import CheckId, CheckOutcome, CheckStatus
from wizard.checks.probe import KeyProbe
from wizard.findings import Finding, Phrase, StepId, Term, codes
from wizard.text import N_
from wizard.tripletex.models import Client

_NAMES: Final = {
    CheckId.BALANCES: N_("the balances"),
    CheckId.POSTINGS: N_("all transactions"),
    CheckId.ACCOUNTS: N_("the chart of accounts"),
}


def lost_clients(before: Iterable[Client], after: Iterable[Client]) -> tuple[Client, ...]:
    """Return the clients that the old key has access to and the new one does not."""
    kept = {client.id for client in after}
    return tuple(client for client in before if client.id not in kept)


def lost_figures(
    before: Iterable[CheckOutcome], after: Iterable[CheckOutcome], client: Client | None = None
) -> Finding | None:
    """Return a finding if figures that the old key may read are refused to the new one.

    What could not be seen with either of the keys is not compared: that is a finding by itself.

    Args:
        before: The checks made with the old key, by ``KeyProbe.figures`` or by ``check_setup``.
        after: The same checks with the new key.
        client: The client that they are about, to be named in the finding.
    """
    before = tuple(before)
    seen = {each.check for each in before if each.status is not CheckStatus.UNKNOWN}
    known = [_about(finding) for each in before for finding in each.findings]
    refused = [
        (each, finding)
        for each in after
        for finding in each.findings
        if is_refusal(finding.code) and each.check in seen and _about(finding) not in known
    ]
    lost = [check for check in _NAMES if any(each.check is check for each, _ in refused)]
    if not lost:
        return None
    names = {f"name{number}": Term(_NAMES[check]) for number, check in enumerate(lost)}
    is_at_client = client is not None or any(finding.values.get("whose") for _, finding in refused)
    found = codes.FEWER_FIGURES.found(
        step=StepId.CLIENT_ACCESS if is_at_client else StepId.CREATE_KEY,
        request_id=refused[0][1].request_id,
        figures=Phrase(", ".join(f"{{{name}}}" for name in names), **names),
        whose="",
    )
    return naming_client(found, client) if client else found


async def compare_figures(
    old: KeyProbe, new: KeyProbe, whose: Sequence[Client | None]
) -> tuple[Finding, ...]:
    """Read the figures of companies and clients with both keys, and return what the new one lost.

    Args:
        old: The key in use.
        new: The one that is to replace it.
        whose: The clients; None for the company that an ordinary key belongs to.
    """
    found = [lost_figures(await old.figures(client), await new.figures(client), client) for client in whose]
    return tuple(finding for finding in found if finding is not None)


def _about(finding: Finding) -> tuple[object, ...]:
    return finding.code, finding.values.get("whose"), finding.values.get("client")
