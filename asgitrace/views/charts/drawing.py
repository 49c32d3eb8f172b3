"""Charts drawn with characters: numbers in, lines of segments out, each exactly as wide as asked.

Columns are filled to an eighth of a cell. Whatever the numbers are, something is drawn: what is no
number counts as nothing, what is too large ends at the top.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Final

import numpy as np
from rich.segment import Segment

from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.statistics.slices import Array

if TYPE_CHECKING:
    from rich.style import Style

MARGIN: Final = 8
"""Cells at the left for the numbers at the axis and the axis itself."""

_LEVELS: Final = 8
_MANTISSAS: Final = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)
"""Numbers of which the half is round too."""
_MOST: Final = 1e200
_LEAST_AXES: Final = 4
"""Lines from which on there are axes."""

_LEAST_MIDDLE: Final = 4
"""Lines of columns from which on there is a number in the middle."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What the height of a column means."""

    top: float
    """The value of a column of full height."""
    label: Callable[[float], str]


def plot_width(width: int) -> int:
    """How many columns a chart of this width has."""
    return max(1, width - MARGIN)


def ceiling(values: Array, least: float = 0.0) -> float:
    """The least round number that none of the values exceeds."""
    known = values[np.isfinite(values)] if len(values) else values
    highest = min(max(float(known.max(initial=0.0)), least), _MOST)
    if highest < 1 / _MOST:
        return 1.0
    decade = 10.0 ** floor(log10(highest))
    # Not quite, as 0.3 / 0.1 is more than 3.
    return float(next(n * decade for n in _MANTISSAS if n * decade >= highest * (1 - 1e-9)))


def eighths(values: Array, top: float, height: int) -> Array:
    """How many eighths of a cell each column fills; one at least where there is anything."""
    known = np.clip(np.nan_to_num(values, nan=0.0, posinf=top), 0.0, top)
    filled = np.rint(known / top * height * _LEVELS).astype(np.int64)
    return np.where((known > 0) & (filled == 0), 1, filled)


def area(
    values: Array, scale: Scale, width: int, height: int, look: Look, style: "Style"
) -> list[Cells]:
    """Columns above an axis with numbers beside it; ``height`` lines, the last of them the axis.

    There is a column for each value; those that have no place, the first ones, are left out.
    """
    if height < _LEAST_AXES:
        return [[part] for part in _columns(values, scale.top, width, height, look, style)]
    lines: list[Cells] = []
    tall = height - 1
    for at, part in enumerate(_columns(values, scale.top, plot_width(width), tall, look, style)):
        text = ""
        if at == 0:
            text = scale.label(scale.top)
        elif 2 * at == tall and tall >= _LEAST_MIDDLE:
            text = scale.label(scale.top / 2)
        lines.append([_numbered(text, look), part])
    return [cut(line, width, look) for line in (*lines, axis_line(width, look, zero=True))]


def _numbered(text: str, look: Look) -> Segment:
    mark = look.glyphs.tick if text else look.glyphs.lifeline
    return Segment(
        f"{text[: MARGIN - 2]:>{MARGIN - 2}} {mark}", look.faint if not text else look.dim
    )


def axis_line(width: int, look: Look, ticks: Sequence[int] = (), *, zero: bool = False) -> Cells:
    """The axis below the columns, with a tick at some of them."""
    glyphs = look.glyphs
    line = [glyphs.rule] * plot_width(width)
    for tick in ticks:
        if 0 <= tick < len(line):
            line[tick] = glyphs.ends
    label = "0" if zero else ""
    return cut(
        [Segment(f"{label:>{MARGIN - 2}} {glyphs.corner}{''.join(line)}", look.faint)], width, look
    )


def axis_labels(labels: Sequence[tuple[int, str]], width: int, look: Look) -> Cells:
    """Words below columns, each in the middle of its place; those there is no room for are left
    out."""
    line = [" "] * width
    free = 0
    for column, text in sorted(labels):
        start = min(MARGIN + column - len(text) // 2, width - len(text))
        if start >= free and start >= 0:
            line[start : start + len(text)] = text
            free = start + len(text) + 1
    return [Segment("".join(line), look.dim)]


def _columns(
    values: Array, top: float, width: int, height: int, look: Look, style: "Style"
) -> list[Segment]:
    """The columns alone, line by line from the top."""
    filled = eighths(np.asarray(values)[-width:] if len(values) else np.zeros(0), top, height)
    filled = np.concatenate((np.zeros(width - len(filled), np.int64), filled))
    levels = look.glyphs.levels
    lines = []
    for row in range(height - 1, -1, -1):
        inside = np.clip(filled - row * _LEVELS, 0, _LEVELS)
        lines.append(Segment("".join(levels[level] for level in inside.tolist()), style))
    return lines


def sparkline(values: Array, width: int, look: Look, style: "Style") -> Segment:
    """Columns of one line; several values share a column where there are more of them than cells.

    The largest leaves an eighth of the cell free, so that lines below one another stay apart.
    """
    values = np.clip(np.nan_to_num(np.asarray(values, np.float64)), 0, _MOST)
    share = max(1, -(-len(values) // max(1, width)))
    padded = np.concatenate((np.zeros(-len(values) % share), values))
    summed = padded.reshape(-1, share).sum(axis=1)
    top = float(summed.max(initial=0.0)) or 1.0
    return _columns(summed, top * _LEVELS / (_LEVELS - 1), width, 1, look, style)[0]


def bar(share: float, width: int, look: Look, style: "Style") -> Segment:
    """A thin bar from the left, ``share`` of the width long; something is drawn from above 0."""
    share = share if 0 <= share <= 1 else float(share > 1)
    whole, half = divmod(max(round(share * width * 2), int(share > 0)), 2)
    text = look.glyphs.bar * whole + look.glyphs.half_bar * half
    return Segment(text.ljust(width)[:width], style)


def cut(cells: Cells, width: int, look: Look) -> Cells:
    """A line of exactly this width."""
    return Segment.adjust_line_length(cells, width, look.dim)
