"""Keyrings that work, fail and hang, without a desktop."""

from threading import Event

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given, and nothing longer than the test."""

    priority = 0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("No such password!")


class LosingKeyring(MemoryKeyring):
    """Reports success and stores nothing."""

    def set_password(self, service: str, username: str, password: str) -> None: ...


class LockedKeyring(MemoryKeyring):
    """Reports itself as usable and fails on use, as a locked gnome-keyring does."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")


class HangingKeyring(MemoryKeyring):
    """Answers its first call only when a prompt on another screen has been closed."""

    def __init__(self) -> None:
        super().__init__()
        self.was_asked = False
        self.prompt_closed = Event()

    def get_password(self, service: str, username: str) -> str | None:
        if not self.was_asked:
            self.was_asked = True
            self.prompt_closed.wait()
        return super().get_password(service, username)


class QuotingKeyring(MemoryKeyring):
    """Quotes in its error what it was given."""

    def __init__(self, error: type[Exception] = PasswordSetError) -> None:
        super().__init__()
        self.error = error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error(f"cannot keep {password}")
