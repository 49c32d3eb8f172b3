"""Pictures of the main screens; ``pytest --snapshot-update`` after a change that is meant."""

from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.store.session import SessionStatus
from tests.tui.conftest import stage
from tests.tui.pictures import rows

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


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
