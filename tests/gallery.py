"""``python -m tests.gallery FOLDER``: every drawn screen, in each size, language and colouring.

The pictures are to be looked at, not kept: ``rsvg-convert`` makes PNG of them.
"""

import argparse
import asyncio
import os
from pathlib import Path
from typing import Final

from tests.pictures import Still, picture
from tests.ui.tui.rig import Rig, strips_of
from tests.ui.tui.walks import WALKS, stage

SIZES: Final = ((80, 24), (60, 20), (120, 40))
COLOURS: Final = {
    "dark": ("xterm-256color", "dark"),
    "light": ("xterm-256color", "light"),
    "dark16": ("xterm", "dark"),
    "light16": ("xterm", "light"),
}
"""A terminal, and the theme on it."""


def main() -> None:
    """Take every picture."""
    walks = {walk.__name__: walk for walk in WALKS}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--walk", action="append", choices=walks)
    parser.add_argument("--colours", action="append", choices=COLOURS)
    options = parser.parse_args()
    folder: Path = options.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for colours in options.colours or COLOURS:
        os.environ["TERM"], os.environ["TRIPLETEX_WIZARD_THEME"] = COLOURS[colours]

        async def see(here: Rig, name: str, colours: str = colours) -> None:
            for width, height in SIZES:
                await here.resize(width, height)
                for _ in range(2):
                    path = folder / f"{name}-{width}x{height}-{here.app.t.language}-{colours}.svg"
                    path.write_text(picture([Still(strips_of(here.app))]))
                    await here.press("f2")
            await here.resize(*SIZES[0])

        for name in options.walk or walks:
            with stage() as on:
                os.chdir(on.folder)
                asyncio.run(walks[name](on, see))
            os.chdir(folder)


if __name__ == "__main__":
    main()
