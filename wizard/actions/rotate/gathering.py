"""From a command line to the configs of one rotation, and what an earlier run left of it."""

from dataclasses import dataclass

from wizard.actions.context import AppContext
from wizard.actions.places import is_entry_of
from wizard.actions.rotate.journal import RotationJournal, RotationPage
from wizard.actions.rotate.members import Candidates, Group, Member, choose_group
from wizard.domain.key import read_key
from wizard.domain.secret import Secret


@dataclass(frozen=True, slots=True)
class Gathering:
    """The configs of a rotation, with the page of a run that did not come to its end."""

    group: Group
    page: RotationPage | None


def gather(
    candidates: Candidates, context: AppContext, pasted: Secret | None, *, is_rehearsal: bool = False
) -> Gathering:
    """Choose the configs that a rotation is about.

    Args:
        candidates: What the command line names; at least one config among them.
        context: The outside world.
        pasted: The new key, where it is known from the beginning.
        is_rehearsal: Whether earlier runs are left alone.

    Raises:
        SeveralKeys: more than one key could be meant.
    """
    named = candidates.given or candidates.found
    page = None if is_rehearsal else RotationJournal(context.state_folder).find(named)

    def is_new(member: Member) -> bool:
        if page is not None and member.key.is_same(page.new_identity):
            return True
        return pasted is not None and is_key_of(member, pasted, context)

    moved = [member for member in named if is_new(member)]
    if page is None and len(moved) == len(named) and not all(member.previous for member in moved):
        # Nothing tells that they were rotated to it: it simply is the key that they use.
        return Gathering(choose_group(candidates, lambda _: False), None)
    return Gathering(choose_group(candidates, is_new), page)


def is_key_of(member: Member, secret: Secret, context: AppContext) -> bool:
    """Whether a config refers to a key, by its number or by the name of its entry."""
    environment = member.config.environment
    reading = read_key(secret.reveal(), environment)
    if reading.secret is None:
        return False
    if reading.number is not None and reading.number == member.key.number:
        return True
    return is_entry_of(member.key.reference, environment, reading.number, reading.secret, context)


def is_of_page(page: RotationPage, pasted: Secret) -> bool:
    """Whether a key is the one that an unfinished rotation has stored."""
    reading = read_key(pasted.reveal(), page.old.environment)
    return reading.secret is not None and reading.secret.fingerprint == page.new.fingerprint
