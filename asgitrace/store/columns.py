"""The rows as columns: numpy arrays with one place for each row, in the order of the rows' numbers.

The rows lie in the middle of arrays that are larger. New ones are added behind them. The oldest go
away in bulk, but for the exchanges among them that are still open, which move up; so the rows'
start advances and nothing else moves. When a column has little room left behind its rows it is
moved, one column at a time, so that no single call has to move them all.
"""

from collections.abc import Iterable, Sequence
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from struct import Struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

FIELDS: Final = {
    "number": "q",
    "started": "q",
    "duration": "q",
    "client_ns": "q",
    "backpressure_ns": "q",
    "after_ns": "q",
    "ttfb": "q",
    "received": "q",
    "sent": "q",
    "first": "q",
    "status": "i",
    "source": "i",
    "method": "I",
    "path": "I",
    "client": "I",
    "events": "I",
    "connection": "I",
    "seen": "I",
    "exchange": "I",
    "span": "I",
    "weight": "I",
    "missed": "I",
    "wire_missed": "I",
    "mime": "H",
    "origin": "H",
    "kind": "B",
    "state": "B",
    "pending": "B",
    "part": "B",
    "doubtful": "B",
}
"""The fields of a row as they are packed."""

ROW: Final = Struct("<" + "".join(FIELDS.values()))
"""One row, packed."""

_HALVES: Final = ("backpressure_ns", "after_ns")
"""Hardly ever over 4 s: their upper halves are columns of their own, named as ``HIGH`` says."""

HIGH: Final = "{}_high"
HALF: Final = 32
_RARE: Final = frozenset(
    {"missed", "wire_missed", "doubtful", *(HIGH.format(name) for name in _HALVES)}
)
"""Columns that are not kept while there are only zeros in them."""

_TYPES: Final = {"q": "<i8", "i": "<i4", "I": "<u4", "H": "<u2", "B": "u1"}
ROW_TYPE: Final = np.dtype(
    [
        column
        for name, code in FIELDS.items()
        for column in (
            [(name, "<u4"), (HIGH.format(name), "<u4")]
            if name in _HALVES
            else [(name, _TYPES[code])]
        )
    ]
)
"""One row with the names of the columns."""

ROW_BYTES: Final = sum(ROW_TYPE[name].itemsize for name in set(ROW_TYPE.names or ()) - _RARE)
"""Bytes of a row in the columns that are always kept."""

MOST: Final = 2**61
"""Beyond this a stamp or a span of time is made up; within it the columns can be reckoned with."""

_LIMITS: Final = {
    "q": (-MOST, MOST),
    "i": (-(2**31), 2**31 - 1),
    "I": (0, 2**32 - 1),
    "H": (0, 2**16 - 1),
    "B": (0, 255),
}
_LEAST: Final = 256
_SPARE: Final = 8
_MARGIN: Final = 32
"""An array has an eighth more places than rows when it is made, and is moved when only a
thirty-second is left."""


class _Column:
    """The array of one column, and where its rows start."""

    __slots__ = ("array", "head")

    def __init__(self, name: str, length: int) -> None:
        self.array = _zeros(_roomy(length), ROW_TYPE[name])
        self.head = 0

    def room(self, length: int) -> int:
        """Places behind the rows."""
        return len(self.array) - self.head - length

    def move(self, length: int, count: int) -> None:
        """Make room for ``count`` rows more."""
        living = self.array[self.head : self.head + length]
        if length + count + length // _MARGIN > len(self.array) or self.wasteful(length):
            self.array = _zeros(_roomy(length + count), self.array.dtype)
        self.array[:length] = living
        self.head = 0

    def wasteful(self, length: int) -> bool:
        """Whether it is much larger than it has to be."""
        return len(self.array) > 2 * _LEAST + length + length // _SPARE * 2


