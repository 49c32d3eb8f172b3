"""The order of a sorted list is that of a plain sort, whatever comes and goes."""

import time
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.annotations import Annotation
from asgitrace.store.model import Split, State
from asgitrace.tui.list import order as order_module
from asgitrace.tui.list.order import Order, members, sorted_numbers
from asgitrace.tui.list.ranks import Ranks
from asgitrace.views.columns.registry import COLUMNS
from tests.tui.fakes import MS, FakeStore, make_row

if TYPE_CHECKING:
    from asgitrace.store.store import Store

SECOND = 10**9


def ordered(store: FakeStore, column: str = "duration", *, descending: bool = False) -> Order:
    order = Order(cast("Store", store))
    order.by(column, descending=descending)
    return order


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 5)),
    st.booleans(),
    st.integers(1, 3),
)
def test_sorted_by_key_and_then_by_number(keys: list[int], descending: bool, gap: int) -> None:
    numbers = np.arange(0, len(keys) * gap, gap)
    found = sorted_numbers(numbers, np.array(keys, np.int64), descending=descending)
    of = dict(zip(numbers.tolist(), keys, strict=True))
    wanted = sorted(numbers.tolist(), key=lambda n: (of[n], n), reverse=descending)
    assert found.tolist() == wanted


@given(st.sets(st.integers(0, 10**6)) | st.sets(st.integers(0, 60)), st.sets(st.integers(0, 90)))
def test_members(one: set[int], other: set[int]) -> None:
    rows = np.array(list(one), np.int64)
    mask = members(rows, np.array(sorted(other), np.int64))
    assert set(rows[mask].tolist()) == one & other
    backwards = members(np.array(sorted(other), np.int64), np.array(sorted(one), np.int64))
    assert int(np.count_nonzero(backwards)) == len(one & other)


@pytest.mark.parametrize("exact", [True, False])
@given(words=st.lists(st.text(st.characters(), max_size=5), max_size=50))
def test_ranks(exact: bool, words: list[str]) -> None:
    ranks = Ranks()
    if not exact:
        words = [word.replace("\0", "") for word in words]
        half = len(words) // 2
        ranks._by_heads(words[:half]) if half else None
    found = (ranks.of(words) if exact else ranks._by_heads(words)) if words else np.zeros(0)
    for i, one in enumerate(words):
        for j, other in enumerate(words):
            assert (found[i] < found[j]) == (one < other)


@pytest.mark.parametrize("name", sorted(COLUMNS))
@pytest.mark.parametrize("descending", [True, False])
def test_every_column_sorts(name: str, descending: bool) -> None:
    store = FakeStore([make_row(n, path=f"/{n % 3}", sent=n % 4) for n in range(1, 9)])
    store.annotations.put(3, Annotation(marked=True, tags=("b",), comment="why"))
    store.annotations.put(5, Annotation(tags=("a",)))
    found = ordered(store, name, descending=descending).arrange(store.numbers, SECOND, 0).tolist()
    assert sorted(found) == list(range(1, 9))
    if name in ("mark", "tags", "comment"):
        best = {"mark": 3, "tags": 3, "comment": 3}[name]
        assert found[0 if descending else -1] == best


def test_new_rows_find_their_place_a_few_times_a_second() -> None:
    store = FakeStore([make_row(n, split=Split(n * MS)) for n in range(1, 6)])
    order = ordered(store, descending=True)
    assert order.arrange(store.numbers, SECOND, 0).tolist() == [5, 4, 3, 2, 1]
    store.add(make_row(6, split=Split(2 * MS + 5)))
    soon = SECOND + 30 * MS
    assert order.arrange(store.numbers, soon, 0).tolist() == [5, 4, 3, 2, 1]
    assert not order.due(soon, still=False)
    later = SECOND + 260 * MS
    assert order.due(later, still=False)
    assert order.arrange(store.numbers, later, 0).tolist() == [5, 4, 3, 6, 2, 1]
    assert not order.due(later + SECOND, still=False)


