"""Payloads to the bytes of frames (RFC 6455 section 5.2), server side. Pure."""

import struct
from typing import Final

from asgitrace.server.flow import Told
from asgitrace.wire import Wire

_FIN: Final = 0x80
_RSV1: Final = 0x40
_SMALL: Final = [[bytes((_FIN | opcode, size)) for size in range(126)] for opcode in range(16)]
"""The headers of all small frames that are whole messages: opcode, size."""


def frame(opcode: int, payload: bytes, *, deflated: bool = False) -> bytes:
    """A whole frame, unmasked. ``deflated`` says that the payload is (RFC 7692 section 6)."""
    size = len(payload)
    if size < 126 and not deflated:
        return _SMALL[opcode][size] + payload
    first = _FIN | _RSV1 | opcode if deflated else _FIN | opcode
    if size < 126:
        return bytes((first, size)) + payload
    if size < 0x10000:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def told(data: bytes, inflated: int | None = None) -> Told:
    """The wire event of a frame. ``inflated``: bytes of its payload before it was compressed."""
    first, size = data[0], data[1]
    head = 2 if size < 126 else 4 if size == 126 else 10
    number = first & 15 | (first & _FIN) >> 3 | (first & _RSV1) >> 1
    content: dict[str, object] | None = None
    if inflated is not None:
        content = {"inflated": inflated}
    elif first & 8:
        content = {"data": data[head:]}
    return (Wire.FRAME_OUT, len(data) - head, number, content, False)
