"""What is taken from a process before it hears a secret; tried in processes of their own."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

_HARDEN = """
import sys, wizard
before = set(sys.modules)
from wizard.secrets.hardening import harden_process
loaded = set(sys.modules) - before
harden_process()
import json, os, resource
print(json.dumps({
    "loaded": sorted(loaded),
    "variables": sorted(os.environ),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "umask": os.umask(0),
}))
"""
_NEEDED = {name: value for name, value in os.environ.items() if name.startswith(("PATH", "COVERAGE"))}
_CLOSE = """
import ctypes, subprocess
from wizard.secrets.hardening import close_memory
close_memory()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
subprocess.run(["cat", "/dev/stdin"], check=True)
"""


def run(script: str, environ: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, "-c", script],
        env=_NEEDED | environ,
        input="still readable",
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_variables_that_record_or_drive_are_dropped() -> None:
    spec = find_spec("textual")
    assert spec
    assert spec.origin
    source = (Path(spec.origin).parent / "constants.py").read_text()
    switches = dict.fromkeys(re.findall(r'"(TEXTUAL_\w+)"', source), "1")
    assert {"TEXTUAL_LOG", "TEXTUAL_DEBUG", "TEXTUAL_PRESS", "TEXTUAL_DRIVER"} < switches.keys()
    harmless = {"TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_FPS"}
    dropped = {"TEXTUAL": "devtools", "SSLKEYLOGFILE": "/keys", "TEXTUAL_ALLOW_SIGNALS": "1"}
    result = json.loads(run(_HARDEN, {"HOME": "/"} | switches | dropped))
    assert set(result["variables"]) - {"LC_CTYPE"} == {"HOME", *_NEEDED, *harmless}


def test_nothing_is_dumped_and_all_is_written_privately() -> None:
    result = json.loads(run(_HARDEN, {}))
    assert result["core"] == [0, 0]
    assert result["umask"] == 0o077


def test_it_costs_next_to_nothing() -> None:
    loaded = json.loads(run(_HARDEN, {}))["loaded"]
    assert set(loaded) <= {"resource", "wizard.secrets", "wizard.secrets.hardening"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows it")
def test_memory_is_closed_for_this_program_alone() -> None:
    assert run(_CLOSE, {}) == "0\nstill readable"
