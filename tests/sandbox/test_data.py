"""What the sandbox returns about a key, its clients and the figures of a company."""

import base64
from datetime import date, datetime
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st
from stdnum.no import orgnr

from tests.sandbox.conftest import (
    CLIENTS,
    NOT_FOUND,
    OFFICE_KEY,
    WHO_AM_I,
    Caller,
    Serve,
    Told,
    told,
)
from tests.support.rows import every_row
from tests.support.sandbox import OSLO, UNSPECIFIED, Behaviour, DemoKey, world_with_clients
from wizard.sandbox.answers import Model, Refusal, RefusedError, Selection, parse_fields, select
from wizard.sandbox.world import NO_FIGURES

BALANCES, POSTINGS, ACCOUNTS = "/balanceSheet", "/ledger/postingByDate", "/ledger/account"
YEARS, RIGHTS, RIGHTS_AT_CLIENT = (
    "/ledger/annualAccount",
    "/employee/entitlement",
    "/employee/entitlement/client",
)
YEAR = {"dateFrom": "2025-01-01", "dateTo": "2026-01-01"}
NO_DAY = {"dateFrom": "1900-01-01", "dateTo": "1900-01-02"}
DAY = "dateTo: Dato er ugyldig. Korrekt format er yyyy-mm-dd."
NO_NUMBER = (422, 21000, 'Wrong data format! Expected number. For input string: "x"')


def illegal(field: str, model: str) -> Told:
    text = f"Illegal field in fields filter: {field}. {field} does not match a field in the model: {model}"
    return 400, 11000, text


