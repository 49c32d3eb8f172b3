"""How the list and the detail share the screen."""

from collections.abc import Callable
from typing import Final, Literal

from rich.segment import Segment
from textual import events
from textual.containers import Vertical
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.views.look import Look

Shape = Literal["below", "beside", "alone"]
"""Where the detail is: below the list, beside it, or instead of it."""

MODES: Final = ("auto", "below", "beside", "alone")
LIST_ALONE: Final = "list"
"""The step at which there is no detail."""
SAID: Final = {
    "auto": "by the shape of the screen",
    "below": "list over detail",
    "beside": "list beside detail",
    "alone": "detail alone",
    LIST_ALONE: "list alone",
}
STEP: Final = 5
"""Per cent by which a key moves the border between list and detail."""
_LEAST: Final = 15
_WIDE: Final = 160
_TALL: Final = 30


def shape_of(mode: str, size: Size) -> Shape:
    """The shape that a mode has on a screen of a size."""
    match mode:
        case "below" | "beside" | "alone":
            return mode
    if size.width >= _WIDE:
        return "beside"
    return "below" if size.height >= _TALL else "alone"


def next_mode(mode: str, *, opened: bool, size: Size) -> str:
    """The layout after the one that is seen, so that each shape is seen once in a round;
    ``opened``: there is a detail."""
    usual = shape_of("auto", size)
    steps = ("auto", *(shape for shape in MODES[1:] if shape != usual), LIST_ALONE)
    seen = (mode if mode in steps else "auto") if opened else LIST_ALONE
    return steps[(steps.index(seen) + 1) % len(steps)]


def within(share: float) -> int:
    """A share of the list's, in per cent, at which both can still be read."""
    return max(_LEAST, min(100 - _LEAST, round(share)))


class Pane(Vertical):
    """Holds what covers it wholly, so that there is nothing of its own to be drawn."""

    BLANK = True

    def render_lines(self, crop: Region) -> list[Strip]:
        return []


class Grip(Widget):
    """What the border between list and detail can be dragged by."""

    ALLOW_SELECT = False

    class Dragged(Message):
        """The mouse was moved with the button held; the place is on the screen."""

        def __init__(self, x: int, y: int) -> None:
            super().__init__()
            self.x = x
            self.y = y

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._held = False

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1:
            self._held = True
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._held:
            self.post_message(self.Dragged(event.screen_x, event.screen_y))

    def on_mouse_up(self) -> None:
        if self._held:
            self._held = False
            self.release_mouse()


class Divider(Grip):
    """The line between a list and the detail beside it."""

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look

    def render_line(self, y: int) -> Strip:
        look = self._look()
        return Strip([Segment(look.glyphs.lifeline, look.ground + look.faint)], 1)
