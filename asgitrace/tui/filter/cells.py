"""A cell of the list as a term of the filter language."""

from collections.abc import Callable, Mapping
from typing import Final

from asgitrace.filter import quote
from asgitrace.filter.syntax import Or
from asgitrace.store.annotations import Annotation
from asgitrace.store.model import Row, RowKind, State

Term = Callable[[Row], str | None]
"""None where the row has nothing there."""

_TYPES: Final = {
    RowKind.HTTP: "type=http",
    RowKind.WEBSOCKET: "type=ws",
    RowKind.LIFESPAN: "type=lifespan",
    RowKind.PROCESS: "type=process",
}
_UNITS: Final = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"))


def cell_term(row: Row, note: Annotation, column: str) -> str | None:
    """The term that rows pass that are like this one in a column: the same text or number there,
    or as much or more of what is measured. None where there is nothing to be like."""
    if column == "tags":
        return " ".join(f"tag={quote(tag)}" for tag in note.tags) or None
    if column == "mark":
        return "mark" if note.marked else None
    term = _TERMS.get(column)
    return None if term is None else term(row)


def excluding(term: str) -> str:
    """The term that all other rows pass."""
    if " " in term:
        return f"not ({term})"
    return term[1:] if term.startswith("-") else f"-{term}"


def both(filter_text: str, term: str) -> str:
    """A filter that passes what passes both."""
    # Late, as the language is not needed before somebody filters.
    from asgitrace.filter.parser import parse

    text = filter_text.strip()
    if not text or text == term:
        return term
    return f"({text}) {term}" if isinstance(parse(text), Or) else f"{text} {term}"


def _path(row: Row) -> str | None:
    """Without the query: who filters by a path means the place, not the question."""
    if row.kind is RowKind.PROCESS:
        return "type=process"
    path = row.path.partition("?")[0]
    return f"path={quote(path)}" if path else None


def _method(row: Row) -> str | None:
    if row.kind is RowKind.HTTP and row.method:
        return f"method={quote(row.method)}"
    return _TYPES.get(row.kind)


def _status(row: Row) -> str | None:
    if row.state is State.OPEN and not row.status:
        return "is:open"
    return f"status={row.status}" if row.status else "-status"


def _text(field: str, value: Callable[[Row], str]) -> Term:
    return lambda row: f"{field}={quote(value(row))}" if value(row) else f"-{field}"


def _number(field: str, value: Callable[[Row], int]) -> Term:
    return lambda row: f"{field}={value(row)}" if value(row) else f"-{field}"


def _size(field: str, value: Callable[[Row], int]) -> Term:
    return lambda row: f"{field}>={value(row)}"


def _time(field: str, value: Callable[[Row], int]) -> Term:
    return lambda row: f"{field}>={duration_text(value(row))}" if value(row) >= 0 else f"-{field}"


def duration_text(nanoseconds: int) -> str:
    """A duration as the language has it: at most three digits, never more than it was."""
    for unit, name in _UNITS:
        if nanoseconds >= unit:
            hundredths = nanoseconds * 100 // unit
            keep = 10 ** max(0, len(str(hundredths)) - 3)
            hundredths -= hundredths % keep
            return f"{hundredths // 100}.{hundredths % 100:02}".rstrip("0").rstrip(".") + name
    return f"{nanoseconds}ns" if nanoseconds else "0ms"


_TERMS: Final[Mapping[str, Term]] = {
    "number": lambda row: f"id={row.number}",
    "method": _method,
    "path": _path,
    "status": _status,
    "mime": _text("mime", lambda row: row.mime),
    "client": _text("client", lambda row: row.client),
    "worker": _number("worker", lambda row: row.worker),
    "connection": _number("conn", lambda row: row.connection),
    "received": _size("req.size", lambda row: row.received),
    "sent": _size("resp.size", lambda row: row.sent),
    "size": _size("size", lambda row: row.received + row.sent),
    "events": _size("events", lambda row: row.events),
    "duration": _time("dur", lambda row: row.duration_ns),
    "waterfall": _time("dur", lambda row: row.duration_ns),
    "ttfb": _time("ttfb", lambda row: row.ttfb_ns),
    "app": _time("app.time", lambda row: row.split.app),
    "wait": _time("wait.client", lambda row: row.split.client),
    "backpressure": _time("wait.backpressure", lambda row: row.split.backpressure),
    "after": _time("after", lambda row: row.split.after),
    "pending": lambda row: f"pending={row.pending}" if row.pending else "-pending",
}
