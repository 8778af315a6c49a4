"""Keys, companies and clients as Tripletex returns them."""

from datetime import date
from typing import NamedTuple


class Company(NamedTuple):
    """The company that a key belongs to.

    Attributes:
        id: Tripletex's id of it; None if missing, as it may be for an office key.
        name: The name in Tripletex; None if missing.
        org_number: Nine digits; None if missing or invalid.
    """

    id: int | None
    name: str | None
    org_number: str | None


class Client(NamedTuple):
    """A client that an office key has access to.

    Attributes:
        id: The username for this client in Basic authentication (not ``customerCompanyId``).
        name: The name in Tripletex; may be empty.
        org_number: Nine digits; None if missing or invalid.
    """

    id: int
    name: str
    org_number: str | None


class WhoAmI(NamedTuple):
    """The company and employee that a session acts for.

    Attributes:
        company_id: None if Tripletex returns no company, as it may for office keys.
        company: The company as far as it is known; None if there is none.
        employee_id: The owner of the key; None if missing.
        actual_employee_id: The user of the key itself; None if missing.
    """

    company_id: int | None
    company: Company | None
    request_id: str | None
    employee_id: int | None = None
    actual_employee_id: int | None = None


class FiscalYear(NamedTuple):
    """A fiscal year of a company.

    Attributes:
        start: The first day.
        end: The day after the last day.
    """

    start: date
    end: date
