"""Exceptions as data: frames with their source, causes, groups, and their bounds."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.recorder import failures
from asgitrace.recorder.failures import explain
from asgitrace.ring import decode


def told(error: BaseException) -> dict[str, Any]:
    content: dict[str, Any] = decode(explain(error, full=True))
    return content


def raised_by(function: Callable[[], object]) -> dict[str, Any]:
    try:
        function()
    except BaseException as error:
        return told(error)
    raise AssertionError("nothing was raised")


def divide() -> float:
    one = 1
    return one / 0


def test_a_frame() -> None:
    frame = raised_by(divide)["frames"][-1]
    assert frame["name"] == "divide"
    assert frame["file"] == __file__
    assert __file__.endswith(frame["path"])
    assert not frame["library"]
    at = frame["line"] - frame["first"]
    assert [line.strip() for line in frame["source"][at - 1 : at + 1]] == [
        "one = 1",
        "return one / 0",
    ]
    assert frame["source"][at][frame["column"] : frame["end"]] == "one / 0"


def test_frames_of_python_and_of_packages_have_their_line_only() -> None:
    frames = raised_by(lambda: json.loads("{"))["frames"]
    assert [frame["library"] for frame in frames] == [False, False, True, True, True]
    assert frames[-1]["path"] == "json/decoder.py"
    assert len(frames[-1]["source"]) == 1
    marked = raised_by(lambda: pytest.fail("no"))["frames"]
    assert marked[-1]["library"]


def test_frames_of_asgitrace_are_those_of_a_library_but_for_the_demo() -> None:
    package = Path(failures.__file__).parent.parent
    names = ("recorder/trace.py", "server/http.py", "demo/app.py")
    assert [library_code(str(package / name)) for name in names] == [True, True, False]


def library_code(file: str) -> bool:
    """Whether a frame of this file is taken for one of a library."""
    namespace: dict[str, Callable[[], float]] = {}
    exec(compile("def fail():\n    return 1 / 0", file, "exec"), namespace)
    library: bool = raised_by(namespace["fail"])["frames"][-1]["library"]
    return library


def test_a_statement_of_several_lines() -> None:
    def several() -> None:
        dict(
            one=1,
            **{"one": 2},  # noqa: PIE804
        )

    frame = raised_by(several)["frames"][-1]
    at = frame["line"] - frame["first"]
    assert [line.strip() for line in frame["source"][at : at + 4]] == [
        "dict(",
        "one=1,",
        '**{"one": 2},  # noqa: PIE804',
        ")",
    ]


def test_columns_count_characters() -> None:
    def wide() -> None:
        _ = "\N{SNOWMAN}" + 1  # type: ignore[operator]

    frame = raised_by(wide)["frames"][-1]
    line = frame["source"][frame["line"] - frame["first"]]
    assert line[frame["column"] : frame["end"]].startswith('"\\N{SNOWMAN}" + 1')


def test_a_cause_and_a_context() -> None:
    def chained() -> None:
        try:
            try:
                divide()
            except ZeroDivisionError:
                raise KeyError("in between")  # noqa: B904
        except KeyError as error:
            raise ValueError("outer") from error

    content = raised_by(chained)
    assert content["message"] == "outer"
    assert "context" not in content
    cause = content["cause"]
    assert (cause["type"], cause["message"]) == ("KeyError", "'in between'")
    assert cause["context"]["type"] == "ZeroDivisionError"
    assert "cause" not in cause["context"]
    assert cause["context"]["frames"][-1]["name"] == "divide"


def test_a_context_that_was_suppressed() -> None:
    def suppressed() -> None:
        try:
            divide()
        except ZeroDivisionError:
            raise ValueError from None

    assert not {"cause", "context"} & raised_by(suppressed).keys()


def test_notes() -> None:
    error = ValueError("noted")
    error.add_note("first")
    error.__notes__.append(7)  # type: ignore[arg-type]
    assert told(error)["notes"] == ["first", "7"]


def test_a_group() -> None:
    async def two() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails("one"))
            group.create_task(fails("two"))

    async def fails(name: str) -> None:
        raise LookupError(name)

    content = raised_by(lambda: asyncio.run(two()))
    assert content["type"] == "ExceptionGroup"
    assert content["count"] == 2
    assert [error["message"] for error in content["errors"]] == ["one", "two"]
    assert content["errors"][0]["frames"][-1]["name"].endswith("fails")


def test_a_wide_group_is_bounded() -> None:
    content = told(ExceptionGroup("many", [ValueError(number) for number in range(500)]))
    assert content["count"] == 500
    assert len(content["errors"]) == 20


def test_a_deep_group_is_bounded() -> None:
    error: Exception = ValueError("inside")
    for _ in range(100):
        error = ExceptionGroup("round", [error])
    depth, content = 0, told(error)
    while content.get("errors"):
        depth, content = depth + 1, content["errors"][0]
    assert depth == 12


def test_a_circle_of_contexts_ends() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__context__, two.__context__ = two, one
    content = told(one)
    assert content["context"]["message"] == "two"
    assert "context" not in content["context"]


def test_a_deep_stack_keeps_both_ends() -> None:
    def deeper(left: int) -> None:
        if not left:
            raise ValueError
        deeper(left - 1)

    content = raised_by(lambda: deeper(300))
    assert len(content["frames"]) == 80
    assert content["left_out"] == 223  # of 303: two around the recursion, 301 inside it
    assert content["frames"][-1]["source"]


def test_source_that_is_not_there() -> None:
    def run() -> None:
        exec(compile("def f():\n    return 1 / 0\nf()", "<made>", "exec"), {})

    frame = raised_by(run)["frames"][-1]
    assert frame["file"] == "<made>"
    assert frame["library"]
    assert frame["source"] == [""]


def test_an_error_while_it_is_taken_apart_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise OSError("no source")

    monkeypatch.setattr("linecache.getline", fail)
    content = raised_by(divide)
    assert content["type"] == "ZeroDivisionError"
    assert "no source" in content["traceback"] or "no source" in content["unexplained"]


def test_a_file_below_none_of_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "alone.py"
    file.write_text("1 / 0\n")

    def run() -> None:
        exec(compile(file.read_text(), str(file), "exec"), {})

    assert raised_by(run)["frames"][-1]["path"] == str(file)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    assert raised_by(run)["frames"][-1]["path"] == "alone.py"


def test_without_more_only_what_it_is() -> None:
    assert decode(explain(ValueError("x"), full=False)) == {
        "type": "ValueError",
        "module": "builtins",
        "message": "x",
    }


class Strange(Exception):
    """One with attributes of its own making."""

    def __init__(self, text: str, notes: object) -> None:
        super().__init__(text)
        self.__notes__ = notes  # type: ignore[assignment]


@given(st.text(), st.one_of(st.none(), st.text(), st.lists(st.one_of(st.text(), st.integers()))))
def test_any_message_and_notes(text: str, notes: object) -> None:
    content = told(Strange(text, notes))
    assert content["type"] == "Strange"
    assert "unexplained" not in content
