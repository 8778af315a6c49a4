"""What the sandbox returns about a key, its clients and the figures of a company."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import httpx

from tests.sandbox.conftest import (
    CLIENTS,
    FORBIDDEN,
    SENTENCE,
    WHO_AM_I,
    Caller,
    Serve,
    generic,
    invalid,
    refusal,
)
from tests.support.rows import every_row
from tests.support.sandbox import OSLO, Behaviour, DemoKey, Refusal, world_with_clients
from wizard.sandbox.answers import (
    GATEWAY_FORBIDDEN,
    GATEWAY_METHOD_NOT_ALLOWED,
    GATEWAY_NOT_IMPLEMENTED,
    UNSPECIFIED,
)
from wizard.sandbox.world import NO_FIGURES


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
    fields = "companyId, employeeIsProxy,company(id,name,organizationNumber)"
    answer = caller.get(WHO_AM_I, caller.log_on(key), fields=fields)
    assert answer.json() == {
        "value": {
            "companyId": key.company.id,
            "employeeIsProxy": False,
            "company": {
                "id": key.company.id,
                "name": "Demobakeriet AS",
                "organizationNumber": key.company.organization_number,
            },
        }
    }


def test_a_star_expands_one_level(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    value = caller.get(WHO_AM_I, token, fields="*,company(*)").json()["value"]
    assert set(value["employee"]) == {"id", "url"}
    assert set(value["company"]) > {"id", "name", "organizationNumber", "accountantOrSimilar"}
    assert "customerCompanyId" not in value["company"]
    assert set(value["company"]["currency"]) == {"id", "url"}


def test_an_expanded_object_survives_a_later_star(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    value = caller.get(WHO_AM_I, token, fields="company(id,name),*").json()["value"]
    assert value["company"] == {"id": caller.world.company.id, "name": "Demobakeriet AS"}
    assert value["language"] == "no"


@every_row(
    ("fields", "field", "model"),
    [
        ("nope", "nope", "LoggedInUserInfoDTO"),
        ("companyId,company(id,orgNumber)", "orgNumber", "CompanyDTO"),
        ("companyId(id)", "companyId", "LoggedInUserInfoDTO"),
        ("company(id", "company(id", "LoggedInUserInfoDTO"),
        ("company)id(", "company)id(", "LoggedInUserInfoDTO"),
        ("companyId,,language", "", "LoggedInUserInfoDTO"),
    ],
)
def test_unknown_fields_are_refused(caller: Caller, fields: str, field: str, model: str) -> None:
    answer = caller.get(WHO_AM_I, caller.log_on(caller.world.single_company), fields=fields)
    message = f"Illegal field in fields filter: {field}. {field} does not match a field in the model: {model}"
    assert (answer.status_code, refusal(answer)) == (400, generic(11000, message))


def test_an_office_key_shows_its_office(caller: Caller) -> None:
    value = caller.get(WHO_AM_I, caller.log_on(caller.world.office), fields="*,company(*)").json()["value"]
    assert value["companyId"] == caller.world.office_company.id
    assert value["company"]["accountantOrSimilar"] is True
    assert value["employeeIsProxy"] is False


def test_an_office_key_can_show_no_company(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(office_key_names_company=False))
    token = caller.log_on(caller.world.office)
    value = caller.get(WHO_AM_I, token, fields="companyId,company(id,name)").json()["value"]
    assert value == {"companyId": 0, "company": None}
    client = caller.world.client
    value = caller.get(WHO_AM_I, token, str(client.id), fields="companyId").json()["value"]
    assert value == {"companyId": client.id}


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
    answer = caller.get(f"/company/{caller.world.client.id}", token)
    assert (answer.status_code, refusal(answer)) == (404, generic(6000, "Object not found"))


def test_entitlements_belong_to_the_owner_or_to_the_key(caller: Caller) -> None:
    key = caller.world.add_key("narrow", caller.world.company, rights=frozenset({35, 144}))
    token = caller.log_on(key)

    def rights(**query: int) -> set[int]:
        values = caller.get("/employee/entitlement", token, **query).json()["values"]
        assert {value["employee"]["id"] for value in values} <= {query.get("employeeId", key.owner_id)}
        assert {value["customer"]["id"] for value in values} <= {key.company.id}
        assert not {value["name"] for value in values} & {"AUTH_READ_ONLY", "AUTH_LOGIN"}
        assert all(value["id"] > 7 * 10**8 for value in values)
        return {value["entitlementId"] for value in values}

    assert rights() == rights(employeeId=key.owner_id) == key.owner_rights
    assert rights(employeeId=key.employee_id) == {35, 144}
    assert rights(employeeId=1) == set()


@every_row("needed", [False, True])
def test_entitlements_can_need_a_right(serve: Serve, *, needed: bool) -> None:
    caller = serve(behaviour=Behaviour(entitlements_need_rights=needed))
    token = caller.log_on(caller.world.single_company_without_rights)
    assert caller.get("/employee/entitlement", token).status_code == (403 if needed else 200)


def test_sales_modules_include_the_api(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    values = caller.get("/company/salesmodules", token).json()["values"]
    assert {"name": "API_V2", "costStartDate": None} in values


FIELDS = "id,name,organizationNumber"


def names(caller: Caller, token: str, **query: str | int) -> list[str]:
    answer = caller.get(CLIENTS, token, **query)
    assert answer.status_code == 200
    return [value["name"] for value in answer.json()["values"]]


def test_the_list_holds_the_clients_of_the_key(caller: Caller) -> None:
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


def test_a_second_key_can_have_fewer_clients(caller: Caller) -> None:
    token = caller.log_on(caller.world.office_second)
    assert names(caller, token) == ["Demo Fiskemottak AS", "Demo Rørlegger AS"]


def test_a_client_with_all_fields_has_another_id_as_well(caller: Caller) -> None:
    token = caller.log_on(caller.world.office)
    for value in caller.get(CLIENTS, token).json()["values"]:
        assert value["customerCompanyId"] != value["id"]
        assert value["accountantOrSimilar"] is False


@every_row(("missing", "shown"), [("absent", {}), ("null", {"n": None}), ("empty", {"n": ""})])
def test_a_missing_number_can_be_null_empty_or_absent(
    serve: Serve, missing: str, shown: dict[str, object]
) -> None:
    caller = serve(behaviour=Behaviour(missing_number=missing))  # type: ignore[arg-type]
    token = caller.log_on(caller.world.office)
    value = caller.get(CLIENTS, token, fields=FIELDS).json()["values"][2]
    expected = {"organizationNumber": shown["n"]} if shown else {}
    assert value == {"id": caller.world.client_without_number.id, "name": "Demo Sameie"} | expected


@every_row(("choice", "status", "count"), [("empty", 200, 0), ("own-company", 200, 1), ("forbidden", 403, 0)])
def test_an_ordinary_key_can_list_nothing_its_own_company_or_be_refused(
    serve: Serve, choice: str, status: int, count: int
) -> None:
    caller = serve(behaviour=Behaviour(ordinary_client_list=choice))  # type: ignore[arg-type]
    answer = caller.get(CLIENTS, caller.log_on(caller.world.single_company))
    assert answer.status_code == status
    if status == 200:
        assert [value["id"] for value in answer.json()["values"]] == [caller.world.company.id] * count


def test_three_thousand_clients_come_in_pages(serve: Serve) -> None:
    caller = serve(world=world_with_clients(3000))
    token = caller.log_on(caller.world.office)
    seen: list[int] = []
    for start, length in ((0, 1000), (1000, 1000), (2000, 1000), (3000, 0)):
        body = caller.get(CLIENTS, token, fields="id", **{"from": start}).json()
        assert (body["from"], body["count"], len(body["values"])) == (start, length, length)
        seen += [value["id"] for value in body["values"]]
    assert seen == [client.id for client in caller.world.clients]
    assert len(set(seen)) == 3000


def test_from_and_count_select_a_page(caller: Caller) -> None:
    token = caller.log_on(caller.world.office)
    assert names(caller, token, **{"from": 1, "count": 2}) == ["Demo Rørlegger AS", "Demo Sameie"]
    assert names(caller, token, **{"from": 4, "count": 2}) == ["Demo Tvilling AS avd. Øst"]
    assert names(caller, token, count=0) == []


def test_a_page_can_be_shorter_than_requested(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(max_page_size=2))
    body = caller.get(CLIENTS, caller.log_on(caller.world.office), count=1000).json()
    assert (body["count"], len(body["values"])) == (2, 2)


@every_row(("choice", "size"), [("one-more", 3), ("short", 1), ("long", 1005), ("exact", 5)])
def test_the_full_result_size_can_be_wrong(serve: Serve, choice: str, size: int) -> None:
    caller = serve(behaviour=Behaviour(full_result_size=choice))  # type: ignore[arg-type]
    body = caller.get(CLIENTS, caller.log_on(caller.world.office), count=2).json()
    assert body["fullResultSize"] == size


def test_clients_can_be_sorted(caller: Caller) -> None:
    token = caller.log_on(caller.world.office)
    assert names(caller, token, sorting="-name")[0] == "Demo Tvilling AS avd. Øst"
    by_number = names(caller, token, sorting="-organizationNumber,-id")
    assert by_number[:2] == ["Demo Tvilling AS avd. Øst", "Demo Tvilling AS"]


@every_row("sorting", ["nope", "name,nope", "-nope"])
def test_an_unknown_sort_order_is_refused(caller: Caller, sorting: str) -> None:
    answer = caller.get(CLIENTS, caller.log_on(caller.world.office), sorting=sorting)
    message = "Field specified for use in sorting does not exist: nope"
    assert (answer.status_code, refusal(answer)) == (422, generic(17000, message))


@every_row("name", ["from", "count"])
def test_numbers_that_are_none_are_refused(caller: Caller, name: str) -> None:
    token = caller.log_on(caller.world.office)
    answer = caller.get(CLIENTS, token, **{name: -1})
    assert answer.status_code == 422
    assert refusal(answer) == invalid(15000, "Validation failed", (name, "Må være minimum 0.", None))
    answer = caller.get(CLIENTS, token, **{name: "x"})
    message = 'Wrong data format! Expected number. For input string: "x"'
    assert (answer.status_code, refusal(answer)) == (422, generic(21000, message))


def test_unknown_fields_are_refused_also_for_an_empty_list(caller: Caller) -> None:
    answer = caller.get(CLIENTS, caller.log_on(caller.world.single_company), fields="orgnr")
    message = "Illegal field in fields filter: orgnr. orgnr does not match a field in the model: ClientDTO"
    assert (answer.status_code, refusal(answer)) == (400, generic(11000, message))


YEAR = {"dateFrom": "2025-01-01", "dateTo": "2026-01-01"}
NO_DAY = {"dateFrom": "1900-01-01", "dateTo": "1900-01-02"}
BALANCES, POSTINGS, ACCOUNTS = "/balanceSheet", "/ledger/postingByDate", "/ledger/account"
YEARS, RIGHTS_AT_CLIENT = "/ledger/annualAccount", "/employee/entitlement/client"


def asked(caller: Caller, key: DemoKey, username: str = "0") -> dict[str, int]:
    """The status of each figure call that a program makes, with the smallest window it can."""
    token = caller.log_on(key)
    return {
        "balances": caller.get(BALANCES, token, username, **YEAR, count=1, fields="balanceOut").status_code,
        "postings": caller.get(POSTINGS, token, username, **NO_DAY, count=1).status_code,
        "accounts": caller.get(ACCOUNTS, token, username, count=1, fields="id,number").status_code,
    }


def rows(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    values: list[dict[str, Any]] = answer.json()["values"]
    return values


def test_each_demo_key_has_its_outcome(caller: Caller) -> None:
    world = caller.world
    good = {"balances": 200, "postings": 200, "accounts": 200}
    expected = {
        "single_company": good,
        "single_company_without_rights": {"balances": 403, "postings": 403, "accounts": 403},
        "without_balances": good | {"balances": 403},
        "owner_without_balances": good | {"balances": 403},
        "without_all_vouchers": good | {"postings": 422},
        "without_accounts": good | {"accounts": 403},
        "empty": good,
        "deviating": good,
        "without_wages": good | {"postings": 422},
        "without_wage_module": good,
    }
    assert {name: asked(caller, getattr(world, name)) for name in expected} == expected
    at_clients = {
        world.client: good,
        world.client_with_spaces: {"balances": 403, "postings": 403, "accounts": 403},
        world.ungenerous_client: {"balances": 403, "postings": 422, "accounts": 200},
        world.empty_client: good,
    }
    for client, statuses in at_clients.items():
        assert asked(caller, world.office_figures, str(client.id)) == statuses, client.name


def test_every_key_of_the_world_may_log_in_and_read(caller: Caller) -> None:
    key = caller.world.add_key("x", caller.world.company, rights=frozenset({35, 105, 107}))
    assert set(asked(caller, key).values()) == {200}


def test_an_office_key_reads_no_figures_at_home(caller: Caller) -> None:
    token = caller.log_on(caller.world.office)
    for path in (BALANCES, POSTINGS, ACCOUNTS, YEARS, RIGHTS_AT_CLIENT):
        answer = caller.get(path, token, **YEAR)
        assert (answer.status_code, refusal(answer)) == (403, generic(9000, SENTENCE)), path


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
        posted.setdefault(row["account"]["id"], 0.0)
        posted[row["account"]["id"]] += row["amount"]
    balances = rows(caller.get(BALANCES, token, **YEAR))
    assert {row["account"]["id"]: row["balanceOut"] for row in balances} == posted
    assert all(row["balanceIn"] + row["balanceChange"] == row["balanceOut"] for row in balances)
    assert all(row["balanceIn"] for row in balances)


def test_a_balance_has_the_fields_of_the_api(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    answer = caller.get(BALANCES, token, **YEAR, fields="id")
    assert (answer.status_code, refusal(answer)["code"]) == (400, 11000)
    assert refusal(answer)["message"].startswith("Illegal field in fields filter: id. ")
    (row,) = rows(caller.get(BALANCES, token, **YEAR, count=1, fields="account(number),balanceOut"))
    assert set(row) == {"account", "balanceOut"}
    assert set(row["account"]) == {"number"}
    # Postings by date take no filter at all.
    assert caller.get(POSTINGS, token, **NO_DAY, fields="id").status_code == 422


def test_dates_are_required_and_well_formed(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    for path in (BALANCES, POSTINGS):
        for query, text in (
            ({"dateFrom": "2025-01-01"}, "Kan ikke være null."),
            (
                {"dateFrom": "2025-01-01", "dateTo": "01.01.2026"},
                "Dato er ugyldig. Korrekt format er yyyy-mm-dd.",
            ),
        ):
            answer = caller.get(path, token, **query)
            body = refusal(answer)
            assert (answer.status_code, body["code"]) == (422, 15000)
            assert body["validationMessages"][0] == {
                "field": "dateTo",
                "message": text,
                "path": None,
                "rootId": None,
            }


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
    assert caller.get(POSTINGS, caller.log_on(world.without_wage_module), **YEAR).status_code == 200
    modules = rows(caller.get("/company/salesmodules", caller.log_on(world.without_wage_module)))
    assert [module["name"] for module in modules] == ["API_V2"]
    world.without_wages.company.wages_controlled = False
    assert wages(world.without_wages) == {2600, 5000}


def test_whether_rights_are_checked_before_the_search_can_be_set(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(postings_checked_first=False))
    token = caller.log_on(caller.world.without_all_vouchers)
    assert caller.get(POSTINGS, token, **NO_DAY).status_code == 200
    answer = caller.get(POSTINGS, token, **YEAR)
    body = refusal(answer)
    assert (answer.status_code, body["code"], body["developerMessage"]) == (422, 18000, "VALIDATION_ERROR")


def test_more_than_ten_thousand_hits_are_refused(caller: Caller) -> None:
    caller.world.company.vouchers_per_day = 200
    token = caller.log_on(caller.world.single_company)
    answer = caller.get(POSTINGS, token, **YEAR, count=1)
    assert (answer.status_code, refusal(answer)) == (422, generic(23000, "Limit of 10.000 reached"))
    assert len(rows(caller.get(POSTINGS, token, dateFrom="2025-03-01", dateTo="2025-04-01", count=1))) == 1


def test_figures_can_be_denied_with_other_answers(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(figures_denied="empty"))
    token = caller.log_on(caller.world.single_company_without_rights)
    for path in (BALANCES, POSTINGS, ACCOUNTS, YEARS):
        assert rows(caller.get(path, token, **YEAR)) == [], path
    caller.sandbox.behaviour = Behaviour(figures_denied="page")
    answer = caller.get(BALANCES, token, **YEAR)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html;charset=UTF-8")
    assert "Du har ikke tilgang til denne funksjonen" in answer.text


def test_whether_the_company_needs_a_right_can_be_set(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(company_needs=frozenset()))
    key = caller.world.single_company_without_rights
    token = caller.log_on(key)
    assert caller.get(f"/company/{key.company.id}", token).status_code == 200
    caller.sandbox.behaviour = Behaviour(company_needs=frozenset({105}))
    token = caller.log_on(caller.world.without_balances)
    answer = caller.get(f"/company/{key.company.id}", token)
    assert (answer.status_code, refusal(answer)) == (403, FORBIDDEN)


def test_rights_at_a_client_differ_from_those_of_the_owner(caller: Caller) -> None:
    world = caller.world
    key, token = world.office_figures, caller.log_on(world.office_figures)

    def rights(client_id: int, employee_id: int, customer_id: int) -> set[int]:
        query = {"employeeId": employee_id, "customerId": customer_id}
        found = rows(caller.get(RIGHTS_AT_CLIENT, token, str(client_id), **query))
        return {row["entitlementId"] for row in found}

    small, mean = world.client_with_spaces, world.ungenerous_client
    assert 105 in rights(small.id, key.owner_id, small.id)
    assert rights(small.id, key.employee_id, small.id) == NO_FIGURES
    assert not {105, 35} & rights(mean.id, key.owner_id, mean.customer_company_id)
    assert not {105, 35} & rights(mean.id, key.employee_id, mean.id)
    at_home = {"employeeId": key.owner_id, "customerId": small.id}
    assert caller.get(RIGHTS_AT_CLIENT, token, str(mean.id), **at_home).status_code == 404
    caller.sandbox.behaviour = Behaviour(client_entitlements_by="id")
    at_home["customerId"] = mean.customer_company_id
    assert caller.get(RIGHTS_AT_CLIENT, token, str(mean.id), **at_home).status_code == 404
    caller.sandbox.behaviour = Behaviour(client_entitlements="forbidden")
    at_home["customerId"] = mean.id
    assert caller.get(RIGHTS_AT_CLIENT, token, str(mean.id), **at_home).status_code == 403


def test_an_owner_limits_his_office_key_at_clients_too(caller: Caller) -> None:
    world = caller.world
    key = world.add_key(
        "x", world.office_company, company_owned=True, clients=[world.client], owner_rights=NO_FIGURES
    )
    assert asked(caller, key, str(world.client.id))["balances"] == 403


def test_a_blocked_account_cannot_log_on(caller: Caller) -> None:
    answer = caller.create(caller.world.blocked)
    assert (answer.status_code, refusal(answer)) == (403, FORBIDDEN)
    caller.sandbox.behaviour = Behaviour(blocked_account=Refusal(401, 3000, "Unauthorized"))
    assert caller.create(caller.world.blocked).status_code == 401


def test_post_can_be_refused_to_one_key_alone(caller: Caller) -> None:
    answer = caller.create(caller.world.put_only)
    assert (answer.status_code, refusal(answer)["code"]) == (404, 21000)
    assert caller.create(caller.world.put_only, verb="PUT").status_code == 200
    assert caller.create(caller.world.single_company).status_code == 201


def test_a_gateway_in_front_answers_without_tripletexs_envelope(serve: Serve) -> None:
    for gateway in (GATEWAY_FORBIDDEN, GATEWAY_METHOD_NOT_ALLOWED, GATEWAY_NOT_IMPLEMENTED):
        caller = serve(behaviour=Behaviour(gateway={"POST /token/session/:create": gateway}))
        answer = caller.create(caller.world.single_company)
        assert (answer.status_code, answer.text) == (gateway.status, gateway.body)
        assert "x-tlx-request-id" not in answer.headers
        assert caller.create(caller.world.single_company, verb="PUT").status_code == 200
        caller.sandbox.behaviour = Behaviour(gateway={"*": gateway})
        assert caller.create(caller.world.single_company, verb="PUT").status_code == gateway.status


def test_every_call_can_fail(serve: Serve) -> None:
    for refused in (UNSPECIFIED, replace(UNSPECIFIED, code=1002), replace(UNSPECIFIED, status=400)):
        caller = serve(behaviour=Behaviour(refused={"GET /balanceSheet": refused}))
        token = caller.log_on(caller.world.single_company)
        answer = caller.get(BALANCES, token, **YEAR)
        assert (answer.status_code, refusal(answer)) == (refused.status, generic(refused.code, None))
        assert caller.get(ACCOUNTS, token).status_code == 200


def test_responses_can_be_chunked_with_tripletexs_headers(caller: Caller) -> None:
    answer = caller.get(WHO_AM_I, caller.log_on(caller.world.single_company))
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.headers["server"] == "tripletex.no"
    assert answer.headers["cache-control"] == "no-store"
    cookies = [value for name, value in answer.headers.multi_items() if name == "set-cookie"]
    assert [cookie.partition("=")[0] for cookie in cookies] == ["JSESSIONID", "AWSALB", "AWSALBCORS"]
    caller.sandbox.behaviour = Behaviour(chunked=False)
    assert "content-length" in caller.http.get("/nothing").headers


def test_a_body_that_is_far_too_large_is_not_kept(caller: Caller) -> None:
    answer = caller.http.post("/token/session/:create", content=b"a" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "x-tlx-request-id" not in answer.headers
