"""Settings for the behaviour of Tripletex that is not documented or not certain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wizard.sandbox import answers
from wizard.sandbox.answers import Gateway, Refusal
from wizard.sandbox.world import ACCOUNTING_REPORTS, ACCOUNTING_SETTINGS, ALL_VOUCHERS, FIGURES, Rights

HEADERS = (
    ("server", "tripletex.no"),
    ("vary", "accept-encoding"),
    ("cache-control", "no-store"),
    ("set-cookie", "JSESSIONID=0000000000; Path=/; Secure; HttpOnly"),
    ("set-cookie", "AWSALB=0000000000; Path=/"),
    ("set-cookie", "AWSALBCORS=0000000000; Path=/; Secure; SameSite=None"),
)
"""Observed on live responses; they show that there is a load balancer."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """The sandbox's behaviour where the facts about Tripletex leave a choice.

    The defaults are the most likely behaviour, but a client must cope with all values. ``sandbox.behaviour``
    can be replaced between two requests.

    Attributes:
        language: The language of the generic texts. Tripletex uses the user's language, and Norwegian (as
            observed) if there is no user.
        link: The documentation that refusals link to. In 2022 it was
            ``https://www.tripletex.no/tripletex-api-2-0/``.
        headers: The headers of all responses from Tripletex itself.
        chunked: Whether bodies are sent in chunks, without a length (often observed).
        version_digest: The ``versionDigest`` of lists. A sentence and null were observed.
        gateway: The responses of a gateway in front of Tripletex, by method and path such as
            ``POST /token/session/:create``, or ``*`` for all calls.
        refused: Calls that are refused for all keys, such as ``GET /balanceSheet`` with ``UNSPECIFIED``.

        post_refused: The response to ``POST :create``, or None if it works. PUT is deprecated since
            specification 2.74.00 and POST is new, so either may be missing. The response can be
            ``WRONG_METHOD`` (observed for wrong methods), ``METHOD_NOT_ALLOWED``, ``NO_SUCH_PATH``, or
            ``BAD_EMPLOYEE_TOKEN`` for a valid token (reported once).
        put_refused: The same for ``PUT :create``.
        arg_prefix: The methods for which ``:create`` adds ``arg:`` to field names (observed on PUT only).
        missing_value_code: The code for a missing date or body (the text was observed with other codes).
        bad_consumer_token: The response to an unknown consumer token, or one of the other environment
            (observed in full).
        bad_employee_token: The response to an unknown employee token (observed in part).
        wrong_application: The response to an employee token for another application.
        expired_key: The response to an expired employee token.
        deleted_key: The response to a deleted employee token.
        blocked_account: The response to a key of a company whose account is blocked. Whether it is 401 or
            403 is not known.
        new_key_revokes_old: Whether a key that is added later revokes the older ones of the same kind,
            company and application. Vendors contradict each other.
        deleted_key_ends_sessions: Whether sessions end when their key is deleted or expires.

        lacking_right: The response if a right or module is missing.
        figures_denied: What happens if a right to figures is missing: a refusal, an empty list, or an HTML
            page with status 200 (all were observed, on different calls).
        company_needs: The rights of which ``/company/{id}`` requires one; none if empty. They are not
            documented.
        sales_modules_need: The same for ``/company/salesmodules``.
        balances_need: The same for ``/balanceSheet``.
        fiscal_years_need: The same for ``/ledger/annualAccount``.
        accounts_need: The same for ``/ledger/account``.
        ledger_needs: The same for ``/ledger/postingByDate``, in addition to the right to all vouchers.
        not_all_vouchers: The response of ``postingByDate`` without the right to all vouchers ("a validation
            error").
        not_all_wages: The same without the right to wages, if access to them is controlled.
        postings_checked_first: Whether these two rights are checked even if there are no postings.
        last_day_of_year: Whether ``end`` of a fiscal year is the day after it, or its last day.
        max_hits: The number of hits above which a search is refused.
        entitlements_need_rights: Whether a key needs rights to read its own entitlements.
        client_entitlements: Whether ``/employee/entitlement/client`` ([BETA]) works at a client.
        client_entitlements_by: The meaning of its ``customerId``.

        company_owned: The response to an office key that is used like an ordinary key.
        office_key_may_delete_session: Whether an office key can delete its session. According to the
            documentation it can only make two other calls.
        office_key_names_company: Whether whoAmI returns the office for an office key. If not, the id is 0
            and the company null.
        no_client_access: The response to an office key at a client without Klienttilgang (401/3000 or
            403/9000).
        own_id_as_username: The response to an ordinary key with its own company's id as the username, or
            None if it works. One integrator got 401 and had to use ``0``.
        ordinary_client_list: The response of ``>withLoginAccess`` to an ordinary key.
        missing_number: The ``organizationNumber`` of a company that has none.
        full_result_size: The value of ``fullResultSize``, which is documented as inexact. It was observed to
            be one more than the values so far if there are more, and exact on the last page.
        max_page_size: The maximum number of values in a page, whatever ``count`` is. Only the default of
            ``count``, 1000, is documented.

        rate_limit: Requests per window for a key and consumer (100 was observed), or None for no limit.
            Responses have the rate headers if the key is known.
        rate_window: The length of a window in seconds (about 10 was observed).
        create_is_limited: Whether ``:create``, which has no login, counts too.
        too_many_requests: The response when the limit is exceeded.
        reset_on_429: Whether ``X-Rate-Limit-Reset`` is sent with 429 (missing since January 2025).
        retry_after_on_429: Whether ``Retry-After`` is sent with 429 (never observed).
        date_header: Whether responses have a ``Date``, from the sandbox's clock.
    """

    language: Literal["no", "en"] = "no"
    link: str = answers.LINK
    headers: tuple[tuple[str, str], ...] = HEADERS
    chunked: bool = True
    version_digest: str | None = "'If-None-Match' header not specified"
    gateway: Mapping[str, Gateway] = field(default_factory=dict)
    refused: Mapping[str, Refusal] = field(default_factory=dict)

    post_refused: Refusal | None = None
    put_refused: Refusal | None = None
    arg_prefix: frozenset[str] = frozenset({"PUT"})
    missing_value_code: int = 15000
    bad_consumer_token: Refusal = answers.BAD_CONSUMER_TOKEN
    bad_employee_token: Refusal = answers.BAD_EMPLOYEE_TOKEN
    wrong_application: Refusal = answers.BAD_EMPLOYEE_TOKEN
    expired_key: Refusal = answers.BAD_EMPLOYEE_TOKEN
    deleted_key: Refusal = answers.BAD_EMPLOYEE_TOKEN
    blocked_account: Refusal = answers.FORBIDDEN
    new_key_revokes_old: bool = False
    deleted_key_ends_sessions: bool = True

    lacking_right: Refusal = answers.FORBIDDEN
    figures_denied: Literal["refusal", "empty", "page"] = "refusal"
    company_needs: Rights = FIGURES
    sales_modules_need: Rights = FIGURES
    balances_need: Rights = frozenset({ACCOUNTING_REPORTS})
    fiscal_years_need: Rights = frozenset({ACCOUNTING_REPORTS, ACCOUNTING_SETTINGS})
    accounts_need: Rights = frozenset({ACCOUNTING_SETTINGS})
    ledger_needs: Rights = frozenset({ALL_VOUCHERS, ACCOUNTING_REPORTS, ACCOUNTING_SETTINGS})
    not_all_vouchers: Refusal = answers.NOT_ALL_VOUCHERS
    not_all_wages: Refusal = answers.NOT_ALL_WAGES
    postings_checked_first: bool = True
    last_day_of_year: Literal["after", "last"] = "after"
    max_hits: int = 10_000
    entitlements_need_rights: bool = False
    client_entitlements: Literal["served", "forbidden"] = "served"
    client_entitlements_by: Literal["id", "customer-company-id", "either"] = "either"

    company_owned: Refusal = answers.COMPANY_OWNED
    office_key_may_delete_session: bool = True
    office_key_names_company: bool = True
    no_client_access: Refusal = answers.UNAUTHORIZED
    own_id_as_username: Refusal | None = answers.UNAUTHORIZED

    ordinary_client_list: Literal["empty", "own-company", "forbidden"] = "empty"
    missing_number: Literal["absent", "null", "empty"] = "absent"
    full_result_size: Literal["one-more", "short", "long", "exact"] = "one-more"
    max_page_size: int = 1000

    rate_limit: int | None = 100
    rate_window: float = 10.0
    create_is_limited: bool = False
    too_many_requests: Refusal = answers.TOO_MANY_REQUESTS
    reset_on_429: bool = False
    retry_after_on_429: bool = False
    date_header: bool = True
