"""Every column can be drawn at every width, and where there is no room the least important goes."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from asgitrace.store.annotations import Annotation
from asgitrace.store.model import Row, RowKind, Split, State
from asgitrace.views.axis import Window
from asgitrace.views.columns.cells import Line, slowness
from asgitrace.views.columns.chooser import ColumnLines
from asgitrace.views.columns.layout import (
    Wanted,
    layout,
    read_columns,
    read_sort,
    usual,
)
from asgitrace.views.columns.registry import COLUMNS
from asgitrace.views.look import look
from asgitrace.views.rows import header_line, row_line

MS = 1_000_000

wanted = st.lists(
    st.builds(Wanted, st.sampled_from(sorted(COLUMNS)), st.integers(0, 60)),
    min_size=1,
    max_size=len(COLUMNS),
    unique_by=lambda entry: entry.name,
).map(tuple)

words = st.text(st.characters(), max_size=60)
lines = st.builds(
    Line,
    st.builds(
        Row,
        number=st.integers(1, 10**12),
        kind=st.sampled_from(RowKind),
        state=st.sampled_from(State),
        started_ns=st.integers(-(2**62), 2**62),
        method=words,
        path=words,
        status=st.integers(0, 65535),
        received=st.integers(0, 2**62),
        sent=st.integers(0, 2**62),
        events=st.integers(0, 2**32),
        split=st.builds(Split, *[st.integers(0, 2**50)] * 4),
        pending=st.sampled_from(("", "receive", "send")),
        connection=st.integers(0, 2**32),
        ttfb_ns=st.integers(-1, 2**50),
        client=words,
        mime=words,
    ),
    st.builds(Annotation, st.booleans(), st.lists(words).map(tuple), words),
    st.none() | st.integers(-(2**62), 2**62),
    words,
)


@given(wanted, st.integers(1, 240), st.booleans())
def test_a_layout_fits(chosen: tuple[Wanted, ...], width: int, axis: bool) -> None:
    plan = layout(width, chosen, axis=axis)
    assert plan.columns
    end = 0
    for placed in plan.columns:
        assert placed.at > end
        assert placed.width >= 1
        end = placed.end
    if len(plan.columns) > 1:
        assert end <= width
    names = [placed.column.name for placed in plan.columns]
    order = [entry.name for entry in chosen]
    assert [name for name in order if name in names] == [n for n in names if n in order]


@pytest.mark.parametrize("cells", [1, 3])
def test_a_number_too_long_for_its_column_is_cut(cells: int) -> None:
    row = Row(
        1, RowKind.HTTP, State.RETURNED, started_ns=0, method="", path="", status=0, received=0,
        sent=0, events=0, split=Split(0, 0, 0, 1_234_567), pending="", connection=0, ttfb_ns=0,
        client="", mime="",
    )  # fmt: skip
    plan = layout(20, (Wanted("after", cells),))
    line = Line(row, Annotation(False, (), ""), None, "")
    text = "".join(s.text for s in row_line(line, plan, look(colour=True, plain=False)))
    assert cell_len(text) == 20
    assert text.strip().startswith("\u2026")
    assert len(text.strip()) == cells


def test_no_column_goes_for_an_axis_that_has_no_room() -> None:
    assert layout(39, axis=True).columns == layout(39).columns
    assert layout(39, axis=True).of("status") is not None
    assert layout(60, axis=True).of("waterfall") is not None


@given(lines, wanted, st.integers(20, 240), st.booleans(), st.booleans())
def test_every_column_is_drawn_exactly(
    line: Line, chosen: tuple[Wanted, ...], width: int, plain: bool, axis: bool
) -> None:
    how = look(colour=not plain, plain=plain)
    plan = layout(width, chosen, axis=axis)
    window = Window(0, 10**9) if axis else None
    some = chosen[0].name
    for segments in (
        row_line(line, plan, how, selected=True, chosen=some, window=window),
        header_line(plan, how, sort=some, descending=plain, chosen=some, window=window),
    ):
        shown = "".join(segment.text for segment in segments)
        assert cell_len(shown) == width
        assert shown.isprintable()


def test_the_least_important_columns_go_first() -> None:
    everything = tuple(Wanted(name) for name in COLUMNS)
    shown: set[str] | None = None
    for width in range(400, 19, -1):
        if width == 109:
            continue  # the gap between columns is smaller from here on
        names = {placed.column.name for placed in layout(width, everything).columns}
        assert shown is None or names <= shown or width > 100
        shown = names
    assert shown == {"path"}


def test_the_axis_gets_room() -> None:
    for width in (79, 119, 199):
        axis = layout(width, axis=True).of("waterfall")
        bar = layout(width).of("waterfall")
        assert axis is not None
        assert bar is not None
        assert axis.width >= 2 * bar.width
    for chosen, width in ((41, 41), (20, 50)):
        wanted = (Wanted("path"), Wanted("waterfall", chosen))
        own = layout(119, wanted, axis=True).of("waterfall")
        assert own is not None
        assert own.width == width
    assert layout(119, (Wanted("path"),), axis=True).of("waterfall") is not None


def test_where_things_are() -> None:
    plan = layout(79)
    for placed in plan.columns:
        assert plan.under(placed.at) is placed
        assert plan.under(placed.end) is None
    assert plan.under(0) is None
    number, path, status = (plan.of(name) for name in ("number", "path", "status"))
    assert number is not None
    assert path is not None
    assert status is not None
    assert plan.border(number.end) == (number, 1)
    assert plan.border(path.end) == (status, -1)
    assert plan.border(path.at) is None
    without = layout(79, (Wanted("number"), Wanted("status")))
    assert without.border(without.columns[0].end) == (without.columns[0], 1)


def test_names_in_the_settings() -> None:
    assert read_columns(["number", "path", "mime:20"]) == (
        (Wanted("number"), Wanted("path"), Wanted("mime", 20)),
        "",
    )
    chosen, complaint = read_columns(["path", "speed", "path:3", "size:x", "size:0", "size:999"])
    assert chosen == (Wanted("path"),)
    assert complaint.startswith("The settings name no valid column with 'speed', 'path:3', 'size")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("", False)),
        ("number", ("", False)),
        ("-number", ("number", True)),
        ("duration", ("duration", False)),
        ("-duration", ("duration", True)),
    ],
)
def test_the_order_in_the_settings(text: str, found: tuple[str, bool]) -> None:
    assert read_sort(text) == (*found, "")


def test_an_order_that_is_none() -> None:
    name, descending, complaint = read_sort("-speed")
    assert (name, descending) == ("", False)
    assert "'-speed'" in complaint


def test_the_table_is_sound() -> None:
    for name, column in COLUMNS.items():
        assert name == column.name
        assert set(name) <= set(string.ascii_lowercase)
        assert column.help
        assert len(column.short or column.title) <= max(column.width, len(column.short))
    fields = [column.field for column in COLUMNS.values() if column.field]
    assert fields.count("dur") == 2  # the waterfall's bar stands for it too


def test_usual_columns_fit_at_usual_widths() -> None:
    for width in (79, 119, 199):
        names = [placed.column.name for placed in layout(width).columns]
        assert names == [entry.name for entry in usual(width)]


@pytest.mark.parametrize(
    ("kind", "ns", "level"),
    [
        (RowKind.HTTP, 99 * MS, 0),
        (RowKind.HTTP, 100 * MS, 1),
        (RowKind.HTTP, 1000 * MS, 2),
        (RowKind.HTTP, 10_000 * MS, 3),
        (RowKind.WEBSOCKET, 10_000 * MS, 0),
    ],
)
def test_slowness(kind: RowKind, ns: int, level: int) -> None:
    row = Row(1, kind, State.RETURNED, 0, "GET", "/", 200, 0, 0, 1, Split(ns), "")
    assert slowness(row) == level


def test_the_dialog_keeps_hidden_columns_in_their_place() -> None:
    lines = ColumnLines(usual(79))
    before = [lines.name(index) for index in range(len(lines))]
    assert set(before) == set(COLUMNS)
    assert lines.switch(1)
    assert [lines.name(index) for index in range(len(lines))] == before
    assert "seconds" not in [entry.name for entry in lines.wanted]
    assert lines.move(0, -1) == 0
    assert lines.move(0, 2) == 2
    assert lines.widen(2, 100)
    assert lines.widen(2, 1000)
    assert lines.wanted[1] == Wanted("number", 200)
    path = [lines.name(index) for index in range(len(lines))].index("path")
    assert not lines.widen(path, 1)
    assert lines.text(path).startswith("path: ")


def test_one_column_stays() -> None:
    lines = ColumnLines((Wanted("path"),))
    assert not lines.switch(0)
    assert lines.wanted == [Wanted("path")]
