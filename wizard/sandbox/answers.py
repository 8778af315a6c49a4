"""What Tripletex answers: refusals word for word, the ``fields`` filter, and lists page by page.

The envelope and its codes are those of the API specification 2.75.12; the texts were seen by integrators in
public request logs, unless a comment says otherwise. They are mixed Norwegian and English because
Tripletex's are.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from starlette.datastructures import QueryParams

LINK = "https://tripletex.no/v2-docs/"
COMPANY_OWNED_SENTENCE = (
    "Company owned users(employeeToken) can only access "
    "/token/session/>whoAmI & /company/>withLoginAccess in their own company."
)
"""Official documentation, first question of its FAQ; where in the answer it stands is not documented."""


@dataclass(frozen=True)
class Complaint:
    """One entry of ``validationMessages``."""

    field: str | None
    message: str
    path: str | None = None


@dataclass(frozen=True)
class Refusal:
    """An error answer: everything but the request id, which differs each time.

    Attributes:
        status: HTTP status.
        code: Tripletex's own code, None where the specification lists none.
        message: The generic text.
        developer_message: A second text, mostly null.
        complaints: ``validationMessages``; null when empty.
    """

    status: int
    code: int | None
    message: str | None
    developer_message: str | None = None
    complaints: tuple[Complaint, ...] = ()

    def with_field_prefix(self, prefix: str) -> "Refusal":
        """The same refusal with ``arg:`` or the like in front of every field and path."""
        return replace(
            self,
            complaints=tuple(
                Complaint(
                    field=complaint.field and prefix + complaint.field,
                    message=complaint.message,
                    path=complaint.path and prefix + complaint.path,
                )
                for complaint in self.complaints
            ),
        )


class RefusedError(Exception):
    """Raised anywhere in an endpoint to answer with a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


UNAUTHORIZED = Refusal(
    401, 3000, "Unauthorized", "Could not log in. Check login info in Authorization header."
)
FORBIDDEN = Refusal(403, 9000, "You do not have permission to access this feature.")
OBJECT_NOT_FOUND = Refusal(404, 6000, "Object not found")
NO_SUCH_PATH = Refusal(404, 21000, "HTTP 404 Not Found")
WRONG_METHOD = Refusal(400, 4000, "HTTP 405 Method Not Allowed")
"""A wrong verb, and also a raw ``>`` in the path, come as 400 with the real status in the text."""
METHOD_NOT_ALLOWED = Refusal(405, 4000, "HTTP 405 Method Not Allowed")  # not seen
WRONG_CONTENT_TYPE = Refusal(400, 4000, "HTTP 415 Unsupported Media Type")  # by analogy with the above
INVALID_JSON = Refusal(422, 22000, "Invalid JSON")  # the code is documented, the text is a guess
UNSPECIFIED = Refusal(500, 1000, None)  # seen with 1002 as well
TOO_MANY_HITS = Refusal(422, 23000, "Limit of 10.000 reached")
"""``count`` limits the output only: a search with more hits than this is refused (official FAQ)."""
TOO_MANY_REQUESTS = Refusal(429, None, "Too Many Requests")  # the body was never seen; no code is listed


def bad_token(kind: Literal["consumer", "employee"]) -> Refusal:
    """How ``:create`` refuses a token: seen whole for the consumer token, in part for the employee token."""
    field = f"{kind}Token"
    text = f"The {kind} token is invalid or does not exist."
    return Refusal(422, 18000, "Validering feilet.", complaints=(Complaint(field, text, field),))


BAD_CONSUMER_TOKEN = bad_token("consumer")
BAD_EMPLOYEE_TOKEN = bad_token("employee")


def cannot_be_null(*fields: str, code: int = 15000) -> Refusal:
    """Values are missing. The text was seen here, the code on other endpoints."""
    complaints = tuple(Complaint(field, "Kan ikke være null.") for field in fields)
    return Refusal(422, code, "Validation failed", complaints=complaints)


