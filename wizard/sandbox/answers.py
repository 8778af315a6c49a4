"""Error responses with Tripletex's exact texts, the ``fields`` filter, and the parsing of parameters.

The envelope and its codes are those of the API specification 2.75.12. The texts are from public request logs
of integrators, unless a comment says otherwise. As in Tripletex, some are in Norwegian and some in English.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from starlette.datastructures import QueryParams

_LINK = "https://tripletex.no/v2-docs/"
COMPANY_OWNED_SENTENCE = (
    "Company owned users(employeeToken) can only access "
    "/token/session/>whoAmI & /company/>withLoginAccess in their own company."
)
"""From the first question of the official FAQ, which does not say what member of the response it is in."""


@dataclass(frozen=True)
class FieldError:
    """An item of ``validationMessages``."""

    field: str | None
    message: str
    path: str | None = None


@dataclass(frozen=True)
class Refusal:
    """An error response, without the request id.

    Attributes:
        status: The HTTP status.
        code: Tripletex's own code, or None if the specification has none.
        message: The generic text.
        developer_message: A second text, usually null.
        field_errors: ``validationMessages``, which is null if there are none.
    """

    status: int
    code: int | None
    message: str | None
    developer_message: str | None = None
    field_errors: tuple[FieldError, ...] = ()

    def with_field_prefix(self, prefix: str) -> "Refusal":
        """Return a copy with a prefix such as ``arg:`` on all fields and paths."""
        return replace(
            self,
            field_errors=tuple(
                FieldError(
                    field=entry.field and prefix + entry.field,
                    message=entry.message,
                    path=entry.path and prefix + entry.path,
                )
                for entry in self.field_errors
            ),
        )


class RefusedError(Exception):
    """Raised in an endpoint to send an error response."""

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
"""The response to a wrong method and to a raw ``>`` in the path: 400, with the actual status in the text."""
WRONG_CONTENT_TYPE = Refusal(400, 4000, "HTTP 415 Unsupported Media Type")  # by analogy with the above
INVALID_JSON = Refusal(422, 22000, "Invalid JSON")  # the code is documented, the text is a guess
TOO_MANY_REQUESTS = Refusal(429, None, "Too Many Requests")  # body not observed, and no code is documented


def bad_token(kind: Literal["consumer", "employee"]) -> Refusal:
    """Return the response of ``:create`` to an invalid token.

    It was observed in full for the consumer token, and in part for the employee token.
    """
    field = f"{kind}Token"
    text = f"The {kind} token is invalid or does not exist."
    return Refusal(422, 18000, "Validering feilet.", field_errors=(FieldError(field, text, field),))


BAD_CONSUMER_TOKEN = bad_token("consumer")
BAD_EMPLOYEE_TOKEN = bad_token("employee")


def cannot_be_null(*fields: str) -> Refusal:
    """Return the response to missing values. The code was observed on other endpoints only."""
    field_errors = tuple(FieldError(field, "Kan ikke være null.") for field in fields)
    return Refusal(422, 15000, "Validation failed", field_errors=field_errors)


def mapping_failed(field: str) -> Refusal:
    """Return the response to a value of the wrong type."""
    text = "Verdien er ikke av korrekt type for dette feltet."
    return Refusal(422, 16000, "Request mapping failed", field_errors=(FieldError(field, text),))


def invalid_date(field: str) -> Refusal:
    """Return the response to a date in the wrong format."""
    text = "Dato er ugyldig. Korrekt format er yyyy-mm-dd."
    return Refusal(422, 15000, "Validation failed", field_errors=(FieldError(field, text),))


def not_a_number(text: str) -> Refusal:
    """Return the response to a path or query parameter that should be a number."""
    return Refusal(422, 21000, f'Wrong data format! Expected number. For input string: "{text}"')


def below_minimum(field: str, least: int) -> Refusal:
    """Return the response to a number that is too small. Only the status 422 was observed."""
    return Refusal(
        422, 15000, "Validation failed", field_errors=(FieldError(field, f"Må være minimum {least}."),)
    )


def illegal_field(field: str, model: str) -> Refusal:
    """Return the response to a name in ``fields`` that is not in the model."""
    return Refusal(
        400,
        11000,
        f"Illegal field in fields filter: {field}. {field} does not match a field in the model: {model}",
    )


COMPANY_OWNED = replace(FORBIDDEN, message=COMPANY_OWNED_SENTENCE)
"""The response to an office key that is used like an ordinary key.

Only the sentence is documented, not the status, the code and the member that contains it.
"""


def _not_accessible(text: str) -> Refusal:
    return Refusal(
        422, 18000, "Validering feilet.", "VALIDATION_ERROR", field_errors=(FieldError(None, text),)
    )


# The documentation only says "Otherwise a validation error is returned"; code and text are guesses.
NOT_ALL_VOUCHERS = _not_accessible("Token must have access to all vouchers in the company.")
NOT_ALL_WAGES = _not_accessible("Token must have access to salary information.")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def envelope(refusal: Refusal, *, request_id: str) -> dict[str, object]:
    """Return the JSON object for a refusal, with the members in the order of the specification."""
    field_errors = [
        {"field": entry.field, "message": entry.message, "path": entry.path, "rootId": None}
        for entry in refusal.field_errors
    ]
    return {
        "status": refusal.status,
        "code": refusal.code,
        "message": refusal.message,
        "link": _LINK,
        "developerMessage": refusal.developer_message,
        "validationMessages": field_errors or None,
        "requestId": request_id,
    }


@dataclass(frozen=True)
class Gateway:
    """A response from a gateway in front of Tripletex, which has no envelope, code or request id."""

    status: int
    body: str
    content_type: str


DENIAL_PAGE = Gateway(
    200,
    "<!DOCTYPE html><html><body>Du har ikke tilgang til denne funksjonen.</body></html>",
    "text/html;charset=UTF-8",
)
"""Observed on older routes instead of 403."""


@dataclass(frozen=True)
class Model:
    """The members of an object: ``plain`` values, and ``nested`` objects."""

    name: str
    plain: tuple[str, ...]
    nested: Mapping[str, "Model"] = field(default_factory=dict)

    def __contains__(self, member: str) -> bool:
        return member in self.plain or member in self.nested


Selection = dict[str, "Selection | None"]
"""The selected members; None for a nested object means its ``id`` and ``url``."""


def parse_fields(text: str | None, model: Model) -> Selection:
    """Parse a ``fields`` parameter.

    Raises:
        RefusedError: If a name is not in the model or the brackets do not match.
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
    """Return the selected members of a record, without those that it does not have."""
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
    """Yield the names at the top level, each with the text in its brackets."""
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


def number_parameter(query: QueryParams, name: str, *, default: int | None) -> int:
    """Return a non-negative integer parameter, which is required if there is no default.

    Raises:
        RefusedError: If the parameter is missing, not a number, or negative.
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


def parse_date(text: str | None, name: str) -> date:
    """Parse a required date.

    Raises:
        RefusedError: If the date is missing or not of the form YYYY-MM-DD.
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
    """Encode a value as compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
