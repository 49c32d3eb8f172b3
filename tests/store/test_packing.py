"""What is packed comes out as it went in."""

from collections.abc import Iterator
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.events import HEADER, Record
from asgitrace.store import Store
from asgitrace.store.headers import HEADER_TYPE, unpack
from asgitrace.store.packing import Pack, pack, unpack_headers, unpack_index, unpack_payload
from asgitrace.store.segment import Segment
from asgitrace.store.segments import Segments
from asgitrace.store.unpacked import Unpacked
from tests.store.playbook import ANCHOR, Tape


@given(st.lists(st.binary(min_size=64, max_size=64), min_size=1, max_size=30), st.binary())
def test_any_headers_at_all(raw: list[bytes], payload: bytes) -> None:
    headers = np.frombuffer(b"".join(raw), HEADER_TYPE).copy()
    packed = pack(headers, payload)
    assert unpack_headers(packed).tobytes() == b"".join(raw)
    assert unpack_payload(packed) == payload
    exchanges, lengths = unpack_index(packed)
    assert exchanges.tolist() == headers["exchange"].tolist()
    assert lengths.tolist() == headers["length"].tolist()


COUNT = 100


def busy(count: int) -> Tape:
    tape = Tape()
    for exchange in range(1, count + 1):
        tape.request(exchange, exchange * 1_000, body=b"hello %d" % (exchange % 5))
        if exchange % 7 == 0:
            tape.send(1, exchange, exchange * 1_000, exchange * 1_000 + 5, {
                "type": "http.response.body", "body": b"more", "more_body": True
            })  # fmt: skip
    return tape


def test_what_is_like_what_came_before_takes_little() -> None:
    headers, payload = unpack(busy(700).batch())
    packed = pack(headers, payload)
    assert packed.bytes_used < (headers.nbytes + len(payload)) / 10


def test_what_does_not_shrink_stays_as_it_is() -> None:
    tape = Tape().request(1, body=Random(1).randbytes(10_000))
    segment = Segment(*unpack(tape.batch()))
    before = segment.bytes_used
    segment.settle()
    segment.settle()
    assert segment.settled
    assert not segment.packed
    assert segment.bytes_used == before


def lots(size: int, hot: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Segments, Unpacked]:
    """The same records in small segments, packed or, where all are new, not."""
    monkeypatch.setattr("asgitrace.store.segments._RECORDS", 64)
    monkeypatch.setattr("asgitrace.store.segments._LEAST", 1_000)
    monkeypatch.setattr("asgitrace.store.segments._HOT", hot)
    unpacked = Unpacked(20_000)
    segments, tape = Segments(unpacked), busy(COUNT)
    while (batch := tape.batch(size)).count:
        segments.append(*unpack(batch))
    return segments, unpacked


@st.composite
def deeds(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    names = st.sampled_from(["kill", "kill", "oldest", "reclaim", "waste", "read"])
    numbers = st.integers(1, COUNT)
    return draw(st.lists(st.tuples(names, numbers, numbers), max_size=12))


def done(segments: Segments, name: str, first: int, second: int) -> object:
    """Do something to them, or read something; what came of it."""
    match name:
        case "kill":
            low, high = sorted((first, second))
            segments.kill(np.arange(low, high + 1, dtype=np.uint32), 0, 10**6)
        case "oldest":
            return segments.kill_oldest(first, 0, 10**6, second * 10, 1)
        case "reclaim":
            segments.reclaim(10**9, 10**9, 999)
        case "waste":
            segments.reclaim(first * 100, 2, 1)
        case "read":
            headers = segments.headers(first, 0, 10**6)
            return headers, [*segments.exchange(first, 0, 10**6, second)]
    return None


@settings(max_examples=40, deadline=None)
@given(deeds(), st.sampled_from([7, 64, 500]))
def test_packed_records_read_as_the_others_do(
    script: list[tuple[str, int, int]], size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        (packed, unpacked), (plain, _) = lots(size, 0, patch), lots(size, 10_000, patch)
        assert packed.bytes_used < plain.bytes_used
        for name, first, second in script:
            assert done(packed, name, first, second) == done(plain, name, first, second)
            assert list(packed.all()) == list(plain.all())
            assert unpacked.bytes_used <= 20_000
        everything = list(packed.all())
        assert list(_one_by_one(packed)) == sorted(
            everything, key=lambda record: (record.header.exchange, record.header.sequence)
        )
        packed.kill(np.arange(1, COUNT + 1, dtype=np.uint32), 0, 10**6)
        packed.reclaim(10**9, 10**9, 0)
        assert (packed.bytes_used, packed.raw_bytes, packed.count) == (0, 0, 0)


def _one_by_one(segments: Segments) -> Iterator[Record]:
    for number in range(1, COUNT + 1):
        yield from segments.exchange(number, 0, 10**6)


def test_going_through_all_unpacks_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    segments, _ = lots(64, 0, monkeypatch)
    read: list[Pack] = []

    def counted(packed: Pack) -> bytes:
        read.append(packed)
        return unpack_payload(packed)

    monkeypatch.setattr(
        "asgitrace.store.segment.unpack_payload",
        counted,
    )
    for number in range(2, COUNT + 1):
        first = 5 * (number - 1) + (number - 1) // 7
        assert len(list(segments.exchange(number, first, first + 4))) == 5
    assert len(read) == len(busy(COUNT).headers) // 64


def test_a_store_tells_the_same_of_packed_records() -> None:
    store = Store()
    store.add_process(1, ANCHOR, "app")
    tape, count = Tape(), 12_000
    for exchange in range(1, count + 1):
        tape.request(exchange, exchange * 1_000, body=b"%d" % exchange)
    while (batch := tape.batch(1_000)).count:
        store.take(0, batch)
    raw = len(tape.headers) * HEADER.size + sum(map(len, tape.payloads))
    assert store._sources[0].segments.bytes_used < raw / 2
    assert [record.payload for _, record in store.all_records()] == tape.payloads
    for number in (1, 2, 5_000, count):
        found = store.peek(number, 0)
        assert found is not None
        assert found == store.exchange(number, 0)
        assert found.events[3].content()["body"] == b"%d" % number
        assert [record for _, record in store.records(number)] == [
            Record(header, payload)
            for header, payload in zip(tape.headers, tape.payloads, strict=True)
            if header.exchange == number
        ]
