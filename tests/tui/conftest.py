"""The application on a fake session, in a headless terminal."""

import os
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from asgitrace.settings import Settings, State
from asgitrace.store.model import Row
from asgitrace.store.session import SessionStatus
from asgitrace.tui.app import TraceApp
from tests.tui.fakes import FakeSession, FakeStore, make_row
from tests.tui.settled import settled_beside

if TYPE_CHECKING:
    from asgitrace.store.store import Store


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same times, and the same glyphs and colours, wherever the tests run."""
    monkeypatch.setenv("TZ", "UTC")
    for name in ("NO_COLOR", "ASGITRACE_ASCII"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()
    yield
    os.environ.pop("TZ")
    time.tzset()


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key, a click or a pause is over when all that follows from it is done."""
    settled = settled_beside(threading.active_count())
    monkeypatch.setattr("textual.app.wait_for_idle", settled)
    monkeypatch.setattr("textual.pilot.wait_for_idle", settled)


@pytest.fixture(autouse=True)
def _steady_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cursor of an input blinks by the clock, which would be seen in pictures."""
    monkeypatch.setattr(Input, "cursor_blink", False)


@dataclass
class Stage:
    """An application that is not running yet, and what it runs on."""

    store: FakeStore
    session: FakeSession
    saved: list[tuple[Sequence[int] | None, Path]] = field(default_factory=list)
    now_ns: int = 10**15
    save_error: Exception | None = None
    settings: Settings | None = None
    state: State | None = None

    def __post_init__(self) -> None:
        self.app = TraceApp(
            self.session,
            lambda: cast("Store", self.store),
            save=self._save,
            settings=self.settings,
            state=self.state,
            clock=lambda: self.now_ns,
            local_time=lambda: datetime(2024, 5, 6, 7, 8, 9),
        )

    def _save(self, store: Any, rows: Sequence[int] | None, path: Path) -> None:
        if self.save_error is not None:
            raise self.save_error
        self.saved.append((rows, path))

    @asynccontextmanager
    async def run(self, size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
        """Run the application; it has begun to show rows when this is entered."""
        async with self.app.run_test(size=size) as pilot:
            while "start" not in self.session.calls or not self.app.main.is_mounted:
                await pilot.pause()
            while not self.app.main.table.size.height:
                await pilot.pause()
            await pilot.pause()
            yield pilot

    def tick(self, milliseconds: int = 1000, *, crowded: bool = False) -> None:
        """Let time pass and what happened be shown."""
        self.now_ns += milliseconds * 1_000_000
        self.app.main.tick(self.now_ns, crowded=crowded)

    def lines(self) -> list[str]:
        """The lines of the list as they are on the screen."""
        table = self.app.main.table
        return [table.render_line(y).text for y in range(table.size.height)]

    @property
    def status(self) -> str:
        return self.app.main.status_bar.render_line(0).text

    @property
    def hint(self) -> str:
        return self.app.main.hints.message


def stage(
    rows: int | Sequence[Row] = 0,
    status: SessionStatus | None = None,
    *,
    live: bool = True,
    settings: Settings | None = None,
    state: State | None = None,
) -> Stage:
    """A stage with these rows, or that many plain ones."""
    given = [make_row(n) for n in range(1, rows + 1)] if isinstance(rows, int) else rows
    session = FakeSession(status)
    session.live = live
    return Stage(FakeStore(given), session, settings=settings, state=state)
