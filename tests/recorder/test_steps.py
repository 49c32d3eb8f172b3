import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator
from dataclasses import dataclass, field
from types import FrameType, TracebackType, coroutine
from typing import Any, Literal

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.recorder import steps
from asgitrace.recorder.steps import awaiting, proceed

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

Outcome = Literal["pass", "swallow", "raise", "raise from", "raise from none", "reraise"]


@dataclass
class Step:
    """What a scripted coroutine does at one suspension, when an exception comes in there, and on
    the way out."""

    on_error: Outcome
    cleanup_suspends: bool = False


@dataclass
class Script:
    steps: list[Step]
    ends: Literal["return", "raise", "stop"] = "return"
    log: list[Any] = field(default_factory=list)


@coroutine
def suspend(value: Any) -> Generator[Any, Any, Any]:
    return (yield value)


async def scripted(script: Script) -> Any:
    for number, step in enumerate(script.steps):
        try:
            script.log.append(("resumed", await suspend(number)))
        except BaseException as error:
            script.log.append(("caught", *told(error)))
            match step.on_error:
                case "raise":
                    raise ValueError(number)  # noqa: B904 - the context is what is looked at
                case "raise from":
                    raise ValueError(number) from error
                case "raise from none":
                    raise ValueError(number) from None
                case "reraise":
                    raise
                case "swallow" if isinstance(error, GeneratorExit):
                    return "swallowed"
                case "swallow":
                    pass
                case "pass":
                    script.log.append("passed")
                    raise
        finally:
            script.log.append(("cleanup", number))
            if step.cleanup_suspends:
                script.log.append(await suspend(("cleanup", number)))
    match script.ends:
        case "raise":
            raise KeyError("at the end")
        case "stop":
            raise StopAsyncIteration
    return "result"


