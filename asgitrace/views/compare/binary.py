"""Two runs of bytes: where they first differ."""

from typing import Final

from asgitrace.views.compare.model import Mark, Row, Section, Work, valued
from asgitrace.views.summary import is_printable

_PIECE: Final = 1 << 20
_ROW: Final = 16
_BEFORE: Final = 2
"""Rows of hex before the one with the first difference,"""
_AFTER: Final = 5
"""and from it on."""


def binaries(section: Section, left: bytes, right: bytes) -> Work:
    """The first difference, with the bytes around it."""
    at = 0
    end = min(len(left), len(right))
    while at < end:
        size = min(_PIECE, end - at)
        if left[at : at + size] != right[at : at + size]:
            at += _first(left[at : at + size], right[at : at + size])
            break
        at += size
        yield
    if at == end and len(left) == len(right):
        return
    section.add(
        Row("differs at", f"byte {at:,}  (0x{at:x})", f"byte {at:,}  (0x{at:x})", Mark.NOTE)
    )
    start = max(0, at // _ROW - _BEFORE) * _ROW
    for offset in range(start, (at // _ROW + _AFTER) * _ROW, _ROW):
        a, b = left[offset : offset + _ROW], right[offset : offset + _ROW]
        if a or b:
            section.add(valued(f"{offset:08x}", _hex(a) if a else None, _hex(b) if b else None))
    section.notes.append("Bytes are compared up to the first difference and a little beyond.")


def _first(left: bytes, right: bytes) -> int:
    """Where two pieces that are not the same differ first."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high) // 2
        if left[low : middle + 1] == right[low : middle + 1]:
            low = middle + 1
        else:
            high = middle
    return low


def _hex(data: bytes) -> str:
    text = "".join(chr(byte) if is_printable(bytes([byte])) else "." for byte in data)
    return f"{data.hex(' '):<{_ROW * 3 - 1}}  {text}"
