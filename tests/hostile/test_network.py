"""Hostile networks: foreign certificates, proxies of every kind, and foreign addresses."""

import asyncio
import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.home import COMPANY_KEY, STDIN, Home
from tests.support.servers import (
    Respond,
    Server,
    close_after_request,
    close_at_once,
    http,
    never,
    saying,
    says,
    serving,
    tunnel_to,
    unused_port,
)

HASTY = "tests.hostile.hasty"
GOOD = 'file = "good.key"'
LIVE = "tripletex.no"
PASSWORD = "hemmelig-passord"  # noqa: S105 - made up
UNAUTHORIZED = '{"status":401,"code":3000,"message":"x","developerMessage":"x","requestId":"a-request"}'
TLS_FAILED, PROXY_REFUSED, NOT_TRIPLETEX, NO_ANSWER = "TW504", "TW505", "TW506", "TW503"


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


def assert_unknown(home: Home, config: Path, code: str, *words: str) -> str:
    """Assert that a config could not be checked, for a reason; return the sentence."""
    run = home.run("validate", config, "-v", "--format", "json", *words, program=HASTY)
    assert run.code == 3, run.out + run.err
    (finding,) = json.loads(run.out)["results"][0]["findings"]
    assert finding["code"].startswith(code)
    sentence = str(finding["message"])
    assert "Traceback" not in run.err
    assert PASSWORD not in run.out + run.err
    home.assert_no_leak()
    return sentence


# Certificates.


@pytest.fixture
def known(home: Home) -> Authority:
    """Return an authority that this machine trusts."""
    made = Authority(home.folder / "tmp")
    home.variables["SSL_CERT_FILE"] = str(made.path)
    return made


def secure(home: Home, server: Server) -> Path:
    config = home.config(reference=GOOD)
    address = server.base_url.replace("http:", "https:")
    config.write_text(config.read_text().replace(home.base_url, address))
    return config


def test_a_trusted_certificate_is_accepted(home: Home, known: Authority) -> None:
    secrets = home.folder / "keys of the connection"
    home.variables["SSLKEYLOGFILE"] = str(secrets)
    with serving(says(401, UNAUTHORIZED), known.context("127.0.0.1")) as server:
        run = home.run("validate", secure(home, server), "-v", program=HASTY)
    assert run.code == 3
    assert "a-request" in run.out
    assert not secrets.exists()
    assert COMPANY_KEY.employee_token in server.text
    home.assert_no_leak()


@pytest.mark.parametrize(
    ("names", "days", "reason"),
    [
        (["127.0.0.1"], -1, "the certificate has expired"),
        (["127.0.0.2", "tripletex.no"], 1, "the certificate belongs to another address"),
    ],
)
def test_an_expired_or_foreign_certificate_is_refused(
    home: Home, known: Authority, names: list[str], days: int, reason: str
) -> None:
    with serving(says(401, UNAUTHORIZED), known.context(*names, days=days)) as server:
        assert reason in assert_unknown(home, secure(home, server), TLS_FAILED)
    assert COMPANY_KEY.employee_token not in server.text


@pytest.mark.parametrize("trusted", [None, "/dev/null", "/nowhere"])
def test_an_untrusted_certificate_is_refused(home: Home, trusted: str | None) -> None:
    stranger = Authority(home.folder / "tmp")
    if trusted is not None:
        home.variables["SSL_CERT_FILE"] = trusted
    with serving(says(401, UNAUTHORIZED), stranger.context("127.0.0.1")) as server:
        assert_unknown(home, secure(home, server), TLS_FAILED)
    assert COMPANY_KEY.employee_token not in server.text


def test_a_server_without_tls_gets_no_token(home: Home, known: Authority) -> None:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(http(400, "<html>this is port 80</html>", kind="text/html"))

    with serving(respond) as server:
        assert_unknown(home, secure(home, server), TLS_FAILED)
    assert server.received
    assert "Token" not in server.text


# Proxies.


def through(home: Home, proxy: Server) -> None:
    home.variables["HTTPS_PROXY"] = f"http://kari:{PASSWORD}@127.0.0.1:{proxy.port}"


def test_a_proxy_sees_only_the_host(home: Home, known: Authority) -> None:
    with ExitStack() as stack:
        inside = stack.enter_context(serving(says(401, UNAUTHORIZED), known.context(LIVE)))
        proxy = stack.enter_context(serving(tunnel_to(inside.port)))
        through(home, proxy)
        home.run("validate", live(home), "-v", program=HASTY)
    assert COMPANY_KEY.employee_token in inside.text
    assert proxy.text.startswith(f"CONNECT {LIVE}:443 ")
    assert COMPANY_KEY.employee_token not in proxy.text
    home.assert_no_leak()


