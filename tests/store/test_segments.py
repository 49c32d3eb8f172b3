import numpy as np
import pytest

from asgitrace.events import Kind
from asgitrace.store.headers import HEADER_TYPE, unpack
from asgitrace.store.segments import Segments
from asgitrace.store.unpacked import Unpacked
from tests.store.playbook import Tape


def filled(tape: Tape, size: int) -> Segments:
    segments = Segments(Unpacked(2**20))
    while (batch := tape.batch(size)).count:
        segments.append(*unpack(batch))
    return segments


def test_headers_lie_in_an_array_as_in_the_ring() -> None:
    tape = Tape().request(3)
    headers, _ = unpack(tape.batch())
    assert HEADER_TYPE.itemsize == 64
    assert [tuple(header) for header in headers.tolist()] == [tuple(h) for h in tape.headers]


def test_small_batches_are_joined() -> None:
    tape = Tape()
    for exchange in range(1, 1_001):
        tape.request(exchange)
    segments = filled(tape, 1)
    assert [record.header for record in segments.all()] == tape.headers
    assert segments.bytes_used < 5_000 * 64 + sum(map(len, tape.payloads)) + 512 * 40


def test_large_batches_are_divided() -> None:
    tape = Tape()
    for exchange in range(1, 5_001):
        tape.request(exchange)
    segments = filled(tape, 25_000)
    assert [record.payload for record in segments.all()] == tape.payloads
    found = list(segments.exchange(4_000, 0, 10**6))
    assert [record.header.exchange for record in found] == [4_000] * 5
    assert list(segments.exchange(1, 10_000, 10**6)) == []


def test_the_dead_are_gone_and_their_room_is_given_back() -> None:
    tape = Tape()
    for exchange in range(1, 2_001):
        tape.request(exchange, body=bytes(exchange % 7))
    segments = filled(tape, 100)
    raw = segments.raw_bytes
    segments.kill(np.arange(1, 2_001, 50, dtype=np.uint32), 0, 10**6)
    assert segments.reclaim(10**9, 4, 9) == 0, "too little of each is dead"
    segments.kill(np.arange(1, 1_001, dtype=np.uint32), 0, 10**6)
    before = segments.bytes_used
    freed = segments.reclaim(1, 4, 9)
    assert 0 < freed < before // 2
    assert segments.bytes_used == before - freed
    segments.reclaim(10**9, 10**9, 9)
    living = {record.header.exchange for record in segments.all()}
    assert living == {number for number in range(1_001, 2_001) if number % 50 != 1}
    assert segments.raw_bytes < raw * 0.55


def test_the_oldest_of_one_exchange_die_first() -> None:
    tape = Tape()
    for at in range(100):
        tape.scope(1 + at % 2, at)
        tape.receive_called(1, at, at)
    segments = filled(tape, 40)
    assert segments.kill_oldest(1, 0, 10**6, 10 * 64, Kind.SCOPE) == (10, 0, 640)
    calls = [r.header.call for r in segments.exchange(1, 0, 10**6) if r.header.kind != Kind.SCOPE]
    assert calls == list(range(10, 100))
    assert segments.kill_oldest(1, 0, 10**6, 10**6, Kind.SCOPE) == (90, 0, 5_760)
    assert segments.kill_oldest(1, 0, 10**6, 10**6, Kind.SCOPE) == (0, 0, 0)
    assert len(list(segments.all())) == 100


def test_remnants_are_joined_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asgitrace.store.segments._RECORDS", 64)
    tape = Tape()
    for exchange in range(1, 6_401):
        tape.add(Kind.SCOPE, exchange, 0)
    segments = filled(tape, 640)
    segments.kill(np.array([n for n in range(1, 6_401) if n % 32], np.uint32), 0, 10**6)
    segments.reclaim(10**9, 2, 999)
    assert [record.header.exchange for record in segments.all()] == list(range(32, 6_401, 32))
    assert segments.bytes_used < 200 * 64 + 512 * 40
