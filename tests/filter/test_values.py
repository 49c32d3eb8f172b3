"""What values mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.errors import FilterError
from asgitrace.filter.syntax import NOWHERE, Form, Value
from asgitrace.filter.values import THERE, Type, among, condition, number


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        (Type.DURATION, "200ms", 200_000_000),
        (Type.DURATION, "1.5s", 1_500_000_000),
        (Type.DURATION, "2m", 120_000_000_000),
        (Type.DURATION, "1m30s", 90_000_000_000),
        (Type.DURATION, "1h", 3_600_000_000_000),
        (Type.DURATION, "250us", 250_000),
        (Type.DURATION, "250µs", 250_000),
        (Type.DURATION, "7ns", 7),
        (Type.DURATION, "0", 0),
        (Type.SIZE, "512", 512),
        (Type.SIZE, "64k", 65_536),
        (Type.SIZE, "64KiB", 65_536),
        (Type.SIZE, "1.5M", 1_572_864),
        (Type.SIZE, "999999999999999999t", 2**62),
        (Type.NUMBER, "17", 17),
        (Type.NUMBER, "2k", 2_000),
        (Type.NUMBER, "2.0", 2),
        (Type.NUMBER, "-9", -9),
    ],
)
def test_numbers(kind: Type, text: str, meant: int) -> None:
    assert number(kind, Value(text)) == meant


@pytest.mark.parametrize("text", ["5", "ms", "5xs", "", "-5s", "1.2.3s"])
def test_no_durations(text: str) -> None:
    with pytest.raises(FilterError):
        number(Type.DURATION, Value(text))


def passing(sign: str, text: str, values: list[int]) -> list[int]:
    asked = condition(Type.STATUS, sign, Value(text), (), NOWHERE)
    mask = asked.array(np.array(values))
    found = [value for value, passes in zip(values, mask.tolist(), strict=True) if passes]
    assert found == [value for value in values if asked.holds([value])]
    return found


STATUSES = [-9, 1, 101, 200, 404, 418, 500, 599, 1000, 1006, 4404]


@pytest.mark.parametrize(
    ("sign", "text", "found"),
    [
        ("=", "4xx", [404, 418]),
        (":", "4XX", [404, 418]),
        ("!=", "4xx", [-9, 1, 101, 200, 500, 599, 1000, 1006, 4404]),
        ("=", "1xxx", [1000, 1006]),
        ("=", "1xx", [101]),
        (">=", "400", [404, 418, 500, 599]),
        (">", "1000", [1006, 4404]),
        ("<", "300", [101, 200]),
        ("<=", "1006", [1000, 1006]),
        ("<", "1", [-9]),
        (">", "0", [1]),
    ],
)
def test_statuses(sign: str, text: str, found: list[int]) -> None:
    assert passing(sign, text, STATUSES) == found


def test_among() -> None:
    values = [Value("200"), Value("4xx"), Value("1006")]
    asked = among(Type.STATUS, values, (), NOWHERE)
    assert asked.array(np.array(STATUSES)).nonzero()[0].tolist() == [3, 4, 5, 9]
    texts = among(Type.TEXT, [Value("a"), Value("B", Form.STRING)], (), NOWHERE)
    assert [texts.holds([text]) for text in ("a", "A", "B")] == [True, False, True]
    words = among(Type.CHOICE, [Value("in"), Value("OUT")], ("in", "out"), NOWHERE)
    assert words.words == frozenset({"in", "out"})


@given(st.text(max_size=10), st.text(max_size=3))
def test_contains_in_capitals_or_not(text: str, part: str) -> None:
    asked = condition(Type.TEXT, ":", Value(part), (), NOWHERE)
    assert asked.holds([text]) == (part.casefold() in text.casefold())
    assert asked.holds([text.upper()]) or part.casefold() not in text.upper().casefold()


def test_what_is_not_there_passes_nothing() -> None:
    for sign in ("=", "!=", ":", "!~"):
        assert not condition(Type.TEXT, sign, Value("a"), (), NOWHERE).holds([])
    assert not THERE.holds([])
    assert THERE.holds([0])
    assert THERE.array(np.array([0, 1])).all()


def test_of_several_values() -> None:
    unlike = condition(Type.TEXT, "!=", Value("a"), (), NOWHERE)
    assert unlike.holds(["b", "c"])
    assert not unlike.holds(["b", "a"])
