import asyncio
import itertools
from typing import Any
from unittest.mock import Mock

import pytest

from asgitrace.server.flow import Outlet
from asgitrace.wire import Wire
from tests.wire_log import KeptConnection

pytestmark = pytest.mark.anyio

HEAD = (Wire.RESPONSE, 4, 200, {"head": b"head"}, True)
BODY = (Wire.RESPONSE_BODY, 4, 0, None, False)


class Transport:
    """What was written; the socket takes only so much of it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.limits: tuple[int, int] | None = None
        self.buffered = 0
        self.closing = False
        self.outlet: Outlet | None = None
        self.stuck = False

    def set_write_buffer_limits(self, high: int, low: int) -> None:
        self.limits = (high, low)

    def write(self, data: bytes) -> None:
        self.written.append(bytes(data))
        if self.stuck:
            self.buffered += len(data)
            if self.outlet is not None:
                self.outlet.pause()

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def is_closing(self) -> bool:
        return self.closing


class Log(KeptConnection):
    """What was told, and in which order what waited was accepted."""

    def __init__(self, *, raw: bool = False) -> None:
        super().__init__(itertools.count(1), raw=raw)
        self.calls: list[tuple[Any, ...]] = []

    def sent(self, *args: Any, **named: Any) -> None:
        super().sent(*args, **named)
        told = self.events[-1]
        what, *facts = told.facts
        self.calls.append(("sent", what, bool(told.accepted), *facts))

    def accepted(self, what: Wire, made: int, size: int, number: int = 0) -> None:
        super().accepted(what, made, size, number)
        self.calls.append(("accepted", what, size, number))


def outlet_of(transport: Transport, log: Log | None = None, loop: Any = None) -> Outlet:
    made: Any = Outlet
    outlet: Outlet = made(transport, loop or Mock(), log)
    transport.outlet = outlet
    return outlet


def test_a_head_goes_out_with_its_body() -> None:
    transport, log = Transport(), Log()
    outlet = outlet_of(transport, log)
    outlet.hold(b"head", HEAD)
    assert transport.written == []
    outlet.write(b"body", BODY)

    assert transport.written == [b"headbody"]
    assert log.calls == [
        ("sent", Wire.RESPONSE, True, 4, 200, {"head": b"head"}, True),
        ("sent", Wire.RESPONSE_BODY, True, 4, 0, {}, False),
    ]
    assert log.events[0].made <= log.events[1].made


def test_a_large_body_is_not_joined_with_its_head() -> None:
    transport, log = Transport(), Log()
    outlet = outlet_of(transport, log)
    outlet.hold(b"head", HEAD)
    outlet.write(bytes(100_000), BODY)

    assert [len(data) for data in transport.written] == [4, 100_000]
    assert [call[1] for call in log.calls] == [Wire.RESPONSE, Wire.RESPONSE_BODY]


async def test_a_head_goes_out_alone_on_the_next_turn() -> None:
    transport, log = Transport(), Log()
    outlet = outlet_of(transport, log, asyncio.get_running_loop())
    outlet.hold(b"head", HEAD)
    await asyncio.sleep(0)
    assert transport.written == [b"head"]
    assert [call[1] for call in log.calls] == [Wire.RESPONSE]


def test_what_waits_is_told_of_when_the_socket_has_taken_all() -> None:
    transport, log = Transport(), Log()
    outlet = outlet_of(transport, log)
    transport.stuck = True
    outlet.write(b"body", BODY)
    outlet.write(b"more", (Wire.RESPONSE_END, 5, 0, None, False))
    assert [call[:3] for call in log.calls] == [
        ("sent", Wire.RESPONSE_BODY, False),
        ("sent", Wire.RESPONSE_END, False),
    ]
    log.calls.clear()
    outlet.resume()
    outlet.resume()
    assert log.calls == [
        ("accepted", Wire.RESPONSE_BODY, 4, 0),
        ("accepted", Wire.RESPONSE_END, 5, 0),
    ]


def test_what_never_got_out_is_not_accepted() -> None:
    transport, log = Transport(), Log()
    outlet = outlet_of(transport, log)
    transport.stuck = True
    outlet.write(b"body", BODY)
    outlet.lost()
    outlet.resume()
    transport.stuck, transport.closing = False, True
    outlet.write(b"body", BODY)
    assert [call[:3] for call in log.calls] == [("sent", Wire.RESPONSE_BODY, False)] * 2


def test_what_is_written_in_pieces_is_announced() -> None:
    transport, log = Transport(), Log()
    outlet = outlet_of(transport, log)
    outlet.arrived(BODY, outlet.announce(BODY))
    transport.stuck = True
    made = outlet.announce(BODY)
    outlet.write(b"body")
    outlet.arrived(BODY, made)
    assert [call[0] for call in log.calls] == ["sent", "accepted", "sent"]
    outlet.resume()
    assert [call[0] for call in log.calls] == ["sent", "accepted", "sent", "accepted"]


def test_what_got_out_with_the_end_is_accepted() -> None:
    transport, log = Transport(), Log()
    outlet = outlet_of(transport, log)
    transport.stuck = True
    outlet.write(b"body", BODY)
    outlet.lost(flushed=True)
    outlet.lost(flushed=True)
    assert [call[0] for call in log.calls] == ["sent", "accepted"]


def test_few_events_are_waited_for() -> None:
    transport, log = Transport(), Log()
    outlet = outlet_of(transport, log)
    transport.stuck = True
    for _ in range(5000):
        outlet.write(b"x", BODY)
    outlet.resume()
    kinds = [call[0] for call in log.calls]
    assert kinds.count("sent") == 5000
    assert kinds.count("accepted") == 4096


def test_raw_bytes() -> None:
    transport, log = Transport(), Log(raw=True)
    outlet = outlet_of(transport, log)
    outlet.hold(b"head", HEAD)
    outlet.write(memoryview(bytes(70_000)))

    assert [call[1:] for call in log.calls] == [
        (Wire.RESPONSE, True, 4, 200, {"head": b"head"}, True),
        (Wire.BYTES_OUT, True, 4, 0, {"data": b"head"}, False),
        (Wire.BYTES_OUT, True, 70_000, 0, {"data": bytes(70_000)}, False),
    ]


def test_with_a_log_the_app_waits_for_as_much_as_without() -> None:
    silent, logged = Transport(), Transport()
    outlet_of(silent)
    assert silent.limits is None
    traced = outlet_of(logged, Log())
    assert logged.limits == (1, 0)
    logged.stuck = True
    traced.write(bytes(60_000))
    seen = [traced.blocked]
    traced.write(bytes(10_000))
    seen.append(traced.blocked)
    assert seen == [False, True]


def test_an_app_waits_while_the_buffer_is_full_and_when_the_transport_closes() -> None:
    transport = Transport()
    outlet = outlet_of(transport)
    seen = [outlet.blocked]
    outlet.pause()
    seen.append(outlet.blocked)
    outlet.resume()
    seen.append(outlet.blocked)
    transport.closing = True
    seen.append(outlet.blocked)
    assert seen == [False, True, False, True]


async def test_draining_ends_with_room_or_with_the_connection() -> None:
    outlet = outlet_of(Transport())
    await outlet.drain()
    for way_out in (outlet.resume, outlet.lost):
        outlet.pause()
        waiting = asyncio.ensure_future(outlet.drain())
        await asyncio.sleep(0)
        assert not waiting.done()
        way_out()
        await waiting
