"""From an app through recorder, ring and file and back: what is loaded is what the ring held."""

import asyncio
import io
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.events import Flag, Kind, Outcome, Phase, Record
from asgitrace.export import (
    Introduction,
    JsonLinesWriter,
    Missed,
    Note,
    SourceBatch,
    SourceRecord,
    TraceReader,
    create_trace,
    export_batch,
    open_trace,
)
from asgitrace.recorder.recorder import Recorder
from asgitrace.recorder.trace import Trace
from asgitrace.ring import RingMemory, RingReader, RingWriter, decode
from asgitrace.store.model import Lag, LogLine, Process

SCOPE: Scope = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "method": "GET",
    "path": "/café",
    "raw_path": b"/caf%C3%A9",
    "query_string": b"q=\xff",
    "headers": [(b"host", b"localhost"), (b"x-latin", b"\xe9")],
    "client": ("127.0.0.1", 50_000),
    "server": None,
    "state": {"db": object(), b"odd": float("nan")},
}


async def app(scope: Scope, receive: Receive, send: Send) -> str:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"\xe9")]})
    await send({"type": "http.response.body", "body": b"\x80" * 100, "more_body": True})
    await send({"type": "custom.message", "x": {5: b"five"}, "when": [float("inf")]})
    await send({"type": "http.response.body", "body": "text where bytes belong"})
    raise OSError("gone")


async def call(traced: Trace) -> None:
    async def receive() -> Message:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"caf\xc3\xa9", "more_body": False}

    async def send(message: Message) -> None:
        if message.get("more_body"):
            await asyncio.sleep(0)

    try:
        await traced(dict(SCOPE), receive, send)
    except OSError:
        return


def test_recorder_ring_file_and_back(tmp_path: Path, created: datetime) -> None:
    writer = RingWriter(RingMemory.create(tmp_path / "test.ring", 1024 * 1024))
    asyncio.run(call(Trace(app, recorder=Recorder(writer, body_limit=10))))
    ring = RingReader.open(tmp_path / "test.ring")
    batch = ring.poll()
    process = Process(0, ring.layout.pid, ring.layout.anchor, "test:app")
    ring.close()
    path = tmp_path / "t.jsonl"
    with create_trace(path, created=created) as exporter:
        exporter.process(process)
        export_batch(exporter, 0, batch)

    with open_trace(path) as reader:
        first, loaded = reader.batches()
    assert first == process
    assert isinstance(loaded, SourceBatch)
    # Nothing of the ring was lost and nothing overwritten, so even positions and checksums agree.
    assert loaded.batch == batch
    _check_story(list(loaded.batch.records()))
    assert b'"payload"' not in path.read_bytes()


def _check_story(records: list[Record]) -> None:
    headers = [record.header for record in records]
    assert headers[0].kind == Kind.SCOPE
    assert (headers[-1].kind, headers[-1].outcome) == (Kind.RAISE, Outcome.RAISED)
    assert {header.phase for header in headers} == set(Phase)
    assert any(header.flags & Flag.TRUNCATED and header.size == 100 for header in headers)
    scope: dict[str, Any] = decode(records[0].payload)
    assert scope["query_string"] == b"q=\xff"


def test_importing_costs_no_event_loop_and_no_interface() -> None:
    code = (
        "import sys, asgitrace.export\n"
        "print({'asyncio', 'textual', 'rich', 'h11'} & sys.modules.keys() or 'none')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout == "none\n"


def test_what_was_loaded_can_be_written_again(sample: bytes, created: datetime) -> None:
    out = io.BytesIO()
    writer = JsonLinesWriter(out, created=created)
    for item in TraceReader(io.BytesIO(sample), "t.jsonl"):
        match item:
            case Process():
                writer.process(item)
            case SourceRecord(source, record):
                writer.record(source, record)
            case Missed(source, count):
                writer.missed(source, count)
            case LogLine():
                writer.log(item)
            case Note():
                writer.note(item)
            case Introduction():
                writer.introduce(item)
            case Lag():
                writer.lag(item)
    assert out.getvalue() == sample
