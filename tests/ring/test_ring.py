"""A ring between two processes: one that laps its reader, and one that is killed."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from asgitrace.ring import RingReader
from asgitrace.ring.layout import MINIMUM_SIZE

Content = Callable[[int, int], bytes]

PROLOGUE = f"""
import os, signal, sys
from pathlib import Path
from asgitrace.ring import RingMemory, RingWriter, writer as writer_module

def content(sequence, length):
    word = sequence.to_bytes(8, "little")
    return (word * (length // 8 + 1))[:length]

def length_of(sequence):
    return sequence * 7919 % 3000

writer = None
sequence = 0

def make():
    global writer
    writer = RingWriter(RingMemory.create(Path(sys.argv[1]), {MINIMUM_SIZE}))

def write():
    global sequence
    length = length_of(sequence)
    writer.write(1, 0, 1, sequence, 0, length, content(sequence, length))
    sequence += 1
"""

LIMIT = 60.0
"""Seconds after which a wait in a test has failed."""


def length_of(sequence: int) -> int:
    return sequence * 7919 % 3000


@contextmanager
def process(code: str, path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has made the ring at ``path``; killed at the end."""
    running = subprocess.Popen([sys.executable, "-c", PROLOGUE + code, str(path)])
    try:
        wait_until(path.exists, running)
        yield running
    finally:
        running.kill()
        running.wait(LIMIT)


def wait_until(condition: Callable[[], bool], running: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert running.poll() is None or condition(), f"ended with {running.returncode}"
        assert time.monotonic() < deadline


def read_rest(reader: RingReader, content: Content) -> tuple[int, int]:
    """Read all there is, check each record; returns how many were read and how many missed."""
    read = missed = 0
    first = None
    while True:
        batch = reader.poll()
        missed += batch.missed
        for record in batch.records():
            sequence = record.header.sequence
            first = sequence - read - missed if first is None else first
            assert sequence == first + read + missed
            assert record.header.called == sequence
            assert record.payload == content(sequence, length_of(sequence))
            read += 1
        if not batch.count and not batch.missed:
            break
    assert reader.damage is None
    return read, missed


def test_a_writer_that_laps_its_reader(tmp_path: Path, content: Content) -> None:
    path = tmp_path / "a.ring"
    code = """
make()
for _ in range(60_000): write()
writer.close(unlink=False)
"""
    with process(code, path) as running:
        reader = RingReader.open(path)
        read = missed = 0
        while True:
            closed = reader.state().closed
            more_read, more_missed = read_rest(reader, content)
            read, missed = read + more_read, missed + more_missed
            assert read + missed <= reader.state().written
            if closed:
                break
            # Not before there is more than the ring holds.
            lap = read + missed + 300
            wait_until(lambda: reader.state().closed or reader.state().written > lap, running)  # noqa: B023
        assert read + missed == reader.state().written == 60_000
        assert read > 0
        assert missed > 0
        assert running.wait(LIMIT) == 0


@pytest.mark.parametrize("seed", range(8))
def test_a_writer_that_is_killed_at_any_moment(tmp_path: Path, content: Content, seed: int) -> None:
    path = tmp_path / "a.ring"
    wanted = Random(seed).randrange(1, 20_000)
    with process("make()\nwhile True: write()", path) as running:
        reader = RingReader.open(path)
        wait_until(lambda: reader.state().written >= wanted, running)
        running.send_signal(signal.SIGKILL)
        running.wait(LIMIT)
    state = reader.state()
    read, missed = read_rest(reader, content)
    assert read > 0
    assert read + missed == state.written
    assert not state.closed


@pytest.mark.parametrize("complete", [0, 1, 100, 255, 256, 1_000])
@pytest.mark.parametrize("moment", ["payload", "header"])
def test_a_writer_that_dies_between_payload_and_next(
    tmp_path: Path, content: Content, moment: str, complete: int
) -> None:
    """Its payload is in the ring, in the first case without the header, in the second with it."""
    path = tmp_path / "a.ring"
    code = f"""
class Dying:
    def __getattr__(self, name):
        return getattr(counters, name)
    def __getitem__(self, which):
        return counters[which]
    def __setitem__(self, which, value):
        if which == 0 and value == {complete} + 1 and {moment == "header"}:
            os.kill(os.getpid(), signal.SIGKILL)
        counters[which] = value

adler32 = writer_module.adler32
def dying(*args):
    if len(args) == 2 and sequence >= {complete} and {moment == "payload"}:
        os.kill(os.getpid(), signal.SIGKILL)
    return adler32(*args)

writer_module.adler32 = dying
memory = RingMemory.create(Path(sys.argv[1]), {MINIMUM_SIZE})
counters, memory.counters = memory.counters, Dying()
writer = RingWriter(memory)
while True: write()
"""
    with process(code, path) as running:
        assert running.wait(LIMIT) == -signal.SIGKILL
    reader = RingReader.open(path)
    # The very first record has no payload to die behind.
    expected = 1 if moment == "payload" and complete == 0 else complete
    read, missed = read_rest(reader, content)
    assert read + missed == reader.state().written == expected
    assert bool(read) == bool(expected)


def test_two_readers_do_not_disturb_each_other(make_ring: Any) -> None:
    ring = make_ring()
    one, other = ring.reader(), ring.reader()
    ring.write(b"first")
    assert one.poll().count == 1
    ring.write(b"second")
    assert other.poll().count == 2
    assert one.poll().count == 1
