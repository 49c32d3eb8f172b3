"""Lines of the list: right in width, inert in content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from asgitrace.store.model import Row, RowKind, Split, State
from asgitrace.views.columns.cells import Line
from asgitrace.views.columns.layout import layout
from asgitrace.views.look import look
from asgitrace.views.rows import fit, header_line, row_line, row_text

ROW = Row(
    number=7,
    kind=RowKind.HTTP,
    state=State.RETURNED,
    started_ns=0,
    method="GET",
    path="/items?q=1",
    status=200,
    received=0,
    sent=2048,
    events=5,
    split=Split(app=3_000_000),
    pending="",
)


def changed(**changes: object) -> Row:
    return Row(**{name: changes.get(name, getattr(ROW, name)) for name in Row.__slots__})  # type: ignore[arg-type]


def line(row: Row, width: int = 119, *, plain: bool = False) -> str:
    segments = row_line(Line(row), layout(width), look(plain=plain))
    return "".join(segment.text for segment in segments)


rows = st.builds(
    Row,
    number=st.integers(1, 10**9),
    kind=st.sampled_from(RowKind),
    state=st.sampled_from(State),
    started_ns=st.integers(-(2**62), 2**62),
    method=st.text(st.characters()),
    path=st.text(st.characters()),
    status=st.integers(0, 65535),
    received=st.integers(0, 2**62),
    sent=st.integers(0, 2**62),
    events=st.integers(0, 2**32),
    split=st.builds(Split, *[st.integers(0, 2**50)] * 4),
    pending=st.just(""),
)


@given(rows, st.integers(20, 240), st.booleans())
def test_every_row_has_the_width_and_is_inert(row: Row, width: int, plain: bool) -> None:
    shown = line(row, width, plain=plain)
    assert cell_len(shown) == width
    assert shown.isprintable()
    assert row_text(row).isprintable()


@pytest.mark.parametrize("width", [20, 60, 79, 119, 199])
def test_titles_stand_over_their_columns(width: int) -> None:
    titles = "".join(segment.text for segment in header_line(layout(width), look()))
    assert len(titles) == width
    shown = line(changed(number=7), width)
    assert titles.index("#") == shown.index("7")


def test_columns_do_not_depend_on_the_content() -> None:
    short = line(changed(path="/"))
    long = line(changed(path="/" + "x" * 500, number=999_999, sent=10**9, events=10**6))
    assert short.index("200") == long.index("200")
    assert "…" in long


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (changed(), " 200"),
        (changed(status=404), "!  404"),
        (changed(status=0), "!    —"),
        (changed(state=State.OPEN, status=0), "◌    —"),
        (changed(state=State.RAISED, status=500), "✗  500"),
        (changed(state=State.CANCELLED), "⊘  200"),
        (changed(state=State.LOST), "‡  200"),
        (changed(kind=RowKind.WEBSOCKET, method="WS", status=1000), " 1000"),
        (changed(kind=RowKind.WEBSOCKET, method="WS", status=1006), "! 1006"),
        (changed(kind=RowKind.LIFESPAN, method="LIFESPAN", path="", status=0), "     —"),
    ],
)
def test_status(row: Row, status: str) -> None:
    assert f"{status}  2.0k" in line(row)


def test_plain_is_ascii() -> None:
    row = changed(state=State.RAISED, path="/" + "x" * 500, split=Split(*[10**8] * 4))
    assert line(row, plain=True).isascii()


@pytest.mark.parametrize(("status", "glyph"), [(0, "●"), (3, "✗")])
def test_a_note_on_the_process_goes_across(status: int, glyph: str) -> None:
    note = changed(kind=RowKind.PROCESS, method="PROC", path="the app restarted", status=status)
    assert line(note).startswith(f"  ── 00:00:00 {glyph} the app restarted ─")


@pytest.mark.parametrize(
    "path",
    ["/[red]x", "/[/]", "/\x1b[31m", "/\x1b]52;c;aGk=\x07", "/\u202efdp", "/[@click=app.bell]"],
)
def test_a_hostile_path_is_shown(path: str) -> None:
    shown = line(changed(path=path))
    assert path.translate({27: "␛", 7: "␇", 0x202E: "‹U+202E›"}) in shown


def test_text_for_the_clipboard() -> None:
    assert row_text(ROW) == "#7 00:00:00.000 GET /items?q=1 200 2.0k 5 events 3.00ms"
    assert " open " in row_text(changed(status=0, state=State.OPEN))


@given(st.text(st.characters()), st.integers(1, 40))
def test_fit(text: str, width: int) -> None:
    assert cell_len(fit(text, width, look())) == width


def test_a_list_of_a_few_cells() -> None:
    assert len(line(ROW, 2)) == 2
