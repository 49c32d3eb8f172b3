"""Connections as lines."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.model import Connection, Row, State
from asgitrace.views.columns.cells import Line
from asgitrace.views.columns.layout import layout
from asgitrace.views.connections import ConnectionDetail, ConnectionLines, head_line, tally
from asgitrace.views.details import client_left, title_line
from asgitrace.views.look import look
from asgitrace.views.rows import row_line
from asgitrace.wire import Wire
from tests.tui.detail.samples import MS, START, all_exchanges, http
from tests.tui.detail.wired import Listed, Wired, connection, wire_event, wired_chat, wired_refusal
from tests.views.drawn import HOSTILE, LOOKS, check, drawn, widths

ROWS = {exchange.row.number: exchange.row for exchange in all_exchanges()}
NOW = START + 60_000 * MS


def connections() -> list[Connection]:
    closed = {"closed": START + 5_000 * MS, "busy": False}
    return [
        connection(1, 1, end="client: eof", **closed, requests=48, exchanges=(1, 4)),
        connection(1, 2, end="client: reset", **closed, exchanges=(99,)),
        connection(1, 3, busy=False, exchanges=(), requests=0),
        connection(1, 4, opened=None, exchanges=(5,), tls="TLSv1.3, AES", missed=7),
        connection(3, 5),
    ]


def lines(found: list[Connection]) -> ConnectionLines:
    made = ConnectionLines(ROWS.get)
    made.update(Listed(found), NOW)
    return made


def test_lines() -> None:
    shown = drawn(lines(connections()), 140)
    assert "closed  client: eof" in shown[0]
    assert "5.00s   48 4.1k  18k  #4     POST    201  /upload" in shown[0]
    assert "no longer kept" in shown[1]
    assert "· idle" in shown[2]
    assert "none yet" in shown[2]
    assert "TLSv1.3 ◌ busy" in shown[3]
    assert "?    3" in shown[3]
    assert "◌ busy" in shown[4]
    assert "1m00s" in shown[4]


def test_lines_of_several_workers() -> None:
    found = connections()[0]
    of_worker = replace(found, process=replace(found.process, worker=2))
    assert drawn(lines([of_worker]), 140)[0].split()[0] == f"2:{found.number}"
    told = "\n".join(drawn(ConnectionDetail(of_worker, ROWS.get), 100))
    assert f"{found.number} of worker 2" in told


def test_narrow_lines_say_the_end_as_the_state() -> None:
    middle = drawn(lines(connections()), 119)
    assert " —       client: eof " in middle[0]
    assert middle[0].endswith("POST    201  /upload")
    assert "TLSv1.3 ◌ busy" in middle[3]
    shown = drawn(lines(connections()), 79)
    assert "client: eof" in shown[0]
    assert "#4 /upload" in shown[0]


def test_tally() -> None:
    assert tally(Listed(connections())) == "3 open, 2 busy, 2 closed"


def test_finds_a_connection() -> None:
    made = lines(connections())
    assert made.find(0, 4) == 3
    assert made.find(1, 4) is made.find(0, 44) is None
    assert made.live(4)
    assert not made.live(0)
    assert "connection  number 1, 48 requests" in made.text(0)


def test_detail() -> None:
    events = (
        wire_event(0, Wire.OPENED, START - 2 * MS, peer="127.0.0.1:9"),
        wire_event(1, Wire.TIMEOUT, START, what="next request", seconds=5.0),
    )
    found = replace(connection(1, 9), exchanges=(1, 99, 2), events=events, missed=2)
    detail = ConnectionDetail(found, ROWS.get)
    shown = drawn(detail, 119)
    assert "/api/items" in shown[1]
    assert "#99 is no longer kept" in shown[2]
    assert "time-out after 5s  no next request" in "\n".join(shown)
    assert "2 older events were given up" in shown[-1]
    assert [detail.exchange(index) for index in range(5)] == [None, 1, 99, 2, None]
    assert detail.live(3) is (ROWS[2].state is State.OPEN)
    assert "#1 GET /api/items" in detail.text(1)
    assert detail.text(2) == "#99"
    assert detail.text(0) == "Exchanges"
    assert "connection opened" in detail.text(5)


def test_nothing_of_it() -> None:
    bare = connection(1, 9, exchanges=(), events=(), opened=None, peer="", local="", end="x")
    shown = "\n".join(drawn(ConnectionDetail(bare, ROWS.get), 80))
    assert "No exchanges" in shown
    assert "(unknown)" in shown


@given(*[st.sampled_from([*HOSTILE, "", "x" * 500])] * 4, st.sampled_from(LOOKS))
def test_anything_fits(peer: str, tls: str, end: str, path: str, style: object) -> None:
    row = replace(ROWS[1], path=path, method=path)
    found = connection(1, 9, peer=peer, tls=tls, local=end, end=end, closed=START)
    rows: dict[int, Row] = {1: row}
    made = ConnectionLines(rows.get)
    made.update(Listed([found, replace(found, requests=10**9, received=2**62, sent=2**62)]), NOW)
    for width in widths():
        drawn(made, width, style)  # type: ignore[arg-type]
        check(head_line(width, style), width)  # type: ignore[arg-type]
        drawn(ConnectionDetail(found, rows.get), width, style)  # type: ignore[arg-type]


# What the title says of the end


@pytest.mark.parametrize(
    ("name", "by", "left"),
    [
        ("ClientDisconnect", "", True),
        ("OSError", "client", True),
        ("OSError", "server", False),
        ("OSError", "", False),
        ("ValueError", "client", False),
    ],
)
def test_a_client_that_left_is_no_failure_of_the_app(name: str, by: str, left: bool) -> None:
    script = http("GET", "/stream")
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1)
    if by:
        w.on(Wire.CLOSED, by=by, how="reset")
    script.raised(type=name, module="x", message="", traceback="")
    exchange = w.exchange(1)
    assert client_left(exchange) is left
    title = check(title_line(exchange.row, 120, look(), left=left), 120)
    assert ("⇤ client left" in title) is left
    assert ("✗ raised" in title) is not left
    assert "connection 7" in title
    assert "connection 7" not in check(title_line(exchange.row, 80, look()), 80)


def test_only_what_was_raised_tells_that() -> None:
    assert not client_left(wired_chat())
    raised = replace(wired_chat().row, state=State.RAISED)
    assert not client_left(replace(wired_chat(), row=raised))
    assert not client_left(replace(wired_chat(), row=raised, events=()))


def test_refused() -> None:
    refused = wired_refusal()
    assert "400 ⊗ refused by the server" in check(title_line(refused.row, 120, look()), 120)
    assert "⊗  400" in check(row_line(Line(refused.row), layout(120), look()), 120)
