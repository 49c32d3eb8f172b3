"""Pings on an idle WebSocket, and noticing that nobody answers (RFC 6455 section 5.5.2)."""

import itertools
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A scheduled call."""

    def cancel(self) -> None:
        """Do not make the call."""


class CallLater(Protocol):
    """Schedules a call, as `loop.call_later` does."""

    def __call__(self, delay: float, callback: Callable[[], None], /) -> Timer: ...


class Keepalive:
    """Sends a ping every `interval` seconds; calls `expired` if no answer comes in `timeout`."""

    __slots__ = (
        "_awaited",
        "_call_later",
        "_expired",
        "_interval",
        "_numbers",
        "_ping",
        "_timeout",
        "_timer",
    )

    def __init__(
        self,
        interval: float | None,
        timeout: float | None,
        call_later: CallLater,
        ping: Callable[[bytes], None],
        expired: Callable[[], None],
    ) -> None:
        self._interval = interval
        self._timeout = timeout
        self._call_later = call_later
        self._ping = ping
        self._expired = expired
        self._numbers = itertools.count(1)
        self._awaited: bytes | None = None
        self._timer: Timer | None = None

    def start(self) -> None:
        """Schedule the next ping."""
        if self._interval:
            self._timer = self._call_later(self._interval, self._due)

    def stop(self) -> None:
        """No more pings, and no pong that starts them again."""
        self._awaited = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def pong(self, payload: bytes) -> None:
        """The peer answered; only the latest ping counts, an unsolicited pong does not."""
        if payload == self._awaited:
            self.stop()
            self.start()

    def await_pong(self) -> None:
        """Give the peer (more) time to answer the latest ping."""
        if self._timeout:
            self._timer = self._call_later(self._timeout, self._expired)
        else:
            self.start()

    def _due(self) -> None:
        payload = b"%d" % next(self._numbers)
        self._awaited = payload
        self._ping(payload)
        self.await_pong()
