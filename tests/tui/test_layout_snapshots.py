"""Pictures of layouts, themes, palette and help; renewed with ``--snapshot-update``."""

from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.settings import State
from tests.tui.conftest import Stage
from tests.tui.pictures import SIZES, TALL, WIDE, begun
from tests.tui.walking import palette_rests, walking_stage


def opened(s: Stage, snap_compare: Any, size: tuple[int, int]) -> bool:
    """The chat in the detail, as the layout has it."""

    async def open_(pilot: Pilot[None]) -> None:
        await begun(s, pilot)
        await pilot.press("g", "j", "j", "enter")
        await pilot.pause()
        await pilot.pause()

    return bool(snap_compare(s.app, terminal_size=size, run_before=open_))


@SIZES
@pytest.mark.parametrize("layout", ["auto", "below", "beside"])
def test_layout(snap_compare: Any, size: tuple[int, int], layout: str) -> None:
    assert opened(walking_stage(state=State(layout=layout)), snap_compare, size)


@pytest.mark.parametrize("theme", ["light", "contrast", "ansi"])
def test_theme(snap_compare: Any, theme: str) -> None:
    assert opened(walking_stage(state=State(theme=theme)), snap_compare, TALL)


@SIZES
def test_palette(snap_compare: Any, size: tuple[int, int]) -> None:
    s = walking_stage()

    async def open_(pilot: Pilot[None]) -> None:
        await begun(s, pilot)
        await pilot.press("colon")
        await palette_rests(pilot)

    assert snap_compare(s.app, terminal_size=size, run_before=open_)


def test_help_wide(snap_compare: Any) -> None:
    assert snap_compare(walking_stage().app, terminal_size=WIDE, press=["question_mark"])
