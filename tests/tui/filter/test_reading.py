"""Filters as they are typed, with saved ones in them."""

from hypothesis import given
from hypothesis import strategies as st

from asgitrace.tui.filter.reading import LONGEST, Fault, Reading, read, usable

SAVED = {"slow": "dur>1s", "bad": "status=5xx or exc", "both": "@slow @bad", "broken": "dur>",
         "round": "@round", "empty": " "}  # fmt: skip


def whole(text: str) -> str:
    reading = read(text, SAVED)
    assert reading.predicate is not None, reading.fault
    return reading.predicate.text


def fault(text: str) -> Fault:
    found = read(text, SAVED).fault
    assert found is not None
    return found


def test_nothing_typed_is_no_filter() -> None:
    assert read("  ", SAVED) == Reading("  ")


def test_a_name_stands_for_what_was_saved() -> None:
    assert whole("@slow") == "(dur>1s)"
    assert whole("method=GET -@bad") == "method=GET -(status=5xx or exc)"
    assert whole("(@slow or exc)") == "((dur>1s) or exc)"
    assert whole("@both") == "((dur>1s) (status=5xx or exc))"


def test_a_name_is_none_in_a_value() -> None:
    for text in ('path:"a @slow"', "ws.text~/ @slow/", "client:ada@slow"):
        assert whole(text) == text


def test_a_name_that_there_is_not() -> None:
    assert fault("exc @slo") == Fault(
        4, 4, "one of the saved filters: @slow, @bad, @both, @broken, @round, @empty"
    )
    assert fault("@empty").position == 0
    found = read("@slow", {}).fault
    assert found == Fault(0, 5, "a field or a word, as no filter is saved yet")


def test_faults_are_where_they_were_typed() -> None:
    assert fault("status=").position == 7
    after = fault("@slow @bad status=")
    assert (after.position, after.length) == (18, 1)
    inside = fault("exc @broken")
    assert (inside.position, inside.length) == (4, 7)
    assert inside.expected


def test_a_filter_that_stands_for_itself_is_no_filter() -> None:
    assert fault("@round") == fault("@round")
    assert fault("@round").length == 6


def test_names_that_can_be_written() -> None:
    assert usable("slow-api_2.x")
    assert not usable("two words")
    assert not usable("")


@given(st.text(max_size=60) | st.lists(
    st.sampled_from(["@slow", "@", "@nope", '"', "/", "~", "(", ")", " or ", "status", "=", "5xx",
                     "-", "not ", "dur>", "1s", "\\", "\x1b", "é", "count(", "seq(", "->"]),
    max_size=14,
).map("".join))  # fmt: skip
def test_whatever_is_typed_is_read_or_has_a_fault_in_it(text: str) -> None:
    reading = read(text, SAVED)
    if reading.fault is not None:
        assert 0 <= reading.fault.position <= len(text)
        assert 0 <= reading.fault.length <= len(text) + 1
        assert reading.fault.expected
    else:
        assert (reading.predicate is None) == (not text.strip())
    assert len(text) <= LONGEST
