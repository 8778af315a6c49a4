"""The schema next to configs that name it, as the tools behind people's editors read it."""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

from tests.config.test_validation import CASES, TOGETHER
from tests.config.texts import GOOD, SANDBOX, SHARED, SINGLE
from wizard.config.fields import schema_text
from wizard.config.reading import parse_config

SAMPLES = Path(__file__).parents[2] / "config-samples"
CHECKER = Path(sysconfig.get_path("scripts")) / "tombi"
SCHEMA_FILE = "tripletex-wizard.schema.json"
SCHEMA_LINE = f"#:schema ./{SCHEMA_FILE}"

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


def test_every_sample_names_the_schema_and_is_valid(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES, tmp_path, dirs_exist_ok=True)
    samples = sorted(tmp_path.glob("*.toml"))
    assert len(samples) >= 8
    assert all(sample.read_text().startswith(f"{SCHEMA_LINE}\n") for sample in samples)
    assert refused(tmp_path) == set()


def test_editors_and_the_program_refuse_the_same_faults(tmp_path: Path) -> None:
    texts = [GOOD, SHARED, SINGLE, SANDBOX, *(text for text, _, _ in TOGETHER)]
    texts += [GOOD.replace(what, into) for what, into, _, _ in CASES]
    (tmp_path / SCHEMA_FILE).write_text(schema_text())
    expected, accepted = set(), 0
    for number, text in enumerate(texts):
        name, reading = f"{number:03}.toml", parse_config(text)
        if {finding.code.id for finding in reading.findings if finding.is_error} & BEYOND_A_SCHEMA:
            continue
        (tmp_path / name).write_text(f"{SCHEMA_LINE}\n{text}")
        expected |= {name} if reading.config is None else set()
        accepted += reading.config is not None
    assert len(expected) > 50
    assert accepted >= 6
    assert refused(tmp_path) == expected
