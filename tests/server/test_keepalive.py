from collections.abc import Callable

from asgitrace.server.keepalive import Keepalive


class Clock:
    """Keeps scheduled calls until the test makes them."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, delay: float, callback: Callable[[], None], /) -> "Handle":
        self.calls.append((delay, callback))
        return Handle(self, (delay, callback))

    def fire(self) -> float:
        delay, callback = self.calls.pop(0)
        callback()
        return delay


class Handle:
    def __init__(self, clock: Clock, call: tuple[float, Callable[[], None]]) -> None:
        self._clock, self._call = clock, call

    def cancel(self) -> None:
        if self._call in self._clock.calls:
            self._clock.calls.remove(self._call)


def keepalive(
    clock: Clock, pings: list[bytes], interval: float | None = 20, timeout: float | None = 5
) -> Keepalive:
    return Keepalive(
        interval, timeout, clock.call_later, pings.append, lambda: pings.append(b"expired")
    )


def test_off() -> None:
    clock = Clock()

    keepalive(clock, [], interval=None).start()

    assert clock.calls == []


def test_ping_pong_ping() -> None:
    clock, pings = Clock(), list[bytes]()
    alive = keepalive(clock, pings)
    alive.start()

    assert clock.fire() == 20
    alive.pong(b"another")
    alive.pong(pings[0])
    alive.pong(pings[0])
    assert clock.fire() == 20
    assert len(clock.calls) == 1
    assert len(set(pings)) == 2


def test_no_pong() -> None:
    clock, pings = Clock(), list[bytes]()
    alive = keepalive(clock, pings)
    alive.start()
    clock.fire()

    assert clock.fire() == 5
    assert pings[-1] == b"expired"
    alive.await_pong()
    assert clock.calls[0][0] == 5


def test_without_a_timeout_pings_go_on() -> None:
    clock, pings = Clock(), list[bytes]()
    keepalive(clock, pings, timeout=None).start()

    assert [clock.fire(), clock.fire()] == [20, 20]
    assert len(pings) == 2


def test_stop() -> None:
    clock = Clock()
    alive = keepalive(clock, [])
    alive.start()
    alive.stop()
    alive.stop()

    assert clock.calls == []
