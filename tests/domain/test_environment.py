"""The only places that a key may be sent to."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import every_row
from wizard.domain.environment import Environment, is_loopback_url


def test_the_two_addresses_are_fixed() -> None:
    assert Environment.PRODUCTION.base_url == "https://tripletex.no/v2"
    assert Environment.PRODUCTION.host == "tripletex.no"
    assert Environment.TEST.base_url == "https://api-test.tripletex.tech/v2"
    assert Environment.TEST.host == "api-test.tripletex.tech"
    assert Environment.SANDBOX.base_url is None
    assert Environment.SANDBOX.host is None


@every_row(
    "url",
    [
        "http://127.0.0.1:8765/v2",
        "http://127.0.0.1",
        "http://127.0.0.1/",
        "https://127.0.0.1:443/v2",
        "http://127.8.9.10:1/v2",
        "http://localhost:65535/v2",
        "http://[::1]:8765/v2",
        "http://[0:0:0:0:0:0:0:1]/v2",
    ],
)
def test_this_machine(url: str) -> None:
    assert is_loopback_url(url)


@every_row(
    "url",
    [
        "",
        "127.0.0.1:8765",
        "//127.0.0.1/v2",
        "ftp://127.0.0.1/v2",
        "file:///etc/passwd",
        "http://",
        "http:///v2",
        "http://evil.no/v2",
        "https://tripletex.no/v2",
        "http://127.0.0.1.evil.no/v2",
        "http://localhost.evil.no/v2",
        "http://localhost@evil.no/v2",
        "http://127.0.0.1:80@evil.no/v2",
        "http://user:secret@127.0.0.1/v2",
        "http://@127.0.0.1/v2",
        "http://evil.no\\@127.0.0.1/v2",
        "http://127.0.0.1\\@evil.no/v2",
        "http://127.0.0.1\\.evil.no/v2",
        "http://127.0.0.1#@evil.no/",
        "http://127.0.0.1/v2#here",
        "http://127.0.0.1?@evil.no/",
        "http://127.0.0.1/v2?token=a",
        "http://0x7f000001/v2",
        "http://0x7f.0.0.1/v2",
        "http://2130706433/v2",
        "http://127.1/v2",
        "http://0177.0.0.1/v2",
        "http://127.0.0.01/v2",
        "http://0.0.0.0/v2",
        "http://128.0.0.1/v2",
        "http://10.0.0.1/v2",
        "http://[::]/v2",
        "http://[::2]/v2",
        "http://[fe80::1]/v2",
        "http://[::1%25eth0]/v2",
        "http://[::1/v2",
        "http://[::1].evil.no/v2",
        "http://localhost./v2",
        "http://127.0.0.1./v2",
        "http://127.0.0.1:0/v2",
        "http://127.0.0.1:65536/v2",
        "http://127.0.0.1:99999/v2",
        "http://127.0.0.1:-1/v2",
        "http://127.0.0.1:+80/v2",
        "http://127.0.0.1:８０/v2",
        "http://１２７.0.0.1/v2",
        "http://127。0。0。1/v2",
        "http://ⓛocalhost/v2",
        "http://127.0.0.1/v2\n",
        " http://127.0.0.1/v2",
        "http://127.0.\n0.1/v2",
        "http://127.0.0.1\t.evil.no/v2",
        "http://127.0.0.1\x00.evil.no/v2",
        "http://127.0.0.1%2eevil.no/v2",
        "http://127.0.0.1/%2e%2e",
        "http://local\u200bhost/v2",
    ],
)
def test_anywhere_else_and_anything_odd(url: str) -> None:
    assert not is_loopback_url(url)


@given(st.text(), st.text())
def test_no_text_makes_it_fail(before: str, after: str) -> None:
    assert is_loopback_url(f"{before}http://127.0.0.1{after}") in {True, False}


@given(st.from_regex(r"[a-z0-9.-]{1,20}\.[a-z]{2,6}", fullmatch=True))
def test_no_name_but_localhost_is_this_machine(host: str) -> None:
    assert not is_loopback_url(f"http://{host}/v2")
