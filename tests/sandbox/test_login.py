"""Basic authentication with a session token, and which company the username means."""

import base64
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import quote

import pytest

from tests.sandbox.conftest import (
    CLIENTS,
    FORBIDDEN,
    SENTENCE,
    TOMORROW,
    UNAUTHORIZED,
    WHO_AM_I,
    Caller,
    Serve,
    generic,
    refusal,
)
from tests.support.sandbox import FORBIDDEN as FORBIDDEN_REFUSAL
from tests.support.sandbox import OSLO, Behaviour, company_owned, demo_token


@pytest.mark.parametrize(
    "path", [WHO_AM_I, CLIENTS, "/company/1", "/company/salesmodules", "/employee/entitlement"]
)
def test_nobody_comes_in_without_a_session(caller: Caller, path: str) -> None:
    answer = caller.http.get(path)
    assert (answer.status_code, refusal(answer)) == (401, UNAUTHORIZED)
    answer = caller.get(path, demo_token(1))
    assert (answer.status_code, refusal(answer)) == (401, UNAUTHORIZED)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer {token}",
        "Basic {token}",
        "Basic ?",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
    ],
)
def test_anything_but_basic_is_refused(caller: Caller, header: str) -> None:
    token = caller.log_on(caller.world.single_company)
    answer = caller.http.get(WHO_AM_I, headers={"Authorization": header.format(token=token)})
    assert (answer.status_code, refusal(answer)) == (401, UNAUTHORIZED)


@pytest.mark.parametrize("username", ["0", "", " "])
def test_the_key_of_a_company_needs_no_username(caller: Caller, username: str) -> None:
    token = caller.log_on(caller.world.single_company)
    assert caller.get(WHO_AM_I, token, username).status_code == 200


@pytest.mark.parametrize("username", ["own", "999", "minus", "-1", "0x0"])
def test_any_other_username_is_punished(caller: Caller, username: str) -> None:
    token = caller.log_on(caller.world.single_company)
    name = str(caller.world.company.id) if username == "own" else username
    answer = caller.get(WHO_AM_I, token, name)
    assert (answer.status_code, refusal(answer)) == (401, UNAUTHORIZED)


def test_the_own_company_as_username_can_be_allowed(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(own_id_as_username=None))
    token = caller.log_on(caller.world.single_company)
    assert caller.get(WHO_AM_I, token, str(caller.world.company.id)).status_code == 200


def test_a_session_ends_at_midnight_in_oslo_as_its_day_begins(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company, day=TOMORROW)
    caller.clock.set(datetime(2026, 11, 22, 23, 59, 59, tzinfo=OSLO))
    assert caller.get(WHO_AM_I, token).status_code == 200
    caller.clock.advance(1)
    answer = caller.get(WHO_AM_I, token)
    assert (answer.status_code, refusal(answer)) == (401, UNAUTHORIZED)
    assert caller.sandbox.open_sessions == []


def test_midnight_is_not_that_of_utc(caller: Caller) -> None:
    summer_night = datetime(2026, 7, 1, 22, 0, tzinfo=UTC)  # 00:00 on 2 July in Oslo
    caller.clock.set(summer_night - timedelta(seconds=1))
    token = caller.log_on(caller.world.single_company, day=date(2026, 7, 2))
    assert caller.get(WHO_AM_I, token).status_code == 200
    caller.clock.set(summer_night)
    assert caller.get(WHO_AM_I, token).status_code == 401


