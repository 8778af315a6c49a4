"""Stores the new key, changes the configs one after another, and runs the site's command."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from wizard.config.reading import read_config
from wizard.context import is_own, key_left, located
from wizard.domain.key import Secret
from wizard.domain.legible import one_line
from wizard.domain.redaction import mask
from wizard.domain.reference import HeldKey, Reference, describe
from wizard.files.reading import reason_of
from wizard.findings import Finding, Phrase, Term, Verdict, codes, verdict
from wizard.rotation.members import Member, SavedRotation, may_mean
from wizard.rotation.proving import errors_of, new_errors
from wizard.rotation.state import Outcome, RotationState
from wizard.rotation.writing import read_back, text_with_new_key, write_key
from wizard.secrets.commands import ChildEnviron
from wizard.secrets.file_store import FileStore
from wizard.secrets.hardening import callers_umask
from wizard.secrets.store import Store
from wizard.text import N_, Texts
from wizard.walk.journal import RememberedConfig, remember_configs


async def store_new_key(state: RotationState, secret: Secret, number: int | None) -> HeldKey | Finding:
    """Store the new key. The journal is written first, so that no unknown key is ever left in a store."""
    if state.key_files is not None and state.chosen_store == "file":
        # Next to the user's own key file, not in the wizard's folder.
        store: Store = FileStore(state.key_files)
        name = f"{secret.fingerprint if number is None else number}.key"
    else:
        store = state.context.store(state.chosen_store or "keyring")
        name = await store.name_for(state.environment, number, secret)
    reference = store.reference(name)
    held = HeldKey(reference, number, len(secret), secret.fingerprint)
    if state.dry_run or state.stores_late:
        state.unsaved_key = secret
        return held
    former = state.saved
    saved = SavedRotation(
        state.group.old, held, tuple(member.path.absolute() for member in state.group.members)
    )
    try:
        state.journal.write(saved)
    except OSError as error:
        return codes.NOT_WRITTEN.found(path=str(error.filename), reason=reason_of(error))
    # A second paste or Esc may cancel testing the key, but not storing it.
    kept = await asyncio.shield(store.put(name, secret))
    if isinstance(kept, Finding):
        _restore(state, saved, former)
        return kept
    state.saved = saved
    state.unsaved_key = None
    if former is not None and former.new.reference != reference:
        state.unused_keys.append(key_left(former.new.reference, state.context, held))
    return held


async def store_now(state: RotationState) -> Finding | None:
    """Store a key that has been tested, before a config refers to it. Return a finding if that failed."""
    key = state.unsaved_key
    if key is None or state.dry_run:
        return None
    state.stores_late = False
    held = await store_new_key(state, key, state.new_key.number if state.new_key else None)
    if isinstance(held, Finding):
        return held
    state.new_key = held
    return None


def _restore(state: RotationState, saved: SavedRotation, former: SavedRotation | None) -> None:
    """Restore the former journal after a failure to store another key."""
    if former is None:
        state.journal.erase(saved)
        return
    with suppress(OSError):
        state.journal.write(former)


def discard(state: RotationState, saved: SavedRotation) -> None:
    """Delete the journal of an unfinished rotation. Its new key stays in the store."""
    state.journal.erase(saved)
    state.unused_keys.append(key_left(saved.new.reference, state.context))


def finish_journal(state: RotationState) -> None:
    """Delete the journal of a complete rotation, or keep it for configs that this run did not include."""
    saved = state.saved
    if saved is None or not state.is_complete or state.hook_trouble is not None:
        return
    done = {member.path.absolute() for member in state.group.members}
    left = tuple(path for path in saved.paths if path not in done and _still_uses(state, path, saved))
    if left:
        with suppress(OSError):
            state.journal.write(replace(saved, paths=left))
    else:
        state.journal.erase(saved)


def _still_uses(state: RotationState, path: Path, saved: SavedRotation) -> bool:
    reading = read_config(path)
    member = Member.of(reading, path, state.context)
    return member.key.is_same(saved.old) if member else may_mean(reading, saved.old.reference)


def user_of(reference: Reference, paths: Iterable[Path]) -> Path | None:
    """Return a config that currently refers to a key, as the one in use or the previous one, or None."""
    return next((path for path in paths if _refers(path, reference)), None)


def _refers(path: Path, reference: Reference) -> bool:
    reading = read_config(path)
    config = reading.config
    if config is None:
        return may_mean(reading, reference)
    references = (config.employee_token, config.previous)
    return reference in {located(each, path) for each in references if each is not None}


_MOST_REPORTS: Final = 20
"""How many progress messages are shown, since there may be thousands of configs."""


async def change_configs(state: RotationState) -> None:
    """Change the remaining configs, check all that use the new key, and run the site's command.

    The command is only run if all is well. This can be repeated after a failure; configs that have already
    been changed are then only checked.
    """
    state.has_carried_out = True
    await _move_all(state)
    await _check_again(state)
    state.waits = ""
    hook = state.context.defaults.hook
    is_wanted = state.has_changed or state.was_resumed
    state.hook_trouble = None
    if hook and is_wanted and state.is_complete:
        state.show_progress(state.t("Running the site's command {program} …", program=hook[0]))
        paths = [member.path for member in state.group.members]
        state.hook_trouble = await run_hook(hook, paths, state.context.child_environ(paths))
    finish_journal(state)
    _remember(state)


def _remember(state: RotationState) -> None:
    """Remember the results of checking the changed configs, for the menu."""
    company = state.new_company if state.new_clients is None else None
    about, at = company.name if company else None, state.context.now()
    remember_configs(
        state.context.state_folder,
        (
            RememberedConfig.of(member.path, about, verdict(found), found, at)
            for member in state.moved
            for found in [state.outcomes[member.path].findings]
        ),
    )


async def _move_all(state: RotationState) -> None:
    trouble = await store_now(state) if state.waiting else None
    secret = trouble or await state.new_secret()
    total = len(state.group.members)
    for number, member in enumerate(state.group.members, start=1):
        if state.outcomes[member.path].is_on_new_key or member.path in state.refused:
            continue
        if (blocked := state.blocked.get(member.path)) is not None:
            is_open = verdict(blocked) is Verdict.UNKNOWN
            state.set_outcome(member, Outcome.NOT_CHECKED if is_open else Outcome.FAILED, blocked)
        elif isinstance(secret, Finding):
            state.set_outcome(member, Outcome.FAILED, (secret,))
        else:
            if number % max(1, total // _MOST_REPORTS) == 0:
                state.show_progress(_changing(number, total, member, state.t))
            await _move(state, member, secret)


def _changing(number: int, total: int, member: Member, t: Texts) -> str:
    return t("Changing {number} of {total}: {path} …", number=number, total=total, path=member.path)


async def _move(state: RotationState, member: Member, secret: Secret) -> None:
    reading = read_config(member.path)
    now = Member.of(reading, member.path, state.context)
    if now is None:
        state.set_outcome(
            member, Outcome.FAILED, (finding for finding in reading.findings if finding.is_error)
        )
    elif state.new_identity is not None and now.key.is_same(state.new_identity):
        state.set_outcome(member, Outcome.ALREADY_MOVED)
    elif not now.key.is_same(member.key):
        state.set_outcome(member, Outcome.FAILED, (codes.CHANGED_MEANWHILE.found(),))
    elif isinstance(text := _reviewed(state, member, now), Finding):
        state.set_outcome(member, Outcome.FAILED, (text,))
    else:
        written = await write_key(state.resolver, now, text, secret)
        outcome = Outcome.MOVED if written.is_there else Outcome.FAILED
        state.set_outcome(member, outcome, (written.trouble,) if written.trouble else ())
        _note_left_over(state, now)


def _reviewed(state: RotationState, member: Member, now: Member) -> str | Finding:
    """Return the reviewed text, or make the same change again if the file has been edited since."""
    shown = state.texts.get(member.path)
    return shown if shown is not None and now.text == member.text else text_with_new_key(state, now)


def _note_left_over(state: RotationState, member: Member) -> None:
    """Report the key before the previous one, if no config refers to it any more."""
    earlier = member.previous
    if earlier is None or not is_own(earlier.reference, state.context):
        return
    if user_of(earlier.reference, (each.path for each in state.group.members)) is None:
        state.unused_keys.append(codes.EARLIER_KEY_LEFT.found(reference=describe(earlier.reference)))


async def _check_again(state: RotationState) -> None:
    """Check all configs that use the new key, with one log-on."""
    if not state.moved:
        return
    secret = await state.new_secret()
    state.show_progress(state.t("Checking again …"))
    async with state.probe(secret) as probe:
        for member in state.moved:
            outcome = state.outcomes[member.path].outcome
            unreadable = (
                await read_back(state.resolver, member, secret) if isinstance(secret, Secret) else secret
            )
            if unreadable is not None:
                state.set_outcome(member, outcome, (unreadable,))
            elif isinstance(probe, Finding):
                is_agreed = state.accepts_untested and probe.code is codes.CONSUMER_TOKEN_MISSING
                state.set_outcome(member, outcome, () if is_agreed else (probe,))
            else:
                worse = new_errors(await errors_of(probe, member), state.old_errors.get(member.path, ()))
                state.set_outcome(member, outcome, state.without_accepted(worse))


DEADLINE: Final = 120.0
"""The timeout of the command in seconds. It may copy files to other machines."""
_MOST_KEPT: Final = 16384
_LONGEST_TOKEN: Final = 4096
_MOST_SHOWN: Final = 600
"""How many characters of the end of its output are shown."""
_LAST_WORDS: Final = 1.0
"""Seconds to wait for the end of the output after the command has exited. A daemon may keep it open."""
_NOTHING: Final = N_("no output")


async def run_hook(
    command: Sequence[str],
    paths: Sequence[Path],
    environ: ChildEnviron,
    *,
    deadline: float = DEADLINE,
) -> Finding | None:
    """Run a command without a shell, with the configs as arguments. Return a finding if it failed.

    It gets the environment of ``AppContext.child_environ``, no input, and a new session, so that all of its
    processes can be killed.
    """
    program = command[0]
    arguments = (*command, *(str(path.absolute()) for path in paths))
    try:
        async with asyncio.timeout(deadline):
            status, output = await _run(arguments, environ)
    except TimeoutError:
        return _failed(program, f"> {deadline:g} s", b"")
    except OSError as error:
        return _failed(program, reason_of(error), b"")
    except ValueError as error:  # a NUL in a word
        return _failed(program, str(error), b"")
    if status == 0:
        return None
    return _failed(program, f"signal {-status}" if status < 0 else f"exit {status}", output)


async def _run(arguments: Sequence[str], environ: ChildEnviron) -> tuple[int, bytes]:
    loop = asyncio.get_running_loop()
    transport, output = await loop.subprocess_exec(
        _Output,
        *arguments,
        stdin=DEVNULL,
        stderr=STDOUT,
        env=environ,
        start_new_session=True,
        umask=callers_umask(),
    )
    try:
        # wait() does not cancel the future.
        await asyncio.wait({output.exited})
        await asyncio.wait({output.ended}, timeout=_LAST_WORDS)
    except asyncio.CancelledError:  # by the user or by the deadline
        with suppress(ProcessLookupError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
        await asyncio.wait({output.exited}, timeout=_LAST_WORDS)
        raise
    finally:
        transport.close()
    return transport.get_returncode() or 0, output.end


class _Output(asyncio.SubprocessProtocol):
    """Collects the end of the output of a process."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._kept = bytearray()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()

    @property
    def end(self) -> bytes:
        """The end of the output. If it was cut, more is removed, since it could begin with half a token."""
        return bytes(self._kept[_LONGEST_TOKEN:] if len(self._kept) == _MOST_KEPT else self._kept)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Keep the end of what the command writes, to either stream."""
        del fd
        self._kept += data
        del self._kept[:-_MOST_KEPT]

    def process_exited(self) -> None:
        """Handle the exit of the process, whose children may still have its output open."""
        if not self.exited.done():
            self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Return when the process has ended and its output is closed."""
        del exc
        if not self.ended.done():
            self.ended.set_result(None)


def _failed(program: str, reason: str | Phrase, output: bytes) -> Finding:
    words = one_line(mask(output.decode(errors="replace")))
    told = words if len(words) <= _MOST_SHOWN else f"… {words[-_MOST_SHOWN:]}"
    return codes.HOOK_FAILED.found(program=program, reason=reason, output=told or Term(_NOTHING))
