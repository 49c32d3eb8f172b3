"""Many rings at once: new ones as they come, all in order, each to its end, none disturbed."""

import itertools
import os
import time
from pathlib import Path

import pytest

from asgitrace.process.following import RingFollower
from asgitrace.ring import RingReader
from asgitrace.ring.layout import MINIMUM_SIZE, NEXT, SLOTS_OFFSET
from asgitrace.store import RowKind, State, Store
from tests.made_up_workers import Workers

SECOND = 1_000_000_000


class Viewer:
    """A follower of all rings, with a store, and a clock that goes on by itself."""

    def __init__(self, *, besides: tuple[Path, ...] = ()) -> None:
        self.start = time.monotonic_ns()
        self.passed = itertools.count(self.start, 1000)
        self.skipped = 0
        self.asked: list[int] = []
        self.follower = RingFollower(self.wants, besides=besides, clock=self.clock)
        self.store = Store()
        self.unwanted: set[int] = set()

    def clock(self) -> int:
        return next(self.passed) + self.skipped

    def wants(self, found: object) -> bool:
        pid = int(getattr(found, "pid"))  # noqa: B009
        self.asked.append(pid)
        return pid not in self.unwanted

    def look(self, seconds: float = 1.0) -> None:
        """So much later, until there is nothing more to take in."""
        self.skipped += int(seconds * SECOND)
        while self.follower.poll(self.store, 10**12):
            pass

    @property
    def rows(self) -> list[str]:
        """What the rows are called, in their order; of processes what is said."""
        return [self.store.row(number, 0).path for number in self.store.numbers.tolist()]

    @property
    def states(self) -> list[tuple[int, str]]:
        return [(each.process.pid, each.state) for each in self.follower.totals.processes]


@pytest.fixture
def viewer(workers: Workers) -> Viewer:
    return Viewer()


def test_exchanges_of_all_are_in_the_order_in_which_they_began(
    workers: Workers, viewer: Viewer
) -> None:
    made = [workers.start(pid) for pid in (11, 12, 13)]
    for number in range(30):
        made[number % 3].exchange(viewer.start - SECOND + number * 100, title=f"/{number}")
    viewer.look()
    assert viewer.rows == [f"/{number}" for number in range(30)]
    assert viewer.states == [(11, "running"), (12, "running"), (13, "running")]
    processes = viewer.store.processes
    assert [(each.worker, each.target) for each in processes] == [
        (1, "shop:app"),
        (2, "shop:app"),
        (3, "shop:app"),
    ]


def test_only_those_that_are_wanted_and_each_is_asked_about_once(
    workers: Workers, viewer: Viewer
) -> None:
    workers.start(11).exchange(1, title="/wanted")
    workers.start(12).exchange(2, title="/other")
    viewer.unwanted.add(12)
    for _ in range(3):
        viewer.look()
    assert viewer.rows == ["/wanted"]
    assert viewer.asked == [11, 12]


def test_new_ones_are_followed_as_they_come(workers: Workers, viewer: Viewer) -> None:
    first = workers.start(11)
    first.exchange(1, title="/1")
    viewer.look()
    second = workers.start(12)
    second.exchange(2, title="/2")
    os.utime(workers.directory, ns=(5, 5))
    viewer.look(0.001)
    assert viewer.rows == ["/1", "shop:app (pid 12) started", "/2"]
    third = workers.start(13)
    third.exchange(3, title="/3")
    # As if within one tick of the system's clock: the folder does not seem changed.
    os.utime(workers.directory, ns=(5, 5))
    viewer.look(0.001)
    assert viewer.rows == ["/1", "shop:app (pid 12) started", "/2"]
    viewer.follower.hurry()
    viewer.look(0.001)
    started = [f"shop:app (pid {pid}) started" for pid in (12, 13)]
    assert viewer.rows == ["/1", started[0], "/2", started[1], "/3"]
    assert [each.worker for each in viewer.store.processes] == [1, 2, 3]


def test_one_that_is_killed_is_read_to_its_end_and_stays(workers: Workers, viewer: Viewer) -> None:
    worker = workers.start(11)
    worker.exchange(viewer.start)
    viewer.look()
    worker.exchange(viewer.start + 5, title="/last")
    worker.call(viewer.start + 20)
    workers.kill(11)
    viewer.look()
    viewer.look()
    assert viewer.rows[1] == "/last"
    kinds = viewer.store.kind.tolist()
    assert kinds.count(RowKind.PROCESS) == 1
    last = viewer.store.row(int(viewer.store.numbers[-1]), 0)
    assert last.path == "shop:app (pid 11) was killed or crashed"
    assert State.LOST in viewer.store.state.tolist()
    assert viewer.states == [(11, "crashed")]
    assert viewer.follower.totals.running == 0
    assert worker.path.exists()


def test_one_that_ends_in_good_order_says_so_and_may_be_late_with_a_record(
    workers: Workers, viewer: Viewer
) -> None:
    worker = workers.start(11)
    worker.exchange(viewer.start, title="/1")
    viewer.look()
    worker.end()
    worker.path.unlink()
    viewer.look(0.3)
    worker.exchange(viewer.start + 20, title="/late")
    viewer.look(0.3)
    assert viewer.states == [(11, "running")]
    viewer.look(2)
    assert viewer.states == [(11, "ended")]
    assert viewer.rows[:2] == ["/1", "/late"]
    last = viewer.store.row(int(viewer.store.numbers[-1]), 0)
    assert last.path == "shop:app (pid 11) ended"


