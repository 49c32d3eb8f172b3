"""Which exchanges may hold a text, told from the bytes of many of their records at once.

Most records do not hold it, and their bytes tell that a thousand times faster than their messages
do. What bytes cannot tell is looked at: bodies in several chunks, of which a border may cut the
text in two, and those whose encoding is to be undone.
"""

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from asgitrace.events import MESSAGE_CODES, Flag, Kind
from asgitrace.store.segment import Stretch
from asgitrace.views.needle import Needle
from asgitrace.views.occurrences.literal import literal_of

_BODIES: Final = np.array(
    [
        MESSAGE_CODES[name]
        for name in ("http.request", "http.response.body", "websocket.http.response.body")
    ],
    np.uint8,
)
_UNREADABLE: Final = (b"content-encoding", b"utf-16", b"utf16", b"utf-32", b"utf32")
"""What a head says of a body whose bytes tell nothing."""
_KELVIN: Final = "\u212a".encode()
"""The only sign beyond ASCII whose small letter is of ASCII."""
_ASCII: Final = re.compile(r"[\x20-\x7e]+")

Numbers = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]


class ByteSieve:
    """Tells the exchanges in a stretch of records that may hold the needle."""

    def __init__(self, needle: Needle) -> None:
        text = literal_of(needle.text) if needle.expression else needle.text
        self._wanted = _longest(text)
        self._capitals = needle.capitals
        if not self._capitals:
            self._wanted = self._wanted.lower()

    def exchanges(self, stretch: Stretch) -> Numbers:
        """Their numbers, ascending and each once; 0 is none of them."""
        headers = stretch.headers
        if self._wanted:
            found = np.zeros(len(headers), np.bool_)
            ends = np.cumsum(headers["length"], dtype=np.int64)
            self._mark(stretch.payload, ends, found)
            numbers = np.concatenate((headers["exchange"][found], _in_pieces(stretch)))
        else:
            numbers = headers["exchange"]
        distinct: Numbers = np.unique(numbers)
        return distinct[distinct > 0]

    def may_be_in(self, data: bytes) -> bool:
        """Whether text may hold it that is written in these bytes of UTF-8 or the like."""
        if not self._wanted:
            return True
        lower = data if self._capitals else data.lower()
        kelvin = not self._capitals and b"k" in self._wanted and _KELVIN in lower
        return kelvin or self._wanted in lower

    def _mark(self, payload: bytes, ends: npt.NDArray[np.int64], found: Mask) -> None:
        lower = payload.lower()
        _mark(payload if self._capitals else lower, self._wanted, ends, found)
        for word in _UNREADABLE:
            _mark(lower, word, ends, found)
        if not self._capitals and b"k" in self._wanted:
            _mark(lower, _KELVIN, ends, found)


def _mark(data: bytes, wanted: bytes, ends: npt.NDArray[np.int64], found: Mask) -> None:
    """Mark the records in which these bytes begin."""
    at = data.find(wanted)
    while at >= 0:
        record = int(ends.searchsorted(at, "right"))
        found[record] = True
        at = data.find(wanted, int(ends[record]))


def _longest(text: str) -> bytes:
    """The longest part of a text that is the same bytes in nearly every charset."""
    parts = _ASCII.findall(text)
    return max(parts, key=len).encode() if parts else b""


def _in_pieces(stretch: Stretch) -> Numbers:
    """The exchanges with a body in several pieces, or one that goes on elsewhere."""
    headers = stretch.headers
    bodies = np.flatnonzero(
        np.isin(headers["message"], _BODIES)
        & (headers["length"] > 0)
        & (headers["kind"] != Kind.WIRE)
    )
    full = bodies[headers["size"][bodies] > 0]
    sides = _side(headers, full)
    distinct, counts = np.unique(sides, return_counts=True)
    several = distinct[counts > 1] // 2
    # The last piece that is here: where more are to come, they are not.
    every = _side(headers, bodies)
    last, first_of_reversed = np.unique(every[::-1], return_index=True)
    flags = headers["flags"][bodies][::-1][first_of_reversed]
    going_on = last[(flags & Flag.MORE) > 0] // 2
    return np.concatenate((several, going_on)).astype(np.uint32)


def _side(headers: npt.NDArray[np.void], places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The exchange and the direction of records, as one number."""
    sent = headers["kind"][places] == Kind.SEND
    found: npt.NDArray[np.int64] = headers["exchange"][places].astype(np.int64) * 2 + sent
    return found
