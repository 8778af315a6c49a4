"""The three ways in which Finale can be connected, from Finale's own help page."""

from enum import StrEnum

ORG_NUMBER_PLACEHOLDER = "%ORGNR%"
"""What Finale replaces by the organisation number in Firmaopplysninger when it logs on."""

DEFAULT_APPLICATION = "VismaFinale"
"""The application name to choose in Tripletex («Applikasjonsnavn»)."""


class Setup(StrEnum):
    """Who the key belongs to, and where in Finale it is entered."""

    SINGLE_COMPANY = "single-company"
    """An ordinary key of one company; Firmaopplysninger, OrgNr empty."""

    BUREAU_CLIENT = "bureau-client"
    """An office key, set up for one client; Firmaopplysninger, OrgNr is the client's number."""

    BUREAU_SHARED = "bureau-shared"
    """An office key, common for all clients; Byråopplysninger, OrgNr is ``%ORGNR%``."""

    @property
    def is_bureau(self) -> bool:
        """Whether an office key («Regnskapskontorets brukernøkkel») is needed."""
        return self is not Setup.SINGLE_COMPANY


class KeyKind(StrEnum):
    """What Tripletex lets a key do."""

    ORDINARY = "ordinary"
    """Reads the company in which it was made."""

    OFFICE = "office"
    """«Regnskapskontorets brukernøkkel»: reads the clients it was given access to, not the office itself."""
