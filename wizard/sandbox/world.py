"""Companies, applications and keys: what exists in the sandbox's Tripletex."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from wizard.sandbox.organisation_number import demo_organisation_numbers
from wizard.sandbox.tokens import demo_token

APPLICATION = "VismaFinale"
READ_RIGHT = "AUTH_READ_ONLY"
"""What the sandbox asks for wherever Tripletex asks for some right; which one, is not documented."""

ALL_RIGHTS = frozenset({"ROLE_ADMINISTRATOR", "AUTH_COMPANY_ADMIN", "AUTH_ACCOUNTING_SETTINGS", READ_RIGHT})
ACCOUNTANT_RIGHTS = frozenset({"AUTH_ACCOUNTING_SETTINGS", READ_RIGHT})
"""«Standardrettigheter for regnskapsførere»: the figures, no administration."""

_CUSTOMER_COMPANY_OFFSET = 70_000_000


@dataclass(frozen=True)
class Company:
    """A company with an account.

    Attributes:
        id: Its id; as Basic username it means this company as client.
        name: Recognisably invented.
        organization_number: As registered, which may be with spaces, or None.
        accountant_or_similar: It is an accounting office.
        modules: The services it has ordered; ``API_V2`` is what the guide switches on.
    """

    id: int
    name: str
    organization_number: str | None
    accountant_or_similar: bool = False
    modules: tuple[str, ...] = ("API_V2", "WAGE")

    @property
    def customer_company_id(self) -> int:
        """Undocumented in Tripletex; here never any company's id, so that a wrong choice shows."""
        return self.id + _CUSTOMER_COMPANY_OFFSET


@dataclass(frozen=True)
class Application:
    """A registered integration and its consumer token."""

    name: str
    token_id: int
    consumer_token: str = field(repr=False)


@dataclass(frozen=True)
class DemoKey:
    """An API key (employee token).

    Attributes:
        title: What it demonstrates, in words for a person.
        token_id: Its number, which ``:create`` returns as ``employeeToken.id``.
        employee_token: The key itself: a plain string, since it opens only the sandbox.
        name: What it was named when it was made.
        application: The application it was made for.
        company: The company it belongs to.
        company_owned: It is an accounting office's key («Regnskapskontorets brukernøkkel»).
        owner_id: The employee who made it (``employeeId``).
        employee_id: Its own technical user (``actualEmployeeId``).
        owner_rights: Entitlements of the owner.
        rights: Entitlements of the key itself; those of both count.
        expiration_date: It ends when this day begins in Oslo; None for never.
    """

    title: str
    token_id: int
    employee_token: str = field(repr=False)
    name: str
    application: str
    company: Company
    company_owned: bool
    owner_id: int
    employee_id: int
    owner_rights: frozenset[str]
    rights: frozenset[str]
    expiration_date: date | None

    @property
    def effective_rights(self) -> frozenset[str]:
        """A key never has more than its owner."""
        return self.owner_rights & self.rights


class World:
    """All that exists, and the ways to change it while the sandbox is serving."""

    def __init__(self) -> None:
        self._companies: dict[int, Company] = {}
        self._applications: dict[str, Application] = {}
        self._keys: dict[str, DemoKey] = {}
        self._deleted: set[int] = set()
        self._client_access: dict[int, dict[int, frozenset[str]]] = {}
        self._numbers = demo_organisation_numbers()
        self._company_ids = count(20_100_001)
        self._employee_ids = count(4_501, 2)
        self._consumer_ids = count(8_101)
        self._key_ids = count(84_201)
        self.add_application(APPLICATION)

    @property
    def companies(self) -> tuple[Company, ...]:
        """Every company, in the order of their ids."""
        return tuple(self._companies.values())

    @property
    def keys(self) -> tuple[DemoKey, ...]:
        """Every key ever made, the deleted ones too, oldest first."""
        return tuple(self._keys.values())

    @property
    def consumer_token(self) -> str:
        """The consumer token of ``VismaFinale``."""
        return self._applications[APPLICATION].consumer_token

    def new_organization_number(self) -> str:
        """Nine digits that pass mod 11 and that no company here has yet."""
        return next(self._numbers)

    def add_company(
        self, name: str, *, organization_number: str | None = None, accountant_or_similar: bool = False
    ) -> Company:
        """Open an account. Without a number the company has none registered."""
        company = Company(next(self._company_ids), name, organization_number, accountant_or_similar)
        self._companies[company.id] = company
        return company

    def add_application(self, name: str) -> Application:
        """Register an integration; the name is case-sensitive, as in Tripletex."""
        token_id = next(self._consumer_ids)
        application = Application(name, token_id, demo_token(token_id))
        self._applications[name] = application
        return application

    def add_key(
        self,
        title: str,
        company: Company,
        *,
        name: str = "Visma Finale",
        application: str = APPLICATION,
        company_owned: bool = False,
        clients: Iterable[Company] = (),
        owner_rights: frozenset[str] = ALL_RIGHTS,
        rights: frozenset[str] = ALL_RIGHTS,
        expiration_date: date | None = None,
    ) -> DemoKey:
        """Make a key (NY NØKKEL), with Klienttilgang to the clients given."""
        token_id, owner_id = next(self._key_ids), next(self._employee_ids)
        key = DemoKey(
            title=title,
            token_id=token_id,
            employee_token=demo_token(token_id),
            name=name,
            application=application,
            company=company,
            company_owned=company_owned,
            owner_id=owner_id,
            employee_id=owner_id + 1,
            owner_rights=owner_rights,
            rights=rights,
            expiration_date=expiration_date,
        )
        self._keys[key.employee_token] = key
        for client in clients:
            self.give_client_access(key, client)
        return key

    def delete_key(self, key: DemoKey) -> None:
        """Delete a key in Tripletex."""
        self._deleted.add(key.token_id)

    def is_deleted(self, key: DemoKey) -> bool:
        """Whether the key was deleted."""
        return key.token_id in self._deleted

    def give_client_access(
        self, key: DemoKey, client: Company, rights: frozenset[str] = ACCOUNTANT_RIGHTS
    ) -> None:
        """Add the key as an employee under the client's Klienttilgang, with a template of rights."""
        self._client_access.setdefault(key.token_id, {})[client.id] = rights

    def take_client_access(self, key: DemoKey, client: Company) -> None:
        """Remove the key from the client's Klienttilgang."""
        self._client_access.get(key.token_id, {}).pop(client.id, None)

    def clients_of(self, key: DemoKey) -> tuple[Company, ...]:
        """The clients that the key reaches, in the order of their ids."""
        return tuple(
            self._companies[client_id] for client_id in sorted(self._client_access.get(key.token_id, {}))
        )

    def client_rights(self, key: DemoKey, client_id: int) -> frozenset[str] | None:
        """The key's rights at a client, None without Klienttilgang."""
        return self._client_access.get(key.token_id, {}).get(client_id)

    def find_company(self, company_id: int) -> Company | None:
        """The company with this id."""
        return self._companies.get(company_id)

    def find_application(self, consumer_token: str) -> Application | None:
        """The application with this consumer token, compared as a whole."""
        return next(
            (a for a in tuple(self._applications.values()) if a.consumer_token == consumer_token), None
        )

    def find_key(self, employee_token: str) -> DemoKey | None:
        """The key with this employee token, compared as a whole, deleted or not."""
        return self._keys.get(employee_token)
