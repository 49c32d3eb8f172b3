"""The place in the list survives arrivals, evictions and filters."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.tui.list.cursor import ListCursor, Numbers

HEIGHT = 10


def upto(last: int, first: int = 1) -> Numbers:
    return np.arange(first, last + 1, dtype=np.int64)


def resting(numbers: Numbers, selected: int, top: int) -> ListCursor:
    """A cursor that does not follow."""
    cursor = ListCursor(numbers, selected=selected, follow=False)
    cursor.note(top, HEIGHT)
    return cursor


def test_follows_the_newest() -> None:
    cursor = ListCursor()
    assert cursor.replace(upto(5), HEIGHT) == 0
    assert cursor.current == 5
    assert cursor.replace(upto(25), HEIGHT) == 15
    assert cursor.current == 25


def test_moving_lets_go_and_does_not_wrap() -> None:
    cursor = ListCursor(upto(3), selected=3)
    cursor.move(1)
    assert (cursor.current, cursor.follow) == (3, False)
    cursor.move(-9)
    assert cursor.current == 1


def test_moving_in_an_empty_list() -> None:
    cursor = ListCursor()
    cursor.move(1)
    cursor.select(4)
    assert cursor.current is None
    assert cursor.top_showing(0, HEIGHT) == 0


def test_arrivals_move_nothing() -> None:
    cursor = resting(upto(50), selected=20, top=15)
    assert cursor.replace(upto(90), HEIGHT) == 15
    assert cursor.current == 20


def test_evicted_rows_come_off_the_top() -> None:
    cursor = resting(upto(50), selected=20, top=15)
    top = cursor.replace(upto(50, first=11), HEIGHT)
    assert top == 5
    assert cursor.numbers[top] == 16


def test_a_selection_out_of_sight_does_not_hold_the_screen() -> None:
    cursor = resting(upto(50), selected=2, top=30)
    top = cursor.replace(upto(50, first=11), HEIGHT)
    assert cursor.numbers[top] == 31
    assert cursor.current == 11


def test_a_filter_keeps_the_selected_row_on_its_line() -> None:
    cursor = resting(upto(200), selected=100, top=95)
    top = cursor.replace(upto(200)[::-2][::-1], HEIGHT)
    assert cursor.current == 100
    assert cursor.index == top + 4
    cursor.note(top, HEIGHT)
    top = cursor.replace(upto(200), HEIGHT)
    assert cursor.index == top + 4


def test_a_row_that_a_filter_hides_is_selected_again_when_it_is_back() -> None:
    cursor = resting(upto(20), selected=10, top=5)
    cursor.replace(np.array([3, 12]), HEIGHT)
    assert cursor.current == 12
    cursor.replace(upto(20), HEIGHT)
    assert cursor.current == 10


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)), st.integers(0, 60), st.booleans())
def test_the_place_is_always_in_the_list(
    before: set[int], after: set[int], at: int, follow: bool
) -> None:
    cursor = ListCursor(follow=follow)
    top = cursor.replace(np.array(sorted(before), np.int64), HEIGHT)
    cursor.select(at)
    cursor.note(top, HEIGHT)
    top = cursor.replace(np.array(sorted(after), np.int64), HEIGHT)
    assert 0 <= top <= max(0, len(after) - HEIGHT)
    assert (cursor.current in after) if after else cursor.current is None
    shown = cursor.top_showing(top, HEIGHT)
    assert not after or shown <= (cursor.index or 0) < shown + HEIGHT


def test_a_sorted_list_does_not_follow() -> None:
    cursor = ListCursor(upto(30))
    cursor.replace(upto(30)[::-1], HEIGHT, ascending=False)
    assert not cursor.follow


def test_a_sorted_list_that_is_filled_stays_at_its_top() -> None:
    cursor = ListCursor(follow=False)
    top = cursor.replace(upto(3)[::-1], HEIGHT, ascending=False)
    cursor.note(top, HEIGHT)
    assert cursor.replace(upto(90)[::-1], HEIGHT, ascending=False) == 0
    assert cursor.current == 90
    cursor.note(40, HEIGHT)  # scrolled, still without choosing one
    assert cursor.replace(upto(95)[::-1], HEIGHT, ascending=False) == 45


orders = st.sets(st.integers(1, 80), min_size=1).flatmap(lambda rows: st.permutations(sorted(rows)))


@given(orders, orders, st.integers(0, 80), st.integers(0, 80))
def test_a_live_sort_leaves_the_selected_row_on_its_line(
    before: list[int], after: list[int], at: int, top: int
) -> None:
    cursor = ListCursor(np.array(before, np.int64), follow=False, ascending=False)
    cursor.select(at)
    selected = cursor.current
    top = max(0, min(top, len(before) - HEIGHT))
    cursor.note(top, HEIGHT)
    line = before.index(selected or 0) - top
    new_top = cursor.replace(np.array(after, np.int64), HEIGHT, ascending=False)
    assert 0 <= new_top <= max(0, len(after) - HEIGHT)
    if selected not in after:
        # the one in its place is selected now, and the first comes back with its row
        index = cursor.index
        assert index == min(before.index(selected or 0), len(after) - 1)
        return
    place = after.index(selected)
    assert (cursor.index, cursor.current) == (place, selected)
    if 0 <= line < HEIGHT:
        ends = (0, max(0, len(after) - HEIGHT))
        assert place - new_top == line or new_top in ends


@given(orders, st.integers(0, 80), st.lists(st.integers(-90, 90)))
def test_moves_go_by_position_in_the_order(order: list[int], at: int, moves: list[int]) -> None:
    cursor = ListCursor(np.array(order, np.int64), follow=False, ascending=False)
    cursor.select(at)
    place = min(at, len(order) - 1)
    for distance in moves:
        cursor.move(distance)
        place = max(0, min(place + distance, len(order) - 1))
        assert (cursor.index, cursor.current) == (place, order[place])


def test_cells() -> None:
    cursor = ListCursor(upto(3))
    names = ["number", "path", "status"]
    cursor.move_cell(1, names)
    assert cursor.column == "number"
    cursor.move_cell(-1, names)
    assert cursor.column == "number"
    cursor.move_cell(9, names)
    assert cursor.column == "status"


def test_the_first_cell_from_the_right() -> None:
    cursor = ListCursor(upto(3))
    cursor.move_cell(-1, ["number", "path", "status"])
    assert cursor.column == "status"


def test_no_cells() -> None:
    cursor = ListCursor(upto(3), column="number")
    cursor.move_cell(1, [])
    assert cursor.column is None
