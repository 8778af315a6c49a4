"""The objects that answers are made of, as the API specification 2.75.12 names their members."""

from typing import Literal

from wizard.sandbox.fields import Model
from wizard.sandbox.tripletex import Login
from wizard.sandbox.world import Company

_COMPANY_MEMBERS = (
    "id",
    "version",
    "url",
    "name",
    "displayName",
    "startDate",
    "endDate",
    "organizationNumber",
    "email",
    "phoneNumber",
    "address",
    "type",
    "currency",
    "accountantOrSimilar",
    "companyMigration",
    "invoiceShowDeliveryDate",
)
COMPANY = Model("CompanyDTO", _COMPANY_MEMBERS)
CLIENT = Model("ClientDTO", (*_COMPANY_MEMBERS, "customerCompanyId"))
EMPLOYEE = Model("EmployeeDTO", ("id", "version", "url", "firstName", "lastName", "displayName"))
LOGGED_IN_USER = Model(
    "LoggedInUserInfoDTO",
    (
        "employeeId",
        "actualEmployeeId",
        "companyId",
        "language",
        "loggedInWithConnect",
        "employeeIsProxy",
    ),
    {"employee": EMPLOYEE, "company": COMPANY},
)
ENTITLEMENT = Model(
    "EntitlementDTO", ("id", "version", "url", "entitlementId", "name"), {"employee": EMPLOYEE}
)
SALES_MODULE = Model("SalesModuleDTO", ("name", "costStartDate"))

Record = dict[str, object]


def company_record(company: Company, host: str, missing_number: Literal["absent", "null", "empty"]) -> Record:
    """A company; how one without organisation number shows is not documented."""
    record: Record = {
        "id": company.id,
        "version": 1,
        "url": f"{host}/v2/company/{company.id}",
        "name": company.name,
        "displayName": company.name,
        "startDate": "2015-01-01",
        "endDate": "2100-01-01",
        "organizationNumber": company.organization_number,
        "email": "",
        "phoneNumber": "",
        "address": None,
        "type": "AS",
        "currency": {"id": 1, "url": f"{host}/v2/currency/1"},
        "accountantOrSimilar": company.accountant_or_similar,
        "companyMigration": None,
        "invoiceShowDeliveryDate": False,
    }
    if company.organization_number is None:
        if missing_number == "absent":
            del record["organizationNumber"]
        elif missing_number == "empty":
            record["organizationNumber"] = ""
    return record


def client_record(company: Company, host: str, missing_number: Literal["absent", "null", "empty"]) -> Record:
    """A client as the client list shows it."""
    return company_record(company, host, missing_number) | {"customerCompanyId": company.customer_company_id}


def employee_record(employee_id: int, host: str) -> Record:
    """An employee; the real one holds national identity number and bank account too, so better not ask."""
    return {
        "id": employee_id,
        "version": 1,
        "url": f"{host}/v2/employee/{employee_id}",
        "firstName": "Demo",
        "lastName": "Bruker",
        "displayName": "Demo Bruker",
    }


def logged_in_user_record(login: Login, company: Record | None, host: str) -> Record:
    """Who is logged in, and where. For an office key in a client's company the values are inferred."""
    key = login.session.key
    return {
        "employeeId": key.owner_id,
        "actualEmployeeId": key.employee_id,
        "employee": employee_record(key.owner_id, host),
        "companyId": 0 if company is None else login.company.id,
        "company": company,
        "language": "no",
        "loggedInWithConnect": False,
        "employeeIsProxy": login.is_proxy,
    }


def entitlement_record(serial: int, right: str, employee: Record, host: str) -> Record:
    """One right of an employee."""
    return {
        "id": serial,
        "version": 0,
        "url": f"{host}/v2/employee/entitlement/{serial}",
        "employee": employee,
        "entitlementId": serial,
        "name": right,
    }
