import asyncio
from collections.abc import Callable
from unittest.mock import Mock, call

import pytest

from asgitrace.server import AsgiProtocolError, ServerConfig
from asgitrace.server.session import FrameLink, Listener, Session
from asgitrace.wire import ConnectionLog, Frame, Wire

QUIET = ServerConfig(ws_ping_interval=None)


class World:
    """A session with everything around it, and a clock that is moved by hand."""

    def __init__(self, config: ServerConfig = QUIET, log: ConnectionLog | None = None) -> None:
        self.timers: list[tuple[float, Callable[[], None], Mock]] = []
        self.link, self.listener = Mock(spec=FrameLink), Mock(spec=Listener)
        self.link.log = log
        self.link.blocked = False
        self.link.call_later.side_effect = self.call_later
        self.listener.full = self.listener.behind = False
        self.session = Session(self.link, self.listener, None, config)
        self.session.start()

    def call_later(self, delay: float, callback: Callable[[], None]) -> Mock:
        timer = Mock(spec=asyncio.TimerHandle)
        self.timers.append((delay, callback, timer))
        return timer

    def pass_time(self) -> None:
        """The latest timer is due."""
        self.timers[-1][1]()

    @property
    def written(self) -> bytes:
        return b"".join(call.args[0] for call in self.link.write.call_args_list)


def masked(first: int, payload: bytes) -> bytes:
    """A small frame; the mask is zero, so the payload stays readable."""
    return bytes([first, 0x80 | len(payload)]) + b"\0\0\0\0" + payload


def test_only_the_latest_ping_is_answered_when_the_client_reads_again() -> None:
    world = World()
    world.link.blocked = True
    world.session.feed(b"\x89\x811111\x50\x89\x811111\x51")
    world.link.write.assert_not_called()

    world.session.writable()
    world.session.writable()

    assert world.written == b"\x8a\x01\x60"


def test_an_unread_answer_is_given_more_time() -> None:
    """While the app is behind, the pong may lie in the socket that is not read."""
    world = World(ServerConfig(ws_ping_interval=20, ws_ping_timeout=5))
    world.listener.full = True

    for _ in range(3):
        world.pass_time()

    assert [delay for delay, _, _ in world.timers] == [20, 5, 5, 5]
    world.listener.ended.assert_not_called()

    world.listener.full = False
    world.pass_time()
    world.listener.ended.assert_called_once_with(1006, "keepalive ping timeout")


def test_a_close_is_answered_with_its_code_and_the_server_closes_first() -> None:
    world = World()
    world.session.feed(masked(0x88, b"\x0f\xa0why"))

    assert world.written == b"\x88\x05\x0f\xa0why"
    world.link.close.assert_called_once_with()
    world.listener.ended.assert_called_once_with(4000, "why")


def test_the_answer_to_our_close_ends_it_without_another_close() -> None:
    world = World()
    world.session.close(1000, "")
    world.session.feed(masked(0x89, b"?") + masked(0x88, b"\x03\xe8") + masked(0x81, b"x"))

    assert world.written == b"\x88\x02\x03\xe8"
    world.link.close.assert_called_once_with()
    world.listener.deliver.assert_not_called()
    world.timers[-1][2].cancel.assert_called_once_with()


def test_nothing_is_read_after_the_peers_close() -> None:
    world = World()
    world.session.feed(masked(0x88, b"") + masked(0x81, b"x") + masked(0x88, b"\x03\xe8"))
    world.session.feed(masked(0x81, b"y"))

    assert world.written == b"\x88\x00"
    world.listener.deliver.assert_not_called()
    world.listener.ended.assert_called_once_with(1005, "")


def test_an_unanswered_close_ends_after_a_while() -> None:
    log = Mock(spec=ConnectionLog)
    world = World(log=log)
    world.session.close(1000, "")
    world.link.close.assert_not_called()
    world.pass_time()

    world.link.close.assert_called_once_with()
    log.tell.assert_called_with(Wire.TIMEOUT, content={"what": "close", "seconds": 5.0})


