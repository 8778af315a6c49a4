"""The search for tokens itself: a search that cannot find anything would prove nothing."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.canary import canary, leaking_files, leaks
from tests.support.guard import Guard
from tests.support.home import Home
from tests.support.rows import every_row
from tests.support.sandbox import Sandbox

BIRD = canary("the bird", 2_113_377_001)
OTHER = canary("another", 913_372_801)
TOKEN = BIRD.token


@every_row(
    ("text", "form"),
    [
        (TOKEN, "as it is"),
        (f"…{TOKEN[30:42]}…", "as it is"),
        (TOKEN.upper(), "as it is"),
        (f"{TOKEN[:9]}\r\n   {TOKEN[9:15]}", "as it is"),
        (f"{TOKEN[:9]}\x1b[1;31m{TOKEN[9:15]}", "as it is"),
        (quote(TOKEN, safe=""), "as it is"),
        (base64.b64encode(f"0:{TOKEN}".encode()).decode(), "in base64"),
        (f"\x1b]52;c;{base64.b64encode(TOKEN.encode()).decode()}\x07", "in base64"),
        (base64.b64encode(TOKEN[20:50].encode()).decode(), "in base64"),
        (TOKEN.encode().hex(), "in hexadecimal"),
        (base64.b64decode(TOKEN).decode(), "unpacked"),
        ('{"tokenId":2113377001}', "unpacked"),
        (r'"{\"tokenId\":2113377001}"', "unpacked"),
    ],
)
def test_a_token_is_found_in_every_form(text: str, form: str) -> None:
    assert f"the bird, {form}" in leaks(text, [BIRD, OTHER])
    assert leaks(text.encode(), [BIRD])


@every_row("text", ["", "Key no. 2113377001", "987d-8f", "eyJhbGciOi", "••••••••••••", TOKEN[:11]])
def test_harmless_text_is_not_called_a_leak(text: str) -> None:
    assert not leaks(text, [BIRD, OTHER])


def test_a_token_is_found_in_the_content_the_name_and_the_target_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "silent").write_text("nothing")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "text").write_bytes(b"\xff" + TOKEN.encode())
    (tmp_path / TOKEN).touch()
    (tmp_path / "link").symlink_to(f"/nowhere/{TOKEN}")
    assert {path.name for path in leaking_files(tmp_path, [BIRD])} == {"text", TOKEN, "link"}


LEAKS = {
    "no leak": "None",
    "output": "print(token[:20])",
    "errors": "print(token[-20:], file=sys.stderr)",
    "a file": "open('trace', 'w').write(token)",
    "an argument": "subprocess.run(['sh', '-c', 'sleep 0.5', token])",
    "an environment": "subprocess.run(['sleep', '0.5'], env={'PATH': os.environ['PATH'], 'KEY': token})",
    "an address": "urllib.request.urlopen(f'{url}/token/session/>whoAmI?key={token}')",
}


@pytest.fixture
def careless(tmp_path: Path, base_url: str, sandbox: Sandbox) -> Iterator[Home]:
    """Return a home with a program that leaks; what it does is not held against the test."""
    home = Home(tmp_path, sandbox, base_url, {"TOKEN": sandbox.world.office.employee_token})
    lines = (f"    {json.dumps(name)}: lambda: {leak}," for name, leak in LEAKS.items())
    (tmp_path / "careless.py").write_text(
        "import os, subprocess, sys, urllib.request\n"
        f"token, url = os.environ['TOKEN'], '{base_url}'\n"
        "leaks = {\n" + "\n".join(lines) + "\n}\n"
        "try:\n    leaks[sys.argv[1]]()\nexcept OSError:\n    pass\n"
    )
    yield home
    Guard.at_work.remove(home.guard)


@pytest.mark.parametrize("leak", LEAKS)
def test_the_guard_of_a_home_notices_a_leak_in_every_channel(
    careless: Home, leak: str, request: pytest.FixtureRequest
) -> None:
    assert "nothing_leaks" in request.fixturenames, "every test asks its guards at the end"
    assert careless.guard in Guard.at_work

    def run_and_search() -> None:
        careless.run(leak, program="careless", code=0)
        careless.guard.check()

    if leak == "no leak":
        run_and_search()
    else:
        with pytest.raises(AssertionError):
            run_and_search()
