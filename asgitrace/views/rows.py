"""The lines of the exchange list: which columns there are at which width, and what is in them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from asgitrace.store.model import Row, RowKind, State
from asgitrace.views.clean import clean
from asgitrace.views.look import Look
from asgitrace.views.units import format_clock, format_count, format_duration, format_size
from asgitrace.views.waterfall import waterfall

GUTTER: Final = 1
"""The cell at the left for the cursor's mark."""
SHORTEST_PATH: Final = 8
CALM_CLOSE_CODES: Final = frozenset((1000, 1001, 1005))
"""How a WebSocket session ends when nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``path`` takes the width that the others leave."""

    name: str
    title: str
    width: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a list of one width."""

    width: int
    gap: str
    columns: tuple[Column, ...]


# Least width of the list, gap between columns, columns. The number and the path are the last to go.
_LAYOUTS: Final = (
    (
        160,
        2,
        (
            Column("number", "#", 8, right=True),
            Column("time", "time", 12),
            Column("method", "method", 7),
            Column("path", "path", 0),
            Column("status", "status", 6, right=True),
            Column("received", "in", 4, right=True),
            Column("sent", "out", 4, right=True),
            Column("events", "events", 6, right=True),
            Column("duration", "took", 6, right=True),
            Column("waterfall", "where the time went", 40),
        ),
    ),
    (
        110,
        2,
        (
            Column("number", "#", 7, right=True),
            Column("time", "time", 12),
            Column("method", "method", 7),
            Column("path", "path", 0),
            Column("status", "status", 6, right=True),
            Column("size", "size", 4, right=True),
            Column("events", "ev", 4, right=True),
            Column("duration", "took", 6, right=True),
            Column("waterfall", "where the time went", 20),
        ),
    ),
    (
        72,
        1,
        (
            Column("number", "#", 6, right=True),
            Column("seconds", "time", 8),
            Column("method", "method", 7),
            Column("path", "path", 0),
            Column("status", "status", 6, right=True),
            Column("size", "size", 4, right=True),
            Column("events", "ev", 4, right=True),
            Column("duration", "took", 6, right=True),
            Column("waterfall", "waterfall", 9),
        ),
    ),
    (
        0,
        1,
        (
            Column("number", "#", 5, right=True),
            Column("method", "method", 7),
            Column("path", "path", 0),
            Column("status", "status", 6, right=True),
            Column("duration", "took", 6, right=True),
        ),
    ),
)


@cache
def layout(width: int) -> Layout:
    """The columns of a list of ``width`` cells."""
    _, gap, chosen = next(entry for entry in _LAYOUTS if width >= entry[0])
    fixed = GUTTER + sum(column.width for column in chosen) + gap * (len(chosen) - 1)
    path = max(SHORTEST_PATH, width - fixed)
    return Layout(
        width,
        " " * gap,
        tuple(column if column.width else replace(column, width=path) for column in chosen),
    )


def header_line(width: int, look: Look) -> list[Segment]:
    """The titles above the list."""
    plan = layout(width)
    titles = plan.gap.join(_placed(column.title, column, look) for column in plan.columns)
    return [Segment(set_cell_size(" " * GUTTER + titles, width), look.dim)]


def row_line(
    row: Row, width: int, look: Look, *, selected: bool = False, focused: bool = True
) -> list[Segment]:
    """One row, exactly ``width`` cells; the cursor's mark is quiet where the keys go elsewhere."""
    mark = look.glyphs.cursor if selected else " "
    segments = [Segment(mark, look.accent if focused else look.faint)]
    if row.kind is RowKind.PROCESS:
        segments += _process_line(row, width - GUTTER, look)
        return segments
    plan = layout(width)
    last = plan.columns[-1]
    for column in plan.columns:
        gap = "" if column is last else plan.gap
        if column.name == "waterfall":
            segments += waterfall(row.split, column.width, look)
        elif column.name == "path":
            segments += _path_cell(row, column.width, gap, look)
        else:
            text, style = _CELLS[column.name](row, look)
            segments.append(Segment(_placed(text, column, look) + gap, style))
    return Segment.adjust_line_length(segments, width, look.faint)


def row_text(row: Row) -> str:
    """One row as a line of text, for the clipboard."""
    parts = (
        f"#{row.number}",
        format_clock(row.started_ns),
        clean(row.method),
        clean(row.path),
        str(row.status) if row.status else row.state.name.lower(),
        format_size(row.received + row.sent),
        f"{row.events} events",
        format_duration(row.duration_ns),
    )
    return " ".join(part for part in parts if part)


def _placed(text: str, column: Column, look: Look) -> str:
    """Text of single cells in its column; a number that is too long loses its beginning."""
    width = column.width
    if column.right:
        return text.rjust(width) if len(text) <= width else look.glyphs.cut + text[1 - width :]
    return text[:width].ljust(width)


