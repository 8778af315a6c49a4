"""The answers of a set-up, including what Tripletex has returned about the key, and their journals."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wizard.domain.reference import HeldKey, Reference, StoreKind
from wizard.domain.setup import DEFAULT_APPLICATION, ORG_NUMBER_PLACEHOLDER, Environment, KeyKind, Setup
from wizard.findings import StepId, Verdict
from wizard.tripletex.models import Company
from wizard.walk.journal import JournalV1, load_journal, load_journal_v1, newest_first

_FOLDER = "unfinished"


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a set-up. Their names are part of the journal's format.

    Attributes:
        consumer_token: The reference to the consumer token; None if there is none.
        store: The wizard's store for the key; None if undecided.
        asks_storage: Whether the user must choose the store.
        key_reference: The reference to a key that the user stores, and that need not be pasted.
        key: The stored key.
        key_verdict: The verdict of testing the key.
        is_accepted: Whether the user continues with a key that Tripletex refused.
        kind: The kind of key, if known.
        company: The company of the key, if known.
        is_bureau: The answer to «single company or office»; None if not answered.
        is_shared: Whether the set-up is shared by all clients; None if not answered.
        org_number: The organisation number of the only client of a set-up for an office.
        clients: The organisation numbers of several clients with a config each, or those that a shared set-up
            must have access to.
    """

    environment: Environment = Environment.PRODUCTION
    base_url: str | None = None
    application: str = DEFAULT_APPLICATION
    consumer_token: Reference | None = None
    store: StoreKind | None = None
    asks_storage: bool = False
    key_reference: Reference | None = None
    key: HeldKey | None = None
    key_verdict: Verdict | None = None
    is_accepted: bool = False
    kind: KeyKind | None = None
    company: Company | None = None
    is_bureau: bool | None = None
    is_shared: bool | None = None
    org_number: str | None = None
    clients: tuple[str, ...] = ()

    @property
    def setup(self) -> Setup | None:
        """The kind of set-up according to the answers so far."""
        if self.is_bureau is None:
            return None
        if not self.is_bureau:
            return Setup.SINGLE_COMPANY
        return Setup.BUREAU_CLIENT if self.is_shared is False else Setup.BUREAU_SHARED

    @property
    def wanted_clients(self) -> tuple[str, ...]:
        """The organisation numbers of the clients that the key must have access to."""
        return (self.org_number,) if self.org_number else self.clients

    @property
    def is_for_several(self) -> bool:
        """Whether there will be a config for each of several clients."""
        return self.setup is Setup.BUREAU_CLIENT and not self.org_number and bool(self.clients)

    @property
    def finale_org_number(self) -> str:
        """The value for Finale's field OrgNr, according to Finale's help page."""
        match self.setup:
            case Setup.BUREAU_CLIENT:
                return self.org_number or ""
            case Setup.BUREAU_SHARED:
                return ORG_NUMBER_PLACEHOLDER
            case _:
                return ""


@dataclass(frozen=True, slots=True)
class SavedSetup:
    """The journal of an unfinished set-up.

    Attributes:
        current: The current step.
        answers: The answers so far.
        written: The configs that have been written.
        stored: The keys that have been stored.
        said: The verdict of the last checks.
        at: When it was written.
        target: The path of the config, if it was given.
    """

    current: StepId
    answers: Answers
    written: tuple[Path, ...] = ()
    stored: tuple[Reference, ...] = ()
    said: Verdict | None = None
    at: datetime | None = None
    target: Path | None = None


def journal_of(folder: Path, target: Path | None) -> Path:
    """Return the path of the journal of a set-up for a target."""
    if target is None:
        return folder / _FOLDER / "new.json"
    from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, which the first screen does without

    return folder / _FOLDER / f"{sha256(str(target.absolute()).encode()).hexdigest()[:16]}.json"


def read_journals(folder: Path, target: Path | None) -> tuple[SavedSetup | None, JournalV1 | None]:
    """Return the journal of an unfinished set-up, by this version or by version 1, if there is one."""
    if not any((folder / _FOLDER).glob("*.json")):
        return None, None
    path = journal_of(folder, target)
    return load_journal(path, SavedSetup), load_journal_v1(path)


def latest_named_setup(folder: Path) -> SavedSetup | None:
    """Return the journal of the latest unfinished set-up of a config whose path was given."""
    paths = newest_first((folder / _FOLDER).glob("*.json"))
    journals = (load_journal(path, SavedSetup) for path in paths)
    return next((saved for saved in journals if saved is not None and saved.target is not None), None)
