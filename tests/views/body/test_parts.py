"""Renderers that need all bytes at once, and those that fail or are slow."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from asgitrace.views.body import aside
from asgitrace.views.body.aside import Aside, TookTooLong
from asgitrace.views.body.bodies import Body
from asgitrace.views.body.decoded import Decoded
from asgitrace.views.body.model import CannotRender, Part, Rating, Renderer, Sample
from asgitrace.views.body.parts import whole
from asgitrace.views.body.places import fold_by, path_of, place_of
from asgitrace.views.body.registry import RENDERERS, able, choose, doubt
from asgitrace.views.body.shown import BodyLines
from asgitrace.views.lines import Lines, Notes
from asgitrace.views.needle import Needle, NeedleError
from tests.views.drawn import LOOKS, drawn


def likely(_: Sample) -> Rating:
    return Rating.LIKELY


def shown(renderer: Renderer, data: bytes = b"abc") -> BodyLines:
    return BodyLines(Decoded(Body.of(data)), renderer)


def test_what_is_rendered_at_once_is_shown() -> None:
    part = whole(lambda data, sample: Notes([data.decode()]))(Sample(b""))
    part.feed(b"ab", final=False)
    part.feed(b"c", final=True)
    assert drawn(part.lines) == ["abc"]


def test_beyond_the_limit_it_is_said() -> None:
    part = whole(lambda data, sample: Notes([f"{len(data)}"]), 4)(Sample(b""))
    part.feed(b"abcdefgh", final=True)
    assert drawn(part.lines) == ["4", " ✗ 4B beyond the first 4B are not shown"]


def test_what_grows_is_rendered_now_and_then() -> None:
    sizes: list[int] = []

    def render(data: bytes, sample: Sample) -> Lines:
        sizes.append(len(data))
        return Notes([f"{len(data)}"])

    part = whole(render)(Sample(b""))
    for _ in range(100):
        part.feed(b"x" * 10_000, final=False)
        drawn(part.lines)
    part.feed(b"", final=True)
    assert drawn(part.lines) == ["1000000"]
    assert len(sizes) < 30


def test_what_fails_late_has_the_width_that_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "AT_ONCE", 0.0)
    late = threading.Event()

    def render(data: bytes, sample: Sample) -> Lines:
        late.wait()
        raise CannotRender

    part = whole(render)(Sample(b""))
    part.feed(bytes(64), final=True)
    part.lines.reflow(7)
    late.set()
    assert drawn(part.lines, 7)[1] == " 00000000  00 00 00 00  ····"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CannotRender("no such thing"), "no such thing"),
        (CannotRender(), "it cannot show this"),
        (ValueError("secret"), "it failed: ValueError"),
        (RecursionError(), "it failed: RecursionError"),
        (MemoryError(), "it failed: MemoryError"),
    ],
)
def test_a_renderer_that_fails(error: Exception, words: str) -> None:
    def render(data: bytes, sample: Sample) -> Lines:
        raise error

    lines = drawn(shown(Renderer("It", likely, whole(render))))
    assert lines[0] == f" ✗ {words}"
    assert lines[1].startswith(" 00000000  61 62 63")


def test_a_slow_renderer_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def render(data: bytes, sample: Sample) -> Lines:
        try:
            while True:
                pass
        finally:
            ended.set()

    monkeypatch.setattr(aside, "_LOOKS", 3)
    monkeypatch.setattr(Aside.__init__, "__defaults__", (3,))
    lines = shown(Renderer("It", likely, whole(render)))
    assert "rendering" in "".join(segment.text for segment in lines.cells(0, 80, LOOKS[0]))
    assert drawn(lines)[0] == " ✗ took too long"
    assert ended.wait(30)


def test_aside() -> None:
    waiting = threading.Event()
    job = Aside(lambda: waiting.wait(30), looks=10_000)
    assert not job.done()
    waiting.set()
    while not job.done():
        pass
    assert job.result()
    job.end()

    def fail() -> None:
        raise KeyError("x")

    failing = Aside(fail)
    while not failing.done():
        pass
    with pytest.raises(KeyError):
        failing.result()
    assert issubclass(TookTooLong, Exception)


class Fragile(Lines):
    """Fails in one of its methods."""

    def __init__(self, method: str) -> None:
        self._method = method

    def __len__(self) -> int:
        return 1

    def _may(self, method: str) -> None:
        if method == self._method:
            raise ZeroDivisionError

    def cells(self, *_: Any) -> Any:
        self._may("cells")
        return Notes(["fine"]).cells(0, 80, LOOKS[0])

    def text(self, index: int) -> str:
        self._may("text")
        return "fine"

    def searched(self, index: int) -> str:
        self._may("searched")
        return "fine"

    def reflow(self, width: int) -> None:
        self._may("reflow")

    def work(self) -> bool:
        self._may("work")
        return False

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        self._may("toggle")
        return False

    def parent(self, index: int) -> int:
        self._may("parent")
        return index

    def search(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        self._may("search")
        return super().search(needle, start, step)

    def matching(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        self._may("matching")
        return super().matching(needle, start, step)

    def marks(self, index: int, needle: Needle) -> Any:
        self._may("marks")
        if self._method == "needle":
            raise NeedleError("too long")


class FragilePart:
    def __init__(self, method: str) -> None:
        self.lines: Lines = Fragile(method)
        self._method = method

    def feed(self, data: bytes, *, final: bool) -> None:
        if self._method == "feed":
            raise ZeroDivisionError


@pytest.mark.parametrize(
    "method",
    ["cells", "text", "searched", "reflow", "work", "toggle", "parent", "search", "matching",
     "marks", "feed", "part"],
)  # fmt: skip
def test_lines_that_fail_give_way_to_hex(method: str) -> None:
    def part(sample: Sample) -> Part:
        if method == "part":
            raise ZeroDivisionError
        return FragilePart(method)

    told: list[None] = []
    renderer = Renderer("Fragile", likely, part)
    source = Decoded(Body.of(b"abc"))
    lines = BodyLines(source, renderer, failed=lambda: told.append(None))
    needle = Needle("fine")
    lines.cells(0, 80, LOOKS[0])
    lines.text(0)
    lines.searched(0)
    lines.toggle(0)
    lines.parent(0)
    list(lines.search(needle, 0, 1))
    list(lines.matching(needle, 0, 1))
    lines.marks(0, needle)
    found = drawn(lines)
    assert found[0] == " ✗ Fragile failed: ZeroDivisionError"
    assert found[1].startswith(" 00000000  61 62 63")


def test_a_search_that_takes_too_long_is_told_as_such() -> None:
    lines = shown(Renderer("It", likely, lambda sample: FragilePart("needle")))
    with pytest.raises(NeedleError):
        lines.marks(0, Needle("fine"))


def test_those_that_fail_when_asked_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(sample: Sample) -> Any:
        raise ZeroDivisionError

    broken = Renderer("Broken", fail, fail, fail)
    monkeypatch.setattr("asgitrace.views.body.registry.RENDERERS", (broken, *RENDERERS))
    sample = Sample(b"[1]", "application/json")
    assert choose(sample).name == "JSON"
    assert broken not in able(sample)
    assert doubt(sample) == ""


def test_places() -> None:
    def at(data: bytes, name: str, index: int) -> tuple[str, str]:
        lines = shown(next(one for one in RENDERERS if one.name == name), data)
        drawn(lines, 40)
        return place_of(lines, index), path_of(lines, index)

    assert at(b'{"a": [1, {"b c": 2}]}', "JSON", 4) == ('.a[1]["b c"]', '.a[1]["b c"]')
    assert at(b'{"a": 1}', "JSON", 0) == (".", ".")
    assert at(b"[" * 1_000, "JSON", 999)[0] == "…" + "[0]" * 40
    assert at(b"a\nb\n" + b"c" * 100, "Text", 1) == ("line 2", "")
    assert at(b"a\nb\n" + b"c" * 100, "Text", 3) == ("line 3, character 40", "")
    assert at(bytes(100), "Hex", 2) == ("8 of 100", "")
    assert at(b"x", "Text", 9) == ("", "")


def test_folding_by_level_keeps_the_cursor_where_it_was() -> None:
    json = next(one for one in RENDERERS if one.name == "JSON")
    lines = shown(json, b'{"a": [1, {"b": 2}], "c": 3}')
    drawn(lines)
    assert len(lines) == 9
    assert fold_by(lines, -1, 4) == 3
    assert len(lines) == 7
    assert fold_by(lines, -9, 5) == 2
    assert len(lines) == 4
    assert fold_by(lines, 9, 2) == 7
    assert len(lines) == 9
    assert fold_by(shown(RENDERERS[-1]), -1, 0) is None
