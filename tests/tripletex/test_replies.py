import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.keys import make_key
from tests.support.rows import every_row
from tests.support.sandbox import COMPANY_OWNED_SENTENCE
from wizard.domain.redaction import Scrub
from wizard.tripletex.client import ClientList, ClientPage
from wizard.tripletex.errors import (
    Flaw,
    NotTripletex,
    RateLimited,
    Refused,
    ServerTrouble,
    TokenKind,
    TripletexError,
    Unintelligible,
)
from wizard.tripletex.models import Client, Company
from wizard.tripletex.rate_limit import Allowance
from wizard.tripletex.replies import (
    Json,
    read_client,
    read_company,
    read_key_id,
    read_reply,
    read_session_token,
    read_who_am_i,
)
from wizard.tripletex.transport import RawResponse

PATIENCE = 10.0
SCRUB = Scrub(make_key(4711))
JSON = "application/json"


def answer(status: int, body: object, media_type: str = JSON, request_id: str | None = None) -> RawResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawResponse(status, request_id, media_type, Allowance(), content)


def refusal(status: int, body: object) -> Refused:
    with pytest.raises(Refused) as raised:
        read_reply(answer(status, body), SCRUB)
    return raised.value


def envelope(
    code: int | None, *complaints: tuple[str | None, str], message: str = "Validering feilet."
) -> object:
    return {
        "status": 422,
        "code": code,
        "message": message,
        "developerMessage": None,
        "validationMessages": [
            {"field": field, "message": text, "path": field, "rootId": None} for field, text in complaints
        ]
        or None,
        "requestId": "3f2a",
    }


def test_the_value_is_returned_whatever_its_content_type() -> None:
    for media_type in JSON, "text/html":
        reply = read_reply(answer(201, {"value": {"id": 7}}, media_type), SCRUB)
        assert reply.within("value").integer("id") == 7
    empty = read_reply(answer(204, b"", ""), SCRUB)
    with pytest.raises(Unintelligible):
        empty.within("value")


@every_row(
    ("field", "text", "token"),
    [
        ("arg:consumerToken", "The consumer token is invalid or does not exist.", TokenKind.CONSUMER),
        ("consumerToken", "", TokenKind.CONSUMER),
        ("employeeToken", "", TokenKind.EMPLOYEE),
        ("body.employeeToken", "", TokenKind.EMPLOYEE),
        ("ARG:EmployeeToken", "", TokenKind.EMPLOYEE),
        (None, "The employee token is invalid or does not exist.", TokenKind.EMPLOYEE),
        (None, "the Consumer Token is no good", TokenKind.CONSUMER),
        # The field is worth more than the text.
        ("employeeToken", "does not fit the consumer token", TokenKind.EMPLOYEE),
        (None, "The employee token was not made for this consumer token.", TokenKind.EMPLOYEE),
        (None, "Kan ikke være null.", None),
    ],
)
def test_the_refused_token_is_named(field: str | None, text: str, token: TokenKind | None) -> None:
    refused = refusal(422, envelope(18000, (field, text)))
    assert (refused.status, refused.code, refused.token) == (422, 18000, token)
    assert refused.request_id == "3f2a"


def test_if_both_tokens_are_refused_the_first_one_checked_is_named() -> None:
    refused = refusal(422, envelope(18000, ("employeeToken", ""), ("consumerToken", "")))
    assert refused.token is TokenKind.CONSUMER


def test_only_fields_that_are_known_are_kept() -> None:
    refused = refusal(422, envelope(15000, (make_key(4711).reveal(), ""), ("arg:expirationDate", "")))
    assert refused.fields == {"expirationDate"}


@every_row("status", [400, 401, 403, 404, 422, 500, 503])
@every_row(
    "sentence",
    [
        COMPANY_OWNED_SENTENCE,
        COMPANY_OWNED_SENTENCE.upper(),
        "Company-owned user can only access some things",
        "Note: company  owned users(employeeToken) …",
    ],
)
@every_row("place", ["message", "developerMessage", "validationMessages"])
def test_the_sentence_about_office_keys_is_recognised_in_every_field(
    status: int, sentence: str, place: str
) -> None:
    body = {"status": status, "code": 9000, "message": "x"}
    body[place] = [{"field": None, "message": sentence}] if place == "validationMessages" else sentence
    assert refusal(status, body).company_owned


@every_row(
    ("status", "body", "media_type", "expected"),
    [
        (429, b"", "", RateLimited),
        (429, b"<html>", "text/html", RateLimited),
        (500, {"code": 1000, "message": "Unspecified exception"}, JSON, ServerTrouble),
        (403, {"message": "Forbidden"}, JSON, NotTripletex),
        (403, {"code": 9000, "message": "no request id"}, JSON, NotTripletex),
        (403, {"requestId": "3f2a", "message": "no code"}, JSON, NotTripletex),
        (503, b"<html>", "text/html", ServerTrouble),
        (501, b"", "", ServerTrouble),
        (404, b"<html>", "text/html", NotTripletex),
        (404, {"detail": "Not Found"}, JSON, NotTripletex),
        (407, b"", "", NotTripletex),
        (200, b"<!DOCTYPE html>", "text/html", NotTripletex),
        (200, b" <html>", JSON, NotTripletex),
        (200, b"OK", "text/plain", NotTripletex),
        (200, b'{"value": {"tok', JSON, Unintelligible),
        (200, b"[1, 2]", JSON, Unintelligible),
        (200, b"\xff\xfe", JSON, Unintelligible),
        (200, b"[" * 100_000, JSON, Unintelligible),
        (200, b'{"value": ' + b"9" * 5000 + b"}", JSON, Unintelligible),
    ],
)
def test_every_other_response_has_its_kind_of_error(
    status: int, body: object, media_type: str, expected: type[TripletexError]
) -> None:
    with pytest.raises(expected):
        read_reply(answer(status, body, media_type), SCRUB)


