"""Fields of WebSocket messages, and of how a session was closed."""

from collections.abc import Iterable
from typing import Any, Final

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.filter.fields.events import having
from asgitrace.filter.fields.model import EventField, ExchangeField, Field, Narrowed
from asgitrace.filter.fields.payloads import Contents, messages
from asgitrace.filter.model import Mask
from asgitrace.filter.subject import Item, Subject, text_of
from asgitrace.filter.values import Type
from asgitrace.filter.view import View
from asgitrace.store.model import RowKind
from asgitrace.wire import CLOSE, Frame, Wire

_MESSAGES: Final = ("websocket.receive", "websocket.send")
_ABNORMAL: Final = 1006
_RESTART: Final = 1012
_OPCODES: Final = {"text": "a message of text", "binary": "a message of bytes"}
_WAYS: Final = {"in": "from the client", "out": "to the client"}
_BY: Final = {
    "client": "the client said so first, with a code or without",
    "app": "the app sent websocket.close first",
    "server": "the server did by itself: a time-out, an error, its end",
    "network": "nobody: the connection was lost without a close frame (1006)",
}


def _is_message(item: Item) -> bool:
    return item.event is not None and item.event.type in _MESSAGES


def _text(item: Item) -> Iterable[str]:
    return _told(item.content) if _is_message(item) else ()


def _told(content: dict[str, Any]) -> Iterable[str]:
    text = content.get("text")
    return (text,) if isinstance(text, str) else ()


def _opcode(item: Item) -> Iterable[str]:
    if not _is_message(item) or item.event is None:
        return ()
    return ("text" if item.event.flags & Flag.TEXT else "binary",)


def _way(item: Item) -> Iterable[str]:
    if not _is_message(item) or item.event is None:
        return ()
    return ("in" if item.event.kind is Kind.RECEIVE else "out",)


def _length(item: Item) -> Iterable[int]:
    return (item.event.size,) if item.event is not None and _is_message(item) else ()


def _closed_by(subject: Subject) -> Iterable[str]:
    """Who closed a session: whoever did it first, by what both sides tell."""
    if subject.row.kind is not RowKind.WEBSOCKET:
        return ()
    for item in subject.items:
        by = _app_side(item) if item.event is not None else _wire_side(item)
        if by:
            return (by,)
    return ()


def _app_side(item: Item) -> str:
    event = item.event
    if event is None or event.outcome is not Outcome.OK or event.pending:
        return ""
    if event.type == "websocket.close":
        return "app"
    if event.type != "websocket.disconnect":
        return ""
    return {_ABNORMAL: "network", _RESTART: "server"}.get(event.number, "client")


def _wire_side(item: Item) -> str:
    wire = item.wire
    if wire is None:
        return ""
    match wire.wire:
        case Wire.FRAME_IN if Frame.unpack(wire.number).opcode == CLOSE:
            return "client"
        case Wire.FRAME_OUT if Frame.unpack(wire.number).opcode == CLOSE:
            # The app's own close is an event before this one.
            return "server"
        case Wire.TIMEOUT | Wire.ERROR:
            return "server"
        case Wire.CLOSED | Wire.HALF_CLOSED:
            by = item.content.get("by", "client")
            return "server" if by == "server" else "network"
    return ""


def _reasons(subject: Subject) -> Iterable[str]:
    for item in subject.items:
        if item.event is not None and item.event.type in (
            "websocket.close",
            "websocket.disconnect",
        ):
            reason = text_of(item.content.get("reason"))
        elif _wire_side(item) and item.wire is not None and item.wire.wire is not Wire.CLOSED:
            data = item.content.get("data")
            reason = text_of(data[2:]) if isinstance(data, bytes) else None
        else:
            continue
        if reason:
            yield reason


def _sessions(view: View) -> Mask:
    found: Mask = view.column("kind") == RowKind.WEBSOCKET
    return found


FIELDS: Final[tuple[Field, ...]] = (
    EventField(
        name="ws.text", type=Type.TEXT, help="text of a WebSocket message",
        example=r'ws.text~/"op":\s*"sub/',
        columns=Contents(having(*_MESSAGES), messages(*_MESSAGES), _told), read=_text,
    ),
    EventField(
        name="ws.opcode", type=Type.CHOICE, help="kind of a WebSocket message",
        example="ws.opcode=binary", columns=Narrowed(having(*_MESSAGES)), read=_opcode,
        choices=_OPCODES,
    ),
    EventField(
        name="ws.dir", type=Type.CHOICE, help="which way a WebSocket message goes",
        example="type=ws ws.dir=in", columns=Narrowed(having(*_MESSAGES)), read=_way,
        choices=_WAYS,
    ),
    EventField(
        name="ws.len", type=Type.SIZE, help="bytes of a WebSocket message", example="ws.len>64k",
        columns=Narrowed(having(*_MESSAGES)), read=_length,
    ),
    ExchangeField(
        name="close.by", type=Type.CHOICE, help="who closed a WebSocket",
        example="close.code=1011 close.by!=client", columns=Narrowed(_sessions), read=_closed_by,
        choices=_BY,
    ),
    ExchangeField(
        name="close.reason", type=Type.TEXT, help="reason given when a WebSocket was closed",
        example="close.reason:policy", columns=Narrowed(_sessions), read=_reasons,
    ),
)  # fmt: skip
