"""Observations of stores and keys: whether they work, can be read, and are used."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.config.reading import read_config
from wizard.context import VARIABLE, AppContext, consumer_entry, located
from wizard.doctor.observation import Fact, FactValue, Machine, Observation, Part
from wizard.domain.key import Secret, read_key
from wizard.domain.reference import EnvReference, FileReference, KeyringReference, Reference, describe
from wizard.domain.setup import DEFAULT_APPLICATION, Environment
from wizard.findings import Finding, codes
from wizard.rotation.keys import known_configs
from wizard.secrets.file_store import FileStore
from wizard.secrets.keyring_store import KeyringStore
from wizard.secrets.store import is_key_name
from wizard.threads import DaemonCalls

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_PATIENCE: Final = 3.0
_OTHERS: Final = 0o077
_MOST_UNUSED: Final = 20

# A server may have no keyring, and a site may have no consumer token.
_NO_ERROR: Final = frozenset({codes.NO_KEYRING, codes.CONSUMER_TOKEN_MISSING, codes.KEYRING_NOT_HERE})


async def keyring(machine: Machine) -> Observation:
    """Observe which keyring would be used, and whether it works."""
    environ = machine.context.environ

    def choose() -> "KeyringBackend | Finding":
        from wizard.secrets.keyring_backends import choose_backend  # noqa: PLC0415 - slow to import

        return choose_backend(environ)

    facts: dict[Fact, FactValue] = {Fact.BACKEND: None, Fact.ROUND_TRIP: False}
    try:
        backend = await DaemonCalls(_PATIENCE).run(choose)
    except TimeoutError:
        return _observation(Part.KEYRING, facts, codes.STORE_SILENT.found(seconds=f"{_PATIENCE:g}"))
    if isinstance(backend, Finding):
        return _observation(Part.KEYRING, facts, backend)
    facts[Fact.BACKEND] = f"{type(backend).__module__}.{type(backend).__qualname__}"
    finding = await KeyringStore(backend, environ=environ, deadline=_PATIENCE).probe()
    facts[Fact.ROUND_TRIP] = finding is None
    return _observation(Part.KEYRING, facts, finding)


async def private_files(machine: Machine) -> Observation:
    """Observe whether private files can be stored, without leaving new folders behind."""
    folder = machine.context.key_folder
    made = list(_missing(folder))
    finding = await FileStore(folder, deadline=_PATIENCE).probe()
    for path in made:
        try:
            path.rmdir()
        except OSError:
            break  # something has been stored there in the meantime
    umask = _umask()
    facts: dict[Fact, FactValue] = {
        Fact.FOLDER: str(folder),
        Fact.ROUND_TRIP: finding is None,
        Fact.UMASK: f"{umask:03o}",
    }
    is_open = umask & _OTHERS != _OTHERS
    findings = (codes.UMASK_OPEN.found(umask=f"{umask:03o}"),) if is_open else ()
    if finding is None:
        return Observation(Part.PRIVATE_FILES, facts, findings)
    if machine.context.defaults.store == "file" or not any(_missing(folder)):
        return Observation(Part.PRIVATE_FILES, facts, (*findings, finding))
    # The folder does not exist, so the keys may be elsewhere, as for a service.
    return Observation(Part.PRIVATE_FILES, facts, findings, notes=(finding,))


async def config(machine: Machine) -> Observation:
    """Observe the config."""
    reading = machine.config
    if reading is None:
        return Observation(Part.CONFIG)
    facts: dict[Fact, FactValue] = {
        Fact.PATH: str(reading.path),
        Fact.SETUP: reading.setup and reading.setup.value,
        Fact.ENVIRONMENT: reading.environment and reading.environment.value,
    }
    return Observation(Part.CONFIG, facts, reading.findings)


async def key(machine: Machine) -> Observation:
    """Observe whether this user can read the key of the config, and whether it has the right number."""
    reading = machine.config
    if reading is None or reading.config is None:
        return Observation(Part.KEY)
    wanted = reading.config
    reference = describe(wanted.employee_token)
    found = await machine.context.resolver().resolve(
        wanted.employee_token, config_path=reading.path, environment=wanted.environment
    )
    facts: dict[Fact, FactValue] = {Fact.PLACE: reference, Fact.FOUND: isinstance(found, Secret)}
    if isinstance(found, Finding):
        return Observation(Part.KEY, facts, (found,))
    read = read_key(found.reveal(), wanted.environment)
    facts[Fact.KEY_NUMBER] = read.number
    findings = tuple(finding for finding in read.findings if finding.is_error)
    if None not in {read.number, wanted.key_id} and read.number != wanted.key_id:
        findings += (
            codes.OTHER_KEY_IN_PLACE.found(
                number=wanted.key_id, found=read.number, reference=reference, path=str(reading.path)
            ),
        )
    return Observation(Part.KEY, facts, findings)


async def stored_keys(machine: Machine) -> Observation:
    """Observe private key files that no known config refers to. A keyring cannot list its entries."""
    folder = machine.context.key_folder
    stored = list(_key_files(folder))
    used = set(_references(machine.context)) if stored else set()
    unused = [path for path in stored if FileReference(str(path.absolute())) not in used]
    facts: dict[Fact, FactValue] = {Fact.FOLDER: str(folder), Fact.COUNT: len(stored)}
    notes = tuple(
        codes.KEY_UNUSED.found(key=path.name, reference=describe(FileReference(str(path))))
        for path in unused[:_MOST_UNUSED]
    )
    return Observation(Part.STORED_KEYS, facts, notes=notes)


def _references(context: AppContext) -> Iterator[Reference]:
    """Yield the references to keys in the user's known configs."""
    for path in known_configs([context.config_folder], context):
        found = read_config(path).config
        if found is not None:
            for reference in (found.employee_token, found.previous):
                if reference is not None:
                    yield located(reference, path)


