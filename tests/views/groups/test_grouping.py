"""Groups and what they come to, beside a plain reckoning."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.model import Row, RowKind, Split, State
from asgitrace.store.routes import route
from asgitrace.views.groups.grouping import Groups, Tally
from asgitrace.views.groups.keys import GROUPINGS, Grouping
from asgitrace.views.statistics.slices import Steps, steps
from tests.views.listed import MS, NOW_NS, SECOND, Columns, failed, finished, listing, row

if TYPE_CHECKING:
    from asgitrace.store.listing import Listing

BY = {grouping.name: grouping for grouping in GROUPINGS}
STEPS = Steps(NOW_NS, 10 * SECOND, 12, NOW_NS + 120 * SECOND)


def groups(
    rows: Sequence[Row],
    by: Grouping,
    *,
    sources: Sequence[int] = (),
    workers: bool = False,
    **options: Any,
) -> Groups:
    made = listing(rows, sources=sources, workers=workers)
    found = finished(Tally(made, by.keys(made), failed, **options).run(STEPS))
    assert found is not None
    return found


def counts(found: Groups) -> dict[str, int]:
    return dict(zip(found.words, found.count.tolist(), strict=False))


ROWS = st.lists(
    st.builds(
        lambda path, status, state, split, at, connection, kind, sent: row(
            1,
            path=path,
            status=status,
            state=state,
            split=Split(split),
            started_ns=at,
            connection=connection,
            kind=kind,
            sent=sent,
        ),
        st.sampled_from(["", "/", "/a/1", "/a/2?x", "/b?y=1", "/b"]),
        st.sampled_from([0, 200, 404, 500, 1006, 70_000]),
        st.sampled_from(list(State)),
        st.integers(0, 2**44),
        st.integers(NOW_NS - 10 * SECOND, NOW_NS + 130 * SECOND),
        st.integers(0, 4),
        st.sampled_from(list(RowKind)),
        st.integers(0, 2**40),
    ),
    max_size=60,
).map(lambda rows: [row(n, **_changes(r)) for n, r in enumerate(rows, 1)])


def _changes(r: Row) -> dict[str, object]:
    names = ("path", "status", "state", "split", "started_ns", "connection", "kind", "sent")
    return {name: getattr(r, name) for name in names}


def _value(name: str, r: Row) -> str:
    match name:
        case "route":
            return route(r.path)
        case "path":
            return r.path.partition("?")[0]
        case "conn":
            return str(r.connection or "")
        case "status":
            return str(r.status or "")
    return ""


@given(rows=ROWS, by=st.sampled_from(GROUPINGS))
def test_are_what_a_plain_reckoning_says(rows: list[Row], by: Grouping) -> None:
    found = groups(rows, by)
    exchanges = [r for r in rows if r.kind not in (RowKind.PROCESS, RowKind.LIFESPAN)]
    expected = defaultdict(list)
    for r in exchanges:
        expected[_value(by.name, r) if r.status < 5000 or by.name != "status" else None].append(r)
    assert found.total == len(exchanges)
    assert sorted(found.values) == sorted(value for value in expected if value is not None)
    recent = STEPS.now_ns - 60 * SECOND
    first = min((r.started_ns for r in exchanges), default=0)
    covered = min(max(STEPS.now_ns - first, SECOND), 60 * SECOND) / SECOND
    for index in range(len(found)):
        value = None if found.is_rest(index) else found.values[index]
        ours = expected[value]
        assert found.count[index] == len(ours)
        assert found.first[index] == ours[0].number
        assert found.last[index] == ours[-1].number
        assert found.open[index] == sum(r.state is State.OPEN for r in ours)
        assert found.failed[index] == sum(r.status >= 500 for r in ours)
        assert found.sent[index] == sum(r.sent for r in ours)
        assert found.received[index] == sum(r.received for r in ours)
        late = sum(recent < r.started_ns <= STEPS.now_ns for r in ours)
        assert found.rate[index] == pytest.approx(late / covered)
        begun = Counter((r.started_ns - NOW_NS) // (10 * SECOND) for r in ours)
        assert found.begun[index].tolist() == [begun[step] for step in range(12)]
        took = [r.duration_ns for r in ours if r.state is not State.OPEN]
        for share, column in ((0.5, found.p50), (0.95, found.p95), (0.99, found.p99)):
            if not took:
                assert column[index] == -1
                continue
            exact = int(np.quantile(took, share, method="inverted_cdf"))
            if exact < 2**42:
                assert abs(column[index] - exact) <= max(exact / 100, 1100)


@given(rows=ROWS, shown=st.sets(st.integers(1, 70)))
def test_only_those_in_view(rows: list[Row], shown: set[int]) -> None:
    numbers = np.array(sorted(shown), np.int64)
    found = groups(rows, BY["path"], shown=lambda: numbers)
    plain = groups([r for r in rows if r.number in shown], BY["path"])
    assert sorted(counts(found).items()) == sorted(counts(plain).items())


def test_only_those_since() -> None:
    found = groups(
        [row(n, path="/a") for n in range(1, 11)], BY["path"], since_ns=NOW_NS + 8 * SECOND
    )
    assert counts(found) == {"/a": 3}


def test_the_largest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asgitrace.views.groups.grouping.MOST", 2)
    rows = [row(n, path=f"/{'abcd'[min(n % 7, 3)]}") for n in range(1, 71)]
    found = groups(rows, BY["path"])
    assert counts(found) == {"/d": 40, "/a": 10}
    assert found.rest == 2
    assert found.is_rest(2)
    assert not found.is_rest(1)
    assert found.count.tolist() == [10, 40, 20] or found.count.tolist() == [40, 10, 20]
    assert found.total == 70


def test_connections_of_several_processes() -> None:
    rows = [row(n, connection=n % 2 + 1) for n in range(1, 9)]
    found = groups(rows, BY["conn"], sources=[0, 0, 0, 0, 1, 1, 1, 1])
    told = ["1, process 1", "2, process 1", "1, process 2", "2, process 2"]
    assert counts(found) == dict.fromkeys(told, 2)
    assert found.values == ["1", "2", "1", "2"]
    found = groups(rows, BY["conn"], sources=[0, 0, 0, 0, 1, 1, 1, 1], workers=True)
    assert counts(found) == {text.replace("process", "worker"): 2 for text in told}


def test_workers() -> None:
    rows = [row(n) for n in range(1, 6)]
    found = groups(rows, BY["worker"], sources=[0, 1, 1, 2, -1], workers=True)
    told = ["worker 1  pid 4711  shop:app", "worker 2  pid 4712  shop:app"]
    assert counts(found) == {"": 1, told[0]: 1, told[1]: 2, "worker 3  pid 4713  shop:app": 1}
    assert found.values == ["", "1", "2", "3"]
    assert counts(groups(rows, BY["worker"])) == {"": 5}


def test_connections_that_are_made_up() -> None:
    rows = [row(1, connection=3), row(2, connection=2**32 - 1)]
    found = groups(rows, BY["conn"])
    assert counts(found) == {"3": 1}
    assert found.is_rest(1)


def test_status_in_words() -> None:
    rows = [row(n, status=status) for n, status in enumerate((404, 1006, 299, 4001), 1)]
    found = groups(rows, BY["status"])
    assert set(found.words) == {"404 Not Found", "1006 Abnormal Closure", "299", "4001"}


def test_clients() -> None:
    made = Columns([row(1), row(2), row(3)])
    made.clients = ["10.0.0.1", ""]
    made.client = np.array([0, 1, 0])
    store = cast("Listing", made)
    found = finished(Tally(store, BY["client"].keys(store), failed).run(STEPS))
    assert found is not None
    assert counts(found) == {"10.0.0.1": 2, "": 1}


def test_begins_anew_where_numbers_changed_their_meaning() -> None:
    made = Columns([row(1), row(2)])
    store = cast("Listing", made)
    run = Tally(store, BY["path"].keys(store), failed).run(STEPS)
    next(run)
    made.epoch += 1
    assert finished(run) is None


def test_rows_that_come_and_go_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asgitrace.views.statistics.slices.SLICE", 10)
    rows = [row(n, path="/a") for n in range(1, 41)]
    made = Columns(rows)
    store = cast("Listing", made)
    run = Tally(store, BY["path"].keys(store), failed).run(STEPS)
    for _ in range(2):  # the memory, the first slice
        next(run)
    made.set_rows([row(n, path="/a") for n in range(21, 100)])
    found = finished(run)
    assert found is not None
    assert found.total == 10 + 20


@given(st.integers(0, 10**18), st.integers(0, 10**17), st.integers(2, 300))
def test_steps_cover_the_time(now: int, span: int, count: int) -> None:
    made = steps(now - span, now, count)
    assert made.start_ns <= now - span + made.step_ns // 2
    assert made.end_ns - made.step_ns // 2 <= now + made.step_ns
    assert made.start_ns % made.step_ns == 0
    seconds = made.seconds()
    assert len(seconds) == count
    assert seconds[:-1] == pytest.approx(made.step_ns / 1e9)
    assert 0 < seconds[-1] <= made.step_ns / 1e9
    assert seconds[-1] * 1e9 >= made.step_ns // 2 - 1
    assert made.step_ns >= MS


@given(st.integers(0, 10**18), st.integers(0, 10**17), st.integers(2, 300))
def test_steps_hold_all_of_a_time_that_has_ended(last: int, span: int, count: int) -> None:
    made = steps(last - span, last + 1, count, ended=True)
    assert made.start_ns <= last - span <= last < made.end_ns
    assert made.seconds() == pytest.approx(made.step_ns / 1e9)
