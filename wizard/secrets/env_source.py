"""Tokens in environment variables."""

from collections.abc import Mapping

from wizard.domain.reference import EnvReference, describe
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes


class EnvSource:
    """Reads a token from the environment that the program was started with."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    async def get(self, reference: EnvReference) -> Secret | Finding:
        """Return what the variable holds."""
        value = self._environ.get(reference.name)
        if value is None:
            return codes.ENV_NOT_SET.found(name=reference.name)
        value = value.strip()
        return Secret(value) if value else codes.SECRET_EMPTY.found(reference=describe(reference))
