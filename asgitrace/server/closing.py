"""Close codes and the payload of Close frames (RFC 6455 sections 5.5.1 and 7.4). Pure."""

from typing import Final

from wsproto.frame_protocol import CloseReason, ParseFailed

MAX_REASON: Final = 123
"""Bytes of UTF-8: a control frame carries up to 125, and the code takes two."""
NO_STATUS: Final = 1005
"""What a Close frame without a code is taken for; never on the wire."""


def is_on_the_wire(code: int) -> bool:
    """Whether a Close frame may carry this code.

    RFC 6455 section 7.4 and the IANA registry it founds: up to 2999 only what is registered, and
    of that not 1005, 1006 and 1015, which stand for the lack of a code; 3000 to 4999 for
    everybody.
    """
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def close_payload(code: int, reason: str) -> bytes:
    """What a Close frame carries: nothing for `NO_STATUS`; the reason is cut to what fits."""
    if code == NO_STATUS:
        return b""
    text = reason.encode()
    if len(text) > MAX_REASON:
        text = text[:MAX_REASON].decode(errors="ignore").encode()
    return code.to_bytes(2) + text


def parse_close(payload: bytes) -> tuple[int, str]:
    """Code and reason of the peer's Close frame. Raises ParseFailed with the code to answer."""
    if not payload:
        return NO_STATUS, ""
    if len(payload) == 1:
        raise ParseFailed("a Close frame has half a code")
    code = int.from_bytes(payload[:2])
    if not is_on_the_wire(code):
        raise ParseFailed(f"a Close frame has the code {code}")
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError as exc:
        raise ParseFailed(
            "the reason of a Close frame is not UTF-8", CloseReason.INVALID_FRAME_PAYLOAD_DATA
        ) from exc
