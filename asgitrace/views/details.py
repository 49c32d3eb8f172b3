"""The lines above the detail: which exchange it is, where its time went, what is noted on it."""

from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from asgitrace.store.annotation import Annotation
from asgitrace.store.model import Exchange, Row, RowKind, State
from asgitrace.views.clean import clean
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.rows import fit
from asgitrace.views.units import format_duration, format_size
from asgitrace.views.waterfall import PARTS, waterfall
from asgitrace.wire import CALM_CLOSE_CODES, Wire
from asgitrace.words import counted

_WIDE: Final = 100

_DISCONNECTS: Final = frozenset({"ClientDisconnect", "ClientDisconnected"})
_LOST: Final = frozenset({"OSError", "ConnectionError", "ConnectionResetError", "BrokenPipeError"})


def client_left(exchange: Exchange) -> bool:
    """Whether the app raised nothing but that its client was gone."""
    if exchange.row.state is not State.RAISED or not exchange.events:
        return False
    content = exchange.events[-1].content()
    name = content.get("type") if isinstance(content, dict) else None
    if name in _DISCONNECTS:
        return True
    return name in _LOST and any(
        event.wire is Wire.CLOSED and event.content().get("by") == "client"
        for event in exchange.wire
    )


def title_line(row: Row, width: int, look: Look, *, left: bool = False) -> Cells:
    """``#12 POST /api/items?x=1 → 201 · 14.2ms · ▲512B ▼1.2k · 7 events``; the path gives way."""
    number = f" #{row.number} "
    method = "LIFESPAN" if row.kind is RowKind.LIFESPAN else clean(row.method)
    ending = _left(row, look) if left else _ending(row, look)
    dot, up, down = look.glyphs.dot, look.glyphs.up, look.glyphs.down
    facts = (
        f" {dot} {format_duration(row.duration_ns)}"
        f" {dot} {up}{format_size(row.received)}"
        f" {down}{format_size(row.sent)}"
        f" {dot} {counted(row.events, 'event')} "
    )
    if row.connection and width >= _WIDE:
        facts += f"{dot} connection {row.connection} "
    used = cell_len(number + method) + 2 + cell_len(ending.text) + cell_len(facts)
    path = clean(row.path[: width * 4])
    room = max(8, width - used)
    if cell_len(path) > room:
        path = set_cell_size(path, room - 1) + look.glyphs.cut
    cells = [
        Segment(number, look.dim),
        Segment(method + " ", look.accent),
        Segment(path + " ", look.strong),
        ending,
        Segment(facts, look.dim),
    ]
    return Segment.adjust_line_length(cells, width, look.text)


def note_line(note: Annotation, width: int, look: Look) -> Cells:
    """``★ tag another  the comment``; what there is no room for is cut."""
    glyph = look.glyphs.marked if note.marked else look.glyphs.noted
    cells = [Segment(f" {glyph} ", look.warn if note.marked else look.notice)]
    if note.tags:
        tags = " ".join(map(clean, note.tags))
        cells.append(Segment(f"{fit(tags, min(cell_len(tags), width), look)}  ", look.notice))
    # A line has no lines in it.
    comment = " ".join(note.comment[: width * 4].split())
    if comment:
        room = width - sum(cell.cell_length for cell in cells)
        cells.append(Segment(fit(comment, max(2, room), look), look.text))
    return Segment.adjust_line_length(cells, width, look.text)


def _left(row: Row, look: Look) -> Segment:
    status = f"{row.status} " if row.status else ""
    return Segment(f"{look.glyphs.into} {status}{look.glyphs.left} client left", look.dim)


def _ending(row: Row, look: Look) -> Segment:
    glyphs = look.glyphs
    status = f"{row.status} " if row.status else ""
    arrow = glyphs.into
    match row.state:
        case State.OPEN:
            waits = f"waiting in {row.pending}()" if row.pending else "open"
            return Segment(f"{arrow} {status}{glyphs.pending} {waits}", look.accent)
        case State.RAISED:
            return Segment(f"{arrow} {status}{glyphs.raised} raised", look.bad)
        case State.CANCELLED:
            return Segment(f"{arrow} {status}{glyphs.cancelled} cancelled", look.warn)
        case State.LOST:
            return Segment(f"{arrow} {status}{glyphs.lost} process ended", look.bad)
        case State.REFUSED:
            return Segment(f"{arrow} {status}{glyphs.refused} refused by the server", look.bad)
    if not row.status:
        return Segment(f"{arrow} returned", look.text)
    socket = row.kind is RowKind.WEBSOCKET
    calm = row.status in CALM_CLOSE_CODES if socket else row.status < 400
    ink = look.good if calm else look.bad if 500 <= row.status < 600 else look.warn
    return Segment(f"{arrow} {'' if calm else glyphs.alert}{row.status}", ink)


def split_line(row: Row, width: int, look: Look) -> Cells:
    """The time of the exchange as a bar, with the figures in words."""
    legend: Cells = []
    for name in PARTS:
        took: int = getattr(row.split, name)
        glyph = getattr(look.glyphs, name) if look.shades else look.glyphs.bar
        ink = getattr(look, name) if took else look.faint
        figure = f"{format_duration(took):<6}"
        legend += [
            Segment(f"  {glyph * 2} ", ink),
            Segment(f"{name} ", look.dim if took else look.faint),
            Segment(figure, look.text if took else look.faint),
        ]
    takes = sum(segment.cell_length for segment in legend)
    bar = max(0, min(48, width - takes - 2))
    cells = [Segment(" ", look.text)]
    if bar >= 6:
        cells += waterfall(row.split, bar, look)
    return Segment.adjust_line_length([*cells, *legend], width, look.text)
