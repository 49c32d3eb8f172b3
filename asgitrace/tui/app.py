"""The application: holds the session, keeps time, and restores the terminal however it ends."""

import asyncio
import gc
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from msgspec.structs import replace
from textual.await_complete import AwaitComplete
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import Theme

from asgitrace.errors import AsgitraceError
from asgitrace.settings import Settings, State, remove_filter, save_filter
from asgitrace.tui.curtain import Curtain
from asgitrace.tui.screen_app import ScreenApp
from asgitrace.tui.status import StatusLine
from asgitrace.tui.suspend import Aside
from asgitrace.views.clean import clean

if TYPE_CHECKING:
    from asgitrace.store.session import Session
    from asgitrace.store.store import Store
    from asgitrace.tui.main_screen import MainScreen
    from asgitrace.tui.palette import Commands

Save = Callable[["Store", Sequence[int] | None, Path], None]
"""Writes rows, or all of them, to a file; raises AsgitraceError with one sentence."""

_REFUSED: Final = 2
_TICK: Final = 1 / 30
_IDLE: Final = 1.0
"""Seconds after the start when there is time for what is not urgent."""
_COLLECTED: Final = (2_000, 8, 60)
"""When the collector of cycles goes through the youngest objects, the next older ones, and all.

All of them take a tenth of a second where the store is large, so that is rare."""


def palette_commands() -> "type[Commands]":
    """What the palette finds; imported when it is first opened."""
    from asgitrace.tui.palette import Commands

    return Commands


