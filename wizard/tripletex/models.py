"""What Tripletex says about keys, companies and clients."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Company:
    """The company that a key belongs to.

    Attributes:
        name: As registered in Tripletex; None if it was not given.
        org_number: Nine digits; None when there is none that can be read.
    """

    id: int
    name: str | None
    org_number: str | None


@dataclass(frozen=True, slots=True)
class Client:
    """A client that an office key may log on to.

    Attributes:
        id: What to use as Basic username for this client (never ``customerCompanyId``).
        name: May be empty.
        org_number: Nine digits; None when there is none that can be read, which says nothing
            about which company it is.
    """

    id: int
    name: str
    org_number: str | None


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """Who a session speaks for.

    Attributes:
        company_id: None when Tripletex names no company, as may be with office keys.
        company: As far as it was given; None without a company.
        employee_id: The owner of the key; None if it was not given.
        actual_employee_id: The key's own user.
    """

    company_id: int | None
    company: Company | None
    request_id: str | None
    employee_id: int | None = None
    actual_employee_id: int | None = None


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """A fiscal year of a company.

    Attributes:
        start: Its first day.
        end: The day after its last.
    """

    start: date
    end: date
