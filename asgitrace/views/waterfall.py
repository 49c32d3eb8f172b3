"""The waterfall cell: how long an exchange took, and where the time went.

The length of the bar stands for the duration on a fixed logarithmic scale, so that bars compare
from top to bottom of the list and nothing is rescaled while one looks. Within the bar the kinds of
time have their true shares. It is a thin line, since blocks of full height join the rows to a wall;
its end is drawn to half a cell. Where colours are not to be relied on, each kind of time has a
glyph of its own.
"""

from math import log10
from typing import TYPE_CHECKING, Final

from rich.segment import Segment

from asgitrace.store.model import Split
from asgitrace.views.look import Look

if TYPE_CHECKING:
    from rich.style import Style

SHORTEST_NS: Final = 100_000
"""What the shortest bar stands for."""
DECADES: Final = 5
"""From 100 µs to 10 s."""

PARTS: Final = ("app", "client", "backpressure", "after")

_HALVES: Final = 2


def bar_length(duration_ns: int, steps: int) -> int:
    """How many of ``steps`` a duration fills."""
    if duration_ns <= 0:
        return 0
    share = log10(max(duration_ns, SHORTEST_NS) / SHORTEST_NS) / DECADES
    return max(1, min(steps, round(share * steps)))


def waterfall(split: Split, width: int, look: Look) -> list[Segment]:
    """The bar of one exchange, exactly ``width`` cells."""
    total = split.total
    halves = bar_length(total, width * _HALVES)
    cells, rest = divmod(halves, _HALVES)
    length = cells + rest
    segments: list[Segment] = []
    so_far = start = 0
    for name in PARTS:
        so_far += getattr(split, name)
        end = round(length * so_far / total) if total > 0 else 0
        if end > start:
            style: Style = getattr(look, name)
            glyph = getattr(look.glyphs, name) if look.shades else look.glyphs.bar
            text = glyph * (end - start)
            if rest and end == length and not look.shades:
                text = text[:-1] + look.glyphs.half_bar
            segments.append(Segment(text, style))
        start = end
    segments.append(Segment(" " * (width - length), look.faint))
    return segments