def no_body(code: int = 15000) -> Refusal:
    """A POST without a body; this text has no full stop."""
    return Refusal(
        422, code, "Validation failed", complaints=(Complaint("request body", "Kan ikke være null"),)
    )


def mapping_failed(field: str, text: str = "Verdien er ikke av korrekt type for dette feltet.") -> Refusal:
    """A value of the wrong type, or (with its own text) a property that does not exist."""
    return Refusal(422, 16000, "Request mapping failed", complaints=(Complaint(field, text),))


def invalid_date(field: str) -> Refusal:
    """Not a date in the one form that is taken."""
    text = "Dato er ugyldig. Korrekt format er yyyy-mm-dd."
    return Refusal(422, 15000, "Validation failed", complaints=(Complaint(field, text),))


def not_a_number(text: str) -> Refusal:
    """Letters where a number belongs, in the path or the query."""
    return Refusal(422, 21000, f'Wrong data format! Expected number. For input string: "{text}"')


def below_minimum(field: str, least: int) -> Refusal:
    """A number that is too small: 422 was seen, the rest is by analogy."""
    return Refusal(
        422, 15000, "Validation failed", complaints=(Complaint(field, f"Må være minimum {least}."),)
    )


def illegal_field(field: str, model: str) -> Refusal:
    """A name in ``fields`` that the model does not have."""
    return Refusal(
        400,
        11000,
        f"Illegal field in fields filter: {field}. {field} does not match a field in the model: {model}",
    )


def illegal_sorting(field: str) -> Refusal:
    """A name in ``sorting`` that the model does not have."""
    return Refusal(422, 17000, f"Field specified for use in sorting does not exist: {field}")


def company_owned(
    place: Literal["message", "developerMessage", "validationMessages"] = "message",
    *,
    status: int = 403,
    code: int = 9000,
) -> Refusal:
    """An office key used as an ordinary one. The sentence is documented; status, code and place are not."""
    refusal = replace(FORBIDDEN, status=status, code=code)
    if place == "message":
        return replace(refusal, message=COMPANY_OWNED_SENTENCE)
    if place == "developerMessage":
        return replace(refusal, developer_message=COMPANY_OWNED_SENTENCE)
    return replace(refusal, complaints=(Complaint(None, COMPANY_OWNED_SENTENCE),))


COMPANY_OWNED = company_owned()


def _not_accessible(text: str) -> Refusal:
    return Refusal(422, 18000, "Validering feilet.", "VALIDATION_ERROR", complaints=(Complaint(None, text),))


# "Otherwise a validation error is returned" is all that is documented; code and text are guesses.
NOT_ALL_VOUCHERS = _not_accessible("Token must have access to all vouchers in the company.")
NOT_ALL_WAGES = _not_accessible("Token must have access to salary information.")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ENGLISH = {  # the English texts are guesses, but for the first
    "Validering feilet.": "Validation failed.",
    "Kan ikke være null.": "Cannot be null.",
    "Kan ikke være null": "Cannot be null",
    "Verdien er ikke av korrekt type for dette feltet.": "The value is of the wrong type for this field.",
    "Feltet eksisterer ikke i objektet.": "The field does not exist in the object.",
    "Dato er ugyldig. Korrekt format er yyyy-mm-dd.": "The date is invalid. The format is yyyy-mm-dd.",
}


def envelope(
    refusal: Refusal, *, request_id: str, language: Literal["no", "en"] = "no", link: str = LINK
) -> dict[str, object]:
    """The JSON object of a refusal, its members in the order of the specification."""

    def spoken(text: str | None) -> str | None:
        return _ENGLISH.get(text, text) if text and language == "en" else text

    complaints = [
        {
            "field": complaint.field,
            "message": spoken(complaint.message),
            "path": complaint.path,
            "rootId": None,
        }
        for complaint in refusal.complaints
    ]
    return {
        "status": refusal.status,
        "code": refusal.code,
        "message": spoken(refusal.message),
        "link": link,
        "developerMessage": refusal.developer_message,
        "validationMessages": complaints or None,
        "requestId": request_id,
    }


