"""The calls that ask for a session: Basic authentication with the session token as password."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wizard.sandbox import records, refusals
from wizard.sandbox.fields import Model, parse_fields, select
from wizard.sandbox.pages import list_answer, number
from wizard.sandbox.recorder import basic_credentials
from wizard.sandbox.records import Record
from wizard.sandbox.refusals import RefusedError
from wizard.sandbox.tripletex import Login, Tripletex
from wizard.sandbox.world import Company


class Endpoints:
    """One method for each call."""

    def __init__(self, tripletex: Tripletex) -> None:
        self._tripletex = tripletex

    async def who_am_i(self, request: Request) -> Response:
        """``GET /token/session/>whoAmI``: both kinds of key may."""
        login = self._log_in(request)
        hidden = login.is_office_itself and not self._tripletex.behaviour.office_key_names_company
        company = None if hidden else self._company_record(login.company, request)
        record = records.logged_in_user_record(login, company, _host(request))
        return _value(request, record, records.LOGGED_IN_USER)

    async def delete_session(self, request: Request) -> Response:
        """``DELETE /token/session/{token}``: 204, and 401 for whoever comes with it afterwards."""
        login = self._log_in(request)
        if login.is_office_itself and not self._tripletex.behaviour.office_key_may_delete_session:
            raise RefusedError(self._tripletex.behaviour.company_owned)
        if request.path_params["token"] != login.session.session_token:
            raise RefusedError(refusals.OBJECT_NOT_FOUND)
        self._tripletex.delete_session(login.session)
        return Response(status_code=204)

    async def with_login_access(self, request: Request) -> Response:
        """``GET /company/>withLoginAccess``: the clients that an office key reaches."""
        login = self._log_in(request)
        clients = self._clients(login)
        missing_number = self._tripletex.behaviour.missing_number
        listed = [records.client_record(client, _host(request), missing_number) for client in clients]
        return self._list(request, listed, records.CLIENT)

    async def company(self, request: Request) -> Response:
        """``GET /company/{id}``: only the company one is logged on to."""
        login = self._log_in(request)
        text = request.path_params["id"]
        if not text.isdecimal():
            raise RefusedError(refusals.not_a_number(text))
        self._tripletex.require_read_right(login)
        if int(text) != login.company.id:
            raise RefusedError(refusals.OBJECT_NOT_FOUND)
        return _value(request, self._company_record(login.company, request), records.COMPANY)

    async def sales_modules(self, request: Request) -> Response:
        """``GET /company/salesmodules``: the services that the company has ordered."""
        login = self._log_in(request)
        self._tripletex.require_read_right(login)
        listed: list[Record] = [{"name": name, "costStartDate": None} for name in login.company.modules]
        return self._list(request, listed, records.SALES_MODULE)

    async def entitlements(self, request: Request) -> Response:
        """``GET /employee/entitlement``: rights of the key's owner, or of its technical user."""
        login = self._log_in(request)
        if login.is_office_itself or self._tripletex.behaviour.entitlements_need_rights:
            self._tripletex.require_read_right(login)
        key = login.session.key
        employee_id = number(request.query_params, "employeeId", default=key.owner_id)
        rights: dict[int, frozenset[str]] = {key.owner_id: key.owner_rights, key.employee_id: key.rights}
        employee = records.employee_record(employee_id, _host(request))
        listed = [
            records.entitlement_record(serial, right, employee, _host(request))
            for serial, right in enumerate(sorted(rights.get(employee_id, ())), start=1)
        ]
        return self._list(request, listed, records.ENTITLEMENT)

    def _log_in(self, request: Request) -> Login:
        """Session, then rate limit, then username."""
        credentials = basic_credentials(request.headers.get("authorization"))
        if credentials is None:
            raise RefusedError(refusals.UNAUTHORIZED)
        username, session_token = credentials
        session = self._tripletex.find_session(session_token)
        allowance = self._tripletex.spend(session.key, session.application)
        request.state.allowance = allowance
        if allowance is not None and allowance.exceeded:
            raise RefusedError(self._tripletex.behaviour.too_many_requests)
        return self._tripletex.log_in(session, username)

    def _clients(self, login: Login) -> tuple[Company, ...]:
        key = login.session.key
        if key.company_owned:
            return () if login.is_proxy else self._tripletex.world.clients_of(key)
        match self._tripletex.behaviour.ordinary_client_list:
            case "empty":
                return ()
            case "own-company":
                return (key.company,)
            case "forbidden":
                raise RefusedError(self._tripletex.behaviour.lacking_right)

    def _company_record(self, company: Company, request: Request) -> Record:
        return records.company_record(company, _host(request), self._tripletex.behaviour.missing_number)

    def _list(self, request: Request, listed: list[Record], model: Model) -> Response:
        return JSONResponse(list_answer(listed, model, request.query_params, self._tripletex.behaviour))


def _host(request: Request) -> str:
    return request.headers["host"]


def _value(request: Request, record: Record, model: Model) -> Response:
    selection = parse_fields(request.query_params.get("fields"), model)
    return JSONResponse({"value": select(record, selection)})


async def not_found_object(_: Request) -> Response:
    """``/v2/whoAmI``, the path that people guess: another 404 than of unknown paths (observed)."""
    raise RefusedError(refusals.OBJECT_NOT_FOUND)


async def wrong_method(_: Request) -> Response:
    """``GET /company``, which exists for another verb only (observed)."""
    raise RefusedError(refusals.WRONG_METHOD)
