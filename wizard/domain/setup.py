"""The three ways to connect Finale, according to Finale's help page."""

from enum import StrEnum

ORG_NUMBER_PLACEHOLDER = "%ORGNR%"
"""The placeholder that Finale replaces with the organisation number in Firmaopplysninger when it logs on."""

DEFAULT_APPLICATION = "VismaFinale"
"""The application name to choose in Tripletex («Applikasjonsnavn»)."""


class Setup(StrEnum):
    """The kind of set-up: whose key it is, and where in Finale it is entered."""

    SINGLE_COMPANY = "single-company"
    """An ordinary key of one company; Firmaopplysninger, OrgNr empty."""

    BUREAU_CLIENT = "bureau-client"
    """An office key, set up for one client; Firmaopplysninger, OrgNr is the client's number."""

    BUREAU_SHARED = "bureau-shared"
    """An office key, shared by all clients; Byråopplysninger, OrgNr is ``%ORGNR%``."""

    @property
    def is_bureau(self) -> bool:
        """Whether an office key («Regnskapskontorets brukernøkkel») is needed."""
        return self is not Setup.SINGLE_COMPANY


class KeyKind(StrEnum):
    """The kind of key."""

    ORDINARY = "ordinary"
    """Has access to the company in which it was made."""

    OFFICE = "office"
    """«Regnskapskontorets brukernøkkel»: has access to clients, but not to the office itself."""
