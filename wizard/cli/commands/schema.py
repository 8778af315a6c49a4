"""``schema``: the JSON Schema of the config, for editors and other programs."""

import sys
from argparse import Namespace

from wizard.actions.defaults import SiteDefaults
from wizard.config import schema_text
from wizard.text import Texts


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:  # noqa: ARG001
    """Carry the command out."""
    sys.stdout.write(schema_text())
    return 0
