import asyncio
import contextvars
import copy
import functools
import gc
import weakref
from collections.abc import AsyncIterator, Callable, Generator, MutableMapping
from typing import Any

import anyio
import hypercorn.config
import hypercorn.trio
import pytest
import trio
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import asgitrace
from asgitrace.errors import OptionError
from asgitrace.events import Flag, Kind, Outcome, Phase
from asgitrace.recorder import Recorder, Trace
from asgitrace.recorder.process import ProcessRecorder
from asgitrace.recorder.trace import is_legacy
from asgitrace.tracing import trace

Recording = Any
"""Of conftest, which cannot be imported from."""

SCOPE: dict[str, Any] = {"type": "http", "path": "/"}
REQUEST: dict[str, Any] = {"type": "http.request", "body": b""}
START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}

VARIABLE = contextvars.ContextVar("VARIABLE", default="default")


async def receive_request() -> Any:
    return REQUEST


async def send_nothing(message: Any) -> None:
    pass


async def plain_app(scope: Any, receive: Any, send: Any) -> str:
    await receive()
    await send(START)
    return "result"


@pytest.fixture
def traced(recording: Recording) -> Callable[[Any], Trace]:
    return lambda app: Trace(app, recorder=recording.recorder)


class TestTransparency:
    def test_the_app_gets_what_the_server_gives(
        self, recording: Recording, traced: Any, run: Callable[..., Any]
    ) -> None:
        sent = []

        async def app(scope: Any, receive: Any, send: Any) -> Any:
            assert scope is SCOPE
            assert await receive() is REQUEST
            await send(START)
            return app

        async def send(message: Any) -> None:
            sent.append(message)

        assert run(traced(app)(SCOPE, receive_request, send)) is app
        assert sent[0] is START
        assert recording.kinds() == ["SCOPE", "RECEIVE", "SEND", "RETURN"]

    def test_changes_to_scope_and_messages_are_seen_outside(
        self, recording: Recording, traced: Any, run: Callable[..., Any]
    ) -> None:
        scope, request = dict(SCOPE), dict(REQUEST)

        async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            scope["user"] = "ada"
            (await receive())["body"] = b"changed"

        async def receive() -> Any:
            return request

        run(traced(app)(scope, receive, send_nothing))
        assert scope["user"] == "ada"
        assert request["body"] == b"changed"
        assert "user" not in recording.events(Kind.SCOPE)[0].content
        assert recording.events(Kind.RECEIVE)[0].content["body"] == b""

    def test_context_variables_go_both_ways(self, traced: Any) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            assert VARIABLE.get() == "server"
            VARIABLE.set("app")
            await receive()
            assert VARIABLE.get() == "receive"

        async def receive() -> Any:
            assert VARIABLE.get() == "app"
            await asyncio.sleep(0)
            VARIABLE.set("receive")
            return REQUEST

        async def main() -> None:
            VARIABLE.set("server")
            await traced(app)(SCOPE, receive, send_nothing)
            assert VARIABLE.get() == "receive"

        asyncio.run(main())

    @pytest.mark.anyio
    async def test_the_same_task(self, traced: Any) -> None:
        tasks = [anyio.get_current_task()]

        async def call(*_: Any) -> Any:
            await anyio.lowlevel.checkpoint()
            tasks.append(anyio.get_current_task())
            return REQUEST

        async def app(scope: Any, receive: Any, send: Any) -> None:
            tasks.append(anyio.get_current_task())
            await receive()
            await send(START)

        await traced(app)(SCOPE, call, call)
        assert len(tasks) == 4
        assert len(set(tasks)) == 1

    def test_exceptions_pass_unaltered(
        self, recording: Recording, traced: Any, run: Callable[..., Any]
    ) -> None:
        cause, context = LookupError("cause"), ValueError("context")
        error = RuntimeError("error")

        async def fail() -> Any:
            try:
                raise context
            except ValueError:
                raise error from cause

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()

        with pytest.raises(RuntimeError) as caught:
            run(traced(app)(SCOPE, fail, send_nothing))
        assert caught.value is error
        assert error.__cause__ is cause
        assert error.__context__ is context
        assert cause.__context__ is context.__context__ is None
        names = [entry.name for entry in caught.traceback]
        assert [name for name in names if name in {"app", "fail"}] == ["app", "fail"]
        assert names[-1] == "fail"
        raised = recording.events(Kind.RAISE)[0]
        assert raised.content["message"] == "error"
        assert "LookupError: cause" in raised.content["traceback"]

    def test_no_frame_of_ours_survives_an_exception(self, traced: Any) -> None:
        class Held:
            pass

        held = Held()
        reference = weakref.ref(held)

        async def app(scope: Any, receive: Any, send: Any, held: Any = held) -> None:
            raise ValueError

        running = traced(functools.partial(app, held=held))(SCOPE, receive_request, send_nothing)
        del app, held
        gc.collect()
        gc.disable()
        try:
            with pytest.raises(ValueError, match=r"^$"):
                running.send(None)
            del running
        finally:
            gc.enable()
        gc.collect()
        assert reference() is None

    @pytest.mark.anyio
    async def test_cancellation_in_receive_and_send(
        self, recording: Recording, traced: Any
    ) -> None:
        cleaned = []
        sending = anyio.Event()

        async def receive() -> Any:
            await anyio.sleep_forever()

        async def send(message: Any) -> None:
            sending.set()
            await anyio.sleep_forever()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            with anyio.CancelScope() as inner:
                inner.cancel()
                await receive()
            assert inner.cancelled_caught
            try:
                await send(START)
            except anyio.get_cancelled_exc_class():
                with anyio.CancelScope(shield=True):
                    await anyio.lowlevel.checkpoint()
                    cleaned.append(True)
                raise

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(traced(app), SCOPE, receive, send)
            await sending.wait()
            tasks.cancel_scope.cancel()
        assert cleaned == [True]
        assert recording.events(Kind.RAISE)[0].header.outcome == Outcome.CANCELLED
        ends = [event.header for event in recording.events() if event.header.phase]
        assert [header.outcome for header in ends if header.phase == Phase.RETURNED] == [2, 2]

    @pytest.mark.anyio
    async def test_timeouts_of_the_app_s_own(self, traced: Any) -> None:
        async def forever() -> Any:
            await anyio.sleep_forever()

        async def app(scope: Any, receive: Any, send: Any) -> str:
            with pytest.raises(TimeoutError):
                with anyio.fail_after(0):
                    await receive()
            return "went on"

        assert await traced(app)(SCOPE, forever, send_nothing) == "went on"

    @pytest.mark.anyio
    async def test_receive_in_the_background_while_sending(
        self, recording: Recording, traced: Any
    ) -> None:
        async def receive() -> Any:
            await anyio.sleep_forever()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(receive)
                await anyio.wait_all_tasks_blocked()
                await send(START)
                tasks.cancel_scope.cancel()

        await traced(app)(SCOPE, receive, send_nothing)
        calls = [(event.kind.name, event.header.call) for event in recording.events()]
        assert calls[1:4] == [("RECEIVE", 1), ("SEND", 2), ("RECEIVE", 1)]

    def test_closing_runs_the_cleanup_of_the_app(self, recording: Recording, traced: Any) -> None:
        closed = []

        async def suspend() -> Any:
            await asyncio.sleep(0)

        async def stream() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                closed.append("generator")

        async def app(scope: Any, receive: Any, send: Any) -> None:
            numbers = stream()
            await anext(numbers)
            try:
                await receive()
            except GeneratorExit:
                closed.append("app")
                await numbers.aclose()  # type: ignore[attr-defined]
                raise

        running = traced(app)(SCOPE, suspend, send_nothing)
        running.send(None)
        running.close()
        assert closed == ["app", "generator"]
        assert recording.events(Kind.RAISE)[0].header.outcome == Outcome.CANCELLED

    def test_what_an_app_that_returns_no_awaitable_raises(
        self, recording: Recording, traced: Any, run: Callable[..., Any]
    ) -> None:
        with pytest.raises(TypeError, match="NoneType can't be used in 'await'"):
            run(traced(lambda scope, receive, send: None)(SCOPE, receive_request, send_nothing))
        assert recording.kinds() == ["SCOPE", "RAISE"]

    def test_headers_that_are_an_iterator_arrive_whole(
        self, traced: Any, run: Callable[..., Any]
    ) -> None:
        sent = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            headers = ((b"a", b"%d" % number) for number in range(3))
            await send({**START, "headers": headers})

        async def send(message: Any) -> None:
            sent.extend(message["headers"])

        run(traced(app)(SCOPE, receive_request, send))
        assert sent == [(b"a", b"0"), (b"a", b"1"), (b"a", b"2")]

    def test_nested_traces_record_both(self, make_recording: Any, run: Callable[..., Any]) -> None:
        inner, outer = make_recording(), make_recording()
        app = Trace(Trace(plain_app, recorder=inner.recorder), recorder=outer.recorder)
        assert run(app(SCOPE, receive_request, send_nothing)) == "result"
        assert inner.kinds() == outer.kinds() == ["SCOPE", "RECEIVE", "SEND", "RETURN"]


