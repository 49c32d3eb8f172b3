"""The rows in view: judged in slices, paused, evicted, told."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from asgitrace.filter import compile_filter
from asgitrace.filter.model import Numbers
from asgitrace.store.model import State
from asgitrace.tui.feed import Feed
from asgitrace.tui.filter.target import Told
from asgitrace.tui.notice import empty_notice
from tests.tui.fakes import FakeSession, FakeStore, make_row

if TYPE_CHECKING:
    from asgitrace.store.session import Session
    from asgitrace.store.store import Store


class Slices:
    """A matcher that lets even numbers pass, a few rows at a time."""

    def __init__(self, store: FakeStore) -> None:
        self.store = store
        self.judged = 0
        self.failure = ""
        self.asked = 0

    @property
    def numbers(self) -> Numbers:
        own = self.store.numbers[len(self.store) - self.judged :]
        found: Numbers = own[own % 2 == 0]
        return found

    @property
    def done(self) -> bool:
        return not self.failure and self.judged == len(self.store)

    @property
    def progress(self) -> float:
        return self.judged / len(self.store)

    def advance(self, now: int, go_on: Callable[[], bool]) -> bool:
        self.asked += 1
        before = self.judged
        while self.judged < len(self.store) and go_on():
            self.judged = min(self.judged + 10, len(self.store))
        return self.judged != before


class Clock:
    """Each look at it takes two milliseconds."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        self.now += 2_000_000
        return self.now


def feed(store: FakeStore) -> Feed:
    session = cast("Session", FakeSession())
    return Feed(session, cast("Store", store), Clock())


def use(feed: Feed, text: str) -> None:
    feed.use(text, compile_filter(text) if text else None)


def numbers(feed: Feed) -> list[int]:
    return [int(number) for number in feed.numbers()]


@pytest.fixture
def store() -> FakeStore:
    return FakeStore(make_row(n) for n in range(1, 101))


@pytest.fixture
def sliced(store: FakeStore, monkeypatch: pytest.MonkeyPatch) -> Slices:
    matcher = Slices(store)
    monkeypatch.setattr("asgitrace.filter.match", lambda predicate, store: matcher)
    return matcher


def test_without_a_filter_all_are_there(store: FakeStore) -> None:
    f = feed(store)
    assert f.poll()
    assert not f.poll()
    assert len(numbers(f)) == 100
    assert (f.filtered, f.filter_text, f.filter_typed, f.told()) == (False, "", "", None)
    f.use("", None)
    assert not f.poll(), "no filter in place of none changes nothing"


def test_a_filter_follows_what_comes_and_goes(store: FakeStore) -> None:
    f = feed(store)
    use(f, "items/9")
    assert f.poll()
    assert numbers(f) == [9, *range(90, 100)]
    assert f.told() == Told(11, 100)
    store.add(make_row(101, path="/items/9/new"))
    store.evict(9)
    assert f.poll()
    assert numbers(f) == [*range(90, 100), 101]
    store.clear()
    f.poll()
    assert numbers(f) == []
    assert f.told() == Told(0, 0)


def test_first_hits_are_there_while_the_rest_is_judged(store: FakeStore, sliced: Slices) -> None:
    f = feed(store)
    use(f, "exc")
    told = f.told()
    assert told is not None
    assert told.progress is not None
    assert 0 < told.progress < 1
    assert 0 < told.shown < 50
    early = empty_notice(
        f.session.status(), live=True, told=Told(0, 100, 0.25), key=lambda name: name
    )
    words = ["".join(text for text, _ in line) for line in early]
    assert words == ["Nothing yet passes the filter.", "", "25% judged"]
    assert told.text == f"{told.progress:.0%} judged  {told.shown} of 100"
    rounds = 0
    while not sliced.done:
        assert f.poll()
        rounds += 1
    assert rounds > 2
    assert f.told() == Told(50, 100)


