"""From one exception to the next."""

import pytest

from asgitrace.events import Kind
from asgitrace.tui.detail.timeline_tab import TimelineTab
from tests.tui.walking import walking_stage

pytestmark = pytest.mark.anyio

RAISED = 5
"""The sample in which the app raised."""


async def test_to_the_exception() -> None:
    s = walking_stage()
    async with s.run((120, 40)) as pilot:
        await pilot.press("g", "right_curly_bracket")
        await pilot.pause()
        assert s.app.main.table.cursor.current == RAISED
        assert s.app.main.detail.tab == "timeline"
        timeline = s.app.main.detail.query_one(TimelineTab)
        shown = s.store.exchange(RAISED, s.now_ns)
        assert shown is not None
        at = timeline.split.list.current
        assert at is not None
        assert shown.events[at].kind is Kind.RAISE
        assert timeline.split.is_open


async def test_there_is_none_further_on() -> None:
    s = walking_stage()
    async with s.run((120, 40)) as pilot:
        await pilot.press("g", "left_curly_bracket")
        await pilot.pause()
        assert s.hint == "No exception before this exchange"
        assert not s.app.main.detail_open
