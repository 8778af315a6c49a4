"""The configs that answers amount to, and how they are written."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.actions.context import AppContext
from wizard.actions.places import seen_from
from wizard.config import Config, EditRefused, diff, read_config, render, save, update
from wizard.domain.setup import Setup
from wizard.files.atomic import make_private_folder
from wizard.files.lock import Busy, hold, why_not_written
from wizard.findings import Finding, Verdict, codes
from wizard.setup.answers import Answers
from wizard.text import Texts

if TYPE_CHECKING:
    from wizard.setup.state import SetupState


@dataclass(frozen=True, slots=True)
class Document:
    """A config's text, and the file that it goes to."""

    path: Path
    text: str


def config_of(answers: Answers, path: Path, context: AppContext) -> Config:
    """Return the config for complete answers.

    Raises:
        ValueError: an answer is missing; the walk does not lead to the review without it.
    """
    if answers.setup is None or answers.key is None:
        raise ValueError("the answers are not complete")
    consumer = answers.consumer_token
    return Config(
        environment=answers.environment,
        base_url=answers.base_url,
        application=answers.application,
        setup=answers.setup,
        org_number=answers.finale_org_number,
        clients=() if answers.setup is Setup.BUREAU_CLIENT else answers.clients,
        employee_token=seen_from(path, answers.key.reference, context),
        consumer_token=consumer and seen_from(path, consumer, context),
        key_id=answers.key.number,
        installed=context.today,
        previous=None,
    )


def document_of(config: Config, path: Path, t: Texts, said: Verdict | None) -> str:
    """Return the text to write: a new file, or an existing one with only what differs changed."""
    if path.exists() and (former := read_config(path)).config is not None and former.text is not None:
        # Where it leaves no place for what must change, it is written afresh; its text is kept as a backup.
        with suppress(EditRefused):
            return update(former.text, config)
    return render(config, t, is_proven=said is Verdict.VALID)


def shown(documents: Sequence[Document]) -> str:
    """Return what is behind the review: the text, or the changes to a file that exists.

    Of several files, their names and the text of the first.
    """
    first = documents[0]
    if len(documents) > 1:
        names = "\n".join(f"# {document.path}" for document in documents)
        return f"{names}\n\n{first.text}"
    former = read_config(first.path).text if first.path.exists() else None
    return first.text if former is None else diff(former, first.text, first.path)


def default_name(answers: Answers) -> str:
    """Return a file name that says whose config it is: ``974760673.toml``, ``felles.toml``."""
    match answers.setup:
        case Setup.BUREAU_SHARED:
            stem = "felles"
        case Setup.BUREAU_CLIENT:
            stem = answers.org_number or "klient"
        case _:
            stem = (answers.company.org_number if answers.company else None) or "finale"
    return f"{stem}.toml"


async def write_all(state: "SetupState") -> tuple[Finding, ...]:
    """Write the configs: the first thing that is written at all, save the key in its store.

    Returns:
        Why they cannot be written.
    """
    documents = list(state.documents())
    taken = [document for document in documents if _is_taken(state, document)]
    if taken:
        # All or none: half of a bureau is harder to put right than none of it.
        return tuple(codes.ALREADY_THERE.found(path=str(document.path)) for document in taken)
    trouble = await state.store_key()
    if trouble is not None:
        return (trouble,)
    for document in state.documents():
        trouble = _write(state, document)
        if trouble is not None:
            return (trouble,)
    return ()


def _is_taken(state: "SetupState", document: Document) -> bool:
    may = state.may_overwrite or state.replaces_files or state.has_written(document.path)
    return not may and document.path.exists()


def _write(state: "SetupState", document: Document) -> Finding | None:
    is_ours = state.has_written(document.path)
    try:
        make_private_folder(document.path.parent)
        with hold(document.path):
            backup = save(document.path, document.text, backup=not is_ours and document.path.exists())
    except (Busy, OSError) as error:
        return why_not_written(document.path, error)
    if backup is not None:
        state.backups = (*state.backups, backup)
    if not is_ours:
        state.written = (*state.written, document.path)
        state.note()
    return None
