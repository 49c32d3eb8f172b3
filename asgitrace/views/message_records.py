"""The messages of an exchange as plain data, to be saved."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from asgitrace.events import Flag, Kind
from asgitrace.store.model import Event, Exchange
from asgitrace.views.messages import CHUNKS, FRAMES, opcode
from asgitrace.views.pairing import Pairing
from asgitrace.views.steps import moment
from asgitrace.views.summary import message_body


def message_records(exchange: Exchange) -> Iterator[dict[str, Any]]:
    """One dict for each WebSocket message and each piece of a body, in the order in which they
    crossed the boundary; what can be said only of some is there only for those.

    ``time``: wall time, ns since the epoch. ``direction``: ``in`` or ``out``, as the app sees it.
    ``type``: of the ASGI message. ``opcode``: ``text`` or ``binary``, of a WebSocket message.
    ``size``: its true length in bytes. ``text``, or ``base64`` where it is not UTF-8: what was
    recorded of it. ``truncated``: true where that is not all. ``more``: of a body, whether it goes
    on. ``wire_size``, ``frames``: bytes and number of the frames of a WebSocket message.
    """
    pairing = Pairing()
    pairing.update(exchange)
    found = [event for event in exchange.events if event.type in CHUNKS | FRAMES]
    for event in sorted(found, key=moment):
        frames = [exchange.wire[wire].size for wire in pairing.wires.get(event.index, ())]
        yield _record(event, exchange.process.anchor.wall(moment(event)), frames)


def _record(event: Event, time: int, frames: list[int]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "time": time,
        "direction": "in" if event.kind is Kind.RECEIVE else "out",
        "type": event.type,
        "size": event.size,
    }
    if event.type in FRAMES:
        record["opcode"] = opcode(event)
        if frames:
            record |= {"wire_size": sum(frames), "frames": len(frames)}
    else:
        record["more"] = bool(event.flags & Flag.MORE)
    if event.flags & (Flag.TRUNCATED | Flag.OVERSIZE):
        record["truncated"] = True
    return record | _content(event)


def _content(event: Event) -> dict[str, str]:
    body, _ = message_body(event.content())
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode("ascii")}
