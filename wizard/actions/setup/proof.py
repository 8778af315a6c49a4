"""The last step that can go wrong: the written config, checked line by line against Tripletex."""

from dataclasses import replace
from functools import partial

from wizard.actions.lines import line_of
from wizard.actions.setup.state import SetupState
from wizard.checks.config import check_config, not_asked
from wizard.config import read_config
from wizard.domain.setup import ORG_NUMBER_PLACEHOLDER, Setup
from wizard.findings import Verdict, verdict
from wizard.flow.questions import Again, Outcome, Reply, Report


async def take_check(state: SetupState, reply: Reply, report: Report) -> Outcome:
    """Run the checks, or go on from their results: to the next step, or to the one that mends."""
    if isinstance(reply, Again) or not state.results:
        return await _run_checks(state, report)
    trouble = [finding for finding in state.check_findings if finding.is_error]
    mends = next((finding.step for finding in trouble if not finding.code.is_unknown and finding.step), None)
    if mends is not None:
        state.go_to(mends)
        return Outcome(moved=True, findings=tuple(trouble))
    return state.move(state.answers)


async def _run_checks(state: SetupState, report: Report) -> Outcome:
    state.results = ()
    path = state.written[0] if state.written else state.path
    reading = read_config(path)
    if reading.config is None:
        return state.stay(*reading.findings)
    config = reading.config
    if state.answers.is_for_several:
        # One key, one log-on: what the clients' own configs ask for is what a common one would ask for.
        config = replace(
            config,
            setup=Setup.BUREAU_SHARED,
            org_number=ORG_NUMBER_PLACEHOLDER,
            clients=state.answers.clients,
        )
    if state.is_offline:
        state.results = (not_asked(),)
        return state.stay(*state.check_findings, is_settled=True)
    async for result in check_config(state.context, config, path, on_wait=state.tell_wait):
        state.results = (*state.results, result)
        report(partial(line_of, result))
    return state.stay(is_settled=verdict(state.check_findings) is not Verdict.INVALID)
