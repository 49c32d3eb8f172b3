"""What all applications on the terminal have in common: their look, their keys, and that the
terminal is given back however they end."""

import asyncio
import os
import signal
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Final, TypeVar, cast

from rich.text import Text
from textual.app import App
from textual.binding import BindingType
from textual.events import Event, InputEvent, Paste
from textual.filter import LineFilter
from textual.theme import Theme

from asgitrace.settings import Settings, State
from asgitrace.tui.commands import bind
from asgitrace.tui.driver import TraceDriver
from asgitrace.tui.keymap import Keymap
from asgitrace.tui.safe_text import Ascii, Inert
from asgitrace.tui.taking import TakesKeys
from asgitrace.tui.theme import THEMES, colours_of, theme_name
from asgitrace.views.clean import clean
from asgitrace.views.look import Look, look

Result = TypeVar("Result")

_LOOK: Final = 1.0
"""Seconds between two looks whether the terminal is still there."""
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ScreenApp(App[Result]):
    """Settings, look, keys and signals. ``return_code`` is 128 plus the signal where a signal ended
    it."""

    CSS_PATH = Path(__file__).with_name("asgitrace.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [bind("help")]

    def __init__(self, settings: Settings | None = None, state: State | None = None) -> None:
        self.settings = settings or Settings()
        self.state = state or State()
        """What is kept for the next run; the parts of the screen change it."""
        asked = os.environ.get("ASGITRACE_ASCII", "") not in ("", "0")
        self.plain = asked or self.settings.ascii
        """Whether only ASCII is drawn."""
        self._gates: tuple[LineFilter, ...] = (Inert(), Ascii()) if self.plain else (Inert(),)
        super().__init__(driver_class=TraceDriver)
        self.keymap = Keymap(self.settings.keys)
        self.set_keymap(self.keymap.changed())
        self.failed = False
        """An error of our own ended it."""
        self.signal_code = 0
        """128 plus the signal that ends it; 0 where there was none."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_name(self.settings.theme or self.state.theme)

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self.theme_changed)
        self.set_interval(_LOOK, self._look_for_terminal)

    # Look

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Ours only: the lines of the lists are drawn with their colours."""
        known = super().available_themes
        return {theme.name: theme for theme in THEMES if theme.name in known} or known

    def current_look(self) -> Look:
        """How things are drawn at present."""
        colours = colours_of(self.theme)
        return look(colours=colours, colour=not self.no_color, plain=self.plain)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._gates]

    def theme_changed(self, theme: Theme) -> None:
        """Another theme was chosen."""
        self.state.theme = colours_of(theme.name).name

    # Keys

    @property
    def takes_keys(self) -> bool:
        """Whether keys are dealt with where they arrive, on screens that want that."""
        return True

    async def on_event(self, event: Event) -> None:
        typed = isinstance(event, InputEvent | Paste) and not event.is_forwarded
        screen = cast("object", self.screen) if typed and self.takes_keys else None
        if not (isinstance(screen, TakesKeys) and await screen.take(event)):
            await super().on_event(event)

    def action_help(self) -> None:
        """The help of a screen that has none by itself."""
        from asgitrace.tui.help import help_of

        self.push_screen(help_of(self.screen, self.current_look))

    # Failing

    def _handle_exception(self, error: Exception) -> None:
        self.failed = True
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Say where it failed, without the values of variables: they may be the network's."""
        self.panic(Text("\n".join(map(clean, traceback.format_exc().splitlines()))))

    # Signals

    def catch_signals(self) -> None:
        """A signal quits like the key does, so that the terminal is given back."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            with suppress(ValueError, RuntimeError):  # not the main thread
                loop.add_signal_handler(number, self.signalled, number)

    def signalled(self, number: int) -> None:
        """A signal came."""
        self.signal_code = 128 + number
        self.call_later(self.action_quit)

    def _look_for_terminal(self) -> None:
        if isinstance(self._driver, TraceDriver) and self._driver.terminal_gone:
            self.hang_up()

    def hang_up(self) -> None:
        """The terminal is gone; a signal may say so too, or not."""
        self.signalled(signal.SIGHUP)
