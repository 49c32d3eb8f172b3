"""``python -m benchmarks.ui.feeder RING``: writes a ring as an app's process does, at a set rate.

It does what the lines of its standard input say and answers each with a line: ``fill N`` writes so
many exchanges as fast as they are read, ``rate R`` from now on so many events a second (0: none),
``written`` tells how many events and exchanges there were. It ends with its standard input."""

import json
import mmap
import os
import select
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from asgitrace.ring import RingMemory, RingWriter
from benchmarks.ui.scene import Scene, record

READ: Final = ".read"
"""Behind the name of the ring: the file in which the viewer tells how many records it has read."""
RING_SIZE: Final = 64 * 1024 * 1024
_PORTION: Final = 500
_AHEAD: Final = 40_000
"""Records: a fifth of what the ring holds of this traffic."""
_NAP: Final = 0.002
_FILL_SECONDS: Final = 200
"""The time over which what is filled in is told to have happened."""


class Player:
    """Plays the scene again and again."""

    def __init__(self, scene: Scene, writer: RingWriter) -> None:
        self.scene = scene
        self.events = 0
        self.rounds = 0
        self._write = writer.write

    def play(self, start_ns: int, length_ns: int) -> Iterator[int]:
        """One round, within so much time from a moment on: tells before each record when it is
        due, in ns after the start."""
        write, scale, turn = self._write, length_ns / self.scene.length_ns, self.rounds
        for moment, what, marks, identity, step, called, returned, size, data in self.scene.records:
            yield int(moment * scale)
            write(
                what,
                marks,
                identity + step * turn,
                start_ns + int(called * scale),
                start_ns + int(returned * scale) if returned >= 0 else 0,
                size,
                data,
            )
            self.events += 1
        self.rounds += 1


class Feeder:
    """The process: obeys, and keeps its rate meanwhile."""

    def __init__(self, ring: Path, visits: int, *, wire: bool) -> None:
        scene = record(visits, wire=wire)
        with open(f"{ring}{READ}", "wb") as file:
            file.write(bytes(8))
        with open(f"{ring}{READ}", "rb") as file:
            self._read = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
        self._player = Player(scene, RingWriter(RingMemory.create(ring, RING_SIZE)))
        self._parent = os.getppid()
        self._rate = 0
        self._buffer = b""

    def run(self) -> None:
        """Until the end of the standard input."""
        self._say(ready=True, events_each=self._player.scene.events_each)
        while True:
            due = self._live() if self._rate else iter(())
            # Each round of the scene is one that no order cuts short.
            for _ in due:
                pass
            if not self._obey(wait=not self._rate):
                return

    def _live(self) -> Iterator[int]:
        scene, start = self._player.scene, time.monotonic_ns()
        length = len(scene.records) * 1_000_000_000 // self._rate
        now = 0
        for due in self._player.play(start, length):
            while due > now:
                now = time.monotonic_ns() - start
                if due > now:
                    time.sleep(_NAP)
            yield due
        while time.monotonic_ns() - start < length:
            time.sleep(_NAP)

    def _fill(self, exchanges: int) -> None:
        scene, player = self._player.scene, self._player
        rounds = -(-exchanges // scene.exchanges)
        length = _FILL_SECONDS * 1_000_000_000 // rounds
        start = max(1, time.monotonic_ns() - rounds * length)
        for turn in range(rounds):
            while player.events - struct.unpack("<Q", self._read[:8])[0] > _AHEAD:
                if os.getppid() != self._parent:
                    return
                time.sleep(_NAP)
            for _ in player.play(start + turn * length, length):
                pass

    def _obey(self, *, wait: bool) -> bool:
        ready, _, _ = select.select([0], [], [], None if wait else 0)
        if not ready:
            return True
        data = os.read(0, 4096)
        self._buffer += data
        *orders, self._buffer = self._buffer.split(b"\n")
        for order in orders:
            word, _, number = order.decode().partition(" ")
            if word == "fill":
                self._fill(int(number))
            elif word == "rate":
                self._rate = int(number)
            player = self._player
            self._say(events=player.events, exchanges=player.rounds * player.scene.exchanges)
        return bool(data)

    def _say(self, **facts: object) -> None:
        print(json.dumps(facts), flush=True)


def main() -> None:
    """Feed the ring named on the command line: ``RING VISITS wire|plain``."""
    ring, visits, wire = sys.argv[1:4]
    Feeder(Path(ring), int(visits), wire=wire == "wire").run()


if __name__ == "__main__":
    main()
