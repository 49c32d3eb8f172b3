"""What the tabs have in common whose list is of events: a filter, a way to follow and to pause, the
place that is kept when they are shown otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from asgitrace.store.model import Exchange, State
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.body_view import BodyView
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.tui.detail.event_filter import EventFilter
from asgitrace.tui.detail.head import ColumnHead
from asgitrace.tui.detail.look import look_of
from asgitrace.tui.detail.places import AROUND, Place, Sought
from asgitrace.tui.detail.sifted import Sifted
from asgitrace.tui.detail.split import Split
from asgitrace.tui.detail.tabs import NOTHING, SplitTab
from asgitrace.tui.hints import Hint
from asgitrace.views.event_lines import EventLines, Members
from asgitrace.views.lines import Cells, Lines, NoLines
from asgitrace.views.look import Look
from asgitrace.views.steps import moment

if TYPE_CHECKING:
    from asgitrace.tui.detail.split import Content

_SECONDS: Final = 1 / 10
"""How often it is looked at what came of work that takes longer."""


class EventTab(SplitTab):
    """A list of events, with the one under the cursor beside it. What was chosen holds for all
    exchanges."""

    BINDINGS: ClassVar[list[BindingType]] = [*map(bind, ("follow-events", "pause-events"))]

    DEFAULT_CSS = """
    EventTab > ChoiceBar { display: none; }
    EventTab.-choices > ChoiceBar { display: block; }
    EventTab ColumnHead { display: none; }
    EventTab.-head ColumnHead { display: block; }
    """

    def __init__(self, name: str, viewer: BodyView | None = None) -> None:
        super().__init__(id=name)
        self._exchange: Exchange | None = None
        self._lines: EventLines | None = None
        self._sifted: Sifted | None = None
        """Those of the lines that the filter leaves: what the list shows."""
        self._newest: Exchange | None = None
        """What has not been shown since the pause."""
        self.paused = False
        self._opened: object = None
        self._sought: Sought | None = None
        """Where to go as soon as it is there."""
        self._bar = ChoiceBar()
        self.split = Split(self._inspect, empty=NOTHING, viewer=viewer)
        self._head = ColumnHead(self._titles, self.split.list)
        self.filter_target: EventFilter = EventFilter(f"{self.what}s", self.split, self._refilter)

    def compose(self) -> ComposeResult:
        yield self._bar
        yield self._head
        yield self.split

    def on_mount(self) -> None:
        self._watch = self.set_interval(_SECONDS, self._look_again, pause=True)

    # What each of them has to say

    def _make(self, exchange: Exchange) -> EventLines:
        """The lines of an exchange."""
        raise NotImplementedError

    def _why_empty(self, exchange: Exchange) -> str:
        """What is said where there are no lines."""
        raise NotImplementedError

    def _titles(self, width: int, look: Look) -> Cells:
        """The titles above them."""
        raise NotImplementedError

    def _content(self, members: Members, index: int) -> "Content":
        """What a line stands for in full; ``index`` is its place among all."""
        raise NotImplementedError

    def _choices(self) -> Sequence[tuple[Sequence[str], int]]:
        """What there is to choose from in the bar."""
        return ()

    def _note(self) -> str:
        """What is said in the bar where there is nothing else to say."""
        return ""

    # What is shown

    @property
    def _shown(self) -> Lines:
        return NoLines() if self._sifted is None else self._sifted

    def show(self, exchange: Exchange | None) -> None:
        self._exchange, self._newest, self._sought = exchange, None, None
        self.paused = False
        self._build()
        follow = exchange is not None and exchange.row.state is State.OPEN
        self.split.list.show_lines(self._shown, at_end=follow)
        self.split.inspect()

    def update_exchange(self, exchange: Exchange) -> None:
        if self.paused:
            self._newest = exchange
            self._show_bar()
        elif self._sifted is not None:
            self._advance(exchange)

    def _advance(self, exchange: Exchange) -> None:
        sifted, before = self._sifted, len(self._shown)
        assert sifted is not None
        self._exchange = exchange
        self._say_why_empty()
        changed = sifted.update(exchange)
        if not sifted.settled:
            self._watch.resume()
        if not changed:
            self.split.list.repaint_live()
            return
        if self.filter_target.predicate is not None:
            self._show_bar()
        self._show_head()
        self.split.list.grown()
        index = self.split.list.current
        if not before or (index is not None and self._under(index) != self._opened):
            self.split.inspect()

    def _build(self) -> None:
        self._opened = None
        self._lines = None if self._exchange is None else self._make(self._exchange)
        self._sift()
        self._say_why_empty()
        self._show_head()
        self._show_bar()

    def _sift(self) -> None:
        """Keep those of the lines that pass the filter."""
        lines, exchange, filters = self._lines, self._exchange, self.filter_target
        self._sifted = None
        if lines is not None and exchange is not None:
            self._sifted = Sifted(lines, exchange, filters.predicate, filters.marked)
            if self.is_mounted:
                self._watch.resume()
        filters.sifted = self._sifted

    def _refilter(self) -> None:
        """Show the same exchange with another filter, at the same event."""
        if self.is_mounted and self._lines is not None:
            self._rebuild()

    def _say_why_empty(self) -> None:
        exchange, shown = self._exchange, self.split.list
        why = NOTHING if exchange is None else self._why_empty(exchange)
        if why != shown.empty:
            shown.empty = why
            shown.repaint()

    def _show_head(self) -> None:
        self.set_class(bool(self._lines), "-head")
        self._head.refresh()

    def _show_bar(self) -> None:
        words = [self.filter_target.words]
        if self.paused:
            more = 0
            if self._newest is not None and self._exchange is not None:
                more = len(self._newest.events) - len(self._exchange.events)
            glyph = look_of(self).glyphs.paused
            words.append(f"{glyph} paused, {max(0, more):,} new events")
        said = "   ".join(filter(None, words))
        choices, note = self._choices(), self._note()
        self.set_class(bool(said or choices), "-choices")
        self._bar.show(*choices, note=(said, "accent") if said else (note, "faint"))

    def _look_again(self) -> None:
        """What is worked on in slices has come further."""
        sifted = self._sifted
        if sifted is None or sifted.settled:
            self._watch.pause()
        if self._sought is not None:
            self._seek()
        if self.filter_target.predicate is not None:
            self._show_bar()
        if self.filter_target.marked is not None:
            self.split.list.repaint()

    # Places

    def _rebuild(self) -> None:
        """Show the same exchange in another way, at the same event."""
        shown = self.split.list
        place, follow = self._place(), shown.follow
        row = shown.cursor - shown.top
        self._build()
        if self._lines is None:
            return
        shown.show_lines(self._shown, at_end=follow)
        if not follow:
            self._sought = Sought(place, row)
            self._seek()
        self.split.inspect()

    def _place(self) -> Place:
        """What is under the cursor."""
        index = self.split.list.current
        return Place() if index is None else self._at(index)

    def _at(self, index: int) -> Place:
        sifted = self._sifted
        if sifted is None or index >= len(sifted):
            return Place()
        return self._inner(sifted.inner(index))

    def _inner(self, inner: int) -> Place:
        lines = self._lines
        if lines is None or inner >= len(lines):
            return Place()
        event, wires = lines.members(inner)
        index = None if event is None else event.index
        return Place(index, wires[0].index if wires else None, lines.at(inner))

    def _seek(self) -> bool:
        """Go to what is sought, or to what is next to it as long as it is not there."""
        sought, lines, sifted = self._sought, self._lines, self._sifted
        if sought is None or lines is None or sifted is None:
            return False
        shown, place = self.split.list, sought.place
        if sought.cursor not in (-1, shown.cursor):
            # The user went on meanwhile.
            self._sought = None
            return False
        centre = 0 if place.at is None else lines.near(place.at, place.event)
        around = range(max(0, centre - AROUND), min(len(lines), centre + AROUND + 1))
        found = min(around, key=lambda inner: place.distance(self._inner(inner)), default=0)
        shown.follow = False
        shown.select(sifted.outer(found))
        if 0 <= sought.row < shown.size.height:
            shown.scroll_by(shown.cursor - shown.top - sought.row)
        there = place.distance(self._inner(found))[0] == 0 and sifted.judged(found)
        settled = there or sifted.settled or place.at is None
        self._sought = None if settled else replace(sought, cursor=shown.cursor)
        return True

    def go_to(self, event: int) -> bool:
        """Go to an event, with its content beside it; False where it is not there."""
        exchange = self._exchange
        if exchange is None or event >= len(exchange.events):
            return False
        if self.paused:
            self.action_pause()
        self.filter_target.clear()
        self._sought = Sought(Place(event, None, moment(exchange.events[event])))
        self._watch.resume()
        self._seek()
        self.split.open()
        return True

    # What the keys do

    @property
    def keys(self) -> Sequence[Hint]:
        exchange, shown = self._exchange, self.split.list
        if exchange is None or self.split.is_inside:
            return super().keys
        live = self.paused or exchange.row.state is State.OPEN
        follow = ("follow-events", "do not follow" if shown.follow else "follow")
        pause = ("pause-events", "go on" if self.paused else "pause")
        more = [
            (name, label, f"in_tab('{name.partition('-')[0]}')") for name, label in (follow, pause)
        ]
        return (*super().keys, *(more if live else ()))

    def action_follow(self) -> None:
        """Keep to the newest, or stay here."""
        shown = self.split.list
        if shown.follow:
            shown.follow = False
        else:
            if self.paused:
                self.action_pause()
            shown.action_last()

    def action_pause(self) -> None:
        """Take in nothing new, or all that came meanwhile."""
        if self._exchange is None:
            return
        self.paused = not self.paused
        newest, self._newest = self._newest, None
        self._show_bar()
        if newest is not None:
            self._advance(newest)

    # The event under the cursor

    def _under(self, index: int) -> object:
        """What a line stands for; changes when there is more of it to be seen."""
        if self._sifted is None or self._lines is None or index >= len(self._sifted):
            return None
        event, wires = self._lines.members(self._sifted.inner(index))
        return event, tuple(wires)

    def _inspect(self, index: int) -> "Content":
        lines, sifted = self._lines, self._sifted
        if lines is None or sifted is None or index >= len(sifted):
            return None
        self._opened = self._under(index)
        inner = sifted.inner(index)
        members = event, wires = lines.members(inner)
        return None if event is None and not wires else self._content(members, inner)

    @property
    def _current(self) -> Members | None:
        """What the line under the cursor stands for."""
        index = self.split.list.current
        if index is None or self._sifted is None or self._lines is None:
            return None
        return self._lines.members(self._sifted.inner(index))

    def leave(self) -> bool:
        return super().leave() or self.filter_target.clear()
