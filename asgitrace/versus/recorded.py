"""Exchanges of a trace as what a client did in them."""

from collections.abc import Iterator
from typing import Any, Final

from asgitrace.errors import TraceFileError
from asgitrace.events import Flag, Kind
from asgitrace.export.forms.call import pairs, payload
from asgitrace.export.forms.session import TOKEN, subprotocols
from asgitrace.library import LoadedExchange, LoadedTrace
from asgitrace.store import Event, RowKind
from asgitrace.versus.plays import (
    LOST,
    TAG,
    Close,
    Drop,
    Headers,
    Hear,
    HearEnd,
    HttpPlay,
    Play,
    Say,
    Step,
    WebSocketPlay,
)

_OURS: Final = frozenset(
    {
        b"host", b"connection", b"content-length", b"transfer-encoding", b"expect", b"upgrade",
        b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-protocol",
        b"sec-websocket-extensions", TAG,
    }
)  # fmt: skip
"""Headers that the player writes itself."""
_MOST: Final = 200
"""Exchanges of a trace that are played."""
_NO_CODE: Final = frozenset({1005, LOST, 1015})
"""Codes that no close frame has."""


def plays_of(trace: LoadedTrace) -> tuple[list[Play], int]:
    """What the clients of a trace did, the first 200 requests and WebSockets, and how many are left
    out: those behind them, those whose content was not recorded whole, and those that no client of
    HTTP/1.1 could send.

    Raises TraceFileError where nothing is left.
    """
    plays: list[Play] = []
    left_out = 0
    for exchange in trace:
        if exchange.kind not in (RowKind.HTTP, RowKind.WEBSOCKET):
            continue
        play = _play(exchange) if len(plays) < _MOST else None
        if play is None:
            left_out += 1
        else:
            plays.append(play)
    if not plays:
        raise TraceFileError(
            "The trace has no request that was recorded whole; nothing is compared."
        )
    return plays, left_out


def _play(exchange: LoadedExchange) -> Play | None:
    scope = exchange.scope
    target, headers, method = _target(scope), _headers(scope), _method(scope)
    cut = any(
        event.flags & (Flag.TRUNCATED | Flag.OVERSIZE | Flag.REPR) for event in _received(exchange)
    )
    if cut or target is None or headers is None or method is None:
        return None
    name = f"#{exchange.number} {exchange.method} {exchange.path}"
    if exchange.kind is RowKind.WEBSOCKET:
        offered = tuple(subprotocols(scope.get("subprotocols")))
        return WebSocketPlay(name, target, headers, offered, tuple(_steps(exchange)))
    pieces = tuple(
        body
        for message in exchange.received
        if message.get("type") == "http.request"
        and isinstance(body := message.get("body", b""), bytes)
    )
    given = {name.lower() for name, _ in pairs(scope.get("headers"))}
    return HttpPlay(
        name,
        target,
        method,
        headers,
        pieces if any(pieces) or b"content-length" in given else (),
        chunked=b"transfer-encoding" in given and any(pieces),
        expect=b"expect" in given and any(pieces),
        version=b"1.0" if scope.get("http_version") == "1.0" else b"1.1",
    )


def _received(exchange: LoadedExchange) -> Iterator[Event]:
    return (event for event in exchange.events if event.kind in (Kind.RECEIVE, Kind.SCOPE))


def _target(scope: dict[str, Any]) -> bytes | None:
    raw, query = scope.get("raw_path"), scope.get("query_string")
    if not isinstance(raw, bytes) or not raw:
        path = scope.get("path")
        raw = path.encode("utf-8", "surrogateescape") if isinstance(path, str) else b""
        raw = b"".join(
            bytes([byte]) if 0x21 <= byte < 0x7F and byte not in b"?#%" else b"%%%02X" % byte
            for byte in raw
        )
    target = raw.partition(b"?")[0] + (b"?" + query if isinstance(query, bytes) and query else b"")
    return target if target and _is_plain(target, spaces=False) else None


def _headers(scope: dict[str, Any]) -> Headers | None:
    found = []
    for name, value in pairs(scope.get("headers")):
        if name.lower() in _OURS or name.startswith(b":"):
            continue
        if not TOKEN.match(name.decode("latin-1")) or not _is_plain(value, spaces=True):
            return None
        found.append((name, value))
    return tuple(found)


def _method(scope: dict[str, Any]) -> bytes | None:
    method = scope.get("method", "GET")
    return method.encode() if isinstance(method, str) and TOKEN.match(method) else None


def _is_plain(data: bytes, *, spaces: bool) -> bool:
    """Whether a line can have it: no control characters."""
    return all((byte >= 0x20 if spaces else byte > 0x20) and byte != 0x7F for byte in data)


def _steps(exchange: LoadedExchange) -> Iterator[Step]:
    """What the client said, and what it had heard before; then how it ended."""
    moments = sorted(exchange.events, key=lambda event: (_moment(event), event.index))
    heard = waiting = 0
    for event in moments:
        if event.type == "websocket.send":
            waiting += 1
        elif event.type == "websocket.close":
            break
        elif event.type in ("websocket.receive", "websocket.disconnect"):
            if waiting:
                heard += waiting
                waiting = 0
                yield Hear(heard)
            yield from _said(event)
            if event.type == "websocket.disconnect":
                return
    yield HearEnd()


def _moment(event: Event) -> int:
    if event.kind is Kind.RECEIVE and event.returned is not None:
        return event.returned
    return event.called


def _said(event: Event) -> Iterator[Step]:
    if event.type == "websocket.receive":
        data = payload(event)
        if data is not None:
            yield Say(_sound(data) if isinstance(data, str) else data)
        return
    content = event.content()
    message = content if isinstance(content, dict) else {}
    code, reason = message.get("code"), message.get("reason")
    if code == LOST:
        yield Drop()
    elif isinstance(code, int) and 1000 <= code < 5000 and code not in _NO_CODE:
        # A close frame has 123 bytes for it: 30 characters always fit.
        yield Close(code, _sound(reason[:30]) if isinstance(reason, str) else "")
    else:
        yield Close(0)


def _sound(text: str) -> str:
    """Text as UTF-8 can have it: a trace may hold halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode()
