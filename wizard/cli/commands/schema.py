"""``schema``: prints the JSON Schema of the config, for editors and other programs."""

from argparse import Namespace

from wizard.cli.streams import write_output
from wizard.config.fields import schema_text
from wizard.site import SiteDefaults
from wizard.text import Texts


def run(_options: Namespace, _t: Texts, _defaults: SiteDefaults) -> int:
    """Run the command."""
    write_output(schema_text())
    return 0
