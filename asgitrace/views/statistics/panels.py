"""The panels of the statistics: a title, a figure or two beside it, and a chart below."""

import re
from collections.abc import Callable
from math import floor, log
from typing import Final

import numpy as np
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from asgitrace.views.charts.drawing import (
    MARGIN,
    Scale,
    area,
    bar,
    ceiling,
    cut,
    plot_width,
    sparkline,
)
from asgitrace.views.charts.durations import distribution
from asgitrace.views.charts.time_axis import time_axis
from asgitrace.views.groups.lines import format_rate, percent
from asgitrace.views.lines import Cells, Lines, style_of
from asgitrace.views.look import Look
from asgitrace.views.statistics.measure import CLASSES, Statistics
from asgitrace.views.statistics.slices import Array
from asgitrace.views.units import format_count, format_duration, format_size

Label = Callable[[float], str]
Fact = tuple[str, Style]
"""A figure beside the title, and its style."""

Panel = Callable[[Statistics, int, int, Look], list[Cells]]
"""Draws a panel of a width and height."""

_NAMES: Final = ("p50", "p95", "p99")
_AXIS_LINES: Final = 2
_LEAST_STRIP: Final = 8
"""Lines from which on there is one for the failures."""

_ROOMY: Final = 50
_ZEROS: Final = re.compile(r"\.0+(?=\D)")
_LEAST_STEPS: Final = 1_000_000


def rate(found: Statistics, width: int, height: int, look: Look) -> list[Cells]:
    """How many exchanges began a second, and below that how many of these failed."""
    rates = found.begun / found.steps.seconds()
    total, failed = int(found.begun.sum()), int(found.failed.sum())
    facts: list[Fact] = [(f"{format_count(total)} in all", look.dim)]
    if failed:
        facts.append((f"{look.glyphs.alert} {percent(failed / total)} failed", look.bad))
    facts.append((f"peak {format_rate(float(rates.max(initial=0)))}/s", look.dim))
    lines = [_title("Exchanges", "begun a second", facts, width, look)]
    strip = height >= _LEAST_STRIP
    lines += _over_time(found, rates, _amount, width, height - 1 - strip, look, look.app, 1)
    return [*lines, _failures(found, width, look)] if strip else lines


def _failures(found: Statistics, width: int, look: Look) -> Cells:
    columns = plot_width(width)
    values = np.concatenate(
        (np.zeros(max(0, columns - len(found.failed))), found.failed[-columns:])
    )
    label = Segment(f"{'errors':>{MARGIN - 2}}  ", look.bad if found.failed.any() else look.faint)
    return cut([label, sparkline(values, columns, look, look.bad)], width, look)


def opened(found: Statistics, width: int, height: int, look: Look) -> list[Cells]:
    """How many exchanges were open at once."""
    now = float(found.open[-1]) if len(found.open) else 0.0
    facts = [
        (f"now {_amount(now)}", look.notice),
        (f"peak {_amount(float(found.open.max(initial=0)))}", look.dim),
    ]
    lines = [_title("Open at once", "on average", facts, width, look)]
    lines += _over_time(found, found.open, _amount, width, height - 1, look, look.notice, 1)
    return lines


def lag(found: Statistics, width: int, height: int, look: Look) -> list[Cells]:
    """How late the event loop was."""
    if not found.measured:
        title = _title("Event loop", "lateness", [("not measured", look.dim)], width, look)
        blank = cut([], width, look)
        words = cut([Segment(f"  {_NOT_MEASURED}", look.faint)], width, look)
        return [title, blank, words, *([blank] * height)][:height]
    worst = float(np.nanmax(found.late))
    lines = [_title("Event loop", "lateness", [(f"worst {_took(worst)}", look.dim)], width, look)]
    known = np.nan_to_num(found.late)
    lines += _over_time(
        found, known, _took, width, height - 1, look, look.backpressure, _LEAST_STEPS
    )
    return lines


_NOT_MEASURED: Final = "Only asgitrace's own server tells of it."


def durations(found: Statistics, width: int, height: int, look: Look) -> list[Cells]:
    """How long exchanges took."""
    marks = list(zip(_NAMES, found.percentiles, strict=True))
    facts = [(f"{name} {format_duration(ns)}", look.dim) for name, ns in marks if ns >= 0]
    title = _title(
        "Duration", "of those that ended", facts or [("none has ended", look.dim)], width, look
    )
    return [title, *distribution(found.durations, marks, width, height - 1, look)]


