"""The filters that were used."""

from hypothesis import given
from hypothesis import strategies as st

from asgitrace.tui.filter.history import LONGEST, History


def test_the_newest_comes_first_and_only_once() -> None:
    entries: list[str] = []
    history = History(entries)
    for text in ("a", "b", " a ", "", "c", "c"):
        history.add(text)
    assert entries == ["c", "a", "b"]
    assert history.newest == "c"


def test_walks_back_and_forth_to_what_was_being_typed() -> None:
    history = History(["c", "b", "a"])
    assert [history.older("dra"), history.older("c"), history.older("b")] == ["c", "b", "a"]
    assert history.older("a") is None
    assert [history.newer(), history.newer(), history.newer()] == ["b", "c", "dra"]
    assert history.newer() is None


def test_what_is_shown_already_is_passed_over() -> None:
    history = History(["b", "a"])
    assert history.older("b") == "a"


def test_begins_anew_after_typing() -> None:
    history = History(["b", "a"])
    history.older("")
    history.older("b")
    history.rest()
    assert history.older("ax") == "b"


def test_an_empty_history() -> None:
    history = History([])
    assert history.newest == ""
    assert history.older("x") is None
    assert history.newer() is None


@given(st.lists(st.text(max_size=3), max_size=150))
def test_bounded_and_distinct(texts: list[str]) -> None:
    entries: list[str] = []
    history = History(entries)
    for text in texts:
        history.add(text)
    assert len(entries) == len(set(entries)) <= LONGEST
    used = [text.strip() for text in texts if text.strip()]
    assert entries[:1] == used[-1:]
