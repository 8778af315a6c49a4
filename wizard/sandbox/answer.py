"""An answer on its way out."""

import json
from dataclasses import dataclass, field

JSON = "application/json"


@dataclass
class Answer:
    """A whole HTTP answer, not yet sent."""

    status: int
    body: bytes = b""
    content_type: str | None = JSON
    headers: list[tuple[str, str]] = field(default_factory=list)

    def raw_headers(self, length: int | None) -> list[tuple[bytes, bytes]]:
        """The headers for ASGI; without a length the body goes out in chunks."""
        named = list(self.headers)
        if self.content_type is not None:
            named.append(("Content-Type", self.content_type))
        if length is not None:
            named.append(("Content-Length", str(length)))
        return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named]


def json_bytes(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
