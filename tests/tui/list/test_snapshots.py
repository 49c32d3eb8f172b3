"""Pictures of the list: other columns, sorted, on an axis, without colour, its dialog."""

from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.settings import ColumnState
from asgitrace.store.annotations import Annotation
from asgitrace.store.model import Row, RowKind, Split, State
from tests.tui.conftest import Stage, stage
from tests.tui.fakes import MS, make_row
from tests.tui.pictures import rows

pytestmark = pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"]
)

MIMES = ("text/html", "application/json", "text/event-stream", "image/png")


def site() -> Stage:
    """A little of everything, with all that is known of an exchange."""
    listed = list(rows())
    start = listed[-1].started_ns
    listed += [busy(number, start) for number in range(31, 91)]
    s = stage(listed)
    notes = s.store.annotations
    notes.put(74, Annotation(marked=True))
    notes.put(77, Annotation(marked=True, tags=("slow", "cache"), comment="since the deploy"))
    notes.put(83, Annotation(tags=("ask Ada",)))
    return s


def busy(number: int, start: int) -> Row:
    kind = RowKind.WEBSOCKET if number % 17 == 0 else RowKind.HTTP
    took = (number * 7919 % 97) ** 3 * 1500
    open_ = number % 23 == 0
    return make_row(
        number,
        kind=kind,
        method="WS" if kind is RowKind.WEBSOCKET else ("GET", "POST", "PUT")[number % 3],
        path=f"/shop/{('tea', 'cups', 'cart')[number % 3]}/{number % 7}?page={number}",
        state=State.OPEN if open_ else State.RETURNED,
        status=0 if open_ else (101 if kind is RowKind.WEBSOCKET else (200, 304, 404)[number % 3]),
        started_ns=start + number * 90 * MS,
        split=Split(took, took // 3 * (number % 2), took // 4 * (number % 3), took // 8),
        received=number % 5 * 700,
        sent=number**2 * 31,
        events=number % 9 + 2,
        connection=number // 3,
        ttfb_ns=took // 2,
        client=f"192.168.0.{number % 4 + 20}",
        mime=MIMES[number % 4],
    )


def test_axis(snap_compare: Any, size: tuple[int, int]) -> None:
    s = site()
    s.app.state.waterfall = "axis"
    assert snap_compare(s.app, terminal_size=size, press=["k", "k", "minus"])


def test_axis_without_colour(
    snap_compare: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    s = site()
    s.app.state.waterfall = "axis"
    assert snap_compare(s.app, terminal_size=size, press=["k", "plus"])


def test_sorted(snap_compare: Any, size: tuple[int, int]) -> None:
    s = site()
    s.app.state.sort = "-duration"

    async def choose(pilot: Pilot[None]) -> None:
        await pilot.press("g", "j", "left", "left")

    assert snap_compare(s.app, terminal_size=size, run_before=choose)


def test_other_columns(snap_compare: Any, size: tuple[int, int]) -> None:
    s = site()
    names = "number since status method path tags mime client connection ttfb wait backpressure"
    s.app.state.columns = [ColumnState(name) for name in [*names.split(), "comment", "duration"]]
    assert snap_compare(s.app, terminal_size=size, press=["k"])


def test_dialog(snap_compare: Any, size: tuple[int, int]) -> None:
    s = site()
    s.app.state.sort = "duration"
    assert snap_compare(s.app, terminal_size=size, press=["O", "j", "j"])
