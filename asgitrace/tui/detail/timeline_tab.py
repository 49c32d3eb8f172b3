"""The timeline tab: every event, as a ladder between peer, server and app, or as a plain list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.binding import BindingType

from asgitrace.store.model import Exchange
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.body_view import BodyView, Remembered
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.tui.detail.event_tab import EventTab
from asgitrace.tui.detail.places import Place
from asgitrace.views.body.message import body_of
from asgitrace.views.content import call_lines, event_lines, event_text
from asgitrace.views.event_lines import EventLines, Members
from asgitrace.views.ladder import LadderLines, head_line
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.steps import Sides
from asgitrace.views.timeline import TimelineLines, started
from asgitrace.views.wire_content import step_lines, wire_text

if TYPE_CHECKING:
    from asgitrace.tui.detail.split import Content

_SIDES: Final = tuple(Sides)
_LADDER_WIDTH: Final = 100
"""From here on the ladder says as much in a line as the list does."""


class TimelineTab(EventTab):
    """Every event; enter opens it."""

    BINDINGS: ClassVar[list[BindingType]] = [*map(bind, ("view", "sides"))]

    def __init__(self, remembered: Remembered | None = None) -> None:
        self._wanted: bool | None = None
        """Whether the user asked for the ladder; None for what suits."""
        self._sides = Sides.BOTH
        self._kept = Place(), Place()
        """The place that was sought last, and what stands for it."""
        super().__init__("timeline", BodyView(remembered))

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

    @property
    def _shows_ladder(self) -> bool:
        return isinstance(self._lines, LadderLines)

    def _make(self, exchange: Exchange) -> EventLines:
        if self._is_ladder:
            return LadderLines(exchange, self._sides)
        return TimelineLines(exchange)

    def _why_empty(self, exchange: Exchange) -> str:
        return "No events."

    def _titles(self, width: int, look: Look) -> Cells:
        lines = self._lines
        if isinstance(lines, LadderLines):
            return head_line(width, look, lines.sides)
        return lines.head(width, look) if isinstance(lines, TimelineLines) else []

    def _choices(self) -> Sequence[tuple[Sequence[str], int]]:
        wire = self._exchange is not None and bool(self._exchange.wire)
        if not (wire or self._shows_ladder or self.paused or self.filter_target.words):
            return ()
        groups: list[tuple[Sequence[str], int]] = [(["Ladder", "List"], not self._shows_ladder)]
        if wire and self._shows_ladder:
            names = [sides.value.capitalize() for sides in _SIDES]
            groups.append((names, _SIDES.index(self._sides)))
        return groups

    def _note(self) -> str:
        wire = self._exchange is not None and bool(self._exchange.wire)
        if not wire:
            return "key: v  the wire was not recorded"
        return "keys: v b" if self._shows_ladder else "key: v"

    def on_resize(self, _: events.Resize) -> None:
        if self._exchange is not None and self._is_ladder != self._shows_ladder:
            self._rebuild()

    def _advance(self, exchange: Exchange) -> None:
        first_wire = bool(exchange.wire) and not (self._exchange and self._exchange.wire)
        super()._advance(exchange)
        if first_wire:
            if self._is_ladder != self._shows_ladder:
                self._rebuild()
            self._show_bar()

    def _seek(self) -> bool:
        sought = self._sought
        moved = super()._seek()
        if moved and sought is not None:
            self._kept = sought.place, super()._place()
        return moved

    def _place(self) -> Place:
        """What is under the cursor; or what was before the view was changed, if the cursor has not
        been moved since: not every view has everything."""
        found = super()._place()
        kept, stood_for = self._kept
        return kept if found == stood_for else found

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

    def _content(self, members: Members, index: int) -> "Content":
        lines, exchange = self._lines, self._exchange
        event, wires = members
        if exchange is None:
            return None
        body = None if event is None else body_of(event, exchange)
        told = event_lines if body is None else call_lines
        if isinstance(lines, LadderLines):
            pairing, start = lines.steps.pairing, lines.steps.start
            wire = wires[0] if wires else None
            differs = lines.discrepancies(index)
            found = step_lines(event, wire, lines.exchange, pairing, start, differs, told=told)
        elif event is not None:
            found = told(event, started(exchange))
        return found if body is None else (found, body)

    def copy_text(self) -> str | None:
        members = self._current
        if members is None or self.split.is_inside:
            return super().copy_text()
        event, wires = members
        if event is not None:
            return event_text(event)
        return wire_text(wires[0]) if wires else super().copy_text()
