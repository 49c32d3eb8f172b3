"""The detail pane: one exchange, and the app's output, in tabs."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.theme import Theme

from asgitrace.filter.model import Predicate
from asgitrace.store.annotation import NOTHING
from asgitrace.store.model import Exchange, State
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.body_tab import BodyTab
from asgitrace.tui.detail.body_view import BodyView, Remembered
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.tui.detail.event_filter import EventFilter
from asgitrace.tui.detail.event_tab import EventTab
from asgitrace.tui.detail.frames_tab import FramesTab
from asgitrace.tui.detail.headers_tab import HeadersTab
from asgitrace.tui.detail.held import Held, held_in
from asgitrace.tui.detail.log_tab import LogTab, Unfinished
from asgitrace.tui.detail.messages_tab import MessagesTab
from asgitrace.tui.detail.split import Split
from asgitrace.tui.detail.tabs import SplitTab
from asgitrace.tui.detail.timeline_tab import TimelineTab
from asgitrace.tui.detail.title import DetailTitle
from asgitrace.tui.hints import Hint
from asgitrace.tui.search.pane import search_bar
from asgitrace.views.lines import clean_text
from asgitrace.views.needle import Needle

if TYPE_CHECKING:
    from asgitrace.store.store import Store
    from asgitrace.tui.detail.tabs import Tab

TABS: Final = ("timeline", "messages", "headers", "body", "log", "frames")

_WITHOUT_EVENTS: Final = ("headers", "body")
"""Tabs in which a match is to be looked for, as their lines are no events."""


class DetailPane(Container):
    """Shows one exchange of a store. Only the tab that is seen is kept up to date."""

    DEFAULT_CSS = """
    DetailPane { layout: vertical; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(bind(f"tab-{name}") for name in TABS),
        bind("back", "leave"),
        Binding("tab", "focus_list(1)", "Next list", show=False),
        Binding("shift+tab", "focus_list(-1)", "Previous list", show=False),
    ]

    class KeysChanged(Message):
        """The keys do something else than before."""

    def __init__(
        self,
        store: "Store",
        clock: Callable[[], int] = time.monotonic_ns,
        unfinished: Unfinished = tuple,
    ) -> None:
        super().__init__()
        self._store = store
        self._clock = clock
        self._now: int | None = None
        self._number: int | None = None
        self._exchange: Exchange | None = None
        self._version: int | None = None
        self._title = DetailTitle()
        self._bar = ChoiceBar()
        remembered = Remembered()
        self._tabs: dict[str, Tab] = {
            "timeline": TimelineTab(remembered),
            "messages": MessagesTab(remembered),
            "headers": HeadersTab(),
            "body": BodyTab(remembered),
            "log": LogTab(store, unfinished),
            "frames": FramesTab(),
        }
        self._built: set[str] = set()
        """Tabs that show what is shown now."""
        self._current = TABS[0]
        self._wanted: int | None = None
        """The event to go to, while it is not there yet."""
        self._told: Sequence[Hint] = ()
        """The keys as they were last told."""

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._bar
        yield from self._tabs.values()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._repaint)
        self._show_tab()

    def _repaint(self, _: Theme) -> None:
        for widget in self.walk_children():
            widget.refresh()

    @property
    def number(self) -> int | None:
        """Number of the exchange that is shown."""
        return self._number

    @property
    def tab(self) -> str:
        """Name of the tab that is seen."""
        return self._current

    # What is shown

    def show(self, number: int | None) -> None:
        """Show an exchange by its number, or none."""
        if number == self._number and self._exchange is not None:
            return
        self._number = number
        self._version = self._wanted = None
        self._exchange = self._fetch()
        self._show_title()
        self._built.clear()
        self._show_tab()

    def noted(self, number: int) -> None:
        """Something was noted on an exchange, or taken off."""
        if number == self._number:
            self._show_title()

    def _show_title(self) -> None:
        note = NOTHING if self._number is None else self._store.annotations.of(self._number)
        self._title.show(self._exchange, note)

    def tick(self, now_ns: int) -> None:
        """Show what changed up to ``now_ns``."""
        self._now = now_ns
        if self._current == "log":
            self.log_tab.tick()
            self._keys_changed()
        if self._number is None:
            return
        if self._version == self._store.version and not self._open:
            return
        self._version = self._store.version
        exchange = self._fetch()
        if exchange is None:
            # Evicted: what was read of it stays to be seen.
            return
        first = self._exchange is None
        self._exchange = exchange
        self._show_title()
        if not (first or exchange.whole):
            # A long one is read in portions: the first is seen at once, then all of them.
            return
        if first:
            self._built.clear()
            self._show_tab()
        else:
            self._built &= {self._current}
            self._tabs[self._current].update_exchange(exchange)
            self._keys_changed()
        self._go_to_wanted()

    @property
    def _open(self) -> bool:
        shown = self._exchange
        return shown is None or shown.row.state is State.OPEN or not shown.whole

    def _fetch(self) -> Exchange | None:
        if self._number is None:
            return None
        now = self._clock() if self._now is None else self._now
        try:
            return self._store.exchange(self._number, now)
        except KeyError:
            return None

    def _show_tab(self) -> None:
        self._bar.show(
            (
                [f"{key} {name.capitalize()}" for key, name in enumerate(TABS, start=1)],
                TABS.index(self._current),
            ),
        )
        for name, tab in self._tabs.items():
            # Not by a class: with one the styles of all within are worked out anew.
            tab.display = name == self._current
        tab = self._tabs[self._current]
        if self._current not in self._built and tab.is_mounted:
            self._built.add(self._current)
            tab.show(self._exchange)
        self._keys_changed()

    # What it is told

    def open_tab(self, name: str) -> None:
        """Show a tab: ``timeline``, ``messages``, ``headers``, ``body``, ``log`` or
        ``frames``."""
        inside = self.has_focus_within
        self._current = name
        self._show_tab()
        if inside:
            self.focus_inside()

    def go_to(self, tab: str, event: int | None, text: Needle | None) -> None:
        """Show a tab, or the one that is seen, at an event, as soon as that is there; and what was
        searched for in it."""
        self.open_tab(tab or self._current)
        self._wanted = event
        self._go_to_wanted()
        self.focus_inside()
        bar = search_bar(self.screen)
        if text is not None and bar is not None:
            shown = self._tabs[self._current].focused_list
            bar.show(shown, text, moves=event is None or self._current in _WITHOUT_EVENTS)

    def _go_to_wanted(self) -> None:
        if self._wanted is not None and self._tabs[self._current].go_to(self._wanted):
            self._wanted = None

    def event_tab(self) -> EventTab:
        """The tab that is seen, if it has a list of events; else the timeline, which is opened."""
        tab = self._tabs[self._current]
        if isinstance(tab, EventTab):
            return tab
        self.open_tab("timeline")
        return self.event_tab()

    @property
    def log_tab(self) -> LogTab:
        """The tab of the log."""
        tab = self._tabs["log"]
        assert isinstance(tab, LogTab)
        return tab

    def show_log(self) -> None:
        """Show what the app's process wrote."""
        self.open_tab("log")

    def focus_inside(self) -> None:
        """Give the focus to the list of the tab that is seen."""
        self._tabs[self._current].focused_list.focus()

    def focus_first(self) -> None:
        """Give the focus to the first list of the tab that is seen."""
        self._tabs[self._current].lists[0].focus()

    @property
    def keys(self) -> Sequence[Hint]:
        """The keys of the list that has the focus, and what they do."""
        return self._tabs[self._current].keys if self.has_focus_within else ()

    @on(Split.Opened)
    @on(BodyView.KeysChanged)
    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _keys_changed(self) -> None:
        keys = self.keys
        if keys != self._told:
            self._told = keys
            self.post_message(self.KeysChanged())

    def copy_text(self) -> str | None:
        """The text of what is under the cursor, made inert."""
        text = self._tabs[self._current].copy_text()
        return None if text is None else clean_text(text)

    @property
    def content_open(self) -> bool:
        """Whether the content of a line is seen beside it."""
        tab = self._tabs[self._current]
        return isinstance(tab, SplitTab) and tab.split.is_open

    def held(self) -> Held | None:
        """What is under the cursor, to be opened elsewhere; None where there is nothing."""
        return held_in(self._current, self._tabs[self._current])

    @property
    def filter_target(self) -> EventFilter | None:
        """What a filter is typed for while the keys are in the tab that is seen; None where it
        cannot be filtered."""
        return self._tabs[self._current].filter_target

    def mark_events(self, predicate: Predicate | None) -> None:
        """Mark the events that the filter of the list is about."""
        for tab in self._tabs.values():
            if tab.filter_target is not None:
                tab.filter_target.mark(predicate)

    def action_open_tab(self, name: str) -> None:
        self.open_tab(name)

    def leave_content(self) -> bool:
        """Out of the content of a line, or close it; False if none is open."""
        return self._tabs[self._current].leave()

    def action_leave(self) -> None:
        """Back by one step: out of the content, then it is the screen's turn."""
        if not self.leave_content():
            raise SkipAction

    def action_focus_list(self, step: int) -> None:
        """The next list in the tab; beyond the last one it is the screen's turn."""
        lists = self._tabs[self._current].lists
        focused = [index for index, found in enumerate(lists) if found.has_focus]
        target = focused[0] + step if focused else 0
        if not 0 <= target < len(lists):
            raise SkipAction
        lists[target].focus()

    @on(ChoiceBar.Picked)
    def _picked(self, message: ChoiceBar.Picked) -> None:
        message.stop()
        self.open_tab(TABS[message.index])
        self.focus_inside()
