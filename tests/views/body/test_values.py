"""Decoded values as a tree."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.views.body import values
from asgitrace.views.body.values import Pairs, Tagged, ValueLines, Word
from asgitrace.views.look import look
from tests.views.body.rendered import everywhere, found
from tests.views.drawn import HOSTILE, drawn

NAMES = st.none() | st.text(max_size=6) | st.integers() | st.binary(max_size=4)
PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=40)
    | st.datetimes() | st.sampled_from(HOSTILE) | st.builds(Word, st.text(max_size=5))
)  # fmt: skip
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(NAMES, inner, max_size=4)
        | st.builds(
            Pairs, st.lists(st.tuples(NAMES | st.lists(inner, max_size=2), inner), max_size=3)
        )
        | st.builds(Tagged, st.text(max_size=8), inner, st.text(max_size=8))
    ),
    max_leaves=10,
)


@settings(max_examples=50)
@given(VALUES)
def test_every_value_is_shown(value: Any) -> None:
    lines = ValueLines(value)
    drawn(lines, 30)
    everywhere(lines)


def test_shows_values_in_the_look_of_json() -> None:
    lines = ValueLines(
        {
            "name": 'Zoë "x"',
            7: [True, None, 1.5, math.inf],
            b"raw": b"\x00\xff",
            "text": b"plain",
            "none": b"",
            "when": datetime(2026, 11, 21, 20, tzinfo=UTC),
            "empty": [{}, ()],
            "id": Tagged("tag 37 UUID", b"\x01", "a note"),
            "u": Word("undefined"),
            None: 0,
        },
        note="cut here",
    )
    assert drawn(lines) == [
        " ▾ {  10",
        '     "name": "Zoë \\"x\\""',
        "   ▾ 7: [",
        "       true",
        "       null",
        "       1.5",
        "       inf",
        "     ]",
        '     b"raw": <00 ff> 2 bytes',
        '     "text": b"plain"',
        '     "none": 0 bytes',
        '     "when": 2026-11-21T20:00:00Z',
        '   ▾ "empty": [',
        "       {}",
        "       []",
        "     ]",
        '     "id": tag 37 UUID <01> 1 byte  a note',
        '     "u": undefined',
        "     null: 0",
        "   }",
        "   ✗ cut here",
    ]
    assert lines.text(len(lines) - 1) == "cut here"
    assert lines.text(2).splitlines() == ["[", "  true", "  null", "  1.5", "  inf", "]"]
    assert lines.text(7) == lines.text(2)
    assert lines.text(1) == 'Zoë "x"'
    assert lines.text(8) == "00ff"
    assert lines.text(9) == "plain"
    assert lines.text(13) == "{}"
    whole = lines.text(0).splitlines()
    assert whole[1] == '  "name": "Zoë \\"x\\""'
    assert whole[-4:] == [
        '  "id": tag 37 UUID <01> 1 byte', '  "u": undefined', "  null: 0", "}",
    ]  # fmt: skip


def test_several_values_keep_duplicates_and_odd_names() -> None:
    lines = ValueLines(
        Pairs([("a", 1), ("a", 2), ([1, [2]], 3), (Tagged("tag 1", 5), 4), (Pairs([]), 0)]),
        "x",
    )
    assert drawn(lines) == [
        " ▾ {",
        '     "a": 1',
        '     "a": 2',
        "     [1, …]: 3",
        "     tag 1 5: 4",
        "     {}: 0",
        "   }",
        '   "x"',
    ]


def test_knows_the_path_to_a_line() -> None:
    lines = ValueLines({"items": [1, {"a b": 2, 7: 3}]})
    paths = [lines.path(index) for index in range(len(lines))]
    assert paths[:4] == ["", "items", "items[0]", "items[1]"]
    assert paths[5] == "items[1][7]"
    assert paths[-1] == ""


def test_searches_what_is_folded() -> None:
    lines = ValueLines({"a": {"deep": "needle"}, "b": Tagged("tag", 1, "needle too")})
    assert lines.toggle(0)
    assert found(lines, "needle") == ['"deep": "needle"', '"b": tag 1  needle too']


def test_what_is_too_large_is_shown_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MOST_ROWS", 10)
    lines = ValueLines([0] * 100)
    assert drawn(lines)[-1] == "   ✗ the tree ends here: more than 10 rows"
    assert len(lines) == 11
    long = "x" * 20_000
    monkeypatch.setattr(values, "_LONGEST_COPY", 100)
    assert ValueLines([long, long]).text(0).endswith("…")
    assert drawn(ValueLines(1 << 100_000))[0].startswith("   0x1000")
    assert drawn(ValueLines((object,)))[1].startswith("     <class")


def test_100_000_levels_and_a_cycle_are_bounded() -> None:
    value: Any = "bottom"
    tagged: Any = 1
    for _ in range(100_000):
        value = [value]
        tagged = Tagged("tag", tagged, "note")
    lines = ValueLines(value, tagged)
    while lines.work():
        pass
    assert len(lines) == 200_002
    assert "bottom" in drawn(lines, most=0) or lines.text(100_000) == "bottom"
    assert len(lines.text(0)) > 100_000
    check = "".join(segment.text for segment in lines.cells(200_001, 80, look()))
    assert len(check) <= 300
    name: Any = "bottom"
    for _ in range(5_000):
        name = Pairs([(name, 1)])
    assert drawn(ValueLines(name))[1] == "     {…: 1}: 1"
    cycle: list[Any] = []
    cycle.append(cycle)
    assert len(ValueLines(cycle)) == 4_000
