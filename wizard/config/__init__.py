"""The TOML config: what it may say, reading it, writing it, finding it."""

from wizard.config.discovery import find_configs
from wizard.config.editing import diff, save, set_key, update
from wizard.config.model import Config, ConfigError, EditRefused, NoConfigs, PathMissing
from wizard.config.reading import Reading, parse_config, read_config
from wizard.config.rendering import render
from wizard.config.schema import schema_text

__all__ = [
    "Config",
    "ConfigError",
    "EditRefused",
    "NoConfigs",
    "PathMissing",
    "Reading",
    "diff",
    "find_configs",
    "parse_config",
    "read_config",
    "render",
    "save",
    "schema_text",
    "set_key",
    "update",
]
