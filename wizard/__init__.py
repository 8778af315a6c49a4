"""Sets up, tests and rotates the Tripletex API key that Visma Finale uses to read its figures.

Programs can use ``load_config(path).log_on(org_number=None)`` to get a session in Tripletex.
"""

TYPE_CHECKING = False  # importing typing takes half of the time of --version
if TYPE_CHECKING:
    from wizard.program import ConfigError, LoadedConfig, LogOnFailed, load_config

__all__ = ["ConfigError", "LoadedConfig", "LogOnFailed", "load_config"]

__version__ = "0.2.0"


def __getattr__(name: str) -> object:
    """Import the library when it is first used, since the command line starts without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from wizard import program  # noqa: PLC0415

    return getattr(program, name)
