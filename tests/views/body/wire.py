"""Protocol Buffers written by hand."""

import struct

Value = int | float | str | bytes


def varint(number: int) -> bytes:
    """Seven bits a byte."""
    found = b""
    while number > 127:
        found += bytes([number & 127 | 128])
        number >>= 7
    return found + bytes([number])


def field(number: int, value: Value) -> bytes:
    """A field with the wire type of its value; negative numbers as int64."""
    match value:
        case int():
            return varint(number << 3) + varint(value & (1 << 64) - 1)
        case float():
            return varint(number << 3 | 1) + struct.pack("<d", value)
        case str():
            return field(number, value.encode())
    return varint(number << 3 | 2) + varint(len(value)) + value


def frame(data: bytes, flags: int = 0) -> bytes:
    """A message as gRPC sends it."""
    return bytes([flags]) + len(data).to_bytes(4) + data
