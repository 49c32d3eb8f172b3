"""A line of words of which one is chosen: the tabs, and the switches of a tab."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.detail.look import look_of
from asgitrace.views.rows import fit


class ChoiceBar(Widget):
    """One line: the words, one of them chosen, and a note behind them."""

    DEFAULT_CSS = """
    ChoiceBar {
        height: 1;
    }
    """

    class Picked(Message):
        """A word was clicked."""

        def __init__(self, sender: "ChoiceBar", group: int, index: int) -> None:
            super().__init__()
            self.sender = sender
            self.group = group
            self.index = index

        @property
        def control(self) -> "ChoiceBar":
            return self.sender

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._groups: tuple[tuple[tuple[str, ...], int], ...] = ()
        self._note = ("", "dim")

    def show(self, *groups: tuple[Sequence[str], int], note: tuple[str, str] = ("", "dim")) -> None:
        """Groups of words, each with the index of the chosen one; the note with its style."""
        shown = tuple((tuple(words), chosen) for words, chosen in groups)
        if (shown, note) != (self._groups, self._note):
            self._groups, self._note = shown, note
            self.refresh()

    def render_line(self, y: int) -> Strip:
        look = look_of(self)
        width = self.size.width
        under = look.raised
        segments: list[Segment] = []
        for number, (words, chosen) in enumerate(self._groups):
            if number:
                segments.append(Segment(" │ ", under + look.faint))
            for index, word in enumerate(words):
                # The brackets say without colour which one it is.
                text = f"[{word}]" if index == chosen else f" {word} "
                ink = look.strong + look.ground if index == chosen else under + look.dim
                segments.append(Segment(text, ink))
        used = sum(segment.cell_length for segment in segments)
        text, style = self._note
        if text and width - used > 4:
            segments.append(
                Segment(fit(f"  {text}", width - used, look), under + getattr(look, style))
            )
        return Strip(Segment.adjust_line_length(segments, width, under), width)

    def on_click(self, event: events.Click) -> None:
        at = 0
        for number, (words, _) in enumerate(self._groups):
            at += 3 if number else 0
            for index, word in enumerate(words):
                takes = cell_len(word) + 2
                if at <= event.x < at + takes:
                    self.post_message(self.Picked(self, number, index))
                    return
                at += takes
