"""The rows as columns: numpy arrays with one place for each row, in the order of the rows' numbers.

The rows lie at ``head`` to ``tail`` of arrays that are larger. New ones are added at the tail. The
oldest go away in bulk, but for the exchanges among them that are still open, which move up; so the
head advances and nothing else moves.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_FIELDS: Final = {
    "number": "q",
    "started": "q",
    "duration": "q",
    "app_ns": "q",
    "client_ns": "q",
    "backpressure_ns": "q",
    "after_ns": "q",
    "ttfb": "q",
    "received": "q",
    "sent": "q",
    "first": "q",
    "last": "q",
    "weight": "q",
    "at": "q",
    "source": "i",
    "status": "i",
    "method": "i",
    "path": "i",
    "client": "i",
    "mime": "i",
    "origin": "i",
    "exchange": "I",
    "events": "I",
    "missed": "I",
    "wire_missed": "I",
    "connection": "I",
    "seen": "I",
    "kind": "B",
    "state": "B",
    "pending": "B",
    "part": "B",
    "doubtful": "B",
}

ROW: Final = Struct("<" + "".join(_FIELDS.values()))
"""One row, packed: the fields in the order of the columns."""

ROW_TYPE: Final = np.dtype(
    [
        (name, "<" + {"q": "i8", "i": "i4", "I": "u4", "B": "u1"}[code])
        for name, code in _FIELDS.items()
    ]
)
_CHUNK: Final = 256
MOST: Final = 2**61
"""Beyond this a stamp or a span of time is made up; within it the columns can be reckoned with."""

_LIMITS: Final = {
    "q": (-MOST, MOST),
    "i": (-(2**31), 2**31 - 1),
    "I": (0, 2**32 - 1),
    "B": (0, 255),
}


class Columns:
    """The rows' columns, their growth and their loss of the oldest."""

    def __init__(self) -> None:
        self._capacity = _CHUNK
        self._head = self._tail = 0
        self.arrays: dict[str, Array] = {name: np.zeros(_CHUNK, ROW_TYPE[name]) for name in _FIELDS}

    def __len__(self) -> int:
        return self._tail - self._head

    @property
    def bytes_used(self) -> int:
        return self._capacity * ROW.size

    def column(self, name: str) -> Array:
        """One column."""
        return self.arrays[name][self._head : self._tail]

    def extend(self, first: int, count: int) -> None:
        """Add rows with numbers from ``first`` on; their other fields are to be written."""
        self._make_room(count)
        tail = self._tail
        self.arrays["number"][tail : tail + count] = np.arange(first, first + count)
        self._tail = tail + count

    def write(self, packed: bytes) -> None:
        """Set whole rows, each packed as ROW; their numbers must be there."""
        rows = np.frombuffer(packed, ROW_TYPE)
        places = self.column("number").searchsorted(rows["number"]) + self._head
        for name, array in self.arrays.items():
            array[places] = rows[name]

    def place(self, number: int) -> int | None:
        """Where a row lies in ``arrays``; None if it is not there."""
        place = int(self.column("number").searchsorted(number)) + self._head
        found = place < self._tail and self.arrays["number"].item(place) == number
        return place if found else None

    def remove(self, doomed: Array, cut: int) -> None:
        """Take away rows, given by their positions, all before the position ``cut``."""
        staying = np.ones(cut, np.bool_)
        staying[doomed] = False
        kept = np.flatnonzero(staying) + self._head
        end = self._head + cut
        self._head = end - len(kept)
        for array in self.arrays.values():
            array[self._head : end] = array[kept]
        if self._capacity > max(_CHUNK, 3 * len(self)):
            self._resize(max(_CHUNK, len(self) * 3 // 2))

    def _make_room(self, count: int) -> None:
        wanted = len(self) + count
        if self._tail + count <= self._capacity:
            return
        if wanted > self._capacity * 2 // 3:
            self._resize(max(_CHUNK, wanted * 3 // 2))
            return
        for array in self.arrays.values():
            array[: len(self)] = array[self._head : self._tail].copy()
        self._head, self._tail = 0, len(self)

    def _resize(self, capacity: int) -> None:
        """Move to arrays of another size, one at a time so that only one is there twice."""
        for name, array in self.arrays.items():
            moved = np.zeros(capacity, array.dtype)
            moved[: len(self)] = array[self._head : self._tail]
            self.arrays[name] = moved
        self._head, self._tail = 0, len(self)
        self._capacity = capacity


def pack_clamped(fields: Sequence[int]) -> bytes:
    """Pack a row some of whose fields do not fit, which only damaged or made-up records bring
    about."""
    bounds = [_LIMITS[code] for code in _FIELDS.values()]
    return ROW.pack(
        *(min(max(value, low), high) for value, (low, high) in zip(fields, bounds, strict=True))
    )
