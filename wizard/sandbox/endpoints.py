"""The endpoints that require a session, the objects that they return, and the routes.

The members of the objects have the names of the API specification 2.75.12.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wizard.sandbox import answers, world
from wizard.sandbox.books import Account, Balance, FiscalYear, Ledger, Posting
from wizard.sandbox.logon import CreateSession, Login, Tripletex, basic_credentials

Record = dict[str, object]

_COMPANY_MEMBERS = (
    "id",
    "version",
    "url",
    "name",
    "displayName",
    "startDate",
    "endDate",
    "organizationNumber",
    "email",
    "phoneNumber",
    "address",
    "type",
    "currency",
    "accountantOrSimilar",
    "companyMigration",
    "invoiceShowDeliveryDate",
)
COMPANY = answers.Model("CompanyDTO", _COMPANY_MEMBERS)
CLIENT = answers.Model("ClientDTO", (*_COMPANY_MEMBERS, "customerCompanyId"))
EMPLOYEE = answers.Model("EmployeeDTO", ("id", "version", "url", "firstName", "lastName", "displayName"))
LOGGED_IN_USER = answers.Model(
    "LoggedInUserInfoDTO",
    (
        "employeeId",
        "actualEmployeeId",
        "companyId",
        "language",
        "loggedInWithConnect",
        "employeeIsProxy",
    ),
    {"employee": EMPLOYEE, "company": COMPANY},
)
ENTITLEMENT = answers.Model(
    "EntitlementDTO",
    ("id", "version", "url", "entitlementId", "name"),
    {"employee": EMPLOYEE, "customer": COMPANY},
)
SALES_MODULE = answers.Model("SalesModuleDTO", ("name", "costStartDate"))
ACCOUNT = answers.Model("AccountDTO", ("id", "version", "url", "number", "name", "displayName", "isInactive"))
BALANCE = answers.Model(
    "BalanceSheetAccountDTO",
    ("startDate", "endDate", "balanceIn", "balanceChange", "balanceOut"),
    {"account": ACCOUNT},
)
ANNUAL_ACCOUNT = answers.Model("AnnualAccountDTO", ("id", "version", "url", "year", "start", "end"))
POSTING = answers.Model(
    "PostingDTO", ("id", "version", "url", "date", "amount", "type"), {"account": ACCOUNT}
)

_DEFAULT_COUNT = 1000
_MORE_THAN_THERE_IS = 1000
_FIRST_ENTITLEMENT_RECORD = 700_000_001  # record ids of about this size were observed
_ONE_DAY = timedelta(days=1)
_VERSION_DIGEST = "'If-None-Match' header not specified"  # observed, as was null


class Endpoints:
    """A method for each endpoint."""

    def __init__(self, tripletex: Tripletex) -> None:
        self._tripletex = tripletex

    async def who_am_i(self, request: Request) -> Response:
        """``GET /token/session/>whoAmI``, for both kinds of key."""
        login = self._log_in(request)
        key = login.session.key
        hidden = login.is_office_itself and not self._tripletex.behaviour.office_key_names_company
        company = None if hidden else self._company_record(login.company, request)
        record: Record = {
            "employeeId": key.owner_id,
            "actualEmployeeId": key.employee_id,
            "employee": _employee_record(key.owner_id, _host(request)),
            "companyId": 0 if company is None else login.company.id,
            "company": company,
            "language": "no",
            "loggedInWithConnect": False,
            "employeeIsProxy": login.is_proxy,
        }
        return _value(request, record, LOGGED_IN_USER)

    async def delete_session(self, request: Request) -> Response:
        """``DELETE /token/session/{token}``. It returns 204; after that, the token gives 401."""
        login = self._log_in(request)
        if request.path_params["token"] != login.session.session_token:
            raise answers.RefusedError(answers.OBJECT_NOT_FOUND)
        self._tripletex.delete_session(login.session)
        return Response(status_code=204)

    async def with_login_access(self, request: Request) -> Response:
        """``GET /company/>withLoginAccess``, the clients that an office key has access to."""
        login = self._log_in(request)
        listed = [
            self._company_record(client, request) | {"customerCompanyId": client.customer_company_id}
            for client in self._clients(login)
        ]
        return self._list(request, listed, CLIENT)

    async def company(self, request: Request) -> Response:
        """``GET /company/{id}``, for the company of the login only."""
        login = self._log_in(request)
        text = request.path_params["id"]
        if not text.isdecimal():
            raise answers.RefusedError(answers.not_a_number(text))
        self._tripletex.require(login, world.FIGURES)
        if int(text) != login.company.id:
            raise answers.RefusedError(answers.OBJECT_NOT_FOUND)
        return _value(request, self._company_record(login.company, request), COMPANY)

    async def sales_modules(self, request: Request) -> Response:
        """``GET /company/salesmodules``, the services that the company has ordered."""
        login = self._log_in(request)
        self._tripletex.require(login, world.FIGURES)
        listed: list[Record] = [{"name": name, "costStartDate": None} for name in login.company.modules]
        return self._list(request, listed, SALES_MODULE)

    async def entitlements(self, request: Request) -> Response:
        """``GET /employee/entitlement``, the rights of the key's owner or of its technical user."""
        login = self._log_in(request)
        if login.is_office_itself:
            raise answers.RefusedError(self._tripletex.behaviour.company_owned)
        return self._entitlements(request, login)

    async def client_entitlements(self, request: Request) -> Response:
        """``GET /employee/entitlement/client``, the same at a client."""
        login = self._log_in(request)
        self._tripletex.require(login, any_of=frozenset())
        if not login.is_proxy:
            raise answers.RefusedError(self._tripletex.behaviour.lacking_right)
        # Which of the two ids is meant is not documented.
        company = login.company
        wanted = answers.number_parameter(request.query_params, "customerId", default=None)
        if wanted not in {company.id, company.customer_company_id}:
            raise answers.RefusedError(answers.OBJECT_NOT_FOUND)
        return self._entitlements(request, login)

    async def balance_sheet(self, request: Request) -> Response:
        """``GET /balanceSheet``, the balance and change of each account. ``dateTo`` is exclusive."""
        login = self._log_in(request)
        start, end = _period(request)
        selection = request.query_params.get("includeActiveAccountsWithoutMovements", "false")
        if denied := self._denied(request, login, {world.ACCOUNTING_REPORTS}):
            return denied
        balances = self._ledger(login).balances(start, end, without_movements=selection == "true")
        host = _host(request)
        listed = [_balance_record(balance, start, end, host) for balance in balances]
        return self._list(request, listed, BALANCE)

    async def annual_accounts(self, request: Request) -> Response:
        """``GET /ledger/annualAccount``, the fiscal years. ``yearTo`` is exclusive."""
        login = self._log_in(request)
        first = answers.number_parameter(request.query_params, "yearFrom", default=0)
        last = answers.number_parameter(request.query_params, "yearTo", default=10_000)
        if denied := self._denied(request, login, {world.ACCOUNTING_REPORTS, world.ACCOUNTING_SETTINGS}):
            return denied
        included = self._tripletex.behaviour.last_day_of_year == "last"
        host = _host(request)
        listed = [
            _year_record(login.company, year, host, end=year.end - _ONE_DAY if included else year.end)
            for year in self._ledger(login).fiscal_years
            if first <= year.year < last
        ]
        return self._list(request, listed, ANNUAL_ACCOUNT)

    async def accounts(self, request: Request) -> Response:
        """``GET /ledger/account``, the chart of accounts."""
        login = self._log_in(request)
        if denied := self._denied(request, login, {world.ACCOUNTING_SETTINGS}):
            return denied
        listed = [_account_record(account, _host(request)) for account in self._ledger(login).accounts]
        return self._list(request, listed, ACCOUNT)

    async def postings(self, request: Request) -> Response:
        """``GET /ledger/postingByDate``, all postings or a refusal. ``dateTo`` is exclusive."""
        login = self._log_in(request)
        if "fields" in request.query_params:  # documented as unsupported; the response is a guess
            raise answers.RefusedError(answers.mapping_failed("fields"))
        start, end = _period(request)
        if denied := self._denied(request, login, world.FIGURES - {world.WAGES}):
            return denied
        ledger = self._ledger(login)
        if world.ALL_VOUCHERS not in login.rights:
            raise answers.RefusedError(answers.NOT_ALL_VOUCHERS)
        if login.company.wages_controlled and world.WAGES not in login.rights:
            raise answers.RefusedError(answers.NOT_ALL_WAGES)
        numbers = {account.number: account for account in ledger.accounts}
        host = _host(request)
        listed = [
            _posting_record(posting, numbers[posting.account], host)
            for posting in ledger.postings(start, end)
        ]
        return self._list(request, listed, POSTING)

    def _log_in(self, request: Request) -> Login:
        """Check the session, the rate limit and the username, in this order."""
        credentials = basic_credentials(request.headers.get("authorization"))
        if credentials is None:
            raise answers.RefusedError(answers.UNAUTHORIZED)
        username, session_token = credentials
        session = self._tripletex.find_session(session_token)
        allowance = self._tripletex.spend(session.key, session.application)
        request.state.allowance = allowance
        if allowance is not None and allowance.exceeded:
            raise answers.RefusedError(answers.TOO_MANY_REQUESTS)
        return self._tripletex.log_in(session, username)

    def _denied(self, request: Request, login: Login, any_of: AbstractSet[int]) -> Response | None:
        """Return the response to a missing right to figures, or None if no right is missing.

        Raises:
            RefusedError: If a right is missing and the behaviour is to refuse.
        """
        way = self._tripletex.behaviour.figures_denied
        try:
            self._tripletex.require(login, any_of)
        except answers.RefusedError:
            if login.is_office_itself or way == "refusal":
                raise
            if way == "page":
                return Response(
                    answers.DENIAL_PAGE.body,
                    answers.DENIAL_PAGE.status,
                    media_type=answers.DENIAL_PAGE.content_type,
                )
            return self._list(request, [], answers.Model("", ()), parse=False)
        return None

    def _ledger(self, login: Login) -> Ledger:
        today = self._tripletex.clock().date()
        return Ledger(login.company, today, with_wages=self._tripletex.sees_wages(login))

    def _clients(self, login: Login) -> tuple[world.Company, ...]:
        key = login.session.key
        if key.company_owned:
            return () if login.is_proxy else self._tripletex.world.clients_of(key)
        match self._tripletex.behaviour.ordinary_client_list:
            case "empty":
                return ()
            case "own-company":
                return (key.company,)
            case "forbidden":
                raise answers.RefusedError(self._tripletex.behaviour.lacking_right)

    def _entitlements(self, request: Request, login: Login) -> Response:
        employee_id = answers.number_parameter(
            request.query_params, "employeeId", default=login.session.key.owner_id
        )
        host = _host(request)
        employee = _employee_record(employee_id, host)
        customer = self._company_record(login.company, request)
        first = _FIRST_ENTITLEMENT_RECORD + employee_id * 1000
        listed: list[Record] = [
            {
                "id": first + right,
                "version": 0,
                "url": f"{host}/v2/employee/entitlement/{first + right}",
                "employee": employee,
                "entitlementId": right,
                "name": world.ENTITLEMENTS.get(right, f"AUTH_{right}"),
                "customer": customer,
            }
            for right in sorted(self._tripletex.rights_of(login, employee_id))
        ]
        return self._list(request, listed, ENTITLEMENT)

    def _company_record(self, company: world.Company, request: Request) -> Record:
        """Return the record of a company. That of a company without organisation number is not documented."""
        host = _host(request)
        record: Record = {
            "id": company.id,
            "version": 1,
            "url": f"{host}/v2/company/{company.id}",
            "name": company.name,
            "displayName": company.name,
            "startDate": "2015-01-01",
            "endDate": "2100-01-01",
            "organizationNumber": company.organization_number,
            "email": "",
            "phoneNumber": "",
            "address": None,
            "type": "AS",
            "currency": {"id": 1, "url": f"{host}/v2/currency/1"},
            "accountantOrSimilar": company.accountant_or_similar,
            "companyMigration": None,
            "invoiceShowDeliveryDate": False,
        }
        if company.organization_number is None:
            match self._tripletex.behaviour.missing_number:
                case "absent":
                    del record["organizationNumber"]
                case "empty":
                    record["organizationNumber"] = ""
                case "null":
                    pass
        return record

    def _list(
        self, request: Request, records: Sequence[Record], model: answers.Model, *, parse: bool = True
    ) -> Response:
        """Return the page that ``from``, ``count`` and ``fields`` select, in the list envelope.

        ``count`` in the envelope is the number of values in it.

        Raises:
            RefusedError: If a parameter is invalid.
        """
        behaviour, query = self._tripletex.behaviour, request.query_params
        start = answers.number_parameter(query, "from", default=0)
        wanted = answers.number_parameter(query, "count", default=_DEFAULT_COUNT)
        selection = answers.parse_fields(query.get("fields"), model) if parse else {}
        page = records[start : start + min(wanted, behaviour.max_page_size)]
        seen, total = start + len(page), len(records)
        sizes = {
            "one-more": min(total, seen + 1),
            "short": max(0, seen - 1),
            "long": total + _MORE_THAN_THERE_IS,
            "exact": total,
        }
        return JSONResponse(
            {
                "fullResultSize": sizes[behaviour.full_result_size],
                "from": start,
                "count": len(page),
                "versionDigest": _VERSION_DIGEST,
                "values": [answers.select(record, selection) for record in page],
            }
        )


