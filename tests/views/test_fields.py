"""Values broken at the width."""

from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.fields import Field, FieldLines
from asgitrace.views.needle import Needle
from tests.views.drawn import drawn


def rows(value: str, width: int) -> list[str]:
    """The rows of a value beside a label of one character."""
    return [line[4:] for line in drawn(FieldLines([Field("x", value)]), width + 4)]


def test_words_and_lists_stay_whole() -> None:
    assert rows("9 bytes dropped: a 204 has no content.", 20) == [
        "9 bytes dropped: a",
        "204 has no content.",
    ]
    assert rows("{version: 3.0, spec_version: 2.5}", 31) == ["{version: 3.0, spec_version:", "2.5}"]
    assert rows("aaaa,bbbb,cccc", 10) == ["aaaa,bbbb,", "cccc"]


def test_a_word_that_is_too_long_is_broken() -> None:
    assert rows("a " + "b" * 25, 12) == ["a " + "b" * 10, "b" * 12, "b" * 3]


def test_what_fits_is_one_row() -> None:
    assert rows("twelve cells", 12) == ["twelve cells"]
    assert rows("twelve cell. more", 12) == ["twelve cell.", "more"]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)), st.integers(1, 40))
def test_nothing_is_lost(value: str, width: int) -> None:
    shown = rows(value, width)
    assert "".join(shown).replace(" ", "") == value.replace(" ", "")


FOLDED = [
    Field("a", "1", parts=(Field("", "hidden pearl"), Field("", "other"))),
    Field("b", "2 " * 30, parts=(Field("", "another pearl"),)),
    Field("pearl", "3", parts=(Field("", "seen"),), opened=True),
]


def test_parts_unfold_and_fold() -> None:
    lines = FieldLines(FOLDED)
    before = drawn(lines, 40)
    assert "pearl" not in "".join(before[:-2])
    assert before[-1].strip() == "seen"
    assert lines.toggle(0)
    assert [line.strip() for line in drawn(lines, 40)[1:3]] == ["hidden pearl", "other"]
    assert lines.parent(2) == 0
    assert not lines.toggle(0, True)
    assert not lines.toggle(1)
    assert lines.toggle(0, False)
    assert drawn(lines, 40) == before


def test_what_was_unfolded_stays_so() -> None:
    lines = FieldLines(FOLDED)
    drawn(lines, 40)
    lines.toggle(0)
    again = FieldLines([*FOLDED, Field("more", "4")], lines)
    assert drawn(again, 40)[1].strip() == "hidden pearl"


def test_a_search_unfolds_what_it_finds() -> None:
    for step, expected in ((1, ["hidden", "another", "pearl: 3"]),
                           (-1, ["pearl: 3", "another", "hidden"])):  # fmt: skip
        lines = FieldLines(FOLDED)
        drawn(lines, 40)
        start = 0 if step > 0 else len(lines) - 1
        found = [
            lines.text(index)
            for index in lines.search(Needle("pearl"), start, step)
            if index is not None
        ]
        assert [text.strip(": ").split(" pearl")[0] for text in found] == expected


def test_many_fields_are_laid_out_in_portions() -> None:
    lines = FieldLines([Field(f"name {n}", "x" * 100) for n in range(20_000)])
    lines.reflow(80)
    assert len(lines) < 20_000
    steps = 0
    while lines.work():
        steps += 1
    assert len(lines) == 40_000
    assert steps > 5
