"""The rows of a comparison in cells."""

from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from asgitrace.store.model import Event
from asgitrace.views.clean import clean
from asgitrace.views.compare.layout import BESIDE, Piece, Plan
from asgitrace.views.compare.model import EventRow, Mark, Row
from asgitrace.views.discrepancies import NOTED_WAIT_NS
from asgitrace.views.lines import Cells, style_of
from asgitrace.views.look import Look
from asgitrace.views.marks import direction
from asgitrace.views.rows import fit
from asgitrace.views.summary import Words, summarise
from asgitrace.views.timeline import type_text, word_cells
from asgitrace.views.units import format_duration, format_offset

_LONGEST_LABEL: Final = 200
_TIME: Final = 9
_TOOK: Final = 8


def sign(mark: Mark, look: Look) -> tuple[str, Style]:
    """What stands before a row, and its colour."""
    match mark:
        case Mark.CHANGED:
            return look.glyphs.differs, look.warn
        case Mark.REMOVED:
            return "-", look.bad
        case Mark.ADDED:
            return "+", look.good
    return " ", look.dim


def notable(row: EventRow) -> bool:
    """Whether the time between two events is another one, and worth a word."""
    return abs(row.shift) >= NOTED_WAIT_NS


# Values


def same_cells(row: Row, columns: Plan, width: int, look: Look) -> Cells:
    """A row that is the same on both sides, or a note with both values and their difference."""
    label = _label(row, columns, look)
    cells = [Segment("   " + label, look.faint)]
    if row.mark is not Mark.NOTE:
        return [
            *cells,
            Segment(fit(row.left or "", max(1, width - 3 - columns.label), look), look.dim),
        ]
    half = columns.value if columns.beside else columns.value // 2 - 1
    cells += [
        Segment(fit(each or "", half, look) + " ", look.dim) for each in (row.left, row.right)
    ]
    room = max(0, width - sum(cell.cell_length for cell in cells))
    return [*cells, Segment(fit(row.delta, room, look), look.text)] if room > 1 else cells


def beside_cells(
    row: Row, pieces: tuple[list[Piece], list[Piece]], at: int, columns: Plan, look: Look
) -> Cells:
    """One of the rows of the screen for a row that differs, its sides beside one another."""
    cells = _begin(row, at, columns, look)
    for side, style in zip(pieces, (look.bad, look.good), strict=True):
        shown = _piece(side[at], style, look) if at < len(side) else []
        used = sum(cell.cell_length for cell in shown)
        cells += [*shown, Segment(" " * max(1, columns.value - used + 1), look.text)]
    if at == 0 and row.delta:
        cells.append(Segment(row.delta, look.text))
    return cells


def stacked_cells(
    row: Row, pieces: tuple[list[Piece], list[Piece]], at: int, columns: Plan, look: Look
) -> Cells:
    """The same with the left above the right."""
    left, right = pieces
    cells = _begin(row, at, columns, look)
    inside = at < len(left)
    piece = left[at] if inside else right[at - len(left)]
    style = look.bad if inside else look.good
    glyph = ("-" if inside else "+") if at in (0, len(left)) else " "
    return [*cells, Segment(f"{glyph} ", style), *_piece(piece, style, look)]


def _label(row: Row, columns: Plan, look: Look) -> str:
    """A label; of a long one its end, as paths differ there."""
    room = columns.label - 1
    label = clean(row.label[-_LONGEST_LABEL:])
    if cell_len(label) <= room and len(row.label) <= _LONGEST_LABEL:
        return set_cell_size(label, room) + " "
    while label and cell_len(label) > room - 1:
        label = label[1:]
    return set_cell_size(look.glyphs.cut + label, room) + " "


def _begin(row: Row, at: int, columns: Plan, look: Look) -> Cells:
    glyph, style = sign(row.mark, look)
    label = _label(row, columns, look) if at == 0 else " " * columns.label
    return [Segment(f" {glyph if at == 0 else ' '} ", style), Segment(label, look.dim)]


def _piece(piece: Piece, style: Style, look: Look) -> Cells:
    cells = ((piece.same, look.text), (piece.other, style + _UNDERLINE), (piece.rest, look.text))
    return [Segment(text, ink) for text, ink in cells if text]


_UNDERLINE: Final = Style(underline=True)


# Events


def event_head(width: int, look: Look) -> Cells:
    """What the columns of events are."""
    took = width >= BESIDE
    text = " " * (5 + _type_width(width))
    for side in ("left", "right"):
        text += f"{side:>{_TIME}}" + (f"{'took':>{_TOOK}}" if took else "")
    return [Segment(fit(f"{text}{'shift':>{_TIME}}", width, look), look.faint)]


def _type_width(width: int) -> int:
    return 24 if width >= BESIDE else 20


def event_cells(row: EventRow, at: int, width: int, look: Look) -> Cells:
    """An event of both; one that was changed has a second row for what is on the right."""
    event = (row.left or row.right) if at == 0 else row.right
    assert event is not None
    glyph, style = sign(row.mark, look)
    arrow, ink = direction(event, look)
    ground = look.dim if row.mark is Mark.SAME else look.text
    if at:
        blank = Segment(" " * (5 + _type_width(width) + _times_width(width)), look.dim)
        return [blank, *_words(event, "+ ", look.good, width, look)]
    cells = [
        Segment(f" {glyph} ", style),
        Segment(f"{arrow} ", style_of(look, ink)),
        Segment(fit(type_text(event), _type_width(width) - 1, look) + " ", ground),
        *_times(row, width, look),
    ]
    lead = ("- ", look.bad) if row.mark is Mark.CHANGED else ("", look.dim)
    return [*cells, *_words(event, *lead, width, look)]


def _times_width(width: int) -> int:
    return 3 * _TIME + 2 + (2 * _TOOK if width >= BESIDE else 0)


def _times(row: EventRow, width: int, look: Look) -> Cells:
    cells = []
    for event, at in ((row.left, row.left_at), (row.right, row.right_at)):
        text = "" if event is None else format_offset(at)
        cells.append(Segment(f"{text:>{_TIME}}", look.dim))
        if width >= BESIDE:
            cells.append(Segment(f"{_took(event):>{_TOOK}}", look.faint))
    both = row.left is not None and row.right is not None
    shift = format_offset(row.shift) if both and row.shift else ""
    late = notable(row)
    mark = look.glyphs.alert if late else " "
    cells.append(Segment(f"{shift:>{_TIME}}{mark} ", look.warn if late else look.dim))
    return cells


def _took(event: Event | None) -> str:
    if event is None or not event.call:
        return ""
    return "waiting" if event.wait_ns is None else format_duration(event.wait_ns)


def _words(event: Event, lead: str, style: Style, width: int, look: Look) -> Cells:
    room = width - 5 - _type_width(width) - _times_width(width) - len(lead)
    words: Words = summarise(event)
    return [Segment(lead, style), *word_cells(words, room, look)] if room > 1 else []