def fit(text: str, width: int, look: Look) -> str:
    """Text in ``width`` cells, with a mark where it was cut."""
    # More characters than this cannot be seen, however narrow they are.
    text, rest = text[: width * 4], text[width * 4 :]
    shown = clean(text)
    if rest or cell_len(shown) > width:
        return set_cell_size(shown, width - 1) + look.glyphs.cut
    return set_cell_size(shown, width)


def _path_cell(row: Row, width: int, gap: str, look: Look) -> list[Segment]:
    path = row.path or ("lifespan" if row.kind is RowKind.LIFESPAN else "")
    shown = fit(path, width, look) + gap
    before, mark, query = shown.partition("?")
    style = look.dim if row.kind is RowKind.LIFESPAN else look.text
    return (
        [Segment(before, style), Segment(mark + query, look.dim)]
        if mark
        else [Segment(shown, style)]
    )


def _process_line(row: Row, width: int, look: Look) -> list[Segment]:
    """A note on the app's process: a quiet rule across the list."""
    rule = look.glyphs.rule
    failed = row.state in (State.RAISED, State.LOST) or row.status != 0
    glyph, style = (look.glyphs.raised, look.bad) if failed else (look.glyphs.process, look.dim)
    lead = f"{rule * 2} {format_clock(row.started_ns)[:8]} "
    note = fit(
        row.path, max(1, min(cell_len(clean(row.path[:width])), width - len(lead) - 4)), look
    )
    used = len(lead) + 2 + cell_len(note) + 1
    return [
        Segment(lead, look.faint),
        Segment(f"{glyph} ", style),
        Segment(f"{note} ", look.bad if failed else look.dim),
        Segment(rule * max(0, width - used), look.faint),
    ]


def _number(row: Row, look: Look) -> tuple[str, Style]:
    return str(row.number), look.faint


def _time(row: Row, look: Look) -> tuple[str, Style]:
    return format_clock(row.started_ns), look.dim


def _method(row: Row, look: Look) -> tuple[str, Style]:
    method = row.method if row.method.isascii() else "?"
    method = clean(method)
    match row.kind:
        case RowKind.WEBSOCKET:
            return method, look.after
        case RowKind.LIFESPAN:
            return "LIFE", look.dim
        case RowKind.HTTP if row.method in ("GET", "HEAD", "OPTIONS"):
            return method, look.accent
        case RowKind.HTTP:
            return method, look.notice
    return method, look.dim


def _status(row: Row, look: Look) -> tuple[str, Style]:
    glyphs = look.glyphs
    shown = str(row.status) if row.status else glyphs.none
    match row.state:
        case State.OPEN:
            return f"{glyphs.pending} {shown:>4}", look.accent
        case State.RAISED:
            return f"{glyphs.raised} {shown:>4}", look.bad
        case State.CANCELLED:
            return f"{glyphs.cancelled} {shown:>4}", look.warn
        case State.LOST:
            return f"{glyphs.lost} {shown:>4}", look.bad
        case State.REFUSED:
            return f"{glyphs.refused} {shown:>4}", look.bad
    return _returned_status(row, shown, look)


def _returned_status(row: Row, shown: str, look: Look) -> tuple[str, Style]:
    if row.kind is RowKind.HTTP:
        if row.status == 0 or row.status >= 500:
            return f"{look.glyphs.alert} {shown:>4}", look.bad
        if row.status >= 400:
            return f"{look.glyphs.alert} {shown:>4}", look.warn
        return shown, look.notice if row.status >= 300 else look.good
    if row.kind is RowKind.WEBSOCKET and row.status not in CALM_CLOSE_CODES:
        return f"{look.glyphs.alert} {shown:>4}", look.warn
    return shown, look.good if row.status else look.dim


def _sized(size: int, look: Look) -> tuple[str, Style]:
    return format_size(size), look.dim if size else look.faint


def _duration(row: Row, look: Look) -> tuple[str, Style]:
    shown = format_duration(row.duration_ns)
    return shown, look.accent if row.state is State.OPEN else look.text


_CELLS: Final[dict[str, Callable[[Row, Look], tuple[str, Style]]]] = {
    "number": _number,
    "time": _time,
    "seconds": lambda row, look: (format_clock(row.started_ns)[:8], look.dim),
    "method": _method,
    "status": _status,
    "received": lambda row, look: _sized(row.received, look),
    "sent": lambda row, look: _sized(row.sent, look),
    "size": lambda row, look: _sized(row.received + row.sent, look),
    "events": lambda row, look: (format_count(row.events), look.dim),
    "duration": _duration,
}
