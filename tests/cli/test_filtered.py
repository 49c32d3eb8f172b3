"""A recording with a filter: what passes is written when it is over, and all else as it comes."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from asgitrace.cli.filtered import FilteredSink
from asgitrace.events import Kind, pack_identity, pack_what
from asgitrace.filter import compile_filter
from asgitrace.ring import RingMemory, RingReader, RingWriter, encode
from asgitrace.store import LogLine
from asgitrace.wire import Wire
from tests.cli.collected import Collected


class Ring:
    """A process that records, and what reads it into a sink."""

    def __init__(self, folder: Path, text: str, memory: int) -> None:
        self._memory = RingMemory.create(folder / "1-a.ring", 1 << 22)
        self.write = RingWriter(self._memory).write
        self._reader = RingReader.open(folder / "1-a.ring")
        self.collected = Collected()
        self.sink = FilteredSink(self.collected, lambda line: None, compile_filter(text), memory)
        anchor = self._reader.layout.anchor
        # Long ago, so that all of it is quiet.
        self.now = anchor.monotonic_ns - 10**10
        self.source = self.sink.add_process(1, anchor, "shop:app").source

    def begin(self, exchange: int, path: str, connection: int = 0) -> None:
        self.now += 1000
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
        if connection:
            self.tell(Wire.REQUEST, connection, exchange, {"head": b"GET / HTTP/1.1\r\n\r\n"})
        what = pack_what(Kind.SCOPE)
        self.write(what, 0, exchange, self.now, self.now, 0, encode(scope))

    def end(self, exchange: int) -> None:
        self.now += 1000
        self.write(pack_what(Kind.RETURN), 0, exchange, self.now, self.now, 0, b"")

    def tell(self, wire: Wire, connection: int, exchange: int = 0, content: object = None) -> None:
        payload = b"" if content is None else encode(content)
        identity = pack_identity(exchange, connection)
        what = pack_what(Kind.WIRE, message=wire)
        self.write(what, 0, identity, self.now, self.now, 0, payload)

    def poll(self) -> list[tuple[str, int]]:
        """Take in what there is; what was written since, as kinds and exchanges."""
        before = len(self.collected.records)
        while (batch := self._reader.poll()).count:
            self.sink.take(self.source, batch)
        self.sink._due_ns = 0
        self.sink.settle()
        return self.written[before:]

    @property
    def written(self) -> list[tuple[str, int]]:
        headers = [record.header for _, record in self.collected.records]
        return [(Kind(header.kind).name, header.exchange) for header in headers]

    def close(self) -> None:
        self._reader.close()
        self._memory.close()


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[Ring]:
    ring = Ring(tmp_path, "path:/good", 1 << 24)
    yield ring
    ring.close()


def test_what_passes_is_written_when_it_has_ended(ring: Ring) -> None:
    ring.begin(1, "/good")
    ring.begin(2, "/bad")
    assert ring.poll() == []
    ring.end(2)
    assert ring.poll() == []
    ring.end(1)
    assert ring.poll() == [("SCOPE", 1), ("RETURN", 1)]
    assert ring.sink.written == 1
    assert ring.sink.tally.words(", ") == "1 of 2 exchanges"


def test_one_that_has_just_ended_may_still_get_something(ring: Ring) -> None:
    ring.now = time.monotonic_ns()
    ring.begin(1, "/good")
    ring.end(1)
    assert ring.poll() == []
    ring.sink.finish()
    assert ring.written == [("SCOPE", 1), ("RETURN", 1)]


def test_what_is_open_is_judged_at_the_end(ring: Ring) -> None:
    ring.begin(1, "/good")
    ring.begin(2, "/bad")
    assert ring.poll() == []
    ring.sink.end_process(ring.source, -9, "killed", ring.now)
    ring.sink.finish()
    assert ring.written == [("SCOPE", 1)]
    assert [note.text for note in ring.collected.notes] == ["killed"]
    assert ring.sink.tally.words(", ") == "1 of 2 exchanges"


def test_what_was_judged_takes_no_room(ring: Ring) -> None:
    for exchange in range(1, 2000):
        ring.begin(exchange, "/bad")
        ring.end(exchange)
    ring.poll()
    assert len(ring.sink._sieve.store) == 0
    assert ring.sink.tally.passed == 0


def test_a_connection_comes_with_the_first_of_its_exchanges(ring: Ring) -> None:
    opened = {"peer": "there", "local": "here"}
    for connection in (1, 2):
        ring.tell(Wire.OPENED, connection, content=opened)
    ring.begin(1, "/bad", 1)
    ring.end(1)
    ring.begin(2, "/good", 2)
    ring.end(2)
    assert ring.poll() == [("WIRE", 0), ("WIRE", 2), ("SCOPE", 2), ("RETURN", 2)]
    ring.begin(3, "/good", 2)
    ring.end(3)
    for connection in (1, 2):
        ring.tell(Wire.CLOSED, connection, content={"by": "client", "how": "eof"})
    assert ring.poll() == [("WIRE", 0), ("WIRE", 3), ("SCOPE", 3), ("RETURN", 3)]


def test_all_else_is_written_as_it_comes(ring: Ring) -> None:
    ring.write(pack_what(Kind.LOOP), 0, 0, ring.now, ring.now + 5, 0, b"")
    ring.sink.log(LogLine(0, 1, "stdout", "ready"))
    assert ring.poll() == [("LOOP", 0)]
    assert [line.text for line in ring.collected.lines] == ["ready"]
    assert ring.sink.tally.events == 0


def test_in_little_room_something_is_given_up_and_told(tmp_path: Path) -> None:
    ring = Ring(tmp_path, "path:/good", 1 << 20)
    for exchange in range(1, 4000):
        ring.begin(exchange, f"/good/{exchange}" + "x" * 600)
    ring.poll()
    ring.sink.finish()
    ring.close()
    assert ring.sink.tally.given_up > 0
    assert "given up for want of room" in ring.sink.tally.words(", ")
