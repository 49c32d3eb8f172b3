"""Regular expressions that would run away are stopped."""

import pytest

from asgitrace.errors import FilterError
from asgitrace.filter import compile_filter, match
from asgitrace.filter.patterns import LONGEST_INPUT, LONGEST_PATTERN, Pattern
from asgitrace.filter.syntax import Form, Span, Value
from tests.store.playbook import BODY, Tape, store_of

RUNAWAY = r"(a|aa)+$"
"""Which of the well-known ones runs away depends on what the engine knows to avoid."""


def pattern(source: str, flags: str = "") -> Pattern:
    return Pattern(Value(source, Form.REGEX, flags, Span(3, len(source) + 2)))


def test_found_in() -> None:
    assert pattern("b+c").found_in("abbc")
    assert not pattern("B").found_in("abc")
    assert pattern("B", "i").found_in("abc")
    assert pattern("a.b", "s").found_in("a\nb")


def test_only_the_first_part_is_looked_at() -> None:
    assert pattern("b").found_in("a" * (LONGEST_INPUT - 1) + "b")
    assert not pattern("b").found_in("a" * LONGEST_INPUT + "b")


@pytest.mark.parametrize("source", [r"(a+)+$", RUNAWAY, r"(a|a)*b", r"(.*)*x", r"(a*)*\1b"])
def test_what_runs_away_is_stopped(source: str) -> None:
    error = None
    try:
        pattern(source).found_in("a" * LONGEST_INPUT + "!")
    except FilterError as caught:
        error = caught
    assert error is None or "took too long" in str(error)
    assert error is None or (error.position, error.length) == (3, len(source) + 2)


def test_one_of_them_does_run_away() -> None:
    with pytest.raises(FilterError, match="took too long"):
        pattern(RUNAWAY).found_in("a" * 10_000 + "!")


@pytest.mark.parametrize("source", ["(a", "a" * (LONGEST_PATTERN + 1), "[z-a]", "*"])
def test_what_is_no_pattern(source: str) -> None:
    with pytest.raises(FilterError) as caught:
        pattern(source)
    assert caught.value.position == 3


@pytest.mark.parametrize("field", ["path", "resp.body", "log"])
def test_a_matcher_says_why_it_stopped(field: str) -> None:
    from asgitrace.store import LogLine

    text = "a" * 7_000 + "!"
    tape = Tape().scope(1, 1_000, path=text)
    tape.send(1, 1, 1_010, 1_020, {**BODY, "body": text.encode()}).end(1, 1_100)
    store = store_of(tape)
    store.log(LogLine(0, store.started[0] + 10, "stderr", text))
    matcher = match(compile_filter(f"{field}~/{RUNAWAY}/"), store)
    assert not matcher.advance(2_000, lambda: True)
    assert "took too long" in matcher.failure
    assert not matcher.done
    assert matcher.numbers.tolist() == []
    assert not matcher.advance(3_000, lambda: True)