def sizes(found: Statistics, width: int, height: int, look: Look) -> list[Cells]:
    """Bytes in and out, each in a half."""
    seconds = found.steps.seconds()
    halves = (("in", found.received, look.notice), ("out", found.sent, look.after))
    facts = [(f"{name} {format_size(int(sizes.sum()))}", style) for name, sizes, style in halves]
    lines = [_title("Bytes", "a second", facts, width, look)]
    body = height - 1 - _AXIS_LINES
    for (_, values, style), part in zip(halves, (body // 2, body - body // 2), strict=True):
        lines += _areas(values / seconds, _SIZE, width, part, look, style, 1024)
    return [*lines, *time_axis(found.steps, width, look)][:height]


def _size(value: float) -> str:
    return _ZEROS.sub("", format_size(round(value)))


_SIZE: Final = _size


def _took(value: float) -> str:
    return _ZEROS.sub("", format_duration(round(value)))


def _amount(value: float) -> str:
    """A number that need not be whole, in at most four cells."""
    if value < 9.95 and round(value, 1) % 1:
        return f"{value:.1f}"
    return format_count(round(value))


def _over_time(
    found: Statistics,
    values: Array,
    label: Label,
    width: int,
    height: int,
    look: Look,
    style: Style,
    least: float,
) -> list[Cells]:
    """Values above an axis of time."""
    lines = _areas(values, label, width, height - _AXIS_LINES, look, style, least)
    return [*lines, *time_axis(found.steps, width, look)]


def _areas(
    values: Array,
    label: Label,
    width: int,
    height: int,
    look: Look,
    style: Style,
    least: float,
) -> list[Cells]:
    """Columns with numbers beside them, without the axis."""
    unit = 1.0
    if label is _SIZE:
        # Bytes are told in multiples of 1024; the half of the scale should be one too.
        highest = max(float(values.max(initial=0)), least, 2)
        unit = 1024.0 ** floor(log(highest / 2, 1024))
    scale = Scale(ceiling(values / unit, least / unit) * unit, label)
    return area(values, scale, width, max(1, height) + 1, look, style)[:-1]


def _title(name: str, what: str, facts: list[Fact], width: int, look: Look) -> Cells:
    """The name at the left, figures at the right; those there is no room for are left out."""
    apart = "   " if width > _ROOMY else "  "
    while facts and _length(facts, apart) + len(name) + 3 > width:
        facts = facts[1:]
    cells = [Segment(f" {name}", look.strong)]
    room = width - len(name) - 2 - _length(facts, apart)
    if len(what) + 3 < room:
        cells.append(Segment(f"  {what}", look.faint))
        room -= len(what) + 2
    cells.append(Segment(" " * max(1, room), look.dim))
    for at, (text, style) in enumerate(facts):
        cells.append(Segment(apart * (at > 0) + text, style))
    return cut(cells, width, look)


def _length(facts: list[Fact], apart: str) -> int:
    return sum(cell_len(text) + len(apart) for text, _ in facts) - len(apart) * bool(facts)


class ClassLines(Lines):
    """What the exchanges came to, a bar for each class that there is any of."""

    def __init__(self, found: Statistics) -> None:
        self._counts = found.classes.tolist()
        self._total = max(1, sum(self._counts))
        self._shown = [
            index
            for index, name in enumerate(CLASSES)
            if self._counts[index] or name in ("2xx", "3xx", "4xx", "5xx")
        ]

    def __len__(self) -> int:
        return len(self._shown)

    def term(self, index: int) -> str:
        """The filter term of its exchanges."""
        return _TERMS[CLASSES[self._shown[index]]]

    def cells(self, index: int, width: int, look: Look) -> Cells:
        place = self._shown[index]
        name, count = CLASSES[place], self._counts[place]
        style = style_of(look, _STYLES[name])
        room = max(1, width - 27)
        return [
            Segment(f" {_WORDS.get(name, name):<12}", look.text if count else look.faint),
            bar(count / self._total, room, look, style),
            Segment(f"{format_count(count):>7}", look.text if count else look.faint),
            Segment(f"{percent(count / self._total) if count else '':>6}", look.dim),
        ]

    def text(self, index: int) -> str:
        place = self._shown[index]
        return f"{_WORDS.get(CLASSES[place], CLASSES[place])}: {self._counts[place]}"


_WORDS: Final = {
    "closed": "ws closed",
    "broken": "ws broken",
    "none": "no status",
    "open": "still open",
}
_STYLES: Final = {
    "1xx": "dim",
    "2xx": "good",
    "3xx": "notice",
    "4xx": "warn",
    "5xx": "bad",
    "closed": "good",
    "broken": "warn",
    "none": "bad",
    "open": "accent",
}
_TERMS: Final = {
    **{f"{n}xx": f"status={n}xx -is:open" for n in range(1, 6)},
    "closed": "type=ws status in {1000,1001,1005} -is:open",
    "broken": "type=ws status>=1002 status!=1005 -is:open",
    "none": "-status -is:open",
    "open": "is:open",
}
"""As `classes_of` tells them apart."""


def class_title(width: int, look: Look) -> Cells:
    """The title above the bars."""
    return _title("Outcome", "status or close code", [], width, look)
