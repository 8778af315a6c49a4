"""The companies, applications and keys of the sandbox, and those of the demonstration.

Rights are sets of entitlement ids. A key has the rights that both its owner and the key itself have (official
documentation). At a client they are further limited by the client's template under Klienttilgang and by what
the client has granted the office.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from wizard.sandbox.answers import NO_SUCH_PATH, Refusal

APPLICATION = "VismaFinale"

ADMINISTRATOR, HOURS = 1, 11
ALL_VOUCHERS, ACCOUNTING_REPORTS, ACCOUNTING_SETTINGS, WAGES = 35, 105, 107, 144
ENTITLEMENTS = {
    # The ids of these four were observed in a live response; the others are the sandbox's own.
    ALL_VOUCHERS: "AUTH_ALL_VOUCHERS",
    ACCOUNTING_REPORTS: "AUTH_COMPANY_ACCOUNTING_REPORTS",
    ACCOUNTING_SETTINGS: "AUTH_ACCOUNTING_SETTINGS",
    WAGES: "AUTH_WAGE_INFORMATION",
    ADMINISTRATOR: "ROLE_ADMINISTRATOR",
    HOURS: "AUTH_HOURLIST",
}
"""The names of rights by id. Even users with all rights do not have AUTH_READ_ONLY and AUTH_LOGIN (observed),
so that no endpoint requires these."""

Rights = frozenset[int]
ALL_RIGHTS: Rights = frozenset(ENTITLEMENTS)
FIGURES: Rights = frozenset({ALL_VOUCHERS, ACCOUNTING_REPORTS, ACCOUNTING_SETTINGS, WAGES})
ACCOUNTANT_RIGHTS: Rights = FIGURES
"""«Standardrettigheter for regnskapsførere», without timesheets and administration."""
NO_FIGURES: Rights = frozenset({HOURS})

_CUSTOMER_COMPANY_OFFSET = 70_000_000
_ZERO_UUID = "00000000-0000-0000-0000-000000000000"
_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
_FIRST_STEM = 31_000_000  # real numbers start with 8 or 9, test numbers of public registers with 2 or 3


def demo_token(token_id: int) -> str:
    """Return a well-formed token that is only valid in the sandbox.

    Consumer, employee and session tokens have the same format: base64 of compact JSON with a number and a
    UUID (observed in public fixtures of three integrators). Here the UUID is always zero, so that only the
    number distinguishes tokens, and they must be compared as whole strings.
    """
    compact = json.dumps({"tokenId": token_id, "token": _ZERO_UUID}, separators=(",", ":"))
    return base64.b64encode(compact.encode()).decode()


@dataclass(eq=False)
class Company:
    """A company with an account. It can be changed while the sandbox is serving.

    Attributes:
        id: The id, which is the Basic username for this company as a client.
        name: An obviously invented name.
        organization_number: The number as registered, maybe with spaces, or None.
        accountant_or_similar: Whether it is an accounting office.
        modules: The services that it has ordered. ``API_V2`` is the one that the guide enables. Without
            ``WAGE`` there are no wage vouchers and the balances are incomplete (observed by an integrator).
        blocked: Whether the account is blocked, for example because of an overdue invoice.
        granted_to_office: The rights that the client gives its accounting office (Regnskapsførers
            rettigheter).
        first_year: The year in which its first fiscal year starts.
        fiscal_year_starts: The month (1–12) in which its fiscal years start.
        active_from: The first day with postings, or None if there are none.
        active_until: The last day with postings, or None if the company is still active.
        wages_controlled: Whether access to wages is controlled separately (lønnstilgang).
    """

    id: int
    name: str
    organization_number: str | None
    accountant_or_similar: bool = False
    modules: tuple[str, ...] = ("API_V2", "WAGE")
    blocked: bool = False
    granted_to_office: Rights = ALL_RIGHTS
    first_year: int = 2015
    fiscal_year_starts: int = 1
    active_from: date | None = date(2015, 1, 1)
    active_until: date | None = None
    wages_controlled: bool = False

    @property
    def customer_company_id(self) -> int:
        """The ``customerCompanyId``, which is undocumented. It is never a company's id, so that bugs show."""
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
        title: A description of what it demonstrates.
        token_id: Its number, which ``:create`` returns as ``employeeToken.id``.
        employee_token: The key itself, as a plain string because it is only valid in the sandbox.
        name: The name that the user gave it.
        application: The application that it is for.
        company: The company that it belongs to.
        company_owned: Whether it is an office key («Regnskapskontorets brukernøkkel»).
        owner_id: The employee who created it (``employeeId``).
        employee_id: Its own technical user (``actualEmployeeId``).
        owner_rights: The entitlements of the owner.
        rights: The entitlements of the key itself.
        expiration_date: The day at whose start (in Oslo) it expires, or None if it never does.
        post_refused: The response to ``POST :create`` with this key, or None if it works.
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
    owner_rights: Rights
    rights: Rights
    expiration_date: date | None
    post_refused: Refusal | None = None

    @property
    def effective_rights(self) -> Rights:
        """The rights that both the key and its owner have."""
        return self.owner_rights & self.rights


