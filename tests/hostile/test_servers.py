"""Servers that answer anything but what they should: no token leaks, and nothing is called proven."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from tests.support.home import COMPANY_KEY, CONSUMER, STDIN, Done, Home, home_in
from tests.support.rows import every_row
from tests.support.sandbox import COMPANY_OWNED_SENTENCE, Sandbox
from tests.support.servers import (
    Respond,
    Server,
    close_after_request,
    close_at_once,
    endlessly,
    http,
    never,
    read_request,
    saying,
    says,
    serving,
)

DEADLINE: Final = 60.0
"""Seconds that a run may take. Its patience is shortened to some; there are four tries at most."""
MEMORY: Final = 150
"""Megabytes. A run against the sandbox takes half of that."""


@dataclass(frozen=True)
class Run(Done):
    """A run that has ended.

    Attributes:
        memory: The most that it used at once, in megabytes.
        seconds: How long it took.
    """

    memory: float
    seconds: float


def run(home: Home, *words: str, text: str = "") -> Run:
    """Run the program with little patience, and measure it."""
    memory = home.folder / "memory"
    home.variables["HASTY_MEMORY"] = str(memory)
    began = time.monotonic()
    ended = home.run(*words, text=text, program="tests.hostile.hasty")
    seconds = time.monotonic() - began
    return Run(ended.code, ended.out, ended.err, int(memory.read_text()) / 1024, seconds)


def assert_cheap_and_quiet(home: Home, ended: Run) -> None:
    """Assert that a run took little time and memory, proved nothing and let nothing out."""
    assert ended.code == 3
    assert ended.memory < MEMORY
    assert ended.seconds < DEADLINE
    assert "Traceback" not in ended.err
    assert "never retrieved" not in ended.err
    home.assert_no_leak()


def lead_to(
    home: Home, server: Server, path: Path, *, setup: str = "single-company", org_number: str = ""
) -> None:
    """Write a config with a good key for a server."""
    home.config(path, reference=f'file = "{home.folder}/good.key"', setup=setup, number=org_number)
    path.write_text(path.read_text().replace(home.base_url, server.base_url))


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b"a" * 65536 + b"\r\n"
PORTAL = "<html><body>Logg inn</body></html>"
NOT_CONNECTED, NO_ANSWER, NOT_TRIPLETEX, REDIRECTED, UNEXPECTED = "TW502", "TW503", "TW506", "TW507", "TW517"
ANSWERS: Final[dict[str, tuple[Respond, str]]] = {
    "a captive portal": (says(200, PORTAL, kind="text/html"), NOT_TRIPLETEX),
    "a captive portal that calls itself JSON": (says(200, PORTAL), NOT_TRIPLETEX),
    "somebody else's server": (says(404, "Not Found", kind="text/plain"), NOT_TRIPLETEX),
    "JSON cut in the middle": (says(200, '{"value": {"token": "x'), UNEXPECTED),
    "JSON of the wrong type": (says(201, '{"value": [1, 2]}'), UNEXPECTED),
    "a number for a token": (says(201, '{"value": {"token": 7}}'), UNEXPECTED),
    "JSON that nests without end": (says(201, "[" * 200_000), UNEXPECTED),
    "a number without end": (says(201, f'{{"value": {"9" * 100_000}}}'), UNEXPECTED),
    "huge JSON": (says(201, b'{"value": "' + b"a" * 30_000_000 + b'"}'), UNEXPECTED),
    "an endless body": (endlessly(CHUNKED, CHUNK), UNEXPECTED),
    "an endless body, byte by byte": (endlessly(CHUNKED, b"1\r\na\r\n", 0.05), NO_ANSWER),
    "an endless head": (endlessly(HEAD, b"X-Header: " + b"a" * 60_000 + b"\r\n"), NOT_TRIPLETEX),
    "endless promises": (endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99, 0.01), NO_ANSWER),
    "half a body": (saying(HEAD + b"Content-Length: 999\r\n\r\n{"), NO_ANSWER),
    "a compressed answer": (says(200, b"\x1f\x8b\x08", "Content-Encoding: gzip"), UNEXPECTED),
    "no answer": (never, NO_ANSWER),
    "a hang-up": (close_at_once, NOT_CONNECTED),
    "a hang-up after the request": (close_after_request, NOT_CONNECTED),
    "another protocol": (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), NOT_CONNECTED),
    "nothing but zeros": (saying(bytes(4096)), NOT_TRIPLETEX),
    "an empty answer": (says(200), UNEXPECTED),
    "a redirect": (says(307, "", "Location: http://127.0.0.1:1/"), REDIRECTED),
    "no content": (saying(b"HTTP/1.1 204 No Content\r\n\r\n"), UNEXPECTED),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Return one home for all tests of this module, with a good key."""
    with home_in(tmp_path_factory.mktemp("home"), Sandbox(), Home) as home:
        home.furnish("")
        home.write("good.key", COMPANY_KEY.employee_token)
        yield home


