"""A server that writes to the terminal, or sends our own tokens back: nothing of it is shown."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.leaks.test_terminals import begin, go_to_the_key, leaving
from tests.support.canary import Canary, canary
from tests.support.house import COMPANY_KEY, CONSUMER, OFFICE_KEY, House, stage_in
from tests.support.sandbox import COMPANY_OWNED_SENTENCE
from tests.support.servers import Respond, http, read_request, serving
from tests.support.terminal import CLIPBOARD

HASTY = "tests.hostile.hasty"
SESSION = canary("the hostile session", 2_113_377_009)
TITLE = "\x1b]0;OWNED\x07"
"""Sets a terminal's title (ECMA-48 and xterm): seen in a stream, it came from the server."""
STEERING = f"{TITLE}\x1b]52;c;T1dORUQ=\x07\x1b[2J\x1b[31mRED\x9b31m\r\x08\u202e\u200b\x00 AS"
TOKENS = (COMPANY_KEY, OFFICE_KEY, CONSUMER, SESSION)
EVIL = " ".join((STEERING, *(each.token for each in TOKENS)))
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


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[House]:
    with stage_in(tmp_path) as stage:
        yield stage


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_no_report_contains_control_characters_or_tokens(stage: House, form: str) -> None:
    given = stage.given("good.key", COMPANY_KEY.token)
    folder = stage.folder / "configs"
    folder.mkdir()
    with ExitStack() as stack:
        for name, answers in SPEECHES.items():
            server = stack.enter_context(serving(telling(*answers)))
            stage.base_url = server.base_url
            for setup, number in (("single-company", ""), ("bureau-client", "974760673")):
                path = stage.write_config(f'{{ file = "{given}" }}', setup=setup, org_number=number)
                path.rename(folder / f"{name}, {setup}.toml")
        ended = stage.run("validate", folder, "-v", "--deep", "--format", form, program=HASTY)
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout.count(".toml") >= 2 * len(SPEECHES)
    assert_tame(stage, ended.stdout, ended.stderr)


def test_a_list_of_clients(stage: House) -> None:
    given = stage.given("good.key", COMPANY_KEY.token)
    created, me, _ = named(STEERING)
    office = answer(403, {"status": 403, "code": 9000, "message": COMPANY_OWNED_SENTENCE + EVIL})
    with serving(telling(created, me, office)) as server:
        stage.base_url = server.base_url
        config = stage.write_config(f'{{ file = "{given}" }}', setup="bureau-shared", org_number="%ORGNR%")
        ended = {form: stage.run("clients", config, "--format", form) for form in ("text", "json", "csv")}
    for run in ended.values():
        assert "974760673" in "".join(run.stdout.split())
        assert_tame(stage, run.stdout, run.stderr or "nothing")


@pytest.mark.parametrize("face", [(), ("--plain",)], ids=["full screen", "line by line"])
@pytest.mark.parametrize(
    ("speech", "seen"), [("a name that steers", "The key works"), ("422 at the log-on", "TW506")]
)
def test_no_face_shows_control_characters_or_tokens(
    stage: House, face: tuple[str, ...], speech: str, seen: str
) -> None:
    with serving(telling(*SPEECHES[speech])) as server:
        stage.base_url = server.base_url
        with begin(stage, *face) as terminal:
            go_to_the_key(terminal)
            before = len(terminal.written)
            terminal.paste(COMPANY_KEY.token, enter="\r" if face else "")
            terminal.asked(seen)
            assert ("OWNED" in terminal.text) == (speech == "a name that steers")
            terminal.send(leaving(face))
            assert terminal.end() == 130
    assert COMPANY_KEY.token in server.text
    assert_tame(stage, terminal.written[before:], kept=(COMPANY_KEY,))


def assert_tame(stage: House, *written: str | bytes, kept: tuple[Canary, ...] = ()) -> None:
    """Assert that nothing from the server controls the terminal or contains a token."""
    for each in written:
        text = each if isinstance(each, str) else each.decode(errors="replace")
        assert text
        assert not [sign for sign in (TITLE, CLIPBOARD.decode(), *HIDDEN) if sign in text]
    stage.assert_no_leak(*written, kept=kept)