async def natively(started: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return await started()


async def by_hand(started: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """As the recorder awaits."""
    running = started()
    try:
        yielded = running.send(None)
    except StopIteration as stop:
        return stop.value
    return await proceed(running, yielded)


Way = Callable[[Callable[[], Coroutine[Any, Any, Any]]], Coroutine[Any, Any, Any]]


def functions(error: BaseException) -> list[str]:
    """Those in the traceback, without those that await in one way or the other, unless it ends
    there. (Where a coroutine ignores GeneratorExit, the interpreter raises in who closes it.)"""
    names = [entry.f_code.co_name for entry in frames(error.__traceback__)]
    ours = {"natively", "by_hand", "proceed"}
    ends = names[-1] in ours and "ignored GeneratorExit" not in str(error)
    return [name for name in names if name not in ours] + ["ends in our frame"] * ends


def frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def told(error: BaseException | None) -> Any:
    """All that can be seen of an exception."""
    if error is None:
        return None
    return (
        type(error),
        error.args,
        told(error.__context__),
        told(error.__cause__),
        error.__suppress_context__,
    )


def play(way: Way, script: Script, moves: list[tuple[str, Any]], *, within: bool) -> list[Any]:
    """Drive a coroutine by hand; what came out at each move, and what the coroutine saw."""

    async def app() -> Any:
        if not within:
            return await way(lambda: scripted(script))
        try:
            raise LookupError("being handled")
        except LookupError:
            return await way(lambda: scripted(script))

    seen = script.log
    running = app()
    for move, value in [("send", None), *moves, ("close", None)]:
        try:
            match move:
                case "send":
                    seen.append(("yielded", running.send(value)))
                case "throw":
                    seen.append(("yielded", running.throw(value())))
                case "close":
                    running.close()
                    seen.append("closed")
        except StopIteration as stop:
            seen.append(("returned", stop.value))
        except BaseException as error:
            # CPython 3.11 loses frames of what is thrown into the await in an except block.
            seen.append(("raised", *told(error), None if within else functions(error)))
    return seen


STEPS = st.builds(
    Step,
    st.sampled_from(["pass", "swallow", "raise", "raise from", "raise from none", "reraise"]),
    st.booleans(),
)
MOVES = st.lists(
    st.tuples(st.just("send"), st.none() | st.none() | st.integers())
    | st.tuples(
        st.just("throw"),
        st.sampled_from(
            [asyncio.CancelledError, ValueError, GeneratorExit, KeyboardInterrupt, StopIteration]
        ),
    )
    | st.tuples(st.just("close"), st.none()),
    max_size=8,
)


@UNHURRIED
@given(
    st.lists(STEPS, max_size=5), st.sampled_from(["return", "raise", "stop"]), MOVES, st.booleans()
)
def test_proceeding_is_awaiting(script: list[Step], ends: Any, moves: Any, within: bool) -> None:
    """The same values yielded, results, exceptions with their contexts, causes and tracebacks, and
    the same order of cleaning up."""
    native = play(natively, Script(script, ends), moves, within=within)
    assert play(by_hand, Script(script, ends), moves, within=within) == native


def test_an_exception_that_is_thrown_in_keeps_its_own_traceback() -> None:
    def raise_somewhere() -> None:
        raise ValueError("thrown")

    def trace_of(way: Way) -> list[str]:
        running = way(lambda: scripted(Script([Step("reraise")])))
        running.send(None)
        try:
            raise_somewhere()
        except ValueError as error:
            with pytest.raises(ValueError, match="thrown") as caught:
                running.throw(error)
        return functions(caught.value)

    assert trace_of(by_hand) == trace_of(natively)
    assert trace_of(by_hand)[-1] == "raise_somewhere"


def test_no_frame_is_kept_alive() -> None:
    error = ValueError()
    running = by_hand(lambda: scripted(Script([Step("swallow"), Step("swallow")])))
    running.send(None)
    assert running.throw(error) == 1
    assert error.__traceback__ is not None
    running.close()
    names = {frame.f_code.co_name for frame in frames(error.__traceback__)}
    assert "proceed" not in names


class Awaitable:
    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield "first")


@coroutine
def generator_based() -> Generator[Any, Any, Any]:
    return (yield "first")


@pytest.mark.parametrize("make", [Awaitable, generator_based])
def test_awaiting_makes_a_coroutine_of_any_awaitable(make: Callable[[], Any]) -> None:
    running = awaiting(make())
    assert running.send(None) == "first"
    with pytest.raises(StopIteration) as stopped:
        running.send("result")
    assert stopped.value.value == "result"


def test_awaiting_what_is_none_raises_as_await_does() -> None:
    with pytest.raises(TypeError, match="NoneType can't be used in 'await' expression"):
        awaiting(None).send(None)  # type: ignore[arg-type]


def test_on_asyncio() -> None:
    async def work() -> list[Any]:
        task = asyncio.current_task()
        await asyncio.sleep(0)
        future = asyncio.get_running_loop().create_future()
        future.get_loop().call_soon(future.set_result, 5)
        seen = [await future, task is asyncio.current_task()]
        failing = future.get_loop().create_future()
        failing.get_loop().call_soon(failing.set_exception, ValueError("failed"))
        try:
            await failing
        except ValueError as error:
            seen.append(str(error))
        return seen

    assert asyncio.run(by_hand(work)) == [5, True, "failed"]


def test_cancellation_on_asyncio() -> None:
    cleaned = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append("first")
            await asyncio.sleep(0)
            cleaned.append("second")

    async def main() -> None:
        task = asyncio.create_task(by_hand(work))
        await asyncio.sleep(0)
        task.cancel("enough")
        with pytest.raises(asyncio.CancelledError, match="enough"):
            await task
        assert task.cancelled()

    asyncio.run(main())
    assert cleaned == ["first", "second"]


def test_on_trio() -> None:
    async def work() -> list[Any]:
        task = trio.lowlevel.current_task()
        await trio.lowlevel.checkpoint()
        with trio.CancelScope() as scope:
            scope.cancel()
            await trio.sleep_forever()
        send, receive = trio.open_memory_channel[int](0)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(send.send, 5)
            value = await receive.receive()
        return [value, scope.cancelled_caught, task is trio.lowlevel.current_task()]

    assert trio.run(by_hand, work) == [5, True, True]


def test_the_own_frame_of_an_exception_without_traceback() -> None:
    assert steps._without_own_frame(ValueError()) is None
