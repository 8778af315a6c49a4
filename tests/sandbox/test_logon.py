"""Logging on to the sandbox: sessions, keys that are refused, and what each key may do."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import quote

import pytest

from tests.sandbox.conftest import (
    CLIENTS,
    CREATE,
    FORBIDDEN,
    SENTENCE,
    TODAY,
    TOMORROW,
    UNAUTHORIZED,
    WHO_AM_I,
    Caller,
    Serve,
    bad_token,
    generic,
    invalid,
    refusal,
)
from tests.support.rows import every_row
from tests.support.sandbox import (
    BAD_EMPLOYEE_TOKEN,
    METHOD_NOT_ALLOWED,
    NO_SUCH_PATH,
    OSLO,
    WRONG_METHOD,
    Behaviour,
    Refusal,
    company_owned,
    demo_token,
)
from tests.support.sandbox import FORBIDDEN as FORBIDDEN_REFUSAL

VERBS = [("POST", ""), ("PUT", "arg:")]
UNKNOWN = demo_token(999_999)


@pytest.mark.parametrize(("verb", "status"), [("POST", 201), ("PUT", 200)])
def test_a_session_is_created(caller: Caller, verb: str, status: int) -> None:
    key = caller.world.single_company
    answer = caller.create(key, verb=verb)

    assert answer.status_code == status
    host = answer.request.url.netloc.decode()
    session = caller.sandbox.open_sessions[0]
    assert answer.json() == {
        "value": {
            "id": session.id,
            "version": 0,
            "url": f"{host}/v2/token/session/{session.id}",
            "consumerToken": {"id": 8101, "url": f"{host}/v2/token/consumer/8101"},
            "employeeToken": {"id": key.token_id, "url": f"{host}/v2/token/employee/{key.token_id}"},
            "expirationDate": "2026-11-23",
            "token": session.session_token,
            "encryptionKey": None,
        }
    }
    assert session.key == key


@every_row(("verb", "prefix"), VERBS)
def test_an_unknown_consumer_token_is_named_before_anything_else(
    caller: Caller, verb: str, prefix: str
) -> None:
    answer = caller.create(UNKNOWN, consumer_token=UNKNOWN, verb=verb)
    assert answer.status_code == 422
    assert refusal(answer) == bad_token("consumer", prefix=prefix)


@every_row(("verb", "prefix"), VERBS)
@every_row("which", ["unknown", "expired", "deleted", "other_application"])
def test_every_dead_key_looks_alike(caller: Caller, verb: str, prefix: str, which: str) -> None:
    key = UNKNOWN if which == "unknown" else getattr(caller.world, which)
    answer = caller.create(key, verb=verb)
    assert answer.status_code == 422
    assert refusal(answer) == bad_token("employee", prefix=prefix)


def test_a_key_works_only_with_its_own_application(caller: Caller) -> None:
    other = caller.world.add_application("Enda en")
    key = caller.world.add_key("for the other", caller.world.company, application="Enda en")
    assert caller.create(key, consumer_token=other.consumer_token).status_code == 201
    assert caller.create(key).status_code == 422


@every_row(
    ("which", "switch"),
    [
        ("unknown", "bad_employee_token"),
        ("expired", "expired_key"),
        ("deleted", "deleted_key"),
        ("other_application", "wrong_application"),
    ],
)
def test_each_kind_of_bad_key_can_have_its_own_answer(serve: Serve, which: str, switch: str) -> None:
    odd = Refusal(403, 9000, f"odd answer for {switch}")
    behaviour = Behaviour(**{switch: odd})  # type: ignore[arg-type] # all four take a refusal
    caller = serve(behaviour=behaviour)
    for other in ("unknown", "expired", "deleted", "other_application"):
        key = UNKNOWN if other == "unknown" else getattr(caller.world, other)
        answer = caller.create(key)
        if other == which:
            assert (answer.status_code, refusal(answer)) == (403, generic(9000, f"odd answer for {switch}"))
        else:
            assert refusal(answer) == bad_token("employee")


def test_the_consumer_answer_can_be_changed(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(bad_consumer_token=Refusal(401, 3000, "no")))
    answer = caller.create(UNKNOWN, consumer_token=UNKNOWN)
    assert (answer.status_code, refusal(answer)) == (401, generic(3000, "no"))


@every_row("days", [-400, -1, 0])
def test_a_date_in_the_past_gives_an_expired_session(caller: Caller, days: int) -> None:
    answer = caller.create(caller.world.single_company, day=TODAY + timedelta(days=days))
    assert answer.status_code == 201
    assert caller.sandbox.open_sessions == []
    dead = caller.get("/token/session/%3EwhoAmI", answer.json()["value"]["token"])
    assert dead.status_code == 401


@every_row(("verb", "prefix"), VERBS)
def test_missing_values_are_named(caller: Caller, verb: str, prefix: str) -> None:
    given = {"consumerToken": caller.world.consumer_token}
    answer = (
        caller.http.post(CREATE, json=given | {"expirationDate": None})
        if verb == "POST"
        else caller.http.put(CREATE, params=given)
    )
    assert answer.status_code == 422
    assert refusal(answer) == invalid(
        15000,
        "Validation failed",
        (f"{prefix}employeeToken", "Kan ikke være null.", None),
        (f"{prefix}expirationDate", "Kan ikke være null.", None),
    )


def test_the_code_for_missing_values_can_be_changed(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(missing_value_code=18000))
    assert refusal(caller.http.post(CREATE, json={}))["code"] == 18000
    assert refusal(caller.http.post(CREATE))["code"] == 18000


@every_row("content", [b"", b"null"])
def test_a_missing_body_is_refused(caller: Caller, content: bytes) -> None:
    answer = caller.http.post(CREATE, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert refusal(answer) == invalid(
        15000, "Validation failed", ("request body", "Kan ikke være null", None)
    )


@every_row("content", [b"{", b"{'a': 1}", b"\xff", b"consumerToken=x"])
def test_malformed_json_is_refused(caller: Caller, content: bytes) -> None:
    answer = caller.http.post(CREATE, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, refusal(answer)) == (422, generic(22000, "Invalid JSON"))


@every_row(
    ("body", "field", "text"),
    [
        ({"consumerToken": 1}, "consumerToken", "Verdien er ikke av korrekt type for dette feltet."),
        ({"employeeToken": ["x"]}, "employeeToken", "Verdien er ikke av korrekt type for dette feltet."),
        (["x"], "request body", "Verdien er ikke av korrekt type for dette feltet."),
        ({"employee_token": "x"}, "employee_token", "Feltet eksisterer ikke i objektet."),
    ],
)
def test_json_of_the_wrong_type_is_refused(caller: Caller, body: object, field: str, text: str) -> None:
    answer = caller.http.post(CREATE, json=body)
    assert answer.status_code == 422
    assert refusal(answer) == invalid(16000, "Request mapping failed", (field, text, None))


def test_a_body_without_the_json_content_type_is_refused(caller: Caller) -> None:
    answer = caller.http.post(CREATE, content=json.dumps({}), headers={"Content-Type": "text/plain"})
    assert (answer.status_code, refusal(answer)) == (400, generic(4000, "HTTP 415 Unsupported Media Type"))


def test_malformed_dates_are_refused(caller: Caller) -> None:
    text = "Dato er ugyldig. Korrekt format er yyyy-mm-dd."
    for day in ("23.11.2026", "2026-13-01", "20261123", "2026-11-23T00:00:00", ""):
        for verb, prefix in (("POST", ""), ("PUT", "arg:")):
            answer = caller.create(caller.world.single_company, day=day, verb=verb)
            expected = invalid(15000, "Validation failed", (f"{prefix}expirationDate", text, None))
            assert (answer.status_code, refusal(answer)) == (422, expected), (day, verb)


@every_row("refused", [WRONG_METHOD, METHOD_NOT_ALLOWED, NO_SUCH_PATH])
def test_post_or_put_can_be_unavailable(serve: Serve, refused: Refusal) -> None:
    caller = serve(behaviour=Behaviour(post_refused=refused))
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, refusal(answer)) == (refused.status, generic(refused.code, refused.message))
    assert caller.create(caller.world.single_company, verb="PUT").status_code == 200

    caller.sandbox.behaviour = Behaviour(put_refused=refused)
    assert caller.create(caller.world.single_company).status_code == 201
    assert caller.create(caller.world.single_company, verb="PUT").status_code == refused.status


def test_a_verb_can_refuse_a_good_key(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(put_refused=BAD_EMPLOYEE_TOKEN))
    answer = caller.create(caller.world.single_company, verb="PUT")
    assert (answer.status_code, refusal(answer)) == (422, bad_token("employee", prefix="arg:"))


def test_other_verbs_are_refused(caller: Caller) -> None:
    answer = caller.http.patch(CREATE)
    assert (answer.status_code, refusal(answer)) == (400, generic(4000, "HTTP 405 Method Not Allowed"))


def test_field_prefix_can_be_on_post_too(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(arg_prefix=frozenset({"POST"})))
    assert refusal(caller.create(UNKNOWN)) == bad_token("employee", prefix="arg:")
    assert refusal(caller.create(UNKNOWN, verb="PUT")) == bad_token("employee")


def test_texts_can_be_english(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(language="en", link="https://www.tripletex.no/tripletex-api-2-0/"))
    body = caller.create(UNKNOWN).json()
    assert body["message"] == "Validation failed."
    assert body["link"] == "https://www.tripletex.no/tripletex-api-2-0/"


@every_row("kills", [False, True])
def test_a_new_key_can_invalidate_the_old_one(serve: Serve, *, kills: bool) -> None:
    caller = serve(behaviour=Behaviour(new_key_revokes_old=kills))
    world = caller.world
    session_token = caller.log_on(world.single_company)  # though the seeded world has newer keys

    new = world.add_key("new", world.company)
    world.add_key("other kind", world.office_company, company_owned=True)
    assert caller.create(new).status_code == 201
    assert caller.create(world.single_company).status_code == (422 if kills else 201)
    assert caller.get("/token/session/%3EwhoAmI", session_token).status_code == (401 if kills else 200)


def test_a_key_can_be_deleted_while_serving(caller: Caller) -> None:
    key = caller.world.single_company
    session_token = caller.log_on(key)
    caller.world.delete_key(key)
    assert refusal(caller.create(key)) == bad_token("employee")
    assert caller.get("/token/session/%3EwhoAmI", session_token).status_code == 401


def test_a_session_can_outlive_its_key(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(deleted_key_ends_sessions=False))
    session_token = caller.log_on(caller.world.single_company)
    caller.world.delete_key(caller.world.single_company)
    assert caller.get("/token/session/%3EwhoAmI", session_token).status_code == 200


def test_a_key_expires_when_its_day_begins(caller: Caller) -> None:
    key = caller.world.add_key("for today", caller.world.company, expiration_date=TOMORROW)
    session_token = caller.log_on(key, day=TOMORROW + timedelta(days=7))
    caller.clock.advance(timedelta(hours=12) - timedelta(seconds=1))
    assert caller.create(key).status_code == 201
    caller.clock.advance(1)
    assert caller.create(key).status_code == 422
    assert caller.get("/token/session/%3EwhoAmI", session_token).status_code == 401


@every_row("path", [WHO_AM_I, CLIENTS, "/company/1", "/company/salesmodules", "/employee/entitlement"])
def test_nothing_can_be_read_without_a_session(caller: Caller, path: str) -> None:
    answer = caller.http.get(path)
    assert (answer.status_code, refusal(answer)) == (401, UNAUTHORIZED)
    answer = caller.get(path, demo_token(1))
    assert (answer.status_code, refusal(answer)) == (401, UNAUTHORIZED)


@every_row(
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


@every_row("username", ["0", "", " "])
def test_the_key_of_a_company_needs_no_username(caller: Caller, username: str) -> None:
    token = caller.log_on(caller.world.single_company)
    assert caller.get(WHO_AM_I, token, username).status_code == 200


@every_row("username", ["own", "999", "minus", "-1", "0x0"])
def test_any_other_username_is_refused(caller: Caller, username: str) -> None:
    token = caller.log_on(caller.world.single_company)
    name = str(caller.world.company.id) if username == "own" else username
    answer = caller.get(WHO_AM_I, token, name)
    assert (answer.status_code, refusal(answer)) == (401, UNAUTHORIZED)


def test_the_office_itself_can_be_allowed_as_username(serve: Serve) -> None:
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


def test_midnight_is_in_oslo_and_not_in_utc(caller: Caller) -> None:
    summer_night = datetime(2026, 7, 1, 22, 0, tzinfo=UTC)  # 00:00 on 2 July in Oslo
    caller.clock.set(summer_night - timedelta(seconds=1))
    token = caller.log_on(caller.world.single_company, day=date(2026, 7, 2))
    assert caller.get(WHO_AM_I, token).status_code == 200
    caller.clock.set(summer_night)
    assert caller.get(WHO_AM_I, token).status_code == 401


def test_a_deleted_session_no_longer_works(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    other = caller.log_on(caller.world.single_company)
    path = f"/token/session/{quote(token, safe='')}"

    answer = caller.http.delete(path, auth=("0", token))
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert [session.session_token for session in caller.sandbox.open_sessions] == [other]
    again = caller.http.delete(path, auth=("0", token))
    assert (again.status_code, refusal(again)) == (401, UNAUTHORIZED)


def test_a_session_cannot_delete_another_one(caller: Caller) -> None:
    token, other = (caller.log_on(caller.world.single_company) for _ in range(2))
    answer = caller.http.delete(f"/token/session/{other}", auth=("0", token))
    assert (answer.status_code, refusal(answer)) == (404, generic(6000, "Object not found"))
    assert len(caller.sandbox.open_sessions) == 2


def test_a_missing_right_is_answered_with_403(caller: Caller) -> None:
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


@every_row("username", ["0", "", "own"])
def test_an_office_key_can_make_two_calls_in_its_own_company(caller: Caller, username: str) -> None:
    key = caller.world.office
    name = str(key.company.id) if username == "own" else username
    token = caller.log_on(key)
    assert caller.get(WHO_AM_I, token, name).status_code == 200
    assert caller.get(CLIENTS, token, name).status_code == 200
    for path in (f"/company/{key.company.id}", "/company/salesmodules", "/employee/entitlement"):
        answer = caller.get(path, token, name)
        assert (answer.status_code, refusal(answer)) == (403, generic(9000, SENTENCE))


def test_the_sentence_about_office_keys_can_be_in_another_field(serve: Serve) -> None:
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


@every_row("allowed", [True, False])
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


def test_missing_client_access_is_answered_with_401_or_403(caller: Caller) -> None:
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
    world.grant_client_access(world.office, client)
    assert caller.get(WHO_AM_I, token, str(client.id)).status_code == 200
    assert caller.get(WHO_AM_I, token_of_second, str(client.id)).status_code == 401
    world.remove_client_access(world.office, client)
    assert caller.get(WHO_AM_I, token, str(client.id)).status_code == 401


def test_a_narrow_rights_template_applies_at_the_client(caller: Caller) -> None:
    world = caller.world
    client = world.add_client("Demo Smal AS", rights=frozenset({11}))
    token = caller.log_on(world.office)
    answer = caller.get(f"/company/{client.id}", token, str(client.id))
    assert (answer.status_code, refusal(answer)) == (403, FORBIDDEN)


@every_row("path", ["/token/session/>whoAmI", "/company/>withLoginAccess"])
def test_an_unencoded_angle_bracket_is_refused(caller: Caller, path: str) -> None:
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


@every_row(
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
def test_unknown_paths_are_refused(caller: Caller, path: str, status: int, code: int, message: str) -> None:
    token = caller.log_on(caller.world.single_company)
    answer = caller.get(path, token)
    assert (answer.status_code, refusal(answer)) == (status, generic(code, message))


def test_nothing_is_served_outside_v2(caller: Caller) -> None:
    answer = caller.http.get(str(caller.http.base_url).removesuffix("/v2/") + "/token/session/%3EwhoAmI")
    assert (answer.status_code, refusal(answer)) == (404, generic(21000, "HTTP 404 Not Found"))


def test_the_subscription_cannot_be_changed(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    answer = caller.http.post("/company/salesmodules", auth=("0", token), json={"name": "WAGE"})
    assert (answer.status_code, refusal(answer)) == (400, generic(4000, "HTTP 405 Method Not Allowed"))
