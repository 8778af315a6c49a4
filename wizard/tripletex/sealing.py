"""Puts the tokens into a request: the only place of the client where they are revealed."""

import base64
import json
from typing import Final
from urllib.parse import quote, urlencode

import httpx

from wizard import __version__
from wizard.tripletex.calls import Request

_HEADERS: Final = {
    "User-Agent": f"tripletex-wizard/{__version__}",
    "Accept": "application/json",
    # A compressed answer can be a thousand times larger than it looks.
    "Accept-Encoding": "identity",
}


def seal(base_url: str, request: Request, timeout: httpx.Timeout) -> httpx.Request:
    """Return the request as it goes over the wire.

    It must never be shown: its URL, body and headers may contain tokens.
    """
    path, query, content = request.path, request.query, None
    headers = dict(_HEADERS)
    if request.ending is not None:
        path += "/" + quote(request.ending.reveal(), safe="", errors="replace")
    if request.body is not None and request.method == "PUT":
        query = query | request.body.revealed()
    elif request.body is not None:
        content = json.dumps(request.body.revealed()).encode()
        headers["Content-Type"] = "application/json"
    if request.login is not None:
        pair = f"{request.login.company}:{request.login.token.reveal()}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode(errors="replace")).decode()
    if query:
        path += "?" + urlencode(query, quote_via=quote, errors="replace")
    return httpx.Request(
        request.method,
        base_url + path,
        headers=headers,
        content=content,
        extensions={"timeout": timeout.as_dict()},
    )
