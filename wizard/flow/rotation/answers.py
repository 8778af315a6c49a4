"""What has been decided in a rotation so far, and what is known about the key in use."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wizard.domain.environment import Environment
from wizard.domain.held import FoundCompany, HeldKey, Reached, StoreKind
from wizard.domain.setup import DEFAULT_APPLICATION, KeyKind, Setup
from wizard.findings import Finding, Verdict


@dataclass(frozen=True, slots=True)
class RotationAnswers:
    """The answers. Frozen: going back is going to an earlier value.

    Attributes:
        setup: The set-up of the configs; where they differ, of the first.
        is_mixed: Whether they differ.
        store: Where the wizard keeps the new key; None as long as that is not decided.
        asks_storage: Whether the person must choose the store.
        asks_application: Whether the person must be asked for the application's token.
        key: The new key, once it is safe in its store.
        lacks_clients: Whether the new key does not reach all that should be reached.
        is_incomplete: Whether some config could not be moved, so that nothing may be deleted yet.
    """

    environment: Environment = Environment.PRODUCTION
    application: str = DEFAULT_APPLICATION
    setup: Setup | None = None
    is_mixed: bool = False
    org_number: str = ""
    store: StoreKind | None = None
    asks_storage: bool = False
    asks_application: bool = False
    key: HeldKey | None = None
    lacks_clients: bool = False
    is_incomplete: bool = False


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """The key that is to be replaced.

    Attributes:
        days: How long ago it was installed.
        verdict: Whether it logs on; None before it was tried.
        finding: Why it does not, or why that is not known.
    """

    number: int | None = None
    installed: date | None = None
    days: int | None = None
    verdict: Verdict | None = None
    kind: KeyKind | None = None
    company: FoundCompany | None = None
    finding: Finding | None = None


class Fate(StrEnum):
    """What became of a config."""

    WAITING = "waiting"
    MOVED = "moved"
    ALREADY_MOVED = "already moved"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class ConfigFate:
    """One config in the table.

    Attributes:
        findings: Why it was not moved, or what the check said after it was.
    """

    path: str
    fate: Fate = Fate.WAITING
    findings: tuple[Finding, ...] = ()

    @property
    def is_on_new_key(self) -> bool:
        """Whether the config refers to the new key."""
        return self.fate in {Fate.MOVED, Fate.ALREADY_MOVED}


@dataclass(frozen=True, slots=True)
class RotationKnown:
    """What a rotation has found out besides the answers.

    Attributes:
        paths: The configs that are to be given the new key.
        others: How many configs in the folder use other keys.
        key_name: What to call the new key in Tripletex.
        new_company: The company of the new key, once it is proven.
        lost: Clients that the old key reached and the new one does not.
        missing: Organisation numbers that a config wants and the new key does not reach.
        reached: The clients that the new key reaches.
        document: What changes in the configs, as unified diffs.
        not_shown: How many more configs change alike.
        old_is_dead: Whether it was proven that the old key no longer logs on; None before that.
    """

    paths: tuple[str, ...] = ()
    others: int = 0
    in_use: KeyInUse = KeyInUse()
    key_name: str = ""
    new_company: FoundCompany | None = None
    lost: tuple[Reached, ...] = ()
    missing: tuple[str, ...] = ()
    reached: tuple[Reached, ...] = ()
    document: str = ""
    not_shown: int = 0
    fates: tuple[ConfigFate, ...] = ()
    findings: tuple[Finding, ...] = ()
    stores: tuple[tuple[StoreKind, Finding | None], ...] = ()
    is_resumable: bool = False
    old_is_dead: bool | None = None
