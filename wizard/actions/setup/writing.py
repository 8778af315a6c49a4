"""The review, the file that is written when it is agreed to, and the end."""

from wizard.actions.setup.state import SetupState
from wizard.config import save
from wizard.domain.codes import file, unknowns
from wizard.flow.questions import Outcome, Reply, Report


async def take_review(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Write the config: the first thing that is written at all, save the key in its store."""
    target = state.path
    if target.exists() and not state.may_overwrite and target != state.written:
        return state.stay(file.ALREADY_THERE.found(path=str(target)))
    text = state.document
    try:
        state.backup = save(target, text, backup=target.exists() and target != state.written)
    except OSError as error:
        return state.stay(unknowns.NOT_WRITTEN.found(path=str(target), reason=error.strerror or str(error)))
    state.written = target
    state.results = ()
    return state.move(state.answers)


async def finish(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Take away the keys that were pasted on the way and are not in use, and the journal."""
    in_use = state.answers.key.reference if state.answers.key else None
    await state.drop(reference for reference in state.stored if reference != in_use)
    state.is_finished = True
    return Outcome(moved=True)
