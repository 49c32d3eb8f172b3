"""What the app was called with, and what it answered: scope, headers, trailers."""

from typing import Any, Final

from asgitrace.events import Kind
from asgitrace.store.model import Connection, Event, Exchange
from asgitrace.views.fields import Field, header_fields, heading, value_text
from asgitrace.views.marks import Progress

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
_MOST_ANSWERS: Final = 200


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
        return len(self._found) > before

    def fields(self) -> list[Field]:
        """Status, headers and trailers in the order in which they were sent."""
        fields: list[Field] = []
        for event in self._found:
            if fields:
                fields.append(heading(""))
            fields += _answer(event)
        return fields or [heading("Response"), Field("", "nothing sent yet", "faint")]


def _answer(event: Event) -> list[Field]:
    content = event.content()
    title = event.type or ""
    if not isinstance(content, dict):
        return [heading(title), Field("", value_text(content), "warn")]
    rest = {key: held for key, held in content.items() if key not in ("type", "headers")}
    if event.type == "http.response.start":
        title = f"Response headers  {value_text(rest.pop('status', '?'))}"
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
