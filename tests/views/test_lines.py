"""What all lines have in common."""

import pytest

from asgitrace.views.body.json_tree import JsonLines
from asgitrace.views.fields import Field, FieldLines, header_fields, heading
from asgitrace.views.lines import Lines, NoLines, Notes, Stack
from asgitrace.views.look import look
from tests.views.drawn import drawn


def test_no_lines() -> None:
    lines = NoLines()
    assert len(lines) == 0
    assert lines.cells(0, 10, look()) == []
    assert lines.text(0) == ""
    assert not lines.work()
    assert not lines.toggle(0)
    assert not lines.live(0)
    assert lines.parent(3) == 3


def test_lines_must_say_what_they_are() -> None:
    lines = Lines()
    for ask in (lambda: len(lines), lambda: lines.cells(0, 1, look()), lambda: lines.text(0)):
        with pytest.raises(NotImplementedError):
            ask()


def test_stack_passes_on_what_its_parts_can() -> None:
    stack = Stack([Notes(["one", "two"]), JsonLines('{"a": [1]}')])
    assert [line.strip() for line in drawn(stack)] == [
        "one", "two", "▾ {", '▾ "a": [', "1", "]", "}",
    ]  # fmt: skip
    assert stack.text(1) == "two"
    assert stack.text(4) == "1"
    assert stack.parent(4) == 3
    assert not stack.live(4)
    assert not stack.toggle(0)
    assert stack.toggle(3)
    assert len(stack) == 5
    with pytest.raises(IndexError):
        stack.text(5)


def test_fields_break_their_values() -> None:
    fields = [heading("Title"), Field("name", "x" * 30), Field("long", "y" * 20_000), Field("only")]
    lines = FieldLines(fields)
    shown = drawn(lines, 30)
    assert shown[:3] == [" Title", " name  " + "x" * 23, " " * 7 + "x" * 7]
    assert any("3,616 characters more" in line for line in drawn(lines, 60, most=1_000))
    assert lines.text(0) == "Title"
    assert lines.text(1) == "name: " + "x" * 30
    assert len(lines.text(5)) > 20_000


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([[b"a", b"1"], [b"a", b"\xff"]], [("a", "1"), ("a", "\\xff")]),
        ([[b"a"], 3], [("?", "[a]"), ("?", "3")]),
        ("what", [("headers", "what")]),
    ],
)
def test_headers_that_are_none(headers: object, expected: list[tuple[str, str]]) -> None:
    assert [(field.label, field.value) for field in header_fields(headers)] == expected
