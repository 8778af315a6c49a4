"""Goes back to the previous key, once it was tested; the key that was in use becomes the previous one."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from wizard.context import AppContext
from wizard.findings import Finding, Verdict, codes, verdict
from wizard.rotation.hook import run_hook
from wizard.rotation.log_ons import LogOns
from wizard.rotation.members import Member
from wizard.rotation.tally import Fate, Tally
from wizard.rotation.writing import changed_text, write_key


async def roll_back(context: AppContext, members: Iterable[Member], refused: Mapping[Path, Finding]) -> Tally:
    """Put the previous key of each config back.

    The two references change places, so that nothing in a store is forgotten: rolling back twice
    leads forward again, and ``rotate --finish`` drops whichever of the two was left.
    """
    tally = Tally()
    async with LogOns(context) as log_ons:
        for member in members:
            if member.path in refused:
                tally.add(member, Fate.NOT_CHECKED, (refused[member.path],))
            else:
                await _put_back(log_ons, member, tally)
    hook = context.defaults.hook
    if hook and tally.moved and not tally.findings:
        failed = await run_hook(hook, tally.moved, context.child_environ(tally.moved))
        tally.notices += [failed] if failed else []
    return tally


async def _put_back(log_ons: LogOns, member: Member, tally: Tally) -> None:
    previous = member.config.previous
    if previous is None:
        tally.add(member, Fate.FAILED, (codes.NO_PREVIOUS.found(),))
        return
    proof = await log_ons.prove(member, previous)
    if proof.errors or proof.secret is None:
        is_open = verdict(proof.errors) is Verdict.UNKNOWN
        tally.add(member, Fate.NOT_CHECKED if is_open else Fate.FAILED, proof.errors)
        return
    text = changed_text(
        member,
        employee_token=previous,
        number=proof.number,
        # The day on which the previous key was installed is not known any more.
        installed=None,
        previous=member.config.employee_token,
    )
    if isinstance(text, Finding):
        tally.add(member, Fate.FAILED, (text,))
        return
    written = await write_key(log_ons.resolver, member, text, proof.secret)
    tally.add(
        member,
        Fate.MOVED if written.is_there else Fate.FAILED,
        (written.trouble,) if written.trouble else (),
    )
