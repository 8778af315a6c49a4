"""``validate``: check existing configs."""

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from wizard.actions.defaults import SiteDefaults
from wizard.cli.exits import UsageError
from wizard.config.discovery import NotThereError, find_configs
from wizard.text import Texts


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    paths = _paths(options.paths, t)
    if options.jobs is not None and options.jobs < 1:
        raise UsageError(t("--jobs must be at least 1."))
    return 0


def _paths(names: Iterable[str], t: Texts) -> list[Path]:
    try:
        paths = list(find_configs([Path(name) for name in names]))
    except NotThereError as error:
        raise UsageError(t("{path} does not exist.", path=error.path)) from None
    if not paths:
        raise UsageError(t("There are no configs (*.toml) there."))
    return paths
