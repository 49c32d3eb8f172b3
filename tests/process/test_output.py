"""The streams of the app's process, and what the parent makes of their frames."""

import contextlib
import contextvars
import io
import logging
import logging.handlers
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.process.output import CURRENT, FramedPipe, Framer, Output, level_of, name_of
from asgitrace.process.output_frames import FRAME_LIMIT
from asgitrace.process.output_logging import LogTap
from asgitrace.process.output_reader import LINE_LIMIT, StreamReader
from asgitrace.store.model import LogLine

MARK = b"0123456789abcdef"
NOW = 2_000_000_000_000_000_000


@dataclass
class Pipe:
    """A pipe in place of that to the parent."""

    ends: tuple[int, int] = field(default_factory=os.pipe)

    @property
    def there(self) -> int:
        return self.ends[1]

    def read(self) -> bytes:
        os.set_blocking(self.ends[0], False)
        found = b""
        while True:
            try:
                more = os.read(self.ends[0], 1 << 20)
            except BlockingIOError:
                return found
            found += more

    def close(self) -> None:
        for end in self.ends:
            os.close(end)


def lines_of(data: bytes, *, ended: bool = True) -> list[LogLine]:
    """The lines of what was read."""
    reader = StreamReader("stdout", MARK)
    reader.feed(data, NOW)
    if ended:
        reader.finish(NOW)
    return reader.lines


def texts_of(data: bytes) -> list[str]:
    return [line.text for line in lines_of(data)]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    found = Pipe()
    yield found
    found.close()


@pytest.fixture
def framed(pipe: Pipe) -> FramedPipe:
    return FramedPipe(pipe.there, "<stdout>", Framer(MARK))


# One stream


def test_what_is_written_is_known_by_its_exchange(pipe: Pipe, framed: FramedPipe) -> None:
    context = contextvars.copy_context()
    context.run(CURRENT.set, 7)
    context.run(framed.write, b"of seven\n")
    framed.write(memoryview(b"of nobody\n"))
    one, other = lines_of(pipe.read())
    assert (one.text, one.exchange, one.stream, one.level) == ("of seven", 7, "stdout", 0)
    assert (other.text, other.exchange) == ("of nobody", 0)


def test_long_texts_come_whole(pipe: Pipe, framed: FramedPipe) -> None:
    text = b"a" * FRAME_LIMIT * 3 + b"\nb\n"
    assert framed.write(text) == len(text)
    data = pipe.read()
    one, other = lines_of(data)
    assert (one.text, one.continued) == (text[:-3].decode(), False)
    assert (other.text, other.continued) == ("b", True)


def test_a_redirected_stream_is_plain(pipe: Pipe, framed: FramedPipe) -> None:
    other = Pipe()
    kept = os.dup(pipe.there)
    os.dup2(other.there, pipe.there)
    framed.write(b"elsewhere\n")
    os.dup2(kept, pipe.there)
    os.close(kept)
    framed.write(b"here\n")
    assert other.read() == b"elsewhere\n"
    assert texts_of(pipe.read()) == ["here"]
    other.close()


def test_a_stream_that_is_closed(framed: FramedPipe, pipe: Pipe) -> None:
    with os.fdopen(os.dup(pipe.there), "wb") as kept:
        os.close(pipe.there)
        assert not framed.framed
        with pytest.raises(OSError, match="Bad file descriptor"):
            framed.write(b"x")
        os.dup2(kept.fileno(), pipe.there)
    framed.close()
    with pytest.raises(ValueError, match="closed"):
        framed.write(b"x")


def test_a_full_pipe_that_does_not_block(pipe: Pipe, framed: FramedPipe) -> None:
    os.set_blocking(pipe.there, False)
    while framed.write(b"x" * 4_000) is not None:
        pass
    assert set("".join(texts_of(pipe.read()))) == {"x"}


def test_a_stream_is_as_python_makes_it(framed: FramedPipe, pipe: Pipe) -> None:
    assert (framed.name, framed.mode, framed.fileno()) == ("<stdout>", "wb", pipe.there)
    assert framed.writable()
    assert not framed.isatty()


def test_who_was_forked_is_of_no_exchange(pipe: Pipe, framed: FramedPipe) -> None:
    context = contextvars.copy_context()
    context.run(CURRENT.set, 7)
    framer = framed._framer
    framer._in_child()
    context.run(framed.write, b"forked\n")
    assert framer.exchange == 0
    (line,) = lines_of(pipe.read())
    assert line.exchange == 0


# Both streams, and logging


