"""The line with what is searched and how, each of which a key or a click switches."""

from collections.abc import Callable, Sequence
from typing import Final

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.search.inquiry import Inquiry
from asgitrace.views.look import Look
from asgitrace.views.occurrences.model import Parts

PARTS: Final = (
    ("1", "heads", Parts.SCOPE),
    ("2", "bodies", Parts.BODIES),
    ("3", "messages", Parts.MESSAGES),
    ("4", "exceptions", Parts.EXCEPTIONS),
    ("5", "log", Parts.LOG),
)
"""Key, name and what it is."""
_CASES: Final = {None: "as typed", True: "exactly", False: "any"}
_FORMS: Final = {None: "/slashes/ tell", True: "yes", False: "no"}
_NEXT: Final[dict[bool | None, bool | None]] = {None: True, True: False, False: None}


def switch(inquiry: Inquiry, key: str) -> None:
    """Do what a key of the line does."""
    for own, _, part in PARTS:
        if own == key:
            inquiry.parts ^= part
    if key == "6":
        inquiry.capitals = _NEXT[inquiry.capitals]
    elif key == "7":
        inquiry.expression = _NEXT[inquiry.expression]


KEYS: Final = "1234567"
"""All keys of the line."""


class OptionLine(Widget):
    """Shows the options of an inquiry."""

    DEFAULT_CSS = """
    OptionLine { height: 1; }
    """

    class Switched(Message):
        """One of them was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, inquiry: Inquiry, look: Callable[[], Look]) -> None:
        super().__init__()
        self._inquiry = inquiry
        self._look = look

    def _words(self) -> Sequence[tuple[str, str, bool]]:
        """Key, word, and whether it is on."""
        inquiry, narrow = self._inquiry, self.size.width < 100
        words = [(key, name, part in inquiry.parts) for key, name, part in PARTS]
        case = f"capitals: {_CASES[inquiry.capitals]}"
        form = f"regex: {_FORMS[inquiry.expression]}"
        if narrow:
            case, form = case.replace("capitals", "case"), form.replace("/slashes/ tell", "/re/")
        words.append(("6", case, inquiry.capitals is not None))
        words.append(("7", form, inquiry.expression is not None))
        return words

    def render_line(self, y: int) -> Strip:
        look, width = self._look(), self.size.width
        cells = [Segment(" ", look.dim)]
        for key, word, on in self._words():
            mark = look.glyphs.process if on else " "
            cells.append(Segment(f"{mark}", look.accent))
            cells.append(Segment(f"{key} ", look.faint))
            cells.append(Segment(f"{word}  ", look.text if on else look.dim))
        cells = Segment.adjust_line_length(cells, width, look.dim)
        return Strip(Segment.apply_style(cells, look.ground), width)

    def on_click(self, event: events.Click) -> None:
        end = 1
        for key, word, _ in self._words():
            end += 5 + len(word)
            if event.x < end:
                self.post_message(self.Switched(key))
                return
