"""Exchanges that sampling left out, and those of them that fail."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

from asgitrace.events import Flag
from asgitrace.recorder import Trace, held
from asgitrace.ring import RingReader
from tests.recorder.conftest import Recording

SCOPE: Any = {"type": "http", "path": "/"}
REQUEST = {"type": "http.request", "body": b"ask"}


async def receive() -> Any:
    return REQUEST


async def send(message: Any) -> None:
    """Takes it."""


def answering(status: int) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": status})
        await send({"type": "http.response.body", "body": b"answer"})

    return app


def closing(code: int) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.close", "code": code})

    return app


async def raising(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    raise ValueError("broken")


async def cancelled(scope: Any, receive: Any, send: Any) -> None:
    raise asyncio.CancelledError


WHOLE = ["SCOPE", "RECEIVE", "SEND", "SEND", "RETURN"]


@pytest.fixture
def call(recording: Recording, run: Callable[..., Any]) -> Callable[..., None]:
    def called(app: Any, *, chosen: bool = False, keep: bool = True) -> None:
        wrapped = Trace(
            app, recorder=recording.recorder, sample=lambda scope: chosen, keep_errors=keep
        )
        run(wrapped(SCOPE, receive, send))

    return called


def counted(recording: Recording) -> tuple[int, int]:
    state = RingReader(recording.memory).state()
    return state.sampled, state.unsampled


def test_who_is_not_chosen_is_counted_only(recording: Recording, call: Any) -> None:
    call(answering(500), keep=False)
    with pytest.raises(ValueError, match="broken"):
        call(raising, keep=False)
    assert recording.kinds() == []
    assert counted(recording) == (0, 2)
    call(answering(200), chosen=True)
    assert recording.kinds() == WHOLE
    assert counted(recording) == (1, 2)


def test_the_lifespan_does_not_count(recording: Recording, run: Any) -> None:
    wrapped = Trace(answering(200), recorder=recording.recorder, sample=lambda scope: True)
    run(wrapped({"type": "lifespan"}, receive, send))
    assert counted(recording) == (0, 0)


def test_a_sampler_that_raises_chooses(recording: Recording, run: Any) -> None:
    wrapped = Trace(answering(200), recorder=recording.recorder, sample=lambda scope: 1 / 0 > 0)
    run(wrapped(SCOPE, receive, send))
    assert recording.kinds() == WHOLE


@pytest.mark.parametrize("app", [answering(200), answering(499), closing(1000), closing(3000)])
def test_who_ends_well_leaves_nothing(recording: Recording, call: Any, app: Any) -> None:
    call(app)
    assert recording.kinds() == []
    assert counted(recording) == (0, 1)


@pytest.mark.parametrize(
    ("app", "kinds"),
    [
        (answering(500), WHOLE),
        (answering(599), WHOLE),
        (closing(1011), ["SCOPE", "SEND", "RETURN"]),
    ],
)
def test_who_fails_is_recorded_whole(
    recording: Recording, call: Any, app: Any, kinds: list[str]
) -> None:
    call(app)
    assert recording.kinds() == kinds
    assert counted(recording) == (1, 0)
    assert recording.faults == 0


def test_who_raises_is_recorded_whole(recording: Recording, call: Any) -> None:
    with pytest.raises(ValueError, match="broken"):
        call(raising)
    scope, received, raised = recording.events()
    assert [scope.content, received.content] == [SCOPE, REQUEST]
    assert raised.content["message"] == "broken"
    assert scope.header.called <= received.header.called <= raised.header.called


def test_a_cancellation_is_no_failure(recording: Recording, call: Any) -> None:
    with pytest.raises(asyncio.CancelledError):
        call(cancelled)
    assert recording.kinds() == []


def test_a_failure_is_seen_at_once_and_what_follows_is_written(
    recording: Recording, call: Any
) -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 503})
        seen.extend(recording.kinds())
        await send({"type": "http.response.body"})

    call(app)
    assert seen == ["SCOPE", "SEND"]
    assert recording.kinds() == ["SCOPE", "SEND", "SEND", "RETURN"]


def fail_after(messages: int, call: Any) -> None:
    """Call an app that receives so many messages and then raises."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(messages):
            await receive()
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        call(app)


def test_what_is_held_is_limited_in_bytes(
    recording: Recording, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "EXCHANGE_LIMIT", 1_200)

    fail_after(9, call)
    received = recording.events()[1:-1]
    kept = [event.content == REQUEST for event in received]
    assert kept == sorted(kept, reverse=True)
    assert 1 < sum(kept) < 9
    assert all(bool(event.header.flags & Flag.OVERSIZE) is (event.content is None)
               for event in received)  # fmt: skip
    # What it failed with is there in any case.
    assert recording.events()[-1].content["message"] == "broken"


def test_what_all_hold_is_limited_too(
    recording: Recording, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "PROCESS_LIMIT", 600)

    fail_after(10, call)
    # First the payloads are given up, and then whole records.
    kept = [event.header.length > 0 for event in recording.events()]
    assert kept == [True, True, False, False, True]
    assert RingReader(recording.memory).state().refused == 7


def test_the_number_of_records_is_limited_and_what_is_left_out_counted(
    recording: Recording, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "RECORDS_LIMIT", 5)

    fail_after(10, call)
    assert recording.kinds() == ["SCOPE", *["RECEIVE"] * 4, "RAISE"]
    assert RingReader(recording.memory).state().refused == 6


def test_nothing_stays_behind(recording: Recording, call: Any, run: Any) -> None:
    for app in (answering(200), answering(500), closing(1011)):
        call(app)
    for app in (raising, cancelled):
        with pytest.raises((ValueError, asyncio.CancelledError)):
            call(app)

    async def waiting() -> Any:
        await asyncio.sleep(3600)

    async def main() -> None:
        wrapped = Trace(
            lambda scope, receive, send: waiting(), recorder=recording.recorder,
            sample=lambda scope: False, keep_errors=True,
        )  # fmt: skip
        task = asyncio.ensure_future(wrapped(SCOPE, receive, send))
        await asyncio.sleep(0)
        assert recording.recorder._held_back.bytes_held > 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    gc.collect()
    assert recording.recorder._held_back.bytes_held == 0