def test_a_proxy_that_decrypts_gets_no_token(home: Home) -> None:
    """Its authority is not in the machine's store: then it gets nothing to see."""
    stranger = Authority(home.folder / "tmp")
    with ExitStack() as stack:
        inside = stack.enter_context(serving(says(200, "{}"), stranger.context(LIVE)))
        proxy = stack.enter_context(serving(tunnel_to(inside.port)))
        through(home, proxy)
        assert_unknown(home, live(home), TLS_FAILED)
    assert COMPANY_KEY.employee_token not in inside.text + proxy.text


@pytest.mark.parametrize(
    ("respond", "code", "reason"),
    [
        (saying(http(407, "", "Proxy-Authenticate: Basic realm=x")), PROXY_REFUSED, "HTTP 407"),
        (says(502, f"no way, {PASSWORD}"), PROXY_REFUSED, "HTTP 502"),
        (says(302, "", "Location: http://portal.invalid/"), PROXY_REFUSED, "HTTP 302"),
        (close_at_once, "TW50", ""),
        (close_after_request, "TW50", ""),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "TW50", ""),
        (saying(b"HTTP/1.1 200 OK\r\n\r\nand then garbage"), TLS_FAILED, ""),
        (never, NO_ANSWER, ""),
    ],
    ids=["password", "no way", "portal", "hang-up", "hang-up later", "protocol", "garbage", "silence"],
)
def test_a_proxy_that_fails_is_reported(home: Home, respond: Respond, code: str, reason: str) -> None:
    with serving(respond) as proxy:
        through(home, proxy)
        assert reason in assert_unknown(home, live(home), code)
    if reason != "hang-up" and respond is not close_at_once:
        assert f"CONNECT {LIVE}:443" in proxy.text
    assert COMPANY_KEY.employee_token not in proxy.text


def test_loopback_goes_through_no_proxy(home: Home) -> None:
    with serving(says(200, "{}")) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
        home.variables |= dict.fromkeys(names, address)
        run = home.run("validate", home.config(reference=GOOD))
    assert run.code == 0, run.out
    assert home.saw(COMPANY_KEY)
    assert not proxy.received


def test_no_password_is_read_from_netrc(home: Home) -> None:
    """Curl and many libraries would send the password in ~/.netrc."""
    netrc = home.folder / ".netrc"
    netrc.write_text(
        f"machine 127.0.0.1 login kari password {PASSWORD}\ndefault login x password {PASSWORD}\n"
    )
    netrc.chmod(0o600)
    run = home.run("validate", home.config(reference=GOOD))
    assert run.code == 0, run.out
    first, *others = home.sandbox.requests
    assert "authorization" not in first.headers
    assert {request.username for request in others} == {"0"}


# Addresses.

ELSEWHERE = (
    "http://tripletex.no/v2",
    "https://tripletex.no/v2",
    "https://evil.example/v2",
    "http://127.0.0.1.evil.example/v2",
    "http://127.0.0.1@evil.example/v2",
    "http://evil.example#@127.0.0.1/v2",
    "http://evil.example\\@127.0.0.1/v2",
    "http://localhost.evil.example/v2",
    "http://0.0.0.0:{port}/v2",
    "http://10.0.0.1/v2",
    "http://[::ffff:10.0.0.1]/v2",
    "http://127.0.0.1:{port}/v2?x=",
    "http://kari:{password}@127.0.0.1:{port}/v2",
    "ftp://127.0.0.1/v2",
    "//127.0.0.1/v2",
    "127.0.0.1:{port}",
)


def test_a_foreign_address_in_a_config_is_refused_before_anything_is_sent(home: Home) -> None:
    folder = home.configs
    port = home.base_url.split(":")[2].partition("/")[0]
    for number, pattern in enumerate(ELSEWHERE):
        address = pattern.format(port=port, password=PASSWORD).replace("\\", "\\\\")
        config = home.config(reference=GOOD)
        config.write_text(config.read_text().replace(home.base_url, address))
        config.rename(folder / f"{number:02}.toml")
    run = home.run("validate", folder, "--format", "json")
    assert run.code == 1
    results = json.loads(run.out)["results"]
    found = [finding["code"][:3] for result in results for finding in result["findings"]]
    assert found == ["TW2"] * len(ELSEWHERE)
    assert not home.sandbox.requests
    home.assert_no_leak()


@pytest.mark.parametrize(
    "address", ["http://evil.example/v2", "https://tripletex.no/v2", "http://10.0.0.1/v2"]
)
def test_a_foreign_address_on_the_command_line_is_refused(home: Home, address: str) -> None:
    words = [word.replace(home.base_url, address) for word in home.setup("finale.toml", *STDIN)]
    run = home.run(*words, text=COMPANY_KEY.employee_token)
    assert run.code == 2
    assert "--base-url" in run.err
    assert not home.sandbox.requests
    home.assert_no_leak()
