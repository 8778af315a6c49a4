"""The demonstration: one company on its own, one accounting office, and a key for every way to go wrong."""

from datetime import date

from wizard.sandbox.world import ACCOUNTANT_RIGHTS, Company, DemoKey, World


class DemoWorld(World):
    """The seeded world; every part that a test or a demonstration wants has a name.

    The office reaches every client in ``clients``. Nobody reaches ``client_without_access``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.company = self._company("Demobakeriet AS")
        self.single_company = self.add_key("single company, ordinary key", self.company)
        self.single_company_second = self.add_key("single company, a second key (to rotate to)", self.company)
        self.single_company_without_rights = self.add_key(
            "single company, the owner of the key lacks rights (403)",
            self.company,
            owner_rights=frozenset({"AUTH_HOURLIST"}),
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
            "accounting office, a second office key that reaches fewer clients", *seeded[:2]
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

    @property
    def clients(self) -> tuple[Company, ...]:
        """The clients that the office key reaches at present."""
        return self.clients_of(self.office)

    def add_client(self, name: str, *, rights: frozenset[str] = ACCOUNTANT_RIGHTS) -> Company:
        """Open one more client account that the office key reaches."""
        client = self._company(name)
        self.give_client_access(self.office, client, rights)
        return client

    def _company(self, name: str, *, spaced: bool = False, accountant_or_similar: bool = False) -> Company:
        number = self.new_organization_number()
        return self.add_company(
            name,
            organization_number=f"{number[:3]} {number[3:6]} {number[6:]}" if spaced else number,
            accountant_or_similar=accountant_or_similar,
        )

    def _office_key(self, title: str, *clients: Company) -> DemoKey:
        return self.add_key(title, self.office_company, company_owned=True, clients=clients)


def demo_world() -> DemoWorld:
    """The seeded world."""
    return DemoWorld()


def world_with_clients(number: int) -> DemoWorld:
    """The seeded world, with so many clients that the office key reaches this number of them.

    Raises:
        ValueError: The seeded clients are already more than that.
    """
    world = DemoWorld()
    missing = number - len(world.clients)
    if missing < 0:
        raise ValueError(f"The seeded office reaches {len(world.clients)} clients already.")
    for serial in range(1, missing + 1):
        world.add_client(f"Demo Klient {serial:04} AS")
    return world
