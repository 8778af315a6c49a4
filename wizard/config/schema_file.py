"""The schema as a file next to the configs, and the line by which editors find it.

The line names a file in the config's own folder: there is no public address, and a path of this
machine would be wrong on the next one. taplo, Tombi and the editors built on them read it.
"""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from wizard.files.atomic import write_atomically

SCHEMA_FILE: Final = "tripletex-wizard.schema.json"
SCHEMA_LINE: Final = f"#:schema ./{SCHEMA_FILE}"


@cache
def schema_text() -> str:
    """Return the schema as it is printed and laid beside configs: the same for everybody."""
    import json  # noqa: PLC0415 - reading and writing configs does without it

    from wizard.config.schema import json_schema  # noqa: PLC0415

    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def provide_schema(config: Path, text: str) -> None:
    """Lay the schema beside a config that names it, or renew the one of an older version.

    A config without the line, such as one that was written by hand, gets no company. Nor does a
    schema that cannot be written stop anybody: the config is good without it.

    Args:
        config: The config; its folder must exist. Where it is a link, the schema goes to the target.
        text: What stands in it.
    """
    if SCHEMA_LINE not in text.removeprefix("\ufeff").partition("\n\n")[0].splitlines():
        return
    with suppress(OSError):
        write_atomically(Path(os.path.realpath(config)).with_name(SCHEMA_FILE), schema_text().encode())