def test_a_deleted_session_is_dead(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    other = caller.log_on(caller.world.single_company)
    path = f"/token/session/{quote(token, safe='')}"

    answer = caller.http.delete(path, auth=("0", token))
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert [session.session_token for session in caller.sandbox.open_sessions] == [other]
    again = caller.http.delete(path, auth=("0", token))
    assert (again.status_code, refusal(again)) == (401, UNAUTHORIZED)


def test_nobody_deletes_somebody_elses_session(caller: Caller) -> None:
    token, other = (caller.log_on(caller.world.single_company) for _ in range(2))
    answer = caller.http.delete(f"/token/session/{other}", auth=("0", token))
    assert (answer.status_code, refusal(answer)) == (404, generic(6000, "Object not found"))
    assert len(caller.sandbox.open_sessions) == 2


def test_a_missing_right_is_403(caller: Caller) -> None:
    key = caller.world.single_company_without_rights
    token = caller.log_on(key)
    assert caller.get(WHO_AM_I, token).status_code == 200
    for path in (f"/company/{key.company.id}", "/company/salesmodules"):
        answer = caller.get(path, token)
        assert (answer.status_code, refusal(answer)) == (403, FORBIDDEN)


def test_the_answer_to_a_missing_right_can_be_changed(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(lacking_right=company_owned("message", status=400, code=1)))
    token = caller.log_on(caller.world.single_company_without_rights)
    assert caller.get("/company/salesmodules", token).status_code == 400


@pytest.mark.parametrize("username", ["0", "", "own"])
def test_an_office_key_may_do_two_things_at_home(caller: Caller, username: str) -> None:
    key = caller.world.office
    name = str(key.company.id) if username == "own" else username
    token = caller.log_on(key)
    assert caller.get(WHO_AM_I, token, name).status_code == 200
    assert caller.get(CLIENTS, token, name).status_code == 200
    for path in (f"/company/{key.company.id}", "/company/salesmodules", "/employee/entitlement"):
        answer = caller.get(path, token, name)
        assert (answer.status_code, refusal(answer)) == (403, generic(9000, SENTENCE))


def test_the_sentence_can_stand_elsewhere(serve: Serve) -> None:
    caller = serve(
        behaviour=Behaviour(company_owned=company_owned("developerMessage", status=401, code=3000))
    )
    token = caller.log_on(caller.world.office)
    answer = caller.get("/company/salesmodules", token)
    assert (answer.status_code, refusal(answer)) == (401, generic(3000, FORBIDDEN["message"], SENTENCE))

    caller.sandbox.behaviour = Behaviour(
        company_owned=company_owned("validationMessages", status=422, code=18000)
    )
    answer = caller.get("/company/salesmodules", token)
    assert answer.status_code == 422
    assert refusal(answer) == generic(18000, FORBIDDEN["message"]) | {
        "validationMessages": [{"field": None, "message": SENTENCE, "path": None, "rootId": None}]
    }


@pytest.mark.parametrize("allowed", [True, False])
def test_an_office_key_may_or_may_not_delete_its_session(serve: Serve, *, allowed: bool) -> None:
    caller = serve(behaviour=Behaviour(office_key_may_delete_session=allowed))
    token = caller.log_on(caller.world.office)
    answer = caller.http.delete(f"/token/session/{token}", auth=("0", token))
    assert answer.status_code == (204 if allowed else 403)
    assert len(caller.sandbox.open_sessions) == (0 if allowed else 1)


def test_an_office_key_acts_in_its_clients_companies(caller: Caller) -> None:
    client = caller.world.client
    token = caller.log_on(caller.world.office)
    me = caller.get(WHO_AM_I, token, str(client.id)).json()["value"]
    assert (me["companyId"], me["employeeIsProxy"]) == (client.id, True)
    seen = caller.get(f"/company/{client.id}", token, str(client.id)).json()["value"]
    assert seen["name"] == client.name
    assert caller.get(CLIENTS, token, str(client.id)).json()["values"] == []


def test_the_customer_company_id_is_not_the_username(caller: Caller) -> None:
    token = caller.log_on(caller.world.office)
    wrong = caller.world.client.customer_company_id
    assert wrong not in {company.id for company in caller.world.companies}
    assert caller.get(WHO_AM_I, token, str(wrong)).status_code == 401


def test_no_client_access_is_401_or_403(caller: Caller) -> None:
    token = caller.log_on(caller.world.office)
    name = str(caller.world.client_without_access.id)
    answer = caller.get(WHO_AM_I, token, name)
    assert (answer.status_code, refusal(answer)) == (401, UNAUTHORIZED)
    caller.sandbox.behaviour = Behaviour(no_client_access=FORBIDDEN_REFUSAL)
    answer = caller.get(WHO_AM_I, token, name)
    assert (answer.status_code, refusal(answer)) == (403, FORBIDDEN)


def test_client_access_is_given_and_taken_per_key(caller: Caller) -> None:
    world = caller.world
    client = world.client_without_access
    token, token_of_second = caller.log_on(world.office), caller.log_on(world.office_second)
    world.give_client_access(world.office, client)
    assert caller.get(WHO_AM_I, token, str(client.id)).status_code == 200
    assert caller.get(WHO_AM_I, token_of_second, str(client.id)).status_code == 401
    world.take_client_access(world.office, client)
    assert caller.get(WHO_AM_I, token, str(client.id)).status_code == 401


def test_a_narrow_template_of_rights_shows_at_the_client(caller: Caller) -> None:
    world = caller.world
    client = world.add_client("Demo Smal AS", rights=frozenset({11}))
    token = caller.log_on(world.office)
    answer = caller.get(f"/company/{client.id}", token, str(client.id))
    assert (answer.status_code, refusal(answer)) == (403, FORBIDDEN)


@pytest.mark.parametrize("path", ["/token/session/>whoAmI", "/company/>withLoginAccess"])
def test_a_raw_angle_bracket_is_punished(caller: Caller, path: str) -> None:
    token = caller.log_on(caller.world.single_company)
    credentials = base64.b64encode(f"0:{token}".encode()).decode()
    url = caller.http.base_url
    connection = HTTPConnection(url.host, url.port or 0, timeout=5)
    try:
        connection.request("GET", f"/v2{path}", headers={"Authorization": f"Basic {credentials}"})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    assert answer.status == 400
    assert b'"code":4000,"message":"HTTP 405 Method Not Allowed"' in body
    assert caller.sandbox.requests[-1].raw_path == f"/v2{path}"


@pytest.mark.parametrize(
    ("path", "status", "code", "message"),
    [
        ("/whoAmI", 404, 6000, "Object not found"),
        ("/nothing", 404, 21000, "HTTP 404 Not Found"),
        ("/company/", 404, 21000, "HTTP 404 Not Found"),
        ("/token/session/whoAmI", 400, 4000, "HTTP 405 Method Not Allowed"),
        ("/company", 400, 4000, "HTTP 405 Method Not Allowed"),
        ("/company/whoAmI", 422, 21000, 'Wrong data format! Expected number. For input string: "whoAmI"'),
    ],
)
def test_wrong_paths(caller: Caller, path: str, status: int, code: int, message: str) -> None:
    token = caller.log_on(caller.world.single_company)
    answer = caller.get(path, token)
    assert (answer.status_code, refusal(answer)) == (status, generic(code, message))


def test_outside_v2_there_is_nothing(caller: Caller) -> None:
    answer = caller.http.get(str(caller.http.base_url).removesuffix("/v2/") + "/token/session/%3EwhoAmI")
    assert (answer.status_code, refusal(answer)) == (404, generic(21000, "HTTP 404 Not Found"))


def test_the_subscription_cannot_be_changed(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    answer = caller.http.post("/company/salesmodules", auth=("0", token), json={"name": "WAGE"})
    assert (answer.status_code, refusal(answer)) == (400, generic(4000, "HTTP 405 Method Not Allowed"))
