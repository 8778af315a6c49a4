"""The books of a company: its chart of accounts, fiscal years, postings and balances.

The amounts are invented and small, because clients only need to know which figures exist and can be read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from wizard.sandbox.world import Company

CHART = (
    (1500, "Kundefordringer"),
    (1920, "Bankinnskudd"),
    (2000, "Aksjekapital"),
    (2400, "Leverandørgjeld"),
    (2600, "Forskuddstrekk"),
    (3000, "Salgsinntekt, avgiftspliktig"),
    (4000, "Innkjøp av råvarer"),
    (5000, "Lønn til ansatte"),
    (6300, "Leie lokale"),
    (7770, "Bank- og kortgebyrer"),
)
"""Numbers and names of accounts, from the Norwegian standard NS 4102."""

_SALE = ((1920, 1250.0), (3000, -1250.0))
_WAGE = ((5000, 900.0), (1920, -600.0), (2600, -300.0))


@dataclass(frozen=True)
class Account:
    """An account in the chart of accounts."""

    id: int
    number: int
    name: str


@dataclass(frozen=True)
class FiscalYear:
    """A fiscal year; ``end`` is exclusive."""

    year: int
    start: date
    end: date


@dataclass(frozen=True)
class Posting:
    """A line of a voucher."""

    id: int
    day: date
    account: int
    amount: float
    is_wage: bool


@dataclass(frozen=True)
class Balance:
    """The balance of an account at the start of a period, and its change."""

    account: Account
    balance_in: float
    change: float

    @property
    def balance_out(self) -> float:
        """The balance at the end of the period."""
        return self.balance_in + self.change


class Ledger:
    """The books of a company on a given day, with or without wages."""

    def __init__(self, company: Company, today: date, *, with_wages: bool = True) -> None:
        self._company = company
        self._today = today
        self._with_wages = with_wages

    @property
    def accounts(self) -> list[Account]:
        """The chart of accounts, by number."""
        first = self._company.id * 100
        return [Account(first + place, number, name) for place, (number, name) in enumerate(CHART)]

    @property
    def fiscal_years(self) -> list[FiscalYear]:
        """The fiscal years from the first to the current one."""
        first_month = self._company.fiscal_year_starts
        years = []
        for first in range(self._company.first_year, self._today.year + 1):
            start, end = date(first, first_month, 1), date(first + 1, first_month, 1)
            if start <= self._today:
                years.append(FiscalYear((end - timedelta(days=1)).year, start, end))
        return years

    def postings(self, start: date, end: date) -> Iterator[Posting]:
        """Yield the postings from ``start`` to ``end`` (exclusive), oldest first."""
        for day in self._days(start, end):
            lines = [(*line, False) for line in _SALE]
            if self._with_wages:
                lines += [(*line, True) for line in _WAGE]
            for place, (account, amount, is_wage) in enumerate(lines):
                yield Posting(day.toordinal() * 10 + place, day, account, amount, is_wage)

    def balances(self, start: date, end: date, *, without_movements: bool = False) -> list[Balance]:
        """Return the balances from ``start`` to ``end`` (exclusive), by account number.

        Args:
            start: The first day.
            end: The day after the last day.
            without_movements: Whether to include accounts without movements.
        """
        before, during = self._sums(date.min, start), self._sums(start, end)
        return [
            Balance(account, before.get(account.number, 0.0), during.get(account.number, 0.0))
            for account in self.accounts
            if without_movements or account.number in during
        ]

    def _sums(self, start: date, end: date) -> dict[int, float]:
        days = sum(1 for _ in self._days(start, end))
        if not days:
            return {}
        sums: dict[int, float] = {}
        for account, amount in (*_SALE, *(_WAGE if self._with_wages else ())):
            sums[account] = sums.get(account, 0.0) + amount * days
        return sums

    def _days(self, start: date, end: date) -> Iterator[date]:
        """Yield the days with vouchers, the tenth of each month in which the company was active."""
        first, last = self._company.active_from, min(self._company.active_until or self._today, self._today)
        if first is None:
            return
        for year in range(max(first.year, start.year), min(last.year, end.year) + 1):
            for month in range(1, 13):
                day = date(year, month, 10)
                if max(first, start) <= day <= last and day < end:
                    yield day
