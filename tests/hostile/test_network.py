"""Hostile networks: foreign certificates, proxies and addresses get no token from the whole program.

Every kind of certificate, proxy and address is in ``tests/tripletex/test_network.py``.
"""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.home import COMPANY_KEY, STDIN, Done, Home
from tests.support.servers import Server, http, saying, says, serving, tunnel_to, unused_port

HASTY = "tests.hostile.hasty"
GOOD = 'file = "good.key"'
LIVE = "tripletex.no"
PASSWORD = "hemmelig-passord"  # noqa: S105 - made up
UNAUTHORIZED = '{"status":401,"code":3000,"message":"x","developerMessage":"x","requestId":"a-request"}'


@pytest.fixture
def home(home: Home) -> Home:
    """Return a home that nothing can leave, with a good key."""
    home.write("good.key", COMPANY_KEY.employee_token)
    home.variables |= {"HTTPS_PROXY": f"http://127.0.0.1:{unused_port()}", "NO_PROXY": ""}
    return home


def live(home: Home) -> Path:
    """Write a config for Tripletex itself, which no test reaches."""
    path = home.config(reference=GOOD)
    text = path.read_text().replace(f'base_url = "{home.base_url}"\n', "")
    path.write_text(text.replace('"sandbox"', '"production"'))
    return path


def at(home: Home, address: str) -> Path:
    """Write a config for another address."""
    path = home.config(reference=GOOD)
    path.write_text(path.read_text().replace(home.base_url, address))
    return path


def through(home: Home, proxy: Server) -> None:
    home.variables["HTTPS_PROXY"] = f"http://kari:{PASSWORD}@127.0.0.1:{proxy.port}"


def validate(home: Home, config: Path) -> Done:
    """Check a config that cannot be proven, and search everything for tokens."""
    done = home.run("validate", config, "-v", program=HASTY, code=3)
    assert "Traceback" not in done.err
    assert PASSWORD not in done.out + done.err
    home.assert_no_leak()
    return done


def test_the_tokens_go_to_a_server_with_a_trusted_certificate_and_to_no_other(home: Home) -> None:
    secrets = home.folder / "keys of the connection"
    home.variables["SSLKEYLOGFILE"] = str(secrets)
    authority = Authority(home.folder / "tmp")
    with serving(says(401, UNAUTHORIZED), authority.context("127.0.0.1")) as server:
        config = at(home, server.base_url.replace("http:", "https:"))
        assert "TW504" in validate(home, config).out
        assert COMPANY_KEY.employee_token not in server.text
        home.variables["SSL_CERT_FILE"] = str(authority.path)
        assert "a-request" in validate(home, config).out
        assert COMPANY_KEY.employee_token in server.text
    assert not secrets.exists()


def test_a_proxy_sees_only_the_host(home: Home) -> None:
    authority = Authority(home.folder / "tmp")
    home.variables["SSL_CERT_FILE"] = str(authority.path)
    with ExitStack() as stack:
        inside = stack.enter_context(serving(says(401, UNAUTHORIZED), authority.context(LIVE)))
        proxy = stack.enter_context(serving(tunnel_to(inside.port)))
        through(home, proxy)
        validate(home, live(home))
    assert COMPANY_KEY.employee_token in inside.text
    assert proxy.text.startswith(f"CONNECT {LIVE}:443 ")
    assert COMPANY_KEY.employee_token not in proxy.text


def test_a_proxy_that_refuses_is_reported_without_its_password(home: Home) -> None:
    with serving(saying(http(407, "", "Proxy-Authenticate: Basic realm=x"))) as proxy:
        through(home, proxy)
        done = validate(home, live(home))
    assert "TW505" in done.out
    assert "HTTP 407" in done.out
    assert COMPANY_KEY.employee_token not in proxy.text


def test_loopback_goes_through_no_proxy(home: Home) -> None:
    with serving(says(200, "{}")) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
        home.variables |= dict.fromkeys(names, address)
        home.run("validate", home.config(reference=GOOD), code=0)
    assert home.saw(COMPANY_KEY)
    assert not proxy.received


def test_a_foreign_address_is_refused_before_anything_is_sent(home: Home) -> None:
    """Whether it is in a config or on the command line."""
    foreign = home.base_url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104 - the sandbox would answer there
    assert "TW213" in home.run("validate", at(home, foreign), code=1).out
    words = [word.replace(home.base_url, foreign) for word in home.setup("new.toml", *STDIN)]
    assert "--base-url" in home.run(*words, text=COMPANY_KEY.employee_token, code=2).err
    assert not home.sandbox.requests
    home.assert_no_leak()
