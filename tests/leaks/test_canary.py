"""The search itself: a search that finds nothing because it cannot find anything would prove nothing."""

import base64
from pathlib import Path
from urllib.parse import quote

from tests.support.canary import canary, files_that_tell, leaks
from tests.support.rows import every_row

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
def test_what_tells_nothing_is_not_called_a_leak(text: str) -> None:
    assert not leaks(text, [BIRD, OTHER])


def test_files_tell_by_their_text_their_name_and_their_target(tmp_path: Path) -> None:
    (tmp_path / "silent").write_text("nothing")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "text").write_bytes(b"\xff" + TOKEN.encode())
    (tmp_path / TOKEN).touch()
    (tmp_path / "link").symlink_to(f"/nowhere/{TOKEN}")
    assert {path.name for path in files_that_tell(tmp_path, [BIRD])} == {"text", TOKEN, "link"}
