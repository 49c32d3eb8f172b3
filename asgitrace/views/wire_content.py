"""A step of the ladder in full: what happened on the wire, what the app saw of it, what differs."""

from collections.abc import Callable
from typing import Any, Final

from asgitrace.events import Kind
from asgitrace.store.model import Event, Exchange, WireEvent
from asgitrace.views.body.hexdump import HexLines
from asgitrace.views.clean import utf8_text
from asgitrace.views.content import data_lines, event_lines
from asgitrace.views.discrepancies import Discrepancy
from asgitrace.views.fields import Field, FieldLines, heading, value_text
from asgitrace.views.lines import Lines, Stack
from asgitrace.views.pairing import Pairing
from asgitrace.views.summary import CLOSE_CODES, is_printable
from asgitrace.views.timeline import type_text
from asgitrace.views.units import format_duration, format_offset
from asgitrace.views.wire_words import (
    WRONG,
    close_parts,
    cut_note,
    is_outbound,
    opcode_name,
    text_of,
    wire_words,
)
from asgitrace.views.wrap import TextLines
from asgitrace.wire import CLOSE, PING, Frame, Wire

_TITLES: Final = {
    Wire.OPENED: "connection opened",
    Wire.CLOSED: "connection closed",
    Wire.HALF_CLOSED: "the peer sends no more",
    Wire.ERROR: "protocol error",
    Wire.TIMEOUT: "time-out",
    Wire.REQUEST: "request head",
    Wire.REQUEST_BODY: "request content",
    Wire.REQUEST_END: "end of the request",
    Wire.REFUSED: "request refused",
    Wire.INFORMATIONAL: "informational response",
    Wire.RESPONSE: "response head",
    Wire.RESPONSE_BODY: "response content",
    Wire.RESPONSE_END: "end of the response",
    Wire.FRAME_IN: "frame from the peer",
    Wire.FRAME_OUT: "frame to the peer",
    Wire.BYTES_IN: "bytes from the peer",
    Wire.BYTES_OUT: "bytes to the peer",
}
_FRAMES: Final = (Wire.FRAME_IN, Wire.FRAME_OUT)
_SHOWN_APART: Final = frozenset({"head", "data", "trailers"})


def step_lines(
    event: Event | None,
    wire: WireEvent | None,
    exchange: Exchange,
    pairing: Pairing,
    start: int,
    differs: list[Discrepancy],
    *,
    wire_first: bool = False,
    told: Callable[[Event, int], Lines] = event_lines,
) -> Lines:
    """Both sides of a step in the order in which they happened, or the wire first, below what
    differs. ``told``: how much is told of the ASGI event."""
    parts: list[Lines] = []
    if differs:
        parts.append(FieldLines([Field("", each.sentence, _ink(each)) for each in differs]))
    sides: list[list[Lines]] = []
    if wire is not None:
        sides.append(wire_lines(wire, exchange, pairing, start))
    if event is not None:
        sides.append([told(event, start)])
    if wire is not None and is_outbound(wire) and not wire_first:
        sides.reverse()
    for side in sides:
        parts += [_blank(), *side] if parts else side
    return Stack(parts)


def _ink(found: Discrepancy) -> str:
    return "warn" if found.grave else "notice"


def _blank() -> Lines:
    return FieldLines([heading("")])


def wire_lines(
    wire: WireEvent, exchange: Exchange, pairing: Pairing | None, start: int
) -> list[Lines]:
    """An event of the wire with all that is known of it."""
    content = wire.content()
    style = "bad" if wire.wire in WRONG else "accent"
    fields = [Field(_TITLES[wire.wire], heading=True, style=style)]
    fields += _when(wire, start)
    fields += _facts(wire, content)
    if pairing is not None:
        fields += _partners(wire, exchange, pairing, start)
    if note := cut_note(wire):
        fields.append(Field("note", note, "warn"))
    parts: list[Lines] = [FieldLines(fields)]
    head, data = content.get("head"), content.get("data")
    if isinstance(head, bytes):
        parts += [FieldLines([heading(""), heading("as it went over the wire")])]
        parts += [TextLines(utf8_text(head))]
    if isinstance(data, bytes) and data:
        raw = wire.wire in (Wire.BYTES_IN, Wire.BYTES_OUT)
        title = "bytes" if raw else "payload"
        parts += [FieldLines([heading(""), heading(title)])]
        control = Frame.unpack(wire.number).is_control and wire.wire in _FRAMES
        as_hex = raw or (control and not is_printable(data))
        parts += [HexLines(data) if as_hex else data_lines(data)]
    return parts


