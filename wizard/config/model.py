"""What a config says, once it has been read and found good."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from wizard.domain.environment import Environment
from wizard.domain.reference import Reference
from wizard.domain.setup import Setup

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Config:
    """One connection between Tripletex and Finale.

    Attributes:
        environment: Which Tripletex.
        base_url: Where the sandbox listens; None for production and test.
        application: The application that the key was made for.
        setup: Who the key belongs to, and where in Finale it is entered.
        org_number: The value of Finale's OrgNr: empty, nine digits, or ``%ORGNR%``.
        clients: The clients that a common set-up needs access to, in the file's order; may be empty.
        employee_token: Where the key is read.
        consumer_token: Where the consumer token is read, if the config says so.
        key_id: The key's number in Tripletex (``tokenId``), if known.
        installed: The day on which the key was installed, if known.
        previous: Where the key before this one is read, until a rotation is finished.
        company_id: Tripletex's number of the company that the key belongs to, if known.
    """

    environment: Environment
    base_url: str | None
    application: str
    setup: Setup
    org_number: str
    clients: tuple[str, ...]
    employee_token: Reference
    consumer_token: Reference | None
    key_id: int | None
    installed: date | None
    previous: Reference | None
    company_id: int | None = None