class Sync:
    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return plain_app(scope, receive, send)


class Async:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return await plain_app(scope, receive, send)

    async def method(self, scope: Any, receive: Any, send: Any) -> Any:
        return await plain_app(scope, receive, send)


class Awaited:
    """As Starlette's endpoints are."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self.arguments = scope, receive, send

    def __await__(self) -> Generator[Any, Any, Any]:
        return plain_app(*self.arguments).__await__()


@functools.wraps(plain_app)
async def wrapping(*args: Any, **kwargs: Any) -> Any:
    return await plain_app(*args, **kwargs)


async def with_options(scope: Any, receive: Any, send: Any, option: int = 0) -> Any:
    return await plain_app(scope, receive, send)


class Legacy:
    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> Any:
        return await plain_app(self.scope, receive, send)


def legacy_function(scope: Any) -> Any:
    return functools.partial(plain_app, scope)


class LegacyInstance:
    def __call__(self, scope: Any) -> Any:
        return functools.partial(plain_app, scope)


@functools.wraps(legacy_function)
def wrapping_legacy(*args: Any) -> Any:
    return legacy_function(*args)


@functools.wraps(legacy_function)
async def converting(scope: Any, receive: Any, send: Any) -> Any:
    """An adapter that makes ASGI 3 of it, and says what it wraps."""
    return await legacy_function(scope)(receive, send)


@functools.wraps(legacy_function)
def converting_without_async(scope: Any, receive: Any, send: Any) -> Any:
    return legacy_function(scope)(receive, send)


class NotReady:
    """A proxy of which nothing can be asked yet."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("not ready")

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return plain_app(scope, receive, send)


