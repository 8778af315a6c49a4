"""Reads models out of answers."""

from datetime import date, timedelta

from wizard.domain.org_number import normalise_org_number
from wizard.domain.redaction import Scrub
from wizard.domain.secret import Secret
from wizard.tripletex.answers import Json
from wizard.tripletex.errors import Flaw, Unintelligible
from wizard.tripletex.models import Client, Company, FiscalYear, WhoAmI

_LONGEST_TOKEN = 2000
_EMPLOYEES = ("employeeId", "actualEmployeeId")


def read_session_token(value: Json) -> Secret:
    """Return the session token, 1 to 2000 characters by the specification.

    Raises:
        Unintelligible: there is none of that form.
    """
    token = Secret(value.text("token"))
    if not _is_token(token):
        raise Unintelligible(request_id=value.request_id, flaw=Flaw.WRONG_TYPE, where="token")
    return token


def _is_token(secret: Secret) -> bool:
    text = secret.reveal()
    return 0 < len(text) <= _LONGEST_TOKEN and text.isascii() and text.isprintable()


def read_key_id(value: Json) -> int | None:
    """Return the number of the key that made a session, if it is given."""
    try:
        return value.within("employeeToken").integer("id")
    except Unintelligible:  # it is only shown
        return None


def read_expiry(value: Json, asked: date) -> date:
    """Return the date that a session ends at, which Tripletex may have set otherwise than asked."""
    try:
        return date.fromisoformat(value.text("expirationDate")) if value.has("expirationDate") else asked
    except ValueError:
        return asked


def read_who_am_i(value: Json, scrub: Scrub) -> WhoAmI:
    """Read ``LoggedInUserInfo``; without ``fields`` its company is only an id and a link."""
    company_id = value.integer("companyId") if value.has("companyId") else 0
    company = None
    if value.has("company"):
        company = read_company(value.within("company"), scrub, company_id)
        company_id = company_id or company.id
    employees = [value.integer(name) if value.has(name) else None for name in _EMPLOYEES]
    return WhoAmI(company_id or None, company, value.request_id, *employees)


def read_company(value: Json, scrub: Scrub, company_id: int) -> Company:
    """Read a ``Company``, the id of which is known in case it is left out."""
    known_id = value.integer("id") if value.has("id") else company_id
    return Company(
        known_id, _name(value, scrub) or None, normalise_org_number(value.words("organizationNumber"))
    )


def read_client(value: Json, scrub: Scrub) -> Client:
    """Read a ``Client``. Its id is never 0, which as username would mean the key itself."""
    org_number = normalise_org_number(value.words("organizationNumber"))
    return Client(value.integer("id", least=1), _name(value, scrub), org_number)


def read_fiscal_year(value: Json) -> FiscalYear:
    """Read an ``AnnualAccount``. Whether ``end`` is its last day or the day after is not documented.

    Raises:
        Unintelligible: A date is missing or not one.
    """
    start, end = _date(value, "start"), _date(value, "end")
    # A year ends with a month, so a first day of a month is the day after.
    return FiscalYear(start, end if end.day == 1 else end + timedelta(days=1))


def _date(value: Json, name: str) -> date:
    try:
        return date.fromisoformat(value.text(name))
    except ValueError:
        raise Unintelligible(request_id=value.request_id, flaw=Flaw.WRONG_TYPE, where=name) from None


def _name(value: Json, scrub: Scrub) -> str:
    return scrub.line(value.words("name")) or scrub.line(value.words("displayName"))
