"""What the sandbox remembers of a request."""

import base64

import pytest

from tests.sandbox.conftest import CREATE, WHO_AM_I, Caller


def test_a_request_is_kept_as_it_was_sent(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    caller.get(WHO_AM_I, token, fields="companyId,company(id)")
    created, asked = caller.sandbox.requests

    assert created.call == "POST /token/session/:create"
    assert created.json == {
        "consumerToken": caller.world.consumer_token,
        "employeeToken": caller.world.single_company.employee_token,
        "expirationDate": "2026-11-23",
    }
    assert created.username is None
    assert (asked.call, asked.raw_path) == ("GET /token/session/>whoAmI", "/v2/token/session/%3EwhoAmI")
    assert asked.query == {"fields": "companyId,company(id)"}
    assert asked.raw_query == "fields=companyId%2Ccompany%28id%29"
    assert (asked.username, asked.status) == ("0", 200)
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(f"0:{token}".encode()).decode()
    assert asked.connection == created.connection


def test_the_endpoint_holds_no_session_token(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    caller.http.delete(f"/token/session/{token}", auth=("0", token))
    deleted = caller.sandbox.requests[-1]
    assert deleted.call == "DELETE /token/session/{token}"
    assert deleted.raw_path == f"/v2/token/session/{token}"


def test_no_token_shows_in_repr(caller: Caller) -> None:
    key = caller.world.single_company
    token = caller.log_on(key, verb="PUT")
    caller.get(WHO_AM_I, token)
    caller.http.delete(f"/token/session/{token}", auth=("0", token))
    session = caller.sandbox.open_sessions
    shown = repr((caller.sandbox.requests, key, session, caller.sandbox.world.keys))
    assert "/token/session/:create" in shown
    for secret in (token, key.employee_token, caller.world.consumer_token):
        assert secret not in shown


def test_a_body_that_is_not_json_is_an_error(caller: Caller) -> None:
    caller.http.post(CREATE, content=b"{")
    with pytest.raises(ValueError, match="Expecting"):
        _ = caller.sandbox.requests[0].json
