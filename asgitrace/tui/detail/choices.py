"""A line of words of which one is chosen: the tabs, and the switches of a tab."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.detail.look import look_of
from asgitrace.views.rows import fit

_BETWEEN: Final = " │ "
_BEFORE: Final = "< "
_BEHIND: Final = " >"


class _Place(NamedTuple):
    """A piece of the line."""

    text: str
    group: int
    word: int | None
    """Which word a click picks; None for none."""
    chosen: bool = False


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

    def _places(self, width: int) -> list[_Place]:
        """What is where: all words, or those round the chosen one of the last group, with arrows
        to the words beyond."""
        places: list[_Place] = []
        for number, (words, chosen) in enumerate(self._groups):
            if number:
                places.append(_Place(_BETWEEN, number, None))
            room = width - sum(cell_len(place.text) for place in places)
            last = number == len(self._groups) - 1
            low, high = _window(words, chosen, room) if last else (0, len(words))
            if low:
                places.append(_Place(_BEFORE, number, low - 1))
            for index in range(low, high):
                # The brackets say without colour which one it is.
                text = f"[{words[index]}]" if index == chosen else f" {words[index]} "
                places.append(_Place(text, number, index, chosen=index == chosen))
            if high < len(words):
                places.append(_Place(_BEHIND, number, high))
        return places

    def render_line(self, y: int) -> Strip:
        look = look_of(self)
        width = self.size.width
        under = look.raised
        segments: list[Segment] = []
        for place in self._places(width):
            ink = look.faint if place.word is None else look.dim
            chosen = look.strong + look.ground
            segments.append(Segment(place.text, chosen if place.chosen else under + ink))
        used = sum(segment.cell_length for segment in segments)
        text, style = self._note
        if text and width - used > 4:
            segments.append(
                Segment(fit(f"  {text}", width - used, look), under + getattr(look, style))
            )
        return Strip(Segment.adjust_line_length(segments, width, under), width)

    def on_click(self, event: events.Click) -> None:
        at = 0
        for place in self._places(self.size.width):
            at += cell_len(place.text)
            if event.x < at:
                if place.word is not None:
                    self.post_message(self.Picked(self, place.group, place.word))
                return


def _window(words: Sequence[str], chosen: int, room: int) -> tuple[int, int]:
    """From which to which word is shown: all, or as many round the chosen one as have room beside
    the arrows."""
    takes = [cell_len(word) + 2 for word in words]
    if sum(takes) <= room:
        return 0, len(words)
    room -= takes[chosen] + len(_BEFORE) + len(_BEHIND)
    low, high = chosen, chosen + 1
    while high < len(words) and takes[high] <= room:
        room -= takes[high]
        high += 1
    while low > 0 and takes[low - 1] <= room:
        low -= 1
        room -= takes[low]
    return low, high
