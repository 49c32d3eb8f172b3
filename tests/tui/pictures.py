"""What pictures of the screens have in common."""

from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from asgitrace.store.model import Row, RowKind, Split, State
from tests.tui.conftest import Stage
from tests.tui.fakes import MS, make_row

SHORT, TALL, WIDE = (80, 24), (120, 40), (200, 60)
SIZES = pytest.mark.parametrize("size", [SHORT, TALL, WIDE], ids=["80x24", "120x40", "200x60"])


async def begun(s: Stage, pilot: Pilot[None]) -> None:
    """Wait until the list is there."""
    while "start" not in s.session.calls or not s.app.main.is_mounted:
        await pilot.pause()


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
