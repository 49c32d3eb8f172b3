"""The merge is a permutation that keeps each ring's order, and is in the order of time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from asgitrace.events import HEADER
from asgitrace.process.merging import COARSEST_NS, FINEST_NS, Inlet, Merge, next_grain
from asgitrace.ring import Batch

Told = list[tuple[int, int, int]]
"""Source, sequence and time of writing of records, in the order in which they were told."""


@dataclass
class FakeRing:
    """A ring whose records become visible as the test says. The payload of each is its sequence."""

    stamps: list[tuple[int, int]]
    visible: int = 0
    read: int = 0
    missed: list[int] = field(default_factory=list)

    @property
    def behind(self) -> float:
        return float(self.visible - self.read)

    def poll(self, most: int | None = None, room: int | None = None) -> Batch:
        missed = self.missed.pop() if self.missed else 0
        end = min(self.visible, self.read + (most or 1))
        chosen = range(self.read, end)
        headers = b"".join(
            HEADER.pack(number, *self.stamps[number], 0, number * 8, 1, 1, 8, 0, 0, 0, 0, 0, 0, 0)
            for number in chosen
        )
        payload = b"".join(number.to_bytes(8, "little") for number in chosen)
        origin, self.read = self.read * 8, end
        return Batch(headers, payload, origin, missed)


class Teller:
    """Takes what is delivered, and checks that each payload is that of its record."""

    def __init__(self) -> None:
        self.told: Told = []
        self.batches: list[tuple[int, Batch]] = []

    def __call__(self, source: int, batch: Batch) -> None:
        self.batches.append((source, batch))
        for record in batch.records():
            header = record.header
            assert record.payload == header.sequence.to_bytes(8, "little")
            self.told.append((source, header.sequence, max(header.called, header.returned)))


def merged(
    rings: list[FakeRing], *, most: int = 3, grain: int = 0, clock: Iterator[int] | None = None
) -> Teller:
    """All that the rings have, in merges of one round each."""
    teller, ticks = Teller(), clock or count(10**9)
    inlets = [Inlet(number, ring) for number, ring in enumerate(rings)]
    more = True
    while more:
        more = Merge(
            inlets, teller, clock=lambda: next(ticks), until=0, most=most, room=100, grain=grain
        ).run()
    return teller


def as_written(stamps: list[list[tuple[int, int]]]) -> Told:
    """All records, each with the time of its writing: never before that of the one before it."""
    told = []
    for source, ring in enumerate(stamps):
        latest = 0
        for sequence, pair in enumerate(ring):
            latest = max(latest, *pair)
            told.append((source, sequence, latest))
    return told


STAMPS = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=30)
RINGS = st.lists(STAMPS, max_size=6)


@given(RINGS, st.integers(1, 8))
def test_a_permutation_in_the_order_of_time(stamps: list[list[tuple[int, int]]], most: int) -> None:
    teller = merged([FakeRing(ring, len(ring)) for ring in stamps], most=most)
    times = {(source, sequence): time for source, sequence, time in as_written(stamps)}
    order = [(source, sequence) for source, sequence, _ in teller.told]
    assert sorted(order) == sorted(times)
    assert [times[each] for each in order] == sorted(times.values())
    for source, ring in enumerate(stamps):
        assert [number for owner, number in order if owner == source] == list(range(len(ring)))


@given(RINGS, st.integers(1, 8), st.integers(1, 200))
def test_with_a_grain_it_is_out_of_order_by_no_more(
    stamps: list[list[tuple[int, int]]], most: int, grain: int
) -> None:
    teller = merged([FakeRing(ring, len(ring)) for ring in stamps], most=most, grain=grain)
    times = {(source, sequence): time for source, sequence, time in as_written(stamps)}
    order = [(source, sequence) for source, sequence, _ in teller.told]
    assert sorted(order) == sorted(times)
    latest = 0
    for each in order:
        assert times[each] >= latest - grain
        latest = max(latest, times[each])
    for source, ring in enumerate(stamps):
        assert [number for owner, number in order if owner == source] == list(range(len(ring)))


@given(RINGS, st.lists(st.lists(st.integers(0, 10), max_size=6), max_size=5))
def test_what_becomes_visible_later_comes_later(
    stamps: list[list[tuple[int, int]]], steps: list[list[int]]
) -> None:
    """Whatever is visible when, nothing is lost, told twice or out of its ring's order."""
    rings = [FakeRing(ring) for ring in stamps]
    inlets = [Inlet(number, ring) for number, ring in enumerate(rings)]
    teller, ticks = Teller(), count(500)
    for step in [*steps, [30] * len(rings), [30] * len(rings)]:
        for ring, more in zip(rings, step, strict=False):
            ring.visible = min(len(ring.stamps), ring.visible + more)
        Merge(inlets, teller, clock=lambda: next(ticks), until=10**9, most=4, room=100).run()
    # The clock has passed all stamps by then.
    for _ in range(600):
        next(ticks)
    Merge(inlets, teller, clock=lambda: next(ticks), until=10**9, most=4, room=100).run()
    for source, own in enumerate(stamps):
        told = [number for owner, number, _ in teller.told if owner == source]
        assert told == list(range(len(own)))


