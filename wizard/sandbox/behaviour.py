"""Everything about Tripletex that nobody has documented or seen for certain, as switches."""

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
"""Seen on live answers: there is a load balancer in front."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How the sandbox behaves where the facts leave a choice.

    Each default is the most likely answer. A client is only right when it copes with the others too.
    Replace ``sandbox.behaviour`` while it is serving to change its ways between two requests.

    Attributes:
        language: Of the generic texts. Tripletex follows the user's language; without a user it was seen to
            speak Norwegian.
        link: The documentation that every refusal points to; it was
            ``https://www.tripletex.no/tripletex-api-2-0/`` in 2022.
        headers: On every answer of Tripletex itself.
        chunked: Bodies go out in chunks, without a length (often seen).
        version_digest: In list answers; a sentence and null were seen.
        gateway: Something in front of Tripletex answers these calls itself, by verb and path such as
            ``POST /token/session/:create``; ``*`` for all.
        refused: Calls that are refused whatever the key, such as ``GET /balanceSheet`` with ``UNSPECIFIED``.

        post_refused: How ``POST :create`` is refused, None when it is served. PUT is deprecated since
            specification 2.74.00 and POST is new, so either may be missing: ``WRONG_METHOD`` (how Tripletex
            was seen to report a wrong verb), ``METHOD_NOT_ALLOWED``, ``NO_SUCH_PATH``, or
            ``BAD_EMPLOYEE_TOKEN`` about a good token (one report).
        put_refused: The same for ``PUT :create``.
        arg_prefix: The verbs on which ``:create`` writes ``arg:`` in front of field names (seen on PUT only).
        missing_value_code: About a missing date or body (the text was seen, the code elsewhere).
        bad_consumer_token: An unknown consumer token, or one of the other environment (seen whole).
        bad_employee_token: An unknown employee token (the text was seen in part).
        wrong_application: An employee token made for another application.
        expired_key: An employee token past its date.
        deleted_key: An employee token that was deleted.
        blocked_account: A key of a company whose account is blocked (401 or 403, nobody knows).
        new_key_kills_old: A key added while serving ends the older ones of the same kind, company and
            application. Vendors contradict each other.
        deleted_key_ends_sessions: A key that is deleted or expires takes its running sessions with it.

        lacking_right: A right or module is missing.
        figures_denied: A missing right to figures is refused, silently filters all of them away, or gives
            an HTML page with status 200 (all were seen, on different calls).
        company_needs: ``/company/{id}`` needs any one of these rights; none when empty. No page says which.
        sales_modules_need: The same for ``/company/salesmodules``.
        balances_need: The same for ``/balanceSheet``.
        fiscal_years_need: The same for ``/ledger/annualAccount``.
        accounts_need: The same for ``/ledger/account``.
        ledger_needs: The same for ``/ledger/postingByDate`` before it asks for all vouchers.
        not_all_vouchers: ``postingByDate`` without the right to all vouchers ("a validation error").
        not_all_wages: The same without the right to wages, where access to them is controlled.
        postings_checked_first: These two come before the search; if not, an empty window is just empty.
        last_day_of_year: ``end`` of a fiscal year is the day after it, or its last day.
        hits_at_most: A search with more hits is refused.
        entitlements_need_rights: Without rights, a key cannot read its own entitlements either.
        client_entitlements: ``/employee/entitlement/client`` ([BETA]) is served at the client, or refused.
        client_entitlements_by: What its ``customerId`` is.

        company_owned: An office key used as an ordinary key.
        office_key_may_delete_session: The documented sentence allows office keys two calls, and ending a
            session is not one of them.
        office_key_names_company: whoAmI with an office key names the office. If not, the id is 0 and the
            company null.
        no_client_access: An office key logging on to a client without Klienttilgang (401/3000 or 403/9000).
        own_id_as_username: An ordinary key with its own company's id as username; None lets it in. One
            integrator saw 401 and solved it with ``0``.
        ordinary_client_list: What ``>withLoginAccess`` lists for an ordinary key.
        missing_number: How a company without organisation number shows.
        full_result_size: ``fullResultSize`` was seen to be one more than what was given out while there is
            more, and exact at the end; it is documented as not exact.
        largest_page: Values in a page at most, whatever ``count`` asks for; documented is only that ``count``
            is 1000 by default.

        rate_limit: Requests per window, key and consumer; None for no limit (100 was observed). Answers
            carry the rate headers once it is known whose key it is.
        rate_window: Seconds in a window (about 10 was observed).
        create_is_limited: ``:create``, which has no login, counts too.
        too_many_requests: The answer beyond the limit.
        reset_on_429: ``X-Rate-Limit-Reset`` is there on 429 too (known to be lacking since January 2025).
        retry_after_on_429: ``Retry-After`` is there on 429 (nobody has seen it).
        date_header: Answers carry ``Date``, by the sandbox's clock.
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
    new_key_kills_old: bool = False
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
    hits_at_most: int = 10_000
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
    largest_page: int = 1000

    rate_limit: int | None = 100
    rate_window: float = 10.0
    create_is_limited: bool = False
    too_many_requests: Refusal = answers.TOO_MANY_REQUESTS
    reset_on_429: bool = False
    retry_after_on_429: bool = False
    date_header: bool = True
