"""``schema``: the JSON Schema of the config, for editors and other programs."""

from argparse import Namespace

from wizard.cli.streams import put
from wizard.config.fields import schema_text
from wizard.site import SiteDefaults
from wizard.text import Texts


def run(_options: Namespace, _t: Texts, _defaults: SiteDefaults) -> int:
    """Carry the command out."""
    put(schema_text())
    return 0
