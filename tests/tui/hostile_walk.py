"""Walks through an application in which all that can come from elsewhere is hostile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from asgitrace.settings import Settings, State
from asgitrace.store.session import SessionStatus
from asgitrace.views.columns.registry import COLUMNS
from tests.tui.conftest import Stage
from tests.tui.fakes import FakeSession
from tests.tui.hostile import MARK, Harm, hostile_store
from tests.tui.looking import Looking

SIZE = 80, 24


def staged(harm: Harm, *, phase: Any = "serving") -> Stage:
    """A stage on which everything that can come from elsewhere is hostile."""
    text = harm.text()
    session = FakeSession(SessionStatus(phase, f"unix:{text}", text, text, fill=0.5, faults=1))
    session.title = text
    state = State(history=[text, f"path:{text}"], searches=[text, MARK])
    store = cast("Any", hostile_store(harm))
    return Stage(store, session, settings=Settings(columns=tuple(COLUMNS)), state=state)


def walked(s: Stage, steps: Callable[[Looking], Awaitable[None]]) -> Looking:
    """Walk these steps; the app is still there behind them."""

    async def scenario() -> Looking:
        with pytest.MonkeyPatch.context() as patch:
            async with s.run(SIZE) as pilot:
                walk = Looking(s, pilot, patch)
                s.tick()
                walk.look("the first screen")
                await steps(walk)
                assert s.app.is_running
                assert s.session.calls == ["start"]
        return walk

    return asyncio.run(scenario())
