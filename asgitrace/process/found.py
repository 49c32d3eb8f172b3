"""The rings that are there: of processes that run, that have ended, that crashed."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asgitrace.clock import ClockAnchor
from asgitrace.errors import RingError
from asgitrace.ring import About, RingReader
from asgitrace.ring.directory import SUFFIX, ring_directories
from asgitrace.ring.processes import is_alive

RingState = Literal["running", "ended", "gone", "crashed"]


@dataclass(frozen=True, slots=True)
class FoundRing:
    """A ring file as it was when it was looked at."""

    path: Path
    pid: int
    about: About
    anchor: ClockAnchor
    alive: bool
    """Its process runs; also where that cannot be known."""
    state: RingState
    """``ended``: its writer said so. It did not, but is no more: ``crashed`` where exchanges were
    open, else ``gone``; so does a server end by a signal whose app has no lifespan."""
    age: float
    """Seconds since the ring was made, which is when the app was first called."""
    idle: float
    """Seconds since the last record; ``age`` where there is none."""
    written: int
    """Records since the ring was made."""
    fill: float
    """Share of the ring in use, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What lies in the runtime directory."""

    rings: list[FoundRing]
    """Those that run first, then by app, parent and process."""
    unreadable: dict[Path, str]
    """Files that are no sound rings, and why, in a sentence."""


def find_rings(directory: Path | None = None) -> list[FoundRing]:
    """The rings that are there, those that run first. Cheap enough to be asked for at every second
    frame.

    Raises RingError where the runtime directory is not one."""
    return survey(directory).rings


def survey(directory: Path | None = None) -> Survey:
    """The rings in a folder, by default in those where this user's are; see `find_rings`."""
    found = Survey([], {})
    for path in ring_paths(ring_folders(directory)):
        try:
            found.rings.append(look_at(path))
        except RingError as error:
            # One may go while it is looked at.
            if path.exists():
                found.unreadable[path] = str(error)
    found.rings.sort(key=_place)
    return found


def ring_folders(directory: Path | None = None) -> list[Path]:
    """Where to look: in one folder, by default in those where this user's rings are. Raises
    RingError as `find_rings` does."""
    return ring_directories() if directory is None else [directory]


def ring_paths(folders: Iterable[Path]) -> list[Path]:
    """The ring files in some folders."""
    return sorted(path for each in folders for path in each.glob(f"*{SUFFIX}"))


def look_at(path: Path) -> FoundRing:
    """A ring file as it is now. Raises RingError."""
    reader = RingReader.open(path)
    try:
        return glance(reader)
    finally:
        reader.close()


def glance(reader: RingReader) -> FoundRing:
    """What an open ring says now."""
    facts, about, now = reader.layout, reader.about, time.monotonic_ns()
    # Before its counters: one that ends meanwhile is then seen as closed, never as crashed.
    alive = is_alive(facts.pid, about.started)
    ring = reader.state()
    state: RingState = "ended" if ring.closed else "running" if alive else how_it_ended(reader)
    age = max(time.time_ns() - facts.anchor.wall_ns, 0) / 1e9
    idle = min(max(now - ring.latest, 0) / 1e9, age) if ring.written else age
    return FoundRing(
        path=reader.path,
        pid=facts.pid,
        about=about,
        anchor=facts.anchor,
        alive=alive,
        state=state,
        age=age,
        idle=idle,
        written=ring.written,
        fill=ring.fill,
    )


def how_it_ended(reader: RingReader) -> RingState:
    """In which state a ring is whose process is no more."""
    if reader.state().closed:
        return "ended"
    return "crashed" if reader.has_open_exchanges() else "gone"


def _place(ring: FoundRing) -> tuple[bool, str, int, int, Path]:
    return ring.state != "running", ring.about.app, ring.about.ppid, ring.pid, ring.path
