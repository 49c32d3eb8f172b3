"""Taking in what a ring has, for a slice of time."""

import time
from dataclasses import dataclass
from typing import Final

from asgitrace.ring import RingReader
from asgitrace.store.session import Sink

SLICE_NS: Final = 8_000_000
"""How long one poll may take in records, so that a screen stays responsive."""

_PORTION: Final = 4096
"""Records that are taken in at a time; then the clock is looked at."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one slice."""

    count: int
    """Records that were taken in."""
    missed: int
    """Records that were overwritten before they were read."""
    more: bool
    """Whether the slice was over before all was taken in."""


def take_records(reader: RingReader, sink: Sink, source: int, slice_ns: int = SLICE_NS) -> Taken:
    """Hand the records of a ring on, as those of process ``source``, for about so many ns."""
    until = time.monotonic_ns() + slice_ns
    count = missed = 0
    while batch := reader.poll(_PORTION):
        sink.take(source, batch)
        count += batch.count
        missed += batch.missed
        if time.monotonic_ns() > until:
            break
    return Taken(count, missed, bool(batch))