class TraceApp(ScreenApp[None]):
    """Shows a session live.

    When it ends, ``exit_message`` holds a sentence for the command line where there is something to
    say, and ``return_code`` is 128 plus the signal where a signal ended it.
    """

    COMMANDS = {palette_commands}  # noqa: RUF012

    def __init__(
        self,
        session: "Session",
        open_store: Callable[[], "Store"],
        *,
        save: Save,
        settings: Settings | None = None,
        state: State | None = None,
        filter_text: str = "",
        tour: Literal["", "offer", "begin"] = "",
        clock: Callable[[], int] = time.monotonic_ns,
        local_time: Callable[[], datetime] = datetime.now,
        picker: bool = False,
    ) -> None:
        super().__init__(settings, state)
        self.title = f"asgitrace {clean(session.title)}"
        self.session = session
        self.save = save
        self.clock = clock
        self._filter_text = filter_text
        """The filter that is in force at first."""
        self.tour = tour
        """Whether the tour is to be offered, or begun at once."""
        self.exit_message: str | None = None
        self._local_time = local_time
        self._open_store = open_store
        self._main: MainScreen | None = None
        self._aside = Aside(self)
        self._leaving = False
        self.picker = picker
        """Whether there is a list of what runs to go back to."""
        self.wants_picker = False
        """The user wants to go back to it."""
        self._stopping: asyncio.Task[None] | None = None
        self._hurrying: asyncio.Task[None] | None = None
        if self.settings.layout is not None:
            self.state.layout = self.settings.layout

    # Settings

    def save_filter(self, name: str, text: str) -> None:
        """Keep a filter under a name in the configuration file; raises SettingsError."""
        save_filter(name, text)
        filters = {**self.settings.filters, name: text}
        self.settings = replace(self.settings, filters=filters)

    def remove_filter(self, name: str) -> None:
        """Take a filter out of the configuration file; raises SettingsError."""
        remove_filter(name)
        filters = {key: text for key, text in self.settings.filters.items() if key != name}
        self.settings = replace(self.settings, filters=filters)

    def default_file_name(self) -> str:
        # Late, as the exporter is not needed before somebody saves.
        from asgitrace.export import default_name

        return default_name(self._local_time())

    # Life

    def get_default_screen(self) -> Screen[Any]:
        if self.is_headless:
            return self._make_main_screen()
        line = StatusLine(self.session.status(), self.session.title, self.session.live)
        return Curtain(line, self.current_look)

    def _make_main_screen(self) -> "MainScreen":
        # Late: with it come numpy and the renderers.
        from asgitrace.tui.feed import Feed
        from asgitrace.tui.main_screen import MainScreen

        self._main = MainScreen(Feed(self.session, self._open_store()))
        return self._main

    @property
    def main(self) -> "MainScreen":
        """The main screen; there is none before the first paint."""
        return cast("MainScreen", self._main)

    def pop_screen(self) -> AwaitComplete:
        """Go back to the screen before; from the main screen there is no way back: one that was
        left may still get a second key that leaves it."""
        if self.screen is self._main:
            return AwaitComplete()
        return super().pop_screen()

    @property
    def takes_keys(self) -> bool:
        return self._main is not None

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """After the first paint: the trace starts to flow."""
        self.catch_signals()
        self.session.start()
        if not self.is_headless:
            await self.push_screen(self._make_main_screen())
        if self._filter_text:
            self.main.apply_filter(self._filter_text)
        self._tick()
        self.set_interval(_TICK, self._tick)
        if self.keymap.lost or self.settings.filters:
            self.set_timer(_IDLE, self._check_settings)
        if not self.is_headless:
            # what is there now stays; the collector need not look at it again
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_COLLECTED)

    def _check_settings(self) -> None:
        """Say what is not as the user may have meant it."""
        # Late: with it comes the language of filters.
        from asgitrace.tui.complaints import complaint

        text = complaint(self.settings, self.keymap)
        if text and self._main is not None:
            self._main.hints.say(text, wrong=True)

    def _tick(self) -> None:
        main = self._main
        if self._leaving or main is None or not (main.is_mounted and main.is_attached):
            return
        try:
            main.tick(self.clock(), crowded=self._aside.on or self._writes_waiting() > 1)
        except AsgitraceError as error:
            self.give_up(error)

    def give_up(self, error: AsgitraceError) -> None:
        """Quit, as nothing will come of this session; the command line says why."""
        self._leaving = True
        self.exit_message = str(error)
        self.exit(return_code=_REFUSED)

    def _writes_waiting(self) -> int:
        writer = getattr(self._driver, "_writer_thread", None)
        return 0 if writer is None else writer._queue.qsize()

    def theme_changed(self, theme: Theme) -> None:
        super().theme_changed(theme)
        if self._main is not None and self._main.is_mounted:
            self._main.look_changed()

    # Stepping aside

    def stepped_aside(self) -> AbstractAsyncContextManager[None]:
        """Away with the screen for as long as this lasts; the terminal is the caller's. Waits for
        others that have it."""
        return self._aside.stepped_aside()

    @property
    def terminal_driver(self) -> Driver | None:
        """What paints; None before the start and after the end."""
        return self._driver

    @property
    def stays(self) -> bool:
        """Whether the screen is to come back once the terminal is free."""
        return not (self._leaving or self._exit)

    def action_tour(self) -> None:
        """The tour's next step, from whatever screen is seen."""
        self.main.action_tour()

    # Leaving

    async def action_quit(self) -> None:
        """Stop the app and quit; asked a second time, quit at once."""
        if self._leaving:
            self._hurrying = asyncio.ensure_future(self.session.stop())
            self.exit(return_code=self.signal_code)
            return
        self._leaving = True
        self._say("Stopping the app \u2026  (again: quit at once)")
        # Not the coroutine: nobody would await it where the app is gone before the worker starts.
        self.run_worker(cast("Any", self._leave), exit_on_error=False)

    async def _leave(self) -> None:
        try:
            await self.stop_session()
        finally:
            self.exit(return_code=self.signal_code)

    def action_help_quit(self) -> None:
        self._say("Q or ctrl+q quits")

    def _say(self, text: str) -> None:
        if self._main is not None and self._main.is_mounted:
            self._main.hints.say(text)

    async def stop_session(self) -> None:
        """Stop the session once, however often it is asked for."""
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self.session.stop())
        await asyncio.shield(self._stopping)

    async def run_async(self, **options: Any) -> Any:
        """Run until quit; the session is stopped also when the screen went down with an error."""
        try:
            return await super().run_async(**options)
        finally:
            await self.stop_session()

    def signalled(self, number: int) -> None:
        if number == signal.SIGHUP and (self._leaving or self.signal_code):
            return
        if number == signal.SIGINT and self._aside.on:
            return  # typed for whoever has the terminal
        super().signalled(number)
