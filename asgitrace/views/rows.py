"""The lines of the exchange list: its titles, its rows, the notes on the process between them."""

from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from asgitrace.store.model import Row, RowKind, State
from asgitrace.views.axis import Window
from asgitrace.views.clean import clean
from asgitrace.views.columns import cells
from asgitrace.views.columns.cells import Line
from asgitrace.views.columns.layout import GUTTER, Layout, Placed
from asgitrace.views.columns.registry import PATH, WATERFALL, WORKER
from asgitrace.views.look import Look
from asgitrace.views.units import format_clock, format_duration, format_size
from asgitrace.views.waterfall import axis_bar, axis_line, waterfall

_CHOSEN: Final = Style(underline=True)
"""The cell that the cell cursor is on."""


def header_line(
    plan: Layout,
    look: Look,
    *,
    sort: str = "",
    descending: bool = False,
    chosen: str | None = None,
    window: Window | None = None,
) -> list[Segment]:
    """The titles above the list, with a glyph at the column it is sorted by; in place of the
    waterfall's title the axis of ``window``."""
    segments = [Segment(" " * GUTTER, look.dim)]
    for placed in plan.columns:
        column = placed.column
        style = look.dim
        if column.name == sort:
            style = look.strong
        if column.name == chosen:
            style = look.accent
        if column.name == WATERFALL and window is not None:
            segments += axis_line(window, placed.width, look, style)
        else:
            glyph = look.glyphs.down if descending else look.glyphs.up
            title = _title(placed, glyph if column.name == sort else "")
            drawn = [Segment(title, style)]
            segments += _underlined(drawn) if column.name == chosen else drawn
        segments.append(Segment(" " * plan.gap, look.dim))
    return Segment.adjust_line_length(segments, plan.width, look.dim)


def _title(placed: Placed, glyph: str) -> str:
    """A title in its column; the glyph stands on the side where the texts begin to differ."""
    room = max(0, placed.width - len(glyph))
    column = placed.column
    title = column.title if len(column.title) <= room else (column.short or column.title)[:room]
    if column.right:
        return (glyph + title).rjust(placed.width)
    return (title + glyph).ljust(placed.width)


def _underlined(cell: list[Segment]) -> list[Segment]:
    """The cell with a line under its text, but not under the blanks beside it."""
    drawn: list[Segment] = []
    for text, style, _ in cell:
        bare = text.strip()
        before = text.index(bare)
        behind = before + len(bare)
        drawn += (
            Segment(text[:before], style),
            Segment(bare, (style or _CHOSEN) + _CHOSEN),
            Segment(text[behind:], style),
        )
    return [segment for segment in drawn if segment.text]


def row_line(
    line: Line,
    plan: Layout,
    look: Look,
    *,
    selected: bool = False,
    focused: bool = True,
    chosen: str | None = None,
    window: Window | None = None,
) -> list[Segment]:
    """One row, exactly the layout's width; the cursor's mark is quiet where the keys go elsewhere.

    ``chosen`` is the column of the cell cursor, ``window`` what the time axis shows; without one
    the waterfall is a bar as long as the exchange.
    """
    row = line.row
    noted, note_style = cells.mark(line, look)
    segments = [
        Segment(look.glyphs.cursor if selected else " ", look.accent if focused else look.faint),
        Segment(noted, note_style),
    ]
    if row.kind is RowKind.PROCESS:
        several = plan.of(WORKER) is not None
        return segments + _process_line(row, plan.width - GUTTER, look, several=several)
    last = plan.columns[-1]
    for placed in plan.columns:
        gap = "" if placed is last else " " * plan.gap
        if selected and placed.column.name == chosen:
            segments += _underlined(_cell(line, placed, "", look, window))
            segments.append(Segment(gap, look.faint))
        else:
            segments += _cell(line, placed, gap, look, window)
    rest = plan.width - last.end
    if rest < 0:  # a list of a few cells
        return Segment.adjust_line_length(segments, plan.width, look.faint)
    segments.append(Segment(" " * rest, look.faint))
    return segments


def _cell(line: Line, placed: Placed, gap: str, look: Look, window: Window | None) -> list[Segment]:
    """What is in a column, and the gap behind it."""
    column, width = placed.column, placed.width
    if column.cell is None:
        if window is None:
            bar = waterfall(line.row.split, width, look)
        else:
            bar = axis_bar(line.row, window, width, look)
        bar.append(Segment(gap, look.faint))
        return bar
    text, style = column.cell(line, look)
    if not column.words:
        return [Segment(_in_place(text, placed, look) + gap, style)]
    shown = fit(text, width, look) + gap
    if column.name == PATH and "?" in shown:
        path, mark, query = shown.partition("?")
        return [Segment(path, style), Segment(mark + query, look.dim)]
    return [Segment(shown, style)]


def _in_place(text: str, placed: Placed, look: Look) -> str:
    """Text of single cells in its column; a number that is too long loses its beginning."""
    width = placed.width
    if placed.column.right:
        return (
            text.rjust(width)
            if len(text) <= width
            else look.glyphs.cut + text[len(text) + 1 - width :]
        )
    return text[:width].ljust(width)


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


def fit(text: str, width: int, look: Look) -> str:
    """Text in ``width`` cells, with a mark where it was cut."""
    # More characters than this cannot be seen, however narrow they are.
    text, rest = text[: width * 4], text[width * 4 :]
    shown = clean(text)
    if rest or cell_len(shown) > width:
        return set_cell_size(shown, width - 1) + look.glyphs.cut
    return set_cell_size(shown, width)


def clipped(cells: list[Segment], width: int, look: Look) -> list[Segment]:
    """As much of the cells as has room."""
    kept: list[Segment] = []
    for segment in cells:
        if segment.cell_length > width:
            if width > 0:
                kept.append(Segment(fit(segment.text, width, look), segment.style))
            break
        kept.append(segment)
        width -= segment.cell_length
    return kept


def _process_line(row: Row, width: int, look: Look, *, several: bool) -> list[Segment]:
    """A note on the app's process, where there are several with its worker: a quiet rule across the
    list."""
    rule = look.glyphs.rule
    words = f"worker {row.worker}: {row.path}" if several and row.worker else row.path
    failed = row.state in (State.RAISED, State.LOST) or row.status != 0
    glyph, style = (look.glyphs.raised, look.bad) if failed else (look.glyphs.process, look.dim)
    lead = f"{rule * 2} {format_clock(row.started_ns)[:8]} "
    note = fit(words, max(1, min(cell_len(clean(words[:width])), width - len(lead) - 4)), look)
    used = len(lead) + 2 + cell_len(note) + 1
    return [
        Segment(lead, look.faint),
        Segment(f"{glyph} ", style),
        Segment(f"{note} ", look.bad if failed else look.dim),
        Segment(rule * max(0, width - used), look.faint),
    ]