def wire_text(wire: WireEvent) -> str:
    """What a copy of a wire event gives: its head, its payload, or what happened in words."""
    content = wire.content()
    for key in ("head", "data"):
        found = content.get(key)
        if isinstance(found, bytes) and found:
            return found.decode("utf-8", "replace")
    return "".join(text for text, _ in wire_words(wire))


def _when(wire: WireEvent, start: int) -> list[Field]:
    at = format_offset(wire.at - start)
    if is_outbound(wire) is not True or wire.wire is Wire.CLOSED:
        return [Field("when", f"seen at {at}", "dim")]
    made = Field("when", f"made at {at}", "dim")
    if wire.accepted is None:
        return [made, Field("socket", "has not taken it", "warn")]
    wait = wire.accepted - wire.at
    took = f"took it {format_duration(wait)} later" if wait else "took it at once"
    return [made, Field("socket", took, "dim")]


def _facts(wire: WireEvent, content: dict[str, Any]) -> list[Field]:
    fields: list[Field] = []
    if wire.wire in _FRAMES:
        fields += _frame_fields(wire, content)
    elif wire.size:
        fields.append(Field("size", f"{wire.size:,} bytes", "dim"))
    if wire.wire is Wire.REQUEST:
        fields.append(Field("request", f"number {wire.number} on its connection", "dim"))
    fields += [
        Field(value_text(key), value_text(value))
        for key, value in content.items()
        if key not in _SHOWN_APART and key != "inflated"
    ]
    trailers = content.get("trailers")
    if isinstance(trailers, list | tuple):
        fields += [Field("trailer", value_text(entry)) for entry in trailers[:100]]
    return fields


def _frame_fields(wire: WireEvent, content: dict[str, Any]) -> list[Field]:
    frame = Frame.unpack(wire.number)
    names = (("FIN", frame.fin), ("RSV1", frame.rsv1), ("MASK", frame.masked))
    flags = " ".join(name for name, is_set in names if is_set)
    fields = [
        Field("opcode", f"{frame.opcode} {opcode_name(frame.opcode)}"),
        Field("flags", flags or "none"),
        Field("payload", f"{wire.size:,} bytes on the wire", "dim"),
    ]
    inflated = content.get("inflated")
    if isinstance(inflated, int):
        fields.append(Field("inflated", f"{inflated:,} bytes", "dim"))
    if frame.opcode == CLOSE:
        code, reason = close_parts(content)
        known = CLOSE_CODES.get(code or 0, "")
        fields.append(Field("code", "none" if code is None else f"{code} {known}".strip()))
        if reason:
            fields.append(Field("reason", reason))
    return fields


def _partners(wire: WireEvent, exchange: Exchange, pairing: Pairing, start: int) -> list[Field]:
    fields = []
    for index in pairing.events.get(wire.index, ())[:8]:
        event = exchange.events[index]
        when = format_offset(event.called - start)
        name = "from" if event.kind is Kind.SEND else "told as" if is_outbound(wire) else "became"
        fields.append(Field(name, f"{type_text(event)}, called at {when}"))
    other = pairing.answers.get(wire.index)
    if other is not None:
        rtt = format_duration(abs(exchange.wire[other].at - wire.at))
        is_ping = Frame.unpack(wire.number).opcode == PING
        text = f"answered after {rtt}" if is_ping else f"answers the ping {rtt} before"
        fields.append(Field("round trip", text))
    if not fields and wire.wire is Wire.CLOSED and (why := text_of(wire.content(), "text")):
        fields.append(Field("error", why, "warn"))
    return fields
