"""The program, with a defect in a frame that holds the key.

``python -m tests.leaks.crashing WHERE ARGUMENTS``

Every error carries the key in its text, as repr() writes it, and in the local variables around it.
"""

import asyncio
import gc
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn
from unittest.mock import patch

from tests.hostile.hasty import hurry
from wizard.cli import main
from wizard.domain.key import Secret
from wizard.findings import Finding


class DefectError(Exception):
    """What no code expects."""


def break_down(key: str) -> NoReturn:
    """Fail as a library might that quotes what it was given."""
    pieces = {"key": key, "as bytes": key.encode(), "the whole": [key, key]}
    error = DefectError(f"cannot work with {pieces!r}\n{key}")
    error.add_note(key)
    raise error from KeyError(key)


def when_it_is_judged() -> None:
    """When the paste is read, in the task of the screen."""
    from wizard.walk import key  # noqa: PLC0415 - the program imports it late as well

    patch.object(key, "read_key", lambda text, *_: break_down(text)).start()


def when_it_is_taken() -> None:
    """In the full screen, which has the key before anything else."""
    from wizard.ui.tui.app import WizardApp  # noqa: PLC0415 - see above

    patch.object(WizardApp, "paste_secret", lambda _, text: break_down(text)).start()


def when_it_is_kept() -> None:
    """In a thread of the secret store."""
    from wizard.secrets.file_store import FileStore  # noqa: PLC0415 - see above

    kept = FileStore._keep

    def keep(self: FileStore, path: Any, secret: Any) -> Any:  # noqa: ANN401 - handed on unseen
        return kept(self, path, secret) if path.name.startswith("probe") else break_down(secret.reveal())

    patch.object(FileStore, "_keep", keep).start()


def when_it_is_sent() -> None:
    """In the request, which every failure is caught around."""
    from wizard.tripletex import transport  # noqa: PLC0415 - see above

    patch.object(
        transport, "build_request", lambda _, request, __: break_down(request.body.employee_token.reveal())
    ).start()


def when_nobody_looks() -> None:
    """In a task, a thread and a finaliser that are not awaited, and in the warning of a library."""
    from wizard.setup.state import SetupState  # noqa: PLC0415 - see above

    proven = SetupState.prove

    async def fail(text: str) -> None:
        break_down(text)

    class Last:
        def __init__(self, text: str) -> None:
            self.text = text

        def __del__(self) -> None:
            break_down(self.text)

    async def prove(state: SetupState) -> tuple[Finding, ...]:
        key = await state.employee_token()
        assert isinstance(key, Secret)
        text = key.reveal()
        task = asyncio.create_task(fail(text))
        await asyncio.wait({task})
        thread = threading.Thread(target=break_down, args=[text])
        thread.start()
        thread.join()
        logging.getLogger("somebody.else").warning("could not send %s", text)
        last = Last(text)
        del task, last
        gc.collect()
        return await proven(state)

    patch.object(SetupState, "prove", prove).start()


WHERE: dict[str, Callable[[], None]] = {
    "judged": when_it_is_judged,
    "taken": when_it_is_taken,
    "kept": when_it_is_kept,
    "sent": when_it_is_sent,
    "unseen": when_nobody_looks,
}

if __name__ == "__main__":
    hurry()
    WHERE[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
