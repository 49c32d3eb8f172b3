"""An exchange as a table of its events with their times, for a terminal and for a report.

The app and its clients chose most of these words, so they are cleaned; and there may be any number
of events, so that they are few: the first and the last ones.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from rich.cells import cell_len, set_cell_size

from asgitrace.events import Kind
from asgitrace.library import LoadedExchange
from asgitrace.store import Event, State
from asgitrace.views.clean import clean
from asgitrace.views.summary import summarise
from asgitrace.views.units import format_duration, format_offset
from asgitrace.words import counted

_STATES: Final = {
    State.OPEN: "pending",
    State.CANCELLED: "cancelled",
    State.LOST: "lost",
    State.REFUSED: "refused",
}
_HEAD_EVENTS: Final = 2 / 3
"""Where there is no room for all events, so many of the shown ones are the first."""


def table(exchange: LoadedExchange, events: int, width: int) -> list[str]:
    """The exchange in a line and so many of its events below it, each cut to ``width`` cells."""
    found = exchange.events
    start = found[0].called if found else 0
    rows = [_row(event, start) if event else None for event in _few(found, events)]
    lines = [title(exchange), *_aligned(rows, len(found) - sum(row is not None for row in rows))]
    if exchange.missed:
        lines.append(f"  {counted(exchange.missed, 'event')} missing")
    return [_cut(line, width) for line in lines]


def title(exchange: LoadedExchange) -> str:
    """The exchange in a line: number, method, path, status, how long, how it ended."""
    row = exchange.row
    words = [f"#{row.number}", row.method, row.path, str(row.status) if row.status else ""]
    words.append(format_duration(row.duration_ns))
    words.append(_STATES.get(row.state, ""))
    raised = exchange.exception
    words.append(f"raised {raised}" if raised else "")
    return clean("  ".join(word for word in words if word))


def traceback(exchange: LoadedExchange, lines: int) -> list[str]:
    """Where the app raised: the places in its own code, or where there are none the last lines of
    the whole traceback; nothing where it raised nothing."""
    last = next((event for event in exchange.events if event.kind is Kind.RAISE), None)
    content = None if last is None else last.content()
    if not isinstance(content, dict):
        return []
    own = [*_places(content)]
    told = own or str(content.get("traceback", "")).rstrip().splitlines()
    left_out = [f"… {counted(len(told) - lines, 'more line')}"] if len(told) > lines else []
    return left_out + [clean(line) for line in told[-lines:]]


def _places(content: Mapping[str, Any]) -> Iterator[str]:
    """The frames that are of no library, each with its line."""
    frames = content.get("frames")
    found = [frame for frame in frames or () if isinstance(frame, dict)]
    own = [frame for frame in found if not frame.get("library")]
    for frame in own:
        line, first, source = (frame.get(key) for key in ("line", "first", "source"))
        yield f"{frame.get('path')}:{line} in {frame.get('name')}"
        if isinstance(source, list) and isinstance(line, int) and isinstance(first, int):
            yield from (f"    {text}".rstrip() for text in _line(source, line - first))
    if own and len(found) > len(own):
        yield f"(and {counted(len(found) - len(own), 'frame')} in libraries)"


def _line(source: Sequence[Any], index: int) -> list[str]:
    return [str(source[index]).strip()] if 0 <= index < len(source) else []


def _few(events: Sequence[Event], most: int) -> Iterable[Event | None]:
    """All events, or the first and the last ones with None between them."""
    if len(events) <= most:
        return events
    head = max(1, round((most - 1) * _HEAD_EVENTS))
    tail = most - 1 - head
    return [*events[:head], None, *events[len(events) - tail :]]


def _row(event: Event, start: int) -> tuple[str, str, str, str, str]:
    wait = event.wait_ns
    call = event.kind in (Kind.RECEIVE, Kind.SEND)
    took = ("pending" if wait is None else format_duration(wait)) if call else ""
    # A call that waits, and a plain return, have said it all.
    silent = wait is None or (event.kind is Kind.RETURN and not event.payload)
    words = "" if silent else "".join(text for text, _ in summarise(event)).strip()
    offset = format_offset(event.called - start)
    return offset, took, event.kind.name.lower(), clean(event.type or ""), words


def _aligned(rows: Sequence[tuple[str, str, str, str, str] | None], left_out: int) -> Iterator[str]:
    """Columns below one another; times to the right."""
    columns = [*zip(*(row for row in rows if row is not None), strict=True)]
    widths = [max(map(cell_len, column)) for column in columns]
    for row in rows:
        if row is None:
            yield f"  … {counted(left_out, 'more event')}"
            continue
        offset, took, *rest, words = row
        cells = [f"{offset:>{widths[0]}}", f"{took:>{widths[1]}}"]
        cells += [_pad(cell, width) for cell, width in zip(rest, widths[2:4], strict=True)]
        yield "  " + "  ".join((*cells, words)).rstrip()


def _pad(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _cut(line: str, width: int) -> str:
    return line if cell_len(line) <= width else set_cell_size(line, width - 1).rstrip() + "…"
