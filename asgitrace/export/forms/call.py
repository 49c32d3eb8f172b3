"""What a client did in an exchange, as far as it can be done again: read from the records, for
every form of code."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.export.forms.place import Place, place_of, scope_of, target_of
from asgitrace.store.model import Event, Exchange
from asgitrace.words import counted

Headers = tuple[tuple[bytes, bytes], ...]

_HOP_BY_HOP: Final = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
        b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
        b"http2-settings",
    }
)  # fmt: skip
"""Of one connection, not of the request (RFC 9110 section 7.6.1)."""
_COMPUTED: Final = frozenset({b"content-length", b"expect"})
"""A client makes them itself."""
_HANDSHAKE: Final = frozenset(
    {
        b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-extensions",
        b"sec-websocket-protocol", b"sec-websocket-accept",
    }
)  # fmt: skip
_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_VALUE: Final = re.compile(rb"[^\x00\r\n]*+\Z")
_METHOD: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")


@dataclass(frozen=True, slots=True)
class Call:
    """A request, without what belongs to its connection or what every client makes itself."""

    method: str
    place: Place
    target: bytes
    version: str
    """``1.0``, ``1.1`` or ``2``."""
    headers: Headers
    """In their order, those that come several times included; Host only where it is another one
    than the place's."""
    body: bytes
    has_body: bool
    """Whether there was one, if only an empty one."""
    streams: bool
    """Whether the answer comes piece by piece, and may never end."""
    notes: tuple[str, ...]
    """What is not as it was: sentences of letters, digits and ``.,:-`` only."""

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header; None where there is none."""
        return next((value for found, value in self.headers if found.lower() == name), None)


def call_of(exchange: Exchange, address: str) -> Call:
    """What the client of an HTTP request, or of a WebSocket's handshake, sent."""
    scope = scope_of(exchange)
    place = place_of(address, scope)
    target, exact = target_of(exchange, scope)
    given = tuple(pairs(scope.get("headers")))
    headers, left_out = _own(given, place)
    method = scope.get("method")
    body, notes = _body(exchange, given)
    if left_out:
        notes.append(f"Left out: {counted(left_out, 'header')} that no client can send.")
    if not exact and scope.get("root_path"):
        notes.append("The path has root-path in it: take it out where the server adds it.")
    if not isinstance(method, str) or not _METHOD.match(method):
        method = "GET"
    version = scope.get("http_version")
    return Call(
        method=method,
        place=place,
        target=target,
        version=version if isinstance(version, str) else "1.1",
        headers=headers,
        body=body,
        has_body=bool(body) or any(name.lower() == b"content-length" for name, _ in given),
        streams=exchange.row.mime == "text/event-stream",
        notes=tuple(notes),
    )


def pairs(headers: object) -> Iterator[tuple[bytes, bytes]]:
    """The headers of a scope or message, of which a trace may hold anything."""
    for entry in headers if isinstance(headers, list) else ():
        match entry:
            case [bytes() as name, bytes() as value]:
                yield name, value


def _own(headers: Headers, place: Place) -> tuple[Headers, int]:
    """The headers that a client gives itself, and how many cannot be given."""
    named = {
        name.strip().lower()
        for found, value in headers
        if found.lower() == b"connection"
        for name in value.split(b",")
    }
    kept, left_out = [], 0
    for name, value in headers:
        lower = name.lower()
        if lower in _HOP_BY_HOP | _COMPUTED | _HANDSHAKE or lower in named:
            continue
        if lower == b"host" and value == place.authority.encode():
            continue
        if not _TOKEN.match(name) or not _VALUE.match(value):
            left_out += 1
            continue
        kept.append((name, value))
    return tuple(kept), left_out


def _body(exchange: Exchange, headers: Headers) -> tuple[bytes, list[str]]:
    """The body as far as the app received it, and what is missing of it."""
    chunks = [event for event in received(exchange) if event.type == "http.request"]
    body = b"".join(data for event in chunks if isinstance(data := payload(event), bytes))
    size = sum(event.size for event in chunks)
    notes = list(losses(exchange, chunks))
    if len(body) < size:
        notes.append(f"The body is cut: {len(body):,} of {size:,} bytes were recorded.")
    elif not any(event.flags & Flag.MORE == 0 for event in chunks):
        announced = _announced(headers)
        if announced is not None and announced > size:
            notes.append(f"The app received {size:,} of {announced:,} bytes of the body.")
        elif chunks:
            notes.append(f"The app did not receive the end of the body after {size:,} bytes.")
    return body, notes


def _announced(headers: Headers) -> int | None:
    for name, value in headers:
        if name.lower() == b"content-length" and re.fullmatch(rb"[0-9]{1,18}", value):
            return int(value)
    return None


def received(exchange: Exchange) -> Iterator[Event]:
    """The messages that came to the app, in their order."""
    found = (
        event
        for event in exchange.events
        if event.kind is Kind.RECEIVE and event.returned is not None
        if event.outcome is Outcome.OK
    )
    return iter(sorted(found, key=lambda event: event.returned or 0))


def payload(event: Event) -> str | bytes | None:
    """The text or the bytes that a message carries; None where it carries none, or was not
    recorded."""
    content = event.content()
    if not isinstance(content, dict):
        return None
    for key in ("text", "body", "bytes"):
        held: Any = content.get(key)
        if isinstance(held, str if key == "text" else bytes):
            return held
    return None


def losses(exchange: Exchange, events: Iterable[Event]) -> Iterator[str]:
    """What was not recorded of messages."""
    if exchange.missed:
        yield f"Parts may be missing: {counted(exchange.missed, 'event')} no longer there."
    lost = sum(bool(event.flags & (Flag.OVERSIZE | Flag.REPR)) for event in events)
    if lost:
        yield f"Left out: {counted(lost, 'message')} that could not be recorded."