def test_rows_that_are_gone_go_at_once() -> None:
    store = FakeStore([make_row(n, split=Split(n * MS)) for n in range(1, 6)])
    order = ordered(store)
    order.arrange(store.numbers, SECOND, 0)
    store.evict(2, 3)
    assert order.arrange(store.numbers, SECOND + MS, 0).tolist() == [1, 4, 5]
    assert order.arrange(store.numbers[:1], SECOND + 2 * MS, 0).tolist() == [1]


def test_other_rows_are_sorted_at_once() -> None:
    store = FakeStore([make_row(n, split=Split(n * MS)) for n in range(1, 9)])
    order = ordered(store, descending=True)
    order.arrange(store.numbers[::2], SECOND, 0)
    order.forget()
    assert order.arrange(store.numbers[1::2], SECOND + MS, 0).tolist() == [8, 6, 4, 2]


def test_while_other_rows_are_sorted_those_that_left_are_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(order_module, "AT_ONCE", 3)
    store = FakeStore([make_row(n, split=Split(n * MS)) for n in range(1, 9)])
    order = ordered(store, descending=True)
    order.arrange(store.numbers[:4], SECOND, 0)
    while not order.due(SECOND, still=False):
        time.sleep(0.001)
    assert order.arrange(store.numbers[:4], SECOND, 0).tolist() == [4, 3, 2, 1]
    order.forget()
    assert order.arrange(store.numbers[2:6], SECOND + MS, 0).tolist() == [4, 3]
    while not order.due(SECOND + MS, still=False):
        time.sleep(0.001)
    assert order.arrange(store.numbers[2:6], SECOND + MS, 0).tolist() == [6, 5, 4, 3]
    order.close()


def test_new_rows_stay_out_of_what_is_held() -> None:
    store = FakeStore([make_row(n) for n in range(1, 4)])
    frozen = store.numbers.copy()
    store.evict(2)
    store.add(make_row(4))
    assert ordered(store).arrange(frozen, SECOND, 0).tolist() == [1, 3]


def test_open_rows_grow_unless_time_stands_still() -> None:
    store = FakeStore([make_row(1, state=State.OPEN), make_row(2)])
    order = ordered(store)
    order.arrange(store.numbers, SECOND, 0)
    assert order.due(2 * SECOND, still=False)
    assert not order.due(2 * SECOND, still=True)
    by_path = ordered(store, "path")
    by_path.arrange(store.numbers, SECOND, 0)
    assert not by_path.due(2 * SECOND, still=False)


def test_rows_that_the_store_has_no_more_are_left_out() -> None:
    store = FakeStore([make_row(n) for n in range(1, 6)])
    frozen = store.numbers.copy()
    store.evict(1, 3)
    assert ordered(store).arrange(frozen, SECOND, 0).tolist() == [2, 4, 5]


def test_many_rows_are_sorted_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_module, "AT_ONCE", 3)
    store = FakeStore([make_row(n, split=Split((100 - n) * MS)) for n in range(1, 6)])
    order = ordered(store)
    assert order.arrange(store.numbers, SECOND, 0).tolist() == [1, 2, 3, 4, 5]
    while not order.due(SECOND, still=False):
        time.sleep(0.001)
    assert order.arrange(store.numbers, SECOND, 0).tolist() == [5, 4, 3, 2, 1]
    order.close()


def test_by_number_is_no_sort() -> None:
    store = FakeStore([make_row(n) for n in range(1, 4)])
    order = ordered(store, "number", descending=True)
    assert order.arrange(store.numbers, SECOND, 0).tolist() == [3, 2, 1]
    assert not order.due(2 * SECOND, still=False)
    order.by("", descending=False)
    assert order.arrange(store.numbers, SECOND, 0).tolist() == [1, 2, 3]
