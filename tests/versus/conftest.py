"""Exchanges as they are recorded, without a server."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from asgitrace.asgi import App, Message
from asgitrace.recorder import Recorder, Trace
from asgitrace.ring import RingMemory, RingReader, RingWriter
from asgitrace.store import Exchange, Store

Record = Callable[..., Exchange]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Calls an app with messages, and is what was recorded of it. A message that is an exception is
    raised; ``gone`` is raised by send once all messages have been received."""
    memory = RingMemory.create(tmp_path / "test.ring", 1 << 20)
    reader, store = RingReader.open(memory.path), Store()
    recorder = Recorder(RingWriter(memory))
    layout = reader.layout
    source = store.add_process(layout.pid, layout.anchor, "test").source

    def call(
        app: App,
        scope: dict[str, Any],
        messages: Sequence[Message | Exception],
        gone: Exception | None = None,
    ) -> Exchange:
        waiting = list(messages)

        async def receive() -> Message:
            message = waiting.pop(0)
            if isinstance(message, Exception):
                raise message
            return message

        async def send(message: Message) -> None:
            if gone is not None and not waiting:
                raise gone

        async def run() -> None:
            with contextlib.suppress(OSError, RuntimeError):
                await Trace(app, recorder=recorder)(scope, receive, send)

        asyncio.run(run())
        store.take(source, reader.poll())
        exchange = store.peek(int(store.numbers[-1]), 0)
        assert exchange is not None
        return exchange

    return call
