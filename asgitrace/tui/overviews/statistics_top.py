"""The first line of a screen: its name, things to choose from, and what is shown."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.views.clean import clean
from asgitrace.views.look import Look
from asgitrace.views.rows import fit


class TopLine(Widget):
    """Words of which one is chosen; the mouse chooses another."""

    DEFAULT_CSS = """
    TopLine { height: 1; }
    """

    class Chosen(Message):
        """One of the words was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, look: Callable[[], Look], title: str, choices: Sequence[str]) -> None:
        super().__init__()
        self._look = look
        self._title = title
        self._choices = choices
        self.chosen = 0
        self._note = ""

    def choose(self, index: int) -> None:
        self.chosen = index
        self.refresh()

    def say(self, note: str) -> None:
        """What is at the right."""
        note = clean(note)
        if note != self._note:
            self._note = note
            self.refresh(self.size.region)

    def render_line(self, y: int) -> Strip:
        look, width = self._look(), self.size.width
        cells = [Segment(f" {self._title}  ", look.strong)]
        for index, text in enumerate(self._choices):
            chosen = index == self.chosen
            style = look.accent + look.cursor if chosen else look.dim
            cells.append(
                Segment(
                    f"{'[' if chosen and look.shades else ' '}{text}"
                    f"{']' if chosen and look.shades else ' '}",
                    style,
                )
            )
        room = width - sum(cell_len(cell.text) for cell in cells) - 2
        if room > 0 and self._note:
            note = fit(self._note, min(room, cell_len(self._note)), look)
            cells.append(Segment(" " * (room - cell_len(note) + 1) + note, look.dim))
        cells = Segment.adjust_line_length(cells, width, look.dim)
        return Strip(Segment.apply_style(cells, look.raised), width)

    def on_click(self, event: events.Click) -> None:
        end = len(self._title) + 3
        for index, text in enumerate(self._choices):
            start, end = end, end + len(text) + 2
            if start <= event.x < end:
                self.post_message(self.Chosen(index))
