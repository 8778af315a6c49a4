"""The review, the files that are written when it is agreed to, and the end."""

from wizard.actions.setup.document import Document
from wizard.actions.setup.key import store_now
from wizard.actions.setup.state import SetupState
from wizard.config import provide_schema, save
from wizard.files.atomic import make_private_folder
from wizard.files.lock import Busy, hold
from wizard.findings import Finding, codes
from wizard.flow.questions import Outcome, Reply, Report


async def take_review(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Write the configs: the first thing that is written at all, save the key in its store."""
    taken = [document for document in state.documents() if _is_taken(state, document)]
    if taken:
        # All or none: half of a bureau is harder to put right than none of it.
        return state.stay(*(codes.ALREADY_THERE.found(path=str(document.path)) for document in taken))
    trouble = await store_now(state)
    if trouble is not None:
        return state.stay(trouble)
    for document in list(state.documents()):
        trouble = _write(state, document)
        if trouble is not None:
            return state.stay(trouble)
    state.results = ()
    return state.move(state.answers)


def _is_taken(state: SetupState, document: Document) -> bool:
    return not state.may_overwrite and not state.has_written(document.path) and document.path.exists()


def _write(state: SetupState, document: Document) -> Finding | None:
    is_ours = state.has_written(document.path)
    try:
        make_private_folder(document.path.parent)
        with hold(document.path):
            backup = save(document.path, document.text, backup=not is_ours and document.path.exists())
    except Busy as busy:
        return codes.BUSY.found(path=str(document.path), holder=str(busy.holder or "?"))
    except OSError as error:
        reason = error.strerror or str(error)
        return codes.NOT_WRITTEN.found(path=str(document.path), reason=reason)
    if backup is not None:
        state.backups = (*state.backups, backup)
    if not is_ours:
        state.written = (*state.written, document.path)
        state.write_down()
    provide_schema(document.path, document.text)
    return None


async def finish(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Mark the run as finished."""
    state.is_finished = True
    return Outcome(moved=True)
