"""The list of what runs; it is replaced twice a second, and nothing in it moves by that."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from asgitrace.tui.overviews.groups_list import SteadyList
from asgitrace.views.attach.lines import RingLines
from asgitrace.views.attach.model import Ring
from asgitrace.views.lines import Lines


class RingList(SteadyList):
    """A click on a box marks, one on the line that has the cursor opens it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", show=False),
        Binding("a", "mark_app", "Mark all of the app", show=False),
    ]

    class Marked(SteadyList._About):
        """These are to be marked, or if all of them are, unmarked."""

        def __init__(self, sender: "RingList", rings: Sequence[Ring]) -> None:
            super().__init__(sender)
            self.rings = rings

    @property
    def ring_lines(self) -> RingLines | None:
        """What is shown; None where there is nothing."""
        return self.lines if isinstance(self.lines, RingLines) else None

    @property
    def chosen(self) -> Sequence[Ring]:
        """What the line under the cursor stands for."""
        lines = self.ring_lines
        return () if lines is None or self.current is None else lines.rings(self.cursor)

    def action_mark(self) -> None:
        """Mark what is under the cursor, and go on to the next line."""
        if self.chosen:
            self.post_message(self.Marked(self, self.chosen))
            self.select(self.cursor + 1)

    def action_mark_app(self) -> None:
        """Mark all processes of the app."""
        lines = self.ring_lines
        if lines is not None and self.current is not None and self.chosen:
            self.post_message(self.Marked(self, lines.app_of(self.cursor)))

    def on_click(self, event: events.Click) -> None:
        lines, index = self.ring_lines, self._top + event.y
        if event.button != 1 or lines is None or index >= len(lines):
            return
        if lines.is_box(index, event.x):
            event.prevent_default().stop()
            self.select(index)
            self.post_message(self.Marked(self, lines.rings(index)))

    def _place(self, lines: Lines) -> int:
        before, found = self.ring_lines, None
        if before is not None and isinstance(lines, RingLines) and len(before):
            found = lines.find(before.key(min(self.cursor, len(before) - 1)))
        return self.cursor if found is None else found
