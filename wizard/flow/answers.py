"""Everything a person has answered so far. Frozen: going back is going to an earlier value."""

from dataclasses import dataclass
from typing import Literal

from wizard.domain.environment import Environment
from wizard.domain.reference import Reference
from wizard.domain.setup import DEFAULT_APPLICATION, ORG_NUMBER_PLACEHOLDER, KeyKind, Setup
from wizard.findings import Verdict

StoreKind = Literal["keyring", "file", "command"]
OwnPlace = Literal["command", "env"]
"""Where people may keep a key themselves; the wizard only refers to it."""


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key that is safe in its store; nothing here is secret.

    Attributes:
        reference: Where it lies.
        number: Its number in Tripletex; None for the form used before 2022.
        length: How many characters it has.
        fingerprint: A short hash of it, to tell two keys apart.
        owned: Whether the wizard put it there, and so may take it away.
    """

    reference: Reference
    number: int | None
    length: int
    fingerprint: str
    owned: bool = True


@dataclass(frozen=True, slots=True)
class FoundCompany:
    """The company that Tripletex says a key belongs to."""

    name: str | None
    org_number: str | None


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers, and what was learnt from Tripletex on the way.

    Attributes:
        consumer_token: Where the application's token lies; None as long as nobody has it.
        asks_application: Whether the person must be asked for the application's token.
        store: Where the wizard keeps the key; None as long as that is not decided.
        asks_storage: Whether the person must choose the store.
        own_place: The kind of place of their own that the person has chosen instead, and must name.
        key_reference: Where a key lies that the wizard does not keep; it need not be pasted.
        key_verdict: What the live proof of the key said.
        is_bureau: The answer to «single company or bureau»; None before it is given.
        is_shared: The answer to «common or per client»; None before it is given.
        org_number: Nine digits, for one client of a bureau.
        clients: For several clients, each in a config of its own: their numbers, instead of one. In a
            common set-up: the clients that must be reached.
    """

    environment: Environment = Environment.PRODUCTION
    base_url: str | None = None
    application: str = DEFAULT_APPLICATION
    consumer_token: Reference | None = None
    asks_application: bool = False
    store: StoreKind | None = None
    asks_storage: bool = False
    own_place: OwnPlace | None = None
    key_reference: Reference | None = None
    key: HeldKey | None = None
    key_verdict: Verdict | None = None
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
        """The organisation numbers of the clients that the key must reach, as far as they were named."""
        return (self.org_number,) if self.org_number else self.clients

    @property
    def is_for_several(self) -> bool:
        """Whether a config for each of several clients is wanted."""
        return self.setup is Setup.BUREAU_CLIENT and not self.org_number and bool(self.clients)

    @property
    def finale_org_number(self) -> str:
        """What Finale's field OrgNr must hold. Source: Finale's help page."""
        match self.setup:
            case Setup.BUREAU_CLIENT:
                return self.org_number or ""
            case Setup.BUREAU_SHARED:
                return ORG_NUMBER_PLACEHOLDER
            case _:
                return ""
