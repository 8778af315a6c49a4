"""How an answer goes out, faithfully or troubled."""

import asyncio
from http import HTTPStatus
from http.client import responses

from starlette.types import Receive, Send

from wizard.sandbox.answer import Answer
from wizard.sandbox.faults import PORTAL, Fault
from wizard.sandbox.refusals import Refusal

_CHUNK = b"a" * 65_536


async def deliver(answer: Answer, send: Send) -> None:
    """Send the whole answer."""
    await _begin(answer, send, len(answer.body))
    await send({"type": "http.response.body", "body": answer.body})


async def deliver_troubled(answer: Answer, fault: Fault, receive: Receive, send: Send) -> None:
    """Send the answer as the fault wants it."""
    match fault.trouble:
        case "truncated":
            answer.body = answer.body[: len(answer.body) // 2]
            await deliver(answer, send)
        case "cut-short":
            await _begin(answer, send, len(answer.body))
            half = answer.body[: len(answer.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            # The server closes the connection of an answer that it was left owing the rest of.
        case "wrong-type":
            answer.content_type = fault.content_type or "text/plain; charset=utf-8"
            await deliver(answer, send)
        case "endless":
            await _deliver_endlessly(answer, fault.pause, receive, send)
        case _:
            await deliver(answer, send)


def substitute(fault: Fault) -> Answer | Refusal | None:
    """What comes in place of the answer: something foreign, a refusal in Tripletex's envelope, or None."""
    match fault.trouble:
        case "status" if fault.body is None:
            if fault.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return Refusal(fault.http_status, 1000, "Unspecified exception")
            return Refusal(fault.http_status, None, responses.get(fault.http_status, "Unknown"))
        case "status":
            answer = _substituted(fault, fault.body or "")
        case "captive-portal":
            answer = _substituted(
                fault, PORTAL if fault.body is None else fault.body, "text/html; charset=utf-8"
            )
        case "redirect":
            answer = _substituted(fault, "")
            answer.headers.append(("Location", fault.location))
        case "huge":
            answer = _substituted(fault, f'{{"value":"{"a" * (fault.size - 12)}"}}')
        case "endless":
            answer = _substituted(fault, "{")
        case _:
            return None
    return answer


async def disconnected(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _substituted(fault: Fault, body: str, content_type: str = "application/json") -> Answer:
    return Answer(
        fault.http_status,
        body.encode(),
        fault.content_type or (content_type if body else None),
        list(fault.headers),
    )


async def _deliver_endlessly(answer: Answer, pause: float, receive: Receive, send: Send) -> None:
    await _begin(answer, send, None)
    gone = asyncio.ensure_future(disconnected(receive))
    try:
        await send({"type": "http.response.body", "body": b'{"value":"', "more_body": True})
        while not gone.done():
            chunk = _CHUNK if pause == 0 else b"a"
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await asyncio.sleep(pause)
    finally:
        gone.cancel()


async def _begin(answer: Answer, send: Send, length: int | None) -> None:
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": answer.raw_headers(length)}
    )
