"""Checks whether Finale can read its figures: the chart of accounts, the balances and all transactions.

Logging on says nothing about figures, since whoAmI requires no entitlement. So this reads the smallest
possible part of each and only counts the rows.

Finale needs balances and transactions according to Tripletex's page about the integration. The required
entitlement is documented for transactions only; the other two are inferred.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from http import HTTPStatus
from typing import Final, NamedTuple

from wizard.checks.errors import NO_ACCESS, client_name, finding_for
from wizard.checks.outcomes import CheckId, CheckOutcome, CheckStatus
from wizard.findings import Code, Finding, Phrase, StepId, Term, codes
from wizard.text import N_
from wizard.tripletex.calls import Call
from wizard.tripletex.client import Session
from wizard.tripletex.errors import Refused, TripletexError
from wizard.tripletex.models import Client, FiscalYear, WhoAmI

_ALL_VOUCHERS: Final = 35
_ACCOUNTING_REPORTS: Final = 105
_ACCOUNTING_SETTINGS: Final = 107
_WAGES: Final = 144
"""The ``entitlementId``s, used because names may change between releases."""


class _Figures(NamedTuple):
    """A check of figures, the finding if Tripletex refuses them, and the entitlements that they require."""

    check: CheckId
    refused: Code
    rights: frozenset[int]


_FIGURES: Final = {
    Call.BALANCES: _Figures(CheckId.BALANCES, codes.BALANCES_REFUSED, frozenset({_ACCOUNTING_REPORTS})),
    Call.POSTINGS: _Figures(CheckId.POSTINGS, codes.POSTINGS_REFUSED, frozenset({_ALL_VOUCHERS, _WAGES})),
    Call.ACCOUNTS: _Figures(CheckId.ACCOUNTS, codes.ACCOUNTS_REFUSED, frozenset({_ACCOUNTING_SETTINGS})),
}
"""The worst refusal first, which is the one that is explained."""
_WAGE_MODULE: Final = "WAGE"
# Validation errors of the whole request, as opposed to one of its dates.
_NOT_ALL_VOUCHERS: Final = frozenset({15000, 18000})
_EMPTY_LIST: Final = N_("the list is empty")
_OF_CLIENT: Final = N_(" of the client")
_CLIENT_ADVICE: Final = N_(
    "Klienttilgang: choose the template Standardrettigheter for regnskapsførere. "
    "If the office lacks the right, the client must give it."
)
_COMPANY_ADVICE: Final = N_("Give the owner of the key access to accounting reports, and make a new key.")
_OF_THAT_CLIENT: Final = N_(" of the client {client}")


@dataclass(slots=True)
class FigureReader:
    """Reads the figures of the company that a key belongs to, or of one client.

    Attributes:
        me: The company and employee of the key; None for an office key without access to whoAmI.
        client: The client; None for the company of an ordinary key.
        today: The date in Norway.
        with_modules: Also check whether the wage module is on.
        save_requests: Make at most four requests if the figures can be read, by skipping the chart of
            accounts if the balances took more than one.
    """

    session: Session
    me: WhoAmI | None
    client: Client | None
    today: date
    with_modules: bool = False
    save_requests: bool = False
    _errors: list[TripletexError] = field(default_factory=list)
    _balances_took_more: bool = False

    async def read(self) -> tuple[CheckOutcome, ...]:
        """Return the outcomes in order, or only that of the client if logging on to it is refused."""
        async with asyncio.TaskGroup() as tasks:
            notes = tasks.create_task(self._wage_notes())
            balances = tasks.create_task(self._balances())
            postings = tasks.create_task(self._postings())
            accounts = None if self.save_requests else tasks.create_task(self._accounts())
        found = [balances.result(), postings.result()]
        if accounts is not None:
            found.insert(0, accounts.result())
        elif not self._balances_took_more:
            found.insert(0, await self._accounts())
        if len(self._errors) == len(found) and self.client is not None and await self._is_log_on_refused():
            refused = codes.CLIENT_LOG_ON_REFUSED.found(
                number=client_name(self.client), request_id=self._errors[0].request_id
            )
            return (CheckOutcome(CheckId.CLIENT, (refused,), company=self.client),)
        return await self._explained(_with(found, CheckId.BALANCES, notes.result()))

    @property
    def _company(self) -> int:
        return self.client.id if self.client else 0

    async def _accounts(self) -> CheckOutcome:
        try:
            has_accounts = await self.session.reads_accounts(self._company)
        except TripletexError as error:
            return self._failed(error, Call.ACCOUNTS)
        return self._outcome(CheckId.ACCOUNTS, *(() if has_accounts else (self._unclear(),)))

    async def _postings(self) -> CheckOutcome:
        try:
            await self.session.reads_postings(self._company)
        except TripletexError as error:
            return self._failed(error, Call.POSTINGS)
        return self._outcome(CheckId.POSTINGS)

    async def _balances(self) -> CheckOutcome:
        year = FiscalYear(date(self.today.year - 1, 1, 1), date(self.today.year, 1, 1))
        try:
            if await self.session.reads_balances(self._company, year):
                return self._outcome(CheckId.BALANCES, year=_label(year))
            self._balances_took_more = True
            return await self._empty_balances(year)
        except TripletexError as error:
            return self._failed(error, Call.BALANCES)

    async def _empty_balances(self, calendar_year: FiscalYear) -> CheckOutcome:
        """Distinguish between no postings, another fiscal year and no figures at all."""
        years = await self._fiscal_years()
        finished = [year for year in years if year.end <= self.today]
        if years and not finished:
            return self._outcome(CheckId.BALANCES, codes.NO_FISCAL_YEAR.found(whose=self._whose))
        last = max(finished, key=lambda year: year.end, default=calendar_year)
        if last != calendar_year:
            if await self.session.reads_balances(self._company, last):
                return self._outcome(CheckId.BALANCES, year=_label(last))
        elif not await self.session.reads_balances(self._company, last, unmoved=True):
            return self._outcome(CheckId.BALANCES, self._unclear())
        empty = codes.BALANCES_EMPTY.found(year=_label(last), whose=self._whose)
        return self._outcome(CheckId.BALANCES, empty)

    async def _fiscal_years(self) -> tuple[FiscalYear, ...]:
        this = self.today.year
        try:
            return await self.session.fiscal_years(self._company, this - 2, this + 1)
        except TripletexError:
            return ()

    async def _wage_notes(self) -> tuple[Finding, ...]:
        if not self.with_modules:
            return ()
        try:
            modules = await self.session.sales_modules(self._company)
        except TripletexError:
            return ()
        off = modules and _WAGE_MODULE not in modules
        return (codes.WAGE_MODULE_OFF.found(whose=self._whose),) if off else ()

    async def _is_log_on_refused(self) -> bool:
        """Return whether the log-on to the client is refused, as opposed to its figures."""
        if not all(isinstance(error, Refused) and error.status in NO_ACCESS for error in self._errors):
            return False
        try:
            await self.session.who_am_i(self._company)
        except Refused as refused:
            return refused.status in NO_ACCESS
        except TripletexError:
            return False
        return False

    async def _explained(self, found: Sequence[CheckOutcome]) -> tuple[CheckOutcome, ...]:
        """Add an informational finding about whose entitlements are missing, if Tripletex returns them."""
        by_check = {each.check: each for each in found}
        refused = [
            figures
            for figures in _FIGURES.values()
            if figures.check in by_check and _is_refused(by_check[figures.check])
        ]
        # If a check is unknown, all of them will be run again anyway.
        is_settled = all(each.status is not CheckStatus.UNKNOWN for each in found)
        if not refused or not is_settled:
            return tuple(found)
        reason = await self._missing_rights(frozenset().union(*(figures.rights for figures in refused)))
        return tuple(_with(found, refused[0].check, (reason,) if reason else ()))

    async def _missing_rights(self, needed: frozenset[int]) -> Finding | None:
        me = self.me
        if me is None or me.employee_id is None or me.actual_employee_id is None:
            return None
        client = self.client.id if self.client else 0
        try:
            owner = await self.session.entitlements(me.employee_id, client)
            key = await self.session.entitlements(me.actual_employee_id, client)
        except TripletexError:
            return None
        if not owner:  # an empty list may mean that the entitlements are hidden
            return None
        if needed - owner:
            code = codes.CLIENT_GRANTS_TOO_LITTLE if self.client else codes.OWNER_LACKS_RIGHT
        elif needed - key:
            code = codes.CLIENT_TEMPLATE_TOO_SMALL if self.client else codes.KEY_HAS_FEWER_RIGHTS
        else:
            return None
        return code.found(whose=self._whose)

    def _failed(self, error: TripletexError, call: Call) -> CheckOutcome:
        self._errors.append(error)
        figures = _FIGURES[call]
        if not _is_certain_refusal(error, call):
            return self._outcome(figures.check, finding_for(error, call))
        step = StepId.CLIENT_ACCESS if self.client else StepId.CREATE_KEY
        found = figures.refused.found(step=step, request_id=error.request_id, whose=self._whose)
        if self.client and call is not Call.POSTINGS:
            found = found.with_values(advice=Phrase(_CLIENT_ADVICE))
        elif call is Call.BALANCES:
            found = found.with_values(advice=Phrase(_COMPANY_ADVICE))
        return self._outcome(figures.check, found)

    def _outcome(self, check: CheckId, *findings: Finding, year: str = "") -> CheckOutcome:
        return CheckOutcome(check, findings, company=self.client, year=year)

    def _unclear(self) -> Finding:
        return codes.UNEXPECTED_ANSWER.found(reason=Term(_EMPTY_LIST))

    @property
    def _whose(self) -> str | Phrase:
        return Phrase(_OF_CLIENT) if self.client else ""


def naming_client(finding: Finding, client: Client) -> Finding:
    """Return a finding about figures with the name of the client in its text."""
    if "whose" not in finding.values:
        return finding
    whose = Phrase(_OF_THAT_CLIENT, client=client_name(client))
    return finding.with_values(whose=whose)


def is_refusal(code: Code) -> bool:
    """Return whether a code means that figures may not be read."""
    return code is codes.SAMPLE_REFUSED or any(code is figures.refused for figures in _FIGURES.values())


def _is_certain_refusal(error: TripletexError, call: Call) -> bool:
    """Return whether the error certainly means that the entitlement is missing."""
    if not isinstance(error, Refused) or error.company_owned:
        return False
    if error.status == HTTPStatus.FORBIDDEN:
        return True
    is_invalid = error.status == HTTPStatus.UNPROCESSABLE_ENTITY and error.code in _NOT_ALL_VOUCHERS
    return call is Call.POSTINGS and is_invalid and not error.fields


def _is_refused(each: CheckOutcome) -> bool:
    return any(is_refusal(finding.code) for finding in each.findings)


def _with(found: Sequence[CheckOutcome], check: CheckId, notes: tuple[Finding, ...]) -> list[CheckOutcome]:
    return [
        replace(each, findings=(*each.findings, *notes)) if each.check is check else each for each in found
    ]


def _label(year: FiscalYear) -> str:
    first, last = year.start.year, date.fromordinal(year.end.toordinal() - 1).year
    return str(last) if first == last else f"{first}/{last}"