def test_another_ring_of_the_same_process_is_another_worker(
    workers: Workers, viewer: Viewer
) -> None:
    workers.start(11).end()
    workers.start(11).exchange(3)
    viewer.look(2)
    viewer.look(2)
    assert viewer.states == [(11, "ended"), (11, "running")]


def test_what_was_overwritten_before_is_not_missed(workers: Workers, viewer: Viewer) -> None:
    worker = workers.start(11)
    for number in range(1000):
        worker.exchange(number)
    viewer.look()
    totals = viewer.follower.totals
    assert (totals.missed, viewer.store.missed_total) == (0, 0)
    assert totals.before > 1000
    assert totals.before + sum(each.records for each in totals.processes) == 2000
    notes = [
        viewer.store.row(number, 0).path
        for number, kind in zip(viewer.store.numbers.tolist(), viewer.store.kind, strict=True)
        if kind == RowKind.PROCESS
    ]
    assert notes == [f"{totals.before:,} events of shop:app (pid 11) had been overwritten before"]


def test_what_was_too_fast_is_missed(workers: Workers, viewer: Viewer) -> None:
    worker = workers.start(11)
    worker.exchange(1)
    viewer.look()
    for number in range(1000):
        worker.exchange(number + 2)
    viewer.look()
    totals = viewer.follower.totals
    assert totals.before == 0
    assert totals.missed == viewer.store.missed_total > 1000
    assert totals.missed + totals.processes[0].records == 2002
    assert totals.processes[0].missed == totals.missed


def test_damaged_rings_are_said_once_and_the_others_go_on(workers: Workers, viewer: Viewer) -> None:
    sound, damaged = workers.start(11), workers.start(12)
    broken = workers.directory / "13-a.ring"
    broken.write_bytes(b"ASGITRCE")
    sound.exchange(1, title="/sound")
    damaged.exchange(2, title="/before")
    viewer.look()
    damaged.writer.memory.counters[NEXT] = 1
    sound.exchange(3, title="/later")
    for _ in range(3):
        viewer.look()
    assert viewer.rows[:2] == ["/sound", "/before"]
    assert "/later" in viewer.rows
    first, second = viewer.follower.complaints
    assert "13-a.ring" in first
    assert second == (
        "The ring of shop:app (pid 12) is damaged: its counters contradict each other."
    )
    assert viewer.states == [(11, "running"), (12, "crashed")]


def test_begun_and_truncated_files_are_passed_over(workers: Workers, viewer: Viewer) -> None:
    worker = workers.start(11)
    (workers.directory / "12-a.ring.new").write_bytes(worker.path.read_bytes())
    (workers.directory / "13-a.ring").write_bytes(worker.path.read_bytes()[:SLOTS_OFFSET])
    viewer.look()
    assert viewer.states == [(11, "running")]
    assert len(viewer.follower.complaints) == 1


def test_a_ring_that_lies_elsewhere(workers: Workers, tmp_path: Path) -> None:
    worker = workers.start(11)
    worker.exchange(1, title="/kept")
    elsewhere = tmp_path / "kept.ring"
    worker.path.rename(elsewhere)
    viewer = Viewer(besides=(elsewhere,))
    viewer.look()
    assert viewer.rows == ["/kept"]


def test_two_viewers_see_the_same_and_change_nothing(workers: Workers) -> None:
    made = [workers.start(pid) for pid in (11, 12)]
    for number in range(20):
        made[number % 2].exchange(number * 50, title=f"/{number}")
    contents = [each.path.read_bytes() for each in made]
    one, other = Viewer(), Viewer()
    one.look()
    other.look()
    one.follower.close()
    other.look()
    assert one.rows == other.rows == [f"/{number}" for number in range(20)]
    assert [each.path.read_bytes() for each in made] == contents
    made[0].exchange(5000, title="/more")
    other.look()
    assert other.rows[-1] == "/more"


def test_fifty_workers(workers: Workers, viewer: Viewer) -> None:
    made = [workers.start(pid) for pid in range(100, 150)]
    for number, each in enumerate(made * 3):
        each.exchange(viewer.start - SECOND + number * 20, title=f"/{number}")
    viewer.look()
    assert viewer.rows == [f"/{number}" for number in range(150)]
    for pid in range(100, 150, 2):
        workers.kill(pid)
    viewer.look()
    assert viewer.follower.totals.running == 25


def test_a_poll_takes_no_longer_than_it_may(workers: Workers, viewer: Viewer) -> None:
    made = [workers.start(pid, size=8 * MINIMUM_SIZE) for pid in (11, 12)]
    for number in range(500):
        made[number % 2].exchange(viewer.start - SECOND + number * 20)
    assert viewer.follower.poll(viewer.store, 1)
    assert len(viewer.store) < 500
    viewer.look()
    assert len(viewer.store) == 500


def test_rings_that_are_about_to_overflow_get_more_time(workers: Workers, viewer: Viewer) -> None:
    worker = workers.start(11)
    for number in range(100):
        worker.exchange(number)
    reader = RingReader.open(worker.path)
    assert reader.behind > 1 / 2
    reader.close()
    assert not viewer.follower.poll(viewer.store, 1)
    assert len(viewer.store) == 100


def test_what_sampling_left_out_is_counted_of_those_that_ended_too(
    workers: Workers, viewer: Viewer
) -> None:
    first, second = workers.start(11), workers.start(12)
    for worker in (first, second):
        worker.writer.count_sampled()
        worker.writer.count_unsampled()
    viewer.look()
    first.end()
    workers.kill(11)
    second.writer.count_unsampled()
    viewer.look()
    totals = viewer.follower.totals
    assert (totals.sampled, totals.unsampled) == (2, 3)
