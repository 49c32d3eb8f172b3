"""Where the two sides of the ASGI boundary differ: what the app gave and what the wire made of it,
what came and what the app got."""

from dataclasses import dataclass
from typing import Any, Final

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.store.model import Event, Exchange, State, WireEvent
from asgitrace.views.clean import clean_bytes
from asgitrace.views.endings import connection_end
from asgitrace.views.pairing import DISCONNECTS, Pairing
from asgitrace.views.units import format_duration, format_size
from asgitrace.views.wire_words import close_parts
from asgitrace.wire import CLOSE, Frame, Wire
from asgitrace.words import counted

NOTED_WAIT_NS: Final = 10_000_000
"""From here on waiting is worth a word."""
LONG_WAIT_NS: Final = 100_000_000
"""From here on it is worth a colour."""
_MOST_NAMES: Final = 12
_LONGEST: Final = 80
_LONGEST_NUMBER: Final = 20
_USUAL: Final = frozenset({b"date", b"server"})
"""Headers that every response gets."""
_WITHOUT_CONTENT: Final = frozenset({204, 205, 304})

_Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference, in a sentence and in a few words; all of it cleaned."""

    sentence: str
    short: str
    """Empty where it is not worth a mark."""
    grave: bool
    """Otherwise it is as it should be, and only good to know."""


def of_event(event: Event, exchange: Exchange, pairing: Pairing) -> list[Discrepancy]:
    """What differs about an event of the app's side."""
    wires = [exchange.wire[index] for index in pairing.wires.get(event.index, ())]
    if not wires and (not exchange.wire or (exchange.missed or exchange.wire_missed)):
        # What is not known to have happened may have been overwritten.
        return []
    if event.kind is Kind.RECEIVE:
        return _received_late(event, wires)
    if event.kind in (Kind.RETURN, Kind.RAISE):
        return _cut(exchange)
    if event.kind is not Kind.SEND or event.pending:
        return []
    if event.outcome is not Outcome.OK:
        return [] if wires else _failed(event)
    match event.type:
        case "websocket.close":
            return _close(event, wires, exchange, pairing)
        case "http.response.start" | "websocket.http.response.start":
            return _start(event, wires)
        case "http.response.body" | "websocket.http.response.body":
            return _body(event, wires, exchange)
        case "websocket.send" if not wires and exchange.row.state is not State.OPEN:
            return [Discrepancy("This message never went out.", "never went out", True)]
    return []


def of_wire(wire: WireEvent, exchange: Exchange, pairing: Pairing) -> list[Discrepancy]:
    """What differs about an event of the wire."""
    found = _waited(wire, exchange)
    partners = pairing.events.get(wire.index, ())
    # A disconnect tells of the frame; it did not make it.
    known = any(exchange.events[index].type not in DISCONNECTS for index in partners)
    if known or exchange.missed or exchange.wire_missed:
        return found
    over = exchange.row.state is not State.OPEN
    called = bool(exchange.events)
    frame = Frame.unpack(wire.number)
    match wire.wire:
        case Wire.RESPONSE if called:
            found.append(_own(f"The server answered {wire.number} by itself."))
        case Wire.FRAME_OUT if frame.opcode == CLOSE and not _answers(wire, pairing):
            code, _ = close_parts(wire.content())
            found.append(_own(f"The server closed with {code} by itself."))
        case Wire.FRAME_IN if not frame.is_control and over and called:
            found.append(_unread("The app never received this message.", True))
        case Wire.REQUEST_BODY if over and called:
            found.append(_unread("The app never received these bytes.", False))
    return found


def _answers(close: WireEvent, pairing: Pairing) -> bool:
    """Whether the peer had sent its close frame before."""
    return pairing.closed_by_peer is not None and pairing.closed_by_peer < close.index


def _waited(wire: WireEvent, exchange: Exchange) -> list[Discrepancy]:
    if wire.accepted is None:
        text = "The socket has not taken it yet."
        return [Discrepancy(text, "not taken by the socket", True)]
    wait = wire.accepted - wire.at
    if wait < NOTED_WAIT_NS:
        return []
    took = format_duration(wait)
    text = f"The socket took it {took} after it was made."
    return [Discrepancy(text, f"socket: {took} later", wait >= LONG_WAIT_NS)]


def _received_late(event: Event, wires: list[WireEvent]) -> list[Discrepancy]:
    if event.returned is None or not wires:
        return []
    wait = event.returned - max(wire.at for wire in wires)
    if wait < NOTED_WAIT_NS:
        return []
    took = format_duration(wait)
    text = f"It waited {took} in the server for the app to receive it."
    return [Discrepancy(text, f"{took} in the server", wait >= LONG_WAIT_NS)]


def _close(
    event: Event, wires: list[WireEvent], exchange: Exchange, pairing: Pairing
) -> list[Discrepancy]:
    given = event.number or 1000
    for wire in wires:
        if wire.wire is Wire.RESPONSE and given == 1000:
            return [Discrepancy(f"Before accept a close is a {wire.number}.", "", False)]
        if wire.wire is Wire.RESPONSE:
            text = f"Close code {given} never went out: before accept it is a {wire.number}."
            return [_unsent(given, text)]
        if wire.wire is Wire.FRAME_OUT:
            code, _ = close_parts(wire.content())
            same = code == given or (code is None and given == 1005)
            text = f"The app closed with {given}, {code} went out."
            return [] if same else [Discrepancy(text, f"{code} went out", True)]
    if pairing.closed_by_peer is not None:
        at = exchange.wire[pairing.closed_by_peer].at
        if at <= event.called:
            text = f"Close code {given} never went out: the peer had closed before."
            return [_unsent(given, text)]
    return [_unsent(given, f"Close code {given} never went out.")]


