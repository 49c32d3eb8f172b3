"""The timeline tab: every event, as a ladder between peer, server and app, or as a plain list."""

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from asgitrace.store.model import Event, Exchange, State, WireEvent
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.tui.detail.event_filter import EventFilter
from asgitrace.tui.detail.head import ColumnHead
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.detail.sifted import Sifted
from asgitrace.tui.detail.split import Split
from asgitrace.tui.detail.tabs import NOTHING, SplitTab
from asgitrace.views.content import event_lines, event_text
from asgitrace.views.ladder import LadderLines, head_line
from asgitrace.views.lines import Cells, Lines, NoLines
from asgitrace.views.look import Look
from asgitrace.views.steps import Sides, moment
from asgitrace.views.timeline import TimelineLines, started
from asgitrace.views.wire_content import step_lines, wire_text

_SIDES: Final = tuple(Sides)
_LADDER_WIDTH: Final = 100
"""From here on the ladder says as much in a line as the list does."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a line stands for; the line of what was overwritten stands for nothing."""

    event: int | None = None
    wire: int | None = None
    at: int | None = None
    """Monotonic ns."""

    def distance(self, other: "Place") -> tuple[int, int]:
        """How far another line is from this; the least is the one to go to."""
        if self.at is None or other.at is None:
            return (0 if self.at is other.at else 3), 0
        if self.event is not None and self.event == other.event:
            return 0, 0
        same = self.wire is not None and self.wire == other.wire
        return (1 if same else 2), abs(self.at - other.at)