def application(tripletex: Tripletex) -> Starlette:
    """Return the service as an ASGI application, which matches decoded paths."""
    endpoints = Endpoints(tripletex)
    creation = CreateSession(tripletex)

    def refuse(request: Request, refusal: answers.Refusal) -> Response:
        body = answers.envelope(refusal, request_id=request.state.request_id)
        return JSONResponse(body, status_code=refusal.status)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, answers.RefusedError)  # noqa: S101 - Starlette types every handler for any exception
        return refuse(request, error.refusal)

    async def unknown_path(request: Request, _: Exception) -> Response:
        return refuse(request, answers.NO_SUCH_PATH)

    async def unknown_verb(request: Request, _: Exception) -> Response:
        return refuse(request, answers.WRONG_METHOD)

    def get(path: str, endpoint: Callable[..., object]) -> Route:
        return Route(f"/v2{path}", endpoint, methods=["GET"])

    service = Starlette(
        routes=[
            Route("/v2/token/session/:create", creation.__call__, methods=["POST", "PUT"]),
            get("/token/session/>whoAmI", endpoints.who_am_i),
            Route("/v2/token/session/{token:path}", endpoints.delete_session, methods=["DELETE"]),
            get("/company/>withLoginAccess", endpoints.with_login_access),
            get("/company/salesmodules", endpoints.sales_modules),
            get("/company/{id}", endpoints.company),
            get("/employee/entitlement", endpoints.entitlements),
            get("/employee/entitlement/client", endpoints.client_entitlements),
            get("/balanceSheet", endpoints.balance_sheet),
            get("/ledger/annualAccount", endpoints.annual_accounts),
            get("/ledger/account", endpoints.accounts),
            get("/ledger/postingByDate", endpoints.postings),
        ],
        exception_handlers={answers.RefusedError: refused, 404: unknown_path, 405: unknown_verb},
    )
    service.router.redirect_slashes = False
    return service


