"""Finds the application's token (consumer token) in the order that the contract gives."""

from pathlib import Path

from wizard.actions.surroundings import Surroundings
from wizard.domain.codes import secrets, unknowns
from wizard.domain.environment import Environment
from wizard.domain.finding import Finding
from wizard.domain.reference import EnvReference, KeyringReference, Reference
from wizard.domain.secret import Secret

VARIABLE = "TRIPLETEX_CONSUMER_TOKEN"


def consumer_entry(environment: Environment, application: str) -> str:
    """Return the name under which a store keeps an application's token."""
    return f"{environment}/consumer/{application}"


async def find_consumer_token(
    surroundings: Surroundings,
    environment: Environment,
    application: str,
    configured: Reference | None = None,
    config_path: Path | None = None,
) -> Secret | Finding:
    """Return the consumer token, or why it cannot be had.

    The config's own reference, else ``TRIPLETEX_CONSUMER_TOKEN``, else the site's defaults, else
    the secret store. A reference that is given and does not lead anywhere is told as such: going
    on to the next place would hide the mistake.
    """
    resolver = surroundings.resolver()
    if configured is not None:
        return _known(await resolver.resolve(configured, config_path=config_path), configured)
    if surroundings.environ.get(VARIABLE):
        return await resolver.resolve(EnvReference(VARIABLE), config_path=None)
    if (default := surroundings.defaults.consumer_token) is not None:
        return await resolver.resolve(default, config_path=None)
    entry = KeyringReference(consumer_entry(environment, application))
    stored = await resolver.resolve(entry, config_path=None)
    if isinstance(stored, Finding) and stored.code in {secrets.NOT_IN_KEYRING, secrets.NO_KEYRING}:
        return unknowns.CONSUMER_TOKEN_MISSING.found()
    return stored


def _known(found: Secret | Finding, reference: Reference) -> Secret | Finding:
    if isinstance(found, Finding) and isinstance(reference, EnvReference) and reference.name == VARIABLE:
        # The contract's own example names this variable: unset, there simply is no token.
        return unknowns.CONSUMER_TOKEN_MISSING.found()
    return found
