"""Sessions of the sandbox, the keys that get one, and what each may call."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection

import pytest

from tests.sandbox.conftest import (
    CLIENTS,
    CREATE,
    FORBIDDEN,
    NO_SUCH_PATH,
    NOT_FOUND,
    OFFICE_KEY,
    SENTENCE,
    TODAY,
    TOMORROW,
    UNAUTHORIZED,
    WHO_AM_I,
    WRONG_METHOD,
    Caller,
    Serve,
    Told,
    bad_token,
    told,
)
from tests.support.rows import every_row
from tests.support.sandbox import (
    OSLO,
    Behaviour,
    Refusal,
    add_client,
    company_owned,
    demo_token,
    remove_client_access,
)

VERBS = [("POST", ""), ("PUT", "arg:")]
UNKNOWN = demo_token(999_999)
MODULES, RIGHTS = "/company/salesmodules", "/employee/entitlement"


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
def test_bad_tokens_look_alike_and_the_consumer_is_named_first(
    caller: Caller, verb: str, prefix: str
) -> None:
    world = caller.world
    assert told(caller.create(UNKNOWN, consumer_token=UNKNOWN, verb=verb)) == bad_token("consumer", prefix)
    for key in (UNKNOWN, world.expired, world.deleted, world.other_application):
        assert told(caller.create(key, verb=verb)) == bad_token("employee", prefix)


def test_a_key_works_only_with_its_own_application(caller: Caller) -> None:
    other = caller.world.add_application("Enda en")
    key = caller.world.add_key("for the other", caller.world.company, application="Enda en")
    assert caller.create(key, consumer_token=other.consumer_token).status_code == 201
    assert told(caller.create(key)) == bad_token("employee")


WRONG_TYPE = "Verdien er ikke av korrekt type for dette feltet."
NO_VALUES = "employeeToken: Kan ikke være null. | expirationDate: Kan ikke være null."


@every_row(
    ("body", "expected"),
    [
        (b'{"consumerToken": "x"}', (422, 15000, f"Validation failed | {NO_VALUES}")),
        (b"{", (422, 22000, "Invalid JSON")),
        (b"\xff", (422, 22000, "Invalid JSON")),
        (b"consumerToken=x", (422, 22000, "Invalid JSON")),
        (b'["x"]', (422, 16000, f"Request mapping failed | request body: {WRONG_TYPE}")),
        (
            b'{"consumerToken": 1}',
            (422, 16000, f"Request mapping failed | consumerToken: {WRONG_TYPE}"),
        ),
    ],
)
def test_a_bad_body_is_refused(caller: Caller, body: bytes, expected: Told) -> None:
    assert (
        told(caller.http.post(CREATE, content=body, headers={"Content-Type": "application/json"})) == expected
    )


def test_a_body_of_another_type_is_refused(caller: Caller) -> None:
    answer = caller.http.post(CREATE, content=b"{}", headers={"Content-Type": "text/plain"})
    assert told(answer) == (400, 4000, "HTTP 415 Unsupported Media Type")


@every_row(("verb", "prefix"), VERBS)
def test_malformed_dates_are_refused(caller: Caller, verb: str, prefix: str) -> None:
    text = f"{prefix}expirationDate: Dato er ugyldig. Korrekt format er yyyy-mm-dd."
    for day in ("23.11.2026", "2026-13-01", "20261123", "2026-11-23T00:00:00", ""):
        answer = caller.create(caller.world.single_company, day=day, verb=verb)
        assert told(answer) == (422, 15000, f"Validation failed | {text}"), day


@every_row("days", [-400, -1, 0])
def test_a_date_in_the_past_gives_an_expired_session(caller: Caller, days: int) -> None:
    answer = caller.create(caller.world.single_company, day=TODAY + timedelta(days=days))
    assert answer.status_code == 201
    assert caller.sandbox.open_sessions == []
    assert told(caller.get(WHO_AM_I, answer.json()["value"]["token"])) == UNAUTHORIZED


@every_row(
    ("day", "midnight"),
    [
        (date(2026, 7, 2), datetime(2026, 7, 1, 22, tzinfo=UTC)),
        (TOMORROW, datetime(2026, 11, 23, tzinfo=OSLO)),
    ],
)
def test_a_session_and_a_key_end_at_midnight_in_oslo_as_their_day_begins(
    caller: Caller, day: date, midnight: datetime
) -> None:
    caller.clock.set(midnight - timedelta(seconds=1))
    key = caller.world.add_key(f"until {day}", caller.world.company, expiration_date=day)
    ends = caller.log_on(caller.world.single_company, day=day)
    outlives_its_key = caller.log_on(key, day=day + timedelta(days=7))
    for token in (ends, outlives_its_key):
        assert caller.get(WHO_AM_I, token).status_code == 200
    caller.clock.advance(1)
    for token in (ends, outlives_its_key):
        assert told(caller.get(WHO_AM_I, token)) == UNAUTHORIZED
    assert told(caller.create(key)) == bad_token("employee")
    assert ends not in {session.session_token for session in caller.sandbox.open_sessions}


def test_a_session_is_deleted_by_itself_only(caller: Caller) -> None:
    token, other = (caller.log_on(caller.world.single_company) for _ in range(2))
    assert told(caller.delete(other, by=token)) == NOT_FOUND
    answer = caller.delete(token, by=token)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert [session.session_token for session in caller.sandbox.open_sessions] == [other]
    assert told(caller.delete(token, by=token)) == UNAUTHORIZED


def test_a_key_can_be_deleted_while_serving(caller: Caller) -> None:
    key = caller.world.single_company
    token = caller.log_on(key)
    caller.world.delete_key(key)
    assert told(caller.create(key)) == bad_token("employee")
    assert told(caller.get(WHO_AM_I, token)) == UNAUTHORIZED


@every_row("path", [WHO_AM_I, CLIENTS, "/company/1", MODULES, RIGHTS, "/balanceSheet"])
def test_nothing_can_be_read_without_a_session(caller: Caller, path: str) -> None:
    assert told(caller.http.get(path)) == UNAUTHORIZED
    assert told(caller.get(path, demo_token(1))) == UNAUTHORIZED


@every_row("header", ["Bearer {pair}", "Basic {token}", "Basic ?", "Basic bm8gY29sb24=", "Basic /zr/"])
def test_anything_but_basic_is_refused(caller: Caller, header: str) -> None:
    token = caller.log_on(caller.world.single_company)
    pair = base64.b64encode(f"0:{token}".encode()).decode()
    answer = caller.http.get(WHO_AM_I, headers={"Authorization": header.format(pair=pair, token=token)})
    assert told(answer) == UNAUTHORIZED


def test_the_username_of_an_ordinary_key_is_zero_or_nothing(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    for username in ("0", "", " "):
        assert caller.get(WHO_AM_I, token, username).status_code == 200, username
    for username in (str(caller.world.company.id), "999", "minus", "-1", "0x0"):
        assert told(caller.get(WHO_AM_I, token, username)) == UNAUTHORIZED, username


def test_a_missing_right_is_answered_with_403(caller: Caller) -> None:
    key = caller.world.single_company_without_rights
    token = caller.log_on(key)
    assert caller.get(WHO_AM_I, token).status_code == 200
    for path in (f"/company/{key.company.id}", MODULES):
        assert told(caller.get(path, token)) == FORBIDDEN, path


@every_row("username", ["0", "", "own"])
def test_an_office_key_can_make_two_calls_in_its_own_company(caller: Caller, username: str) -> None:
    key = caller.world.office
    name = str(key.company.id) if username == "own" else username
    token = caller.log_on(key)
    assert caller.get(WHO_AM_I, token, name).status_code == 200
    assert caller.get(CLIENTS, token, name).status_code == 200
    for path in (f"/company/{key.company.id}", MODULES, RIGHTS):
        assert told(caller.get(path, token, name)) == OFFICE_KEY, path


def test_an_office_key_acts_in_the_companies_of_its_clients(caller: Caller) -> None:
    world = caller.world
    client, token = world.client, caller.log_on(world.office)
    me = caller.get(WHO_AM_I, token, str(client.id)).json()["value"]
    assert (me["companyId"], me["employeeIsProxy"]) == (client.id, True)
    seen = caller.get(f"/company/{client.id}", token, str(client.id)).json()["value"]
    assert seen["name"] == client.name
    assert caller.get(CLIENTS, token, str(client.id)).json()["values"] == []
    assert client.customer_company_id not in {company.id for company in world.companies.values()}
    assert told(caller.get(WHO_AM_I, token, str(client.customer_company_id))) == UNAUTHORIZED
    narrow = add_client(world, "Demo Smal AS", rights=frozenset({11}))
    assert told(caller.get(f"/company/{narrow.id}", token, str(narrow.id))) == FORBIDDEN


def test_client_access_is_given_and_taken_per_key(caller: Caller) -> None:
    world = caller.world
    client = world.client_without_access
    token, token_of_second = caller.log_on(world.office), caller.log_on(world.office_second)
    world.grant_client_access(world.office, client)
    assert caller.get(WHO_AM_I, token, str(client.id)).status_code == 200
    assert told(caller.get(WHO_AM_I, token_of_second, str(client.id))) == UNAUTHORIZED
    remove_client_access(world, world.office, client)
    assert told(caller.get(WHO_AM_I, token, str(client.id))) == UNAUTHORIZED


@every_row("path", ["/token/session/>whoAmI", "/company/>withLoginAccess"])
def test_an_unencoded_angle_bracket_is_refused(caller: Caller, path: str) -> None:
    token = caller.log_on(caller.world.single_company)
    credentials = base64.b64encode(f"0:{token}".encode()).decode()
    url = caller.http.base_url
    connection = HTTPConnection(url.host, url.port or 0, timeout=5)
    try:
        connection.request("GET", f"/v2{path}", headers={"Authorization": f"Basic {credentials}"})
        answer = connection.getresponse()
        body = json.loads(answer.read())
    finally:
        connection.close()
    assert (answer.status, body["code"], body["message"]) == WRONG_METHOD


@every_row(
    ("path", "expected"),
    [
        ("/nothing", NO_SUCH_PATH),
        ("/company/", NO_SUCH_PATH),
        ("/token/session/whoAmI", WRONG_METHOD),
        ("/company/x", (422, 21000, 'Wrong data format! Expected number. For input string: "x"')),
    ],
)
def test_unknown_paths_are_refused(caller: Caller, path: str, expected: Told) -> None:
    assert told(caller.get(path, caller.log_on(caller.world.single_company))) == expected


def test_nothing_is_served_outside_v2_or_by_another_verb(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    outside = str(caller.http.base_url).removesuffix("/v2/") + WHO_AM_I
    assert told(caller.get(outside, token)) == NO_SUCH_PATH
    assert told(caller.http.patch(CREATE)) == WRONG_METHOD
    assert told(caller.http.post(MODULES, auth=("0", token), json={"name": "WAGE"})) == WRONG_METHOD


def test_what_is_not_known_of_tripletex_is_a_setting(caller: Caller) -> None:
    world, odd = caller.world, (403, 1234, "odd")
    assert told(caller.create(world.blocked)) == FORBIDDEN
    narrow, office = caller.log_on(world.single_company_without_rights), caller.log_on(world.office)
    caller.sandbox.behaviour = Behaviour(
        wrong_application=Refusal(*odd),
        blocked_account=Refusal(*odd),
        lacking_right=Refusal(*odd),
        company_owned=company_owned(status=401, code=1),
        no_client_access=Refusal(*odd),
        post_refused=Refusal(*odd),
    )
    for answer in (
        caller.create(world.other_application, verb="PUT"),
        caller.create(world.blocked, verb="PUT"),
        caller.create(world.single_company),
        caller.get(MODULES, narrow),
        caller.get(WHO_AM_I, office, str(world.client_without_access.id)),
    ):
        assert told(answer) == odd, answer.request.url
    assert told(caller.get(MODULES, office)) == (401, 1, SENTENCE)
    assert caller.create(world.single_company, verb="PUT").status_code == 200


@every_row("place", ["message", "developerMessage", "validationMessages"])
def test_the_sentence_about_office_keys_can_be_in_any_member(serve: Serve, place: str) -> None:
    caller = serve(behaviour=Behaviour(company_owned=company_owned(place)))  # type: ignore[arg-type]
    body = caller.get(MODULES, caller.log_on(caller.world.office)).json()
    assert [name for name, value in body.items() if SENTENCE in str(value)] == [place]


def test_the_prefix_of_fields_can_be_on_post_too(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(arg_prefix=frozenset({"POST"})))
    assert told(caller.create(UNKNOWN)) == bad_token("employee", "arg:")
    assert told(caller.create(UNKNOWN, verb="PUT")) == bad_token("employee")


def test_post_can_be_refused_to_one_key_alone(caller: Caller) -> None:
    assert told(caller.create(caller.world.put_only)) == NO_SUCH_PATH
    assert caller.create(caller.world.put_only, verb="PUT").status_code == 200
    assert caller.create(caller.world.single_company).status_code == 201
