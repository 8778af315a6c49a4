"""``completion``: prints tab completion for a shell."""

import sys
from argparse import Namespace

import shtab

from wizard.cli.parser import build_parser
from wizard.site import SiteDefaults
from wizard.text import Texts


def run(options: Namespace, t: Texts, _defaults: SiteDefaults) -> int:
    """Run the command."""
    sys.stdout.write(shtab.complete(build_parser(t), options.shell) + "\n")
    return 0
