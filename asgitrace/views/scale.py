"""A narrow column in which a stretch of time lies where it was in its exchange, to scale."""

from typing import TYPE_CHECKING, Final

from rich.segment import Segment

from asgitrace.store.model import Exchange, State
from asgitrace.views.axis import Window, whole
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.units import format_duration

if TYPE_CHECKING:
    from rich.style import Style

_HALVES: Final = 2


def window_of(exchange: Exchange, start: int) -> Window:
    """The whole time of an exchange from ``start`` (monotonic ns) on; while it is open its length
    is a round one, so that what is drawn rests between its changes."""
    end = start + exchange.row.duration_ns
    if exchange.events:
        end = max(end, exchange.events[-1].called)
    return whole(start, end, growing=exchange.row.state is State.OPEN)


def place(
    start: int, end: int | None, now: int, window: Window, width: int, look: Look,
    ink: "Style", kind: str,
) -> Cells:  # fmt: skip
    """The time from ``start`` to ``end`` in ``width`` cells, to half a cell, and never less than
    that; up to now, with its head, where it has no end yet. Where colours are not to be relied on
    it is drawn with the glyph of its ``kind`` of time."""
    if width <= 0:
        return []
    halves = width * _HALVES
    first = min(halves - 1, max(0, (start - window.start) * halves // window.span))
    reach = now if end is None else end
    last = min(halves, max(first + 1, -(-(reach - window.start) * halves // window.span)))
    begin, stop = first // _HALVES, -(-last // _HALVES)
    glyphs = look.glyphs
    if look.shades:
        shown = getattr(glyphs, kind) * (stop - begin)
    else:
        shown = glyphs.bar * (stop - begin)
        if last % _HALVES:
            shown = shown[:-1] + glyphs.half_bar
        if first % _HALVES:
            shown = glyphs.late_half_bar + shown[1:]
    if end is None:
        shown = shown[:-1] + glyphs.beyond
    return [
        Segment(" " * begin, look.faint),
        Segment(shown, ink),
        Segment(" " * (width - stop), look.faint),
    ]


def title(window: Window, width: int) -> str:
    """What stands above the column: how long it is."""
    return f"0{format_duration(window.span).rjust(width - 1)}" if width >= 8 else " " * width
