"""The waterfall cell: how long an exchange took, and where the time went.

There are two of them. In the first the length of the bar stands for the duration on a fixed
logarithmic scale, so that bars compare from top to bottom of the list and nothing is rescaled while
one looks. Within the bar the kinds of time have their true shares. It is a thin line, since blocks
of full height join the rows to a wall; its end is drawn to half a cell. Where colours are not to be
relied on, each kind of time has a glyph of its own.

In the second the bar lies on an axis of time that all rows have in common, and is as long as the
exchange was on it. How the kinds of time alternated is not known to the list, so they stand one
behind the other in it, too, and their shares are true.
"""

from math import log10
from typing import TYPE_CHECKING, Final

from rich.segment import Segment

from asgitrace.store.model import Row, Split
from asgitrace.views.axis import Window, ticks
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


def axis_bar(row: Row, window: Window, width: int, look: Look) -> list[Segment]:
    """The bar of one exchange where it lies in the window, exactly ``width`` cells.

    The shortest is a tick of half a cell; an arrow stands at the edge that it reaches beyond.
    """
    started, ended = row.started_ns, row.started_ns + row.duration_ns
    if ended < window.start:
        return _only(look.glyphs.before, 0, width, look)
    if started >= window.end:
        return _only(look.glyphs.beyond, width - 1, width, look)
    halves = width * _HALVES
    first = max(0, (started - window.start) * halves // window.span)
    last = min(halves, max(first + 1, -(-(ended - window.start) * halves // window.span)))
    begin, end = first // _HALVES, -(-last // _HALVES)
    segments = [Segment(" " * begin, look.faint)]
    for name, cells in _parts_in(row, window, width, begin, end):
        glyph = getattr(look.glyphs, name) if look.shades else look.glyphs.bar
        segments.append(Segment(glyph * cells, getattr(look, name)))
    if not look.shades:
        _set_ends(segments, first, last, look)
    if started < window.start:
        segments[1] = _with_end(segments[1], look.glyphs.before, at_end=False)
    if ended > window.end:
        segments[-1] = _with_end(segments[-1], look.glyphs.beyond, at_end=True)
    segments.append(Segment(" " * (width - end), look.faint))
    return segments


def _only(glyph: str, cell: int, width: int, look: Look) -> list[Segment]:
    return [Segment(" " * cell + glyph + " " * (width - cell - 1), look.faint)]


def _parts_in(row: Row, window: Window, width: int, begin: int, end: int) -> list[tuple[str, int]]:
    """The kinds of time in the cells from ``begin`` to ``end``, and how many cells each has; the
    longest of them where there is but one cell."""
    split = row.split
    if end - begin == 1:
        return [(max(PARTS, key=lambda name: getattr(split, name)), 1)]
    found = []
    at = row.started_ns
    so_far = begin
    for name in PARTS:
        at += getattr(split, name)
        reached = round((at - window.start) * width / window.span)
        reached = min(end, max(so_far, reached))
        if reached > so_far:
            found.append([name, reached - so_far])
        so_far = reached
    if found:
        found[-1][1] += end - so_far
    return [(str(name), int(cells)) for name, cells in found] or [("app", end - begin)]


def _set_ends(segments: list[Segment], first: int, last: int, look: Look) -> None:
    """Draw the ends of a bar, given in half cells, to half a cell."""
    if first % _HALVES:
        segments[1] = _with_end(segments[1], look.glyphs.late_half_bar, at_end=False)
    if last % _HALVES and last - first != 0:
        segments[-1] = _with_end(segments[-1], look.glyphs.half_bar, at_end=True)


def _with_end(segment: Segment, glyph: str, *, at_end: bool) -> Segment:
    text = segment.text[:-1] + glyph if at_end else glyph + segment.text[1:]
    return Segment(text, segment.style)


def axis_line(window: Window, width: int, look: Look, style: "Style") -> list[Segment]:
    """The axis above the bars: its ticks and their times, exactly ``width`` cells."""
    line = [" "] * width
    for tick in ticks(window, width):
        text = look.glyphs.lifeline + tick.label
        if tick.cell + len(text) <= width:
            line[tick.cell : tick.cell + len(text)] = text
        else:
            line[tick.cell] = look.glyphs.lifeline
    return [Segment("".join(line), style)]
