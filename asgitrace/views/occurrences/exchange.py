"""Where a text occurs in one exchange."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from asgitrace.events import Kind
from asgitrace.store.model import Event, Exchange, RowKind, WireEvent
from asgitrace.views.body.bodies import Body
from asgitrace.views.fields import value_text
from asgitrace.views.occurrences.model import Occurrence, Parts, Query, occurrence
from asgitrace.views.occurrences.texts import found_in_body
from asgitrace.views.summary import message_body

Found = Iterator[Occurrence | None]
"""Occurrences, and None where others are to have their turn."""

_SLICE: Final = 100
"""Events that are looked through at a time."""
_MESSAGES: Final = ("websocket.receive", "websocket.send")
_HEADED: Final = ("headers", "trailers")
_BODIES: Final = ((Kind.RECEIVE, "request body"), (Kind.SEND, "response body"))
_DEEPEST: Final = 8


def occurrences(exchange: Exchange, query: Query) -> Found:
    """All of them, those of the head first. Raises NeedleError where it takes too long."""
    yield from _in_events(exchange, query)
    if Parts.BODIES in query.parts and exchange.row.kind is not RowKind.PROCESS:
        yield from _in_bodies(exchange, query)


def note_occurrences(number: int, text: str, query: Query) -> Found:
    """Those in a note on the app's process."""
    if Parts.LOG in query.parts:
        for span in query.needle.spans(text):
            yield occurrence(number, "note on the process", text, span, "timeline")


def _in_events(exchange: Exchange, query: Query) -> Found:
    messages = 0
    for place, event in enumerate(exchange.events, start=1):
        messages += event.type in _MESSAGES
        read = _READERS.get(event.kind)
        if read is not None:
            yield from read(event, exchange.row.number, messages, query)
        if event.error and Parts.EXCEPTIONS in query.parts:
            yield from _strings(event.failure(), "call that failed", event, exchange, query)
        if place % _SLICE == 0:
            yield None
    if not exchange.events and Parts.SCOPE in query.parts:
        yield from _on_wire(exchange, query)


def _in_scope(event: Event, number: int, messages: int, query: Query) -> Found:
    scope = event.content()
    if Parts.SCOPE not in query.parts or not isinstance(scope, dict):
        return
    for name, value in scope.items():
        if name == "headers":
            yield from _in_headers(value, "request header", number, event, query)
        elif name == "query_string":
            yield from _in_text(_text(value), "query", number, "headers", event, query)
        elif name not in ("raw_path", "type", "asgi"):
            where = "path" if name == "path" else f"scope {value_text(name)}"
            yield from _in_text(_text(value), where, number, "headers", event, query)


def _in_message(event: Event, number: int, messages: int, query: Query) -> Found:
    content = event.content()
    if not isinstance(content, dict):
        return
    if event.type in _MESSAGES:
        if Parts.MESSAGES in query.parts:
            way = "in" if event.kind is Kind.RECEIVE else "out"
            data, _ = message_body(content)
            text = data.decode("utf-8", "replace")
            yield from _in_text(
                text, f"message {messages:,} {way}", number, "messages", event, query
            )
        return
    if Parts.SCOPE not in query.parts:
        return
    for name, value in content.items():
        if name in _HEADED:
            yield from _in_headers(value, "response header", number, event, query)
        elif name not in ("type", "body", "bytes", "text", "status") and value:
            where = f"{event.type} {value_text(name)}"
            yield from _in_text(_text(value), where, number, "timeline", event, query)


def _in_headers(headers: Any, where: str, number: int, event: Event, query: Query) -> Found:
    if not isinstance(headers, list | tuple):
        return
    for header in headers:
        if isinstance(header, list | tuple) and len(header) == 2:
            name, value = map(_text, header)
            yield from _in_text(
                f"{name}: {value}", f"{where} {name}", number, "headers", event, query
            )


def _in_exception(event: Event, number: int, messages: int, query: Query) -> Found:
    content = event.content()
    if Parts.EXCEPTIONS not in query.parts or not isinstance(content, dict):
        return
    for name, value in content.items():
        for text in _texts(value):
            where = f"exception {value_text(name)}"
            yield from _in_text(text, where, number, "timeline", event, query)


_READERS: Final[dict[Kind, Callable[[Event, int, int, Query], Found]]] = {
    Kind.SCOPE: _in_scope,
    Kind.RECEIVE: _in_message,
    Kind.SEND: _in_message,
    Kind.RAISE: _in_exception,
}
"""What looks through an event of each kind."""


def _strings(content: Any, where: str, event: Event, exchange: Exchange, query: Query) -> Found:
    for text in _texts(content):
        yield from _in_text(text, where, exchange.row.number, "timeline", event, query)


def _on_wire(exchange: Exchange, query: Query) -> Found:
    """What the server refused: nothing but the wire is known of it."""
    for event in exchange.wire:
        for text in _texts(event.content()):
            yield from _in_wire(text, event, exchange.row.number, query)
        yield None


def _in_wire(text: str, event: WireEvent, number: int, query: Query) -> Found:
    for span in query.needle.spans(text):
        yield occurrence(number, f"wire {event.wire.name.lower()}", text, span, "timeline")


def _in_bodies(exchange: Exchange, query: Query) -> Found:
    for kind, name in _BODIES:
        body = Body(kind)
        body.update(exchange)
        while body.behind:
            yield None
            body.update(exchange)
        event = next((each.index for each in exchange.events if _carries(each, kind)), None)
        for found in found_in_body(body, query.needle):
            if found is None:
                yield None
                continue
            place, text, span = found
            where = f"{name} @{place:,}"
            yield occurrence(exchange.row.number, where, text, span, "body", event)


def _carries(event: Event, kind: Kind) -> bool:
    return event.kind is kind and event.size > 0


def _in_text(text: str, where: str, number: int, tab: str, event: Event, query: Query) -> Found:
    for span in query.needle.spans(text):
        yield occurrence(number, where, text, span, tab, event.index)


def _text(value: Any) -> str:
    """A name or value of the network's or the app's as it is shown."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else value_text(value)


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(value, str | bytes):
        yield _text(value)
    elif depth < _DEEPEST and isinstance(value, dict):
        for held in value.values():
            yield from _texts(held, depth + 1)
    elif depth < _DEEPEST and isinstance(value, list | tuple):
        for held in value:
            yield from _texts(held, depth + 1)