def test_an_unanswered_ping_is_a_timeout_in_the_log() -> None:
    log = Mock(spec=ConnectionLog)
    world = World(ServerConfig(ws_ping_interval=20, ws_ping_timeout=5), log)
    world.pass_time()
    world.pass_time()

    log.tell.assert_called_with(Wire.TIMEOUT, content={"what": "pong", "seconds": 5})
    assert world.written.startswith(b"\x89\x011\x88")


def test_a_breach_is_an_error_in_the_log_and_the_end() -> None:
    log = Mock(spec=ConnectionLog)
    world = World(log=log)
    world.session.feed(b"\x83\x80\0\0\0\0")

    what, _, code, content = log.tell.call_args.args
    assert (what, code, content["by"]) == (Wire.ERROR, 1002, "client")
    assert "opcode" in content["text"]
    assert world.written[:4] == b"\x88" + world.written[1:2] + b"\x03\xea"
    world.link.close.assert_called_once_with()


def test_frames_out_are_told_of() -> None:
    log = Mock(spec=ConnectionLog)
    world = World(log=log)
    world.session.send("hä")
    world.session.send(bytes(200))
    world.session.send(bytes(70_000))
    world.session.feed(masked(0x89, b"?"))
    world.session.close(1000, "bye")

    events = [call.args[1] for call in world.link.write.call_args_list]
    assert events == [
        (Wire.FRAME_OUT, 3, Frame(1).pack(), None, False),
        (Wire.FRAME_OUT, 200, Frame(2).pack(), None, False),
        (Wire.FRAME_OUT, 70_000, Frame(2).pack(), None, False),
        (Wire.FRAME_OUT, 1, Frame(10).pack(), {"data": b"?"}, False),
        (Wire.FRAME_OUT, 5, Frame(8).pack(), {"data": b"\x03\xe8bye"}, False),
    ]
    assert log.tell.call_args_list == [
        call(Wire.FRAME_IN, 1, Frame(9, masked=True).pack(), {"data": b"?"})
    ]


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(AsgiProtocolError, match="not Unicode text"):
        World().session.send("\ud800")


@pytest.mark.parametrize("end", [masked(0x88, b"\x0f\xa0"), masked(0x83, b"")])
def test_the_app_may_answer_what_came_before_the_end(end: bytes) -> None:
    world = World()
    world.listener.behind = True
    world.session.feed(masked(0x81, b"x") + end)
    world.listener.deliver.assert_called_once_with("x")
    world.session.send("y")
    assert world.written == b"\x81\x01y"

    world.session.caught_up()
    world.session.caught_up()
    assert world.link.write.call_count == 2
    world.listener.ended.assert_called_once()
    world.link.close.assert_called_once_with()


def test_an_app_that_does_not_read_is_told_of_the_end_all_the_same() -> None:
    world = World()
    world.listener.behind = True
    world.session.feed(masked(0x81, b"x") + masked(0x88, b""))
    world.listener.ended.assert_not_called()
    world.pass_time()

    world.listener.ended.assert_called_once_with(1005, "")


def test_the_app_closes_while_the_peers_end_waits() -> None:
    world = World()
    world.listener.behind = True
    world.session.feed(masked(0x81, b"x") + masked(0x88, b"\x0f\xa0"))
    world.session.close(1000, "")

    assert world.written == b"\x88\x02\x03\xe8"
    world.link.close.assert_called_once_with()


def test_the_end_that_waited_is_told_when_the_connection_is_lost() -> None:
    world = World()
    world.listener.behind = True
    world.session.feed(masked(0x81, b"x") + masked(0x88, b"\x0f\xa0"))
    world.session.lost()

    world.listener.ended.assert_called_once_with(4000, "")


def test_a_pong_after_our_close_starts_no_pings() -> None:
    world = World(ServerConfig(ws_ping_interval=20, ws_ping_timeout=5))
    world.pass_time()
    world.session.close(1000, "")
    count = len(world.timers)
    world.session.feed(masked(0x8A, b"1"))

    assert len(world.timers) == count
    assert world.written == b"\x89\x011\x88\x02\x03\xe8"
