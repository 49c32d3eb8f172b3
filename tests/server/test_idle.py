import asyncio
from unittest.mock import Mock

from asgitrace.server.idle import IdleTimer


def timer() -> tuple[IdleTimer, Mock, Mock]:
    loop, expired = Mock(spec=asyncio.AbstractEventLoop), Mock()
    loop.time.return_value = 100.0
    return IdleTimer(loop, 5.0, expired), loop, expired


def fire(loop: Mock) -> None:
    loop.call_later.call_args.args[1]()


def test_it_expires() -> None:
    idle, loop, expired = timer()
    idle.begin()
    loop.time.return_value = 105.0
    fire(loop)

    expired.assert_called_once_with()


def test_busy_when_the_time_has_come() -> None:
    idle, loop, expired = timer()
    idle.begin()
    idle.end()
    fire(loop)

    expired.assert_not_called()
    idle.begin()
    assert loop.call_later.call_count == 2


def test_idle_anew_it_waits_for_what_is_left() -> None:
    idle, loop, expired = timer()
    idle.begin()
    idle.end()
    loop.time.return_value = 103.0
    idle.begin()
    assert loop.call_later.call_count == 1
    loop.time.return_value = 105.0
    fire(loop)

    expired.assert_not_called()
    assert loop.call_later.call_args.args[0] == 3.0
