"""Both streams in one order, and no more at a time than there is room for."""

import os
from collections.abc import Iterator
from typing import IO

import pytest

from asgitrace.process.output import FramedPipe, Framer
from asgitrace.process.output_pipes import OutputPipes, owned_by

MARK = b"0123456789abcdef"


class Streams:
    """Two pipes, and what writes to them."""

    def __init__(self) -> None:
        self.ends: dict[str, int] = {}
        pipes: dict[str, IO[bytes]] = {}
        for stream in ("stdout", "stderr"):
            here, self.ends[stream] = os.pipe()
            pipes[stream] = os.fdopen(here, "rb", buffering=0)
        self.pipes = OutputPipes(pipes, MARK)
        framer = Framer(MARK)
        self.out, self.err = (FramedPipe(fd, name, framer) for name, fd in self.ends.items())

    def texts(self) -> list[str]:
        return [line.text for line in self.pipes.lines(owned_by(3))]

    def close(self) -> None:
        self.pipes.close()
        for fd in self.ends.values():
            os.close(fd)


@pytest.fixture
def streams() -> Iterator[Streams]:
    found = Streams()
    yield found
    found.close()


def test_lines_of_both_are_in_the_order_of_their_writing(streams: Streams) -> None:
    for number in range(6):
        (streams.err if number % 2 else streams.out).write(b"%d\n" % number)
    streams.pipes.read()
    waiting = [streams.pipes.has_lines]
    assert streams.texts() == list("012345")
    waiting.append(streams.pipes.has_lines)
    assert waiting == [True, False]
    streams.pipes.read()
    assert streams.texts() == []


def test_what_is_later_waits_for_the_other_stream(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are read one after the other, and written to meanwhile."""
    times = iter((10, 20, 30))
    monkeypatch.setattr("asgitrace.process.output_pipes.time.time_ns", lambda: next(times))
    clock = iter((12, 11, 25))
    monkeypatch.setattr("asgitrace.process.output.time_ns", lambda: next(clock))
    streams.err.write(b"second\n")
    streams.pipes.read()
    assert streams.texts() == []
    streams.out.write(b"first\n")
    streams.err.write(b"third\n")
    streams.pipes.read()
    assert streams.texts() == ["first", "second"]
    streams.pipes.read()
    assert streams.texts() == ["third"]


def test_a_clock_that_was_set_back_holds_nothing_up(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asgitrace.process.output_pipes.time.time_ns", lambda: 10)
    streams.out.write(b"of tomorrow\n")
    streams.pipes.read()
    assert streams.texts() == ["of tomorrow"]


def test_too_many_are_read_and_given_by_portions(streams: Streams) -> None:
    for _ in range(6):
        os.write(streams.ends["stdout"], b"\n" * 10_000)
    streams.pipes.read()
    read = len(streams.texts())
    assert read == 1_500
    streams.pipes.drain()
    found: list[str] = []
    while more := streams.texts():
        found += more
    dropped = found[0]
    assert dropped.startswith("… ")
    assert "lines were dropped here" in dropped
    count = int(dropped.split()[1].replace(",", ""))
    assert read + count + len(found) - 1 == 60_000


def test_a_full_pipe_of_one_line(streams: Streams) -> None:
    os.set_blocking(streams.ends["stdout"], False)
    count = os.write(streams.ends["stdout"], b"x" * 2**20)
    streams.pipes.read()
    assert len(streams.pipes.unfinished(owned_by(0))) == 1
    streams.pipes.drain()
    assert sum(map(len, streams.texts())) == count


def test_what_is_not_finished(streams: Streams) -> None:
    streams.out.write(b"begun")
    streams.pipes.read()
    assert streams.texts() == []
    (line,) = streams.pipes.unfinished(owned_by(3))
    assert (line.text, line.source, line.stream) == ("begun", 3, "stdout")
    streams.pipes.drain()
    assert streams.texts() == ["begun"]
    assert streams.pipes.unfinished(owned_by(3)) == []


def test_a_stream_that_is_at_its_end(streams: Streams) -> None:
    os.close(streams.ends.pop("stderr"))
    streams.out.write(b"last\n")
    streams.pipes.read()
    streams.pipes.drain()
    assert streams.texts() == ["last"]
    streams.pipes.close()
    streams.pipes.read()
    streams.pipes.drain()
    assert streams.texts() == []


def test_after_the_end_nobody_is_waited_for(streams: Streams) -> None:
    """A process that the app left behind may write on and on."""
    streams.out.write(b"last\n")
    streams.pipes.drain()
    streams.out.write(b"of another\n")
    streams.pipes.read()
    streams.pipes.drain()
    assert streams.texts() == ["last"]


def test_lines_that_wait_take_no_more_than_there_is_room_for(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asgitrace.process.output_pipes._BACKLOG_BYTES", 100)
    for text in (b"a", b"b", b"c"):
        streams.out.write(text * 60 + b"\n")
    streams.pipes.read()
    streams.pipes.read()
    note, line = streams.texts()
    assert note.startswith("\u2026 2 lines were dropped here")
    assert line == "c" * 60