async def consumer_token(machine: Machine) -> Observation:
    """Observe whether there is a consumer token, and its source."""
    context = machine.context
    wanted = machine.config.config if machine.config else None
    environment = wanted.environment if wanted else context.defaults.environment or Environment.PRODUCTION
    application = wanted.application if wanted else context.defaults.application or DEFAULT_APPLICATION
    configured = wanted.consumer_token if wanted else None
    path = machine.config.path if machine.config else None
    found = await context.consumer_token(environment, application, configured, path)
    finding = found if isinstance(found, Finding) else None
    place = describe(configured or _place(context, environment, application))
    facts: dict[Fact, FactValue] = {Fact.PLACE: place, Fact.FOUND: finding is None}
    return _observation(Part.CONSUMER_TOKEN, facts, finding)


def _place(context: AppContext, environment: Environment, application: str) -> Reference:
    """Return the source that ``AppContext.consumer_token`` uses if the config has no reference."""
    if context.environ.get(VARIABLE):
        return EnvReference(VARIABLE)
    return context.defaults.consumer_token or KeyringReference(consumer_entry(environment, application))


def _observation(part: Part, facts: dict[Fact, FactValue], finding: Finding | None) -> Observation:
    if finding is None:
        return Observation(part, facts)
    if finding.code in _NO_ERROR:
        return Observation(part, facts, notes=(finding,))
    return Observation(part, facts, (finding,))


def _key_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("*/*")):
        if os.path.isfile(path) and is_key_name(str(path.relative_to(folder))):
            yield path


def _missing(folder: Path) -> Iterator[Path]:
    """Yield the folders that would have to be created, the innermost first."""
    while not os.path.exists(folder) and folder != folder.parent:
        yield folder
        folder = folder.parent


def _umask() -> int:
    # There is no other way to read the umask.
    umask = os.umask(_OTHERS)
    os.umask(umask)
    return umask
