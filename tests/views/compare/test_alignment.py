"""Two sequences beside one another."""

from collections.abc import Generator
from difflib import SequenceMatcher
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.compare.alignment import Alignment, align, beside

T = TypeVar("T")

SEQUENCES = st.lists(st.integers(0, 6), max_size=40)


def finished(steps: Generator[object, None, T]) -> tuple[T, int]:
    """What came of work in steps, and how many there were."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value, count
        count += 1


def aligned(left: list[int], right: list[int]) -> Alignment:
    found = finished(align(left, right))[0]
    check(left, right, found)
    return found


def check(left: list[int], right: list[int], found: Alignment) -> None:
    """Nothing is lost, nothing is out of order, and what lies together is equal."""
    assert [a for a, _ in found.pairs if a is not None] == list(range(len(left)))
    assert [b for _, b in found.pairs if b is not None] == list(range(len(right)))
    for a, b in found.pairs:
        assert a is None or b is None or left[a] == right[b]


def matches(found: Alignment) -> int:
    return sum(a is not None and b is not None for a, b in found.pairs)


@given(SEQUENCES, SEQUENCES)
def test_the_longest_run_of_equal_items(left: list[int], right: list[int]) -> None:
    found = aligned(left, right)
    assert matches(found) == longest(left, right)
    assert not found.rough


def longest(left: list[int], right: list[int]) -> int:
    """By the book."""
    row = [0] * (len(right) + 1)
    for item in left:
        above, row = row, [0] * (len(right) + 1)
        for at, other in enumerate(right):
            row[at + 1] = above[at] + 1 if item == other else max(above[at + 1], row[at])
    return row[-1]


@given(SEQUENCES)
def test_equal_ones_lie_side_by_side(items: list[int]) -> None:
    assert matches(aligned(items, items)) == len(items)


def test_very_different_ones_are_aligned_by_what_occurs_once() -> None:
    left = [item for n in range(3_000) for item in (n, -1 - n % 3)]
    right = [item for n in range(3_000) for item in (n, 10_000 + n)]
    found = aligned(left, right)
    assert matches(found) >= 2_990


def test_very_different_ones_without_anything_in_common() -> None:
    found, steps = finished(align([1, 2] * 20_000, [3, 4, 1] * 15_000))
    check([1, 2] * 20_000, [3, 4, 1] * 15_000, found)
    assert found.rough
    assert matches(found) > 10_000
    assert steps > 100


def test_long_ones_that_hardly_differ() -> None:
    left = list(range(100_000))
    right = [n for n in left if n % 1_000]
    found, steps = finished(align(left, right))
    assert matches(found) == len(right)
    assert steps > 20


@given(SEQUENCES, SEQUENCES)
def test_what_is_left_over_is_put_beside_one_another(left: list[int], right: list[int]) -> None:
    found = list(beside(aligned(left, right).pairs))
    assert [a for a, _ in found if a is not None] == list(range(len(left)))
    assert [b for _, b in found if b is not None] == list(range(len(right)))


def test_as_good_as_the_standard_library() -> None:
    left, right = list(b"the quick brown fox"), list(b"a quick red fox jumps")
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    assert matches(aligned(left, right)) >= sum(block.size for block in blocks)
