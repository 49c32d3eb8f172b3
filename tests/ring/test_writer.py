import contextlib
import gc
import os
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.errors import RingError
from asgitrace.events import Flag, pack_identity, pack_marks, pack_what
from asgitrace.ring import RingMemory, RingWriter
from asgitrace.ring import writer as writer_module
from asgitrace.ring.layout import (
    CLOSED,
    FAULTS,
    FIRST,
    MINIMUM_SIZE,
    NEXT,
    OPEN,
    REFUSED,
    SAMPLED,
    STATE,
    UNSAMPLED,
)

Ring = Any
"""Of conftest, which cannot be imported from."""


class Meddling(bytes):
    """A payload that does something while it is being written."""

    meddle: Callable[[], None]

    def __new__(cls, payload: bytes, meddle: Callable[[], None]) -> Self:
        made = super().__new__(cls, payload)
        made.meddle = meddle
        return made

    def __len__(self) -> int:
        self.meddle()
        return super().__len__()


def raise_interrupt() -> None:
    raise KeyboardInterrupt


class TestRecords:
    def test_a_record_is_read_as_it_was_written(self, ring: Ring) -> None:
        ring.writer.write(
            pack_what(2, 1, 2, 7), pack_marks(404, 9), pack_identity(5, 6), 11, 12, 13, b"payload"
        )
        (record,) = ring.records()
        header = record.header
        assert record.payload == b"payload"
        assert (header.kind, header.phase, header.outcome, header.message) == (2, 1, 2, 7)
        assert (header.number, header.flags, header.exchange, header.call) == (404, 9, 5, 6)
        assert (header.called, header.returned, header.size) == (11, 12, 13)
        assert (header.sequence, header.position, header.length) == (0, 0, 7)

    def test_the_largest_fields_fit(self, ring: Ring) -> None:
        ring.writer.write(
            2**32 - 1, 2**32 - 1, 2**64 - 1, 2**63 - 1, -(2**63), 2**64 - 1, b"payload"
        )
        header = ring.records()[0].header
        assert (header.exchange, header.call, header.size) == (2**32 - 1, 2**32 - 1, 2**64 - 1)
        assert (header.number, header.flags, header.message) == (2**16 - 1, 2**16 - 1, 255)
        assert (header.called, header.returned) == (2**63 - 1, -(2**63))

    def test_time_may_go_backwards(self, ring: Ring) -> None:
        for called in (30, 20, 10):
            ring.write(b"", called=called)
        assert [record.header.called for record in ring.records()] == [30, 20, 10]

    def test_the_last_bytes_of_the_ring_are_used(self, ring: Ring) -> None:
        whole = bytes(range(256)) * (ring.memory.layout.capacity // 256)
        for _ in range(3):
            ring.write(whole)
        assert [record.payload for record in ring.records()] == [whole]
        assert ring.counter(FIRST) == 2

    def test_a_payload_larger_than_the_ring_is_refused_and_its_header_written(
        self, ring: Ring
    ) -> None:
        ring.write(b"before")
        ring.write(bytes(ring.memory.layout.capacity + 1), size=99)
        ring.write(b"after")
        before, refused, after = ring.records()
        assert ring.counter(REFUSED) == 1
        assert (before.payload, refused.payload, after.payload) == (b"before", b"", b"after")
        assert refused.header.flags == Flag.OVERSIZE
        assert refused.header.size == 99

    def test_a_payload_longer_than_a_header_can_say_is_refused(
        self, ring: Ring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer_module, "_LENGTH_LIMIT", 99)
        ring.write(bytes(99))
        ring.write(bytes(2_000))
        assert [record.header.length for record in ring.records()] == [99, 0]
        assert ring.counter(REFUSED) == 1

    @settings(
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 60_000) | st.integers(0, 300),
                st.sampled_from([0, 0, 0, -1, 2**64]),
            ),
            max_size=60,
        )
    )
    def test_a_record_with_a_field_out_of_range_is_not_there_and_harms_no_other(
        self, make_ring: Callable[..., Ring], content: Any, steps: list[tuple[int, int]]
    ) -> None:
        ring = make_ring()
        written: list[bytes] = []
        for length, size in steps:
            payload = content(len(written), length)
            if 0 <= size < 2**64:
                ring.write(payload, size=size)
                written.append(payload if length <= ring.memory.layout.capacity else b"")
            else:
                with pytest.raises(struct.error):
                    ring.write(payload, size=size)
            records = ring.records()
            assert [record.payload for record in records] == written[len(written) - len(records) :]
        assert ring.counter(NEXT) == len(written)


