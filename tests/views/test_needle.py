"""What is searched for, against a naive search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views import needle as needles
from asgitrace.views.lines import Lines, Notes, Stack
from asgitrace.views.needle import LONGEST, Needle, NeedleError
from asgitrace.views.wrap import TextLines

TEXTS = st.text("abABß İK\u212a\n", max_size=30)
WANTED = st.text("abABßİk\u212a", min_size=1, max_size=3)


def alike(one: str, other: str, *, capitals: bool) -> bool:
    if capitals or one == other:
        return one == other
    low, lower = one.lower(), other.lower()
    return (low if len(low) == 1 else one) == (lower if len(lower) == 1 else other)


def naive(text: str, wanted: str) -> list[tuple[int, int]]:
    capitals = wanted != wanted.lower()
    found, at = [], 0
    while at + len(wanted) <= len(text):
        part = text[at : at + len(wanted)]
        if all(map(lambda one, other: alike(one, other, capitals=capitals), part, wanted)):
            found.append((at, at + len(wanted)))
            at += len(wanted)
        else:
            at += 1
    return found


@given(TEXTS, WANTED)
def test_spans_are_where_a_naive_search_finds_them(text: str, wanted: str) -> None:
    needle = Needle(wanted)
    assert needle.spans(text) == naive(text, wanted)
    assert needle.found_in(text) == bool(naive(text, wanted))


@given(TEXTS, st.sampled_from(["ab", "a", "/\\bb/"]))
def test_windows_make_no_difference(text: str, typed: str) -> None:
    needle = Needle(typed)
    whole = needle.spans(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(needles, "WINDOW", 7)
        assert needle.spans(text) == whole
        backwards = [span for span in needle.walk(text, len(text), -1) if span is not None]
    assert bool(backwards) == bool(whole)
    assert backwards == sorted(backwards, reverse=True)


@pytest.mark.parametrize(
    ("typed", "expression", "capitals", "text"),
    [
        ("tea", False, False, "tea"),
        ("Tea", False, True, "Tea"),
        ("/items/", False, False, "/items/"),
        ("/items/[0-9]+/", True, False, "items/[0-9]+"),
        (r"/\S+/", True, False, r"\S+"),
        ("/", False, False, "/"),
        ("//", False, False, "//"),
    ],
)
def test_what_is_typed_says_how_it_is_meant(
    typed: str, expression: bool, capitals: bool, text: str
) -> None:
    needle = Needle(typed)
    assert (needle.expression, needle.capitals, needle.text) == (expression, capitals, text)


def test_an_expression_that_is_asked_for_needs_no_slashes() -> None:
    assert Needle("a+", expression=True).spans("caaat") == [(1, 4)]
    assert Needle("/a+/", expression=False).spans("/a+/") == [(0, 4)]
    assert Needle("tea", capitals=True).spans("Tea tea") == [(4, 7)]


@pytest.mark.parametrize("typed", ["/(a/", "x" * (LONGEST + 1), "/[z-a]/", "/*/"])
def test_what_cannot_be_searched_for_says_why(typed: str) -> None:
    with pytest.raises(NeedleError):
        Needle(typed)


def test_an_expression_that_runs_away_is_stopped() -> None:
    with pytest.raises(NeedleError, match="took too long"):
        Needle("/(a|aa)+$/").spans("a" * 5_000 + "!")


def test_needles_are_told_apart_by_what_they_find() -> None:
    assert Needle("a") == Needle("a")
    assert Needle("a") != Needle("A")
    assert hash(Needle("/a./")) == hash(Needle("a.", expression=True))
    assert not Needle("")


LISTS = st.lists(st.text("ab ", max_size=4), max_size=12)


@given(LISTS, LISTS, st.integers(0, 25), st.sampled_from([1, -1]))
def test_lines_are_found_in_both_directions(
    first: list[str], second: list[str], start: int, step: int
) -> None:
    lines: Lines = Stack([Notes(first), Notes([]), Notes(second)])
    texts = first + second
    order = range(start, len(texts)) if step > 0 else range(start, -1, -1)
    expected = [at for at in order if start < len(texts) and "ab" in texts[at]]
    found = [at for at in lines.search(Needle("ab"), start, step) if at is not None]
    assert found == expected


@given(
    st.text("ab\n", max_size=60),
    st.integers(2, 9),
    st.integers(0, 30),
    st.sampled_from([1, -1]),
)
def test_rows_of_a_text_are_found_and_marked_across_their_borders(
    text: str, width: int, start: int, step: int
) -> None:
    lines = TextLines(text)
    lines.reflow(width)
    needle = Needle("ab")
    rows = [lines._rows.row(at) for at in range(len(lines))]
    begins = list(lines._rows.starts)
    hits = {
        max(at for at, begin in enumerate(begins) if begin <= span[0])
        for span in needle.spans(text)
    }
    order = range(start, len(rows)) if step > 0 else range(start, -1, -1)
    expected = [at for at in order if start < len(rows) and at in hits]
    assert [at for at in lines.search(needle, start, step) if at is not None] == expected
    marked = sum(
        high - low for at in range(len(rows)) for low, high in lines.marks(at, needle) or ()
    )
    assert marked == 2 * len(needle.spans(text))
