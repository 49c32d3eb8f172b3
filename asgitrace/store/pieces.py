"""The payloads of one exchange as they lie among the records: for one who goes through many
exchanges and wants a few payloads of each, without events being made."""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from asgitrace.events import HEADER, Header, Kind, Outcome, Phase, Record
from asgitrace.store.columns import ending
from asgitrace.store.segment import Stretch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asgitrace.store.columns import Columns
    from asgitrace.store.segments import Segments

_MESSAGE: Final = 8
_FAILED: Final = 1 << 16
_SECOND: Final = 1 << 17


def what(kind: Kind, message: int) -> int:
    """What a record is, by its kind and the code in its header."""
    return kind | message << _MESSAGE


class Piece(NamedTuple):
    """The payload of one record."""

    what: int
    payload: bytes
    """Empty where the call failed, as in `Event`."""
    second: bool
    """Whether it is the other one of a call's two records, whose payload counts only where the
    first is missing."""


class Index:
    """Where the records of each exchange are in a stretch.

    Everything lies in arrays ordered by exchange, and within one by sequence.
    """

    __slots__ = ("_ends", "_exchanges", "_order", "_starts", "_stretch", "_whats", "bytes_used")

    def __init__(self, stretch: Stretch) -> None:
        headers = stretch.headers
        order = headers["exchange"].argsort(kind="stable")
        lengths = headers["length"]
        ends = np.cumsum(lengths, dtype=np.int64)
        kind, phase = headers["kind"], headers["phase"]
        whats = kind | headers["message"].astype(np.uint32) << _MESSAGE
        called = (kind == Kind.RECEIVE) | (kind == Kind.SEND)
        whats[called & (headers["outcome"] != Outcome.OK)] |= _FAILED
        second = (kind == Kind.SEND) & (phase == Phase.RETURNED)
        second |= (kind == Kind.RECEIVE) & (phase == Phase.CALLED)
        whats[second] |= _SECOND
        ordered = [
            column[order].data for column in (headers["exchange"], whats, ends - lengths, ends)
        ]
        self._exchanges, self._whats, self._starts, self._ends = ordered
        self.bytes_used = order.nbytes + sum(column.nbytes for column in ordered)
        self._order = order
        self._stretch = stretch

    def records(self, exchange: int, after: int) -> Iterator[Record]:
        """The records of an exchange with a sequence greater than ``after``."""
        start, end = self._span(exchange)
        headers = self._stretch.headers[self._order[start:end]].tobytes()
        payload = self._stretch.payload
        bounds = zip(self._starts[start:end].tolist(), self._ends[start:end].tolist(), strict=True)
        for fields, (begin, stop) in zip(HEADER.iter_unpack(headers), bounds, strict=True):
            if fields[0] > after:
                yield Record(Header._make(fields), payload[begin:stop])

    def pieces(self, exchange: int, wanted: Container[int]) -> Iterator[Piece]:
        """The payloads of an exchange's records that are what is wanted."""
        start, end = self._span(exchange)
        payload = self._stretch.payload
        for place in range(start, end):
            told = self._whats[place]
            if told & (_FAILED - 1) in wanted:
                found = payload[self._starts[place] : self._ends[place]]
                yield Piece(told & (_FAILED - 1), b"" if told & _FAILED else found, told >= _SECOND)

    def _span(self, exchange: int) -> tuple[int, int]:
        """The places of an exchange's records, the end excluded."""
        start = bisect_left(self._exchanges, exchange)
        return start, bisect_right(self._exchanges, exchange, start)


class Pieces(NamedTuple):
    """The payloads of one exchange that are there; valid until the store's next change."""

    segments: "Segments | None"
    """None for a note."""
    exchange: int
    first: int
    last: int

    def of(self, wanted: Container[int]) -> Iterator[Piece]:
        """Those that are what is wanted, see `what`, in the order of the records."""
        if self.segments is None:
            return iter(())
        return self.segments.pieces(self.exchange, self.first, self.last, wanted)


def pieces_of(
    columns: "Columns", segments: "Sequence[Segments]", places: npt.NDArray[np.int64]
) -> list[Pieces]:
    """The payloads of rows, given by their positions.

    Args:
        columns: those of all rows.
        segments: the records by their process.
        places: which of the rows.
    """
    names = ("exchange", "source", "first", "span")
    fields = [columns.column(name)[places].tolist() for name in names]
    return [
        Pieces(segments[source] if number else None, number, first, ending(first, span))
        for number, source, first, span in zip(*fields, strict=True)
    ]
