"""Organisation numbers for invented companies."""

from collections.abc import Iterator

_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
_FIRST_STEM = 31_000_000  # real numbers start with 8 or 9, test numbers of public registers with 2 or 3


def check_digit(stem: str) -> str | None:
    """The ninth digit for eight given ones, None where mod 11 allows none (Brønnøysundregistrene's rule)."""
    remainder = sum(int(digit) * weight for digit, weight in zip(stem, _WEIGHTS, strict=True)) % 11
    return None if remainder == 1 else str((11 - remainder) % 11)


def demo_organisation_numbers() -> Iterator[str]:
    """Ever new nine-digit numbers that pass mod 11 and start with 3, so that none is a real company's."""
    stem = _FIRST_STEM
    while True:
        digit = check_digit(str(stem))
        if digit is not None:
            yield f"{stem}{digit}"
        stem += 1
