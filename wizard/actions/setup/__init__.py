"""The first-time set-up: from the first screen to a proven config."""

from wizard.actions.setup.run import SetupRun

__all__ = ["SetupRun"]
