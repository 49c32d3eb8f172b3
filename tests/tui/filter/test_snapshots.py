"""Pictures of filtering: the bar with an error, with the popup, while it judges, the reference."""

from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.tui.filter.target import Told
from tests.tui.conftest import Stage, stage
from tests.tui.filter.conftest import typed
from tests.tui.pictures import rows

pytestmark = pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"]
)


def looks(snap_compare: Any, size: tuple[int, int], s: Stage, *keys: str) -> bool:
    async def type_(pilot: Pilot[None]) -> None:
        while not s.app.main.is_mounted or not s.app.main.table.size.height:
            await pilot.pause()
        for key in keys:
            await typed(s, pilot, key)

    return bool(snap_compare(s.app, terminal_size=size, run_before=type_))


def shop() -> Stage:
    return stage(list(rows()))


def test_error(snap_compare: Any, size: tuple[int, int]) -> None:
    assert looks(snap_compare, size, shop(), "f", "status=4xx or", " dura>1s path:/shop")


def test_fields(snap_compare: Any, size: tuple[int, int]) -> None:
    assert looks(snap_compare, size, shop(), "f", "status>=400 w", "down", "down")


def test_values(snap_compare: Any, size: tuple[int, int]) -> None:
    assert looks(snap_compare, size, shop(), "f", "-is:lost path:/shop is:")


def test_judging(snap_compare: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(1_234, 100_000, 0.62)
    monkeypatch.setattr("asgitrace.tui.feed.Feed.told", lambda feed: told)
    assert looks(snap_compare, size, shop(), "f", "-status=200", "enter")


def test_stopped(snap_compare: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(12, 100_000, 0.1, "The pattern /(a+)+$/ took too long at one exchange.")
    monkeypatch.setattr("asgitrace.tui.feed.Feed.told", lambda feed: told)
    assert looks(snap_compare, size, shop(), "f", "ws.text~/(a+)+$/")


def test_nothing_passes(snap_compare: Any, size: tuple[int, int]) -> None:
    assert looks(snap_compare, size, shop(), "f", "status=418", "enter")


def test_reference(snap_compare: Any, size: tuple[int, int]) -> None:
    assert looks(snap_compare, size, shop(), "f", "f1")


def test_without_colour(
    snap_compare: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("ASGITRACE_ASCII", "1")
    assert looks(snap_compare, size, shop(), "f", "status>=400 w", "down")
