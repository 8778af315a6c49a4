"""``sandbox``: runs the built-in sandbox on loopback until it is interrupted."""

import sys
from argparse import Namespace

from wizard.cli.streams import write_output
from wizard.domain.exits import UsageError
from wizard.sandbox import Sandbox
from wizard.site import SiteDefaults
from wizard.text import Texts


def run(options: Namespace, t: Texts, _defaults: SiteDefaults) -> int:
    """Run the command and return the exit code."""
    sandbox = Sandbox()

    def announce(base_url: str) -> None:
        world = sandbox.world
        lines = [
            t("Base URL: {url}", url=base_url),
            t("Consumer token (TRIPLETEX_CONSUMER_TOKEN): {token}", token=world.consumer_token),
            "",
            t("Demo keys. They work only in this sandbox:"),
        ]
        for key in world.keys:
            lines += ["", f"  {key.company.name}: {t(key.title)}", f"  {key.employee_token}"]
        write_output("\n".join([*lines, "", t("Press Ctrl+C to stop."), ""]))
        sys.stdout.flush()

    try:
        sandbox.serve_forever(announce, port=options.port)
    except OverflowError:
        raise UsageError(t("--port must be a number from 0 to 65535.")) from None
    except OSError as error:
        raise UsageError(
            t(
                "Port {port} cannot be used: {reason}. --port 0 uses a free one.",
                port=options.port,
                reason=error.strerror,
            )
        ) from None
    return 0
