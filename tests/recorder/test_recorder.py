import asyncio
import contextlib
import itertools
import threading
from collections.abc import Awaitable, Callable, Generator
from types import coroutine
from typing import Any

import pytest
import trio
import trio.testing

from asgitrace.asgi import Message
from asgitrace.events import MESSAGE_CODES, OTHER, Flag, Kind, Outcome, Phase, message_name
from asgitrace.recorder import Recorder
from asgitrace.recorder import recorder as recorder_module
from asgitrace.recorder.recorder import Exchange
from asgitrace.ring import RingMemory, RingWriter
from asgitrace.ring.layout import MINIMUM_SIZE

Recording = Any
"""Of conftest, which cannot be imported from."""

SCOPE: dict[str, Any] = {"type": "http", "path": "/"}
REQUEST: dict[str, Any] = {"type": "http.request", "body": b"body", "more_body": True}
START: dict[str, Any] = {"type": "http.response.start", "status": 404, "headers": []}


async def receive_request() -> Message:
    return REQUEST


async def send_nothing(message: Message) -> None:
    pass


@coroutine
def suspend(value: Any = None) -> Generator[Any, Any, Any]:
    return (yield value)


def open_exchange(
    recording: Recording, receive: Any = receive_request, send: Any = send_nothing, **options: Any
) -> Exchange:
    exchange = recording.recorder.open(SCOPE, receive, send, **options)
    assert isinstance(exchange, Exchange)
    return exchange


class TestExchange:
    def test_the_scope(self, recording: Recording) -> None:
        open_exchange(recording)
        (scope,) = recording.events()
        assert scope.kind is Kind.SCOPE
        assert scope.content == SCOPE
        assert (scope.header.exchange, scope.header.call, scope.header.flags) == (1, 0, 0)
        assert scope.header.called == scope.header.returned > 0

    def test_exchanges_are_numbered(self, recording: Recording) -> None:
        for _ in range(3):
            open_exchange(recording)
        assert [event.header.exchange for event in recording.events()] == [1, 2, 3]

    def test_numbers_start_again_where_they_no_longer_fit(self, recording: Recording) -> None:
        recording.recorder._numbers = itertools.count(2**32 - 2)
        for _ in range(2):
            open_exchange(recording)
        assert [event.header.exchange for event in recording.events()] == [2**32 - 1, 1]

    def test_calls_start_again_where_they_no_longer_fit(
        self, recording: Recording, run: Callable[..., Any]
    ) -> None:
        exchange = open_exchange(recording)
        exchange._calls = itertools.count(1 | (2**32 - 2) << 32, 1 << 32)
        for _ in range(6):
            run(exchange.send(START))
        calls = [event.header.call for event in recording.events(Kind.SEND)]
        assert calls[:2] == [2**32 - 2, 2**32 - 1]
        assert calls[2:] == list(range(1, len(calls) - 1))
        assert recording.faults == 6 - len(calls)

    @pytest.mark.parametrize("legacy", [True, False])
    def test_a_legacy_scope_is_marked(self, recording: Recording, legacy: bool) -> None:
        open_exchange(recording, legacy=legacy)
        assert recording.events()[0].header.flags == (Flag.LEGACY if legacy else 0)

    def test_returning_nothing(self, recording: Recording) -> None:
        open_exchange(recording).returned(None)
        event = recording.events(Kind.RETURN)[0]
        assert event.content is None
        assert (event.header.exchange, event.header.call) == (1, 0)

    def test_returning_something(self, recording: Recording) -> None:
        open_exchange(recording).returned({"a": 1})
        assert recording.events(Kind.RETURN)[0].content == "{'a': 1}"


