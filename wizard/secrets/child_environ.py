"""What other programs are given of the environment: everything but tokens of Tripletex."""

from collections.abc import Mapping

from wizard.domain.environment import Environment
from wizard.domain.key import read_key


def without_tokens(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a program that the wizard starts; those of vaults are its own business."""
    return {name: value for name, value in environ.items() if not _is_token(name, value)}


def _is_token(name: str, value: str) -> bool:
    if name.startswith("TRIPLETEX_") and "TOKEN" in name:
        return True
    return read_key(value, Environment.PRODUCTION).number is not None
