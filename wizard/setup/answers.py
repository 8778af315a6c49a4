"""Everything a person has answered so far, and what was learnt from Tripletex on the way."""

from dataclasses import dataclass

from wizard.domain.reference import FoundCompany, HeldKey, OwnPlace, Reference, StoreKind
from wizard.domain.setup import DEFAULT_APPLICATION, ORG_NUMBER_PLACEHOLDER, Environment, KeyKind, Setup
from wizard.findings import Verdict


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers.

    Attributes:
        consumer_token: Where the application's token is; None as long as nobody has it.
        store: Where the wizard keeps the key; None as long as that is not decided.
        asks_storage: Whether the person must choose the store.
        own_place: The kind of place of their own that the person has chosen instead, and must name.
        key_reference: Where a key is that the wizard does not keep; it need not be pasted.
        key_verdict: What proving the key gave.
        is_accepted: Whether the user continues with a key that Tripletex refused.
        is_bureau: The answer to «single company or bureau»; None before it is given.
        is_shared: Whether the set-up is common for all clients; None before that is answered.
        org_number: Nine digits, for one client of a bureau.
        clients: For several clients, each in a config of its own: their numbers, instead of one. In a
            common set-up: the clients that must be reached.
    """

    environment: Environment = Environment.PRODUCTION
    base_url: str | None = None
    application: str = DEFAULT_APPLICATION
    consumer_token: Reference | None = None
    store: StoreKind | None = None
    asks_storage: bool = False
    own_place: OwnPlace | None = None
    key_reference: Reference | None = None
    key: HeldKey | None = None
    key_verdict: Verdict | None = None
    is_accepted: bool = False
    kind: KeyKind | None = None
    company: FoundCompany | None = None
    is_bureau: bool | None = None
    is_shared: bool | None = None
    org_number: str | None = None
    clients: tuple[str, ...] = ()

    @property
    def setup(self) -> Setup | None:
        """The set-up that the answers amount to so far."""
        if self.is_bureau is None:
            return None
        if not self.is_bureau:
            return Setup.SINGLE_COMPANY
        return Setup.BUREAU_CLIENT if self.is_shared is False else Setup.BUREAU_SHARED

    @property
    def wanted_clients(self) -> tuple[str, ...]:
        """The organisation numbers of the named clients, which the key must have access to."""
        return (self.org_number,) if self.org_number else self.clients

    @property
    def is_for_several(self) -> bool:
        """Whether a config for each of several clients is wanted."""
        return self.setup is Setup.BUREAU_CLIENT and not self.org_number and bool(self.clients)

    @property
    def finale_org_number(self) -> str:
        """The value of Finale's field OrgNr. Source: Finale's help page."""
        match self.setup:
            case Setup.BUREAU_CLIENT:
                return self.org_number or ""
            case Setup.BUREAU_SHARED:
                return ORG_NUMBER_PLACEHOLDER
            case _:
                return ""
