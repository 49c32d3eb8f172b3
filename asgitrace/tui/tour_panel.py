"""The panel of the tour: a few lines at the foot of whatever screen is seen."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.views.look import Look

_HEIGHT: Final = 5
_MARGIN: Final = 2
_WIDEST: Final = 110


class TourPanel(Widget):
    """Says what to press. It takes no keys and no focus; its words at the right can be clicked."""

    DEFAULT_CSS = f"""
    TourPanel {{ dock: bottom; height: {_HEIGHT}; background: $panel; }}
    """

    def __init__(
        self,
        look: Callable[[], Look],
        told: Callable[[], "Telling"],
        chosen: Callable[[str], None],
    ) -> None:
        """``chosen`` is called with ``tour`` for the next step, with ``tour_end`` for the end."""
        super().__init__()
        self._look = look
        self._told = told
        self._chosen = chosen

    def render_line(self, y: int) -> Strip:
        look, width = self._look(), self.size.width
        told = self._told()
        ground = look.raised
        if y == 0:
            segments = [Segment(look.glyphs.rule * width, ground + look.faint)]
        elif y == 1:
            segments = self._title(told, look, width)
        else:
            lines = textwrap.wrap(told.words, min(_WIDEST, width - 2 * _MARGIN))
            text = lines[y - 2] if y - 2 < len(lines) else ""
            segments = [Segment(" " * _MARGIN + text, ground + look.text)]
        return Strip(Segment.adjust_line_length(segments, width, ground), width)

    def _title(self, told: "Telling", look: Look, width: int) -> list[Segment]:
        ground = look.raised
        left = f"{' ' * _MARGIN}{told.title}"
        hints = told.hints()
        room = width - len(left) - sum(len(key) + len(label) + 4 for key, label, _ in hints)
        segments = [Segment(left, ground + look.strong)]
        segments += [Segment(f"  {told.count}".ljust(max(0, room)), ground + look.dim)]
        for key, label, _ in hints:
            segments += [Segment(f"  {key}", ground + look.accent)]
            segments += [Segment(f" {label} ", ground + look.dim)]
        return segments

    def on_click(self, event: events.Click) -> None:
        end = self.size.width
        for key, label, action in reversed(self._told().hints()):
            end -= len(key) + len(label) + 4
            if event.y <= 1 and event.x >= end:
                self._chosen(action)
                return


@dataclass(frozen=True, slots=True)
class Telling:
    """What the panel says at present."""

    title: str
    count: str
    words: str
    next_key: str
    does: str
    """What the key does: begin, or go on."""
    end_key: str

    def hints(self) -> list[tuple[str, str, str]]:
        """Keys, what they do, and the actions."""
        found = ((self.next_key, self.does, "tour"), (self.end_key, "end", "tour_end"))
        return [hint for hint in found if hint[0]]
