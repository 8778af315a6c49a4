"""Whatever a file holds, reading and changing it end in an answer."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.texts import ENGLISH, NORWEGIAN, config_of
from wizard.config.editing import update
from wizard.config.model import EditRefused
from wizard.config.reading import Reading, parse_config, read_config

SAMPLES = [path.read_text() for path in sorted((Path(__file__).parents[2] / "config-samples").glob("*.toml"))]
PIECES = [
    *("\n", "\r", "\r\n", "\0", "\ufeff", " ", "\t", "#", "'", '"', "'''", '"""', "\\", "\\u", "=", ".", ","),
    *("[", "]", "[[", "]]", "{", "}", "0x", "1_0", "inf", "nan", "true", "2026-11-22", "10:00:00", "🔑", "å"),
    *("schema_version", "tripletex", "finale", "[key]", "keyring", "%ORGNR%", "974760673", "employee_token"),
]
mutations = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES) | st.text(max_size=5)), max_size=4
)


def mutate(text: str, changes: list[tuple[float, int, str]]) -> str:
    for where, removed, put in changes:
        at = int(where * len(text))
        text = text[:at] + put + text[at + removed :]
    return text


def check(reading: Reading) -> None:
    """Every finding can be said, and has a place in the text if it has one at all."""
    lines = (reading.text or "").removeprefix("\ufeff").split("\n")
    for finding in reading.findings:
        for t in (ENGLISH, NORWEGIAN):
            assert finding.message(t)
            assert finding.hint(t)
        if finding.position and reading.text is not None:
            assert 1 <= finding.position.column <= len(lines[finding.position.line - 1]) + 1
    assert (reading.config is None) == any(finding.is_error for finding in reading.findings)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(data)
    check(read_config(path))


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    check(parse_config(text))


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), mutations)
def test_any_change_to_a_sample_is_read(text: str, changes: list[tuple[float, int, str]]) -> None:
    check(parse_config(mutate(text, changes)))


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), mutations, st.sampled_from(SAMPLES))
def test_any_changed_sample_is_updated_or_refused(
    text: str, changes: list[tuple[float, int, str]], other: str
) -> None:
    target = config_of(other)
    try:
        updated = update(mutate(text, changes), target)
    except EditRefused:
        return
    assert config_of(updated) == target
