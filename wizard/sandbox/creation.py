"""``POST`` and ``PUT /token/session/:create``.

PUT with its tokens in the query is deprecated since specification 2.75.12 and answers 200; POST with a JSON
body answers 201 (both observed). Neither asks for a login.
"""

import json
import re
from datetime import date

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wizard.sandbox import refusals
from wizard.sandbox.refusals import RefusedError
from wizard.sandbox.sessions import Session
from wizard.sandbox.tripletex import Tripletex

_MEMBERS = ("consumerToken", "employeeToken", "expirationDate")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Creation:
    """The endpoint in its two forms."""

    def __init__(self, tripletex: Tripletex) -> None:
        self._tripletex = tripletex

    async def __call__(self, request: Request) -> Response:
        """Serve either verb."""
        posted = request.method == "POST"
        try:
            session = self._open(await self._given(request), request)
        except RefusedError as error:
            if request.method in self._tripletex.behaviour.arg_prefix:
                raise RefusedError(error.refusal.with_field_prefix("arg:")) from None
            raise
        return JSONResponse(_body(session, request.headers["host"]), status_code=201 if posted else 200)

    async def _given(self, request: Request) -> dict[str, str | None]:
        behaviour = self._tripletex.behaviour
        posted = request.method == "POST"
        refused = behaviour.post_refused if posted else behaviour.put_refused
        if refused is not None:
            raise RefusedError(refused)
        if posted:
            return await self._from_body(request)
        return {name: request.query_params.get(name) for name in _MEMBERS}

    def _open(self, given: dict[str, str | None], request: Request) -> Session:
        missing = [name for name in _MEMBERS if given[name] is None]
        if missing:
            code = self._tripletex.behaviour.missing_value_code
            raise RefusedError(refusals.cannot_be_null(*missing, code=code))
        consumer_token, employee_token, day = (given[name] or "" for name in _MEMBERS)
        expiration_date = _date(day, posted=request.method == "POST")
        application, key = self._tripletex.check_tokens(consumer_token, employee_token)
        if self._tripletex.behaviour.create_is_limited:
            allowance = self._tripletex.spend(key, application)
            request.state.allowance = allowance
            if allowance is not None and allowance.exceeded:
                raise RefusedError(self._tripletex.behaviour.too_many_requests)
        return self._tripletex.open_session(application, key, expiration_date)

    async def _from_body(self, request: Request) -> dict[str, str | None]:
        """The members of the JSON body.

        Raises:
            RefusedError: The body is missing, malformed, or not an object of strings.
        """
        text = await request.body()
        if not text:
            raise RefusedError(refusals.no_body(self._tripletex.behaviour.missing_value_code))
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise RefusedError(refusals.WRONG_CONTENT_TYPE)
        try:
            body = json.loads(text)
        except ValueError:
            raise RefusedError(refusals.INVALID_JSON) from None
        if body is None:
            raise RefusedError(refusals.no_body(self._tripletex.behaviour.missing_value_code))
        if not isinstance(body, dict):
            raise RefusedError(refusals.mapping_failed("request body"))
        for name, value in body.items():
            if name not in _MEMBERS:
                raise RefusedError(refusals.mapping_failed(name, "Feltet eksisterer ikke i objektet."))
            if value is not None and not isinstance(value, str):
                raise RefusedError(refusals.mapping_failed(name))
        return {name: body.get(name) for name in _MEMBERS}


def _date(text: str, *, posted: bool) -> date:
    """The expiration date. How Tripletex refuses a bad one is not known; 16000 and 21000 are guesses."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    refusal = refusals.mapping_failed("expirationDate")
    if not posted:
        refusal = refusals.Refusal(
            422, 21000, f'Wrong data format! Expected date. For input string: "{text}"'
        )
    raise RefusedError(refusal)


def _body(session: Session, host: str) -> dict[str, object]:
    """The answer; URLs in it have no scheme (recorded by an integrator)."""
    return {
        "value": {
            "id": session.id,
            "version": 0,
            "url": f"{host}/v2/token/session/{session.id}",
            "consumerToken": _stub(host, "token/consumer", session.application.token_id),
            "employeeToken": _stub(host, "token/employee", session.key.token_id),
            "expirationDate": session.expiration_date.isoformat(),
            "token": session.session_token,
            "encryptionKey": None,
        }
    }


def _stub(host: str, path: str, number: int) -> dict[str, object]:
    return {"id": number, "url": f"{host}/v2/{path}/{number}"}
