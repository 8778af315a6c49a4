"""The JSON Schema says the same of a config as reading does, for editors too."""

import json
import os
import shutil
import subprocess
import sysconfig
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.test_validation import CASES, TOGETHER
from tests.config.texts import GOOD, SANDBOX, SHARED, SINGLE
from tests.keys import ZERO_UUID, make_key
from tests.support.rows import every_row
from wizard.config.fields import CONFIG, Field, Rule, json_schema, schema_text
from wizard.config.reading import leaks_in, parse_config, validate
from wizard.config.syntax import Document
from wizard.domain.key import looks_like_token
from wizard.domain.setup import is_loopback_url
from wizard.findings import codes

VALIDATOR = jsonschema.Draft202012Validator(
    json_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def as_json(value: Any) -> Any:  # noqa: ANN401 - any TOML value
    """Return a TOML value as editors hand it to JSON Schema."""
    match value:
        case dict():
            return {name: as_json(inner) for name, inner in value.items()}
        case list():
            return [as_json(inner) for inner in value]
        case date():
            return value.isoformat()
        case _:
            return value


def schema_accepts(document: Document) -> bool:
    return bool(VALIDATOR.is_valid(as_json(document)))


def test_the_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    # An editor need not know the format of dates.
    without_formats = jsonschema.Draft202012Validator(json_schema())
    assert not without_formats.is_valid(tomllib.loads(GOOD.replace("2026-11-22", "'22.11.2026'")))


@every_row("key", [make_key().reveal(), ZERO_UUID], ids=["token", "former-form"])
@every_row("where", ["x = 'KEY'", "KEY = 1", "[x.y.KEY]", "x = [[{ y = 'KEY' }]]", "x.note = 'KEY'"])
def test_the_schema_finds_a_key_anywhere(key: str, where: str) -> None:
    text = where.replace("KEY", f'"{key}"' if where.find("'") < 0 else key) + "\n"
    document = tomllib.loads(text) | tomllib.loads(GOOD)
    assert not schema_accepts(document)
    assert schema_accepts(tomllib.loads(where.replace("KEY", "harmless")) | tomllib.loads(GOOD))


def fields(field: Field = CONFIG) -> list[Field]:
    return [field, *(inner for child in field.fields for inner in fields(child))]


def test_every_setting_has_a_description_in_every_language() -> None:
    for field in fields():
        assert field.description


texts = st.text(max_size=20) | st.sampled_from(
    [
        *("", " ", "974760673", "971032146", "123456785", "974 760 673", "974760673\n", "01010112345"),
        *("%ORGNR%", "%ORGNR%\n", " %ORGNR%", "VismaFinale", "a\x00b", "a\x7fb"),
        *(
            "~/key",
            "a~",
            "$HOME/key",
            "a/${X}",
            "${CREDENTIALS_DIRECTORY}/key",
            "${CREDENTIALS_DIRECTORY}/${X}",
        ),
        *("ENV_NAME", "1ENV", "ENV\n", "2026-11-22", "2026-02-30", "2026-11-22\n"),
        *("http://127.0.0.1:8765/v2", "http://127.0.0.1:8765/v2\n", "https://localhost", "http://[::1]:1/"),
        *("http://127.0.0.1:65536/v2", "http://tripletex.no/v2"),
        *(make_key().reveal(), f"see {make_key().reveal()}", ZERO_UUID, f"TEST-{ZERO_UUID} ", "tlxr_"),
    ]
)
references = st.sampled_from(["keyring", "file", "env", "command"])
anything = st.one_of(
    texts,
    st.sampled_from([0, 1, -1, 2**63 - 1, 2**63, 5, True, 1.5]),
    st.lists(texts, max_size=2),
    st.dictionaries(references | texts, texts | st.lists(texts, max_size=2), max_size=2),
)


@pytest.mark.parametrize(
    "text", [GOOD, SHARED, SINGLE, SANDBOX], ids=["client", "shared", "single", "sandbox"]
)
@given(
    path=st.sampled_from([(table.name, setting.name) for table in CONFIG.fields for setting in table.fields]),
    value=st.none() | anything,
)
def test_one_change_to_a_good_config_gets_the_same_verdict(
    text: str, path: tuple[str, str], value: object
) -> None:
    document = tomllib.loads(text)
    table, name = document[path[0]], path[1]
    table.pop(name, None)
    if value is not None:
        table[name] = value
    errors = [flaw.finding for flaw in (*leaks_in(document), *validate(document)) if flaw.finding.is_error]
    if {finding.code for finding in errors} != {codes.ORG_NUMBER_CHECK_DIGIT}:
        assert schema_accepts(document) == (not errors), [finding.code.id for finding in errors]


def rule_of(name: str) -> Rule:
    (field,) = [field for field in fields() if field.name == name]
    return field.rules[-1]


@given(st.from_regex(rule_of("base_url").pattern))
def test_the_schema_and_reading_agree_on_loopback(url: str) -> None:
    assert is_loopback_url(url.removesuffix("\n"))


@given(texts | st.from_regex(json_schema()["$defs"]["no_key"]["not"]["pattern"]))
def test_the_schema_and_the_program_recognise_the_same_keys(text: str) -> None:
    assert VALIDATOR.evolve(schema=json_schema()["$defs"]["no_key"]["not"]).is_valid(
        text
    ) == looks_like_token(text)


SAMPLE_FOLDER = Path(__file__).parents[2] / "config-samples"
CHECKER = Path(sysconfig.get_path("scripts")) / "tombi"
SCHEMA_FILE = "tripletex-wizard.schema.json"
SCHEMA_LINE = f"#:schema ./{SCHEMA_FILE}"
# Check digits: arithmetic, which JSON Schema cannot do.
BEYOND_A_SCHEMA = {"TW202", "TW209"}


def refused(folder: Path) -> set[str]:
    """Return the names of the files in which the checker finds an error, without naming a schema."""
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
    assert (SAMPLE_FOLDER / SCHEMA_FILE).read_text() == schema_text()


def test_every_sample_names_the_schema_and_is_valid(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE_FOLDER, tmp_path, dirs_exist_ok=True)
    samples = sorted(tmp_path.glob("*.toml"))
    assert len(samples) >= 8
    for sample in samples:
        text = sample.read_text()
        assert text.startswith(f"{SCHEMA_LINE}\n")
        assert parse_config(text).findings == ()
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
