"""``python -m benchmarks.ui.viewer RING FD [LIMIT]``: the screen as it is, on the ring of a process
that runs already.

Only the session is ours, where the command line's would start an app: it reads the ring as that one
does. Through the socket with the number FD it is asked for figures that cannot be had from outside,
one line for a question, one for its answer:

- ``watch``: from now on note how late the loop is;
- ``tell``: stop that, and tell it with the store's counts;
- ``hurry`` and ``steady``: take in records for longer at a time, or as long as the product does;
- ``profile FILE``: from now on, and written there on ``tell``;
- ``match TEXT``: how long a filter takes that judges all rows;
- ``fail``: the next poll raises an error that is nobody's fault but ours."""

import asyncio
import cProfile
import json
import mmap
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from asgitrace.cli.splash import Splash
from asgitrace.process.taking import SLICE_NS, take_records
from asgitrace.ring import RingReader
from asgitrace.ring.processes import is_alive
from asgitrace.store.session import Session, SessionStatus, Sink
from asgitrace.tui.app import TraceApp
from benchmarks.ui.feeder import READ

_HURRIED: Final = 400_000_000
_STEP: Final = 0.005
"""Seconds between two looks at the loop."""


class Lateness:
    """How late the loop comes to what is due at moments that do not depend on it.

    A moment that passes while the loop is busy is late too, by what is left of the busy time: so a
    share of the moments is a share of the time, and no long stall counts as one."""

    def __init__(self) -> None:
        self.late_ns: list[int] = []
        self.held_ns = 0
        """The longest it was late by, less what other programs had of the processor meanwhile."""
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """From now on, from none."""
        self.late_ns.clear()
        self.held_ns = 0
        self._task = asyncio.get_running_loop().create_task(self._look())

    def end(self) -> None:
        """No more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _look(self) -> None:
        step = int(_STEP * 1e9)
        due = time.monotonic_ns() + step
        while True:
            busy = time.process_time_ns()
            await asyncio.sleep(max(0.0, (due - time.monotonic_ns()) / 1e9))
            now = time.monotonic_ns()
            self.held_ns = max(self.held_ns, min(now - due, time.process_time_ns() - busy))
            while due <= now:
                self.late_ns.append(now - due)
                due += step


class Slice:
    """The time that a matcher has at once, as in the screen."""

    def __init__(self) -> None:
        self._until = time.monotonic_ns() + SLICE_NS

    def go_on(self) -> bool:
        """Whether there is some left."""
        return time.monotonic_ns() < self._until


class RingOfAnother:
    """A session on the ring of a process that is not ours."""

    live = True
    title = "benchmarks.ui.shop:shop"

    def __init__(self, ring: Path, control: socket.socket) -> None:
        self._reader = RingReader.open(ring)
        with open(f"{ring}{READ}", "r+b") as file:
            self._read = mmap.mmap(file.fileno(), 8)
        self._control = control
        self._buffer = b""
        self._lateness = Lateness()
        self._slice = SLICE_NS
        self._profile: tuple[cProfile.Profile, str] | None = None
        self._source: int | None = None
        self._sink: Any = None
        self._failing = False
        self._taken = 0
        self._missed = 0
        self._status = SessionStatus("serving", "http://127.0.0.1:8000", loop="asyncio")

    def start(self) -> None:
        """From now on questions are answered."""
        asyncio.get_running_loop().add_reader(self._control, self._asked)

    def restart(self) -> None:
        """There is nothing to start."""

    async def stop(self) -> None:
        """There is nothing to stop."""
        asyncio.get_running_loop().remove_reader(self._control)

    def status(self) -> SessionStatus:
        """It serves."""
        return self._status

    def poll(self, sink: Sink) -> None:
        """Take in records for a slice of time, as `LiveSession` does."""
        if self._failing:
            raise ZeroDivisionError("a defect, for the benchmark")
        if self._source is None:
            layout = self._reader.layout
            assert is_alive(layout.pid)
            self._source = sink.add_process(layout.pid, layout.anchor, self.title).source
        self._sink = sink
        taken = take_records(self._reader, sink, self._source, self._slice)
        self._taken += taken.count
        self._missed += taken.missed
        state = self._reader.state()
        self._status = SessionStatus(
            "serving", self._status.address, loop="asyncio", fill=state.fill, missed=self._missed
        )
        self._read[:8] = struct.pack("<Q", self._taken + self._missed)

    def _asked(self) -> None:
        data = self._control.recv(4096)
        self._buffer += data
        *questions, self._buffer = self._buffer.split(b"\n")
        for question in questions:
            word, _, rest = question.decode().partition(" ")
            try:
                told = _ANSWERS[word](self, rest) or {}
            except Exception as error:  # Whoever asks waits for an answer.
                told = {"failure": f"{type(error).__name__}: {error}"}
            self._control.sendall(json.dumps({**self._facts(), **told}).encode() + b"\n")
        if not data:
            asyncio.get_running_loop().remove_reader(self._control)

    def _facts(self) -> dict[str, Any]:
        own = {"taken": self._taken, "missed": self._missed}
        store = self._sink
        if store is None:  # asked before the first poll
            return own
        return {
            **own,
            "rows": len(store.numbers),
            "dropped": store.dropped_total,
            "evicted": store.evicted_total,
            "bytes_used": store.bytes_used,
        }

    def watch(self, _: str) -> None:
        """Note how late the loop is."""
        self._lateness.begin()

    def tell(self, _: str) -> dict[str, Any]:
        """Stop what was begun."""
        self._lateness.end()
        if self._profile is not None:
            profile, file = self._profile
            profile.disable()
            profile.dump_stats(file)
            self._profile = None
        return {"late_ns": self._lateness.late_ns, "held_ns": self._lateness.held_ns}

    def match(self, text: str) -> dict[str, Any]:
        """Judge all rows, a slice at a time, until it is done."""
        # Late, as in the screen.
        from asgitrace.filter import compile_filter, match

        started = time.perf_counter()
        now, first = time.monotonic_ns(), None
        matcher = match(compile_filter(text), self._sink)
        while not matcher.done and not matcher.failure:
            matcher.advance(now, Slice().go_on)
            if first is None and len(matcher.numbers):
                first = time.perf_counter() - started
        taken = time.perf_counter() - started
        return {
            "failure": matcher.failure,
            "first_ms": (first or taken) * 1e3,
            "all_ms": taken * 1e3,
            "hits": len(matcher.numbers),
        }

    def fail(self, _: str) -> None:
        """Have the screen go down."""
        self._failing = True

    def hurry(self, _: str) -> None:
        """Take in more at a time."""
        self._slice = _HURRIED

    def steady(self, _: str) -> None:
        """Take in as much at a time as the product."""
        self._slice = SLICE_NS

    def profile(self, file: str) -> None:
        """Begin a profile of the loop's thread."""
        self._profile = cProfile.Profile(), file
        self._profile[0].enable()


_ANSWERS: Final[dict[str, Callable[[RingOfAnother, str], dict[str, Any] | None]]] = {
    "watch": RingOfAnother.watch,
    "tell": RingOfAnother.tell,
    "hurry": RingOfAnother.hurry,
    "steady": RingOfAnother.steady,
    "profile": RingOfAnother.profile,
    "match": RingOfAnother.match,
    "fail": RingOfAnother.fail,
}


def main() -> None:
    """Run until somebody quits."""
    splash = Splash()
    splash.show_for(sys.argv)
    ring, descriptor, *limit = sys.argv[1:]
    session: Session = RingOfAnother(Path(ring), socket.socket(fileno=int(descriptor)))

    def open_store() -> Any:
        from asgitrace.store import Store

        return Store(int(limit[0])) if limit else Store()

    splash.hand_over()
    app = TraceApp(session, open_store, save=lambda *_: None)
    app.run()
    sys.exit(app.return_code or 0)


if __name__ == "__main__":
    main()