SINGLE = [
    plain_app, functools.partial(with_options, option=1), Sync(), Async(), Async().method, Awaited,
    wrapping, with_options, lambda *args: plain_app(*args), converting, converting_without_async,
]  # fmt: skip
DOUBLE = [Legacy, legacy_function, LegacyInstance(), wrapping_legacy, lambda scope: Legacy(scope)]


class TestForms:
    @pytest.mark.parametrize("app", SINGLE, ids=range(len(SINGLE)))
    def test_asgi_3(
        self, recording: Recording, traced: Any, run: Callable[..., Any], app: Any
    ) -> None:
        assert not is_legacy(app)
        assert run(traced(app)(SCOPE, receive_request, send_nothing)) == "result"
        assert recording.kinds() == ["SCOPE", "RECEIVE", "SEND", "RETURN"]
        assert recording.events()[0].header.flags == 0

    def test_a_proxy_that_is_not_ready_is_wrapped_unasked(
        self, traced: Any, run: Callable[..., Any]
    ) -> None:
        assert run(traced(NotReady())(SCOPE, receive_request, send_nothing)) == "result"

    @pytest.mark.parametrize("app", DOUBLE, ids=range(len(DOUBLE)))
    def test_asgi_2(
        self, recording: Recording, traced: Any, run: Callable[..., Any], app: Any
    ) -> None:
        assert is_legacy(app)
        assert run(traced(app)(SCOPE, receive_request, send_nothing)) == "result"
        assert recording.kinds() == ["SCOPE", "RECEIVE", "SEND", "RETURN"]
        assert recording.events()[0].header.flags == Flag.LEGACY

    @pytest.mark.parametrize("app", DOUBLE, ids=range(len(DOUBLE)))
    def test_a_trace_of_a_double_callable_is_called_as_both(
        self, recording: Recording, traced: Any, run: Callable[..., Any], app: Any
    ) -> None:
        step = traced(app)(SCOPE)
        assert recording.kinds() == []
        assert run(step(receive_request, send_nothing)) == "result"
        assert recording.kinds() == ["SCOPE", "RECEIVE", "SEND", "RETURN"]
        assert recording.events()[0].header.flags == Flag.LEGACY
        assert run(traced(traced(app))(SCOPE, receive_request, send_nothing)) == "result"

    @pytest.mark.parametrize("app", [5, int, lambda: None])
    def test_what_cannot_be_told_is_asgi_3(self, app: Any) -> None:
        assert not is_legacy(app)

    def test_an_exception_in_the_first_call_of_asgi_2(
        self, recording: Recording, traced: Any, run: Callable[..., Any]
    ) -> None:
        def app(scope: Any) -> Any:
            raise LookupError("no such path")

        with pytest.raises(LookupError):
            run(traced(app)(SCOPE, receive_request, send_nothing))
        assert recording.kinds() == ["SCOPE", "RAISE"]

    @pytest.mark.parametrize("app", [plain_app, legacy_function])
    def test_a_recorder_that_rests_is_not_in_the_way(
        self, recording: Recording, traced: Any, run: Callable[..., Any], app: Any
    ) -> None:
        recording.recorder._faults = 100
        assert run(traced(app)(SCOPE, receive_request, send_nothing)) == "result"
        assert recording.kinds() == []


