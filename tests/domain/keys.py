"""Keys for tests, built from an all-zero UUID: no real token ever stands in a file."""

import base64
import json

ZERO_UUID = "00000000-0000-0000-0000-000000000000"


def make_key(number: int = 2147628461, *, test: bool = False) -> str:
    """Return a well-formed key of today's form: base64 of compact JSON."""
    inner = f"test-{ZERO_UUID}" if test else ZERO_UUID
    document = {"tokenId": number, "token": inner}
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()
