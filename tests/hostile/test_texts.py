"""A server that writes to the terminal, or sends our own tokens back: nothing of it is shown."""

import asyncio
import json
from contextlib import ExitStack

import pytest

from tests.leaks.test_terminals import begin, go_to_the_key, leaving
from tests.support.canary import canary, leaks
from tests.support.home import COMPANY_KEY, CONSUMER, OFFICE_KEY, Home
from tests.support.sandbox import COMPANY_OWNED_SENTENCE, DemoKey
from tests.support.servers import Respond, http, read_request, serving
from tests.support.terminal import CLIPBOARD

HASTY = "tests.hostile.hasty"
SESSION = canary("the hostile session", 2_113_377_009)
TITLE = "\x1b]0;OWNED\x07"
"""Sets a terminal's title (ECMA-48 and xterm): seen in a stream, it came from the server."""
STEERING = f"{TITLE}\x1b]52;c;T1dORUQ=\x07\x1b[2J\x1b[31mRED\x9b31m\r\x08\u202e\u200b\x00 AS"
TOKENS = (COMPANY_KEY.employee_token, OFFICE_KEY.employee_token, CONSUMER, SESSION.token)
EVIL = " ".join((STEERING, *TOKENS))
HIDDEN = ("\x9b", "\u202e", "\u200b", "\x00", "\x08")


def create(status: int = 201) -> bytes:
    value = {"token": SESSION.token, "id": 7, "url": EVIL, "employeeToken": {"id": 7, "url": EVIL}}
    return answer(status, {"value": value})


def answer(status: int, body: object) -> bytes:
    hostile = EVIL.encode("ascii", "ignore").replace(b"\r", b"").replace(b"\x00", b"").decode()
    return http(status, json.dumps(body), f"x-tlx-request-id: {hostile}", f"Server: {hostile}")


def refusal(status: int) -> bytes:
    complaint = {"field": EVIL, "path": EVIL, "message": EVIL}
    told = {"message": EVIL, "developerMessage": EVIL, "link": EVIL, "requestId": EVIL}
    return answer(status, {"status": status, "code": 3000, **told, "validationMessages": [complaint]})


COMPANY = {"id": 1, "name": EVIL, "displayName": STEERING, "organizationNumber": f"974760673{TITLE}"}
ME = {"companyId": 1, "employeeId": 2, "actualEmployeeId": 3, "language": EVIL}
CLIENTS = {"fullResultSize": 1, "values": [COMPANY, {**COMPANY, "id": 2, "organizationNumber": "974760673"}]}


def telling(created: bytes, me: bytes, rest: bytes) -> Respond:
    """Answer a log-on, the first question, and everything after that."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            if b":create" in request:
                writer.write(created)
            elif b"whoAmI" in request:
                writer.write(me)
            elif b"withLoginAccess" in request:
                writer.write(answer(200, CLIENTS))
            else:
                writer.write(rest)
            await writer.drain()

    return respond


def named(name: str) -> tuple[bytes, bytes, bytes]:
    """Return answers in which all is well, but for what the company is called."""
    company = {**COMPANY, "name": name, "displayName": name}
    return create(), answer(200, {"value": {**ME, "company": company}}), answer(200, {"value": company})


SPEECHES = {
    **{f"{status} at the log-on": (refusal(status), b"", b"") for status in (400, 401, 403, 404, 422, 500)},
    **{f"{status} after that": (create(), refusal(status), refusal(status)) for status in (401, 403, 500)},
    "a name with tokens in it": named(EVIL),
    "a name that steers": named(STEERING),
}


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_no_report_contains_control_characters_or_tokens(home: Home, form: str) -> None:
    given = home.write("good.key", COMPANY_KEY.employee_token)
    folder = home.configs
    with ExitStack() as stack:
        for name, answers in SPEECHES.items():
            server = stack.enter_context(serving(telling(*answers)))
            home.base_url = server.base_url
            for setup, number in (("single-company", ""), ("bureau-client", "974760673")):
                path = folder / f"{name}, {setup}.toml"
                home.config(path, reference=f'file = "{given}"', setup=setup, number=number)
        ended = home.run("validate", folder, "-v", "--deep", "--format", form, program=HASTY)
    assert ended.code == 1, ended.err
    assert ended.out.count(".toml") >= 2 * len(SPEECHES)
    assert_tame(home, ended.out, ended.err)


def test_a_list_of_clients(home: Home) -> None:
    given = home.write("good.key", COMPANY_KEY.employee_token)
    created, me, _ = named(STEERING)
    office = answer(403, {"status": 403, "code": 9000, "message": COMPANY_OWNED_SENTENCE + EVIL})
    with serving(telling(created, me, office)) as server:
        home.base_url = server.base_url
        config = home.config(reference=f'file = "{given}"', setup="bureau-shared")
        ended = {form: home.run("clients", config, "--format", form) for form in ("text", "json", "csv")}
    for run in ended.values():
        assert "974760673" in "".join(run.out.split())
        assert_tame(home, run.out, run.err or "nothing")


@pytest.mark.parametrize("face", [(), ("--plain",)], ids=["full screen", "line by line"])
def test_no_face_shows_control_characters_or_tokens(home: Home, face: tuple[str, ...]) -> None:
    with serving(telling(*SPEECHES["a name that steers"])) as server:
        home.base_url = server.base_url
        terminal = begin(home, *face)
        go_to_the_key(terminal)
        before = len(terminal.written)
        terminal.paste(COMPANY_KEY.employee_token, enter="\r" if face else "")
        terminal.asked("The key works")
        assert "OWNED" in terminal.text
        terminal.send(leaving(face))
        assert terminal.end() == 130
    assert COMPANY_KEY.employee_token in server.text
    assert_tame(home, terminal.written[before:], kept=(COMPANY_KEY,))


def assert_tame(home: Home, *written: str | bytes, kept: tuple[DemoKey, ...] = ()) -> None:
    """Assert that nothing from the server controls the terminal or contains a token."""
    for each in written:
        text = each if isinstance(each, str) else each.decode(errors="replace")
        assert text
        assert not [sign for sign in (TITLE, CLIPBOARD.decode(), *HIDDEN) if sign in text]
        assert not leaks(text, [SESSION])
    home.assert_no_leak(*kept)
