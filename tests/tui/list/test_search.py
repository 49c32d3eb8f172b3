"""Which rows of the list match, and how many."""

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from asgitrace.store.annotation import Annotation
from asgitrace.tui.list.search import SEARCHED, RowFinder
from asgitrace.views.needle import Needle
from tests.tui.fakes import FakeStore, make_row

if TYPE_CHECKING:
    from asgitrace.store.store import Store


def store() -> "Store":
    rows = [
        make_row(1, path="/Tea?x=1", status=404, client="10.0.0.7"),
        make_row(2, method="POST", path="/items", mime="text/html"),
        make_row(17, path="/slow", connection=404),
    ]
    made = FakeStore(rows)
    made.annotations.put(2, Annotation(tags=("odd",), comment="look at this"))
    return cast("Store", made)


def found(typed: str, *shown: str) -> list[int]:
    finder = RowFinder(store(), Needle(typed), shown or SEARCHED)
    numbers = np.array([1, 2, 3, 17], np.int64)
    return [int(number) for number in numbers[finder.mask(numbers)]]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("tea", [1]),
        ("x=1", [1]),
        ("post", [2]),
        ("404", [1, 17]),
        ("17", [17]),
        ("html", [2]),
        ("10.0.", [1]),
        ("odd", [2]),
        ("Look", []),
        ("/^/s?(tea|slow)/", [1, 17]),
        ("3", []),
    ],
)
def test_what_the_cells_show_is_found(typed: str, numbers: list[int]) -> None:
    assert found(typed) == numbers


def test_columns_that_are_not_shown_are_not_searched() -> None:
    assert found("404", "path", "status") == [1]
    assert found("odd", "path") == []


def test_nothing_is_in_nothing() -> None:
    empty: Any = FakeStore()
    assert not RowFinder(empty, Needle("a"), SEARCHED).mask(np.array([1], np.int64)).any()
