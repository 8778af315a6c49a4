"""Tokens in environment variables."""

from collections.abc import Mapping

from wizard.domain.codes import secrets, unknowns
from wizard.domain.finding import Finding
from wizard.domain.reference import EnvReference, describe
from wizard.domain.secret import Secret


class EnvSource:
    """Reads a token from the environment that the program was started with."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    async def get(self, reference: EnvReference) -> Secret | Finding:
        """Return what the variable holds."""
        value = self._environ.get(reference.name)
        if value is None:
            return unknowns.ENV_NOT_SET.found(name=reference.name)
        value = value.strip()
        return Secret(value) if value else secrets.SECRET_EMPTY.found(reference=describe(reference))
