"""Exceptions as data: frames with their source, causes, groups, and their bounds."""

import asyncio
import gc
import json
import sys
import traceback
import types
import weakref
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


class Refusing:
    """A loader that does not give its source."""

    def get_source(self, name: str) -> str:
        raise OverflowError("no source")


def test_a_loader_that_refuses() -> None:
    namespace = {"__loader__": Refusing(), "__name__": "refused"}
    exec(compile("def fail():\n    return 1 / 0", "refused.zip/it.py", "exec"), namespace)
    content = raised_by(namespace["fail"])  # type: ignore[arg-type]
    assert content["frames"][-1]["name"] == "fail"
    assert content["frames"][-1]["source"] == []
    assert content["traceback"].endswith(
        'File "refused.zip/it.py", line 2, in fail\nZeroDivisionError: division by zero\n'
    )


def test_an_error_of_ours_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise OSError("no frames")

    try:
        divide()
    except ZeroDivisionError as error:
        monkeypatch.setattr("asgitrace.recorder.failures._stacks.of", fail)
        content = told(error)
    assert content["type"] == "ZeroDivisionError"
    assert "no frames" in content["traceback"]
    assert "no frames" in content["unexplained"]


class Hostile(Exception):
    """Lies about all that can be asked of it."""

    def __getattribute__(self, name: str) -> object:
        if name == "__class__":
            return BaseExceptionGroup
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError("no words")


class Odd(ExceptionGroup[Exception]):
    """A group whose members nobody is to see."""

    @property
    def exceptions(self) -> tuple[Exception, ...]:
        raise RuntimeError("none of yours")


def test_what_an_exception_says_of_itself_is_not_asked() -> None:
    try:
        raise Hostile from ValueError("why")
    except Hostile as error:
        content = told(error)
    assert (content["type"], content["cause"]["message"]) == ("Hostile", "why")
    assert content["frames"][-1]["name"] == "test_what_an_exception_says_of_itself_is_not_asked"
    assert "unexplained" not in content
    group = told(Odd("odd", [ValueError("in it")]))
    assert [one["message"] for one in group["errors"]] == ["in it"]


def test_a_module_that_is_no_text() -> None:
    class Meta(type):
        @property
        def __module__(cls) -> str:  # type: ignore[override]
            raise RuntimeError("nowhere")

    kind = Meta("Nowhere", (Exception,), {})
    assert told(kind("x"))["module"] == ""
    assert told(type("Odd", (Exception,), {"__module__": "\ud800"})("x"))["module"] == "\\ud800"


def test_names_are_bounded() -> None:
    namespace: dict[str, Callable[[], float]] = {}
    file = "x" * 100_000
    exec(compile("def fail():\n    return 1 / 0", file, "exec"), namespace)
    frame = raised_by(namespace["fail"])["frames"][-1]
    assert (len(frame["file"]), len(frame["path"])) == (1000, 1000)


def test_a_traceback_made_by_hand() -> None:
    trace = types.TracebackType(None, sys._getframe(), -1, 1)
    content = told(ValueError("made").with_traceback(trace))
    assert content["frames"][0]["line"] == 1
    assert "column" not in content["frames"][0]


def test_whatever_is_on_the_path_of_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [Path("/"), None, *sys.path])
    assert raised_by(lambda: 1 % 0)["frames"]


@pytest.mark.parametrize("wide", [True, False])
def test_very_many_exceptions_are_not_all_written(wide: bool) -> None:
    error: Exception
    if wide:
        error = ExceptionGroup("many", [ValueError(str(number)) for number in range(10_000)])
    else:
        error = ValueError("last")
        at = error
        for number in range(10_000):
            at.__context__ = at = ValueError(str(number))
    content = told(error)
    assert content["traceback"] in (
        "ExceptionGroup: many (10000 sub-exceptions)\n",
        "ValueError: last\n",
    )
    assert "errors" in content or "context" in content


def test_no_frame_is_kept_alive() -> None:
    class Held:
        pass

    def fail() -> None:
        held = Held()
        found.append(weakref.ref(held))
        raise KeyError("x")

    found: list[weakref.ref[Held]] = []
    assert raised_by(fail)["frames"]
    gc.collect()
    assert found[0]() is None


def test_the_text_is_as_python_writes_it() -> None:
    def named() -> None:
        nothing = missing  # type: ignore[name-defined]  # noqa: F821, F841

    for function in (divide, named, lambda: json.loads("{")):
        with pytest.raises(Exception) as raised:  # noqa: PT011
            function()
        written = "".join(traceback.format_exception(raised.value))
        assert told(raised.value)["traceback"] == written
        assert told(raised.value)["traceback"] == written


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