class TimelineTab(SplitTab):
    """Every event; enter opens it. What was chosen holds for all exchanges."""

    BINDINGS: ClassVar[list[BindingType]] = [*map(bind, ("view", "sides"))]

    DEFAULT_CSS = """
    TimelineTab > ChoiceBar { display: none; }
    TimelineTab.-choices > ChoiceBar { display: block; }
    TimelineTab ColumnHead { display: none; }
    TimelineTab.-ladder ColumnHead { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self._exchange: Exchange | None = None
        self._lines: LadderLines | TimelineLines | None = None
        self._sifted: Sifted | None = None
        """Those of the lines that the filter leaves: what the list shows."""
        self._wanted: bool | None = None
        """Whether the user asked for the ladder; None for what suits."""
        self._sides = Sides.BOTH
        self._opened: object = None
        self._kept = Place(), Place()
        """The place at which the view was changed, and what stood for it then."""
        self._bar = ChoiceBar()
        self.split = Split(self._inspect, empty="No events.")
        self._head = ColumnHead(self._titles, self.split.list)
        self.filter_target: EventFilter = EventFilter("events", self.split, self._refilter)

    def compose(self) -> ComposeResult:
        yield self._bar
        yield self._head
        yield self.split

    @on(LineList.Resized)
    def _resized(self) -> None:
        self._head.refresh()

    # What is shown

    @property
    def _is_ladder(self) -> bool:
        exchange = self._exchange
        if exchange is None:
            return False
        if self._wanted is not None:
            return self._wanted
        # Nothing but the wire is known of what the server refused.
        return bool(exchange.wire) and (self.size.width >= _LADDER_WIDTH or not exchange.events)

    def show(self, exchange: Exchange | None) -> None:
        self._exchange = exchange
        self.split.list.empty = NOTHING if exchange is None else "No events."
        self._build()
        follow = exchange is not None and exchange.row.state is State.OPEN
        self.split.list.show_lines(self._shown, at_end=follow)
        self.split.inspect()

    @property
    def _shown(self) -> Lines:
        return NoLines() if self._sifted is None else self._sifted

    def _build(self) -> None:
        exchange = self._exchange
        ladder = self._is_ladder
        self._opened = None
        if exchange is None:
            self._lines = None
        elif ladder:
            self._lines = LadderLines(exchange, self._sides)
        else:
            self._lines = TimelineLines(exchange)
        self._sift()
        self.set_class(ladder, "-ladder")
        self._head.refresh()
        self._show_bar()

    def _sift(self) -> None:
        """Keep those of the lines that pass the filter."""
        lines, exchange, filters = self._lines, self._exchange, self.filter_target
        self._sifted = None
        if lines is not None and exchange is not None:
            shown, marked = filters.predicate, filters.marked
            self._sifted = Sifted(lines, self._members, exchange, shown, marked)
        filters.sifted = self._sifted

    def _members(self, inner: int) -> tuple[Event | None, WireEvent | None]:
        """The events of a line, by its place among all."""
        lines = self._lines
        if lines is None:
            return None, None
        return lines.event(inner), lines.wire(inner) if isinstance(lines, LadderLines) else None

    def _refilter(self) -> None:
        """Show the same exchange with another filter, at the same event."""
        if self.is_mounted and self._lines is not None:
            self._rebuild()

    def _show_bar(self) -> None:
        ladder = isinstance(self._lines, LadderLines)
        groups = [(["Ladder", "List"], 0 if ladder else 1)]
        wire = self._exchange is not None and bool(self._exchange.wire)
        words = self.filter_target.words
        self.set_class(wire or ladder or bool(words), "-choices")
        if ladder and wire:
            names = [sides.value.capitalize() for sides in _SIDES]
            groups.append((names, _SIDES.index(self._sides)))
        keys = "keys: v b" if ladder and wire else "key: v"
        note = keys if wire else f"{keys}  the wire was not recorded"
        self._bar.show(*groups, note=(words, "accent") if words else (note, "faint"))

    def on_resize(self, _: events.Resize) -> None:
        if self._exchange is not None and self._is_ladder != isinstance(self._lines, LadderLines):
            self._rebuild()

    def update_exchange(self, exchange: Exchange) -> None:
        lines = self._lines
        if lines is None:
            return
        first_wire = bool(exchange.wire) and not (self._exchange and self._exchange.wire)
        self._exchange = exchange
        if first_wire and self._is_ladder != isinstance(lines, LadderLines):
            self._rebuild()
            return
        if isinstance(lines, LadderLines):
            changed = lines.update(exchange)
        else:
            before = lines.exchange.events
            lines.update(exchange)
            changed = before is not exchange.events
        if self._sifted is not None:
            self._sifted.update(exchange)
        if first_wire or self.filter_target.predicate is not None:
            self._show_bar()
        if not changed:
            self.split.list.repaint_live()
            return
        self.split.list.grown()
        index = self.split.list.current
        if index is not None and self._under(index) != self._opened:
            self.split.inspect()

    def _rebuild(self) -> None:
        """Show the same exchange in another way, at the same event."""
        shown = self.split.list
        place, follow = self._place(), shown.follow
        row = shown.cursor - shown.scroll_offset.y
        self._build()
        if self._lines is None:
            return
        shown.show_lines(self._shown, at_end=follow)
        if not follow:
            shown.select(self._find(place))
            if 0 <= row < shown.size.height:
                shown.scroll_by(shown.cursor - shown.scroll_offset.y - row)
        self._kept = place, self._at(shown.cursor)
        self.split.inspect()

    def _place(self) -> Place:
        """What is under the cursor; or what was before the view was changed, if the cursor has not
        been moved since: not every view has everything."""
        index = self.split.list.current
        found = Place() if index is None else self._at(index)
        kept, stood_for = self._kept
        return kept if found == stood_for else found

    def _at(self, index: int) -> Place:
        if self._sifted is None or index >= len(self._sifted):
            return Place()
        lines, index = self._lines, self._sifted.inner(index)
        if isinstance(lines, LadderLines):
            step = lines.step(index)
            return Place() if step is None else Place(step.event, step.wire, step.at)
        event = None if lines is None else lines.event(index)
        return Place() if event is None else Place(event.index, None, moment(event))

    def _find(self, place: Place) -> int:
        """The line of an ASGI event, or else of a wire event, or else the nearest in time."""
        found = range(len(self._shown))
        return min(found, key=lambda index: place.distance(self._at(index)), default=0)

    def _titles(self, width: int, look: Look) -> Cells:
        lines = self._lines
        return head_line(width, look, lines.sides) if isinstance(lines, LadderLines) else []

    # What the keys do

    def action_view(self) -> None:
        """Ladder or list."""
        self._pick_view(not self._is_ladder)

    def _pick_view(self, ladder: bool) -> None:
        if self._exchange is not None:
            self._wanted = ladder
            self._rebuild()

    def action_sides(self) -> None:
        """The wire, the app or both; asks for the ladder where there is a list."""
        if self._exchange is None or not self._exchange.wire:
            return
        if not self._is_ladder:
            self._pick_view(True)
            return
        self._pick_sides((_SIDES.index(self._sides) + 1) % len(_SIDES))

    def _pick_sides(self, index: int) -> None:
        self._sides = _SIDES[index]
        self._rebuild()

    @on(ChoiceBar.Picked)
    def _picked(self, message: ChoiceBar.Picked) -> None:
        message.stop()
        if message.group == 0:
            self._pick_view(message.index == 0)
        else:
            self._pick_sides(message.index)

    # The event under the cursor

    def _under(self, index: int) -> object:
        """What a line stands for; changes when there is more of it to be seen."""
        return None if self._sifted is None else self._members(self._sifted.inner(index))

    def _inspect(self, index: int) -> Lines | None:
        lines, sifted = self._lines, self._sifted
        if lines is None or sifted is None or index >= len(sifted):
            return None
        self._opened = self._under(index)
        index = sifted.inner(index)
        if isinstance(lines, LadderLines):
            event, wire = self._members(index)
            if event is None and wire is None:
                return None
            pairing, start = lines.steps.pairing, lines.steps.start
            differs = lines.discrepancies(index)
            return step_lines(event, wire, lines.exchange, pairing, start, differs)
        found = lines.event(index)
        return None if found is None else event_lines(found, started(lines.exchange))

    def leave(self) -> bool:
        return super().leave() or self.filter_target.clear()

    def copy_text(self) -> str | None:
        index = self.split.list.current
        if self._sifted is None or index is None or self.split.content.has_focus:
            return super().copy_text()
        event, wire = self._members(self._sifted.inner(index))
        if event is not None:
            return event_text(event)
        return super().copy_text() if wire is None else wire_text(wire)
