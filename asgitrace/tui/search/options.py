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
_WIDE: Final = 100
"""From this width on there is room for all words."""
_SHORT: Final = {"exceptions": "raised", "/slashes/ tell": "/re/"}
_CASES: Final = {None: "typed", True: "exactly", False: "any"}
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

    @property
    def _narrow(self) -> bool:
        return self.size.width < _WIDE

    def _words(self) -> Sequence[tuple[str, str, bool]]:
        """Key, word, and whether it is on."""
        inquiry, narrow = self._inquiry, self._narrow
        words = [(key, _SHORT.get(name, name) if narrow else name, part in inquiry.parts)
                 for key, name, part in PARTS]  # fmt: skip
        case, form = _CASES[inquiry.capitals], _FORMS[inquiry.expression]
        case = f"case: {case}" if narrow else f"capitals: {case}"
        form = f"regex: {_SHORT.get(form, form) if narrow else form}"
        words.append(("6", case, inquiry.capitals is not None))
        words.append(("7", form, inquiry.expression is not None))
        return words

    def render_line(self, y: int) -> Strip:
        look, width = self._look(), self.size.width
        gap = " " * self._gap
        cells = [Segment(" ", look.dim)]
        for key, word, on in self._words():
            cells.append(Segment(look.glyphs.process if on else " ", look.accent))
            cells.append(Segment(f"{key} ", look.faint))
            cells.append(Segment(f"{word}{gap}", look.text if on else look.dim))
        cells = Segment.adjust_line_length(cells, width, look.dim)
        return Strip(Segment.apply_style(cells, look.ground), width)

    @property
    def _gap(self) -> int:
        return 1 if self._narrow else 2

    def on_click(self, event: events.Click) -> None:
        end = 1
        for key, word, _ in self._words():
            end += 3 + len(word) + self._gap
            if event.x < end:
                self.post_message(self.Switched(key))
                return
