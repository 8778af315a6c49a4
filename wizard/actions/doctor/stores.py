"""Whether keys can be kept here, and whether the application's token is known."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.actions.consumer import VARIABLE, consumer_entry, find_consumer_token
from wizard.actions.context import AppContext
from wizard.actions.doctor.machine import Machine
from wizard.actions.doctor.observation import Fact, FactValue, Observation, Part
from wizard.domain.environment import Environment
from wizard.domain.reference import EnvReference, KeyringReference, Reference, describe
from wizard.domain.setup import DEFAULT_APPLICATION
from wizard.findings import Finding, codes
from wizard.secrets import FileStore, KeyringStore
from wizard.secrets.daemon_calls import DaemonCalls

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_PATIENCE: Final = 3.0
_OTHERS: Final = 0o077

# A server has no keyring, and a site need not know the application's token: neither is a fault.
_NO_FAULT: Final = frozenset({codes.NO_KEYRING, codes.CONSUMER_TOKEN_MISSING, codes.KEYRING_NOT_HERE})


async def keyring(machine: Machine) -> Observation:
    """Which keyring would be used, and whether it gives back what it is given."""
    environ = machine.context.environ

    def choose() -> "KeyringBackend | Finding":
        from wizard.secrets.keyring_backends import choose_backend  # noqa: PLC0415 - slow to import

        return choose_backend(environ)

    facts: dict[Fact, FactValue] = {Fact.BACKEND: None, Fact.ROUND_TRIP: False}
    try:
        backend = await DaemonCalls(_PATIENCE).run(choose)
    except TimeoutError:
        return _judged(Part.KEYRING, facts, codes.STORE_SILENT.found(seconds=f"{_PATIENCE:g}"))
    if isinstance(backend, Finding):
        return _judged(Part.KEYRING, facts, backend)
    facts[Fact.BACKEND] = f"{type(backend).__module__}.{type(backend).__qualname__}"
    finding = await KeyringStore(backend, environ=environ, deadline=_PATIENCE).probe()
    facts[Fact.ROUND_TRIP] = finding is None
    return _judged(Part.KEYRING, facts, finding)


async def private_files(machine: Machine) -> Observation:
    """Whether private files can be kept. What did not exist before does not exist afterwards."""
    folder = machine.context.key_folder
    made = list(_missing(folder))
    finding = await FileStore(folder, deadline=_PATIENCE).probe()
    for path in made:
        try:
            path.rmdir()
        except OSError:
            break  # somebody has put something there meanwhile
    umask = _umask()
    facts: dict[Fact, FactValue] = {
        Fact.FOLDER: str(folder),
        Fact.ROUND_TRIP: finding is None,
        Fact.UMASK: f"{umask:03o}",
    }
    is_open = umask & _OTHERS != _OTHERS
    findings = (codes.UMASK_OPEN.found(umask=f"{umask:03o}"),) if is_open else ()
    return Observation(Part.PRIVATE_FILES, facts, (*findings, *([finding] if finding else ())))


async def consumer_token(machine: Machine) -> Observation:
    """Whether the application's token is known here, and where it lies."""
    context = machine.context
    environment = context.defaults.environment or Environment.PRODUCTION
    application = context.defaults.application or DEFAULT_APPLICATION
    found = await find_consumer_token(context, environment, application)
    finding = found if isinstance(found, Finding) else None
    place = describe(_place(context, environment, application))
    facts: dict[Fact, FactValue] = {Fact.PLACE: place, Fact.FOUND: finding is None}
    return _judged(Part.CONSUMER_TOKEN, facts, finding)


def _place(context: AppContext, environment: Environment, application: str) -> Reference:
    """Return where ``find_consumer_token`` looks when no config says so."""
    if context.environ.get(VARIABLE):
        return EnvReference(VARIABLE)
    return context.defaults.consumer_token or KeyringReference(consumer_entry(environment, application))


def _judged(part: Part, facts: dict[Fact, FactValue], finding: Finding | None) -> Observation:
    if finding is None:
        return Observation(part, facts)
    if finding.code in _NO_FAULT:
        return Observation(part, facts, notes=(finding,))
    return Observation(part, facts, (finding,))


def _missing(folder: Path) -> Iterator[Path]:
    """Yield the folders that would have to be made, the innermost first."""
    while not folder.exists() and folder != folder.parent:
        yield folder
        folder = folder.parent


def _umask() -> int:
    # The system has no other way to read it.
    umask = os.umask(_OTHERS)
    os.umask(umask)
    return umask
