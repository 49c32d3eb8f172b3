"""JSON as folding lines."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.body.json_scan import JsonScan
from asgitrace.views.body.json_tree import JsonLines
from tests.views.drawn import HOSTILE, drawn

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def scan(text: str, *, final: bool = True) -> JsonScan:
    found = JsonScan()
    found.feed(text, final=final)
    while found.work(7):
        pass
    return found


def count(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        return sum(map(count, inner)) + (2 if value else 1)
    return 1


@given(VALUES, st.sampled_from([None, 2]))
def test_every_json_text_is_read(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    found = scan(text)
    assert found.fault is None
    assert found.ended
    assert len(found) == count(value)
    assert text[found.start[0] : found.end[0]] == text


@given(VALUES, st.lists(st.integers(0, 200), max_size=5))
def test_pieces_give_what_the_whole_gives(value: Any, cuts: list[int]) -> None:
    text = json.dumps(value)
    pieces = JsonScan()
    at = 0
    for cut in sorted({min(cut, len(text)) for cut in cuts}):
        pieces.feed(text[at:cut], final=False)
        while pieces.work(5):
            pass
        assert pieces.fault is None
        at = cut
    pieces.feed(text[at:], final=True)
    while pieces.work(5):
        pass
    whole = scan(text)
    assert (pieces.start, pieces.end, pieces.last, pieces.count, pieces.fault) == (
        whole.start, whole.end, whole.last, whole.count, whole.fault,
    )  # fmt: skip


@given(st.text(alphabet='{}[]",:\\ \n0123-.eEtrufalsn/é', max_size=40))
def test_what_python_reads_is_read_and_what_it_refuses_is_refused(text: str) -> None:
    lines = JsonLines(text)
    drawn(lines, 30)
    try:
        json.loads(text)
    except ValueError:
        return
    assert lines.scan.fault is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1, b}', "not JSON from character 10 on"),
        ('{"a": [1, 2', "the text ends here, in the middle of a value"),
        ("[1}", "not JSON from character 3 on"),
        ("[,]", "not JSON from character 2 on"),
        ("[1,]", "not JSON from character 4 on"),
        ('{"a" 1}', "not JSON from character 2 on"),
        ("[1]x", "not JSON from character 4 on"),
        ('"\x01"', "not JSON from character 1 on"),
        ("[1] [2]\n3", ""),
        ("", ""),
    ],
)
def test_says_where_it_ends(text: str, fault: str) -> None:
    lines = JsonLines(text)
    shown = drawn(lines)
    assert lines.fault == fault
    assert not fault or fault in shown[-1]


def test_shows_values_as_they_came() -> None:
    text = '{"n": 1.00, "big": 12345678901234567890, "n": "\\u00e9\\n\\"", "e": {}, "x": [true]}'
    assert drawn(JsonLines(text)) == [
        " ▾ {",
        '     "n": 1.00',
        '     "big": 12345678901234567890',
        '     "n": "é\\n\\""',
        '     "e": {}',
        '   ▾ "x": [',
        "       true",
        "     ]",
        "   }",
    ]


def test_folds_and_unfolds() -> None:
    lines = JsonLines('{"a": [1, {"b": 2}], "c": [3]}')
    whole = drawn(lines)
    assert not lines.toggle(2)
    assert lines.toggle(3)
    assert drawn(lines)[3].strip() == '▸ {…}  1 member  "b": 2'
    assert lines.toggle(1, False)
    assert not lines.toggle(1, False)
    assert [line.strip() for line in drawn(lines)] == [
        "▾ {", '▸ "a": […]  2 items  1, {"b": 2}', '▾ "c": [', "3", "]", "}",
    ]  # fmt: skip
    assert lines.toggle(0)
    assert len(lines) == 1
    assert lines.toggle(0, True)
    assert lines.toggle(1, True)
    assert drawn(lines)[3].strip() == '▸ {…}  1 member  "b": 2'
    assert lines.toggle(3)
    assert drawn(lines) == whole


def test_knows_parents_and_copies() -> None:
    lines = JsonLines('{"a": [1, "x\\ty"]}')
    assert [lines.parent(index) for index in range(6)] == [0, 0, 1, 1, 1, 0]
    assert lines.text(1) == lines.text(4) == '[1, "x\\ty"]'
    assert lines.text(3) == "x\ty"
    assert lines.text(0) == '{"a": [1, "x\\ty"]}'
    assert JsonLines("nope").text(0) == "not JSON from character 1 on"


def test_grows_while_a_part_is_folded() -> None:
    lines = JsonLines('{"a": [1, 2', final=False)
    assert lines.toggle(1)
    lines.feed(', 3], "b": 4}', final=True)
    assert [line.strip() for line in drawn(lines)] == [
        "▾ {", '▸ "a": […]  3 items  1, 2, 3', '"b": 4', "}",
    ]  # fmt: skip
    assert lines.toggle(1)
    assert len(drawn(lines)) == 8


@pytest.mark.parametrize("opener", ["[", '{"a":'])
def test_depth_costs_nothing(opener: str) -> None:
    lines = JsonLines(opener * 100_000)
    assert len(drawn(lines, 80)) == 301
    assert len(lines) == 100_001
    assert "99999… ▾" in drawn(lines, 80)[-1] or "ends here" in drawn(lines, 80)[-1]
    assert lines.toggle(0)
    assert len(lines) == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_is_inert(text: str) -> None:
    for width in (1, 5, 20, 100):
        drawn(JsonLines(json.dumps({text: [text, text * 3_000]})), width)
        drawn(JsonLines(json.dumps({text: text}, ensure_ascii=False)), width)
        drawn(JsonLines(text), width)
