"""An exchange as a text to read, to mail, to paste into an issue."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.export.forms.call import pairs, payload
from asgitrace.export.forms.model import Form
from asgitrace.export.forms.place import place_of, scope_of, target_of
from asgitrace.export.forms.quoting import base64_lines, inert, readable
from asgitrace.store.model import Event, Exchange, RowKind, State

_BODIES: Final = {
    Kind.RECEIVE: frozenset({"http.request"}),
    Kind.SEND: frozenset({"http.response.body", "websocket.http.response.body"}),
}
_STARTS: Final = frozenset({"http.response.start", "websocket.http.response.start"})
_STATES: Final = {
    State.OPEN: "still open",
    State.RAISED: "the app raised",
    State.CANCELLED: "the app was cancelled",
    State.LOST: "its process ended first",
    State.REFUSED: "refused by the server",
}
_PARTS: Final = (
    ("app", "app"), ("client", "receive()"), ("backpressure", "send()"), ("after", "after"),
)  # fmt: skip
_TALK: Final = frozenset(
    {
        "websocket.accept", "websocket.receive", "websocket.send", "websocket.close",
        "websocket.disconnect", "lifespan.startup", "lifespan.startup.complete",
        "lifespan.startup.failed", "lifespan.shutdown", "lifespan.shutdown.complete",
        "lifespan.shutdown.failed",
    }
)  # fmt: skip
_MS: Final = 1_000_000
_BINARY_LIMIT: Final = 1024
"""Bytes of a body that is no text that are shown."""
_SHOWN: Final = 64
"""Bytes of a message of bytes that are shown."""


def write(exchange: Exchange, address: str) -> str:
    """A summary, then the request and the response, or the conversation."""
    scope = scope_of(exchange)
    lines = [*_summary(exchange), *_gaps(exchange), ""]
    if scope:
        lines += [*_request(exchange, address), ""]
    if exchange.row.kind in (RowKind.WEBSOCKET, RowKind.LIFESPAN):
        lines += [*_talk(exchange), ""]
    lines += _response(exchange)
    lines += _failure(exchange)
    return inert("\n".join(lines).strip("\n")) + "\n"


def _summary(exchange: Exchange) -> Iterator[str]:
    row = exchange.row
    title = f"#{row.number}  {row.method} {row.path}".rstrip()
    words = [str(row.status)] if row.status else []
    words += [_STATES[row.state]] if row.state in _STATES else []
    yield "  ".join((title, ", ".join(words))).rstrip()
    at = datetime.fromtimestamp(row.started_ns // 1_000_000_000, UTC)
    fraction = row.started_ns % 1_000_000_000 // _MS
    yield f"began     {at:%Y-%m-%d %H:%M:%S}.{fraction:03d} UTC"
    parts = (
        f"{words} {_milliseconds(getattr(row.split, name))}"
        for name, words in _PARTS
        if getattr(row.split, name)
    )
    yield f"took      {_milliseconds(row.duration_ns)} ({', '.join(parts)})"
    yield f"received  {row.received:,} bytes, sent {row.sent:,} bytes, {row.events:,} events"


def _milliseconds(ns: int) -> str:
    return f"{ns / _MS:,.3f} ms"


def _gaps(exchange: Exchange) -> Iterator[str]:
    if exchange.missed:
        yield f"missing   {exchange.missed:,} events were overwritten or given up"


def _request(exchange: Exchange, address: str) -> Iterator[str]:
    scope = scope_of(exchange)
    if scope.get("type") not in ("http", "websocket"):
        return
    target, _ = target_of(exchange, scope)
    shown = target.decode("utf-8", "surrogateescape")
    place = place_of(address, scope)
    method = scope.get("method") if scope.get("type") == "http" else "GET"
    yield f"> {method} {shown} HTTP/{scope.get('http_version', '?')}"
    yield from _headers(scope.get("headers"), "> ")
    yield f"(to {place.socket or place.authority}{' with TLS' if place.secure else ''})"
    yield from _body(_events(exchange, Kind.RECEIVE))


def _response(exchange: Exchange) -> Iterator[str]:
    for event in exchange.events:
        content = event.content() if event.type in _STARTS else None
        if isinstance(content, dict):
            yield f"< {content.get('status')}"
            yield from _headers(content.get("headers"), "< ")
    yield from _body(_events(exchange, Kind.SEND))


def _headers(headers: object, lead: str) -> Iterator[str]:
    for name, value in pairs(headers):
        yield lead + ": ".join(part.decode("utf-8", "surrogateescape") for part in (name, value))


def _events(exchange: Exchange, kind: Kind) -> list[Event]:
    return [
        event
        for event in exchange.events
        if event.kind is kind and event.type in _BODIES[kind] and event.outcome is Outcome.OK
    ]


def _body(events: Iterable[Event]) -> Iterator[str]:
    events = [*events]
    data = b"".join(found for event in events if isinstance(found := payload(event), bytes))
    size = sum(event.size for event in events)
    if not size:
        return
    yield ""
    yield from _data(data)
    if len(data) < size:
        yield f"[recorded {len(data):,} of {size:,} bytes]"


def _data(data: bytes) -> Iterator[str]:
    text = readable(data.replace(b"\r\n", b"\n"))
    if text is not None:
        yield text
    elif data:
        first = "" if len(data) <= _BINARY_LIMIT else f", the first {_BINARY_LIMIT:,}"
        yield f"[{len(data):,} bytes of binary{first} in base64]"
        yield base64_lines(data[:_BINARY_LIMIT]).rstrip("\n")


def _talk(exchange: Exchange) -> Iterator[str]:
    """Messages in the order in which they crossed, with the time since the start."""
    found = sorted((_moment(event), event.index, event) for event in exchange.events
                   if event.type in _TALK)  # fmt: skip
    start = min((event.called for event in exchange.events), default=0)
    for moment, _, event in found:
        arrow = ">" if event.kind is Kind.RECEIVE else "<"
        # Lines of a message stand apart from the lines of the conversation.
        words = _said(event).replace("\n", "\n    ")
        yield f"{arrow} +{(moment - start) / _MS:,.3f} ms  {words}"


def _moment(event: Event) -> int:
    if event.kind is Kind.RECEIVE and event.returned is not None:
        return event.returned
    return event.called


def _said(event: Event) -> str:
    data = payload(event)
    if data is None:
        content = event.content()
        rest = content if isinstance(content, dict) else {}
        words = [f"{key}={value!r}" for key, value in rest.items() if key != "type" and value]
        return " ".join((event.type or "", *words))
    kept = len(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    cut = f" [recorded {kept:,} of {event.size:,} bytes]" if kept < event.size else ""
    failed = "" if event.outcome is Outcome.OK else " [not sent: the call failed]"
    if isinstance(data, bytes):
        shown = f"{data[:_SHOWN]!r}{' and more' if len(data) > _SHOWN else ''}"
        return f"{event.size:,} bytes: {shown}{cut}{failed}"
    lost = " [not a plain message]" if event.flags & Flag.REPR else ""
    return data + cut + failed + lost


def _failure(exchange: Exchange) -> Iterator[str]:
    for event in exchange.events:
        content = event.content() if event.kind is Kind.RAISE else None
        if isinstance(content, dict):
            told = content.get("traceback") or f"{content.get('type')}: {content.get('message')}"
            yield ""
            yield str(told).rstrip("\n")


FORM: Final = Form("text", "a text to read", ".txt", "", frozenset(RowKind), write)
