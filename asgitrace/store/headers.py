"""The headers of many records as one array, as they lie in the ring."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from asgitrace.events import Kind
from asgitrace.ring import Batch

HEADER_TYPE: Final = np.dtype(
    [
        ("sequence", "<u8"),
        ("called", "<i8"),
        ("returned", "<i8"),
        ("size", "<u8"),
        ("position", "<u8"),
        ("exchange", "<u4"),
        ("call", "<u4"),
        ("length", "<u4"),
        ("number", "<u2"),
        ("flags", "<u2"),
        ("kind", "u1"),
        ("phase", "u1"),
        ("outcome", "u1"),
        ("message", "u1"),
        ("checksum", "<u4"),
    ]
)

_ALONE: Final = (Kind.WIRE, Kind.LOOP, Kind.DEBUGGER)
_HIGHEST: Final = 2**61

Headers = npt.NDArray[Any]


def unpack(batch: Batch) -> tuple[Headers, bytes]:
    """Headers of a batch and its payloads one behind the other.

    They lie so already, but where the ring began anew. A record whose payload is not in the batch
    gets none.
    """
    headers = np.frombuffer(batch.headers, HEADER_TYPE).copy()
    lengths = headers["length"].astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    whole = int(lengths.sum()) == len(batch.payload)
    if whole and np.array_equal(
        headers["position"], starts.astype(np.uint64) + np.uint64(batch.origin)
    ):
        return headers, batch.payload
    pieces = [record.payload for record in batch.records()]
    headers["length"] = [len(piece) for piece in pieces]
    return headers, b"".join(pieces)


def renumber(headers: Headers, start: int) -> bool:
    """Give records ascending sequences from ``start`` on if they have none, as in a file that was
    made up; whether that was so."""
    sequences = headers["sequence"]
    ascending = bool((sequences[1:] > sequences[:-1]).all())
    if ascending and start <= sequences[0] and sequences[-1] < _HIGHEST:
        return False
    headers["sequence"] = np.arange(start, start + len(headers), dtype=np.uint64)
    return True


def select(
    headers: Headers, payload: bytes, chosen: npt.NDArray[np.bool_]
) -> tuple[Headers, bytes]:
    """Some of the records whose payloads lie one behind the other."""
    # By whole stretches, since there are few of them.
    edges = np.flatnonzero(chosen[1:] != chosen[:-1]) + 1
    bounds = np.concatenate(([0], edges, [len(chosen)]))[int(not chosen[0]) :]
    offsets = np.concatenate(([0], np.cumsum(headers["length"], dtype=np.int64)))[bounds]
    stretches = offsets[: len(offsets) // 2 * 2].reshape(-1, 2).tolist()
    return headers[chosen], b"".join([payload[start:end] for start, end in stretches])


def count_refused(headers: Headers) -> int:
    """How many of the records that go have no place: but for those of connections alone, of
    the loop and of debuggers."""
    alone = (headers["exchange"] == 0) & np.isin(headers["kind"], _ALONE)
    return len(headers) - int(np.count_nonzero(alone))
