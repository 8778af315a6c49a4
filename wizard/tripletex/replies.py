"""Parses responses into models or exceptions.

An error is ``{status, code, message, link, developerMessage, validationMessages: [{field, message, path,
rootId}] | null, requestId}`` (specification 2.75.12). Its messages are partly Norwegian and partly English
and differ between versions, so errors are classified by status, code and field. Messages are used for two
things only: to find the documented sentence about office keys, and to find out which token is meant if no
field says so.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from http import HTTPStatus
from typing import Final, cast

from wizard.domain.key import Secret
from wizard.domain.redaction import Scrub
from wizard.domain.setup import normalise_org_number
from wizard.tripletex import errors
from wizard.tripletex.models import Client, Company, FiscalYear, WhoAmI
from wizard.tripletex.transport import RawResponse

_LARGEST_ID: Final = 2**63 - 1
_SENT: Final = (
    *("consumerToken", "employeeToken", "expirationDate", "request body"),
    *("dateFrom", "dateTo", "from", "count", "fields", "sorting"),
)
_FIELDS: Final = {name.casefold(): name for name in _SENT}
# “Company owned users(employeeToken) can only access /token/session/>whoAmI & …” (official FAQ).
_COMPANY_OWNED: Final = re.compile(r"company[\s_-]*owned[\s_-]*users?\b", re.IGNORECASE)
_TOKEN_NAMES: Final = (
    # A message that names both means that they do not match: the key is for another application.
    (errors.TokenKind.EMPLOYEE, re.compile(r"employee[\s_-]*token", re.IGNORECASE)),
    (errors.TokenKind.CONSUMER, re.compile(r"consumer[\s_-]*token", re.IGNORECASE)),
)


class Json:
    """A JSON object from a response. Its ``repr`` is empty, since it may contain a token.

    The getters raise ``Unintelligible`` if a field is missing or has the wrong type.
    """

    __slots__ = ("_members", "request_id")

    def __init__(self, members: object, request_id: str | None = None) -> None:
        self._members = members
        self.request_id = request_id

    # A method that raises keeps no value in a local variable, because tracebacks may show those.

    def within(self, name: str) -> "Json":
        """Return the object in a field."""
        if not isinstance(self._get(name), dict):
            raise self._flaw(name)
        return Json(self._get(name), self.request_id)

    def each(self, name: str, *, most: int) -> "list[Json]":
        """Return the objects in a list of at most ``most`` elements."""
        if not _is_list_of_objects(self._get(name)):
            raise self._flaw(name)
        if len(cast("list[object]", self._get(name))) > most:
            raise errors.Unintelligible(request_id=self.request_id, flaw=errors.Flaw.TOO_LARGE, where=name)
        return [Json(value, self.request_id) for value in cast("list[object]", self._get(name))]

    def integer(self, name: str, *, least: int = 0) -> int:
        """Return an id."""
        if not _is_id(self._get(name), least):
            raise self._flaw(name)
        return cast("int", self._get(name))

    def optional_integer(self, name: str) -> int | None:
        """Return an id, or None if it is missing or invalid."""
        value = self._get(name)
        return cast("int", value) if _is_id(value, 0) else None

    def has_object(self, name: str) -> bool:
        """Return whether a field is an object."""
        return isinstance(self._get(name), dict)

    def text(self, name: str) -> str:
        """Return a string, unchanged."""
        if not isinstance(self._get(name), str):
            raise self._flaw(name)
        return cast("str", self._get(name))

    def words(self, name: str) -> str:
        """Return a string that is only shown or compared; empty if the type is wrong."""
        value = self._get(name)
        return str(value) if isinstance(value, str | int) else ""

    def _get(self, name: str) -> object:
        return self._members.get(name) if isinstance(self._members, dict) else None

    def _flaw(self, name: str) -> errors.Unintelligible:
        return errors.Unintelligible(request_id=self.request_id, flaw=errors.Flaw.WRONG_TYPE, where=name)


def _is_id(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= _LARGEST_ID


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def read_reply(response: RawResponse, scrub: Scrub) -> Json:
    """Return the JSON object of a response, which is empty if there is no body.

    Raises:
        TripletexError: If the response is an error or cannot be read.
    """
    reading = _read(response, scrub)
    if isinstance(reading, errors.TripletexError):
        # Raised here, its traceback has no frame that holds the response.
        raise reading
    return reading


def _read(response: RawResponse, scrub: Scrub) -> Json | errors.TripletexError:
    document = _decode(response.body)
    members = document if isinstance(document, dict) else None
    request_id = _request_id(response, members, scrub)
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        return errors.RateLimited(request_id=request_id)
    if response.status >= HTTPStatus.BAD_REQUEST:
        return _refusal(response, members, request_id)
    if members is None and response.body:
        is_json = "json" in response.media_type.lower() and not _is_markup(response)
        return (
            errors.Unintelligible(flaw=errors.Flaw.NOT_JSON, request_id=request_id)
            if is_json
            else errors.NotTripletex(
                status=response.status, markup=_is_markup(response), request_id=request_id
            )
        )
    return Json(members or {}, request_id)


def _decode(body: bytes) -> object:
    try:
        decoded: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return decoded


def _request_id(response: RawResponse, members: dict[str, object] | None, scrub: Scrub) -> str | None:
    named = members.get("requestId") if members else None
    return response.request_id or (scrub.request_id(named) if isinstance(named, str) else None)


def _is_markup(response: RawResponse) -> bool:
    return "html" in response.media_type.lower() or response.body.lstrip()[:1] == b"<"


def _refusal(
    response: RawResponse, members: dict[str, object] | None, request_id: str | None
) -> errors.TripletexError:
    texts = tuple(_texts(members)) if members else ()
    code = members.get("code") if members else None
    code = int(code) if isinstance(code, int | str) and re.fullmatch(r"\d{1,6}", str(code)) else None
    fields = frozenset(_fields(members)) if members else frozenset()
    company_owned = any(_COMPANY_OWNED.search(text) for text in texts)
    if not company_owned:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return errors.ServerTrouble(status=response.status, request_id=request_id)
        if code is None or request_id is None:
            # Gateways send a "message" too; only Tripletex's own errors have both of these.
            return errors.NotTripletex(
                status=response.status, markup=_is_markup(response), request_id=request_id
            )
    return errors.Refused(
        status=response.status,
        code=code,
        fields=fields,
        token=_token_meant(fields, texts),
        company_owned=company_owned,
        request_id=request_id,
    )


def _complaints(members: dict[str, object]) -> Iterator[dict[str, object]]:
    complaints = members.get("validationMessages")
    if isinstance(complaints, list):
        yield from (complaint for complaint in complaints if isinstance(complaint, dict))


def _texts(members: dict[str, object]) -> Iterator[str]:
    texts = [members.get("message"), members.get("developerMessage")]
    texts += [complaint.get("message") for complaint in _complaints(members)]
    yield from (text for text in texts if isinstance(text, str))


def _fields(members: dict[str, object]) -> Iterator[str]:
    """Yield the known fields in validation messages, such as ``arg:consumerToken``."""
    for complaint in _complaints(members):
        for place in (complaint.get("field"), complaint.get("path")):
            if isinstance(place, str):
                known = _FIELDS.get(re.split(r"[:./]", place)[-1].strip().casefold())
                if known:
                    yield known


def _token_meant(fields: frozenset[str], texts: tuple[str, ...]) -> errors.TokenKind | None:
    # Tripletex checks the consumer token first, so if both are named the other was not checked.
    if "consumerToken" in fields:
        return errors.TokenKind.CONSUMER
    if "employeeToken" in fields:
        return errors.TokenKind.EMPLOYEE
    for kind, name in _TOKEN_NAMES:
        if any(name.search(text) for text in texts):
            return kind
    return None


_LONGEST_TOKEN = 2000
_EMPLOYEES = ("employeeId", "actualEmployeeId")


def read_session_token(value: Json) -> Secret:
    """Return the session token, which has 1 to 2000 characters according to the specification.

    Raises:
        Unintelligible: If it is missing or invalid.
    """
    token = Secret(value.text("token"))
    if not _is_token(token):
        raise errors.Unintelligible(request_id=value.request_id, flaw=errors.Flaw.WRONG_TYPE, where="token")
    return token


def _is_token(secret: Secret) -> bool:
    text = secret.reveal()
    return 0 < len(text) <= _LONGEST_TOKEN and text.isascii() and text.isprintable()


def read_key_id(value: Json) -> int | None:
    """Return the id of the key that created a session, if there is one."""
    return value.within("employeeToken").optional_integer("id") if value.has_object("employeeToken") else None


def read_who_am_i(value: Json, scrub: Scrub) -> WhoAmI:
    """Parse a ``LoggedInUserInfo``; without ``fields`` its company is only an id and a link.

    None of it is needed to use a session, so missing and invalid values are left out.
    """
    company_id = value.optional_integer("companyId")
    company = None
    if value.has_object("company"):
        company = read_company(value.within("company"), scrub, company_id)
        company_id = company_id or company.id
    employees = [value.optional_integer(name) for name in _EMPLOYEES]
    return WhoAmI(company_id or None, company, value.request_id, *employees)


def read_company(value: Json, scrub: Scrub, company_id: int | None) -> Company:
    """Parse a ``Company``; ``company_id`` is used if the response has no id."""
    known_id = value.optional_integer("id") or company_id or None
    return Company(
        known_id, _name(value, scrub) or None, normalise_org_number(value.words("organizationNumber"))
    )


def read_client(value: Json, scrub: Scrub) -> Client:
    """Parse a ``Client``. An id of 0 is rejected: as a username it would mean the key's own company."""
    org_number = normalise_org_number(value.words("organizationNumber"))
    return Client(value.integer("id", least=1), _name(value, scrub), org_number)


def read_fiscal_year(value: Json) -> FiscalYear:
    """Parse an ``AnnualAccount``. Whether ``end`` is the last day or the day after is not documented.

    Raises:
        Unintelligible: If a date is missing or invalid.
    """
    start, end = _date(value, "start"), _date(value, "end")
    # A fiscal year ends on the last day of a month, so the first of a month must be the day after.
    return FiscalYear(start, end if end.day == 1 else end + timedelta(days=1))


def _date(value: Json, name: str) -> date:
    try:
        return date.fromisoformat(value.text(name))
    except ValueError:
        raise errors.Unintelligible(
            request_id=value.request_id, flaw=errors.Flaw.WRONG_TYPE, where=name
        ) from None


def _name(value: Json, scrub: Scrub) -> str:
    return scrub.line(value.words("name")) or scrub.line(value.words("displayName"))
