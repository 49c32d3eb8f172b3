"""An app that shows nothing but the detail pane."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.pilot import Pilot

from asgitrace.tui.commands import bind
from asgitrace.tui.detail import DetailPane
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.theme import DARK_NAME, THEMES
from tests.tui.detail.samples import (
    START,
    FakeStore,
    Script,
    all_exchanges,
    http,
    log_lines,
)

if TYPE_CHECKING:
    from asgitrace.store.model import LogLine


class Host(App[None]):
    """Holds a detail pane."""

    CSS = "Screen { background: $background; } DetailPane { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("back", "count_closed"),
        bind("close", "count_closed"),
    ]

    def __init__(self, store: FakeStore, number: int | None = None) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK_NAME
        self.store = store
        self.number = number
        self.closed = 0
        self.unfinished: list[LogLine] = []

    def compose(self) -> ComposeResult:
        yield DetailPane(
            self.store,  # type: ignore[arg-type]
            clock=lambda: START,
            unfinished=lambda: self.unfinished,
        )

    @property
    def pane(self) -> DetailPane:
        return self.query_one(DetailPane)

    def on_mount(self) -> None:
        self.pane.show(self.number)
        self.pane.focus_inside()

    def action_count_closed(self) -> None:
        """What the screen does with a key that the pane leaves to it."""
        self.closed += 1

    def tick(self) -> None:
        self.pane.tick(START)

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(
            "".join(segment.text for segment in strip)
            for strip in self.screen._compositor.render_strips()
        )


Hosting = Callable[..., AbstractAsyncContextManager[tuple[Host, Pilot[None]]]]


@pytest.fixture
def store() -> FakeStore:
    return FakeStore(all_exchanges(), log_lines())


@pytest.fixture
def hosted(store: FakeStore) -> Hosting:
    """Shows an exchange, given by its number, in an app of a size."""

    @asynccontextmanager
    async def host(
        number: int | None = 1, width: int = 120, height: int = 40
    ) -> AsyncIterator[tuple[Host, Pilot[None]]]:
        app = Host(store, number)
        async with app.run_test(size=(width, height)) as pilot:
            await pilot.pause()
            yield app, pilot

    return host


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is judged at a time, and what is rendered at once, goes by the clock, which a busy
    machine would be late by."""
    monkeypatch.setattr("asgitrace.tui.detail.sifted._BUDGET_NS", 60_000_000_000)
    monkeypatch.setattr("asgitrace.views.body.aside.AT_ONCE", 60.0)


def answer(data: bytes, content_type: bytes, encoding: bytes = b"") -> Script:
    headers = [[b"content-type", content_type], [b"content-encoding", encoding]]
    script = http("GET", "/body").send("http.response.start", status=200, headers=headers)
    return script.send("http.response.body", body=data, more_body=False).done()


def run(coroutine: Any) -> None:
    asyncio.run(coroutine)


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def worked(pilot: Pilot[None]) -> None:
    """Wait until the lists have made all of their lines and drawn them. They do so themselves: of
    what is done in their stead they know nothing."""
    await pilot.pause()
    while any(shown._worker._active.is_set() for shown in pilot.app.query(LineList)):
        await pilot.pause(0.01)
    await pilot.pause()