class World:
    """All companies, applications and keys. They can be changed while the sandbox is serving.

    Attributes:
        companies: The companies, by id.
        client_access: The templates of rights under Klienttilgang, by the numbers of key and client.
    """

    def __init__(self) -> None:
        self.companies: dict[int, Company] = {}
        self._applications: dict[str, Application] = {}
        self._keys: dict[str, DemoKey] = {}
        self._deleted: set[int] = set()
        self.client_access: dict[int, dict[int, Rights]] = {}
        self._numbers = demo_organisation_numbers()
        self._company_ids = count(20_100_001)
        self._employee_ids = count(4_501, 2)
        self._consumer_ids = count(8_101)
        self._key_ids = count(84_201)
        self.add_application(APPLICATION)

    @property
    def keys(self) -> tuple[DemoKey, ...]:
        """All keys, including deleted ones, oldest first."""
        return tuple(self._keys.values())

    @property
    def consumer_token(self) -> str:
        """The consumer token of ``VismaFinale``."""
        return self._applications[APPLICATION].consumer_token

    def new_organization_number(self) -> str:
        """Return an unused organisation number with a valid check digit."""
        return next(self._numbers)

    def add_company(
        self, name: str, *, organization_number: str | None = None, accountant_or_similar: bool = False
    ) -> Company:
        """Add a company."""
        company = Company(next(self._company_ids), name, organization_number, accountant_or_similar)
        self.companies[company.id] = company
        return company

    def add_application(self, name: str) -> Application:
        """Add an application. The name is case-sensitive, as in Tripletex."""
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
        owner_rights: Rights = ALL_RIGHTS,
        rights: Rights = ALL_RIGHTS,
        expiration_date: date | None = None,
        post_refused: Refusal | None = None,
    ) -> DemoKey:
        """Create a key (NY NØKKEL), with Klienttilgang to the given clients."""
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
            post_refused=post_refused,
        )
        self._keys[key.employee_token] = key
        for client in clients:
            self.grant_client_access(key, client)
        return key

    def delete_key(self, key: DemoKey) -> None:
        """Delete a key."""
        self._deleted.add(key.token_id)

    def is_deleted(self, key: DemoKey) -> bool:
        """Return whether the key was deleted."""
        return key.token_id in self._deleted

    def grant_client_access(self, key: DemoKey, client: Company, rights: Rights = ACCOUNTANT_RIGHTS) -> None:
        """Add the key as an employee under the client's Klienttilgang, with a template of rights."""
        self.client_access.setdefault(key.token_id, {})[client.id] = rights

    def clients_of(self, key: DemoKey) -> tuple[Company, ...]:
        """Return the clients that the key has access to, by id."""
        return tuple(
            self.companies[client_id] for client_id in sorted(self.client_access.get(key.token_id, {}))
        )

    def client_rights(self, key: DemoKey, client: Company) -> Rights | None:
        """Return the rights of the key's technical user at a client, or None without Klienttilgang."""
        template = self.client_access.get(key.token_id, {}).get(client.id)
        return None if template is None else template & client.granted_to_office

    def find_application(self, consumer_token: str) -> Application | None:
        """Return the application with this consumer token, or None."""
        return next(
            (a for a in tuple(self._applications.values()) if a.consumer_token == consumer_token), None
        )

    def find_key(self, employee_token: str) -> DemoKey | None:
        """Return the key with this employee token, even if it was deleted, or None."""
        return self._keys.get(employee_token)