@pytest.fixture(scope="module")
def validated(home: Home) -> Iterator[tuple[Run, dict[str, Server]]]:
    """Return one run over configs each of which leads to another server, and the servers."""
    folder = home.configs
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(respond)) for name, (respond, _) in ANSWERS.items()}
        for name, server in servers.items():
            lead_to(home, server, folder / f"{name}.toml")
        yield run(home, "validate", str(folder), "--format", "json", "-v"), servers


@every_row("name", ANSWERS)
def test_a_wrong_answer_proves_nothing(validated: tuple[Run, dict[str, Server]], name: str) -> None:
    ended, servers = validated
    (result,) = (each for each in ended.report["results"] if each["path"].endswith(f"/{name}.toml"))
    assert result["status"] == "unknown"
    assert [finding["code"] for finding in result["findings"]] == [ANSWERS[name][1]]
    assert len(result["findings"][0]["message"]) < 200
    if name != "a hang-up":
        assert COMPANY_KEY.employee_token in servers[name].text


def test_wrong_answers_cost_little_time_and_memory_and_leak_nothing(
    home: Home, validated: tuple[Run, dict[str, Server]]
) -> None:
    ended, _ = validated
    assert_cheap_and_quiet(home, ended)


def test_a_set_up_continues_and_says_that_nothing_is_proven(home: Home) -> None:
    respond, code = ANSWERS["huge JSON"]
    with serving(respond) as server:
        words = [word.replace(home.base_url, server.base_url) for word in home.setup("new.toml", *STDIN)]
        ended = run(home, *words, "-v", text=COMPANY_KEY.employee_token)
    assert ended.code == 3
    assert ended.err.count(f"{code}: ") == 1
    assert "The key was not tested against Tripletex." in ended.err
    assert COMPANY_KEY.employee_token in server.text
    assert CONSUMER in server.text
    assert ended.memory < MEMORY
    assert ended.seconds < DEADLINE
    home.assert_no_leak(COMPANY_KEY)
    home.key_file(COMPANY_KEY).unlink()


LOG_ON: Final = {
    b"POST ": http(201, json.dumps({"value": {"token": "a-session", "employeeToken": {"id": 7}}})),
    b"GET /v2/token": http(200, json.dumps({"value": {"companyId": 0}})),
    b"GET /v2/company/0": http(403, json.dumps({"code": 9000, "message": COMPANY_OWNED_SENTENCE})),
    b"DELETE ": b"HTTP/1.1 204 No Content\r\n\r\n",
}
"""How an office key is logged on, whatever then becomes of its list."""


def after_log_on(at_list: Respond) -> Respond:
    """Log on every key as an office key, and let another function answer for its list."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            answer = next((answer for begins, answer in LOG_ON.items() if request.startswith(begins)), None)
            if answer is None:
                reader.feed_data(request)
                return await at_list(reader, writer)
            writer.write(answer)
            await writer.drain()

    return respond


def page(first: int, size: int, number: str = "") -> str:
    """Return a page of clients."""
    clients = [{"id": first + n, "name": "Klient", "organizationNumber": number} for n in range(size)]
    return json.dumps({"values": clients})


def drips(size: int, pause: float) -> Respond:
    """Give page after page of new clients."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in count():
            if (await read_request(reader)).startswith(b"DELETE "):
                writer.write(LOG_ON[b"DELETE "])
                return
            await asyncio.sleep(pause)
            writer.write(http(200, page(number * size + 1, size)))
            await writer.drain()

    return respond