class TestReceive:
    def test_one_that_does_not_suspend(self, recording: Recording, run: Callable[..., Any]) -> None:
        exchange = open_exchange(recording)
        assert run(exchange.receive()) is REQUEST
        (event,) = recording.events(Kind.RECEIVE)
        header = event.header
        assert (header.phase, header.outcome, header.call) == (Phase.WHOLE, Outcome.OK, 1)
        assert message_name(header.message) == "http.request"
        assert (header.size, header.flags) == (4, Flag.MORE)
        assert 0 < header.called <= header.returned
        assert event.content == REQUEST

    def test_one_that_suspends_is_pending_until_it_returns(self, recording: Recording) -> None:
        async def receive() -> Message:
            assert await suspend("pending") == "value"
            return REQUEST

        running = open_exchange(recording, receive).receive()
        assert running.send(None) == "pending"
        (called,) = recording.events(Kind.RECEIVE)
        assert (called.header.phase, called.header.returned) == (Phase.CALLED, 0)
        assert (called.header.message, called.content) == (OTHER, None)
        with pytest.raises(StopIteration) as stopped:
            running.send("value")
        assert stopped.value.value is REQUEST
        called, returned = recording.events(Kind.RECEIVE)
        assert returned.header.phase == Phase.RETURNED
        assert returned.header.called == called.header.called <= returned.header.returned
        assert returned.header.call == called.header.call == 1
        assert returned.content == REQUEST

    def test_one_that_raises_at_once(self, recording: Recording, run: Callable[..., Any]) -> None:
        error = ValueError("no message")

        async def receive() -> Message:
            raise error

        with pytest.raises(ValueError, match="no message") as caught:
            run(open_exchange(recording, receive).receive())
        assert caught.value is error
        (event,) = recording.events(Kind.RECEIVE)
        assert (event.header.phase, event.header.outcome) == (Phase.WHOLE, Outcome.RAISED)
        assert event.content == {
            "type": "ValueError",
            "module": "builtins",
            "message": "no message",
        }

    def test_one_that_raises_later(self, recording: Recording) -> None:
        async def receive() -> Message:
            await suspend()
            raise LookupError

        running = open_exchange(recording, receive).receive()
        running.send(None)
        with pytest.raises(LookupError):
            running.send(None)
        called, returned = recording.events(Kind.RECEIVE)
        assert called.header.phase == Phase.CALLED
        assert (returned.header.phase, returned.header.outcome) == (Phase.RETURNED, Outcome.RAISED)

    def test_a_plain_function_that_raises(
        self, recording: Recording, run: Callable[..., Any]
    ) -> None:
        def receive() -> Awaitable[Message]:
            raise LookupError

        with pytest.raises(LookupError):
            run(open_exchange(recording, receive).receive())
        assert recording.events(Kind.RECEIVE)[0].header.outcome == Outcome.RAISED

    def test_a_plain_function_that_raises_stop_iteration_has_not_returned(
        self, recording: Recording, run: Callable[..., Any]
    ) -> None:
        """As in any coroutine, it becomes a RuntimeError."""
        messages: Any = iter([])
        for call in ("receive", "send"):
            exchange = open_exchange(recording, lambda: next(messages), lambda _: next(messages))
            with pytest.raises(RuntimeError, match="raised StopIteration"):
                run(exchange.receive() if call == "receive" else exchange.send(START))
        outcomes = [event.header.outcome for event in recording.events(Kind.RECEIVE)]
        assert outcomes == [Outcome.RAISED]

    def test_closing_is_a_cancellation(self, recording: Recording) -> None:
        closed = []

        async def receive() -> Message:
            try:
                return await suspend()  # type: ignore[no-any-return]
            except GeneratorExit:
                closed.append(True)
                raise

        running = open_exchange(recording, receive).receive()
        running.send(None)
        running.close()
        assert closed == [True]
        assert recording.events(Kind.RECEIVE)[1].header.outcome == Outcome.CANCELLED

    def test_a_message_that_is_none(self, recording: Recording, run: Callable[..., Any]) -> None:
        async def receive() -> Any:
            return None

        assert run(open_exchange(recording, receive).receive()) is None
        (event,) = recording.events(Kind.RECEIVE)
        assert event.content == {"type": None, "repr": "None"}
        assert event.header.flags == Flag.REPR


