"""Records made small: what repeats from one record to the next is taken out of the headers, and
what is left, byte by byte of all of them together, compressed.

The numbers of the exchanges and the lengths are apart from the rest: they are what is asked for
when exchanges are evicted.
"""

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from asgitrace.store.headers import HEADER_TYPE, Headers

_LEVEL: Final = 1
_OVERHEAD: Final = 200
_STEADY: Final = ("sequence", "called", "position")
"""Fields of 8 bytes that change little from one record to the next, once it is known what else
they go by."""

_INDEX: Final = ("exchange", "length")
_INDEX_TYPE: Final = np.dtype([(name, "<u4") for name in _INDEX])
_REST: Final = [name for name in HEADER_TYPE.names or () if name not in _INDEX]
_REST_TYPE: Final = np.dtype([(name, HEADER_TYPE[name]) for name in _REST])

_Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Pack:
    """Records, compressed."""

    count: int
    index: bytes
    rest: bytes
    payload: bytes
    raw_bytes: int
    """What they were before."""

    @property
    def bytes_used(self) -> int:
        return len(self.index) + len(self.rest) + len(self.payload) + _OVERHEAD


def pack(headers: Headers, payload: bytes) -> Pack:
    """Compress records whose payloads lie one behind the other."""
    index = np.empty(len(headers), _INDEX_TYPE)
    index["exchange"] = headers["exchange"]
    index["exchange"][1:] -= headers["exchange"][:-1]
    index["length"] = headers["length"]
    rest = np.empty(len(headers), _REST_TYPE)
    for name in _REST:
        rest[name] = headers[name]
    rest["returned"] -= headers["called"]
    rest["position"] -= _starts(headers["length"])
    for name in _STEADY:
        words = rest[name].view(np.uint64)
        words[1:] -= words[:-1].copy()
    return Pack(
        len(headers),
        zlib.compress(_planes(index), _LEVEL),
        zlib.compress(_planes(rest), _LEVEL),
        zlib.compress(payload, _LEVEL),
        headers.nbytes + len(payload),
    )


def unpack_index(packed: Pack) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The records' exchanges and lengths."""
    index = _records(zlib.decompress(packed.index), _INDEX_TYPE)
    return np.cumsum(index["exchange"], dtype=np.uint32), index["length"].copy()


def unpack_headers(packed: Pack) -> Headers:
    """The headers as they were."""
    headers = np.empty(packed.count, HEADER_TYPE)
    headers["exchange"], headers["length"] = unpack_index(packed)
    rest = _records(zlib.decompress(packed.rest), _REST_TYPE)
    for name in _STEADY:
        words = rest[name].view(np.uint64)
        words[:] = np.cumsum(words, dtype=np.uint64)
    for name in _REST:
        headers[name] = rest[name]
    headers["returned"] += headers["called"]
    headers["position"] += _starts(headers["length"])
    return headers


def unpack_payload(packed: Pack) -> bytes:
    """The payloads as they were, one behind the other."""
    return zlib.decompress(packed.payload)


def _starts(lengths: npt.NDArray[np.uint32]) -> _Words:
    """Where payloads of these lengths begin."""
    ends: _Words = np.cumsum(lengths, dtype=np.uint64)
    return ends - lengths


def _planes(records: npt.NDArray[np.void]) -> bytes:
    """The first bytes of all records, then all their second ones, and so on."""
    return records.view(np.uint8).reshape(len(records), -1).T.tobytes()


def _records(planes: bytes, kind: np.dtype[np.void]) -> npt.NDArray[np.void]:
    laid = np.frombuffer(planes, np.uint8).reshape(kind.itemsize, -1)
    return np.array(laid.T, order="C").view(kind).reshape(-1)
