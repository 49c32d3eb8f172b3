"""The screen of the connections: each with its exchanges, its bytes, its state."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Static

from asgitrace.tui.commands import bind
from asgitrace.tui.detail.head import ColumnHead
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.hints import HintBar
from asgitrace.tui.search.bar import SearchBar
from asgitrace.tui.taking import TakesKeys
from asgitrace.tui.terms import connection_term
from asgitrace.views.connections import ConnectionDetail, ConnectionLines, head_line, tally
from asgitrace.views.lines import NoLines, clean_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from asgitrace.store.model import Connection, Row
    from asgitrace.tui.feed import Feed
    from asgitrace.views.look import Look

_SECONDS: Final = 0.25
_SLOWLY: Final = 2000
"""From so many connections on they are asked for less often."""
_EMPTY: Final = "No connections: only asgitrace's own server tells of them, with --wire events."
_HINTS: Final = (
    ("back", "back", "dismiss"),
    ("choose", "open the exchange", "open"),
    ("filter", "its exchanges in the list", "filter"),
    ("other-pane", "exchanges and events", "other"),
    ("copy", "copy", "copy"),
)


class ConnectionsScreen(TakesKeys, Screen[int | str | None]):
    """Returns the number of the exchange to be opened, or the filter term of the connection whose
    exchanges are to be shown in the list, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("back", "dismiss"),
        bind("close", "dismiss"),
        bind("connections", "dismiss"),
        bind("other-pane", "other"),
        bind("filter"),
        bind("filter-cell", "filter"),
        bind("copy"),
        bind("quit", "app.quit"),
    ]

    def __init__(
        self,
        feed: "Feed",
        clock: "Callable[[], int]",
        look: "Callable[[], Look]",
        selected: "Row | None",
    ) -> None:
        super().__init__()
        self._feed = feed
        self._clock = clock
        self._selected = selected
        self._version: int | None = None
        self._ticks = 0
        self._shown: Connection | None = None
        self._lines = ConnectionLines(self._row)
        self._title = Static("", markup=False, id="connections-title")
        self._list = LineList(empty=_EMPTY, follows=True, id="connections")
        self._head = ColumnHead(head_line, self._list)
        self._detail = LineList(id="connection-detail")
        self._hints = HintBar(look)

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._head
        yield self._list
        yield self._detail
        yield SearchBar()
        yield self._hints

    def on_mount(self) -> None:
        self._hints.show_keys(_HINTS)
        self._take()
        self._list.show_lines(self._lines, at_end=True)
        self._go_to_selected()
        self._inspect()
        self._list.focus()
        self.set_interval(_SECONDS, self.tick)

    def _go_to_selected(self) -> None:
        row = self._selected
        if row is None or not row.connection:
            return
        for process in self._feed.store.processes:
            index = self._lines.find(process.source, row.connection)
            if index is not None and row.number in self._lines.connection(index).exchanges:
                self._list.follow = False
                self._list.select(index)

    # What is shown

    def tick(self) -> None:
        """Show what changed."""
        self._ticks += 1
        if len(self._lines) > _SLOWLY and self._ticks % 4:
            return
        if self._version == self._feed.store.version:
            self._lines.update(self._connections, self._moment)
            self._list.repaint_live()
            return
        index = self._list.current
        before = None if index is None else self._lines.connection(index)
        self._take()
        after = None
        if before is not None and index is not None:
            after = self._lines.find(before.process.source, before.number)
        gone = 0 if after is None or index is None else max(0, index - after)
        self._list.grown(gone=gone)
        self._list.repaint()
        self._inspect()

    @property
    def _moment(self) -> int:
        return self._feed.moment(self._clock())

    def _take(self) -> None:
        store = self._feed.store
        self._version = store.version
        now = self._moment
        self._connections = store.connections(now)
        self._lines.update(self._connections, now)
        self._title.update(f" Connections   {tally(self._connections)}", layout=False)

    def _row(self, number: int) -> "Row | None":
        try:
            return self._feed.store.row(number, self._moment)
        except KeyError:
            return None

    def _inspect(self) -> None:
        """Show the connection under the cursor, and stay in the same place of it."""
        index = self._list.current
        found = None if index is None else self._lines.connection(index)
        if found is not None and found == self._shown:
            self._detail.repaint_live()
            return
        same = (
            found is not None
            and self._shown is not None
            and found.number == self._shown.number
            and found.process.source == self._shown.process.source
        )
        cursor = self._detail.cursor
        self._shown = found
        self._detail.show_lines(NoLines() if found is None else ConnectionDetail(found, self._row))
        if same:
            self._detail.select(cursor)

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        message.stop()
        if message.sender is self._list:
            self._inspect()

    # What the keys do

    @on(LineList.Chosen)
    def _chosen(self, message: LineList.Chosen) -> None:
        message.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open the exchange under the cursor, or the latest one of the connection."""
        number = self._exchange()
        if number is None or number not in self._feed.store:
            self._hints.say("There is no exchange to open")
        else:
            self.dismiss(number)

    def _exchange(self) -> int | None:
        if self._detail.has_focus:
            lines, index = self._detail.lines, self._detail.current
            if isinstance(lines, ConnectionDetail) and index is not None:
                return lines.exchange(index)
            return None
        return self._shown.exchanges[-1] if self._shown and self._shown.exchanges else None

    def action_filter(self) -> None:
        """Show the exchanges of the connection under the cursor in the list."""
        shown = self._shown
        if shown is None or not shown.exchanges:
            self._hints.say("There is no exchange to show")
            return
        first, last = shown.exchanges[0], shown.exchanges[-1]
        self.dismiss(connection_term(self._feed.store, shown.number, first, last))

    def action_other(self) -> None:
        """Between the connections and what belongs to one of them."""
        (self._list if self._detail.has_focus else self._detail).focus()

    def action_copy(self) -> None:
        focused = self._detail if self._detail.has_focus else self._list
        text = focused.copy_text()
        if text is None:
            self._hints.say("Nothing is selected")
            return
        self.app.copy_to_clipboard(clean_text(text))
        self._hints.say("Copied")