class TestInterruptions:
    def test_a_write_within_a_write_is_written_after_it(self, ring: Ring) -> None:
        inner = iter([b"inner"])

        def meddle() -> None:
            for payload in inner:
                ring.write(payload)

        ring.write(Meddling(b"outer", meddle))
        ring.write(b"next")
        assert [record.payload for record in ring.records()] == [b"outer", b"inner", b"next"]

    def test_many_writes_within_a_write_are_no_recursion(self, make_ring: Any) -> None:
        ring = make_ring(4 * 1024 * 1024)
        numbers = iter(range(5_000))

        def meddle() -> None:
            for number in numbers:
                ring.write(b"", call=number)

        ring.write(Meddling(b"outer", meddle), call=9_999)
        assert [record.header.call for record in ring.records()] == [9_999, *range(5_000)]

    def test_those_that_wait_are_limited_and_the_rest_counted(
        self, ring: Ring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer_module, "_DEFERRED_LIMIT", 3)
        numbers = iter(range(10))

        def meddle() -> None:
            for number in numbers:
                ring.write(b"", call=number)

        ring.write(Meddling(b"outer", meddle), call=99)
        assert [record.header.call for record in ring.records()] == [99, 0, 1, 2]
        assert ring.counter(REFUSED) == 7

    def test_one_that_waited_and_cannot_be_written_is_counted(self, ring: Ring) -> None:
        sizes = iter([-1, 5])

        def meddle() -> None:
            for size in sizes:
                ring.write(b"inner", size=size)

        ring.write(Meddling(b"outer", meddle))
        assert [record.header.size for record in ring.records()] == [0, 5]
        assert ring.counter(FAULTS) == 1

    def test_a_finaliser_that_writes_loses_nothing(self, ring: Ring) -> None:
        class Finalised:
            def __init__(self) -> None:
                self.cycle = self

            def __del__(self) -> None:
                ring.write(b"finalised")

        def meddle() -> None:
            Finalised()
            gc.collect()

        ring.write(Meddling(b"outer", meddle))
        payloads = [record.payload for record in ring.records()]
        assert payloads[0] == b"outer"
        assert set(payloads[1:]) == {b"finalised"}

    def test_an_exception_in_a_write_leaves_the_ring_usable(self, ring: Ring) -> None:
        ring.write(b"before")
        with pytest.raises(KeyboardInterrupt):
            ring.write(Meddling(b"interrupted", raise_interrupt))
        ring.write(b"after")
        assert [record.payload for record in ring.records()] == [b"before", b"after"]

    @pytest.mark.parametrize("waiting", [False, True])
    def test_an_exception_just_after_the_token_was_taken_gives_it_back(
        self, ring: Ring, waiting: bool
    ) -> None:
        """What a signal handler may do, done by a profiler at that very place."""
        interrupted = 0

        def interrupt(frame: FrameType, event: str, arg: Any) -> None:
            nonlocal interrupted
            in_place = frame.f_code.co_name == ("drain" if waiting else "write")
            if event == "c_return" and arg.__name__ == "pop" and in_place and not interrupted:
                interrupted += 1
                raise KeyboardInterrupt

        payload = Meddling(b"first", lambda: ring.write(b"second")) if waiting else b"lost"
        sys.setprofile(interrupt)
        try:
            with pytest.raises(KeyboardInterrupt):
                ring.write(payload)
        finally:
            sys.setprofile(None)
        assert interrupted == 1
        ring.write(b"after")
        payloads = [record.payload for record in ring.records()]
        assert payloads[-1] == b"after"
        assert payloads[:-1] == ([b"first", *[b"second"] * (len(payloads) - 2)] if waiting else [])

    def test_another_thread_that_is_faster_writes_what_waits(self, ring: Ring) -> None:
        """The token is there when it is looked at and gone when it is taken."""
        taken: list[list[bool]] = []

        def take_first(frame: FrameType, event: str, arg: Any) -> None:
            if event == "c_call" and arg.__name__ == "pop" and frame.f_code.co_name == "drain":
                arg.__self__.pop()
                taken.append(arg.__self__)

        inner = iter([b"inner"])

        def meddle() -> None:
            for payload in inner:
                ring.write(payload)

        sys.setprofile(take_first)
        try:
            ring.write(Meddling(b"outer", meddle))
        finally:
            sys.setprofile(None)
        assert [record.payload for record in ring.records()] == [b"outer"]
        taken[0].append(True)
        ring.write(b"next")
        assert [record.payload for record in ring.records()] == [b"outer", b"inner", b"next"]

    @pytest.mark.parametrize("before", [0, 255, 256, 400])
    @pytest.mark.parametrize("length", [0, 150, 30_000])
    def test_signal_handlers_that_raise_at_any_moment(
        self, make_ring: Any, content: Any, before: int, length: int
    ) -> None:
        """After each call of a write in turn, which is where the interpreter runs them."""
        moment = 0
        while True:
            ring = make_ring()
            written: list[bytes] = []
            for number in range(before):
                ring.write(content(number, 150))
                written.append(content(number, 150))
            payload = content(before, length)
            interrupted = interrupt_at(moment, partial(ring.write, payload))
            last = ring.counter(NEXT)
            if last > before:
                written.append(payload)
            else:
                assert interrupted
            for number in range(last, last + 320):
                ring.write(content(number, number))
                written.append(content(number, number))
                if number % 40 == 0:
                    records = ring.records()
                    assert records[-1].header.sequence == number
                    assert [record.payload for record in records] == written[-len(records) :]
            if not interrupted:
                break
            moment += 1
        assert moment > 4


