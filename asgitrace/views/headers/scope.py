"""A scope: what a server tells the app of the connection."""

from typing import Any, Final

from asgitrace.store.model import Connection, Process
from asgitrace.views.fields import Field, heading, value_text
from asgitrace.words import counted

FACTS: Final = {
    "type": "which protocol the scope is of: http, websocket or lifespan",
    "asgi": "versions of ASGI and of the specification of this protocol",
    "http_version": "of the request, as the server understood it",
    "method": "in capitals, whatever was sent",
    "scheme": "as the server, or a proxy it trusts, has it",
    "path": "decoded: escapes undone, UTF-8 read; with root_path in front of it",
    "raw_path": "the bytes of the path before they were decoded, without the query string",
    "query_string": "the bytes behind the question mark, not decoded",
    "root_path": "where the app is mounted; path begins with it",
    "client": "address and port of the peer, or what a trusted proxy says it is",
    "server": "address and port that took the connection, or a Unix socket's path",
    "subprotocols": "those the client offers, in its order",
}
"""The specification's keys in its order, and what they are."""
TARGET: Final = frozenset({"path", "raw_path", "query_string", "root_path"})
_MAPPINGS: Final = {
    "extensions": "what the server can do besides; an app may only use what is named here",
    "state": "what lifespan put there, copied for this exchange",
}


def scope_fields(scope: Any, *, without: frozenset[str] = frozenset()) -> list[Field]:
    """A scope: the specification's keys in their order, then whatever else is in it; no headers.
    The keys ``without`` are told elsewhere."""
    if not isinstance(scope, dict):
        return [Field("scope", value_text(scope))]
    fields = [heading("Scope")]
    fields += [
        fact(key, scope[key], about) for key, about in FACTS.items()
        if key in scope and key not in without
    ]  # fmt: skip
    for key, about in _MAPPINGS.items():
        fields += _mapping(key, scope[key], about) if key in scope else []
    rest = {
        key: value
        for key, value in scope.items()
        if key not in FACTS and key not in _MAPPINGS and key != "headers"
    }
    if rest:
        fields += [heading(""), heading("Added to the scope by the server or middleware")]
        fields += [fact(key, value) for key, value in rest.items()]
    return fields


def fact(key: Any, value: Any, about: str = "") -> Field:
    """One key with its value."""
    if key in ("client", "server") and isinstance(value, list) and len(value) == 2:
        shown = ":".join(value_text(part) for part in value if part is not None)
        return Field(key, shown, about=about)
    if value is None or value in ("", b"", []):
        shown = "None" if value is None else "(empty)"
        return Field(value_text(key), shown, "faint", about=about)
    return Field(value_text(key), value_text(value), about=about)


def _mapping(key: str, value: Any, about: str) -> list[Field]:
    if not isinstance(value, dict) or not value:
        return [fact(key, value if value else None if value is None else "", about)]
    if key == "state":
        return [Field(f"{key}.{value_text(name)}", value_text(held), about=about)
                for name, held in value.items()]  # fmt: skip
    # Their names are long, and most of them hold nothing.
    names = (
        value_text(name) + (f"  {value_text(held)}" if held != {} else "")
        for name, held in value.items()
    )
    return [Field("" if at else key, name, about=about) for at, name in enumerate(names)]


def process_fields(process: Process) -> list[Field]:
    """Which of several processes recorded an exchange."""
    return [
        Field("worker", str(process.worker)),
        Field("pid", str(process.pid)),
        Field("app", process.target or "(unknown)"),
        Field("server", process.server or "(unknown)"),
    ]


def connection_fields(connection: Connection) -> list[Field]:
    """Which connection an exchange came over."""
    worker = connection.process.worker
    number = f"{connection.number} of worker {worker}" if worker else str(connection.number)
    fields = [
        Field("number", f"{number}, {counted(connection.requests, 'request')}"),
        Field("peer", connection.peer or "(unknown)"),
        Field("local", connection.local or "(unknown)"),
        Field("TLS", connection.tls or "none", "text" if connection.tls else "faint"),
    ]
    if connection.end:
        fields.append(Field("ended", connection.end))
    return fields