def _host(request: Request) -> str:
    return request.headers["host"]


def _value(request: Request, record: Record, model: answers.Model) -> Response:
    selection = answers.parse_fields(request.query_params.get("fields"), model)
    return JSONResponse({"value": answers.select(record, selection)})


def _period(request: Request) -> tuple[date, date]:
    query = request.query_params
    return answers.parse_date(query.get("dateFrom"), "dateFrom"), answers.parse_date(
        query.get("dateTo"), "dateTo"
    )


def _employee_record(employee_id: int, host: str) -> Record:
    """Return the record of an employee.

    Tripletex's has a national identity number and a bank account too, so clients should not ask for it.
    """
    return {
        "id": employee_id,
        "version": 1,
        "url": f"{host}/v2/employee/{employee_id}",
        "firstName": "Demo",
        "lastName": "Bruker",
        "displayName": "Demo Bruker",
    }


def _account_record(account: Account, host: str) -> Record:
    return {
        "id": account.id,
        "version": 1,
        "url": f"{host}/v2/ledger/account/{account.id}",
        "number": account.number,
        "name": account.name,
        "displayName": f"{account.number} {account.name}",
        "isInactive": False,
    }


def _balance_record(balance: Balance, start: date, end: date, host: str) -> Record:
    return {
        "account": _account_record(balance.account, host),
        "startDate": start.isoformat(),
        "endDate": end.isoformat(),
        "balanceIn": balance.balance_in,
        "balanceChange": balance.change,
        "balanceOut": balance.balance_out,
    }


def _year_record(company: world.Company, year: FiscalYear, host: str, *, end: date) -> Record:
    number = company.id * 100 + year.year % 100
    return {
        "id": number,
        "version": 0,
        "url": f"{host}/v2/ledger/annualAccount/{number}",
        "year": year.year,
        "start": year.start.isoformat(),
        "end": end.isoformat(),
    }


def _posting_record(posting: Posting, account: Account, host: str) -> Record:
    return {
        "id": posting.id,
        "version": 0,
        "url": f"{host}/v2/ledger/posting/{posting.id}",
        "date": posting.day.isoformat(),
        "amount": posting.amount,
        "type": "WAGE" if posting.is_wage else "INCOMING_PAYMENT",
        "account": _account_record(account, host),
    }
