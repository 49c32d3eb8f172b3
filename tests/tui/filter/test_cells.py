"""Cells of the list as terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.filter import compile_filter
from asgitrace.store.annotations import NOTHING, Annotation
from asgitrace.store.model import Exchange, Row, RowKind, Split, State
from asgitrace.tui.filter.cells import both, cell_term, duration_text, excluding
from asgitrace.views.columns.registry import COLUMNS
from tests.tui.fakes import MS, PROCESS, make_row, make_workers

ROW = make_row(
    7,
    path="/shop/items?q=tea",
    status=404,
    received=120,
    connection=3,
    ttfb_ns=1_234_567,
    client="10.0.0.7",
    mime="text/html",
)
WEBSOCKET = make_row(8, kind=RowKind.WEBSOCKET, method="WS", path="/chat", status=0,
                     state=State.OPEN, pending="receive", received=0, sent=0)  # fmt: skip
NOTE = make_row(9, kind=RowKind.PROCESS, method="PROC", path="the app ended", status=0)


@pytest.mark.parametrize(
    ("row", "column", "term"),
    [
        (ROW, "number", "id=7"),
        (ROW, "method", "method=GET"),
        (WEBSOCKET, "method", "type=ws"),
        (ROW, "path", "path=/shop/items"),
        (NOTE, "path", "type=process"),
        (ROW, "status", "status=404"),
        (WEBSOCKET, "status", "is:open"),
        (make_row(1, status=0), "status", "-status"),
        (ROW, "mime", "mime=text/html"),
        (make_row(1), "mime", "-mime"),
        (ROW, "client", "client=10.0.0.7"),
        (ROW, "connection", "conn=3"),
        (make_row(1), "connection", "-conn"),
        (ROW, "received", "req.size>=120"),
        (ROW, "sent", "resp.size>=1234"),
        (ROW, "size", "size>=1354"),
        (ROW, "events", "events>=5"),
        (ROW, "duration", "dur>=3.75ms"),
        (ROW, "ttfb", "ttfb>=1.23ms"),
        (make_row(1), "ttfb", "-ttfb"),
        (ROW, "after", "after>=250us"),
        (WEBSOCKET, "pending", "pending=receive"),
        (ROW, "pending", "-pending"),
        (ROW, "time", None),
        (ROW, "mark", None),
        (ROW, "tags", None),
    ],
)
def test_terms(row: Row, column: str, term: str | None) -> None:
    assert cell_term(row, NOTHING, column) == term


def test_terms_of_notes() -> None:
    note = Annotation(marked=True, tags=("slow", "ask Ada"))
    assert cell_term(ROW, note, "mark") == "mark"
    assert cell_term(ROW, note, "tags") == 'tag=slow tag="ask Ada"'


def test_terms_together() -> None:
    assert both("", "exc") == "exc"
    assert both(" exc ", "id=3") == "exc id=3"
    assert both("id=3", "id=3") == "id=3"
    assert both("exc or id=3", "id=3") == "(exc or id=3) id=3"
    assert both("exc OR is:lost", "id=3") == "(exc OR is:lost) id=3"
    assert both("exc || id=3", "id=3") == "(exc || id=3) id=3"
    assert both(r'path=" or "', "id=3") == r'path=" or " id=3'
    assert excluding("id=3") == "-id=3"
    assert excluding("tag=a tag=b") == "not (tag=a tag=b)"
    assert excluding("-mime") == "mime"


rows = st.builds(
    make_row,
    st.integers(1, 9),
    kind=st.sampled_from([RowKind.HTTP, RowKind.WEBSOCKET, RowKind.LIFESPAN]),
    state=st.sampled_from([State.OPEN, State.RETURNED]),
    method=st.sampled_from(["GET", "PO ST", 'a"b', "x)"]),
    path=st.text(max_size=8),
    status=st.sampled_from([0, 200, 1006]),
    split=st.builds(Split, *[st.integers(0, 10**12)] * 4),
    ttfb_ns=st.integers(-1, 10**12),
    client=st.text(max_size=4),
    mime=st.text(max_size=4),
    received=st.integers(0, 10**10),
    pending=st.sampled_from(["", "receive", "send"]),
    process=st.sampled_from([None, *make_workers(2)]),
)


@given(rows, st.sampled_from(sorted(COLUMNS)))
def test_a_row_passes_the_term_of_its_own_cell(row: Row, column: str) -> None:
    term = cell_term(row, NOTHING, column)
    if term is None:
        return
    exchange = Exchange(row, PROCESS, (), 0)
    # Methods of the others than HTTP, and what only columns know, are not in this exchange.
    if column in ("connection", "pending"):
        compile_filter(term)
    else:
        assert compile_filter(term).accepts(exchange, 0), term
        assert not compile_filter(excluding(term)).accepts(exchange, 0)


@given(st.integers(0, 10**15))
def test_durations_are_never_more_than_they_were(nanoseconds: int) -> None:
    predicate = compile_filter(f"dur>={duration_text(nanoseconds)}")
    row = make_row(1, split=Split(app=nanoseconds))
    assert predicate.accepts(Exchange(row, PROCESS, (), 0), 0)
    assert len(duration_text(nanoseconds)) <= 12


def test_durations() -> None:
    assert duration_text(0) == "0ms"
    assert duration_text(999) == "999ns"
    assert duration_text(812 * MS) == "812ms"
    assert duration_text(12_345 * MS) == "12.3s"