class DemoWorld(World):
    """The initial companies and keys, with a name for each one that tests and demonstrations use.

    The office has access to all ``clients``, and to no other company such as ``client_without_access``.
    ``tripletex-wizard sandbox`` prints the keys in this order, starting with two ordinary keys of a company.
    """

    def __init__(self) -> None:
        super().__init__()
        self.company = self._company("Demobakeriet AS")
        self.single_company = self.add_key("single company, ordinary key", self.company)
        self.single_company_second = self.add_key("single company, a second key (to rotate to)", self.company)
        self.single_company_without_rights = self.add_key(
            "single company, the owner of the key lacks rights (403)", self.company, owner_rights=NO_FIGURES
        )

        self.office_company = self._company("Demo Regnskapskontor AS", accountant_or_similar=True)
        self.client = self._company("Demo Fiskemottak AS")
        self.client_with_spaces = self._company("Demo Rørlegger AS", spaced=True)
        self.client_without_number = self.add_company("Demo Sameie")
        shared = self.new_organization_number()
        self.twins = (
            self.add_company("Demo Tvilling AS", organization_number=shared),
            self.add_company("Demo Tvilling AS avd. Øst", organization_number=shared),
        )
        self.client_without_access = self._company("Demo Uten Tilgang AS")
        seeded = (self.client, self.client_with_spaces, self.client_without_number, *self.twins)
        self.office = self._office_key("accounting office, office key", *seeded)
        self.office_second = self._office_key(
            "accounting office, a second office key with access to fewer clients", *seeded[:2]
        )

        self.add_application("DemoTimeføring")
        self.other_application = self.add_key(
            "made for another application", self.company, name="Timer", application="DemoTimeføring"
        )
        self.expired = self.add_key(
            "expired", self.company, name="Gammel nøkkel", expiration_date=date(2020, 1, 1)
        )
        self.deleted = self.add_key("deleted in Tripletex", self.company, name="Slettet nøkkel")
        self.delete_key(self.deleted)
        self._add_figure_keys()

    def _add_figure_keys(self) -> None:
        """Add keys that can log on, but get incomplete, no, or unusual figures."""
        self.without_balances = self.add_key(
            "single company, the key cannot read the balances",
            self.company,
            rights=ALL_RIGHTS - {ACCOUNTING_REPORTS},
        )
        self.without_all_vouchers = self.add_key(
            "single company, the key cannot read all vouchers",
            self.company,
            rights=ALL_RIGHTS - {ALL_VOUCHERS},
        )
        self.without_accounts = self.add_key(
            "single company, the key cannot read the chart of accounts",
            self.company,
            rights=ALL_RIGHTS - {ACCOUNTING_SETTINGS},
        )
        self.owner_without_balances = self.add_key(
            "single company, the owner of the key cannot read the balances",
            self.company,
            owner_rights=ALL_RIGHTS - {ACCOUNTING_REPORTS},
        )
        empty = self._company("Demo Nystartet AS")
        empty.active_from = None
        self.empty = self.add_key("single company in which nothing has been posted", empty)
        deviating = self._company("Demo Skianlegg AS")
        deviating.fiscal_year_starts = 7
        self.deviating = self.add_key("single company whose fiscal year starts in July", deviating)
        controlled = self._company("Demo Lønnsvern AS")
        controlled.wages_controlled = True
        self.without_wages = self.add_key(
            "single company, wages are access-controlled and the key cannot read them",
            controlled,
            rights=ALL_RIGHTS - {WAGES},
        )
        no_wages = self._company("Demo Uten Lønn AS")
        no_wages.modules = ("API_V2",)
        self.without_wage_module = self.add_key("single company, the wage module is off", no_wages)
        blocked = self._company("Demo Sperret AS")
        blocked.blocked = True
        self.blocked = self.add_key("single company, the account is blocked", blocked)
        self.put_only = self.add_key(
            "single company, the key works only with the old form of the log-on",
            self.company,
            post_refused=NO_SUCH_PATH,
        )

        self.ungenerous_client = self._company("Demo Gjerrig AS")
        self.ungenerous_client.granted_to_office = ALL_RIGHTS - FIGURES | {ACCOUNTING_SETTINGS}
        self.empty_client = self._company("Demo Tomt Skall AS")
        self.empty_client.active_from = None
        self.office_figures = self._office_key(
            "accounting office, an office key that reads the figures of some clients only",
            self.client,
            self.ungenerous_client,
            self.empty_client,
        )
        self.grant_client_access(self.office_figures, self.client_with_spaces, NO_FIGURES)

    @property
    def clients(self) -> tuple[Company, ...]:
        """The clients that the office key currently has access to."""
        return self.clients_of(self.office)

    def _company(self, name: str, *, spaced: bool = False, accountant_or_similar: bool = False) -> Company:
        number = self.new_organization_number()
        return self.add_company(
            name,
            organization_number=f"{number[:3]} {number[3:6]} {number[6:]}" if spaced else number,
            accountant_or_similar=accountant_or_similar,
        )

    def _office_key(self, title: str, *clients: Company) -> DemoKey:
        return self.add_key(title, self.office_company, company_owned=True, clients=clients)


def demo_organisation_numbers() -> Iterator[str]:
    """Yield organisation numbers with valid check digits that start with 3, so that they are never real."""
    for stem in count(_FIRST_STEM):
        digit = _check_digit(str(stem))
        if digit is not None:
            yield f"{stem}{digit}"


def _check_digit(stem: str) -> str | None:
    """Return the check digit (mod 11, by Brønnøysundregistrene's rule), or None if there is none."""
    remainder = sum(int(digit) * weight for digit, weight in zip(stem, _WEIGHTS, strict=True)) % 11
    return None if remainder == 1 else str((11 - remainder) % 11)