class TestSend:
    def test_one_that_does_not_suspend(self, recording: Recording, run: Callable[..., Any]) -> None:
        sent: list[Message] = []

        async def send(message: Message) -> str:
            sent.append(message)
            return "what the server gives"

        assert run(open_exchange(recording, send=send).send(START)) == "what the server gives"
        assert sent[0] is START
        (event,) = recording.events(Kind.SEND)
        header = event.header
        assert (header.phase, header.outcome, header.number) == (Phase.WHOLE, Outcome.OK, 404)
        assert header.message == MESSAGE_CODES["http.response.start"]
        assert 0 < header.called <= header.returned
        assert event.content == START

    def test_one_that_suspends_is_pending_with_its_message(self, recording: Recording) -> None:
        async def send(message: Message) -> Any:
            return await suspend()

        running = open_exchange(recording, send=send).send(START)
        running.send(None)
        (called,) = recording.events(Kind.SEND)
        assert (called.header.phase, called.header.returned) == (Phase.CALLED, 0)
        assert called.content == START
        with pytest.raises(StopIteration) as stopped:
            running.send("result")
        assert stopped.value.value == "result"
        called, returned = recording.events(Kind.SEND)
        assert (returned.header.phase, returned.content) == (Phase.RETURNED, None)
        assert returned.header.number == 404
        assert returned.header.call == called.header.call

    @pytest.mark.parametrize("suspends", [True, False])
    def test_one_that_raises_keeps_message_and_error(
        self, recording: Recording, suspends: bool
    ) -> None:
        async def send(message: Message) -> None:
            if suspends:
                await suspend()
            raise OSError("gone")

        running = open_exchange(recording, send=send).send(START)
        if suspends:
            running.send(None)
        with pytest.raises(OSError, match="gone"):
            running.send(None)
        called, returned = recording.events(Kind.SEND)
        assert called.header.phase == Phase.CALLED
        assert called.content == START
        assert (returned.header.phase, returned.header.outcome) == (Phase.RETURNED, Outcome.RAISED)
        assert returned.content["message"] == "gone"

    def test_a_plain_function_that_raises(
        self, recording: Recording, run: Callable[..., Any]
    ) -> None:
        def send(message: Message) -> Awaitable[None]:
            raise LookupError

        with pytest.raises(LookupError):
            run(open_exchange(recording, send=send).send(START))
        assert [event.header.phase for event in recording.events(Kind.SEND)] == [1, 2]

    def test_what_the_server_does_to_the_message_is_not_recorded(
        self, recording: Recording, run: Callable[..., Any]
    ) -> None:
        async def send(message: Message) -> None:
            message.clear()

        message = dict(START)
        run(open_exchange(recording, send=send).send(message))
        assert message == {}
        assert recording.events(Kind.SEND)[0].content == START


class Awaited:
    def __init__(self, result: Any) -> None:
        self.result = result

    def __await__(self) -> Generator[Any, Any, Any]:
        yield "first"
        return self.result


@coroutine
def generator_based(result: Any) -> Generator[Any, Any, Any]:
    yield "first"
    return result


class TestAwaitables:
    """Receive and send may return anything that can be awaited."""

    @pytest.mark.parametrize("make", [Awaited, generator_based])
    def test_those_that_are_no_coroutines(self, recording: Recording, make: Any) -> None:
        exchange = open_exchange(recording, lambda: make(REQUEST), lambda _: make("sent"))
        for running, result in ((exchange.receive(), REQUEST), (exchange.send(START), "sent")):
            assert running.send(None) == "first"
            with pytest.raises(StopIteration) as stopped:
                running.send(None)
            assert stopped.value.value is result
        assert recording.kinds() == ["SCOPE", "RECEIVE", "RECEIVE", "SEND", "SEND"]

    def test_futures(self, recording: Recording) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            done, pending = loop.create_future(), loop.create_future()
            done.set_result(REQUEST)
            loop.call_soon(pending.set_result, None)
            exchange = open_exchange(recording, lambda: done, lambda _: pending)
            assert await exchange.receive() is REQUEST
            await exchange.send(START)

        asyncio.run(main())
        phases = [event.header.phase for event in recording.events()]
        assert phases == [Phase.WHOLE, Phase.WHOLE, Phase.CALLED, Phase.RETURNED]

    def test_none_is_a_type_error_as_without_us(
        self, recording: Recording, run: Callable[..., Any]
    ) -> None:
        exchange = open_exchange(recording, lambda: None, lambda _: None)
        for call in (exchange.receive, lambda: exchange.send(START)):
            with pytest.raises(TypeError, match="NoneType can't be used in 'await' expression"):
                run(call())


