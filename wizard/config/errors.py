"""Errors in finding or changing configs; what is wrong *in* one is a finding.

ConfigError
├── PathMissing     a path that was given does not exist
├── NoConfigs       a given folder contains no config
└── EditRefused     a text cannot be changed to say something without harm to the rest of it
"""

from pathlib import Path


class ConfigError(Exception):
    """The root of the tree."""


class PathMissing(ConfigError):  # noqa: N818 - named by what is the case, as the findings are
    """A path that was given does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class NoConfigs(ConfigError):  # noqa: N818
    """A given folder contains no config, which must not pass for “all are good”."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class EditRefused(ConfigError):  # noqa: N818
    """A text cannot be changed to say something without harm to the rest of it; nothing was written."""