class Attributes:
    def __init__(self) -> None:
        self._app = self._recorder = "the app's own"
        self.state = "fresh"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        pass


class TestAttributes:
    def test_they_are_read_set_and_deleted_through(self, traced: Any) -> None:
        app = Attributes()
        seen = traced(app)
        assert (seen.state, seen._app, seen._recorder) == ("fresh", *["the app's own"] * 2)
        seen.state = "used"
        seen._app = "changed"
        assert (app.state, app._app) == ("used", "changed")
        del seen.state
        assert not hasattr(app, "state")
        assert not hasattr(seen, "state")
        with pytest.raises(AttributeError, match="'Attributes' object has no attribute 'other'"):
            _ = seen.other
        assert set(dir(app)) <= set(dir(seen))

    def test_it_says_what_it_is(self, traced: Any) -> None:
        assert repr(traced(plain_app)) == f"asgitrace.Trace({plain_app!r})"

    def test_one_that_was_never_made_has_no_attributes(self) -> None:
        with pytest.raises(AttributeError):
            _ = Trace.__new__(Trace).anything

    def test_it_can_be_referred_to_weakly(self, traced: Any) -> None:
        seen = traced(plain_app)
        assert weakref.ref(seen)() is seen

    @pytest.mark.parametrize("make", [copy.copy, copy.deepcopy])
    def test_a_copy_wraps_a_copy(
        self, recording: Recording, traced: Any, run: Callable[..., Any], make: Any
    ) -> None:
        app = Attributes()
        copied = make(traced(app))
        copied.state = "set through the copy"
        assert app.state == "fresh"
        run(copied(SCOPE, receive_request, send_nothing))
        assert recording.kinds() == ["SCOPE", "RETURN"]


