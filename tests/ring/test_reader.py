import os
from collections.abc import Callable, Iterator
from typing import Any
from zlib import adler32, crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.clock import ClockAnchor
from asgitrace.errors import RingError
from asgitrace.events import HEADER, HEADER_PACKED, Record
from asgitrace.ring import About, RingMemory, RingReader, RingWriter
from asgitrace.ring import reader as reader_module
from asgitrace.ring.layout import (
    ABOUT_OFFSET,
    COUNTERS_OFFSET,
    FIRST,
    MINIMUM_SIZE,
    NEXT,
    SLOTS_OFFSET,
    Layout,
)

Ring = Any
"""Of conftest, which cannot be imported from."""

RELAXED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LENGTHS = st.integers(0, 300) | st.integers(0, 20_000) | st.sampled_from([0, 49_152, 49_153])


class Contested:
    """Ring memory in which the writer gets its turn whenever a reader reads: before every counter,
    before and in the middle of every copy."""

    def __init__(self, ring: Ring, turn: Callable[[], None]) -> None:
        self.layout = ring.memory.layout
        self.about = ring.memory.about
        self.path = ring.memory.path
        self.bytes = ContestedBytes(ring.memory.bytes, turn)
        self.counters = ContestedCounters(ring.memory.counters, turn)


class ContestedBytes:
    def __init__(self, mapped: Any, turn: Callable[[], None]) -> None:
        self._mapped = mapped
        self._turn = turn

    def __getitem__(self, place: slice) -> bytes:
        self._turn()
        middle = (place.start + place.stop) // 2
        head = self._mapped[place.start : middle]
        self._turn()
        copied: bytes = head + self._mapped[middle : place.stop]
        return copied


class ContestedCounters:
    def __init__(self, counters: memoryview, turn: Callable[[], None]) -> None:
        self._counters = counters
        self._turn = turn

    def __getitem__(self, which: int) -> Any:
        self._turn()
        return self._counters[which]


def drained(reader: RingReader) -> Iterator[Record]:
    """All records up to the end or the damage; a poll that brings nothing may be a doubt."""
    quiet = 0
    while quiet < 3:
        batch = reader.poll()
        quiet = quiet + 1 if not batch.count else 0
        yield from batch.records()


class TestReading:
    def test_nothing_is_read_from_an_empty_ring(self, ring: Ring) -> None:
        batch = ring.reader().poll()
        assert (batch.count, batch.missed, batch.payload, list(batch.records())) == (0, 0, b"", [])

    def test_a_batch_is_columns_and_records(self, ring: Ring, content: Any) -> None:
        for sequence in range(5):
            ring.write(content(sequence, 10 * sequence))
        batch = ring.reader().poll()
        records = list(batch.records())
        assert batch.count == 5
        assert batch.headers == b"".join(HEADER.pack(*record.header) for record in records)
        assert [record.payload for record in records] == [content(n, 10 * n) for n in range(5)]

    def test_each_record_is_read_once(self, ring: Ring) -> None:
        reader = ring.reader()
        ring.write(b"first")
        assert [record.payload for record in reader.poll().records()] == [b"first"]
        assert reader.poll().count == 0
        ring.write(b"second")
        assert [record.payload for record in reader.poll().records()] == [b"second"]

    def test_the_reader_knows_what_it_reads(self, ring: Ring) -> None:
        reader = ring.reader()
        assert reader.layout == ring.memory.layout
        assert reader.about == About(app="module:app")
        assert reader.path == ring.path

    def test_a_closed_reader_has_given_up_the_mapping(self, ring: Ring) -> None:
        reader = ring.reader()
        reader.close()
        with pytest.raises(ValueError, match="released"):
            reader.poll()

    @pytest.mark.parametrize(("limit", "value"), [("_BATCH_RECORDS", 7), ("_BATCH_BYTES", 700)])
    def test_a_batch_is_bounded(
        self, ring: Ring, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
    ) -> None:
        monkeypatch.setattr(reader_module, limit, value)
        for _ in range(30):
            ring.write(bytes(100))
        reader = ring.reader()
        assert [reader.poll().count for _ in range(5)] == [7, 7, 7, 7, 2]

    def test_one_record_may_be_larger_than_a_batch(
        self, ring: Ring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reader_module, "_BATCH_BYTES", 700)
        for length in (800, 10, 900, 900):
            ring.write(bytes(length))
        reader = ring.reader()
        assert [reader.poll().count for _ in range(5)] == [1, 1, 1, 1, 0]


