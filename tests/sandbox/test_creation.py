"""``:create`` by POST and by PUT, and every way in which it says no."""

import json
from datetime import timedelta

import pytest

from tests.sandbox.conftest import (
    CREATE,
    TODAY,
    TOMORROW,
    Caller,
    Serve,
    bad_token,
    generic,
    invalid,
    refusal,
)
from tests.support.sandbox import (
    BAD_EMPLOYEE_TOKEN,
    METHOD_NOT_ALLOWED,
    NO_SUCH_PATH,
    WRONG_METHOD,
    Behaviour,
    Refusal,
    demo_token,
)

VERBS = [("POST", ""), ("PUT", "arg:")]
UNKNOWN = demo_token(999_999)


@pytest.mark.parametrize(("verb", "status"), [("POST", 201), ("PUT", 200)])
def test_gives_a_session(caller: Caller, verb: str, status: int) -> None:
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


@pytest.mark.parametrize(("verb", "prefix"), VERBS)
def test_an_unknown_consumer_token_is_named_before_anything_else(
    caller: Caller, verb: str, prefix: str
) -> None:
    answer = caller.create(UNKNOWN, consumer_token=UNKNOWN, verb=verb)
    assert answer.status_code == 422
    assert refusal(answer) == bad_token("consumer", prefix=prefix)


@pytest.mark.parametrize(("verb", "prefix"), VERBS)
@pytest.mark.parametrize("which", ["unknown", "expired", "deleted", "other_application"])
def test_every_dead_key_looks_alike(caller: Caller, verb: str, prefix: str, which: str) -> None:
    key = UNKNOWN if which == "unknown" else getattr(caller.world, which)
    answer = caller.create(key, verb=verb)
    assert answer.status_code == 422
    assert refusal(answer) == bad_token("employee", prefix=prefix)


def test_a_key_works_with_its_own_application(caller: Caller) -> None:
    other = caller.world.add_application("Enda en")
    key = caller.world.add_key("for the other", caller.world.company, application="Enda en")
    assert caller.create(key, consumer_token=other.consumer_token).status_code == 201
    assert caller.create(key).status_code == 422


@pytest.mark.parametrize(
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


@pytest.mark.parametrize("days", [-400, -1, 0])
def test_a_date_already_over_gives_a_dead_session(caller: Caller, days: int) -> None:
    answer = caller.create(caller.world.single_company, day=TODAY + timedelta(days=days))
    assert answer.status_code == 201
    assert caller.sandbox.open_sessions == []
    dead = caller.get("/token/session/%3EwhoAmI", answer.json()["value"]["token"])
    assert dead.status_code == 401


@pytest.mark.parametrize(("verb", "prefix"), VERBS)
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


@pytest.mark.parametrize("content", [b"", b"null"])
def test_no_body(caller: Caller, content: bytes) -> None:
    answer = caller.http.post(CREATE, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert refusal(answer) == invalid(
        15000, "Validation failed", ("request body", "Kan ikke være null", None)
    )


@pytest.mark.parametrize("content", [b"{", b"{'a': 1}", b"\xff", b"consumerToken=x"])
def test_malformed_json(caller: Caller, content: bytes) -> None:
    answer = caller.http.post(CREATE, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, refusal(answer)) == (422, generic(22000, "Invalid JSON"))


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        ({"consumerToken": 1}, "consumerToken", "Verdien er ikke av korrekt type for dette feltet."),
        ({"employeeToken": ["x"]}, "employeeToken", "Verdien er ikke av korrekt type for dette feltet."),
        (["x"], "request body", "Verdien er ikke av korrekt type for dette feltet."),
        ({"employee_token": "x"}, "employee_token", "Feltet eksisterer ikke i objektet."),
    ],
)
def test_json_of_the_wrong_type(caller: Caller, body: object, field: str, text: str) -> None:
    answer = caller.http.post(CREATE, json=body)
    assert answer.status_code == 422
    assert refusal(answer) == invalid(16000, "Request mapping failed", (field, text, None))


def test_a_body_that_is_not_called_json(caller: Caller) -> None:
    answer = caller.http.post(CREATE, content=json.dumps({}), headers={"Content-Type": "text/plain"})
    assert (answer.status_code, refusal(answer)) == (400, generic(4000, "HTTP 415 Unsupported Media Type"))


def test_malformed_dates(caller: Caller) -> None:
    text = "Dato er ugyldig. Korrekt format er yyyy-mm-dd."
    for day in ("23.11.2026", "2026-13-01", "20261123", "2026-11-23T00:00:00", ""):
        for verb, prefix in (("POST", ""), ("PUT", "arg:")):
            answer = caller.create(caller.world.single_company, day=day, verb=verb)
            expected = invalid(15000, "Validation failed", (f"{prefix}expirationDate", text, None))
            assert (answer.status_code, refusal(answer)) == (422, expected), (day, verb)


@pytest.mark.parametrize("refused", [WRONG_METHOD, METHOD_NOT_ALLOWED, NO_SUCH_PATH])
def test_either_verb_can_be_missing(serve: Serve, refused: Refusal) -> None:
    caller = serve(behaviour=Behaviour(post_refused=refused))
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, refusal(answer)) == (refused.status, generic(refused.code, refused.message))
    assert caller.create(caller.world.single_company, verb="PUT").status_code == 200

    caller.sandbox.behaviour = Behaviour(put_refused=refused)
    assert caller.create(caller.world.single_company).status_code == 201
    assert caller.create(caller.world.single_company, verb="PUT").status_code == refused.status


def test_a_verb_can_blame_a_good_key(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(put_refused=BAD_EMPLOYEE_TOKEN))
    answer = caller.create(caller.world.single_company, verb="PUT")
    assert (answer.status_code, refusal(answer)) == (422, bad_token("employee", prefix="arg:"))


def test_other_verbs_are_wrong(caller: Caller) -> None:
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


@pytest.mark.parametrize("kills", [False, True])
def test_a_new_key_may_kill_the_old_one(serve: Serve, *, kills: bool) -> None:
    caller = serve(behaviour=Behaviour(new_key_kills_old=kills))
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


def test_a_session_may_outlive_its_key(serve: Serve) -> None:
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
