"""Makes text from the other side fit to be shown: one line, no control characters, none of our tokens."""

import base64
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from wizard.domain.secret import Secret

_LONGEST: Final = 200
_SHORTEST_FORM: Final = 8
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Scrub:
    """Knows the tokens of a key, so that an answer cannot smuggle them onto a screen."""

    def __init__(self, *secrets: Secret) -> None:
        self._secrets = secrets
        self._forms = tuple(Secret(form) for secret in secrets for form in _forms(secret))

    def knowing(self, secret: Secret) -> "Scrub":
        """Return one that knows another token too."""
        return Scrub(*self._secrets, secret)

    def line(self, text: str) -> str:
        """Return a text as one printable line; empty when nothing is left or a token was in it."""
        visible = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in text[:_LONGEST])
        shown = " ".join(visible.split())
        return "" if self._holds_token(text) or self._holds_token(shown) else shown

    def request_id(self, text: str | None) -> str | None:
        """Return a request id, or None when it is not one."""
        if text is None or not _REQUEST_ID.fullmatch(text) or self._holds_token(text):
            return None
        return text

    def _holds_token(self, text: str) -> bool:
        folded = "".join(text.split()).casefold()
        # A part of a token is as bad as the whole: compare both ways.
        is_long = len(folded) >= _SHORTEST_FORM
        return any(form.reveal() in folded or (is_long and folded in form.reveal()) for form in self._forms)


def _forms(secret: Secret) -> Iterator[str]:
    """The token as it is sent, and the value wrapped inside it."""
    value = secret.reveal()
    forms = [value]
    with suppress(ValueError):  # not base64
        forms += _UUID.findall(base64.b64decode(value, validate=True).decode("latin-1"))
    yield from (form.casefold() for form in forms if len(form) >= _SHORTEST_FORM)
