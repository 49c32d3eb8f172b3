"""Following the rings of many processes: new ones as they come, all merged in time, each to its
end."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from asgitrace.errors import RingError
from asgitrace.process.found import (
    FoundRing,
    RingState,
    glance,
    how_it_ended,
    ring_folders,
    ring_paths,
)
from asgitrace.process.merging import Inlet, Merge, next_grain
from asgitrace.process.taking import SLICE_NS
from asgitrace.ring import Batch, RingReader
from asgitrace.store.model import Process
from asgitrace.store.session import FollowedProcess, Sink
from asgitrace.words import counted

_LOOK_NS: Final = 250_000_000
"""Between two looks at what there is, where no folder was changed."""
_LINGER_NS: Final = 1_000_000_000
"""For so long after its end in good order a ring may still get records: an app's task may outlive
its lifespan."""
_HURRIED_NS: Final = 60_000_000
"""How long one poll may take where a ring is half full of what is not read: the screen waits rather
than that records are lost."""
_FULL: Final = 1 / 2
_ENDS: Final = {
    "ended": "ended",
    "gone": "ended without a word, with no exchange open",
    "crashed": "was killed or crashed",
}
_PORTION: Final = 8192
_LEAST_PORTION: Final = 256
_ROOM: Final = 32 * 1024 * 1024
_LEAST_ROOM: Final = 1024 * 1024
"""Records and bytes that are held of all rings together, and at least of each."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What came of all rings so far."""

    processes: tuple[FollowedProcess, ...] = ()
    """In the order in which they came, those that ended too."""
    fill: float = 0.0
    """Of the fullest ring of those that run, 0 to 1."""
    missed: int = 0
    """Records that were overwritten before they were read."""
    before: int = 0
    """Records that had been overwritten before the ring was opened."""
    refused: int = 0
    faults: int = 0
    sampled: int = 0
    unsampled: int = 0

    @property
    def running(self) -> int:
        """Processes that have not ended."""
        return sum(each.state == "running" for each in self.processes)


