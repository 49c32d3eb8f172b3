import asyncio
from collections.abc import Callable
from unittest.mock import Mock

from asgitrace.server import ServerConfig
from asgitrace.server.session import FrameLink, Listener, Session


def test_only_the_latest_ping_is_answered_when_the_client_reads_again() -> None:
    link, listener = Mock(spec=FrameLink), Mock(spec=Listener)
    listener.full = False
    link.blocked = True
    session = Session(link, listener, [], ServerConfig(ws_ping_interval=None))
    session.feed(b"\x89\x811111\x50\x89\x811111\x51")
    link.write.assert_not_called()

    session.writable()
    session.writable()

    link.write.assert_called_once_with(b"\x8a\x01\x60")


def test_an_unread_answer_is_given_more_time() -> None:
    """While the app is behind, the pong may lie in the socket that is not read."""
    calls: list[tuple[float, Callable[[], None]]] = []

    def call_later(delay: float, callback: Callable[[], None]) -> Mock:
        calls.append((delay, callback))
        return Mock(spec=asyncio.TimerHandle)

    link, listener = Mock(spec=FrameLink), Mock(spec=Listener)
    link.call_later.side_effect = call_later
    listener.full = True
    Session(link, listener, [], ServerConfig(ws_ping_interval=20, ws_ping_timeout=5))

    for _ in range(3):
        calls[-1][1]()

    assert [delay for delay, _ in calls] == [20, 5, 5, 5]
    listener.ended.assert_not_called()

    listener.full = False
    calls[-1][1]()
    listener.ended.assert_called_once_with(1006, "keepalive ping timeout")