class TestCancellation:
    def test_on_asyncio(self, recording: Recording) -> None:
        async def main() -> None:
            async def forever(*_: Any) -> Any:
                await asyncio.Event().wait()

            exchange = open_exchange(recording, forever, forever)
            for call in (exchange.receive, lambda: exchange.send(START)):
                task = asyncio.ensure_future(call())
                await asyncio.sleep(0)
                task.cancel("enough")
                with pytest.raises(asyncio.CancelledError, match="enough"):
                    await task
                assert task.cancelled()

        asyncio.run(main())
        ends = [event for event in recording.events() if event.header.phase == Phase.RETURNED]
        assert [event.header.outcome for event in ends] == [Outcome.CANCELLED] * 2

    def test_a_timeout_on_asyncio(self, recording: Recording) -> None:
        async def main() -> None:
            exchange = open_exchange(recording, asyncio.Event().wait)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await exchange.receive()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(exchange.receive(), 0.001)

        asyncio.run(main())
        outcomes = [event.header.outcome for event in recording.events(Kind.RECEIVE)]
        assert outcomes[1::2] == [Outcome.CANCELLED] * 2

    def test_on_trio(self, recording: Recording) -> None:
        async def main() -> None:
            exchange = open_exchange(recording, trio.sleep_forever)
            with trio.CancelScope() as scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(exchange.receive)
                    await trio.testing.wait_all_tasks_blocked()
                    scope.cancel()
            assert scope.cancelled_caught

        trio.run(main)
        outcomes = [event.header.outcome for event in recording.events(Kind.RECEIVE)]
        assert outcomes == [Outcome.OK, Outcome.CANCELLED]

    def test_a_group_of_nothing_but_cancellations_is_one(self, recording: Recording) -> None:
        class Custom(asyncio.CancelledError):
            pass

        deep: BaseException = GeneratorExit()
        for _ in range(100):
            deep = BaseExceptionGroup("", [deep])
        for error, outcome in [
            (BaseExceptionGroup("", [Custom(), GeneratorExit()]), Outcome.CANCELLED),
            (BaseExceptionGroup("", [Custom(), ValueError()]), Outcome.RAISED),
            (Custom(), Outcome.CANCELLED),
            (KeyboardInterrupt(), Outcome.RAISED),
            (type("CancelledError", (Exception,), {})(), Outcome.RAISED),
            (deep, Outcome.RAISED),
        ]:
            open_exchange(recording).raised(error)
            assert recording.events()[-1].header.outcome == outcome


class TestCalls:
    def test_calls_of_several_tasks_are_kept_apart(self, recording: Recording) -> None:
        async def main() -> None:
            async def receive() -> Message:
                await asyncio.sleep(0)
                return REQUEST

            async def send(message: Message) -> None:
                for _ in range(message["status"]):
                    await asyncio.sleep(0)

            exchange = open_exchange(recording, receive, send)
            async with asyncio.TaskGroup() as tasks:
                for turns in (9, 1, 5, 3):
                    tasks.create_task(exchange.send({**START, "status": turns}))
                    tasks.create_task(exchange.receive())

        asyncio.run(main())
        calls: dict[int, list[Any]] = {}
        for event in recording.events()[1:]:
            calls.setdefault(event.header.call, []).append(event)
        assert sorted(calls) == list(range(1, 9))
        for called, returned in calls.values():
            assert (called.header.phase, returned.header.phase) == (Phase.CALLED, Phase.RETURNED)
            assert called.kind is returned.kind
            assert called.header.number == returned.header.number

    def test_calls_of_several_threads_are_kept_apart(
        self, recording: Recording, run: Callable[..., Any]
    ) -> None:
        exchange = open_exchange(recording)

        def work() -> None:
            for _ in range(100):
                run(exchange.send(START))
                run(exchange.receive())

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        events = recording.events()[1:]
        assert sorted(event.header.call for event in events) == list(range(1, 1_601))
        assert {event.header.exchange for event in events} == {1}


class Unprintable(Exception):
    def __str__(self) -> str:
        raise ZeroDivisionError


