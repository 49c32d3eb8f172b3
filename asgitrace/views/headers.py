"""What the app was called with, and what it answered: scope, headers, trailers."""

from typing import Any, Final

from asgitrace.events import Kind
from asgitrace.store.model import Connection, Event, Exchange, WireEvent
from asgitrace.views.discrepancies import compare, head_headers
from asgitrace.views.fields import Field, header_fields, heading, value_text
from asgitrace.views.marks import INTO, Progress
from asgitrace.wire import Wire

_FACTS: Final = (
    "type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string",
    "root_path", "client", "server", "subprotocols",
)  # fmt: skip
_MAPPINGS: Final = ("extensions", "state")
_ANSWERS: Final = frozenset(
    {
        "http.response.start",
        "http.response.trailers",
        "http.response.early_hint",
        "http.response.push",
        "websocket.accept",
        "websocket.close",
        "websocket.disconnect",
        "websocket.http.response.start",
    }
)
_STARTS: Final = ("http.response.start", "websocket.http.response.start")
_MOST_ANSWERS: Final = 200
_MOST: Final = 100
"""Headers that are named as added, removed or changed."""
_OWN_HEADERS: Final = frozenset({b"date", b"server"})
"""What every server adds."""


def scope_fields(scope: Any) -> list[Field]:
    """A scope: the specification's keys in their order, then whatever else is in it."""
    if not isinstance(scope, dict):
        return [Field("scope", value_text(scope))]
    fields = [heading("Scope")]
    fields += [_fact(key, scope[key]) for key in _FACTS if key in scope]
    for key in _MAPPINGS:
        fields += _mapping(key, scope[key]) if key in scope else []
    known = {*_FACTS, *_MAPPINGS, "headers"}
    rest = {key: value for key, value in scope.items() if key not in known}
    if rest:
        fields += [heading(""), heading("Added to the scope by the server or middleware")]
        fields += [_fact(key, value) for key, value in rest.items()]
    return fields


def _fact(key: Any, value: Any) -> Field:
    if key in ("client", "server") and isinstance(value, list) and len(value) == 2:
        return Field(key, ":".join(value_text(part) for part in value if part is not None))
    if value is None or value in ("", b"", []):
        shown = "None" if value is None else "(empty)"
        return Field(value_text(key), shown, "faint")
    return Field(value_text(key), value_text(value))


def _mapping(key: str, value: Any) -> list[Field]:
    if not isinstance(value, dict) or not value:
        return [_fact(key, value if value else None if value is None else "")]
    return [
        Field(f"{key}.{value_text(name)}", value_text(held) if held != {} else "yes")
        for name, held in value.items()
    ]


def request_fields(exchange: Exchange) -> list[Field]:
    """Scope and request headers."""
    first = exchange.events[0] if exchange.events else None
    if first is None or first.kind is not Kind.SCOPE:
        return [heading("Scope"), Field("", "overwritten before it was read", "warn")]
    scope = first.content()
    fields = scope_fields(scope)
    if isinstance(scope, dict) and "headers" in scope:
        found = header_fields(scope["headers"])
        fields = [*_headed("Request headers", found), heading(""), *fields]
    if exchange.connection is not None:
        fields += [heading(""), heading("Connection"), *connection_fields(exchange.connection)]
    return fields


def _headed(title: str, fields: list[Field]) -> list[Field]:
    return [heading(title), *(fields or [Field("", "none", "faint")])]


class Answers:
    """The events of an exchange that say something of its response."""

    def __init__(self) -> None:
        self._found: list[Event] = []
        self._progress = Progress()
        self._pending: list[int] = []
        self._head: WireEvent | None = None
        """The head of the response as it was on the wire."""
        self._wire_seen = 0

    def broken(self, exchange: Exchange) -> bool:
        """Whether events went that had been taken in: then begin again with a new one."""
        return self._progress.broken(exchange)

    def update(self, exchange: Exchange) -> bool:
        """Take in what is new; True if there was something."""
        before = len(self._found)
        events = exchange.events
        waiting, self._pending = self._pending, []
        for index in (*waiting, *range(self._progress.seen, len(events))):
            event = events[index]
            if event.type is None and event.pending:
                self._pending.append(index)
            elif event.type in _ANSWERS and len(self._found) < _MOST_ANSWERS:
                self._found.append(event)
        self._progress.advance(exchange, len(events))
        return self._find_head(exchange) or len(self._found) > before

    def _find_head(self, exchange: Exchange) -> bool:
        wire = exchange.wire
        if self._head is not None:
            return False
        start = min(self._wire_seen, len(wire))
        heads = (event for event in wire[start:] if event.wire is Wire.RESPONSE)
        self._head = next(heads, None)
        self._wire_seen = len(wire)
        return self._head is not None

    def fields(self) -> list[Field]:
        """Status, headers and trailers in the order in which they were sent, and what the wire
        shows of the first head."""
        fields: list[Field] = []
        head = self._head
        if head is not None and not any(event.type in _STARTS for event in self._found):
            fields, head = _own_response(head), None
        for event in self._found:
            if fields:
                fields.append(heading(""))
            begins = event.type in _STARTS and head is not None
            fields += _answer(event, apart=begins)
            if head is not None and begins:
                fields += [heading(""), *_on_the_wire(event, head)]
                head = None
        return fields or [heading("Response"), Field("", "nothing sent yet", "faint")]


