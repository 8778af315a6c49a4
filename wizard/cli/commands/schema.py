"""``schema``: the JSON Schema of the config, for editors and other programs."""

import json
import sys
from argparse import Namespace

from wizard.actions.defaults import SiteDefaults
from wizard.config.schema import json_schema
from wizard.text import Texts


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:  # noqa: ARG001
    """Carry the command out."""
    sys.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
    return 0