WANTED: Final = "974760673"
"""A client that no list here has: its end is looked for before anybody is told that it is missing."""
LISTS: Final[dict[str, tuple[Respond, str, str]]] = {
    "full pages without end": (drips(1000, 0.0), UNEXPECTED, "did not arrive in time|does not end"),
    "full pages, dripping": (drips(1000, 0.3), UNEXPECTED, "the list did not arrive in time"),
    "one client a page, dripping": (drips(1, 0.1), UNEXPECTED, "the list did not arrive in time"),
    "one client a page": (drips(1, 0.0), UNEXPECTED, "did not arrive in time|does not end"),
    "a page with more than was asked for": (says(200, page(1, 1001)), UNEXPECTED, "too large"),
    "a page of nothings": (says(200, f'{{"values": [{"{}," * 900_000}{{}}]}}'), UNEXPECTED, "too large"),
    "a page of lists": (says(200, f'{{"values": [{"[]," * 900_000}[]]}}'), UNEXPECTED, "wrong form"),
    "a page of names": (says(200, f'{{"values": [{{"name": "{"a" * 9**7}"}}]}}'), UNEXPECTED, "too large"),
    "an endless page": (endlessly(CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"), UNEXPECTED, "too large"),
    "a page, byte by byte": (endlessly(CHUNKED, b"1\r\n \r\n", 0.05), NO_ANSWER, ""),
    "half a page": (saying(HEAD + b"Content-Length: 999\r\n\r\n{"), NO_ANSWER, ""),
    "no answer": (never, NO_ANSWER, ""),
    "a hang-up": (close_after_request, NOT_CONNECTED, ""),
    "a captive portal": (says(200, "<html>", kind="text/html"), NOT_TRIPLETEX, ""),
    "a redirect": (says(302, "", "Location: http://127.0.0.1:1/"), REDIRECTED, ""),
    "clients without numbers of their own": (
        says(200, '{"values": [{"id": "7"}]}'),
        UNEXPECTED,
        "wrong form",
    ),
    "no list at all": (says(200, '{"value": {}}'), UNEXPECTED, "wrong form"),
}


@pytest.fixture(scope="module")
def validated_lists(home: Home) -> Run:
    """Return one run over configs each of which leads to another server."""
    folder = home.folder / "lists"
    folder.mkdir()
    with ExitStack() as stack:
        for name, (at_list, _, _) in LISTS.items():
            server = stack.enter_context(serving(after_log_on(at_list)))
            path = folder / f"{name}.toml"
            lead_to(home, server, path, setup="bureau-client", org_number=WANTED)
        return run(home, "validate", str(folder), "--format", "json", "--lang", "en", "-v")


@every_row("name", LISTS)
def test_a_wrong_list_of_clients_proves_nothing(validated_lists: Run, name: str) -> None:
    results = validated_lists.report["results"]
    (result,) = (each for each in results if each["path"].endswith(f"/{name}.toml"))
    _, code, sentence = LISTS[name]
    assert result["status"] == "unknown"
    assert [finding["code"] for finding in result["findings"]] == [code]
    message = result["findings"][0]["message"]
    assert len(message) < 200
    assert any(part in message for part in sentence.split("|")), message


def test_wrong_lists_cost_little_time_and_memory_and_leak_nothing(home: Home, validated_lists: Run) -> None:
    assert_cheap_and_quiet(home, validated_lists)


def test_thousands_of_clients_with_one_number_are_summed_up(home: Home) -> None:
    """A client that is listed thousands of times is reported in one sentence, quickly."""
    path = home.folder / "twins.toml"
    with serving(after_log_on(says(200, page(1, 999, WANTED)))) as server:
        lead_to(home, server, path, setup="bureau-client", org_number=WANTED)
        ended = run(home, "validate", str(path))
    assert ended.code == 0
    assert "TW409" in ended.out
    assert ended.out.count("Klient") <= 11
    assert ended.memory < MEMORY
