"""Checking several configs whose keys are read once."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.keyrings import HangingKeyring
from tests.support.sandbox import Sandbox
from wizard.checks.results import ValidateOptions
from wizard.checks.validation import validate
from wizard.context import VARIABLE, AppContext
from wizard.findings import Verdict, codes
from wizard.secrets import keyring_backends
from wizard.secrets.resolver import Resolver
from wizard.site import SiteDefaults


async def test_an_untrusted_config_does_not_stop_another_with_the_same_reference(
    tmp_path: Path, sandbox: Sandbox, base_url: str
) -> None:
    environ = {VARIABLE: sandbox.world.consumer_token, "KEY": sandbox.world.single_company.employee_token}
    context = replace(AppContext.inside(tmp_path, SiteDefaults()), environ=environ)
    text = (
        f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{base_url}"\n'
        '[finale]\nsetup = "single-company"\n[credentials]\nemployee_token = { env = "KEY" }\n'
    )
    untrusted, trusted = tmp_path / "a.toml", tmp_path / "b.toml"
    for path, mode in ((untrusted, 0o666), (trusted, 0o600)):
        path.write_text(text)
        path.chmod(mode)
    for paths in ((untrusted, trusted), (trusted, untrusted)):
        results = [result async for result in validate(paths, ValidateOptions(), context)]
        expected = [Verdict.UNKNOWN if path is untrusted else Verdict.VALID for path in paths]
        assert [result.status for result in results] == expected


async def test_a_keyring_that_does_not_answer_is_waited_for_once(
    tmp_path: Path, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[HangingKeyring] = []

    def choose(_: object) -> HangingKeyring:
        asked.append(HangingKeyring())
        return asked[-1]

    monkeypatch.setattr(keyring_backends, "choose_backend", choose)
    defaults = Resolver.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "deadline", 0.2)
    paths = [tmp_path / f"{number}.toml" for number in range(5)]
    for path in paths:
        path.write_text(
            f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{base_url}"\n'
            '[finale]\nsetup = "single-company"\n'
            f'[credentials]\nemployee_token = {{ keyring = "{path.stem}" }}\n'
        )
    context = AppContext.inside(tmp_path, SiteDefaults())
    results = [result async for result in validate(paths, ValidateOptions(jobs=1), context)]
    assert [each.findings[0].code for each in results] == [codes.STORE_SILENT] * 5
    assert len(asked) == 1
    asked[0].prompt_closed.set()
