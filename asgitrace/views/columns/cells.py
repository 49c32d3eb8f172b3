"""What stands in the cells of the exchange list: a text and its style for each column.

Texts that come from the network or from the user are handed out as they are; ``row_line`` cleans
and cuts them.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

from rich.style import Style

from asgitrace.store.annotation import NOTHING, Annotation
from asgitrace.store.model import Row, RowKind, State
from asgitrace.views.look import Look
from asgitrace.views.units import format_clock, format_count, format_duration, format_size
from asgitrace.wire import CALM_CLOSE_CODES

SLOW_NS: Final = (100_000_000, 1_000_000_000, 10_000_000_000)
"""From where on a request is somewhat slow, slow and very slow."""

Cell = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what its line shows besides."""

    row: Row
    note: Annotation = NOTHING
    since_ns: int | None = None
    """From the scope of the exchange before it in the trace to its own; None for the first."""
    http_version: str = ""


def number(line: Line, look: Look) -> Cell:
    return str(line.row.number), look.faint


def time(line: Line, look: Look) -> Cell:
    return format_clock(line.row.started_ns), look.dim


def seconds(line: Line, look: Look) -> Cell:
    return format_clock(line.row.started_ns)[:8], look.dim


def since(line: Line, look: Look) -> Cell:
    past = line.since_ns
    if past is None:
        return look.glyphs.none, look.faint
    if past < 0:  # of another process, whose clock is another one
        return f"-{format_duration(-past)}", look.dim
    return f"+{format_duration(past)}", look.text if past >= SLOW_NS[1] else look.dim


def worker(line: Line, look: Look) -> Cell:
    number = line.row.worker
    return (str(number), look.dim) if number else (look.glyphs.none, look.faint)


def method(line: Line, look: Look) -> Cell:
    row = line.row
    shown = row.method if row.method.isascii() else "?"
    match row.kind:
        case RowKind.WEBSOCKET:
            return shown, look.after
        case RowKind.LIFESPAN:
            return "LIFE", look.dim
        case RowKind.HTTP if row.method in ("GET", "HEAD", "OPTIONS"):
            return shown, look.accent
        case RowKind.HTTP:
            return shown, look.notice
    return shown, look.dim


def path(line: Line, look: Look) -> Cell:
    row = line.row
    if row.kind is RowKind.LIFESPAN:
        return row.path or "lifespan", look.dim
    return row.path, look.text


def status(line: Line, look: Look) -> Cell:
    row, glyphs = line.row, look.glyphs
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


def _returned_status(row: Row, shown: str, look: Look) -> Cell:
    if row.kind is RowKind.HTTP:
        if row.status == 0 or row.status >= 500:
            return f"{look.glyphs.alert} {shown:>4}", look.bad
        if row.status >= 400:
            return f"{look.glyphs.alert} {shown:>4}", look.warn
        return shown, look.notice if row.status >= 300 else look.good
    if row.kind is RowKind.WEBSOCKET and row.status not in CALM_CLOSE_CODES:
        return f"{look.glyphs.alert} {shown:>4}", look.warn
    return shown, look.good if row.status else look.dim


def mime(line: Line, look: Look) -> Cell:
    return line.row.mime, look.dim


def client(line: Line, look: Look) -> Cell:
    return line.row.client, look.dim


def http_version(line: Line, look: Look) -> Cell:
    return line.http_version, look.dim


def connection(line: Line, look: Look) -> Cell:
    number = line.row.connection
    return (str(number), look.dim) if number else (look.glyphs.none, look.faint)


def received(line: Line, look: Look) -> Cell:
    return _sized(line.row.received, look)


def sent(line: Line, look: Look) -> Cell:
    return _sized(line.row.sent, look)


def size(line: Line, look: Look) -> Cell:
    return _sized(line.row.received + line.row.sent, look)


def _sized(size: int, look: Look) -> Cell:
    return format_size(size), look.dim if size else look.faint


def events(line: Line, look: Look) -> Cell:
    return format_count(line.row.events), look.dim


def slowness(row: Row) -> int:
    """How many of the thresholds of ``SLOW_NS`` a request has passed; a WebSocket session or a
    lifespan is not slow for being long, nor is what a debugger held up."""
    if row.kind is not RowKind.HTTP or row.debugged:
        return 0
    taken = row.duration_ns
    return sum(taken >= limit for limit in SLOW_NS)


def duration(line: Line, look: Look) -> Cell:
    row = line.row
    level = slowness(row)
    style = look.accent if row.state is State.OPEN else _slow_style(level, look)
    mark = look.glyphs.paused if row.debugged else look.glyphs.slow[level]
    return f"{mark}{format_duration(row.duration_ns):>6}", style


def _slow_style(level: int, look: Look) -> Style:
    return (look.text, look.text, look.warn, look.bad)[level]


def ttfb(line: Line, look: Look) -> Cell:
    taken = line.row.ttfb_ns
    if taken < 0:
        return look.glyphs.none, look.faint
    level = sum(taken >= limit for limit in SLOW_NS) if line.row.kind is RowKind.HTTP else 0
    return format_duration(taken), _slow_style(level, look)


def _part(name: str, line: Line, look: Look) -> Cell:
    taken = getattr(line.row.split, name)
    style: Style = getattr(look, name)
    return (format_duration(taken), style) if taken else ("0", look.faint)


app = partial(_part, "app")
wait = partial(_part, "client")
backpressure = partial(_part, "backpressure")
after = partial(_part, "after")


def pending(line: Line, look: Look) -> Cell:
    return line.row.pending, look.accent


def mark(line: Line, look: Look) -> Cell:
    """Also what stands in the gutter of every line."""
    note = line.note
    if note.marked:
        return look.glyphs.marked, look.warn
    return (look.glyphs.noted, look.dim) if note else (" ", look.faint)


def tags(line: Line, look: Look) -> Cell:
    return " ".join(line.note.tags), look.notice


def comment(line: Line, look: Look) -> Cell:
    return line.note.comment, look.dim