def interrupt_at(moment: int, act: Callable[[], None]) -> bool:
    """Act, and raise KeyboardInterrupt at the moment-th place where a signal handler may."""
    moments = iter(range(moment + 1))
    interrupted = False

    def interrupt(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal interrupted
        ours = frame.f_code.co_filename == writer_module.__file__
        if ours and event in {"call", "c_return"} and next(moments, None) == moment:
            interrupted = True
            raise KeyboardInterrupt

    sys.setprofile(interrupt)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            act()
    finally:
        sys.setprofile(None)
    return interrupted


class TestThreads:
    def test_eight_threads_lose_nothing_and_each_stays_in_order(self, make_ring: Any) -> None:
        each = 20_000
        ring = make_ring(48 * 1024 * 1024)
        write = ring.writer.write
        barrier = threading.Barrier(8)

        def run(number: int) -> None:
            barrier.wait()
            for call in range(each):
                write(pack_what(1), 0, pack_identity(number, call), 0, 0, 0, b"%d" % call)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
        interval = sys.getswitchinterval()
        # So short that threads meet in the middle of writes.
        sys.setswitchinterval(1e-5)
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            sys.setswitchinterval(interval)
        records = ring.records()
        assert [record.header.sequence for record in records] == list(range(8 * each))
        calls: dict[int, list[int]] = {number: [] for number in range(8)}
        for record in records:
            calls[record.header.exchange].append(record.header.call)
            assert record.payload == b"%d" % record.header.call
        assert all(made == list(range(each)) for made in calls.values())
        assert ring.counter(FAULTS) == ring.counter(REFUSED) == 0


class TestEnd:
    def test_faults_are_counted(self, ring: Ring) -> None:
        ring.writer.count_fault()
        ring.writer.count_fault()
        assert ring.counter(FAULTS) == 2

    def test_what_sampling_did_is_counted(self, ring: Ring) -> None:
        ring.writer.count_sampled()
        for _ in range(3):
            ring.writer.count_unsampled()
        ring.writer.count_refused(5)
        counters = [ring.counter(which) for which in (SAMPLED, UNSAMPLED, REFUSED)]
        assert counters == [1, 3, 5]

    @pytest.mark.parametrize("unlink", [True, False])
    def test_a_closed_ring_is_marked_and_its_file_removed_if_asked(
        self, ring: Ring, unlink: bool
    ) -> None:
        assert ring.counter(STATE) == OPEN
        ring.writer.close(unlink=unlink)
        ring.writer.close(unlink=unlink)
        assert ring.counter(STATE) == CLOSED
        assert ring.path.exists() is not unlink

    def test_writing_goes_on_after_closing(self, ring: Ring) -> None:
        ring.writer.close(unlink=False)
        ring.write(b"late")
        assert [record.payload for record in ring.records()] == [b"late"]

    def test_the_writer_of_another_process_is_not_touched(
        self, ring: Ring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert ring.writer.belongs_to_this_process
        pid = os.getpid()
        monkeypatch.setattr(os, "getpid", lambda: pid + 1)
        assert not ring.writer.belongs_to_this_process
        ring.writer.count_fault()
        ring.writer.count_refused(3)
        ring.writer.close(unlink=True)
        assert ring.counter(FAULTS) == 0
        assert ring.counter(REFUSED) == 0
        assert ring.counter(STATE) == OPEN
        assert ring.path.exists()


class TestFork:
    def test_an_abandoned_writer_writes_nothing_more(self, ring: Ring) -> None:
        for number in range(300):
            ring.write(b"%d" % number)
        before = ring.path.read_bytes()
        writer_module._abandon_all()
        for number in range(1_000):
            ring.write(b"%d" % number)
        ring.write(bytes(100_000))
        assert ring.path.read_bytes() == before

    def test_a_child_forked_in_the_middle_of_a_write_gathers_no_records(self, ring: Ring) -> None:
        ring.write(Meddling(b"outer", writer_module._abandon_all))
        ring.write(b"after")
        assert ring.records() == []

    def test_a_forked_child_leaves_the_ring_to_its_parent(self, ring: Ring) -> None:
        code = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "from asgitrace.ring import RingMemory, RingWriter\n"
            f"writer = RingWriter(RingMemory.create(Path(sys.argv[1]), {MINIMUM_SIZE}))\n"
            "def write(call): writer.write(1, 0, 1 | call << 32, 0, 0, 0, b'x' * 100)\n"
            "write(1)\n"
            "if not os.fork():\n"
            "    for call in range(1_000): write(call)\n"
            "    writer.close(unlink=True)\n"
            "    os._exit(0)\n"
            "os.wait()\n"
            "write(2)\n"
        )
        path = ring.path.with_name("forked.ring")
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, timeout=60)
        forked = type(ring)(RingMemory.open(path))
        assert [record.header.call for record in forked.records()] == [1, 2]
        assert forked.counter(STATE) == OPEN

    def test_writers_that_are_gone_are_forgotten(self, tmp_path: Any) -> None:
        gc.collect()
        before = len(writer_module._abandons)
        writer = RingWriter(RingMemory.create(tmp_path / "gone.ring", MINIMUM_SIZE))
        assert len(writer_module._abandons) == before + 1
        del writer
        gc.collect()
        assert len(writer_module._abandons) == before


def test_an_error_names_the_bounds(make_ring: Any) -> None:
    with pytest.raises(RingError, match="choose from"):
        make_ring(1)


def test_nothing_of_a_writer_waits_for_the_garbage_collector(ring: Ring) -> None:
    # It holds the memory of the ring, 64 MiB, and each lifespan that is over leaves one.
    writer = RingWriter(ring.memory)
    writer.write(pack_what(1), 0, pack_identity(1, 0), 0, 0, 0, b"payload")
    seen = weakref.ref(writer.write)
    gc.disable()
    try:
        del writer
        assert seen() is None
    finally:
        gc.enable()