@dataclass(frozen=True)
class Gateway:
    """An answer of a gateway in front of Tripletex: no envelope, no code, no request id.

    Attributes:
        status: HTTP status.
        body: As it is sent.
        content_type: Its label.
    """

    status: int
    body: str
    content_type: str


GATEWAY_FORBIDDEN = Gateway(403, '{"message":"Forbidden"}', "application/json")
GATEWAY_METHOD_NOT_ALLOWED = Gateway(
    405, "<html><body><h1>405 Not Allowed</h1></body></html>", "text/html; charset=utf-8"
)
GATEWAY_NOT_IMPLEMENTED = Gateway(501, "", "text/plain")
DENIAL_PAGE = Gateway(
    200,
    "<!DOCTYPE html><html><body>Du har ikke tilgang til denne funksjonen.</body></html>",
    "text/html;charset=UTF-8",
)
"""What older routes were seen to answer instead of 403."""


@dataclass(frozen=True)
class Model:
    """The members an object may have; those that are objects themselves under ``nested``."""

    name: str
    plain: tuple[str, ...]
    nested: Mapping[str, "Model"] = field(default_factory=dict)

    def __contains__(self, member: str) -> bool:
        return member in self.plain or member in self.nested


Selection = dict[str, "Selection | None"]
"""Wanted members; None under a nested one means its stub."""


def parse_fields(text: str | None, model: Model) -> Selection:
    """Read a ``fields`` parameter.

    Raises:
        RefusedError: A name is not in the model, or the brackets do not match.
    """
    selection: Selection = {}
    for name, inner in _split(text or "*", model):
        if name == "*" and inner is None:
            selection = dict.fromkeys((*model.plain, *model.nested)) | selection
        elif name not in model or (inner is not None and name not in model.nested):
            raise RefusedError(illegal_field(name, model.name))
        else:
            selection[name] = None if inner is None else parse_fields(inner, model.nested[name])
    return selection


def select(record: Mapping[str, object], selection: Selection) -> dict[str, object]:
    """The wanted part of a record; a member that the record lacks stays away."""
    wanted: dict[str, object] = {}
    for name, inner in selection.items():
        if name not in record:
            continue
        value = record[name]
        if isinstance(value, dict):
            wanted[name] = select(value, {"id": None, "url": None} if inner is None else inner)
        else:
            wanted[name] = value
    return wanted


def _split(text: str, model: Model) -> Iterator[tuple[str, str | None]]:
    """Names at the top level, each with the text inside its brackets."""
    depth, start = 0, 0
    for position, char in enumerate(f"{text},"):
        depth += (char == "(") - (char == ")")
        if depth < 0:
            break
        if char == "," and depth == 0:
            name, bracket, inner = text[start:position].strip().partition("(")
            if bracket and not inner.endswith(")"):
                raise RefusedError(illegal_field(text, model.name))
            yield name, inner.removesuffix(")") if bracket else None
            start = position + 1
    if depth != 0:
        raise RefusedError(illegal_field(text, model.name))


def number_in(query: QueryParams, name: str, *, default: int | None) -> int:
    """A parameter that is a number from 0 on; without a default it is required.

    Raises:
        RefusedError: It is not.
    """
    text = query.get(name)
    if text is None:
        if default is None:
            raise RefusedError(cannot_be_null(name))
        return default
    try:
        value = int(text)
    except ValueError:
        raise RefusedError(not_a_number(text)) from None
    if value < 0:
        raise RefusedError(below_minimum(name, 0))
    return value


def date_in(text: str | None, name: str) -> date:
    """A date that must be there, in the one form that is taken.

    Raises:
        RefusedError: It is missing, or no date.
    """
    if text is None:
        raise RefusedError(cannot_be_null(name))
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise RefusedError(invalid_date(name))


def json_bytes(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
