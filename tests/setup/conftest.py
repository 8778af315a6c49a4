from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.support.walker import Walker
from wizard.context import AppContext
from wizard.domain.setup import Environment
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.site import SiteDefaults
from wizard.text import Texts


@pytest.fixture
def context(tmp_path: Path, sandbox: Sandbox) -> AppContext:
    inside = AppContext.inside(tmp_path, SiteDefaults())
    return replace(inside, environ={"TRIPLETEX_CONSUMER_TOKEN": sandbox.world.consumer_token})


@pytest.fixture
def begin(context: AppContext, base_url: str) -> Callable[..., Walker]:
    """Begin a set-up in the same folder, with whatever is known beforehand."""

    def begin(around: AppContext | None = None, *, resumes: bool | None = None, **known: Any) -> Walker:  # noqa: ANN401 - what Answers takes
        given: dict[str, Any] = {
            "environment": Environment.SANDBOX,
            "base_url": base_url,
            "store": "file",
            **known,
        }
        walk = SetupWalk(around or context, Answers(**given), Texts("en"), resumes=resumes)
        return Walker(walk)

    return begin


@pytest.fixture
def walker(begin: Callable[..., Walker]) -> Walker:
    return begin()
