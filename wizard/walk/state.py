"""The state of the steps that set-up and rotation share: storage, application, key and client access."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.checks.outcomes import wait_line
from wizard.context import STORES, AppContext
from wizard.domain.key import KeyReading, Secret
from wizard.domain.reference import HeldKey, OwnKind, Reference, StoreKind
from wizard.domain.setup import Environment, Setup
from wizard.findings import Finding, Verdict, codes
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.engine import Move, Then, WalkState
from wizard.walk.journal import StoreChoice
from wizard.walk.words import KEY_NAME

if TYPE_CHECKING:
    from wizard.checks.probe import KeyProbe


@dataclass(slots=True)
class Paste:
    """What is known about the last paste.

    Attributes:
        length: The number of characters; 0 if the field is empty.
        fingerprint: A short hash of the key; empty if it is not a key.
        done: What has been completed so far, while the rest is in progress.
        has_seen_unreadable: Whether the user has seen that the key could not be read.
    """

    length: int = 0
    fingerprint: str = ""
    done: tuple[pages.CheckRow, ...] = ()
    has_seen_unreadable: bool = False


@dataclass(kw_only=True, eq=False, repr=False)
class SharedState(WalkState, ABC):
    """The state of the steps that set-up and rotation share. Both define what is abstract.

    Attributes:
        dry_run: Whether nothing may be written, not even to a store.
        stores_last: Whether to store the key only just before a config refers to it, because the caller has
            it anyway.
        words: Words that are accepted instead of a key in the demo.
        paste: What is known about the last paste.
        unsaved_key: A pasted key that has not been stored.
        key_findings: The findings of testing the stored key.
        waits: A message about the work in progress.
        goes_on_without: Whether the user has chosen to continue without access.
        access_checked_at: When the user last asked to check the access again; None before that.
        stores: The stores, each with a finding if it does not work.
        shows_more: Whether the choices for IT are shown.
        offers_own_references: Whether the user may store the key.
        own_kind: The kind of reference that is being entered for a key that the user stores.
        typed_reference: The text that was typed for that.
        marked_choice: The choice that the cursor was moved to.
    """

    context: AppContext
    dry_run: bool = False
    stores_last: bool = False
    words: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    paste: Paste = field(default_factory=Paste)
    unsaved_key: Secret | None = None
    key_findings: tuple[Finding, ...] = ()
    waits: str = ""
    goes_on_without: bool = False
    access_checked_at: datetime | None = None
    stores: tuple[tuple[StoreKind, Finding | None], ...] = ()
    shows_more: bool = False
    offers_own_references: bool = True
    own_kind: OwnKind | None = None
    typed_reference: str = ""
    marked_choice: str = ""

    # --- what the key is for ---

    @property
    @abstractmethod
    def environment(self) -> Environment:
        """The environment of Tripletex that the key belongs to."""

    @property
    @abstractmethod
    def base_url(self) -> str | None:
        """The address of the sandbox; None for the others, which are fixed."""

    @property
    @abstractmethod
    def application(self) -> str:
        """The application that the key is made for."""

    @property
    @abstractmethod
    def setup(self) -> Setup | None:
        """The kind of set-up whose clicks are shown; None for all kinds."""

    @property
    @abstractmethod
    def path(self) -> Path:
        """The path of the config, to which references are relative."""

    @property
    def key_name(self) -> str:
        """The name to give the key in Tripletex."""
        return KEY_NAME

    @property
    def is_demo(self) -> bool:
        """Whether this is the demo."""
        return bool(self.words)

    # --- where the key is stored ---

    @property
    @abstractmethod
    def asks_storage(self) -> bool:
        """Whether the user must choose the store."""

    @property
    @abstractmethod
    def store(self) -> StoreKind | None:
        """The wizard's store for the key; None if it is undecided, or the user stores the key."""

    @property
    def own_reference(self) -> Reference | None:
        """The reference to a key that the user stores; None if the wizard stores it."""
        return None

    @abstractmethod
    async def use_store(self, choice: StoreChoice) -> Finding | None:
        """Use a store or reference, moving a key that is already stored. Return a finding if that failed."""

    async def find_stores(self) -> None:
        """Test which stores work."""
        self.stores = tuple([(kind, await self.context.store(kind).probe()) for kind in STORES])

    # --- the key ---

    @property
    @abstractmethod
    def key(self) -> HeldKey | None:
        """The stored key."""

    @property
    @abstractmethod
    def key_verdict(self) -> Verdict | None:
        """The verdict of testing the stored key; None before that."""

    def refuse(self, reading: KeyReading) -> Finding | None:
        """Return a finding if a key must not be used, before it is stored."""

    @abstractmethod
    async def save_key(self, secret: Secret, number: int | None) -> Finding | None:
        """Store a key. Return a finding if that failed."""

    @abstractmethod
    def reset_key(self) -> None:
        """Reset the key, because it is not in the store after all."""

    def use_own_key(self, reference: Reference, secret: Secret | None, number: int | None) -> None:
        """Use a key that the user stores."""

    @abstractmethod
    async def prove(self) -> tuple[Finding, ...]:
        """Test the stored key against Tripletex, and return the findings."""

    @abstractmethod
    def forget_proof(self) -> None:
        """Discard the result of testing the stored key, because the consumer token has changed."""

    @abstractmethod
    def key_summary(self, t: Texts) -> str:
        """Return the company, kind and number of a key that works."""

    @property
    def may_go_on_refused(self) -> bool:
        """Whether the user may continue with a key that Tripletex refuses."""
        return True

    @property
    def is_accepted(self) -> bool:
        """Whether the user continues with a key that Tripletex refused."""
        return False

    def accept_key(self) -> None:
        """Continue with a key that Tripletex refused."""

    # --- access to clients ---

    @property
    @abstractmethod
    def missing(self) -> tuple[str, ...]:
        """The organisation numbers of clients that the key should have access to but does not."""

    @property
    @abstractmethod
    def reached_of_wanted(self) -> tuple[str, ...]:
        """The organisation numbers of clients that the key should have access to and does."""

    @property
    @abstractmethod
    def lacks_access(self) -> bool:
        """Whether the step about access has to be shown."""

    @property
    def refused_figures(self) -> tuple[Finding, str] | None:
        """A finding about figures that cannot be read although the key has access, and the client's name."""
        return None

    @property
    def after_access(self) -> Move:
        """The step that follows the one about access."""
        return Then.NEXT

    @abstractmethod
    async def read_again(self) -> Finding | None:
        """Read the clients again. Return a finding if that failed."""

    @property
    def can_leave_out(self) -> bool:
        """Whether clients can be removed from the list."""
        return False

    def leave_out(self) -> Move:
        """Remove the missing clients from the list."""
        return Then.STAY

    # --- Tripletex ---

    @abstractmethod
    async def consumer_token(self) -> Secret | Finding:
        """Return the consumer token, or a finding if there is none."""

    async def resolve(self, reference: Reference) -> Secret | Finding:
        """Read a token in the same way as for the config."""
        return await self.context.resolver().resolve(
            reference, config_path=self.path, environment=self.environment
        )

    @asynccontextmanager
    async def probe(self, employee: Secret | Finding) -> "AsyncIterator[KeyProbe | Finding]":
        """Yield a probe of a key, or the finding if a token is missing."""
        from wizard.checks.probe import KeyProbe  # noqa: PLC0415 - imports httpx

        consumer = await self.consumer_token()
        if isinstance(employee, Finding):
            yield employee
        elif isinstance(consumer, Finding):
            # An error in the consumer token says nothing about the key, so it counts as missing.
            yield consumer if consumer.code.is_unknown else codes.CONSUMER_TOKEN_MISSING.found()
        else:
            async with (
                self.context.tripletex(self.environment, self.base_url, self.show_wait) as tripletex,
                KeyProbe(tripletex, consumer, employee, application=self.application) as probe,
            ):
                yield probe

    def show_wait(self, seconds: float) -> None:
        """Show a wait for Tripletex's rate limit."""
        self.show_progress(wait_line(seconds, self.t))

    def show_progress(self, what: str) -> None:
        """Show a message about the work in progress."""
        self.waits = what
        self.on_change()
