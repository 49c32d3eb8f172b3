"""Pictures of the list of what runs."""

from dataclasses import replace
from typing import Any

import pytest

from asgitrace.tui.attach.picker import PickerApp
from asgitrace.tui.attach.ring_list import RingList
from tests.tui.attach.rings import NOW_NS, FakeRing, busy

SIZES = ((80, 24), (120, 40), (200, 60))


def app_of(rings: list[FakeRing]) -> PickerApp:
    """The application, with these rings, each of which has got a few more records when they are
    looked at again."""
    looks: list[int] = []

    def find() -> list[FakeRing]:
        looks.append(len(looks))
        more = len(looks) > 1
        return [replace(each, written=each.written + more * each.pid % 977) for each in rings]

    def clock() -> int:
        return min(len(looks), 2) * 1_000_000_000

    return PickerApp(find, clock=clock, wall_clock=lambda: NOW_NS)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_runs(snap_compare: Any, size: tuple[int, int]) -> None:
    app = app_of(busy())

    async def settle(pilot: Any) -> None:
        while not app.picker.query_one(RingList).has_focus:
            await pilot.pause()
        await pilot.press("j", "j", "j", "space", "space")
        app.picker.tick()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=settle)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_runs(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(app_of([]), terminal_size=size)
