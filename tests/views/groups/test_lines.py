"""Groups as lines: inert, of the right width, in order."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.model import Row, Split, State
from asgitrace.views.groups.columns import (
    SORTABLE,
    Order,
    failing_layout,
    head,
    layout,
    ordered,
    slow_layout,
)
from asgitrace.views.groups.grouping import Groups, Tally
from asgitrace.views.groups.keys import GROUPINGS
from asgitrace.views.groups.lines import GroupLines, format_rate, percent
from asgitrace.views.look import Look
from asgitrace.views.statistics.slices import Steps
from tests.views.drawn import HOSTILE, LOOKS, check, drawn, widths
from tests.views.listed import MS, NOW_NS, SECOND, failed, finished, listing, row

STEPS = Steps(NOW_NS, SECOND, 24, NOW_NS + 24 * SECOND)


def groups(rows: Sequence[Row], by: int = 1) -> Groups:
    made = listing(rows)
    found = finished(Tally(made, GROUPINGS[by].keys(made), failed).run(STEPS))
    assert found is not None
    return found


def lines(rows: Sequence[Row], order: Order | None = None) -> GroupLines:
    return GroupLines(groups(rows), order or Order(), "no path")


@pytest.mark.parametrize("style", LOOKS)
def test_whatever_a_path_is(style: Look) -> None:
    rows = [row(n, path=path) for n, path in enumerate((*HOSTILE, "", "/{n}"), 1)]
    for width in widths():
        made = lines(rows)
        assert len(drawn(made, width, style)) == len(made)
        check(head(layout(width), width, style, ("path", style.dim), Order()), width)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["/a", "/b", "/c/1", "/d"]),
            st.integers(0, 2**40),
            st.sampled_from([200, 500]),
            st.sampled_from([State.OPEN, State.RETURNED]),
        ),
        max_size=20,
    ),
    st.sampled_from(SORTABLE),
    st.booleans(),
)
def test_orders(
    given_rows: list[tuple[str, int, int, State]], column: str, descending: bool
) -> None:
    rows = [
        row(n, path=path, split=Split(took), status=status, state=state, sent=took)
        for n, (path, took, status, state) in enumerate(given_rows, 1)
    ]
    found = groups(rows)
    places = ordered(found, Order(column, descending)).tolist()
    assert sorted(places) == list(range(len(found)))
    if column == "words":
        values: list[object] = [found.words[place] for place in places]
    elif column == "share":
        values = [found.failed[place] / found.count[place] for place in places]
    else:
        values = [getattr(found, column)[place] for place in places]
    assert values == sorted(values, reverse=descending)  # type: ignore[type-var]


def test_what_is_summed_is_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asgitrace.views.groups.grouping.MOST", 2)
    rows = [row(n, path=f"/{'abcd'[n % 4]}") for n in range(1, 22)]
    for descending in (True, False):
        made = lines(rows, Order("count", descending))
        assert made.name(2) == "2 more"
        assert made.value(2) is None
        assert made.value(0) in ("/a", "/b", "/c", "/d")


def test_order_of_columns() -> None:
    order = Order()
    assert order.by("count") == Order("count", False)
    assert order.by("words") == Order("words", False)
    assert order.by("p95") == Order("p95", True)
    shown = [column.name for column, _ in layout(80).columns]
    assert order.moved(1, shown) == Order("open")
    assert order.moved(-5, shown) == Order("words", False)
    assert Order("failed").moved(9, shown) == Order("failed")
    assert Order("share").moved(1, shown) == Order("count")


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_a_click_finds_its_column(width: int) -> None:
    titles = "".join(
        s.text
        for s in head(layout(width), width, LOOKS[0], ("path", LOOKS[0].dim), Order("words", False))
    )
    plan = layout(width)
    for column, _ in plan.columns:
        if column.title:
            found = plan.at(
                titles.index(f" {column.title} " if column.title == "%" else column.title)
            )
            assert found is column
    first = plan.at(1)
    assert first is not None
    assert first.name == "words"
    assert plan.at(width + 10) is None


def test_text() -> None:
    rows = [
        row(1, path="/a", split=Split(3 * MS), status=500),
        row(2, path="/a", split=Split(3 * MS)),
    ]
    made = lines(rows)
    assert made.text(0).startswith("/a  2 exchanges, 0.1/s, p50 3.00ms")
    assert made.find("/a") == 0
    assert made.find("/b") is None
    assert lines([row(1, path="")]).name(0) == "no path"


@pytest.mark.parametrize(
    ("rate", "shown"), [(0, "0"), (0.016, "0.02"), (0.5, "0.5"), (12.34, "12.3"), (1234, "1234")]
)
def test_rate(rate: float, shown: str) -> None:
    assert format_rate(rate) == shown


@pytest.mark.parametrize(
    ("share", "shown"), [(0, "0%"), (0.001, "<1%"), (0.5, "50%"), (0.999, ">99%"), (1, "100%")]
)
def test_percent(share: float, shown: str) -> None:
    assert percent(share) == shown


@pytest.mark.parametrize("width", [30, 60, 90])
def test_only_the_worst(width: int) -> None:
    rows = [
        row(n, path=f"/{n % 5}", split=Split(n * MS), status=500 if n % 5 == 1 else 200)
        for n in range(1, 21)
    ]
    found = groups(rows)
    slow = GroupLines(found, Order("p95"), "no path", plan=slow_layout, most=2)
    assert [slow.name(index) for index in range(len(slow))] == ["/0", "/4"]
    failing = GroupLines(found, Order("failed"), "no path", plan=failing_layout, most=2)
    assert [failing.name(index) for index in range(len(failing))] == ["/1"]
    for made in (slow, failing):
        drawn(made, width)
