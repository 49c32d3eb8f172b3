"""Fields of the wire: what the server saw and wrote beneath the ASGI events."""

from collections.abc import Callable, Iterable
from typing import Final

from asgitrace.filter.fields.model import EventField, ExchangeField, Field, Narrowed, wired
from asgitrace.filter.subject import WIRE_NAMES, Item, Subject, text_of
from asgitrace.filter.values import Type
from asgitrace.wire import BINARY, CLOSE, OUTBOUND, PING, PONG, TEXT, Frame, Wire

_OPCODES: Final = {
    0: ("continuation", "a further part of a message"),
    TEXT: ("text", "a message of text, or its first part"),
    BINARY: ("binary", "a message of bytes, or its first part"),
    CLOSE: ("close", "the end of the session"),
    PING: ("ping", "a question whether the other is there"),
    PONG: ("pong", "the answer to a ping"),
}
_FRAMES: Final = (Wire.FRAME_IN, Wire.FRAME_OUT)
_ALONE: Final = (Wire.OPENED, Wire.CLOSED, Wire.HALF_CLOSED, Wire.ERROR, Wire.TIMEOUT, Wire.REFUSED)
"""What happens in the server, or to the connection: it goes neither way."""

_STATUSES: Final = (Wire.RESPONSE, Wire.INFORMATIONAL, Wire.REFUSED, Wire.ERROR)
_TROUBLE: Final = (Wire.ERROR, Wire.REFUSED, Wire.CLOSED)
_WAYS: Final = {"in": "from the client", "out": "to the client"}


def _name(item: Item) -> Iterable[str]:
    return () if item.wire is None else (WIRE_NAMES[item.wire.wire],)


def _way(item: Item) -> Iterable[str]:
    wire = item.wire
    if wire is None or wire.wire in _ALONE:
        return ()
    return ("out" if wire.wire in OUTBOUND else "in",)


def _size(item: Item) -> Iterable[int]:
    return () if item.wire is None else (item.wire.size,)


def _wait(item: Item) -> Iterable[int]:
    wire = item.wire
    if wire is None or wire.wire not in OUTBOUND or wire.accepted is None:
        return ()
    return (wire.accepted - wire.at,)


def _status(item: Item) -> Iterable[int]:
    wire = item.wire
    found = wire is not None and wire.wire in _STATUSES and wire.number
    return (found,) if found else ()


def _frame(item: Item) -> Frame | None:
    wire = item.wire
    return Frame.unpack(wire.number) if wire is not None and wire.wire in _FRAMES else None


def _opcode(item: Item) -> Iterable[str]:
    frame = _frame(item)
    return () if frame is None or frame.opcode not in _OPCODES else (_OPCODES[frame.opcode][0],)


def _fact(holds: Callable[[Frame], bool]) -> Callable[[Item], Iterable[str]]:
    def read(item: Item) -> Iterable[str]:
        frame = _frame(item)
        return ("yes",) if frame is not None and holds(frame) else ()

    return read


def _told(key: str, *wires: Wire) -> Callable[[Item], Iterable[str]]:
    def read(item: Item) -> Iterable[str]:
        text = None
        if item.wire is not None and item.wire.wire in wires:
            text = text_of(item.content.get(key))
        return (text,) if text else ()

    return read


def _connection(key: str) -> Callable[[Subject], Iterable[str]]:
    def read(subject: Subject) -> Iterable[str]:
        exchange = subject.exchange
        connection = None if exchange is None else exchange.connection
        text = "" if connection is None else str(getattr(connection, key))
        return (text,) if text else ()

    return read


_WIRED: Final = Narrowed(wired)

FIELDS: Final[tuple[Field, ...]] = (
    EventField(
        name="wire", type=Type.TEXT, help="event of the wire", example="wire=timeout",
        columns=_WIRED, read=_name, usual=tuple(WIRE_NAMES.values()),
    ),
    EventField(
        name="wire.dir", type=Type.CHOICE, help="which way an event of the wire goes",
        example="any(wire.dir=out wire.size>64k)", columns=_WIRED, read=_way, choices=_WAYS,
    ),
    EventField(
        name="wire.size", type=Type.SIZE, help="bytes of an event of the wire",
        example="any(wire=frame_in wire.size>64k)", columns=_WIRED, read=_size,
    ),
    EventField(
        name="wire.wait", type=Type.DURATION, help="how long the socket took to take what was sent",
        example="wire.wait>100ms", columns=_WIRED, read=_wait,
    ),
    EventField(
        name="wire.status", type=Type.STATUS, help="status of a head that went out, or a refusal",
        example="wire.status=1xx", columns=_WIRED, read=_status,
    ),
    EventField(
        name="wire.opcode", type=Type.CHOICE, help="opcode of a WebSocket frame",
        example="count(wire.opcode=ping)>3", columns=_WIRED, read=_opcode,
        choices=dict(_OPCODES.values()),
    ),
    EventField(
        name="wire.compressed", type=Type.FLAG, help="a WebSocket frame that was compressed",
        example="type=ws -wire.compressed", columns=_WIRED, read=_fact(lambda frame: frame.rsv1),
    ),
    EventField(
        name="wire.fragment", type=Type.FLAG, help="a WebSocket frame that is a part of a message",
        example="wire.fragment", columns=_WIRED,
        read=_fact(lambda frame: not frame.fin or frame.opcode == 0),
    ),
    EventField(
        name="wire.error", type=Type.TEXT,
        help="text of an error, of a refusal, or of the end of the connection",
        example="wire.error:content-length", columns=_WIRED, read=_told("text", *_TROUBLE),
    ),
    EventField(
        name="wire.timeout", type=Type.TEXT, help="what the server waited for too long",
        example="wire.timeout=pong", columns=_WIRED, read=_told("what", Wire.TIMEOUT),
        usual=("request head", "request body", "next request", "pong", "close"),
    ),
    ExchangeField(
        name="peer", type=Type.TEXT, help="address and port at the other end of its connection",
        example="peer:127.0.0.1", columns=_WIRED, read=_connection("peer"),
    ),
    ExchangeField(
        name="tls", type=Type.TEXT, help="version, cipher and protocol of its connection",
        example="tls:TLSv1.2", columns=_WIRED, read=_connection("tls"),
    ),
)  # fmt: skip