def test_a_request_id_that_is_a_token_is_dropped() -> None:
    body = {"code": 3000, "message": "Unauthorized", "requestId": make_key(4711).reveal()[:60]}
    with pytest.raises(NotTripletex) as raised:
        read_reply(answer(401, body), SCRUB)
    assert raised.value.request_id is None


def test_the_repr_of_a_response_contains_none_of_its_body() -> None:
    token = make_key(99).reveal()
    reply = read_reply(answer(200, {"value": {"token": token}}), SCRUB)
    assert token not in repr(answer(200, {"token": token}))
    assert token not in repr(reply) + str(reply) + repr(reply.within("value"))


@every_row("token", ["", None, 5, "two\nlines", "blåbær", "\ud800", "x" * 2001, "tab\t", "del\x7f", ["x"]])
def test_a_malformed_session_token_is_refused(token: object) -> None:
    with pytest.raises(Unintelligible) as raised:
        read_session_token(Json({"token": token}))
    assert (raised.value.flaw, raised.value.where) == (Flaw.WRONG_TYPE, "token")


@every_row("number", [0, -1, True, 1.0, "5", None, 2**63, []])
def test_a_malformed_client_id_is_refused(number: object) -> None:
    with pytest.raises(Unintelligible):
        read_client(Json({"id": number, "name": "x"}), SCRUB)


@every_row(
    ("member", "read"),
    [
        ("974 760 673", "974760673"),
        ("NO974760673MVA", "974760673"),
        (974760673, "974760673"),
        ("", None),
        (None, None),
        ("under stiftelse", None),
        ({}, None),
    ],
)
def test_organisation_numbers_are_normalised(member: object, read: str | None) -> None:
    assert read_client(Json({"id": 1, "organizationNumber": member}), SCRUB).org_number == read


def test_a_client_without_a_name_gets_its_display_name() -> None:
    value = Json({"id": 1, "name": "", "displayName": "Fisk AS", "customerCompanyId": 2})
    assert (read_client(value, SCRUB).id, read_client(value, SCRUB).name) == (1, "Fisk AS")


def test_who_am_i_of_an_office_key_can_name_no_company() -> None:
    me = read_who_am_i(Json({"companyId": 0, "company": None}), SCRUB)
    assert (me.company_id, me.company) == (None, None)
    me = read_who_am_i(Json({"companyId": 0, "company": {"id": 0, "name": "Kontoret AS"}}), SCRUB)
    assert (me.company_id, me.company) == (None, Company(None, "Kontoret AS", None))


async def test_an_endless_list_is_given_up() -> None:
    async def fetch(start: int) -> ClientPage:
        return ClientPage(tuple(Client(start + n + 1, "", None) for n in range(1000)), None)

    with pytest.raises(Unintelligible) as raised:
        await ClientList(fetch, PATIENCE).read()
    assert raised.value.flaw is Flaw.ENDLESS


async def test_a_server_that_repeats_one_page_is_noticed() -> None:
    async def fetch(_: int) -> ClientPage:
        return ClientPage(tuple(Client(n + 1, "", None) for n in range(1000)), None)

    listing = ClientList(fetch, PATIENCE)
    await listing.read()
    assert len(listing.clients) == 1000


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
MEMBERS = [
    *("value", "values", "id", "name", "displayName", "organizationNumber", "companyId", "company"),
    *("token", "employeeToken", "expirationDate", "code", "message", "developerMessage"),
    *("validationMessages", "requestId", "field", "path"),
]
ENVELOPES = st.dictionaries(st.sampled_from(MEMBERS), ANYTHING, max_size=6)


@given(
    status=st.integers(200, 599),
    body=st.binary(max_size=50) | (ANYTHING | ENVELOPES).map(lambda value: json.dumps(value).encode()),
    media_type=st.sampled_from([JSON, "text/html", ""]),
)
def test_any_response_raises_only_tripletex_errors(status: int, body: bytes, media_type: str) -> None:
    try:
        read_reply(answer(status, body, media_type), SCRUB)
    except TripletexError as error:
        repr(error).encode()


@given(value=ENVELOPES)
def test_any_value_raises_only_tripletex_errors(value: dict[str, object]) -> None:
    for read in (
        read_session_token,
        read_key_id,
        lambda value: read_who_am_i(value, SCRUB),
        lambda value: read_company(value, SCRUB, 1),
        lambda value: read_client(value, SCRUB),
        lambda value: [read_client(each, SCRUB) for each in value.each("values", most=9)],
    ):
        try:
            read(Json(value))
        except TripletexError:
            continue


@given(
    answers=st.lists(st.lists(st.integers(1, 30), max_size=12), min_size=1, max_size=8),
    confirms=st.booleans(),
)
async def test_every_list_ends(answers: list[list[int]], confirms: bool) -> None:  # noqa: FBT001 - hypothesis
    asked: list[int] = []

    async def fetch(start: int) -> ClientPage:
        ids = answers[min(len(asked), len(answers) - 1)]
        asked.append(start)
        return ClientPage(tuple(read_client(Json({"id": number}), SCRUB) for number in ids), None)

    listing = ClientList(fetch, PATIENCE)
    await listing.read()
    if confirms:
        await listing.confirm()
    found = [client.id for client in listing.clients]
    assert len(found) == len(set(found))
    assert asked == sorted(asked)
