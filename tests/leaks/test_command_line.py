"""A token where something else belongs: on the command line, in the site's defaults, in a config."""

import json
from pathlib import Path

import pytest

from tests.support.house import COMPANY_KEY, House

TOKEN = COMPANY_KEY.token


@pytest.mark.parametrize(
    "words",
    [
        [TOKEN],
        [f"--key={TOKEN}"],
        ["--lang", TOKEN],
        ["setup", "finale.toml", TOKEN],
        ["setup", "finale.toml", "--setup", TOKEN],
        ["setup", "finale.toml", "--employee-token", TOKEN],
        ["setup", "finale.toml", "--employee-token-file", TOKEN],
        ["setup", "finale.toml", "--employee-token-ref", f"env:{TOKEN}"],
        ["setup", "finale.toml", "--employee-token-ref", f"command:echo {TOKEN}"],
        ["setup", "finale.toml", "--consumer-token-ref", f"file:/etc/{TOKEN}"],
        ["setup", "finale.toml", "--application", TOKEN, "--setup", "single-company"],
        ["validate", TOKEN],
        ["validate", "--max-age", TOKEN, "finale.toml"],
        ["explain", TOKEN],
        ["guide", TOKEN],
    ],
    ids=lambda words: " ".join(words).replace(TOKEN, "TOKEN"),
)
def test_a_token_on_the_command_line_is_refused_and_not_repeated(stage: House, words: list[str]) -> None:
    run = stage.run(*words)
    assert run.returncode == 2
    assert run.stderr.startswith("There is a token on the command line")
    stage.assert_run_untold(run)


@pytest.mark.parametrize(
    "line",
    [
        f'consumer_token = "{TOKEN}"',
        f'consumer_token = {{ env = "{TOKEN}" }}',
        f'application = "{TOKEN}"',
        f'"{TOKEN}" = 1',
        f"[{TOKEN}]\n[{TOKEN}]",
        f"# was {TOKEN}",
    ],
    ids=lambda line: line.replace(TOKEN, "TOKEN"),
)
def test_a_token_in_the_sites_defaults_is_refused_and_not_repeated(stage: House, line: str) -> None:
    stage.guard.stores.add(stage.defaults)
    stage.defaults.write_text(line)
    run = stage.run("validate", "finale.toml")
    assert run.returncode == 2
    assert "defaults.toml: holds a token" in run.stderr
    stage.assert_run_untold(run)


MISPLACED = {
    "over several lines": ("[finale]", f'x = """{TOKEN[:40]}\\\n  {TOKEN[40:]}"""\n[finale]'),
    "as the reference": ('employee_token = { env = "X" }', f'employee_token = "{TOKEN}"'),
    "as a variable's name": ('{ env = "X" }', f'{{ env = "{TOKEN}" }}'),
    "as a file's name": ('{ env = "X" }', f'{{ file = "{TOKEN}" }}'),
    "as a command": ('{ env = "X" }', f'{{ command = ["echo", "{TOKEN}"] }}'),
    "as an organisation number": ('org_number = ""', f'org_number = "{TOKEN}"'),
    "as the set-up": ('"single-company"', f'"{TOKEN}"'),
    "as the schema's version": ("schema_version = 1", f'schema_version = "{TOKEN}"'),
    "as a setting of its own": ("[finale]", f'key = "{TOKEN}"\n[finale]'),
    "as a setting's name": ("[finale]", f"{TOKEN.rstrip('=')} = 1\n[finale]"),
    "as a table's name": ("[finale]", f'["{TOKEN}"]\n[finale]'),
    "without quotation marks": ('{ env = "X" }', TOKEN),
    "in a broken line": ('{ env = "X" }', f'{{ file = "{TOKEN} }}'),
    "in a comment": ("[finale]", f"# old key: {TOKEN}\n[finale]"),
    "in a line that was commented out": ("[finale]", f'# employee_token = "{TOKEN}"\n[finale]'),
    "in a line that is no text": ("[finale]", f'x = "{TOKEN}\udcff"\n[finale]'),
    "cut off": ("[finale]", f'key = "{TOKEN[:60]}"\n[finale]'),
}


@pytest.fixture
def folder(stage: House) -> Path:
    """Return a folder of configs, each with a token where it does not belong."""
    good = stage.write_config('{ env = "X" }').read_text()
    folder = stage.folder / "configs"
    folder.mkdir()
    for name, (there, instead) in MISPLACED.items():
        assert there in good
        path = folder / f"{name}.toml"
        path.write_bytes(good.replace(there, instead).encode(errors="surrogateescape"))
        stage.guard.stores.add(path)
    return folder


@pytest.mark.parametrize("more", [(), ("--offline", "-v"), ("--lang", "nb")], ids=" ".join)
def test_a_token_in_a_config_is_found_and_not_repeated(
    stage: House, folder: Path, more: tuple[str, ...]
) -> None:
    run = stage.run("validate", folder, "--format", "json", *more)
    assert run.returncode == 1, run.stderr
    results = json.loads(run.stdout)["results"]
    assert {Path(result["path"]).stem for result in results} == MISPLACED.keys()
    for result in results:
        assert "TW320" in {finding["code"] for finding in result["findings"]}, result["path"]
    stage.assert_run_untold(run)


@pytest.mark.parametrize("form", ["text", "junit"])
def test_nor_is_it_in_the_other_reports(stage: House, folder: Path, form: str) -> None:
    run = stage.run("validate", folder, "--format", form, "-v")
    assert run.returncode == 1, run.stderr
    said = " ".join(run.stdout.split())
    assert "TW320" in said
    assert not [name for name in MISPLACED if f"{name}.toml" not in said]
    stage.assert_run_untold(run)


def test_nor_does_it_get_into_a_backup(stage: House, folder: Path) -> None:
    former = (folder / "in a comment.toml").read_text()
    (stage.folder / "finale.toml").write_text(former)
    run = stage.run(*stage.setup("--employee-token-file", "-", "--overwrite", "-v"), text=TOKEN)
    assert run.returncode == 0, run.stderr
    (backup,) = stage.folder.glob("finale.toml.bak-*")
    assert backup.read_text() == former.replace(TOKEN, "***")
    stage.assert_run_untold(run, kept=(COMPANY_KEY,))