class Columns:
    """The rows' columns, their growth and their loss of the oldest."""

    def __init__(self) -> None:
        self._length = 0
        self._row_bytes = ROW_BYTES
        self._columns = {
            name: _Column(name, 0) for name in ROW_TYPE.names or () if name not in _RARE
        }

    def __len__(self) -> int:
        return self._length

    @property
    def bytes_used(self) -> int:
        """By the number of rows, though the arrays follow it only in a while."""
        return self._row_bytes * _roomy(self._length)

    def column(self, name: str) -> Array:
        """One column; not to be written to where it may be one of only zeros."""
        column = self._columns.get(name)
        if column is None:
            return np.broadcast_to(np.zeros((), ROW_TYPE[name]), (self._length,))
        return column.array[column.head : column.head + self._length]

    def span(self, name: str) -> npt.NDArray[np.int64]:
        """A column of times, as a fresh array or one not to be written to."""
        low = self.column(name)
        high = self._columns.get(HIGH.format(name))
        if high is None:
            return low.astype(np.int64, copy=False)
        return low.astype(np.int64) | self.column(HIGH.format(name)).astype(np.int64) << HALF

    def values(self, place: int, names: Iterable[str]) -> list[int]:
        """Fields of one row."""
        found = map(self._columns.get, names)
        return [0 if column is None else column.array.item(column.head + place) for column in found]

    def extend(self, first: int, count: int) -> None:
        """Add rows with numbers from ``first`` on; their other fields are to be written."""
        if not count:
            return
        length = self._length
        for column in self._columns.values():
            if column.room(length) < count:
                column.move(length, count)
        self._length += count
        self.column("number")[length:] = np.arange(first, first + count)
        for column in self._columns.values():
            if column.room(self._length) < self._length // _MARGIN or column.wasteful(self._length):
                column.move(self._length, count)
                return

    def write(self, packed: bytes) -> None:
        """Set whole rows, each packed as ROW; their numbers must be there."""
        rows = np.frombuffer(packed, ROW_TYPE)
        if not len(rows):
            return
        numbers = rows["number"]
        places = self.column("number").searchsorted(numbers)
        for name in _RARE - self._columns.keys():
            if rows[name].any():
                self._columns[name] = _Column(name, self._length)
                self._row_bytes += ROW_TYPE[name].itemsize
        for name, column in self._columns.items():
            column.array[places + column.head] = rows[name]

    def place(self, number: int) -> int | None:
        """The position of a row; None if it is not there."""
        numbers = self.column("number")
        place = int(numbers.searchsorted(number))
        return place if place < self._length and numbers.item(place) == number else None

    def remove(self, doomed: Array, cut: int) -> None:
        """Take away rows, given by their positions, all before the position ``cut``."""
        staying = np.ones(cut, np.bool_)
        staying[doomed] = False
        kept = np.flatnonzero(staying)
        self._length -= cut - len(kept)
        for name, column in list(self._columns.items()):
            array, end = column.array, column.head + cut
            array[end - len(kept) : end] = array[kept + column.head]
            column.head = end - len(kept)
            if len(column.array) > max(_LEAST, 3 * self._length):
                column.move(self._length, 0)
            if name in _RARE and not self._length:
                del self._columns[name]
                self._row_bytes -= ROW_TYPE[name].itemsize


def ending(first: int, span: int) -> int:
    """The sequence of a row's last record, or one beyond where that is too far off to be told."""
    return first + span if span < _LIMITS["I"][1] else MOST


def _zeros(length: int, kind: np.dtype[Any]) -> Array:
    """In memory of its own: on the heap, what is small and stays would settle in the holes that a
    growing column leaves, so that the next one has to go behind all of it."""
    size = length * kind.itemsize
    return np.frombuffer(mmap(-1, size, MAP_PRIVATE | MAP_ANONYMOUS), kind)


def _roomy(length: int) -> int:
    return max(_LEAST, length + length // _SPARE)


def pack_clamped(fields: Sequence[int]) -> bytes:
    """Pack a row some of whose fields do not fit, which only damaged or made-up records bring
    about, and what is too large to be told exactly."""
    bounds = [_LIMITS[code] for code in FIELDS.values()]
    return ROW.pack(
        *(min(max(value, low), high) for value, (low, high) in zip(fields, bounds, strict=True))
    )
