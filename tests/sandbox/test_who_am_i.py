"""``>whoAmI``, ``/company/{id}``, entitlements and modules: their exact bodies."""

import pytest

from tests.sandbox.conftest import WHO_AM_I, Caller, Serve, generic, refusal
from tests.support.sandbox import Behaviour


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


def test_fields_choose_and_unfold(caller: Caller) -> None:
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


def test_a_star_unfolds_one_level(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    value = caller.get(WHO_AM_I, token, fields="*,company(*)").json()["value"]
    assert set(value["employee"]) == {"id", "url"}
    assert set(value["company"]) > {"id", "name", "organizationNumber", "accountantOrSimilar"}
    assert "customerCompanyId" not in value["company"]
    assert set(value["company"]["currency"]) == {"id", "url"}


def test_an_unfolded_object_survives_a_later_star(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    value = caller.get(WHO_AM_I, token, fields="company(id,name),*").json()["value"]
    assert value["company"] == {"id": caller.world.company.id, "name": "Demobakeriet AS"}
    assert value["language"] == "no"


@pytest.mark.parametrize(
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
def test_illegal_fields(caller: Caller, fields: str, field: str, model: str) -> None:
    answer = caller.get(WHO_AM_I, caller.log_on(caller.world.single_company), fields=fields)
    message = f"Illegal field in fields filter: {field}. {field} does not match a field in the model: {model}"
    assert (answer.status_code, refusal(answer)) == (400, generic(11000, message))


def test_an_office_key_names_its_office(caller: Caller) -> None:
    value = caller.get(WHO_AM_I, caller.log_on(caller.world.office), fields="*,company(*)").json()["value"]
    assert value["companyId"] == caller.world.office_company.id
    assert value["company"]["accountantOrSimilar"] is True
    assert value["employeeIsProxy"] is False


def test_an_office_key_may_name_nothing(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(office_key_names_company=False))
    token = caller.log_on(caller.world.office)
    value = caller.get(WHO_AM_I, token, fields="companyId,company(id,name)").json()["value"]
    assert value == {"companyId": 0, "company": None}
    client = caller.world.client
    value = caller.get(WHO_AM_I, token, str(client.id), fields="companyId").json()["value"]
    assert value == {"companyId": client.id}


def test_company_is_that_of_the_login_only(caller: Caller) -> None:
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


def test_entitlements_are_those_of_the_owner_or_the_key(caller: Caller) -> None:
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


@pytest.mark.parametrize("needed", [False, True])
def test_entitlements_may_need_rights(serve: Serve, *, needed: bool) -> None:
    caller = serve(behaviour=Behaviour(entitlements_need_rights=needed))
    token = caller.log_on(caller.world.single_company_without_rights)
    assert caller.get("/employee/entitlement", token).status_code == (403 if needed else 200)


def test_sales_modules_include_the_api(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    values = caller.get("/company/salesmodules", token).json()["values"]
    assert {"name": "API_V2", "costStartDate": None} in values
