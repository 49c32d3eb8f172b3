"""A section of the help: signs or keys at the left, what they mean at the right."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.views.look import Look
from asgitrace.views.match_marks import marked, spans_in
from asgitrace.views.needle import Needle

_LEAST: Final = 15
_MOST: Final = 26
_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class HelpLine:
    """What is explained, how it is drawn, and the words for it."""

    what: str
    ink: Style
    why: str
    command: str = ""
    """The name of the command that a click on the line does; empty for none."""


class HelpSection(Widget):
    """Lines under a heading. Those that are about a command can be clicked."""

    DEFAULT_CSS = """
    HelpSection { height: auto; width: 1fr; margin-bottom: 1; }
    """

    class Chosen(Message):
        """A line was clicked; ``command`` is the name of its command."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def __init__(
        self, title: str, lines: Iterable[HelpLine], look: Look, *, least: int = _LEAST
    ) -> None:
        """``least``: cells of the left column, at least."""
        super().__init__()
        self._title = title
        self._lines = tuple(lines)
        self._look = look
        longest = max((cell_len(line.what) for line in self._lines), default=0)
        self._left = max(least, min(_MOST, longest))
        self._width = 0
        self._rows: list[tuple[HelpLine, str, str]] = []
        self._hover: str = ""
        self._needle: Needle | None = None
        self.current: int | None = None
        """The line with the match that was gone to."""

    @property
    def texts(self) -> list[str]:
        """What its lines say, the heading first."""
        return [self._title, *(f"{what} {why}" for _, what, why in self._rows)]

    def mark(self, needle: Needle | None) -> None:
        """Underline the matches from now on, or no more."""
        self._needle, self.current = needle, None
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        # The column may come out one cell narrower, as its share of the box is rounded.
        self._break(width - 1)
        return len(self._rows) + 1

    def _break(self, width: int) -> None:
        """Break the words so that they stand in their column."""
        if width == self._width:
            return
        self._width = width
        self._rows = []
        room = max(16, width - self._left - _GAP)
        for line in self._lines:
            words = textwrap.wrap(line.why, room) or [""]
            self._rows += [(line, "" if at else line.what, part) for at, part in enumerate(words)]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if width < self._width:
            self._break(width)
        look = self._look
        if y == 0:
            segments = [Segment(self._title, look.strong)]
        elif y <= len(self._rows):
            line, what, why = self._rows[y - 1]
            hovered = bool(line.command) and line.command == self._hover
            gap = " " * max(_GAP, self._left + _GAP - cell_len(what))
            segments = [
                Segment(what, line.ink),
                Segment(gap, look.dim),
                Segment(why, look.text if hovered else look.dim),
            ]
        else:
            segments = []
        if self._needle is not None:
            spans = spans_in("".join(text for text, _, _ in segments), self._needle)
            segments = marked(segments, spans, look, current=y == self.current)
        segments = Segment.adjust_line_length(segments, width, look.dim)
        return Strip(Segment.apply_style(segments, look.ground), width)

    def command_at(self, y: int) -> str:
        """The name of the command in a line; empty where there is none."""
        return self._rows[y - 1][0].command if 0 < y <= len(self._rows) else ""

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._set_hover(self.command_at(event.y))

    def on_leave(self) -> None:
        self._set_hover("")

    def _set_hover(self, command: str) -> None:
        if command != self._hover:
            self._hover = command
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        command = self.command_at(event.y)
        if command:
            self.post_message(self.Chosen(command))
