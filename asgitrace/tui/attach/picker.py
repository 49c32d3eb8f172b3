"""The screen on which one chooses what to look at, of all that runs."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from asgitrace.errors import AsgitraceError
from asgitrace.settings import Settings, State
from asgitrace.tui.attach.nothing import FIRST, NothingRuns
from asgitrace.tui.attach.ring_list import RingList
from asgitrace.tui.attach.sightings import Sightings
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.head import ColumnHead
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.hints import HintBar
from asgitrace.tui.screen_app import ScreenApp
from asgitrace.tui.search.bar import SearchBar
from asgitrace.tui.taking import TakesKeys
from asgitrace.tui.theme import NAMES, colours_of, theme_name
from asgitrace.views.attach.lines import RingLines, titles
from asgitrace.views.attach.model import Choice, Overview, Ring, choose
from asgitrace.views.look import Look
from asgitrace.words import counted

Find = Callable[[], Sequence[Ring]]
"""Looks for rings; may raise AsgitraceError."""

_SECONDS: Final = 0.5
_HINTS: Final = (
    ("choose", "open", "open"),
    ("space", "mark", "mark"),
    ("a", "all of the app", "mark_app"),
    ("copy", "copy", "copy"),
    ("help", "help", "app.help"),
    ("quit", "quit", "app.quit"),
)
_EMPTY_HINTS: Final = tuple(hint for hint in _HINTS if hint[0] in ("copy", "help", "quit"))


class PickerScreen(TakesKeys, Screen[None]):
    """Looks for rings twice a second."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("back"),
        bind("close", "back"),
        bind("copy"),
        bind("theme"),
        bind("suspend", "app.suspend_process"),
        bind("quit", "app.quit"),
        Binding("r", "look", "Look again", show=False),
    ]

    def __init__(
        self,
        find: Find,
        look: Callable[[], Look],
        chosen: Callable[[Choice], None],
        marked: Iterable[Path],
        clock: Callable[[], int],
        wall_clock: Callable[[], int],
    ) -> None:
        super().__init__()
        self._find = find
        self._chosen = chosen
        self._marked = set(marked)
        self._clock = clock
        self._wall_clock = wall_clock
        self._sightings = Sightings()
        self.overview = Overview()
        """What was found at the last look."""
        self._title = Static("", markup=False, id="rings-title")
        self._list = RingList(id="rings")
        self._head = ColumnHead(titles, self._list)
        self._hints = HintBar(look)

    @property
    def marked(self) -> frozenset[Path]:
        """What is marked."""
        return frozenset(self._marked)

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._head
        yield self._list
        yield SearchBar()
        yield self._hints

    def on_mount(self) -> None:
        self.tick()
        self._list.focus()
        self.set_interval(_SECONDS, self.tick)

    # What is shown

    def tick(self) -> None:
        """Look again, and show what there is."""
        try:
            found = self._find()
        except AsgitraceError as error:
            self._hints.say(str(error), wrong=True)
            return
        self.overview = self._sightings.update(found, self._clock())
        self._marked &= {ring.path for ring in self.overview.rings}
        self._show()

    def _show(self) -> None:
        there = self.overview
        apps, processes = len(there.running), sum(len(app.workers) for app in there.running)
        told = f"{counted(apps, 'app')}, {counted(processes, 'process')}"
        marked = f"   {len(self._marked)} marked" if self._marked else ""
        self._title.update(f" Attach   {told if apps else 'nothing runs'}{marked}", layout=False)
        self._head.display = bool(there.rings)
        if there.rings:
            first = self._list.ring_lines is None
            lines = RingLines(there, self._marked, self._wall_clock())
            self._list.replace(lines, 0 if first else None)
        elif not isinstance(self._list.lines, NothingRuns):
            self._list.show_lines(NothingRuns())
            self._list.select(FIRST)
        self._hints.show_keys(_HINTS if there.rings else _EMPTY_HINTS)

    # What the keys do

    @on(RingList.Marked)
    def _mark(self, message: RingList.Marked) -> None:
        paths = {ring.path for ring in message.rings}
        if paths <= self._marked:
            self._marked -= paths
        else:
            self._marked |= paths
        self._show()

    def action_mark(self) -> None:
        self._list.action_mark()

    def action_mark_app(self) -> None:
        self._list.action_mark_app()

    @on(LineList.Chosen)
    def action_open(self) -> None:
        """Open what is marked, or else what is under the cursor."""
        marked = [ring for ring in self.overview.rings if ring.path in self._marked]
        rings = marked or self._list.chosen
        if rings:
            self._chosen(choose(self.overview, rings, self._wall_clock()))
        else:
            self._hints.say("There is nothing to open on this line")

    def action_look(self) -> None:
        self.tick()
        self._hints.say("Looked again")

    def action_copy(self) -> None:
        """Copy the line, or the snippet."""
        text = self._list.copy_text()
        if text:
            self.app.copy_to_clipboard(text)
            self._hints.say("Copied")
        else:
            self._hints.say("There is nothing to copy on this line")

    def action_theme(self) -> None:
        """The next theme."""
        at = NAMES.index(colours_of(self.app.theme).name)
        self.app.theme = theme_name(NAMES[(at + 1) % len(NAMES)])
        self._list.repaint()
        self._head.refresh()

    def action_back(self) -> None:
        if self._marked:
            self._marked.clear()
            self._show()
        else:
            self._hints.say("Q quits")


class PickerApp(ScreenApp[Choice]):
    """Returns what was chosen, or None where the user quit.

    Args:
        find: looks for rings.
        marked: paths of those that are marked at first.
        clock: monotonic ns.
        wall_clock: ns since the epoch.
    """

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        find: Find,
        *,
        settings: Settings | None = None,
        state: State | None = None,
        marked: Iterable[Path] = (),
        clock: Callable[[], int] = time.monotonic_ns,
        wall_clock: Callable[[], int] = time.time_ns,
    ) -> None:
        super().__init__(settings, state)
        self.title = "asgitrace attach"
        self.picker = PickerScreen(find, self.current_look, self._choose, marked, clock, wall_clock)

    def get_default_screen(self) -> PickerScreen:
        return self.picker

    def on_mount(self) -> None:
        self.catch_signals()

    def _choose(self, choice: Choice) -> None:
        self.exit(choice)

    async def action_quit(self) -> None:
        """Quit, with nothing chosen."""
        self.exit(return_code=self.signal_code)
