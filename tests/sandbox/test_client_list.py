"""``>withLoginAccess``: who is in it, page by page."""

import pytest

from tests.sandbox.conftest import CLIENTS, Caller, Serve, generic, invalid, refusal
from tests.support.sandbox import Behaviour, world_with_clients

FIELDS = "id,name,organizationNumber"


def names(caller: Caller, token: str, **query: str | int) -> list[str]:
    answer = caller.get(CLIENTS, token, **query)
    assert answer.status_code == 200
    return [value["name"] for value in answer.json()["values"]]


def test_lists_what_the_key_reaches(caller: Caller) -> None:
    world = caller.world
    answer = caller.get(CLIENTS, caller.log_on(world.office), fields=FIELDS)
    body = answer.json()
    values = body.pop("values")
    assert body == {
        "fullResultSize": 5,
        "from": 0,
        "count": 5,
        "versionDigest": "'If-None-Match' header not specified",
    }
    number = world.client_with_spaces.organization_number
    assert number is not None
    assert number.count(" ") == 2
    shared = world.twins[0].organization_number
    assert values == [
        {
            "id": world.client.id,
            "name": "Demo Fiskemottak AS",
            "organizationNumber": world.client.organization_number,
        },
        {"id": world.client_with_spaces.id, "name": "Demo Rørlegger AS", "organizationNumber": number},
        {"id": world.client_without_number.id, "name": "Demo Sameie"},
        {"id": world.twins[0].id, "name": "Demo Tvilling AS", "organizationNumber": shared},
        {"id": world.twins[1].id, "name": "Demo Tvilling AS avd. Øst", "organizationNumber": shared},
    ]


def test_a_second_key_reaches_fewer(caller: Caller) -> None:
    token = caller.log_on(caller.world.office_second)
    assert names(caller, token) == ["Demo Fiskemottak AS", "Demo Rørlegger AS"]


def test_whole_clients_have_another_id_besides(caller: Caller) -> None:
    token = caller.log_on(caller.world.office)
    for value in caller.get(CLIENTS, token).json()["values"]:
        assert value["customerCompanyId"] != value["id"]
        assert value["accountantOrSimilar"] is False


@pytest.mark.parametrize(("missing", "shown"), [("absent", {}), ("null", {"n": None}), ("empty", {"n": ""})])
def test_a_missing_number_has_three_faces(serve: Serve, missing: str, shown: dict[str, object]) -> None:
    caller = serve(behaviour=Behaviour(missing_number=missing))  # type: ignore[arg-type]
    token = caller.log_on(caller.world.office)
    value = caller.get(CLIENTS, token, fields=FIELDS).json()["values"][2]
    expected = {"organizationNumber": shown["n"]} if shown else {}
    assert value == {"id": caller.world.client_without_number.id, "name": "Demo Sameie"} | expected


@pytest.mark.parametrize(
    ("choice", "status", "count"), [("empty", 200, 0), ("own-company", 200, 1), ("forbidden", 403, 0)]
)
def test_an_ordinary_key(serve: Serve, choice: str, status: int, count: int) -> None:
    caller = serve(behaviour=Behaviour(ordinary_client_list=choice))  # type: ignore[arg-type]
    answer = caller.get(CLIENTS, caller.log_on(caller.world.single_company))
    assert answer.status_code == status
    if status == 200:
        assert [value["id"] for value in answer.json()["values"]] == [caller.world.company.id] * count


def test_pages_of_three_thousand(serve: Serve) -> None:
    caller = serve(world=world_with_clients(3000))
    token = caller.log_on(caller.world.office)
    seen: list[int] = []
    for start, length in ((0, 1000), (1000, 1000), (2000, 1000), (3000, 0)):
        body = caller.get(CLIENTS, token, fields="id", **{"from": start}).json()
        assert (body["from"], body["count"], len(body["values"])) == (start, length, length)
        seen += [value["id"] for value in body["values"]]
    assert seen == [client.id for client in caller.world.clients]
    assert len(set(seen)) == 3000


def test_from_and_count(caller: Caller) -> None:
    token = caller.log_on(caller.world.office)
    assert names(caller, token, **{"from": 1, "count": 2}) == ["Demo Rørlegger AS", "Demo Sameie"]
    assert names(caller, token, **{"from": 4, "count": 2}) == ["Demo Tvilling AS avd. Øst"]
    assert names(caller, token, count=0) == []


def test_a_page_may_be_shorter_than_asked_for(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(largest_page=2))
    body = caller.get(CLIENTS, caller.log_on(caller.world.office), count=1000).json()
    assert (body["count"], len(body["values"])) == (2, 2)


@pytest.mark.parametrize(("choice", "size"), [("one-more", 3), ("short", 1), ("long", 1005), ("exact", 5)])
def test_the_full_size_is_as_wrong_as_wanted(serve: Serve, choice: str, size: int) -> None:
    caller = serve(behaviour=Behaviour(full_result_size=choice))  # type: ignore[arg-type]
    body = caller.get(CLIENTS, caller.log_on(caller.world.office), count=2).json()
    assert body["fullResultSize"] == size


def test_sorting(caller: Caller) -> None:
    token = caller.log_on(caller.world.office)
    assert names(caller, token, sorting="-name")[0] == "Demo Tvilling AS avd. Øst"
    by_number = names(caller, token, sorting="-organizationNumber,-id")
    assert by_number[:2] == ["Demo Tvilling AS avd. Øst", "Demo Tvilling AS"]


@pytest.mark.parametrize("sorting", ["nope", "name,nope", "-nope"])
def test_bad_sorting(caller: Caller, sorting: str) -> None:
    answer = caller.get(CLIENTS, caller.log_on(caller.world.office), sorting=sorting)
    message = "Field specified for use in sorting does not exist: nope"
    assert (answer.status_code, refusal(answer)) == (422, generic(17000, message))


@pytest.mark.parametrize("name", ["from", "count"])
def test_bad_numbers(caller: Caller, name: str) -> None:
    token = caller.log_on(caller.world.office)
    answer = caller.get(CLIENTS, token, **{name: -1})
    assert answer.status_code == 422
    assert refusal(answer) == invalid(15000, "Validation failed", (name, "Må være minimum 0.", None))
    answer = caller.get(CLIENTS, token, **{name: "x"})
    message = 'Wrong data format! Expected number. For input string: "x"'
    assert (answer.status_code, refusal(answer)) == (422, generic(21000, message))


def test_illegal_fields_are_refused_even_when_nothing_is_listed(caller: Caller) -> None:
    answer = caller.get(CLIENTS, caller.log_on(caller.world.single_company), fields="orgnr")
    message = "Illegal field in fields filter: orgnr. orgnr does not match a field in the model: ClientDTO"
    assert (answer.status_code, refusal(answer)) == (400, generic(11000, message))