@dataclass
class Child:
    """A process with our streams in the places of 1 and 2."""

    out: Pipe
    err: Pipe
    output: Output
    patch: pytest.MonkeyPatch

    def begin(self) -> None:
        """Within a test, as pytest puts streams of its own in place before it."""
        for name in ("stdout", "stderr"):
            self.patch.setattr(sys, name, getattr(sys, name))
        self.output.install()
        LogTap(self.output).install()

    def lines(self) -> list[LogLine]:
        found = []
        for stream, pipe in (("stdout", self.out), ("stderr", self.err)):
            reader = StreamReader(stream, MARK)
            reader.feed(pipe.read(), NOW)
            reader.finish(NOW)
            found += reader.lines
        return found

    def said(self) -> list[tuple[str, str, int, str, int]]:
        return [
            (line.text, line.stream, line.level, line.logger, line.exchange)
            for line in self.lines()
        ]


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    out, err = Pipe(), Pipe()
    streams = ((out.there, "<stdout>"), (err.there, "<stderr>"))
    monkeypatch.setattr("asgitrace.process.output._STREAMS", streams)
    for owner, name in (
        (logging.Logger, "callHandlers"),
        (logging.handlers.QueueListener, "handle"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    yield Child(out, err, Output(MARK), monkeypatch)
    out.close()
    err.close()


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    found = logging.getLogger("tests.output")
    found.propagate = False
    found.setLevel(logging.DEBUG)
    yield found
    found.handlers.clear()
    found.propagate = True


def test_print_and_partial_lines(child: Child) -> None:
    child.begin()
    print("one", end="")
    sys.stdout.flush()
    print(" two")
    print("wrong", file=sys.stderr)
    sys.stdout.buffer.write(b"bytes\n")
    assert [line[:2] for line in child.said()] == [
        ("one two", "stdout"), ("bytes", "stdout"), ("wrong", "stderr")
    ]  # fmt: skip


class Timers:
    """A loop whose timers are run by hand."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []
        self.cancelled = 0

    def call_later(self, delay: float, callback: Callable[[], None]) -> "Timers":
        self.calls.append(callback)
        return self

    def cancel(self) -> None:
        self.cancelled += 1


def test_unfinished_lines_are_written_after_a_moment(child: Child) -> None:
    child.begin()
    timers = Timers()
    child.output.stop()
    child.output.start(timers)
    print("begun", end="")
    timers.calls.pop()()
    assert [line.text for line in child.lines()] == ["begun"]
    sys.stdout.close()
    timers.calls.pop()()
    child.output.stop()
    assert (len(timers.calls), timers.cancelled) == (1, 1)


def test_streams_elsewhere_for_a_while(child: Child) -> None:
    child.begin()
    other = Pipe()
    with child.output.diverted({child.out.there: other.there}):
        print("there")
        print("here", file=sys.stderr)
    print("back")
    assert other.read() == b"there\n"
    assert [line.text for line in child.lines()] == ["back", "here"]
    other.close()


def test_records_are_told_from_the_rest(child: Child, logger: logging.Logger) -> None:
    child.begin()
    logger.addHandler(logging.StreamHandler())
    logger.addHandler(logging.StreamHandler(sys.stdout))
    logger.warning("two\nlines")
    print("plain")
    found = child.said()
    warned = [("two", 30, "tests.output", 0), ("lines", 30, "tests.output", 0)]
    assert [(text, *rest) for text, stream, *rest in found if stream == "stderr"] == warned
    assert ("plain", "stdout", 0, "", 0) in found


def test_records_that_nobody_wrote(child: Child, logger: logging.Logger) -> None:
    child.begin()

    def said() -> list[tuple[str, str, int]]:
        return [line[:3] for line in child.said()]

    logger.error("lone")
    logger.addHandler(logging.NullHandler())
    logger.error("nobody %d", 1)
    logger.handlers.clear()
    assert said() == [("lone", "stderr", 40), ("nobody 1", "log", 40)]
    deaf = logging.NullHandler(logging.ERROR)
    logger.addHandler(deaf)
    logger.info("refused")
    assert said() == []
    logger.error("wrong %d", "x", stack_info=True)
    first, *rest = said()
    assert first == ("wrong %d", "log", 40)
    assert rest[0][0] == "Stack (most recent call last):"
    try:
        raise KeyError("tea")
    except KeyError:
        logger.exception("no tea")
    assert said()[-1][0] == "KeyError: 'tea'"


def test_an_error_of_ours_is_nobodys(child: Child, logger: logging.Logger) -> None:
    child.begin()

    class Odd:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    logger.addHandler(logging.NullHandler())
    logger.error(Odd())
    assert child.lines() == []


def test_a_record_that_would_have_to_wait_is_counted(child: Child, logger: logging.Logger) -> None:
    """Nobody waits for a handler that writes nothing, so nobody waits for us either."""
    child.begin()
    logger.addHandler(logging.NullHandler())
    filling = b"x" * 4096
    os.set_blocking(child.err.there, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(child.err.there, filling)
    os.set_blocking(child.err.there, True)
    logger.error("one")
    logger.error("two")
    child.err.read()
    logger.error("three")
    assert [line.text for line in child.lines() if line.text][-2:] == [
        "\u2026 2 records were dropped or cut here: too many at once",
        "three",
    ]


def test_what_a_handler_made_of_a_record_is_not_made_again(
    child: Child, logger: logging.Logger
) -> None:
    child.begin()
    asked = []

    class Costly:
        def __str__(self) -> str:
            asked.append(1)
            return "costly"

    handler = logging.StreamHandler(io.StringIO())
    logger.addHandler(handler)
    logger.error("%s", Costly())
    assert (len(asked), child.said()) == (1, [("costly", "log", 40, "tests.output", 0)])


def test_what_is_no_record_is_the_listeners(child: Child) -> None:
    """A listener may take from its queue whatever it knows to prepare."""
    child.begin()

    class Preparing(logging.handlers.QueueListener):
        def prepare(self, record: Any) -> logging.LogRecord:
            return logging.makeLogRecord(record)

    listener = Preparing(queue.Queue(), logging.StreamHandler())
    listener.handle({"msg": "from afar", "levelno": 30})  # type: ignore[arg-type]
    assert [line.text for line in child.lines()] == ["from afar"]


def test_a_handler_that_raises(child: Child, logger: logging.Logger) -> None:
    child.begin()

    class Raising(logging.Handler):
        def handle(self, record: logging.LogRecord) -> bool:
            raise ZeroDivisionError

    logger.addHandler(Raising())
    with pytest.raises(ZeroDivisionError):
        logger.error("x")
    print("plain")
    assert child.said() == [("plain", "stdout", 0, "", 0)]


def test_records_through_a_queue(child: Child, logger: logging.Logger) -> None:
    child.begin()
    records: queue.Queue[Any] = queue.Queue()
    logger.addHandler(logging.handlers.QueueHandler(records))
    listener = logging.handlers.QueueListener(records, logging.StreamHandler())
    context = contextvars.copy_context()
    context.run(CURRENT.set, 7)
    context.run(logger.warning, "queued")
    assert child.lines() == []
    listener.handle(records.get())
    silent = logging.handlers.QueueListener(records, logging.NullHandler())
    context.run(logger.warning, "silent")
    silent.handle(records.get())
    for number in range(5_000):
        logger.debug("%d", number)
    assert child.said() == [
        ("queued", "stderr", 30, "tests.output", 7), ("silent", "log", 30, "tests.output", 7)
    ]  # fmt: skip


def test_the_servers_words_in_a_callback_are_of_no_exchange(child: Child) -> None:
    child.begin()
    own = logging.getLogger("asgitrace.server.tests")
    own.propagate = False
    own.addHandler(logging.StreamHandler())
    context = contextvars.copy_context()
    context.run(CURRENT.set, 7)
    context.run(own.warning, "whose")
    own.handlers.clear()
    assert child.said() == [("whose", "stderr", 30, "asgitrace.server.tests", 0)]


def test_where_a_record_was_made(child: Child, logger: logging.Logger) -> None:
    """As seen by a handler that goes up the stack, past the frames of logging."""
    child.begin()
    found = []

    class Looking(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            frame = sys._getframe()
            while frame.f_code.co_filename in (__file__, logging.__file__):
                if frame.f_code.co_name == "test_where_a_record_was_made":
                    found.append((record.funcName, frame.f_lineno))
                    return
                assert frame.f_back is not None
                frame = frame.f_back

    logger.addHandler(Looking())
    logger.warning("here")
    assert [name for name, _ in found] == ["test_where_a_record_was_made"]
    assert child.lines()


def test_nothing_is_told_where_nobody_listens(child: Child) -> None:
    child.begin()
    kept = [os.dup(pipe.there) for pipe in (child.out, child.err)]
    other = Pipe()
    os.dup2(other.there, child.err.there)
    child.output.tell("to stdout")
    os.dup2(other.there, child.out.there)
    child.output.tell("to nobody")
    assert other.read() == b""
    for pipe, fd in zip((child.out, child.err), kept, strict=True):
        os.dup2(fd, pipe.there)
        os.close(fd)
    assert child.said() == [("to stdout", "log", 0, "", 0)]
    other.close()


def test_levels_and_names() -> None:
    assert [level_of(value) for value in (-1, 0, 35, 10**9, "x")] == [1, 1, 35, 65_535, 1]
    assert name_of("\udcff" + "x" * 300) == b"\\udcff" + b"x" * 194


# The reader


@given(st.data())
def test_lines_are_the_same_however_they_are_read(data: st.DataObject) -> None:
    pipe = Pipe()
    framed = FramedPipe(pipe.there, "<stdout>", Framer(MARK))
    texts = st.text("ab\n\r0123", max_size=12).map(str.encode)
    for text in data.draw(st.lists(texts, max_size=8)):
        if data.draw(st.booleans()):
            framed.write(text)
        else:
            os.write(pipe.there, text)
    whole = pipe.read()
    pipe.close()
    reader = StreamReader("stdout", MARK)
    at = 0
    while at < len(whole):
        step = data.draw(st.integers(1, 60))
        reader.feed(whole[at : at + step], NOW)
        at += step
    reader.finish(NOW)
    key = [(line.text, line.exchange) for line in lines_of(whole)]
    assert [(line.text, line.exchange) for line in reader.lines] == key


def test_what_is_not_finished() -> None:
    reader = StreamReader("stderr", MARK)
    reader.feed(b"done\nbegun", NOW)
    assert [line.text for line in reader.unfinished()] == ["begun"]
    reader.settle(NOW + 1)
    assert [line.text for line in reader.lines] == ["done"]
    reader.settle(NOW + 10**10)
    assert [line.text for line in reader.lines] == ["done", "begun"]
    assert reader.unfinished() == []


def test_what_is_drawn_again_takes_no_room() -> None:
    reader = StreamReader("stderr", MARK)
    for number in range(10_000):
        reader.feed(b"\r%5d done" % number, NOW)
    (line,) = reader.unfinished()
    assert len(line.text) < 5_000
    assert line.text.endswith(" 9999 done")
    reader.feed(b"\n", NOW)
    assert len(reader.lines) == 1


def test_long_lines_are_cut(pipe: Pipe, framed: FramedPipe) -> None:
    lengths = [len(text) for text in texts_of(b"a" * (2 * LINE_LIMIT + 1) + b"\n")]
    assert lengths == [LINE_LIMIT, LINE_LIMIT, 1]
    reader = StreamReader("stdout", MARK)
    reader.feed(b"a" * (2 * LINE_LIMIT + 1), NOW)
    assert [len(line.text) for line in reader.lines] == [LINE_LIMIT, LINE_LIMIT]


def test_unfinished_lines_of_many(pipe: Pipe) -> None:
    """Too many of them: the oldest end where they are. Those of a record are no others'."""
    framed = FramedPipe(pipe.there, "<stdout>", Framer(MARK))
    for number in range(12):
        context = contextvars.copy_context()
        context.run(CURRENT.set, number + 1)
        context.run(framed.write, b"line %d" % number)
    reader = StreamReader("stdout", MARK)
    reader.feed(pipe.read(), NOW)
    assert [line.text for line in reader.lines] == [f"line {number}" for number in range(4)]
    assert [line.exchange for line in reader.unfinished()] == list(range(5, 13))


def test_a_record_does_not_go_on_with_what_was_printed(
    child: Child, logger: logging.Logger
) -> None:
    child.begin()
    handler = logging.StreamHandler(sys.stdout)
    logger.addHandler(handler)
    print("begun", end="")
    sys.stdout.flush()
    logger.warning("whole")
    assert [line[:3:2] for line in child.said()] == [("begun", 0), ("whole", 30)]


def test_a_beginning_of_a_frame_that_never_comes() -> None:
    assert texts_of(b"a" + MARK[:5]) == ["a" + MARK[:5].decode()]
    assert texts_of(b"b" + MARK + b"x") == [(b"b" + MARK + b"x").decode()]


def test_threads_have_lines_of_their_own(pipe: Pipe, framed: FramedPipe) -> None:
    framed.write(b"one ")
    thread = threading.Thread(target=framed.write, args=(b"two\n",))
    thread.start()
    thread.join()
    framed.write(b"three\n")
    assert texts_of(pipe.read()) == ["two", "one three"]