def rows(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    values: list[dict[str, Any]] = answer.json()["values"]
    return values


def test_without_fields_the_objects_are_stubs(caller: Caller) -> None:
    key = caller.world.single_company
    answer = caller.get(WHO_AM_I, caller.log_on(key))
    host = answer.request.url.netloc.decode()
    assert answer.json() == {
        "value": {
            "employeeId": key.owner_id,
            "actualEmployeeId": key.owner_id + 1,
            "employee": {"id": key.owner_id, "url": f"{host}/v2/employee/{key.owner_id}"},
            "companyId": key.company.id,
            "company": {"id": key.company.id, "url": f"{host}/v2/company/{key.company.id}"},
            "language": "no",
            "loggedInWithConnect": False,
            "employeeIsProxy": False,
        }
    }


def test_fields_select_and_expand_objects(caller: Caller) -> None:
    key = caller.world.single_company
    token = caller.log_on(key)
    company = {"id": key.company.id, "name": "Demobakeriet AS"}

    def shown(fields: str) -> dict[str, Any]:
        value: dict[str, Any] = caller.get(WHO_AM_I, token, fields=fields).json()["value"]
        return value

    assert shown("companyId, company(id,name)") == {"companyId": key.company.id, "company": company}
    assert shown("company(id,name),*")["company"] == company
    expanded = shown("*,company(*)")
    assert set(expanded["employee"]) == set(expanded["company"]["currency"]) == {"id", "url"}
    assert set(expanded["company"]) > {"id", "name", "organizationNumber", "accountantOrSimilar"}
    assert "customerCompanyId" not in expanded["company"]


INNER = Model("InnerDTO", ("id", "url", "name"))
OUTER = Model("OuterDTO", ("id", "name"), {"inner": INNER})
RECORD: dict[str, object] = {"id": 1, "name": "a", "inner": {"id": 2, "url": "u", "name": "b"}}
STUB = {"id": 2, "url": "u"}


@given(
    st.lists(st.sampled_from(["id", "name", "inner", "nope", "*", "(", ")", ",", " "]), max_size=12).map(
        "".join
    )
)
def test_any_fields_parameter_is_either_parsed_or_refused(text: str) -> None:
    read = reading(text)
    if isinstance(read, Refusal):
        assert (read.status, read.code) == (400, 11000)
    else:
        assert set(select(RECORD, read)) <= set(RECORD)
        assert text.count("(") == text.count(")")
        assert "nope" not in text


def reading(text: str | None) -> Selection | Refusal:
    try:
        return parse_fields(text, OUTER)
    except RefusedError as error:
        return error.refusal


@every_row(
    ("text", "selected"),
    [
        (None, {"id": 1, "name": "a", "inner": STUB}),
        ("", {"id": 1, "name": "a", "inner": STUB}),
        ("name", {"name": "a"}),
        ("inner", {"inner": STUB}),
        ("inner(name),id", {"inner": {"name": "b"}, "id": 1}),
        ("inner(*)", {"inner": {"id": 2, "url": "u", "name": "b"}}),
        *(
            (bad, None)
            for bad in ("inner(id)x", "inner(id)(name)", "inner(id))", "(id)", "inner(inner)", "id(")
        ),
    ],
)
def test_fields_are_parsed(text: str | None, selected: dict[str, object] | None) -> None:
    read = reading(text)
    assert (None if isinstance(read, Refusal) else select(RECORD, read)) == selected


@every_row(
    ("path", "query", "expected"),
    [
        (WHO_AM_I, {"fields": "nope"}, illegal("nope", "LoggedInUserInfoDTO")),
        (WHO_AM_I, {"fields": "companyId,company(id,orgNumber)"}, illegal("orgNumber", "CompanyDTO")),
        (WHO_AM_I, {"fields": "companyId,,language"}, illegal("", "LoggedInUserInfoDTO")),
        (CLIENTS, {"fields": "orgnr"}, illegal("orgnr", "ClientDTO")),
        (CLIENTS, {"from": -1}, (422, 15000, "Validation failed | from: Må være minimum 0.")),
        (CLIENTS, {"count": -1}, (422, 15000, "Validation failed | count: Må være minimum 0.")),
        (CLIENTS, {"from": "x"}, NO_NUMBER),
        (CLIENTS, {"count": "x"}, NO_NUMBER),
        (
            BALANCES,
            {"dateFrom": "2025-01-01"},
            (422, 15000, "Validation failed | dateTo: Kan ikke være null."),
        ),
        (BALANCES, YEAR | {"dateTo": "01.01.2026"}, (422, 15000, f"Validation failed | {DAY}")),
        (POSTINGS, YEAR | {"dateTo": "01.01.2026"}, (422, 15000, f"Validation failed | {DAY}")),
        (BALANCES, YEAR | {"fields": "id"}, illegal("id", "BalanceSheetAccountDTO")),
    ],
)
def test_bad_parameters_are_refused(caller: Caller, path: str, query: dict[str, Any], expected: Told) -> None:
    assert told(caller.get(path, caller.log_on(caller.world.single_company), **query)) == expected


def test_an_office_key_shows_its_office_or_no_company(caller: Caller) -> None:
    world = caller.world
    token = caller.log_on(world.office)
    value = caller.get(WHO_AM_I, token, fields="*,company(*)").json()["value"]
    assert (value["companyId"], value["employeeIsProxy"]) == (world.office_company.id, False)
    assert value["company"]["accountantOrSimilar"] is True
    caller.sandbox.behaviour = Behaviour(office_key_names_company=False)
    value = caller.get(WHO_AM_I, token, fields="companyId,company(id,name)").json()["value"]
    assert value == {"companyId": 0, "company": None}
    value = caller.get(WHO_AM_I, token, str(world.client.id), fields="companyId").json()["value"]
    assert value == {"companyId": world.client.id}


def test_only_the_company_of_the_login_can_be_read(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    company = caller.world.company
    answer = caller.get(f"/company/{company.id}", token, fields="id,organizationNumber,accountantOrSimilar")
    assert answer.json() == {
        "value": {
            "id": company.id,
            "organizationNumber": company.organization_number,
            "accountantOrSimilar": False,
        }
    }
    assert told(caller.get(f"/company/{caller.world.client.id}", token)) == NOT_FOUND


def test_entitlements_belong_to_the_owner_or_to_the_key(caller: Caller) -> None:
    key = caller.world.add_key("narrow", caller.world.company, rights=frozenset({35, 144}))
    token = caller.log_on(key)

    def rights(**query: int) -> set[int]:
        values = rows(caller.get(RIGHTS, token, **query))
        assert {value["employee"]["id"] for value in values} <= {query.get("employeeId", key.owner_id)}
        assert {value["customer"]["id"] for value in values} <= {key.company.id}
        assert not {value["name"] for value in values} & {"AUTH_READ_ONLY", "AUTH_LOGIN"}
        assert all(value["id"] > 7 * 10**8 for value in values)
        return {value["entitlementId"] for value in values}

    assert rights() == rights(employeeId=key.owner_id) == key.owner_rights
    assert rights(employeeId=key.employee_id) == {35, 144}
    assert rights(employeeId=1) == set()


def test_the_list_holds_the_clients_of_the_key(caller: Caller) -> None:
    world = caller.world
    fields = {"fields": "id,name,organizationNumber"}
    body = caller.get(CLIENTS, caller.log_on(world.office), **fields).json()
    digest = "'If-None-Match' header not specified"
    numbers = [
        client.organization_number for client in (world.client, world.client_with_spaces, *world.twins)
    ]
    expected = [
        {"id": world.client.id, "name": "Demo Fiskemottak AS", "organizationNumber": numbers[0]},
        {"id": world.client_with_spaces.id, "name": "Demo Rørlegger AS", "organizationNumber": numbers[1]},
        {"id": world.client_without_number.id, "name": "Demo Sameie"},
        {"id": world.twins[0].id, "name": "Demo Tvilling AS", "organizationNumber": numbers[2]},
        {"id": world.twins[1].id, "name": "Demo Tvilling AS avd. Øst", "organizationNumber": numbers[3]},
    ]
    page = {"fullResultSize": 5, "from": 0, "count": 5, "versionDigest": digest}
    assert body == page | {"values": expected}
    assert (numbers[1] or "").count(" ") == 2
    assert numbers[2] == numbers[3]
    second = caller.get(CLIENTS, caller.log_on(world.office_second), **fields)
    assert rows(second) == expected[:2]


def test_a_client_with_all_fields_has_another_id_as_well(caller: Caller) -> None:
    for value in rows(caller.get(CLIENTS, caller.log_on(caller.world.office))):
        assert value["customerCompanyId"] != value["id"]
        assert value["accountantOrSimilar"] is False


@every_row(("missing", "shown"), [("absent", {}), ("null", {"n": None}), ("empty", {"n": ""})])
def test_a_missing_number_can_be_null_empty_or_absent(
    serve: Serve, missing: str, shown: dict[str, object]
) -> None:
    caller = serve(behaviour=Behaviour(missing_number=missing))  # type: ignore[arg-type]  # from the list above
    value = rows(caller.get(CLIENTS, caller.log_on(caller.world.office), fields="id,organizationNumber"))[2]
    expected = {"organizationNumber": shown["n"]} if shown else {}
    assert value == {"id": caller.world.client_without_number.id} | expected


@every_row(("choice", "status", "count"), [("empty", 200, 0), ("own-company", 200, 1), ("forbidden", 403, 0)])
def test_an_ordinary_key_can_list_nothing_its_own_company_or_be_refused(
    serve: Serve, choice: str, status: int, count: int
) -> None:
    caller = serve(behaviour=Behaviour(ordinary_client_list=choice))  # type: ignore[arg-type]  # from the list above
    answer = caller.get(CLIENTS, caller.log_on(caller.world.single_company))
    assert answer.status_code == status
    if status == 200:
        assert [value["id"] for value in rows(answer)] == [caller.world.company.id] * count


def test_clients_come_in_pages(serve: Serve) -> None:
    caller = serve(world=world_with_clients(3000))
    token = caller.log_on(caller.world.office)
    seen: list[int] = []
    for start, length in ((0, 1000), (1000, 1000), (2000, 1000), (3000, 0)):
        body = caller.get(CLIENTS, token, fields="id", **{"from": start}).json()
        assert (body["from"], body["count"], len(body["values"])) == (start, length, length)
        seen += [value["id"] for value in body["values"]]
    assert seen == [client.id for client in caller.world.clients]
    caller.sandbox.behaviour = Behaviour(max_page_size=2)
    assert len(rows(caller.get(CLIENTS, token, count=1000))) == 2


@every_row(("choice", "size"), [("one-more", 3), ("short", 1), ("long", 1005), ("exact", 5)])
def test_the_full_result_size_can_be_wrong(serve: Serve, choice: str, size: int) -> None:
    caller = serve(behaviour=Behaviour(full_result_size=choice))  # type: ignore[arg-type]  # from the list above
    body = caller.get(CLIENTS, caller.log_on(caller.world.office), count=2).json()
    assert body["fullResultSize"] == size


def asked(caller: Caller, key: DemoKey, username: str = "0") -> tuple[int, int, int]:
    """The statuses of balances, postings and accounts, each in the smallest window."""
    token = caller.log_on(key)
    return (
        caller.get(BALANCES, token, username, **YEAR, count=1, fields="balanceOut").status_code,
        caller.get(POSTINGS, token, username, **NO_DAY, count=1).status_code,
        caller.get(ACCOUNTS, token, username, count=1, fields="id,number").status_code,
    )


def test_each_demo_key_has_its_outcome(caller: Caller) -> None:
    world = caller.world
    expected = {
        "single_company": (200, 200, 200),
        "single_company_without_rights": (403, 403, 403),
        "without_balances": (403, 200, 200),
        "owner_without_balances": (403, 200, 200),
        "without_all_vouchers": (200, 422, 200),
        "without_accounts": (200, 200, 403),
        "empty": (200, 200, 200),
        "deviating": (200, 200, 200),
        "without_wages": (200, 422, 200),
        "without_wage_module": (200, 200, 200),
    }
    assert {name: asked(caller, getattr(world, name)) for name in expected} == expected
    at_clients = {
        world.client: (200, 200, 200),
        world.client_with_spaces: (403, 403, 403),
        world.ungenerous_client: (403, 422, 200),
        world.empty_client: (200, 200, 200),
    }
    for client, statuses in at_clients.items():
        assert asked(caller, world.office_figures, str(client.id)) == statuses, client.name
    # The rights of a key are those that its owner has too, also at a client.
    narrow = world.add_key(
        "x", world.company, owner_rights=frozenset({35, 105}), rights=frozenset({105, 107})
    )
    assert narrow.effective_rights == {105}
    limited = world.add_key(
        "y", world.office_company, company_owned=True, clients=[world.client], owner_rights=NO_FIGURES
    )
    assert asked(caller, limited, str(world.client.id))[0] == 403


def test_an_office_key_reads_no_figures_at_home(caller: Caller) -> None:
    token = caller.log_on(caller.world.office)
    for path in (BALANCES, POSTINGS, ACCOUNTS, YEARS, RIGHTS_AT_CLIENT):
        assert told(caller.get(path, token, **YEAR)) == OFFICE_KEY, path


def test_the_end_date_of_a_period_is_exclusive(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)

    def days(start: str, end: str) -> set[str]:
        return {row["date"] for row in rows(caller.get(POSTINGS, token, dateFrom=start, dateTo=end))}

    assert days("2025-03-10", "2025-04-10") == {"2025-03-10"}
    assert days("2025-03-10", "2025-04-11") == {"2025-03-10", "2025-04-10"}
    assert days("2025-03-11", "2025-04-10") == set()
    assert rows(caller.get(BALANCES, token, dateFrom="2025-03-11", dateTo="2025-04-10")) == []


def test_balances_are_the_sum_of_the_postings(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    posted: dict[int, float] = {}
    for row in rows(caller.get(POSTINGS, token, dateFrom="2010-01-01", dateTo="2026-01-01", count=10_000)):
        posted[row["account"]["id"]] = posted.get(row["account"]["id"], 0.0) + row["amount"]
    balances = rows(caller.get(BALANCES, token, **YEAR))
    assert {row["account"]["id"]: row["balanceOut"] for row in balances} == posted
    assert all(row["balanceIn"] + row["balanceChange"] == row["balanceOut"] for row in balances)
    assert all(row["balanceIn"] for row in balances)
    (row,) = rows(caller.get(BALANCES, token, **YEAR, count=1, fields="account(number),balanceOut"))
    assert row.keys() == {"account", "balanceOut"}
    assert row["account"].keys() == {"number"}
    # Postings by date take no filter at all.
    assert caller.get(POSTINGS, token, **NO_DAY, fields="id").status_code == 422


def test_a_company_without_movements(caller: Caller) -> None:
    token = caller.log_on(caller.world.empty)
    assert rows(caller.get(BALANCES, token, **YEAR)) == []
    everything = rows(caller.get(BALANCES, token, **YEAR, includeActiveAccountsWithoutMovements="true"))
    assert {row["balanceOut"] for row in everything} == {0}
    assert len(everything) == len(rows(caller.get(ACCOUNTS, token)))


def test_fiscal_years_are_listed(caller: Caller) -> None:
    def years(key: DemoKey, **query: int) -> list[tuple[int, str, str]]:
        answer = caller.get(YEARS, caller.log_on(key), fields="year,start,end", **query)
        return [(row["year"], row["start"], row["end"]) for row in rows(answer)]

    world = caller.world
    assert years(world.single_company, yearFrom=2025, yearTo=2027) == [
        (2025, "2025-01-01", "2026-01-01"),
        (2026, "2026-01-01", "2027-01-01"),
    ]
    assert years(world.deviating, yearFrom=2026, yearTo=2028) == [
        (2026, "2025-07-01", "2026-07-01"),
        (2027, "2026-07-01", "2027-07-01"),
    ]
    caller.sandbox.behaviour = Behaviour(last_day_of_year="last")
    assert years(world.deviating, yearFrom=2026, yearTo=2027) == [(2026, "2025-07-01", "2026-06-30")]
    company = world.deviating.company
    company.first_year, company.active_from = 2026, date(2026, 8, 1)
    assert years(world.deviating) == [(2027, "2026-07-01", "2027-06-30")]
    assert rows(caller.get(BALANCES, caller.log_on(world.deviating), **YEAR)) == []
    caller.clock.set(datetime(2026, 6, 1, tzinfo=OSLO))
    assert years(world.deviating) == []


def test_wages_stay_hidden_without_the_module_or_the_right(caller: Caller) -> None:
    def wages(key: DemoKey) -> set[int]:
        found = rows(caller.get(BALANCES, caller.log_on(key), **YEAR, fields="account(number)"))
        return {row["account"]["number"] for row in found} & {2600, 5000}

    world = caller.world
    assert wages(world.single_company) == {2600, 5000}
    assert wages(world.without_wage_module) == wages(world.without_wages) == set()
    modules = rows(caller.get("/company/salesmodules", caller.log_on(world.without_wage_module)))
    assert modules == [{"name": "API_V2", "costStartDate": None}]
    world.without_wages.company.wages_controlled = False
    assert wages(world.without_wages) == {2600, 5000}


def test_figures_can_be_denied_with_other_answers(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(figures_denied="empty"))
    token = caller.log_on(caller.world.single_company_without_rights)
    for path in (BALANCES, POSTINGS, ACCOUNTS, YEARS):
        assert rows(caller.get(path, token, **YEAR)) == [], path
    caller.sandbox.behaviour = Behaviour(figures_denied="page")
    answer = caller.get(BALANCES, token, **YEAR)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html;charset=UTF-8")
    assert "Du har ikke tilgang til denne funksjonen" in answer.text
    caller.sandbox.behaviour = Behaviour(refused={f"GET {BALANCES}": UNSPECIFIED})
    assert told(caller.get(BALANCES, token, **YEAR)) == (500, 1000, "")


def test_rights_at_a_client_differ_from_those_of_the_owner(caller: Caller) -> None:
    world = caller.world
    key, token = world.office_figures, caller.log_on(world.office_figures)

    def answer(client_id: int, employee_id: int, customer_id: int) -> httpx.Response:
        query = {"employeeId": employee_id, "customerId": customer_id}
        return caller.get(RIGHTS_AT_CLIENT, token, str(client_id), **query)

    def rights(client_id: int, employee_id: int, customer_id: int) -> set[int]:
        return {row["entitlementId"] for row in rows(answer(client_id, employee_id, customer_id))}

    small, mean = world.client_with_spaces, world.ungenerous_client
    assert 105 in rights(small.id, key.owner_id, small.id)
    assert rights(small.id, key.employee_id, small.id) == NO_FIGURES
    assert not {105, 35} & rights(mean.id, key.owner_id, mean.customer_company_id)
    assert not {105, 35} & rights(mean.id, key.employee_id, mean.id)
    assert told(answer(mean.id, key.owner_id, small.id)) == NOT_FOUND


def test_the_demo_world_is_harmless_and_can_be_told_apart() -> None:
    world = world_with_clients(500)
    numbers = [
        company.organization_number for company in world.companies.values() if company.organization_number
    ]
    assert all(orgnr.is_valid(number) and number.startswith("3") for number in numbers)
    assert len(set(numbers)) == len(numbers) - 1  # that of the twins
    for key in world.keys:
        decoded = f'{{"tokenId":{key.token_id},"token":"00000000-0000-0000-0000-000000000000"}}'
        assert base64.b64decode(key.employee_token).decode() == decoded
    assert len({key.employee_token for key in world.keys} | {world.consumer_token}) == len(world.keys) + 1
    assert len({key.title for key in world.keys}) == len(world.keys)
    assert [company for company in world.companies.values() if company.accountant_or_similar] == [
        world.office_company
    ]
    owned = [key for key in world.keys if key.company_owned]
    assert owned == [world.office, world.office_second, world.office_figures]