class RingFollower:
    """Brings what the rings of several processes hold, and what they will, into a sink.

    Nothing of the rings is changed, and whoever writes them cannot tell.

    Args:
        wanted: is asked once of each ring that is found, in the order in which they were made, and
        chooses those that are followed.
        besides: ring files that lie elsewhere.
        directory: where the rings are; by default where this user's are.
        clock: monotonic ns, as the records are stamped with.
    """

    def __init__(
        self,
        wanted: Callable[[FoundRing], bool],
        *,
        directory: Path | None = None,
        besides: Iterable[Path] = (),
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wanted = wanted
        self._directory = directory
        self._besides = tuple(besides)
        self._clock = clock
        self._known: set[Path] = set()
        self._followed: list[_Followed] = []
        self._told: list[FollowedProcess] = []
        """By the number of the process."""
        self._totals = Totals()
        self._before = 0
        self._refused = self._faults = self._sampled = self._unsampled = 0
        """Of rings that are given up."""
        self._folders: list[Path] = []
        self._changes: list[int] = []
        """When each was last changed; only the first look tells which they are."""
        self._due = 0
        self._grain = 0
        self.complaints: list[str] = []
        """What was wrong with rings, each said once."""

    @property
    def totals(self) -> Totals:
        return self._totals

    def poll(self, sink: Sink, slice_ns: int = SLICE_NS) -> bool:
        """Find new rings, take in records for about so many ns, tell which processes have ended;
        whether there is more to take in at once."""
        started = self._clock()
        changes = [_changed(folder) for folder in self._folders]
        if started >= self._due or changes != self._changes:
            self._due, self._changes = started + _LOOK_NS, changes
            self._look_for_new(sink)
            for each in self._followed:
                each.look(started)
        if any(each.reader.behind >= _FULL for each in self._followed if not each.over):
            slice_ns = max(slice_ns, _HURRIED_NS)
        more = self._merge(sink, started + slice_ns)
        for each in [each for each in self._followed if each.spent]:
            self._end(each, sink)
        self._sum()
        return more

    def hurry(self) -> None:
        """Look for new rings and for ends at the next poll, however short a time ago that was."""
        self._due = 0

    def close(self) -> None:
        """Give up all rings; nothing may be called after it."""
        for each in self._followed:
            each.reader.close()
        self._followed.clear()

    def _look_for_new(self, sink: Sink) -> None:
        self._folders = ring_folders(self._directory)
        paths = dict.fromkeys([*ring_paths(self._folders), *self._besides])
        new = [path for path in paths if path not in self._known]
        self._known.intersection_update(paths)
        self._known.update(new)
        opened = [each for path in new if (each := self._open(path)) is not None]
        # The oldest first, so that the workers are numbered as they came.
        opened.sort(key=lambda each: (each[0].anchor.monotonic_ns, each[0].pid))
        came = []
        later = bool(self._told)
        for found, reader in opened:
            if self._wanted(found):
                came.append(self._follow(found, reader, sink))
                if later:
                    text = f"{_name(found)} started"
                    sink.note(came[-1].inlet.source, text, 0, found.anchor.wall_ns)
            else:
                reader.close()
        before = sum(each.before for each in came)
        self._before += before
        if before:
            whose = _name(came[0].found) if len(came) == 1 else counted(len(came), "process")
            text = f"{counted(before, 'event')} of {whose} had been overwritten before"
            source = came[0].inlet.source if len(came) == 1 else None
            sink.note(source, text, 0, time.time_ns())

    def _open(self, path: Path) -> tuple[FoundRing, RingReader] | None:
        try:
            reader = RingReader.open(path)
        except RingError as error:
            # One may go while it is looked at.
            if path.exists():
                self.complaints.append(str(error))
            return None
        return glance(reader), reader

    def _follow(self, found: FoundRing, reader: RingReader, sink: Sink) -> "_Followed":
        about, worker = found.about, len(self._told) + 1
        process = sink.add_process(
            found.pid, found.anchor, about.app, server=about.server, worker=worker
        )
        self._told.append(FollowedProcess(process, "running"))
        followed = _Followed(found, reader, process, worker - 1)
        self._followed.append(followed)
        return followed

    def _merge(self, sink: Sink, until: int) -> bool:
        count = max(len(self._followed), 1)
        sources = {each.inlet.source: each for each in self._followed}

        def deliver(source: int, batch: Batch) -> None:
            sources[source].count(batch)
            sink.take(source, batch)

        more = Merge(
            [each.inlet for each in self._followed],
            deliver,
            clock=self._clock,
            until=until,
            most=max(_PORTION // count, _LEAST_PORTION),
            room=max(_ROOM // count, _LEAST_ROOM),
            grain=self._grain,
        ).run()
        self._grain = next_grain(self._grain, more=more)
        return more

    def _end(self, each: "_Followed", sink: Sink) -> None:
        name, damage = _name(each.found), each.reader.damage
        state = each.reader.state()
        how = how_it_ended(each.reader)
        if damage is not None and how == "gone":
            # What it says of exchanges cannot be believed.
            how = "crashed"
        text = f"{name} {_ENDS[how]}"
        if damage is not None:
            text = f"The ring of {name} is damaged: {damage}"
            self.complaints.append(f"{text}.")
        # How it ended only its parent knows; when, nobody but who saw it run.
        now = self._clock() if each.seen_alive else state.latest
        sink.end_process(each.inlet.source, None, text, now)
        self._told[each.number] = each.tell(how)
        self._refused += state.refused
        self._faults += state.faults
        self._sampled += state.sampled
        self._unsampled += state.unsampled
        self._followed.remove(each)
        each.reader.close()

    def _sum(self) -> None:
        states = [each.reader.state() for each in self._followed]
        for each in self._followed:
            self._told[each.number] = each.tell("running")
        self._totals = Totals(
            tuple(self._told),
            max((state.fill for state in states), default=0.0),
            sum(each.missed for each in self._told),
            self._before,
            self._refused + sum(state.refused for state in states),
            self._faults + sum(state.faults for state in states),
            self._sampled + sum(state.sampled for state in states),
            self._unsampled + sum(state.unsampled for state in states),
        )


def _changed(folder: Path) -> int:
    """When files were last made or removed in it, in ns: a look that costs next to nothing."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _name(found: FoundRing) -> str:
    return f"{found.about.app or found.path.name} (pid {found.pid})"


class _Followed:
    """One ring that is followed."""

    __slots__ = ("_quiet_since", "_written", "before", "found", "inlet", "missed",
                 "number", "over", "process", "reader", "records", "seen_alive")  # fmt: skip

    def __init__(self, found: FoundRing, reader: RingReader, process: Process, number: int) -> None:
        self.found = found
        self.reader = reader
        self.process = process
        self.number = number
        """Among all that were followed."""
        self.inlet = Inlet(process.source, reader)
        self.before = reader.skip_overwritten()
        self.records = self.missed = 0
        self.seen_alive = found.state == "running"
        self.over = False
        """No more records come than are in it."""
        self._written = 0
        self._quiet_since = 0

    @property
    def spent(self) -> bool:
        """All that will ever be in it is handed on, or what is left cannot be read."""
        damaged = self.reader.damage is not None
        return self.inlet.empty and (damaged or (self.over and self.reader.behind <= 0))

    def count(self, batch: Batch) -> None:
        self.records += batch.count
        self.missed += batch.missed

    def look(self, now: int) -> None:
        """See whether more is to come."""
        found = glance(self.reader)
        if found.written != self._written or found.state == "running":
            self._written, self._quiet_since = found.written, now
        quiet = now - self._quiet_since >= _LINGER_NS
        self.over = not found.alive or (found.state == "ended" and quiet)

    def tell(self, state: RingState) -> FollowedProcess:
        fill = self.reader.state().fill
        return FollowedProcess(self.process, state, self.records, self.missed, fill)
