"""How durations are distributed, as columns above a logarithmic axis."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from rich.segment import Segment

from asgitrace.views.charts.drawing import (
    Scale,
    area,
    axis_labels,
    axis_line,
    ceiling,
    plot_width,
)
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.statistics.durations import BUCKETS, EDGES, Array
from asgitrace.views.units import format_count

_LEAST_AXES: Final = 6
_LEAST_SPAN: Final = 100.0
"""The axis goes from a power of ten to another, this far apart at least."""


def distribution(
    counts: Array, marks: Sequence[tuple[str, int]], width: int, height: int, look: Look
) -> list[Cells]:
    """Columns for counts by bucket, and below the axis the durations; ``marks`` are durations in ns
    with their names, told above the columns."""
    columns = plot_width(width)
    low, high = _span(counts)
    per_column = _in_columns(counts, low, high, columns)
    top = ceiling(per_column, 1)
    scale = Scale(top, lambda count: format_count(round(count)))
    if height < _LEAST_AXES:
        return area(per_column, scale, width, height, look, look.after)
    lines = area(per_column, scale, width, height - 2, look, look.after)
    places = [(_column(ns, low, high, columns), name) for name, ns in marks if ns > 0]
    drawn = [_marked(line, [at for at, _ in places], look) for line in lines[:-1]]
    decades = _decades(low, high, columns)
    return [
        axis_labels(_spread(places), width, look),
        *drawn,
        axis_line(width, look, [at for at, _ in decades], zero=True),
        axis_labels(decades, width, look),
    ]


def _span(counts: Array) -> tuple[float, float]:
    there = np.flatnonzero(counts)
    if not len(there):
        return 1e6, 1e8
    low = 10.0 ** np.floor(np.log10(EDGES[there[0]]))
    high = 10.0 ** np.ceil(np.log10(EDGES[there[-1] + 1]))
    return float(low), float(max(high, low * _LEAST_SPAN))


def _in_columns(counts: Array, low: float, high: float, columns: int) -> Array:
    """Counts by column; a bucket that lies in several has a part of its count in each."""
    edges = np.log(EDGES / low) / np.log(high / low) * columns
    summed = np.concatenate(([0.0], np.cumsum(counts[:BUCKETS], dtype=np.float64)))
    return np.diff(np.interp(np.arange(columns + 1), edges, summed))


def _column(ns: float, low: float, high: float, columns: int) -> int:
    at = int(np.log(ns / low) / np.log(high / low) * columns)
    return max(0, min(at, columns - 1))


def _decades(low: float, high: float, columns: int) -> list[tuple[int, str]]:
    exponents = range(round(np.log10(low)), round(np.log10(high)) + 1)
    return [(_column(10.0**n, low, high, columns), _tenth(n)) for n in exponents]


def _tenth(exponent: int) -> str:
    """A power of ten, in ns, without decimals."""
    if exponent >= 9:
        return f"{10 ** (exponent - 9)}s"
    unit = ("ns", "µs", "ms")[exponent // 3]
    return f"{10 ** (exponent % 3)}{unit}"


def _spread(places: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Names beside one another where their places are too near."""
    spread: list[tuple[int, str]] = []
    for at, name in sorted(places):
        if spread:
            before, text = spread[-1]
            at = max(at, before + (len(text) + 1) // 2 + len(name) // 2 + 1)
        spread.append((at, name))
    return spread


def _marked(line: Cells, places: Sequence[int], look: Look) -> Cells:
    """Upright lines where the columns leave room for them."""
    *before, (text, style, _) = line
    marked: Cells = [*before]
    begun = 0
    for place in sorted(set(places)):
        if before and place < len(text) and text[place] == " ":
            marked.append(Segment(text[begun:place], style))
            marked.append(Segment(look.glyphs.lifeline, look.text))
            begun = place + 1
    return [*marked, Segment(text[begun:], style)]
