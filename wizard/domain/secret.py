"""A type for tokens that prevents showing them by accident."""

import hashlib
import hmac
from typing import NoReturn, final

_SHOWN = "Secret(***)"


@final
class Secret:
    """A token that is masked in text, logs and errors, and cannot be pickled.

    ``reveal()`` is only called to send the value to Tripletex or to store it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value in plain text."""
        return self._value

    @property
    def fingerprint(self) -> str:
        """A short hash to distinguish keys, such as ``3f2a-c1``.

        These are 24 bits of SHA-256, which are useless for guessing a token with 122 random bits.
        """
        digest = hashlib.sha256(self._bytes()).hexdigest()
        return f"{digest[:4]}-{digest[4:6]}"

    def _bytes(self) -> bytes:
        # A paste may contain lone surrogates. Encoding must not raise, since the error would show it.
        return self._value.encode("utf-8", "surrogatepass")

    def __len__(self) -> int:
        return len(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._bytes(), other._bytes())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return _SHOWN

    def __str__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return format(_SHOWN, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied to disk")

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "Secret":
        return self
