"""Keys for tests: rightly shaped, worth nothing, and recognisable wherever they turn up."""

import base64
import json

from wizard.domain.key import Secret

ZERO_UUID = "00000000-0000-0000-0000-000000000000"


def make_key(token_id: int = 2147628461, *, test: bool = False) -> Secret:
    """Return a token of the shape that Tripletex gives out, around the all-zero UUID."""
    inner = f"test-{ZERO_UUID}" if test else ZERO_UUID
    document = json.dumps({"tokenId": token_id, "token": inner}, separators=(",", ":"))
    return Secret(base64.b64encode(document.encode()).decode())