def _own_response(head: WireEvent) -> list[Field]:
    """A response that the app did not begin."""
    title = heading(f"On the wire  {head.number}, the server's own")
    headers = head_headers(head.content())
    if headers is None:
        return [title, Field("", "its headers were not recorded", "faint")]
    return [title, *header_fields([(name, value.strip(b" \t")) for name, value in headers])]


def _on_the_wire(event: Event, head: WireEvent) -> list[Field]:
    """What the server made of the headers that the app sent."""
    content = event.content()
    sent = head_headers(head.content())
    fields = [heading(f"On the wire  {head.number}")]
    if not isinstance(content, dict) or sent is None:
        return [*fields, Field("", "its headers were not recorded", "faint")]
    given = _pairs(content.get("headers", ()))
    status = content.get("status")
    added, removed, changed = compare(given, sent)
    if status == head.number and not removed and not changed and _OWN_HEADERS.issuperset(added):
        names = " and ".join(value_text(name) for name in added)
        return [*fields, Field("", f"as sent, with {names} added" if names else "as sent", "dim")]
    if status != head.number:
        fields.append(Field("status", f"{value_text(status)} {INTO} {head.number}", "warn"))
    fields += [_differs("removed", name, _values(given, name), "warn") for name in removed[:_MOST]]
    for name in changed[:_MOST]:
        shown = f"{_values(given, name)} {INTO} {_values(sent, name)}"
        fields.append(_differs("changed", name, shown, "warn"))
    return fields + [_differs("added", name, _values(sent, name), "text") for name in added[:_MOST]]


def _differs(verb: str, name: bytes, values: str, style: str) -> Field:
    return Field(verb, f"{value_text(name)}: {values}", style)


def _pairs(headers: Any) -> list[tuple[bytes, bytes]]:
    """Those headers that are pairs of bytes."""
    if not isinstance(headers, list | tuple):
        return []
    found = (tuple(entry) for entry in headers if isinstance(entry, list | tuple))
    return [
        (pair[0], pair[1])
        for pair in found
        if len(pair) == 2 and isinstance(pair[0], bytes) and isinstance(pair[1], bytes)
    ]


def _values(headers: list[tuple[bytes, bytes]], name: bytes) -> str:
    return ", ".join(
        value_text(value.strip(b" \t")) for key, value in headers if key.lower().strip() == name
    )


def _answer(event: Event, *, apart: bool = False) -> list[Field]:
    """A message of the app's; ``apart`` where what went over the wire is told beside it."""
    content = event.content()
    title = event.type or ""
    if not isinstance(content, dict):
        return [heading(title), Field("", value_text(content), "warn")]
    rest = {key: held for key, held in content.items() if key not in ("type", "headers")}
    if event.type == "http.response.start":
        as_sent = ", as the app sent them" if apart else ""
        title = f"Response headers{as_sent}  {value_text(rest.pop('status', '?'))}"
    elif event.type == "http.response.trailers":
        title = "Trailers"
    headers = header_fields(content["headers"]) if "headers" in content else []
    if "headers" in content and not headers:
        headers = [Field("", "none", "faint")]
    return [heading(title), *headers, *(_fact(key, held) for key, held in rest.items())]


def connection_fields(connection: Connection) -> list[Field]:
    """Which connection an exchange came over."""
    nth = f"{connection.requests} request{'' if connection.requests == 1 else 's'}"
    fields = [
        Field("number", f"{connection.number}, {nth}"),
        Field("peer", connection.peer or "(unknown)"),
        Field("local", connection.local or "(unknown)"),
        Field("TLS", connection.tls or "none", "text" if connection.tls else "faint"),
    ]
    if connection.end:
        fields.append(Field("ended", connection.end))
    return fields
