"""Exchanges as tables, for reports."""

import asyncio
import json
from typing import Any

from rich.cells import cell_len

from asgitrace.asgi import App, Message
from asgitrace.testing.running import RunningTrace
from asgitrace.testing.tables import table, title, traceback
from asgitrace.versus.probe import app

SCOPE: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": []}


def called(wrapped: App, scope: dict[str, Any] = SCOPE) -> RunningTrace:
    trace = RunningTrace(1 << 16)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        pass

    async def run() -> None:
        try:
            await trace(wrapped)(scope, receive, send)
        except* Exception:
            pass

    asyncio.run(run())
    return trace


def test_an_exchange() -> None:
    lines = table(called(app).one(), 10, 100)
    assert lines[0].split()[:4] == ["#1", "GET", "/", "200"]
    assert [line.split()[1:] for line in lines[1:2]] == [["scope", "GET", "/", "HTTP/?"]]
    assert lines[4].endswith("http.response.body   last  0 bytes")
    assert lines[5].endswith("  return")
    kinds = {line.index(word) for line, word in zip(lines[2:4], ("receive", "send"), strict=True)}
    assert len(kinds) == 1


def test_the_first_and_the_last_events() -> None:
    lines = table(called(app, SCOPE | {"path": "/pieces"}).one(), 4, 100)
    assert len(lines) == 5
    assert lines[3] == "  … 5 more events"
    assert lines[4].endswith("  return")


def test_it_is_as_wide_as_it_may_be_and_inert() -> None:
    wide = SCOPE | {"path": "/\u6f22\u5b57\x1b[2J\n" * 40}
    lines = table(called(app, wide).one(), 10, 60)
    assert max(map(cell_len, lines)) == 60
    assert all(line.isprintable() for line in lines)


def test_what_the_app_raised() -> None:
    trace = called(app, SCOPE | {"path": "/raise"})
    assert title(trace.one()).endswith("raised RuntimeError: before the response")
    # The probe counts as a library: so it is the whole traceback.
    assert traceback(trace.one(), 9)[-2:] == [
        '    raise RuntimeError("before the response")',
        "RuntimeError: before the response",
    ]
    assert traceback(called(app).one(), 9) == []
    assert traceback(trace.one(), 1)[0].startswith("… ")


def test_one_that_is_going_on() -> None:
    trace = RunningTrace(1 << 16)

    async def forever() -> Message:
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Message) -> None:
        pass

    async def look() -> list[str]:
        task = asyncio.ensure_future(trace(app)(SCOPE, forever, send))
        await asyncio.sleep(0)
        found = table(trace.one(), 10, 100)
        assert trace.one().pending == "receive"
        task.cancel()
        await asyncio.wait({task})
        return found

    lines = asyncio.run(look())
    assert lines[0].endswith("  pending")
    assert lines[-1].split()[1:] == ["pending", "receive"]
    assert title(trace.one()).endswith("cancelled  raised CancelledError")


def test_what_is_overwritten_is_counted() -> None:
    async def talks(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(3000):
            await send({"type": "http.response.body", "body": b"x" * 100, "more_body": True})

    trace = called(talks)
    assert trace.missed
    assert trace.this_test.numbers == trace.numbers


def test_a_trace_that_is_closed_stays_as_it_is() -> None:
    trace = called(app)
    trace.close()
    trace.close()
    assert len(trace) == 1
    assert repr(trace) == "<RunningTrace of 1 exchange>"
    trace.begin_test()
    assert not trace.this_test.numbers


def test_frames_of_libraries_are_counted() -> None:
    def parse() -> None:
        json.loads("{")

    async def parses(scope: Any, receive: Any, send: Any) -> None:
        parse()

    told = traceback(called(parses).one(), 9)
    assert told[1] == "    parse()"
    assert told[3] == '    json.loads("{")'
    assert told[4] == "(and 4 frames in libraries)"
