"""The main screen: the list, the detail of what is selected in it, and the bars around them."""

from dataclasses import replace
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from asgitrace.errors import AsgitraceError
from asgitrace.store.model import RowKind
from asgitrace.tui.actions import Actions
from asgitrace.tui.commands import COMMANDS, bind
from asgitrace.tui.detail import DetailPane
from asgitrace.tui.detail.pane import TABS
from asgitrace.tui.feed import Feed
from asgitrace.tui.filter.bar import FilterBar
from asgitrace.tui.hints import HintBar
from asgitrace.tui.list import ExchangeTable, ListHeader
from asgitrace.tui.list.arrangement import Arrangement
from asgitrace.tui.notice import banner_text, empty_notice, last_words
from asgitrace.tui.panes import Divider, Pane
from asgitrace.tui.search.bar import SearchBar
from asgitrace.tui.status import StatusBar
from asgitrace.views.clean import clean

_REPAINT_NS: Final = 100_000_000
"""How often the open exchanges and the detail are drawn anew while nothing arrives."""
_OWN_ROWS: Final = 8
"""Rows at most among which is looked whether anything has called the app."""
_CALLS: Final = (RowKind.HTTP, RowKind.WEBSOCKET, RowKind.OTHER)
_LAST_LINES: Final = 200
"""Of the app's output, among which the reason of a failure is looked for."""
_STATUS_NS: Final = 250_000_000


class MainScreen(Actions):
    """Shows what the feed brings; what the keys do is in Actions."""

    BLANK = True

    BINDINGS: ClassVar[list[BindingType]] = [
        *(command.binding() for command in COMMANDS),
        *(bind(f"tab-{name}") for name in TABS),
    ]

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self.feed = feed
        self._painted_ns = 0
        self._status_ns: int | None = None
        self._banner = ""
        self._owed = False
        """A change was not painted, because the terminal did not keep up."""

    def compose(self) -> ComposeResult:
        app = self.trace_app
        look = app.current_look
        self._arrangement = Arrangement(app.settings, app.state)
        yield Static("", markup=False, id="banner")
        with Pane(id="panes"):
            with Pane(id="list-pane"):
                yield ListHeader(look)
                yield ExchangeTable(self.feed.store, look, self._arrangement, self.trace_app.clock)
            yield Divider(look)
            yield DetailPane(
                self.feed.store, unfinished=lambda: self.feed.session.status().unfinished
            )
        yield SearchBar()
        yield self.make_filter_bar()
        yield StatusBar(look)
        yield HintBar(look)

    def on_mount(self) -> None:
        self.table = self.query_one(ExchangeTable)
        self.detail = self.query_one(DetailPane)
        self.filter_bar = self.query_one(FilterBar)
        self.search_bar = self.query_one(SearchBar)
        self.status_bar = self.query_one(StatusBar)
        self.hints = self.query_one(HintBar)
        self.header = self.query_one(ListHeader)
        self.banner = self.query_one("#banner", Static)
        self.table.cursor.follow = self.trace_app.settings.follow
        self.lay_out()
        self.table.focus()
        self.begin_touring()
        if self._arrangement.complaint:
            self.hints.say(self._arrangement.complaint, wrong=True)

    # Thirty times a second

    def tick(self, now_ns: int, *, crowded: bool) -> None:
        """Show what changed. A terminal that does not keep up gets fewer frames, not late ones."""
        self.filter_bar.tick()
        changed = self.feed.poll(now_ns) or self.table.due(now_ns, paused=self.feed.paused)
        if changed:
            if self._arrangement.meet(self.feed.store.processes):
                self.table.arrangement_changed()
            self.table.take(self.feed.numbers(), self.feed.moment(now_ns), paint=not crowded)
            if self.table.noticed or not len(self.table.cursor):
                self._show_notice()
        if crowded:
            self._owed = True
            return
        self.header.show(self.table.face)
        due = now_ns - self._painted_ns >= _REPAINT_NS
        if due or changed or self._owed:
            self._paint(now_ns, moving=due and not changed)
        if self._status_ns is None or now_ns - self._status_ns >= _STATUS_NS:
            self.show_status(now_ns)

    def _paint(self, now_ns: int, *, moving: bool) -> None:
        if self._owed or (moving and not self.feed.paused):
            self.table.repaint(self.feed.moment(now_ns), everything=self._owed)
        self._owed = False
        if now_ns - self._painted_ns >= _REPAINT_NS:
            self._painted_ns = now_ns
            if self.detail.display:
                self.detail.tick(self.feed.moment(now_ns))

    def rows_changed(self) -> None:
        """Show at once what a key changed."""
        self.feed.changed()
        try:
            self.tick(self.trace_app.clock(), crowded=False)
        except AsgitraceError as error:
            self.trace_app.give_up(error)
        self.show_status(self.trace_app.clock())

    def show_status(self, now_ns: int) -> None:
        """Everything that tells about the trace as a whole."""
        self._status_ns = now_ns
        feed = self.feed
        line = replace(
            feed.status(now_ns, follow=self.table.cursor.follow),
            order=self._arrangement.sorted_by,
            descending=self._arrangement.descending,
        )
        self.status_bar.show(line)
        self._show_notice()
        self._show_banner(clean(banner_text(line.session)))

    @property
    def _idle(self) -> bool:
        """Whether there is nothing to be seen, or nothing yet but the app's own start."""
        if not len(self.table.cursor):
            return True
        store, live = self.feed.store, self.feed.session.live
        if not live or self.feed.filtered or len(store) > _OWN_ROWS:
            return False
        return not any(kind in _CALLS for kind in store.kind.tolist())

    def _show_notice(self) -> None:
        if not self._idle:
            self.table.set_notice(())
            return
        feed, app = self.feed, self.trace_app
        status = feed.session.status()
        written = feed.store.logs_since(max(0, feed.store.log_total - _LAST_LINES))
        self.table.set_notice(
            empty_notice(
                status,
                live=feed.session.live,
                told=feed.told(),
                key=partial(app.keymap.first, plain=app.plain),
                trouble=last_words(written) if status.phase == "failed" else "",
                tour=self.tour_offered,
            )
        )

    def _show_banner(self, text: str) -> None:
        banner = self.banner
        if banner.has_class("-shown") != bool(text):
            banner.set_class(bool(text), "-shown")
        if text != self._banner:
            self._banner = text
            banner.update(Content(text), layout=False)

    def look_changed(self) -> None:
        """Draw with the colours of another theme."""
        self.table.look_changed()
        for widget in (self.header, self.status_bar, self.hints):
            widget.refresh()

    # What the widgets tell

    @on(ExchangeTable.Moved)
    def _moved(self) -> None:
        self.header.show(self.table.face)
        if self.detail_open:
            self.detail.show(self.table.cursor.current)
        if self.status_bar.line.follow != self.table.cursor.follow:
            self.show_status(self.trace_app.clock())

    @on(DetailPane.KeysChanged)
    def _keys_changed(self) -> None:
        self.show_keys()

    @on(StatusBar.FollowClicked)
    def _follow_clicked(self) -> None:
        self.action_follow()
