import asyncio
from unittest.mock import Mock

import pytest

from asgitrace.server.timeouts import Deadline, Wait


def deadline() -> tuple[Deadline, Mock, Mock]:
    loop, expired = Mock(spec=asyncio.AbstractEventLoop), Mock()
    loop.time.return_value = 100.0
    return Deadline(loop, expired), loop, expired


def fire(loop: Mock) -> None:
    when, look = loop.call_at.call_args.args
    loop.time.return_value = max(when, loop.time.return_value)
    look()


@pytest.mark.parametrize("wait", Wait)
def test_it_expires(wait: Wait) -> None:
    waiting, loop, expired = deadline()
    waiting.begin(wait, 5.0)
    assert loop.call_at.call_args.args[0] == 105.0
    fire(loop)

    expired.assert_called_once_with(waiting)
    assert (waiting.wait, waiting.seconds) == (wait, 5.0)


def test_without_a_limit_nothing_is_waited_for() -> None:
    waiting, loop, _ = deadline()
    waiting.begin(Wait.NEXT, 5.0)
    waiting.begin(Wait.HEAD, None)
    fire(loop)

    assert waiting.wait is None


def test_what_came_in_time() -> None:
    waiting, loop, expired = deadline()
    waiting.begin(Wait.NEXT, 5.0)
    waiting.end()
    fire(loop)

    expired.assert_not_called()
    waiting.begin(Wait.NEXT, 5.0)
    assert loop.call_at.call_count == 2


def test_waiting_anew_sets_no_new_timer() -> None:
    waiting, loop, expired = deadline()
    waiting.begin(Wait.NEXT, 5.0)
    waiting.end()
    loop.time.return_value = 103.0
    waiting.begin(Wait.HEAD, 20.0)
    assert loop.call_at.call_count == 1
    fire(loop)

    expired.assert_not_called()
    assert loop.call_at.call_args.args[0] == 123.0


def test_a_shorter_wait_is_looked_at_in_time() -> None:
    waiting, loop, expired = deadline()
    waiting.begin(Wait.CONTENT, 60.0)
    first = loop.call_at.return_value
    waiting.begin(Wait.NEXT, 5.0)

    first.cancel.assert_called_once_with()
    assert loop.call_at.call_args.args[0] == 105.0
    fire(loop)
    expired.assert_called_once_with(waiting)


def test_cancelled() -> None:
    waiting, loop, _ = deadline()
    waiting.cancel()
    waiting.begin(Wait.NEXT, 5.0)
    waiting.cancel()

    loop.call_at.return_value.cancel.assert_called_once_with()
    assert waiting.wait is None
