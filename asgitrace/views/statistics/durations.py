"""Distributions of durations as counts in buckets, from which percentiles are read.

There are 64 buckets between a duration and its double, so that what is read from them differs from
the exact percentile by less than one in a hundred. Such counts are made in one pass over any number
of rows, and take the same room for ten durations and for ten million.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_BITS: Final = 6
_OCTAVES: Final = 32
_LEAST: Final = 10
BUCKETS: Final = _OCTAVES << _BITS
SHORTEST_NS: Final = 1 << _LEAST
"""The first bucket begins here, and has all that is shorter; the last one has all that is longer
than 73 minutes."""

_FRACTION: Final = 23
_BIAS: Final = (127 + _LEAST) << _BITS

_starts = np.arange(BUCKETS + 1)
EDGES: Final[npt.NDArray[np.float64]] = np.ldexp(
    1 + (_starts % (1 << _BITS)) / (1 << _BITS), _LEAST + (_starts >> _BITS)
)
"""Where the buckets begin, in ns, and behind the last one where that ends."""
_MIDDLES: Final = (EDGES[1:] + EDGES[:-1]) / 2


def buckets(durations: Array) -> npt.NDArray[np.int32]:
    """The bucket of each duration, in ns."""
    # A float's bits are its exponent and behind that its fraction: a logarithm for nothing.
    bits = np.maximum(durations, SHORTEST_NS).astype(np.float32).view(np.int32)
    found: npt.NDArray[np.int32] = (bits >> (_FRACTION - _BITS)) - _BIAS
    return np.minimum(found, BUCKETS - 1, out=found)


def percentiles(counts: Array, shares: tuple[float, ...]) -> npt.NDArray[np.int64]:
    """For each row of counts by bucket the durations, in ns, that these shares of it do not exceed:
    one column for each share. -1 where nothing was counted."""
    summed = np.cumsum(counts, axis=-1, dtype=np.int64)
    total = summed[..., -1]
    found = np.empty((*total.shape, len(shares)), np.int64)
    for at, share in enumerate(shares):
        rank = np.maximum(np.ceil(share * total), 1)
        bucket = np.count_nonzero(summed < rank[..., None], axis=-1)
        found[..., at] = _MIDDLES[np.minimum(bucket, BUCKETS - 1)]
    found[total == 0] = -1
    return found
