"""Whether a new key reads as much as the one that it replaces."""

from collections.abc import Iterable, Sequence
from typing import Final

from wizard.checks.figures import is_refusal, naming_client
from wizard.checks.outcomes import FIGURES, CheckId, CheckOutcome, CheckStatus
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
    """Return the clients that the old key reaches and the new one does not."""
    kept = {client.id for client in after}
    return tuple(client for client in before if client.id not in kept)


def lost_figures(
    before: Iterable[CheckOutcome], after: Iterable[CheckOutcome], client: Client | None = None
) -> Finding | None:
    """Return a finding if figures that the old key may read are refused to the new one.

    What could not be seen with either of the keys is not compared: that is told as not known by itself.

    Args:
        before: What ``KeyProbe.figures`` gave for the old key.
        after: The same for the new key, about the same company or client.
        client: The client, to be named in the finding.
    """
    readable = {each.check for each in before if each.check in FIGURES and _is_readable(each)}
    refused = [each for each in after if any(is_refusal(finding.code) for finding in each.findings)]
    lost = [each for check in _NAMES for each in refused if each.check is check and check in readable]
    if not lost:
        return None
    names = {f"name{number}": Term(_NAMES[each.check]) for number, each in enumerate(lost)}
    found = codes.FEWER_FIGURES.found(
        step=StepId.CLIENT_ACCESS if client else StepId.CREATE_KEY,
        request_id=lost[0].request_id,
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


def _is_readable(each: CheckOutcome) -> bool:
    is_refused = any(is_refusal(finding.code) for finding in each.findings)
    return not is_refused and each.status in {CheckStatus.VALID, CheckStatus.WARNING}
