"""Two JSON values."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.compare.model import Mark, Row, Section
from asgitrace.views.compare.structures import (
    ABSENT,
    Difference,
    Path,
    differences,
    path_text,
    structures,
)

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(0, 2) | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "name", "a", "b"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def found(left: Any, right: Any) -> list[Difference]:
    return [each for each in differences(left, right) if each is not None]


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


@given(VALUES)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert not found(value, json.loads(json.dumps(value)))


@given(VALUES, VALUES)
def test_every_difference_is_real_and_none_is_missed(left: Any, right: Any) -> None:
    told = found(left, right)
    assert bool(told) is (canonical(left) != canonical(right))
    for each in told:
        if each.left is not ABSENT and not hasattr(each.left, "places"):
            assert canonical(at(left, each.left_path)) == canonical(each.left)
        if each.right is not ABSENT and not hasattr(each.right, "places"):
            assert canonical(at(right, each.right_path)) == canonical(each.right)
        both = ABSENT not in (each.left, each.right) and not hasattr(each.left, "places")
        assert not both or canonical(each.left) != canonical(each.right)


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=5), st.randoms())
def test_the_order_of_keys_is_none(value: dict[str, Any], random: Any) -> None:
    keys = list(value)
    random.shuffle(keys)
    assert not found(value, {key: value[key] for key in keys})


def rows(left: Any, right: Any) -> list[tuple[str, str | None, str | None]]:
    section = Section("x")
    for _ in structures(section, left, right):
        pass
    return [(row.label, row.left, row.right) for row in section.rows if isinstance(row, Row)]


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        ({"a": 1}, {"a": 2}, [("a", "1", "2")]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [("a.b[1]", "2", "3")]),
        ([1, 2, 3], [2, 3], [("[0]", "1", None)]),
        ([1, 2, 3], [1, 9, 2, 3], [("[1]", None, "9")]),
        ({"a": 1}, {"a": 1.0}, [("a", "1", "1.0")]),
        ({"a": 1}, {"a": True}, [("a", "1", "true")]),
        ({"a b": None}, {}, [('["a b"]', "null", None)]),
        ([], {}, [("$", "[]", "{}")]),
        (
            [{"id": 1, "n": "x"}, {"id": 2, "n": "y"}],
            [{"id": 3, "n": "x"}, {"id": 2, "n": "z"}],
            [
                ("[0]", '{"id": 1, "n": "x"}', None),
                ("[0]", None, '{"id": 3, "n": "x"}'),
                ("[1].n", '"y"', '"z"'),
            ],
        ),
        (
            [{"id": 1}, {"id": 2}],
            [{"id": 2}, {"id": 1}],
            [("$", "order: 1, 0", "order: 0, 1")],
        ),
    ],
)
def test_where(left: Any, right: Any, told: list[Any]) -> None:
    assert rows(left, right) == told


def test_many_differences_are_counted_and_not_all_listed() -> None:
    section = Section("x")
    for _ in structures(section, list(range(9_000)), {}):
        pass
    assert section.differences == 1
    many = {str(n): n for n in range(9_000)}
    section = Section("x")
    for _ in structures(section, many, {key: -1 - n for key, n in many.items()}):
        pass
    assert section.differences == 9_000
    assert len(section.rows) == 5_000
    assert "4,000 more" in section.notes[0]


def test_deep_values() -> None:
    left: Any = 1
    right: Any = 2
    for _ in range(20_000):
        left, right = [left], [right]
    (only,) = found(left, right)
    assert (only.left, only.right) == (1, 2)
    assert path_text(only.left_path[:2]) == "[0][0]"


def test_marks() -> None:
    section = Section("x")
    for _ in structures(section, {"a": 1, "b": 2}, {"b": 3, "c": 4}):
        pass
    assert [row.mark for row in section.rows] == [Mark.REMOVED, Mark.CHANGED, Mark.ADDED]
