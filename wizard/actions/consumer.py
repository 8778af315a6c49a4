"""Finds the application's token (consumer token) in the order that the contract gives."""

from pathlib import Path

from wizard.actions.context import STORES, AppContext
from wizard.domain.environment import Environment
from wizard.domain.reference import EnvReference, Reference
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes

VARIABLE = "TRIPLETEX_CONSUMER_TOKEN"

_NOTHING_THERE = {
    codes.NOT_IN_KEYRING,
    codes.NO_KEYRING,
    codes.STORE_REFUSED,
    codes.SECRET_FILE_MISSING,
    codes.KEYRING_NOT_HERE,
}


def consumer_entry(environment: Environment, application: str) -> str:
    """Return the name under which a store keeps an application's token."""
    return f"{environment}/consumer/{application}"


async def find_consumer_token(
    context: AppContext,
    environment: Environment,
    application: str,
    configured: Reference | None = None,
    config_path: Path | None = None,
) -> Secret | Finding:
    """Return the consumer token, or why it cannot be had.

    The config's own reference, else ``TRIPLETEX_CONSUMER_TOKEN``, else the site's defaults, else
    the secret store. A reference that is given but leads nowhere is reported as such: going
    on to the next place would hide the mistake.
    """
    resolver = context.resolver()
    if configured is not None:
        return _known(
            await resolver.resolve(configured, config_path=config_path, environment=environment), configured
        )
    if context.environ.get(VARIABLE):
        return await resolver.resolve(EnvReference(VARIABLE), config_path=None, environment=environment)
    if (default := context.defaults.consumer_token) is not None:
        return await resolver.resolve(default, config_path=None, environment=environment)
    return await _stored(context, consumer_entry(environment, application))


async def _stored(context: AppContext, name: str) -> Secret | Finding:
    """Return what one of the stores has under a name; a missing keyring has nothing."""
    for kind in STORES:
        store = context.store(kind)
        found = await store.get(store.reference(name))
        if isinstance(found, Secret) or found.code not in _NOTHING_THERE:
            return found
    return codes.CONSUMER_TOKEN_MISSING.found()


def _known(found: Secret | Finding, reference: Reference) -> Secret | Finding:
    if isinstance(found, Finding) and isinstance(reference, EnvReference) and reference.name == VARIABLE:
        # The contract's own example names this variable: unset, there simply is no token.
        return codes.CONSUMER_TOKEN_MISSING.found()
    return found
