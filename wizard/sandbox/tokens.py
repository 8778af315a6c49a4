"""What a Tripletex token looks like, built from nothing secret."""

import base64
import json

_ZERO_UUID = "00000000-0000-0000-0000-000000000000"


def demo_token(token_id: int) -> str:
    """A well-formed token that opens nothing outside the sandbox.

    Consumer, employee and session tokens share one shape: base64 of compact JSON with a number and a UUID
    (seen in public fixtures of three integrators). Here the UUID is always zero, so the number alone tells
    two tokens apart, and they must be compared as whole strings.
    """
    compact = json.dumps({"tokenId": token_id, "token": _ZERO_UUID}, separators=(",", ":"))
    return base64.b64encode(compact.encode()).decode()
