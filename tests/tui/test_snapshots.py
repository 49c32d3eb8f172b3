"""Pictures of the main screens; ``pytest --snapshot-update`` after a change that is meant."""

from collections.abc import Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.store.model import Row, RowKind, Split, State
from asgitrace.store.session import SessionStatus
from tests.tui.conftest import stage
from tests.tui.fakes import MS, make_row

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


def rows() -> Iterator[Row]:
    """A little of everything."""
    yield make_row(
        1, kind=RowKind.PROCESS, method="PROC", path="shop:app started, pid 4242", status=0
    )
    yield make_row(
        2,
        kind=RowKind.LIFESPAN,
        method="LIFESPAN",
        path="",
        status=0,
        state=State.OPEN,
        split=Split(app=40 * MS, client=9000 * MS),
        sent=0,
    )
    yield make_row(3, path="/shop/items?q=tea&page=2", split=Split(3 * MS, MS // 10, MS, 0))
    yield make_row(4, method="POST", path="/shop/cart", status=422, received=312)
    yield make_row(5, path="/report", status=500, state=State.RAISED, split=Split(app=812_000))
    yield make_row(
        6,
        kind=RowKind.WEBSOCKET,
        method="WS",
        path="/chat/room/7",
        status=0,
        state=State.OPEN,
        received=9_400,
        sent=128_000,
        events=412,
        split=Split(90 * MS, 5000 * MS, 400 * MS, 0),
    )
    yield make_row(7, kind=RowKind.WEBSOCKET, method="WS", path="/chat/room/8", status=1006)
    yield make_row(8, path="/stream", state=State.CANCELLED, split=Split(MS, 0, 900 * MS, 0))
    yield make_row(9, method="DELETE", path="/shop/cart/3", status=204, sent=0)
    yield make_row(10, path="/[red]x[/]\x1b[31m\u202efdp.exe", status=404)
    yield make_row(
        11, kind=RowKind.PROCESS, method="PROC", path="the app ended: killed", status=137
    )
    yield make_row(12, path="/upload", state=State.LOST, status=0, received=40 << 20)
    for number in range(13, 31):
        yield make_row(number, split=Split(app=number**4 * 1000, after=number**3 * 3000))


def test_list(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(stage(list(rows())).app, terminal_size=size, press=["g", "j", "j"])


def test_filter(snap_compare: Any, size: tuple[int, int]) -> None:
    s = stage(list(rows()))

    async def filter_(pilot: Pilot[None]) -> None:
        await pilot.press("f", "w", "s", "enter")
        s.tick()

    assert snap_compare(s.app, terminal_size=size, run_before=filter_)


def test_help(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(stage(list(rows())).app, terminal_size=size, press=["question_mark"])


def test_empty(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(stage().app, terminal_size=size)


def test_failed(snap_compare: Any, size: tuple[int, int]) -> None:
    status = SessionStatus(phase="failed", detail="The app ended with exit status 3.")
    assert snap_compare(stage(0, status).app, terminal_size=size, press=["k"])


def test_save(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(stage(list(rows())).app, terminal_size=size, press=["w"])


def test_without_colour(
    snap_compare: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("ASGITRACE_ASCII", "1")
    assert snap_compare(stage(list(rows())).app, terminal_size=size, press=["k"])


def test_light(snap_compare: Any, size: tuple[int, int]) -> None:
    s = stage(list(rows()))
    s.app.theme = "asgitrace-light"
    assert snap_compare(s.app, terminal_size=size, press=["k"])


pytestmark = SIZES
