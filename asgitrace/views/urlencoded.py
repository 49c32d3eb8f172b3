"""Names and values of forms and query strings (URL Standard, section 5.1)."""

from typing import Final
from urllib.parse import unquote_to_bytes

_PIECE: Final = 1 << 16


def unescaped(data: bytes) -> bytes:
    """A name or value with its escapes undone, a piece at a time so that others get their turn."""
    data = data.replace(b"+", b" ")
    pieces = []
    at = 0
    while at < len(data):
        end = at + _PIECE
        # An escape is not cut in two.
        escape = data.rfind(b"%", end - 2, end) if end < len(data) else -1
        end = escape if escape > at else end
        pieces.append(unquote_to_bytes(data[at:end]))
        at = end
    return b"".join(pieces)