class TestOptions:
    def test_a_negative_limit_is_refused(self) -> None:
        with pytest.raises(OptionError, match="choose 0 or more"):
            trace(plain_app, body_limit=-1)

    def test_the_body_limit_is_the_wrapper_s_or_the_recorder_s(
        self, make_recording: Callable[..., Recording], run: Callable[..., Any]
    ) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.body", "body": b"x" * 10})

        recording = make_recording(body_limit=5)
        for limit, kept in ((None, 5), (0, 0), (7, 7), (70, 10)):
            wrapped = Trace(app, recorder=recording.recorder, body_limit=limit)
            run(wrapped(SCOPE, receive_request, send_nothing))
            assert len(recording.events(Kind.SEND)[-1].content["body"]) == kept

    def test_without_a_recorder_the_process_s_own_is_used(
        self, recording: Recording, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = []

        def get(self: object, size: int, app: object, receive: object) -> Recorder:
            asked.append(size)
            return recording.recorder  # type: ignore[no-any-return]

        monkeypatch.setattr(ProcessRecorder, "get", get)
        run(asgitrace.trace(plain_app, buffer=123_456)(SCOPE, receive_request, send_nothing))
        assert asked == [123_456]
        assert recording.kinds() == ["SCOPE", "RECEIVE", "SEND", "RETURN"]

    def test_an_app_that_empties_its_scope(
        self, recording: Recording, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> str:
            scope.clear()
            return "result"

        monkeypatch.setattr(ProcessRecorder, "get", lambda self, *_: recording.recorder)
        assert run(trace(app)(dict(SCOPE), receive_request, send_nothing)) == "result"

    def test_where_the_process_has_none_the_app_runs(
        self, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ProcessRecorder, "get", lambda self, *_: None)
        assert run(trace(plain_app)(SCOPE, receive_request, send_nothing)) == "result"


class TestFrameworks:
    @pytest.mark.parametrize("framework", [Starlette, FastAPI])
    def test_as_middleware(self, recording: Recording, framework: Any) -> None:
        def hello(request: Any) -> PlainTextResponse:
            return PlainTextResponse("hello")

        app = framework(routes=[Route("/", hello)])
        app.add_middleware(asgitrace.Trace, recorder=recording.recorder)
        sent = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def main() -> None:
            scope = {**SCOPE, "method": "GET", "headers": [], "query_string": b""}
            await app(scope, receive_request, send)

        asyncio.run(main())
        assert [message["type"] for message in sent] == [
            "http.response.start",
            "http.response.body",
        ]
        assert [event.content for event in recording.events(Kind.SEND)] == [
            {**sent[0], "headers": [list(header) for header in sent[0]["headers"]]},
            sent[1],
        ]
        assert recording.faults == 0

    def test_under_the_trio_worker_of_hypercorn(self, recording: Recording, traced: Any) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "lifespan":
                await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await send({"type": "lifespan.shutdown.complete"})
                return
            with trio.CancelScope() as never:
                never.cancel()
                await trio.sleep_forever()
            assert (await receive())["body"] == b"question"
            await send({**START, "headers": [(b"content-length", b"6")]})
            await send({"type": "http.response.body", "body": b"answer"})

        config = hypercorn.config.Config()
        config.bind = ["127.0.0.1:0"]
        config.accesslog = config.errorlog = None
        answer = bytearray()

        async def main() -> None:
            shut_down = trio.Event()
            with trio.fail_after(30):
                async with trio.open_nursery() as nursery:
                    (address,) = await nursery.start(
                        functools.partial(
                            hypercorn.trio.serve,
                            traced(app),
                            config,
                            shutdown_trigger=shut_down.wait,
                        )
                    )
                    port = int(address.rpartition(":")[2])
                    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                        await stream.send_all(
                            b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"
                            b"content-length: 8\r\n\r\nquestion"
                        )
                        async for data in stream:
                            answer.extend(data)
                    shut_down.set()

        trio.run(main)
        assert answer.endswith(b"\r\n\r\nanswer")
        messages = [event.content["type"] for event in recording.events(Kind.SEND) if event.content]
        assert "http.response.body" in messages
        assert messages[-1] == "lifespan.shutdown.complete"
        assert recording.faults == 0
        kinds = recording.kinds()
        assert kinds.count("SCOPE") == kinds.count("RETURN") == 2