def _unsent(code: int, sentence: str) -> Discrepancy:
    return Discrepancy(sentence, f"{code} never went out", True)


def _own(sentence: str) -> Discrepancy:
    return Discrepancy(sentence, "the server's own", True)


def _unread(sentence: str, grave: bool) -> Discrepancy:
    return Discrepancy(sentence, "never received", grave)


# Responses


def _body(event: Event, wires: list[WireEvent], exchange: Exchange) -> list[Discrepancy]:
    if not event.size:
        return []
    pieces = [wire.size for wire in wires if wire.wire is Wire.RESPONSE_BODY]
    went = sum(pieces)
    if went >= event.size:
        return []
    size = counted(event.size, "byte")
    if went:
        text = f"Only {went:,} of {size} went out: no more was announced."
        return [Discrepancy(text, f"only {format_size(went)} went out", True)]
    status = exchange.row.status
    if exchange.row.method == "HEAD":
        why = "a response to HEAD has no content."
    elif status in _WITHOUT_CONTENT:
        why = f"a {status} has no content."
    else:
        return [Discrepancy(f"{size} never went out.", "never went out", True)]
    short = f"{format_size(event.size)} dropped"
    return [Discrepancy(f"{size} dropped: {why}", short, exchange.row.method != "HEAD")]


def _failed(event: Event) -> list[Discrepancy]:
    """What a call was to send that failed, and nothing came of it."""
    if not event.size:
        return []
    text = f"{counted(event.size, 'byte')} of this call never went out: it failed."
    return [Discrepancy(text, "never went out", True)]


def _cut(exchange: Exchange) -> list[Discrepancy]:
    """A response that was over before its end (RFC 9112 section 8)."""
    heads = [wire for wire in exchange.wire if wire.wire is Wire.RESPONSE]
    if exchange.wire_missed or not heads or not heads[-1].flags & Flag.MORE:
        return []
    rest = exchange.wire[heads[-1].index + 1 :]
    if any(wire.wire is Wire.RESPONSE_END for wire in rest):
        return []
    pieces = [wire for wire in rest if wire.wire is Wire.RESPONSE_BODY]
    fields = _by_name(head_headers(heads[-1].content()) or [])
    if b"transfer-encoding" in fields:
        if pieces and not pieces[-1].flags & Flag.MORE:
            return []
        missing, short = "its last chunk never went out", "cut: no last chunk"
    else:
        announced, went = _length(fields), sum(wire.size for wire in pieces)
        if went >= announced:
            return []
        missing = (
            f"{announced - went:,} of the {counted(announced, 'byte')} announced never went out"
        )
        short = f"cut: {format_size(announced - went)} missing"
    end = connection_end(exchange)
    by_client = end is not None and end.content().get("by") == "client"
    why = "the client closed the connection" if by_client else "the connection was closed"
    return [Discrepancy(f"The response was cut: {missing}, {why}.", short, not by_client)]


def _length(fields: dict[bytes, list[bytes]]) -> int:
    """The Content-Length; 0 where none is known, so that nothing is missed."""
    values = fields.get(b"content-length", [])
    value = values[0] if values else b""
    return int(value) if value.isdigit() and len(value) < _LONGEST_NUMBER else 0


def _start(event: Event, wires: list[WireEvent]) -> list[Discrepancy]:
    heads = [wire for wire in wires if wire.wire is Wire.RESPONSE]
    if not heads:
        return []
    given = _given_headers(event.content())
    sent = head_headers(heads[0].content())
    if given is None or sent is None:
        return []
    added, removed, changed = compare(given, sent)
    found = []
    for verb, sign, names, grave in (
        ("added", "+", added, False),
        ("removed", "-", removed, True),
        ("changed", "changed ", changed, True),
    ):
        if names:
            shown = ", ".join(clean_bytes(name[:_LONGEST]) for name in names[:_MOST_NAMES])
            rest = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            unusual = [name for name in names[:_MOST_NAMES] if grave or name not in _USUAL]
            short = " ".join(sign + clean_bytes(name[:_LONGEST]) for name in unusual)
            found.append(Discrepancy(f"The server {verb} {shown}{rest}.", short, grave))
    return found


def compare(given: _Headers, sent: _Headers) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Names of the headers that were added, removed and changed, in their order."""
    before = _by_name(given)
    after = _by_name(sent)
    added = [name for name in after if name not in before]
    removed = [name for name in before if name not in after]
    changed = [name for name, values in before.items() if after.get(name, values) != values]
    return added, removed, changed


def _by_name(headers: _Headers) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        found.setdefault(name.lower().strip(), []).append(value.strip(b" \t"))
    return found


def _given_headers(content: Any) -> _Headers | None:
    headers = content.get("headers", []) if isinstance(content, dict) else None
    if not isinstance(headers, list | tuple):
        return None
    return [
        (entry[0], entry[1])
        for entry in headers
        if isinstance(entry, list | tuple)
        and len(entry) == 2
        and isinstance(entry[0], bytes)
        and isinstance(entry[1], bytes)
    ]


def head_headers(content: dict[str, Any]) -> _Headers | None:
    """The header lines of a head as it went over the wire."""
    head = content.get("head")
    if not isinstance(head, bytes):
        return None
    lines = head.split(b"\r\n")[1:]
    pairs = (line.partition(b":") for line in lines if line)
    return [(name, value) for name, colon, value in pairs if colon]