class TestErrors:
    def explained(self, recording: Recording, error: BaseException) -> dict[str, str]:
        open_exchange(recording).raised(error)
        event = recording.events(Kind.RAISE)[-1]
        assert event.header.outcome == Outcome.RAISED
        content: dict[str, str] = event.content
        return content

    def test_an_exception_with_its_traceback(self, recording: Recording) -> None:
        def inner() -> None:
            raise ValueError("inside")

        try:
            inner()
        except ValueError as error:
            content = self.explained(recording, error)
        assert content["type"] == "ValueError"
        assert content["module"] == "builtins"
        assert content["message"] == "inside"
        assert content["traceback"].startswith("Traceback (most recent call last):\n")
        assert "in inner" in content["traceback"]
        assert content["traceback"].endswith("ValueError: inside\n")

    def test_it_is_bounded(self, recording: Recording) -> None:
        content = self.explained(recording, ValueError("x" * 1_000_000))
        assert len(content["message"]) == 64 * 1024
        assert len(content["traceback"]) < 65 * 1024
        assert content["traceback"].startswith("ValueError: xxx")
        assert "\n…\n" in content["traceback"]

    def test_lone_surrogates(self, recording: Recording) -> None:
        content = self.explained(recording, ValueError("\ud800"))
        assert content["message"] == "\\ud800"
        assert content["traceback"] == "ValueError: \\ud800\n"

    def test_one_whose_str_raises(self, recording: Recording) -> None:
        content = self.explained(recording, Unprintable())
        assert content["type"] == "Unprintable"
        assert content["message"] == "Unprintable()"
        assert content["traceback"].endswith("Unprintable: Unprintable()\n")

    def test_one_whose_traceback_cannot_be_shown(
        self, recording: Recording, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ValueError("no")

        monkeypatch.setattr("traceback.format_exception", fail)
        content = self.explained(recording, NameError("outer"))
        assert content["message"] == "outer"
        assert content["traceback"] == "The traceback cannot be shown: ValueError('no')"


class TestFaults:
    """An error inside the recorder is counted and swallowed."""

    @pytest.fixture
    def broken(self, recording: Recording) -> Recording:
        """A recording whose ring fails from the second record on."""
        write = recording.recorder.write
        records = itertools.count()

        def fail(*fields: Any) -> None:
            if next(records):
                raise RuntimeError("broken")
            write(*fields)

        recording.recorder.write = fail
        return recording

    def test_each_call_goes_on(self, broken: Recording, run: Callable[..., Any]) -> None:
        async def slowly(*_: Any) -> Any:
            return await suspend()

        def finish(running: Any) -> None:
            running.send(None)
            with contextlib.suppress(StopIteration):
                running.send(None)

        exchange = open_exchange(broken)
        assert run(exchange.receive()) is REQUEST
        run(exchange.send(START))
        exchange._receive, exchange._send = slowly, slowly
        finish(exchange.receive())
        finish(exchange.send(START))
        exchange.returned(None)
        exchange.raised(ValueError())
        assert broken.faults == 8
        assert broken.kinds() == ["SCOPE"]

    def test_an_exchange_that_cannot_be_opened(self, broken: Recording) -> None:
        open_exchange(broken)
        assert broken.recorder.open(SCOPE, receive_request, send_nothing) is None
        assert broken.faults == 1

    def test_an_error_in_the_capture(
        self, recording: Recording, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(recorder_module, "capture_other", fail)
        exchange = open_exchange(recording)
        run(exchange.send({"type": "unknown"}))
        assert recording.faults == 1
        assert recording.events(Kind.SEND)[0].content is None

    def test_an_error_in_the_explanation(
        self, recording: Recording, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(recorder_module, "explain", fail)
        open_exchange(recording).raised(ValueError())
        assert recording.faults == 1

    def test_after_a_hundred_the_recorder_rests(
        self, broken: Recording, run: Callable[..., Any]
    ) -> None:
        exchange = open_exchange(broken)
        for _ in range(99):
            run(exchange.receive())
        assert not broken.recorder.resting
        run(exchange.receive())
        assert broken.recorder.resting
        for _ in range(50):
            assert run(exchange.receive()) is REQUEST
            run(exchange.send(START))
        assert broken.recorder.open(SCOPE, receive_request, send_nothing) is None
        assert broken.faults == 100

    def test_memory_that_is_gone(self, tmp_path: Any, run: Callable[..., Any]) -> None:
        memory = RingMemory.create(tmp_path / "gone.ring", MINIMUM_SIZE)
        recorder = Recorder(RingWriter(memory))
        exchange = recorder.open(SCOPE, receive_request, send_nothing)
        assert exchange is not None
        memory.close()
        assert run(exchange.receive()) is REQUEST
        exchange.returned(None)
        assert recorder.open(SCOPE, receive_request, send_nothing) is None


class TestLimits:
    def test_the_recorder_s_own(
        self, make_recording: Callable[..., Recording], run: Callable[..., Any]
    ) -> None:
        recording = make_recording(body_limit=2)
        run(open_exchange(recording).receive())
        assert recording.events()[1].content["body"] == b"bo"
        assert recording.events()[1].header.size == 4

    @pytest.mark.parametrize("limit", [0, 3, 100])
    def test_an_exchange_s_own(
        self, recording: Recording, run: Callable[..., Any], limit: int
    ) -> None:
        run(open_exchange(recording, body_limit=limit).receive())
        assert recording.events()[1].content["body"] == b"body"[:limit]


def test_who_is_told_of_each_exchange(make_recording: Callable[..., Recording]) -> None:
    told: list[int] = []
    writer = make_recording().recorder._writer
    recorder = Recorder(writer, entered=told.append)
    recorder.expect(recorder.reserve())
    for _ in range(2):
        recorder.open(SCOPE, receive_request, receive_request)  # type: ignore[arg-type]
    assert told == [1, 2]
