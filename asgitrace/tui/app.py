"""The application: holds the session, keeps time, and restores the terminal however it ends."""

import asyncio
import gc
import os
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, cast

from msgspec.structs import replace
from rich.text import Text
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.driver import Driver
from textual.events import Event, InputEvent, Paste
from textual.filter import LineFilter
from textual.screen import Screen
from textual.theme import Theme

from asgitrace.errors import AsgitraceError
from asgitrace.settings import Settings, State, remove_filter, save_filter
from asgitrace.tui.commands import bind
from asgitrace.tui.curtain import Curtain
from asgitrace.tui.driver import TraceDriver
from asgitrace.tui.keymap import Keymap
from asgitrace.tui.safe_text import Ascii, Inert
from asgitrace.tui.status import StatusLine
from asgitrace.tui.suspend import Aside
from asgitrace.tui.taking import TakesKeys
from asgitrace.tui.theme import THEMES, colours_of, theme_name
from asgitrace.views.clean import clean
from asgitrace.views.look import Look, look

if TYPE_CHECKING:
    from asgitrace.store.session import Session
    from asgitrace.store.store import Store
    from asgitrace.tui.main_screen import MainScreen
    from asgitrace.tui.palette import Commands

Save = Callable[["Store", Sequence[int] | None, Path], None]
"""Writes rows, or all of them, to a file; raises AsgitraceError with one sentence."""

_REFUSED: Final = 2
_TICK: Final = 1 / 30
_LOOK: Final = 1.0
"""Seconds between two looks whether the terminal is still there."""
_IDLE: Final = 1.0
"""Seconds after the start when there is time for what is not urgent."""
_COLLECTED: Final = (2_000, 8, 60)
"""When the collector of cycles goes through the youngest objects, the next older ones, and all.

All of them take a tenth of a second where the store is large, so that is rare."""
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def palette_commands() -> "type[Commands]":
    """What the palette finds; imported when it is first opened."""
    from asgitrace.tui.palette import Commands

    return Commands


class TraceApp(App[None]):
    """Shows a session live.

    When it ends, ``exit_message`` holds a sentence for the command line where there is something to
    say, and ``return_code`` is 128 plus the signal where a signal ended it.
    """

    CSS_PATH = "asgitrace.tcss"
    COMMANDS = {palette_commands}  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [bind("help")]

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
    ) -> None:
        self.settings = settings or Settings()
        self.state = state or State()
        """What is kept for the next run; the parts of the screen change it."""
        asked = os.environ.get("ASGITRACE_ASCII", "") not in ("", "0")
        self.plain = asked or self.settings.ascii
        """Whether only ASCII is drawn."""
        self._gates: tuple[LineFilter, ...] = (Inert(), Ascii()) if self.plain else (Inert(),)
        super().__init__(driver_class=TraceDriver)
        self.title = f"asgitrace {clean(session.title)}"
        self.session = session
        self.save = save
        self.keymap = Keymap(self.settings.keys)
        self.set_keymap(self.keymap.changed())
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
        self.failed = False
        """An error of our own ended it."""
        self._leaving = False
        self._signal_code = 0
        self._stopping: asyncio.Task[None] | None = None
        self._hurrying: asyncio.Task[None] | None = None
        if self.settings.layout is not None:
            self.state.layout = self.settings.layout
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_name(self.settings.theme or self.state.theme)

    # Look

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Ours only: the lines of the list are drawn with their colours."""
        known = super().available_themes
        return {theme.name: theme for theme in THEMES if theme.name in known} or known

    def current_look(self) -> Look:
        colours = colours_of(self.theme)
        return look(colours=colours, colour=not self.no_color, plain=self.plain)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._gates]

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

    async def on_event(self, event: Event) -> None:
        typed = isinstance(event, InputEvent | Paste) and not event.is_forwarded
        screen = cast("object", self.screen) if typed and self._main is not None else None
        if not (isinstance(screen, TakesKeys) and await screen.take(event)):
            await super().on_event(event)

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """After the first paint: the trace starts to flow."""
        self._catch_signals()
        self.session.start()
        if not self.is_headless:
            await self.push_screen(self._make_main_screen())
        if self._filter_text:
            self.main.apply_filter(self._filter_text)
        self._tick()
        self.set_interval(_TICK, self._tick)
        self.set_interval(_LOOK, self._look_for_terminal)
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

    def _theme_changed(self, theme: Theme) -> None:
        self.state.theme = colours_of(theme.name).name
        if self._main is not None and self._main.is_mounted:
            self._main.look_changed()

    # Failing

    def _handle_exception(self, error: Exception) -> None:
        self.failed = True
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Say where it failed, without the values of variables: they may be the network's."""
        self.panic(Text("\n".join(map(clean, traceback.format_exc().splitlines()))))

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

    def action_help(self) -> None:
        """The help of a screen that has none by itself."""
        from asgitrace.tui.help import help_of

        self.push_screen(help_of(self.screen, self.current_look))

    def action_tour(self) -> None:
        """The tour's next step, from whatever screen is seen."""
        self.main.action_tour()

    # Leaving

    async def action_quit(self) -> None:
        """Stop the app and quit; asked a second time, quit at once."""
        if self._leaving:
            self._hurrying = asyncio.ensure_future(self.session.stop())
            self.exit(return_code=self._signal_code)
            return
        self._leaving = True
        self._say("Stopping the app \u2026  (again: quit at once)")
        # Not the coroutine: nobody would await it where the app is gone before the worker starts.
        self.run_worker(cast("Any", self._leave), exit_on_error=False)

    async def _leave(self) -> None:
        try:
            await self.stop_session()
        finally:
            self.exit(return_code=self._signal_code)

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

    def _catch_signals(self) -> None:
        """A signal quits like the key does, so that the terminal is given back."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            with suppress(ValueError, RuntimeError):  # not the main thread
                loop.add_signal_handler(number, self._signalled, number)

    def _look_for_terminal(self) -> None:
        if isinstance(self._driver, TraceDriver) and self._driver.terminal_gone:
            self.hang_up()

    def hang_up(self) -> None:
        """The terminal is gone; a signal may say so too, or not."""
        self._signalled(signal.SIGHUP)

    def _signalled(self, number: int) -> None:
        if number == signal.SIGHUP and (self._leaving or self._signal_code):
            return
        if number == signal.SIGINT and self._aside.on:
            return  # typed for whoever has the terminal
        self._signal_code = 128 + number
        self.call_later(self.action_quit)
