"""Startups that failed, seen as records pass."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from asgitrace.process.startup_watch import StartupWatch
from asgitrace.recorder import Recorder, Trace
from asgitrace.ring import Batch, RingMemory, RingReader, RingWriter


class Sink:
    """As much of one as is asked for here."""

    def __init__(self) -> None:
        self.taken = 0
        self.lines: list[str] = []

    def take(self, source: int, batch: Batch) -> None:
        self.taken += batch.count

    def log(self, line: Any) -> None:
        self.lines.append(line)


def batch_of(tmp_path: Path, *sent: dict[str, Any]) -> Batch:
    """The records of a lifespan in which an app sends this."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        for message in sent:
            await send(message)

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        await asyncio.sleep(0)

    path = tmp_path / "watched.ring"
    writer = RingWriter(RingMemory.create(path, 1 << 20))
    asyncio.run(Trace(app, recorder=Recorder(writer))({"type": "lifespan"}, receive, send))
    reader = RingReader.open(path)
    batch = reader.poll()
    reader.close()
    writer.close(unlink=True)
    return batch


@pytest.mark.parametrize(
    ("message", "reason"),
    [({"message": "no database"}, "no database"), ({}, ""), ({"message": 7}, "")],
)
def test_a_startup_that_failed(tmp_path: Path, message: dict[str, Any], reason: str) -> None:
    told: list[str] = []
    sink: Any = Sink()
    batch = batch_of(tmp_path, {"type": "lifespan.startup.failed", **message})
    StartupWatch(sink, {}, told.append).take(0, batch)
    assert told == [reason]
    assert sink.taken == batch.count


def test_a_startup_that_went_well(tmp_path: Path) -> None:
    told: list[str] = []
    sink: Any = Sink()
    watch = StartupWatch(sink, {}, told.append)
    watch.take(0, batch_of(tmp_path, {"type": "lifespan.startup.complete"}))
    watch.log("a line")
    assert told == []
    assert sink.lines == ["a line"]


def test_it_is_the_first_records_that_are_looked_at(tmp_path: Path) -> None:
    told: list[str] = []
    sink: Any = Sink()
    batch = batch_of(tmp_path, {"type": "lifespan.startup.failed"})
    StartupWatch(sink, {3: 64}, told.append).take(3, batch)
    assert told == []
    assert sink.taken == batch.count


def test_what_cannot_be_read(tmp_path: Path) -> None:
    told: list[str] = []
    sink: Any = Sink()
    batch = batch_of(tmp_path, {"type": "lifespan.startup.failed", "message": "gone"})
    damaged = replace(batch, payload=b"\xc1" * len(batch.payload))
    StartupWatch(sink, {}, told.append).take(0, damaged)
    assert told == [""]
