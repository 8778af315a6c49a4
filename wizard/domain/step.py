"""The name of every step, the same in flags, texts, journal, findings and snapshots."""

from enum import StrEnum


class StepId(StrEnum):
    """A step that a person can be on, or be sent to."""

    WELCOME = "welcome"
    APPLICATION = "application"
    STORAGE = "storage"
    OWN_PLACE = "own_place"
    ENABLE_API = "enable_api"
    CREATE_KEY = "create_key"
    SETUP = "setup"
    SCOPE = "scope"
    ORG_NUMBER = "org_number"
    CLIENT_ACCESS = "client_access"
    REVIEW = "review"
    CHECK = "check"
    FINALE = "finale"
    DONE = "done"
    ROTATE_START = "rotate_start"
    ROTATE_REVIEW = "rotate_review"
    ROTATE_TABLE = "rotate_table"
    ROTATE_OLD_KEY = "rotate_old_key"