def test_a_pattern_that_runs_away_is_told(store: FakeStore, sliced: Slices) -> None:
    f = feed(store)
    use(f, "exc")
    sliced.failure = "The pattern took too long."
    told = f.told()
    assert told is not None
    assert told.failure == "The pattern took too long."
    assert told.text == f"stopped  {told.shown} of 100"
    notice = empty_notice(f.session.status(), live=True, told=told, key=lambda name: name)
    words = ["".join(text for text, _ in line) for line in notice]
    assert words[0] == "The filter was stopped."
    assert words[2] == told.failure


def test_a_pause_holds_the_filtered_rows(store: FakeStore) -> None:
    f = feed(store)
    use(f, "items/9")
    f.poll()
    f.pause(True)
    assert f.paused
    store.add(make_row(101, path="/items/9/new"))
    store.evict(9)
    f.poll()
    assert numbers(f) == [9, *range(90, 100)]
    use(f, "items/8")
    f.poll()
    assert numbers(f) == [8, *range(80, 90)]
    use(f, "")
    assert numbers(f) == list(range(1, 101))
    f.pause(False)
    f.poll()
    assert numbers(f)[-1] == 101


def test_a_pause_lets_what_was_not_judged_be_judged(store: FakeStore, sliced: Slices) -> None:
    f = feed(store)
    use(f, "exc")
    f.pause(True)
    while not sliced.done:
        assert f.poll()
    f.poll()
    asked = sliced.asked
    f.poll()
    assert sliced.asked == asked, "and then no more"
    assert len(numbers(f)) == 50
    assert f.told() == Told(50, 100)


def test_nothing_is_judged_while_the_store_is_read(store: FakeStore, sliced: Slices) -> None:
    f = feed(store)
    use(f, "exc")
    f.held = True
    asked = sliced.asked
    f.poll()
    assert sliced.asked == asked


def test_many_rows_are_not_judged_at_every_poll(
    store: FakeStore, sliced: Slices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asgitrace.tui.feed._MANY", 50)
    f = feed(store)
    use(f, "exc")
    while not sliced.done:
        f.poll()
    asked = sliced.asked
    for _ in range(8):
        f.poll()
    assert sliced.asked == asked + 2


def test_errors_are_found_among_the_rows_in_view(
    store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asgitrace.tui.feed._BLOCK", 7)
    store.add(make_row(101, status=500), make_row(102), make_row(103, status=503))
    f = feed(store)
    f.poll()
    rows = f.numbers()
    assert f.next_error(rows, 0, 1) == 101
    assert f.next_error(rows, 100, 1) == 103
    assert f.next_error(rows, 102, 1) is None
    assert f.next_error(rows, 102, -1) == 101
    assert f.next_error(rows, 100, -1) is None
    assert f.next_error(rows[::-1], 0, 1) == 101, "in the order of the list"
    assert f.next_error(np.array([102, 103]), 1, -1) is None
    kept = rows.copy()
    store.evict(101)
    assert f.next_error(kept, 0, 1) == 103, "one that is no longer kept is none"
    store.clear()
    assert f.next_error(kept, 0, 1) is None


def test_exceptions_are_found_among_the_rows_in_view(store: FakeStore) -> None:
    store.add(make_row(101, state=State.RAISED), make_row(102, status=500))
    f = feed(store)
    f.poll()
    rows = f.numbers()
    assert f.next_raised(rows, 0, 1) == 101
    assert f.next_raised(rows, 100, 1) is None
    assert f.next_raised(rows, 101, -1) == 101


def test_what_was_recorded_before_it_was_looked_at_did_not_arrive() -> None:
    store = FakeStore()
    f = feed(store)
    now = make_row(1).started_ns + 9_000_000_000
    assert f.status(now, follow=True).rate == 0
    store.add(*(make_row(n) for n in range(1, 51)))
    assert f.status(now + 500_000_000, follow=True).rate == 0
    store.add(make_row(51, started_ns=now + 900_000_000))
    assert f.status(now + 1_000_000_000, follow=True).rate == 2