class TestTiming:
    @RELAXED
    @given(st.lists(st.none() | st.lists(LENGTHS, max_size=300), max_size=30))
    def test_whole_records_in_order_and_an_exact_count_of_the_missed(
        self, make_ring: Callable[..., Ring], content: Any, steps: list[list[int] | None]
    ) -> None:
        """Any sequence of writes of any sizes, and polls in between."""
        ring = make_ring()
        reader = ring.reader()
        written: list[bytes] = []
        read = missed = 0
        for step in [*steps, None]:
            for length in step or ():
                payload = content(len(written), length)
                ring.write(payload)
                written.append(payload if length <= ring.memory.layout.capacity else b"")
            if step is None:
                batch = reader.poll()
                read, missed = read + batch.count, missed + batch.missed
                for record in batch.records():
                    assert record.payload == written[record.header.sequence]
                assert read + missed == len(written) == reader.state().written
        assert reader.damage is None

    @RELAXED
    @given(st.data())
    def test_a_writer_that_comes_in_between_any_two_steps_of_the_reader(
        self, make_ring: Callable[..., Ring], content: Any, data: st.DataObject
    ) -> None:
        ring = make_ring()
        plan = data.draw(
            st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3_000)), max_size=60)
        )
        turns = iter(plan)
        written = 0

        def turn() -> None:
            nonlocal written
            count, length = next(turns, (0, 0))
            for _ in range(count):
                ring.write(content(written, length + written % 7), size=length + written % 7)
                written += 1

        turn()
        reader = RingReader(Contested(ring, turn))  # type: ignore[arg-type]
        read = missed = previous = 0
        quiet = 0
        while quiet < 3:
            before = written
            reader.state()
            batch = reader.poll()
            missed += batch.missed
            for record in batch.records():
                assert record.payload == content(record.header.sequence, record.header.size)
                assert record.header.sequence == read + missed
                read += 1
            assert reader.damage is None
            assert read + missed >= previous
            previous = read + missed
            quiet = quiet + 1 if written == before and not batch.count else 0
        assert read + missed == written

    def test_a_reader_that_is_lapped_in_every_poll_gets_on(self, ring: Ring, content: Any) -> None:
        """The writer fills the ring anew whenever the reader has looked at a counter."""
        written = 0

        def turn() -> None:
            nonlocal written
            for _ in range(300):
                ring.write(content(written, 8))
                written += 1

        turn()
        reader = RingReader(Contested(ring, turn))  # type: ignore[arg-type]
        accounted = 0
        for _ in range(20):
            batch = reader.poll()
            assert batch
            assert batch.missed > 0
            accounted += batch.missed
        assert reader.damage is None
        assert accounted <= written