def test_what_another_ring_may_still_come_before_is_kept_back() -> None:
    early, late = FakeRing([(5, 0), (90, 0)], 2), FakeRing([(7, 0), (80, 0)], 1)
    inlets = [Inlet(0, early), Inlet(1, late)]
    teller = Teller()

    def merge(now: int) -> None:
        Merge(inlets, teller, clock=lambda: now, until=10**9, most=9, room=100).run()

    merge(50)
    # One was stamped with 90 behind what the clock says: no ring has it in its future.
    assert [time for *_, time in teller.told[:2]] == [5, 7]
    teller.told.clear()
    early.stamps.append((95, 0))
    early.visible, late.visible = 3, 2
    merge(100)
    assert (1, 1, 80) in teller.told
    assert teller.told[-1] == (0, 2, 95)


def test_a_stamp_of_the_future_keeps_nobody_waiting() -> None:
    teller = Teller()
    inlet = Inlet(0, FakeRing([(2**62, 0), (3, 0)], 2))
    ticks = count(100)
    for _ in range(2):
        Merge([inlet], teller, clock=lambda: next(ticks), until=10**9, most=9, room=100).run()
    assert [sequence for _, sequence, _ in teller.told] == [0, 1]


def test_what_was_missed_is_told_once_before_what_came_after() -> None:
    rings = [FakeRing([(1, 0), (3, 0)], 2, missed=[7]), FakeRing([(2, 0)], 1)]
    batches = merged(rings).batches
    assert [(source, batch.count, batch.missed) for source, batch in batches] == [
        (0, 1, 7),
        (1, 1, 0),
        (0, 1, 0),
    ]


def test_a_ring_of_which_all_was_missed_says_so() -> None:
    batches = merged([FakeRing([], missed=[5])]).batches
    assert [(source, batch.count, batch.missed) for source, batch in batches] == [(0, 0, 5)]


def test_records_of_one_ring_go_on_together() -> None:
    rings = [FakeRing([(at, 0) for at in range(10)], 10), FakeRing([(20, 0)], 1)]
    assert [batch.count for _, batch in merged(rings, most=100).batches] == [10, 1]


def test_the_time_that_it_takes_is_bounded() -> None:
    rings = [FakeRing([(at, 0) for at in range(start, 400, 2)], 200) for start in (0, 1)]
    inlets = [Inlet(number, ring) for number, ring in enumerate(rings)]
    teller, ticks = Teller(), count(10**9)
    merge = Merge(inlets, teller, clock=lambda: next(ticks), until=0, most=1000, room=100)
    assert merge.run()
    assert 0 < len(teller.told) < 20


def test_the_grain_follows_what_there_is_to_do() -> None:
    grains = [0]
    for _ in range(10):
        grains.append(next_grain(grains[-1], more=True))
    assert grains[1:4] == [FINEST_NS, 2 * FINEST_NS, 4 * FINEST_NS]
    assert grains[-1] == COARSEST_NS
    for _ in range(10):
        grains.append(next_grain(grains[-1], more=False))
    assert grains[-1] == 0
