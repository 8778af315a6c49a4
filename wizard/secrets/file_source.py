"""Tokens in files that anybody may have put there."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from wizard.domain.reference import FileReference
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes
from wizard.secrets.daemon_calls import DaemonCalls
from wizard.secrets.secret_file import read_secret_file


class FileSource:
    """Reads a token from a private file without ever blocking: it may lie on a network disk."""

    def __init__(self, environ: Mapping[str, str], deadline: float) -> None:
        """Take the environment, for ``${CREDENTIALS_DIRECTORY}``, and the deadline in seconds."""
        self._environ = environ
        self._calls = DaemonCalls(deadline)

    async def get(self, reference: FileReference, config_path: Path | None) -> Secret | Finding:
        """Return the first line of the file."""
        try:
            return await self._calls.run(
                lambda: read_secret_file(reference, config_path, environ=self._environ)
            )
        except TimeoutError:
            reason = os.strerror(errno.ETIMEDOUT)
            return codes.FILE_UNREADABLE.found(path=reference.path, reason=reason)
