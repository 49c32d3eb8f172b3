"""What a trace says of an exception is believed as far as it makes sense."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.exceptions.model import Failure, name_of, read_failure
from tests.views.exceptions.samples import ANYTHING, frame, price_missing


def read(content: dict[Any, Any]) -> Failure:
    failure = read_failure(content)
    assert failure is not None
    return failure


def test_an_exception_with_its_cause() -> None:
    failure = read(price_missing())
    assert failure.name == "shop.prices.PriceMissing"
    assert failure.message == "no price for 'A-113'"
    assert failure.notes == ("the price list is of 2023",)
    assert [entry.library for entry in failure.frames] == [True, True, False, True, False]
    assert failure.frames[-1].span == (8, 38)
    assert failure.frames[-1].title == 'File "/srv/shop/prices.py", line 43, in price_of'
    (cause,) = failure.others
    assert (cause.relation, cause.name) == ("caused by", "KeyError")


def test_without_frames_there_is_only_text() -> None:
    assert read_failure({"type": "KeyError", "traceback": "…"}) is None


def test_a_group() -> None:
    inner = {"type": "ValueError", "module": "builtins", "message": "no", "frames": []}
    group = {"type": "ExceptionGroup", "frames": [], "errors": [inner, inner], "count": 30}
    relations = [other.relation for other in read(group).others]
    assert relations == ["1 of 30 in the group", "2 of 30 in the group"]


def test_a_context() -> None:
    failure = read({"type": "A", "frames": [], "context": {"type": "B", "frames": []}})
    assert [other.relation for other in failure.others] == ["while it handled"]


def test_depth_and_number_are_bounded() -> None:
    deep: dict[str, Any] = {"type": "X", "frames": []}
    for _ in range(5_000):
        deep = {"type": "X", "frames": [], "cause": deep}
    depth, failure = 0, read(deep)
    while failure.others:
        depth, failure = depth + 1, failure.others[0]
    assert depth == 12
    wide = {"type": "X", "frames": [], "errors": [{"type": "Y"}] * 500}
    assert len(read(wide).others) == 59
    many = {"type": "X", "frames": [frame("a.py", 1, "f")] * 5_000}
    assert len(read(many).frames) == 200


def test_names() -> None:
    assert name_of({"module": "__main__", "type": "Mine"}) == "Mine"
    assert name_of({"module": 7, "type": None}) == ""


@given(st.dictionaries(st.sampled_from(["frames", "cause", "errors", "type", "notes"]), ANYTHING))
def test_whatever_a_trace_says(content: dict[str, Any]) -> None:
    failure = read_failure(content)
    assert (failure is None) == (not isinstance(content.get("frames"), list))