class TestState:
    def test_the_counters(self, ring: Ring) -> None:
        reader = ring.reader()
        assert reader.state() == reader_module.RingState(0, 0.0, 0, 0, closed=False, latest=0)
        ring.write(bytes(60_000))
        ring.writer.count_fault()
        ring.writer.close(unlink=False)
        state = reader.state()
        assert (state.written, state.refused, state.faults, state.closed) == (1, 1, 1, True)

    def test_the_fill_is_that_of_slots_or_payloads(self, ring: Ring) -> None:
        reader = ring.reader()
        for _ in range(64):
            ring.write(b"")
        assert reader.state().fill == pytest.approx(64 / ring.memory.layout.slots)
        ring.write(bytes(ring.memory.layout.capacity // 2))
        assert reader.state().fill == pytest.approx(0.5)
        for _ in range(1_000):
            ring.write(bytes(1_000))
        assert reader.state().fill == 1.0

    @pytest.mark.parametrize(
        ("following", "first"),
        [(2**64 - 1, 0), (0, 2**64 - 1), (2**64 - 1, 2**64 - 2), (5, 7), (1, 0)],
    )
    def test_hostile_counters_and_headers_give_a_share_all_the_same(
        self, ring: Ring, following: int, first: int
    ) -> None:
        ring.memory.bytes[SLOTS_OFFSET : SLOTS_OFFSET + 64 * 256] = b"\xff" * 64 * 256
        ring.memory.counters[NEXT] = following
        ring.memory.counters[FIRST] = first
        assert 0 <= ring.reader().state().fill <= 1


class TestDamage:
    @pytest.mark.parametrize(
        ("following", "first"),
        [(2**64 - 1, 0), (0, 1), (5, 2**64 - 1), (257, 0), (2**63, 2**62)],
    )
    def test_counters_that_contradict_each_other_end_the_reading(
        self, ring: Ring, following: int, first: int
    ) -> None:
        ring.write(b"payload")
        ring.memory.counters[NEXT] = following
        ring.memory.counters[FIRST] = first
        reader = ring.reader()
        assert list(drained(reader)) == []
        assert reader.damage == "its counters contradict each other"
        assert reader.poll().missed == 0

    def test_a_counter_that_goes_back_ends_the_reading(self, ring: Ring) -> None:
        for _ in range(5):
            ring.write(b"payload")
        reader = ring.reader()
        assert reader.poll().count == 5
        ring.memory.counters[NEXT] = 4
        assert list(drained(reader)) == []
        assert reader.damage == "its counters contradict each other"

    def test_records_that_were_never_written_are_not_invented(self, ring: Ring) -> None:
        for _ in range(3):
            ring.write(b"payload")
        ring.memory.counters[NEXT] = 200
        reader = ring.reader()
        assert len(list(drained(reader))) == 3
        assert reader.damage == "record 3 is damaged; what came before it was read"

    def test_what_was_on_its_way_is_read_when_it_has_arrived(self, ring: Ring) -> None:
        """On processors that reorder stores, NEXT may be seen before the record is."""
        ring.write(b"first")
        ring.write(b"second")
        at = ring.memory.layout.payload_offset + len(b"first")
        ring.memory.bytes[at : at + 6] = bytes(6)
        reader = ring.reader()
        assert [record.payload for record in reader.poll().records()] == [b"first"]
        assert reader.poll().count == 0
        ring.memory.bytes[at : at + 6] = b"second"
        assert [record.payload for record in reader.poll().records()] == [b"second"]
        assert reader.damage is None

    @pytest.mark.parametrize(("position", "length"), [(2**64 - 1, 5), (0, 2**32 - 1), (7, 49_153)])
    def test_a_header_that_points_out_of_the_ring_in_spite_of_a_right_checksum(
        self, ring: Ring, position: int, length: int
    ) -> None:
        header = HEADER_PACKED.pack(0, 0, 0, 0, position, 0, length, 0, 0)
        ring.memory.bytes[SLOTS_OFFSET : SLOTS_OFFSET + 60] = header
        ring.memory.bytes[SLOTS_OFFSET + 60 : SLOTS_OFFSET + 64] = adler32(header).to_bytes(
            4, "little"
        )
        ring.memory.counters[NEXT] = 1
        reader = ring.reader()
        assert list(drained(reader)) == []
        assert reader.damage is not None


class TestDamagedFiles:
    """Whatever happened to the file: a clear error or an end at the damage, and every record that
    is read is one that was written."""

    COUNT = 400

    @pytest.fixture(scope="class")
    def written(self, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, dict[int, Record]]:
        """A ring that was lapped, as bytes, and its records by sequence."""
        path = tmp_path_factory.mktemp("damaged") / "a.ring"
        writer = RingWriter(RingMemory.create(path, MINIMUM_SIZE, About(app="module:app")))
        for number in range(self.COUNT):
            writer.write(
                3, 200, number, number, number, number, bytes([number % 251]) * (number % 99)
            )
        writer.close(unlink=False)
        records = {record.header.sequence: record for record in drained(RingReader.open(path))}
        assert len(records) == 256
        return path.read_bytes(), records

    def check(self, path: Any, content: bytes | bytearray, records: dict[int, Record]) -> None:
        path.write_bytes(content)
        try:
            reader = RingReader.open(path)
        except RingError:
            return
        assert 0 <= reader.state().fill <= 1
        found = list(drained(reader))
        reader.close()
        assert all(records.get(record.header.sequence) == record for record in found)

    PLACES = (
        st.integers(0, 63)
        | st.integers(COUNTERS_OFFSET, COUNTERS_OFFSET + 63)
        | st.integers(ABOUT_OFFSET, ABOUT_OFFSET + 30)
        | st.integers(SLOTS_OFFSET, SLOTS_OFFSET + 256 * 64 - 1)
        | st.integers(SLOTS_OFFSET + 256 * 64, SLOTS_OFFSET + MINIMUM_SIZE - 1)
    )

    @RELAXED
    @given(st.lists(st.tuples(PLACES, st.integers(0, 7)), min_size=1, max_size=2))
    def test_flipped_bits(self, written: Any, tmp_path: Any, flips: list[tuple[int, int]]) -> None:
        content, records = written
        damaged = bytearray(content)
        for place, bit in flips:
            damaged[place] ^= 1 << bit
        self.check(tmp_path / "a.ring", damaged, records)

    def test_every_bit_of_identity_and_counters(self, written: Any, tmp_path: Any) -> None:
        content, records = written
        for bit in [*range(64 * 8), *range(COUNTERS_OFFSET * 8, (COUNTERS_OFFSET + 24) * 8)]:
            damaged = bytearray(content)
            damaged[bit // 8] ^= 1 << bit % 8
            self.check(tmp_path / "a.ring", damaged, records)

    @RELAXED
    @given(PLACES, st.binary(min_size=1, max_size=500) | st.integers(1, 9_000).map(bytes))
    def test_overwritten_stretches(
        self, written: Any, tmp_path: Any, place: int, garbage: bytes
    ) -> None:
        content, records = written
        damaged = content[:place] + garbage + content[place + len(garbage) :]
        self.check(tmp_path / "a.ring", damaged[: len(content)], records)

    @RELAXED
    @given(st.integers(0, SLOTS_OFFSET + MINIMUM_SIZE))
    def test_truncated_files(self, written: Any, tmp_path: Any, length: int) -> None:
        content, records = written
        self.check(tmp_path / "a.ring", content[:length], records)

    @RELAXED
    @given(st.binary(max_size=10_000))
    def test_foreign_files(self, tmp_path: Any, content: bytes) -> None:
        self.check(tmp_path / "a.ring", content, {})

    @RELAXED
    @given(st.data())
    def test_an_honest_first_block_and_hostile_rest(
        self, tmp_path: Any, data: st.DataObject
    ) -> None:
        layout = Layout.for_size(MINIMUM_SIZE, os.getpid(), ClockAnchor.now())
        counters = data.draw(st.lists(st.integers(0, 2**64 - 1), min_size=8, max_size=8))
        if data.draw(st.booleans()):
            counters[FIRST] = data.draw(st.integers(0, 2**64 - 300))
            counters[NEXT] = counters[FIRST] + data.draw(st.integers(0, 256))
        about = b"\x80"
        content = bytearray(data.draw(st.binary(min_size=50, max_size=200)) * 2_000)
        content = content[: layout.file_size].ljust(layout.file_size, b"\0")
        content[:COUNTERS_OFFSET] = layout.pack().ljust(COUNTERS_OFFSET, b"\0")
        for which, value in enumerate(counters):
            at = COUNTERS_OFFSET + 8 * which
            content[at : at + 8] = value.to_bytes(8, "little")
        block = len(about).to_bytes(4, "little") + crc32(about).to_bytes(4, "little") + about
        content[ABOUT_OFFSET : ABOUT_OFFSET + len(block)] = block
        self.check(tmp_path / "a.ring", bytes(content), {})


def test_as_many_as_are_wanted(ring: Ring) -> None:
    reader = ring.reader()
    for _ in range(5):
        ring.write(b"abc")
    slots = reader.layout.slots
    assert reader.behind == 5 / slots
    assert [reader.poll(2).count for _ in range(4)] == [2, 2, 1, 0]
    assert reader.behind == 0
