"""Tells an ordinary key from an office key («Regnskapskontorets brukernøkkel»).

Both may ask who they are. Reading their own company, an ordinary key succeeds, and an office key gets
the documented sentence «Company owned users … can only access …». Its status and code are not
documented, so a refusal of any other form is compared with the list of clients: only an office key
has any.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from wizard.checks.errors import finding_for
from wizard.checks.outcomes import KeyFacts
from wizard.domain.setup import KeyKind
from wizard.findings import Finding, codes
from wizard.tripletex.calls import Call
from wizard.tripletex.errors import Refused, TripletexError
from wizard.tripletex.models import Client, WhoAmI
from wizard.tripletex.session import Session

FetchClients = Callable[[], Awaitable[tuple[Client, ...] | Finding]]


async def tell_kind(session: Session, me: WhoAmI, clients: FetchClients) -> KeyFacts:
    """Return what a key is that has logged on.

    Args:
        session: Of the key.
        me: Who it says it is.
        clients: Reads the list of clients, if it comes to that.
    """
    try:
        # Where whoAmI names no company, 0 asks for the key's own; an office key gets the sentence.
        company = await session.company(me.company_id or 0)
    except Refused as refused:
        if refused.company_owned:
            return KeyFacts(session.key_id, KeyKind.OFFICE, me.company, (), refused.request_id)
        return await _tell_by_list(session, me, refused, clients)
    except TripletexError as error:
        return _unknown(session, me, finding_for(error, Call.COMPANY))
    return KeyFacts(session.key_id, KeyKind.ORDINARY, company, (), me.request_id)


async def _tell_by_list(session: Session, me: WhoAmI, refused: Refused, clients: FetchClients) -> KeyFacts:
    listed = await clients()
    if not isinstance(listed, Finding) and any(client.id != me.company_id for client in listed):
        return KeyFacts(session.key_id, KeyKind.OFFICE, me.company, (), refused.request_id)
    if isinstance(listed, Finding) and listed.code.is_unknown:
        return _unknown(session, me, listed)
    finding = finding_for(refused, Call.COMPANY)
    if refused.status != HTTPStatus.FORBIDDEN:
        return _unknown(session, me, finding)
    return KeyFacts(session.key_id, KeyKind.ORDINARY, me.company, (finding,), refused.request_id)


def _unknown(session: Session, me: WhoAmI, why: Finding) -> KeyFacts:
    findings = (why, codes.KIND_UNKNOWN.found(request_id=why.request_id))
    return KeyFacts(session.key_id, None, me.company, findings, why.request_id)
