"""The schema beside the configs, as the tools behind people's editors find and read it."""

import json
import os
import shutil
import stat
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.config.test_judging import CASES, TOGETHER
from tests.config.test_rendering import CLIENT
from tests.config.texts import ENGLISH, GOOD, SANDBOX, SHARED, SINGLE
from wizard.config import SCHEMA_FILE, parse_config, provide_schema, render, schema_text
from wizard.config.schema_file import SCHEMA_LINE

SAMPLES = Path(__file__).parents[2] / "config-samples"
CHECKER = Path(sysconfig.get_path("scripts")) / "tombi"
WRITTEN = render(CLIENT, ENGLISH)

# Check digits: arithmetic, which JSON Schema cannot do.
BEYOND_A_SCHEMA = {"TW202", "TW209"}


def refused(folder: Path) -> set[str]:
    """Return the names of the files in which the checker finds an error; it is told of no schema."""
    report = folder / "report.json"
    flags = ["--offline", "--quiet", "--diagnostics-format=json", f"--diagnostics-file={report}"]
    files = sorted(path.name for path in folder.glob("*.toml"))
    subprocess.run(
        [str(CHECKER), "lint", *flags, *files],
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
        capture_output=True,
        timeout=60,
        check=False,
    )
    found = json.loads(report.read_text())
    return {Path(each["path"]).name for each in found if each["level"] == "error"}


def test_the_schema_among_the_samples_is_up_to_date() -> None:
    assert (SAMPLES / SCHEMA_FILE).read_text() == schema_text()


def test_every_sample_names_it_and_is_accepted(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES, tmp_path, dirs_exist_ok=True)
    samples = sorted(tmp_path.glob("*.toml"))
    assert len(samples) >= 8
    assert all(sample.read_text().startswith(f"{SCHEMA_LINE}\n") for sample in samples)
    assert refused(tmp_path) == set()


def test_what_is_broken_is_refused_by_editors_and_by_reading_alike(tmp_path: Path) -> None:
    texts = [GOOD, SHARED, SINGLE, SANDBOX, *(text for text, _, _ in TOGETHER)]
    texts += [GOOD.replace(what, into) for what, into, _, _ in CASES]
    expected, accepted = set(), 0
    for number, text in enumerate(texts):
        name, reading = f"{number:03}.toml", parse_config(text)
        if {finding.code.id for finding in reading.findings if finding.is_error} & BEYOND_A_SCHEMA:
            continue
        (tmp_path / name).write_text(f"{SCHEMA_LINE}\n{text}")
        provide_schema(tmp_path / name, f"{SCHEMA_LINE}\n{text}")
        expected |= {name} if reading.config is None else set()
        accepted += reading.config is not None
    assert len(expected) > 50
    assert accepted >= 6
    assert refused(tmp_path) == expected


def test_a_written_config_brings_its_schema_along(tmp_path: Path) -> None:
    config = tmp_path / "kunde.toml"
    config.write_text(WRITTEN)
    provide_schema(config, WRITTEN)
    schema = tmp_path / SCHEMA_FILE
    assert schema.read_text() == schema_text()
    assert stat.S_IMODE(schema.stat().st_mode) == 0o600
    assert refused(tmp_path) == set()
    config.write_text(WRITTEN.replace("bureau-client", "bureau"))
    assert refused(tmp_path) == {"kunde.toml"}


@pytest.mark.parametrize(
    "text", [GOOD, f"# A note\n\n{SCHEMA_LINE}\n{GOOD}", f"#:schema ./other.json\n{GOOD}"]
)
def test_a_config_that_does_not_name_it_gets_no_company(tmp_path: Path, text: str) -> None:
    provide_schema(tmp_path / "kunde.toml", text)
    assert not (tmp_path / SCHEMA_FILE).exists()


def test_the_schema_of_another_version_is_renewed_and_the_same_left_alone(tmp_path: Path) -> None:
    schema = tmp_path / SCHEMA_FILE
    schema.write_text("{}")
    provide_schema(tmp_path / "kunde.toml", WRITTEN)
    assert schema.read_text() == schema_text()
    before = schema.stat()
    provide_schema(tmp_path / "kunde.toml", f"\ufeff{WRITTEN}")
    assert schema.stat().st_ino == before.st_ino


def test_a_schema_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / SCHEMA_FILE).mkdir()
    provide_schema(tmp_path / "kunde.toml", WRITTEN)
    assert (tmp_path / SCHEMA_FILE).is_dir()
