"""Where keys were kept the last time; whatever lies there instead is no answer."""

import stat
from pathlib import Path

from tests.support.rows import every_row
from wizard.domain.reference import CommandReference, EnvReference
from wizard.walk.remembered import Place, remember_place, remembered_place

PLACES: list[Place] = ["keyring", "file", EnvReference("KEY"), CommandReference(("pass", "show", "æ b"))]


@every_row("place", PLACES)
def test_a_choice_is_remembered_in_private(tmp_path: Path, place: Place) -> None:
    folder = tmp_path / str(PLACES.index(place))
    assert remembered_place(folder) is None
    remember_place(folder, place)
    assert remembered_place(folder) == place
    (noted,) = folder.iterdir()
    assert stat.S_IMODE(noted.stat().st_mode) == 0o600


@every_row(
    "noted", [b"", b"vault", b"[]", b"{}", b'{"command": []}', b'{"command": [1]}', b"\xff", b"[" * 100_000]
)
def test_what_was_never_noted_is_no_choice(tmp_path: Path, noted: bytes) -> None:
    (tmp_path / "store").write_bytes(noted)
    assert remembered_place(tmp_path) is None


def test_a_folder_that_cannot_be_written_to_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    remember_place(tmp_path / "taken", "file")
    assert remembered_place(tmp_path / "taken") is None
