"""The fields of the filter language once more, for its naive reading: read from an exchange's
events and its row by loops over them, every time anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.store import Event, Exchange, LogLine, Row, RowKind, State, WireEvent
from asgitrace.store.annotations import Annotation
from asgitrace.wire import Frame, Wire

Thing = Event | WireEvent
INBOUND = {Wire.REQUEST, Wire.REQUEST_BODY, Wire.REQUEST_END, Wire.FRAME_IN, Wire.BYTES_IN}
OUTBOUND = {
    Wire.INFORMATIONAL, Wire.RESPONSE, Wire.RESPONSE_BODY, Wire.RESPONSE_END, Wire.FRAME_OUT,
    Wire.BYTES_OUT,
}  # fmt: skip


@dataclass
class World:
    """One row and all that is known of it."""

    row: Row
    exchange: Exchange | None
    now: int
    began: int
    """Monotonic ns of its process."""
    source: int
    note: Annotation
    logs: Sequence[LogLine]

    def things(self) -> list[Thing]:
        if self.exchange is None:
            return []
        order: list[tuple[int, int, int, Thing]] = []
        for event in self.exchange.events:
            at = event.called
            if event.kind is Kind.RECEIVE and event.returned is not None:
                at = event.returned
            order.append((at, 1, event.index, event))
        order += [
            (wire.at, 2 if wire.wire in OUTBOUND else 0, wire.index, wire)
            for wire in self.exchange.wire
        ]
        order.sort(key=lambda entry: entry[:3])
        return [thing for *_, thing in order]

    def events(self) -> tuple[Event, ...]:
        return () if self.exchange is None else self.exchange.events


def moment(thing: Thing) -> int:
    if isinstance(thing, WireEvent):
        return thing.at
    if thing.kind is Kind.RECEIVE and thing.returned is not None:
        return thing.returned
    return thing.called


# Fields of exchanges


def values_of(name: str, world: World) -> Sequence[Any]:
    prefix, marker, header = name.rpartition("header.")
    if marker:
        return headers(prefix, header, world)
    if name == "log":
        end = world.row.started_ns + world.row.duration_ns
        return [
            line.text
            for line in world.logs
            if line.exchange == world.row.number
            or (
                not line.exchange
                and line.source == world.source
                and world.row.started_ns <= line.time_ns <= end
            )
        ]
    if name == "log.level":
        number = world.row.number
        return [line.level for line in world.logs if line.exchange == number and line.level]
    return FIELDS[name or "path"](world)


def scope(world: World) -> dict[str, Any]:
    for event in world.events():
        if event.kind is Kind.SCOPE:
            return dict(event.content())
    return {}


def headers(prefix: str, name: str, world: World) -> list[str]:
    found: list[Any] = []
    if prefix in ("", "req."):
        known = scope(world)
        found += known.get("headers", []) if known else wire_headers(world, Wire.REQUEST)
    if prefix in ("", "resp."):
        starts = ("http.response.start", "websocket.accept")
        answers = [event for event in world.events() if event.type in starts]
        for event in answers:
            found += event.content().get("headers", [])
        if not answers:
            found += wire_headers(world, Wire.RESPONSE)
    return [value.decode() for key, value in found if key.decode().lower() == name.lower()]


def wire_headers(world: World, side: Wire) -> list[list[bytes]]:
    found: list[list[bytes]] = []
    for thing in world.things():
        if isinstance(thing, WireEvent) and thing.wire is side:
            lines = thing.content()["head"].split(b"\r\n")[1:]
            found += [line.split(b": ") for line in lines if line]
    return found


def origin(key: str) -> Callable[[World], list[str]]:
    return lambda world: [scope(world)[key]] if scope(world).get(key) else []


def something(text: str) -> list[str]:
    return [text] if text else []


def last_event(world: World) -> int:
    if world.row.state is not State.OPEN:
        return world.began + world.row.duration_ns
    times = [max(event.called, event.returned or 0) for event in world.events()]
    return max([world.began, *times])


def words(world: World) -> list[str]:
    row = world.row
    found: list[str] = []
    if row.kind is not RowKind.PROCESS:
        found.append(row.state.name.lower())
        if row.state is not State.OPEN:
            found.append("closed")
    found.append("ws" if row.kind is RowKind.WEBSOCKET else row.kind.name.lower())
    bad = row.state in (State.RAISED, State.LOST, State.REFUSED)
    bad |= row.kind is RowKind.HTTP and row.status >= 500
    bad |= row.kind is RowKind.WEBSOCKET and row.status >= 500 and row.status not in (
        1000, 1001, 1005,
    )  # fmt: skip
    if bad:
        found.append("error")
    if row.kind is RowKind.HTTP and row.duration_ns >= 1_000_000_000:
        found.append("slow")
    if world.note.marked:
        found.append("marked")
    if world.note.marked or world.note.tags or world.note.comment:
        found.append("noted")
    if world.exchange is not None and world.exchange.missed:
        found.append("incomplete")
    if row.debugged:
        found.append("debugged")
    return found


def raised(world: World) -> list[str]:
    if world.row.state is not State.RAISED:
        return []
    for event in world.events():
        if event.kind is Kind.RAISE:
            return failure_texts(event.content())
    return [""]


def failure_texts(told: Any) -> list[str]:
    if not isinstance(told, dict):
        return []
    return [told["type"], told["message"], f"{told['module']}.{told['type']}"]


def closed_by(world: World) -> list[str]:
    if world.row.kind is not RowKind.WEBSOCKET:
        return []
    for thing in world.things():
        if isinstance(thing, Event):
            if thing.pending or thing.outcome is not Outcome.OK:
                continue
            if thing.type == "websocket.close":
                return ["app"]
            if thing.type == "websocket.disconnect":
                return [{1006: "network", 1012: "server"}.get(thing.number, "client")]
        elif thing.wire in (Wire.FRAME_IN, Wire.FRAME_OUT) and thing.number & 15 == 8:
            return ["client" if thing.wire is Wire.FRAME_IN else "server"]
    return []


def of_process(name: str) -> Callable[[World], list[Any]]:
    def read(world: World) -> list[Any]:
        value = getattr(world.row.process, name, None)
        return [value] if value else []

    return read


FIELDS: dict[str, Callable[[World], Sequence[Any]]] = {
    "worker": of_process("worker"),
    "pid": of_process("pid"),
    "process": of_process("target"),
    "via": of_process("server"),
    "method": lambda world: [world.row.method],
    "path": lambda world: something(world.row.path.split("?")[0]),
    "query": lambda world: something("".join(world.row.path.split("?", 1)[1:])),
    "status": lambda world: [world.row.status] if world.row.status else [],
    "type": lambda world: [
        {RowKind.WEBSOCKET: "ws"}.get(world.row.kind, world.row.kind.name.lower())
    ],
    "http.version": origin("http_version"),
    "scheme": origin("scheme"),
    "client": lambda world: something((scope(world).get("client") or [""])[0]),
    "mime": lambda world: (
        [value.split(";")[0].strip() for value in headers("resp.", "content-type", world)][:1]
        if world.row.kind is RowKind.HTTP
        else []
    ),
    "size": lambda world: [world.row.received + world.row.sent],
    "req.size": lambda world: [world.row.received],
    "resp.size": lambda world: [world.row.sent],
    "events": lambda world: [world.row.events],
    "close.code": lambda world: (
        [world.row.status]
        if world.row.kind is RowKind.WEBSOCKET and world.row.status >= 1000
        else []
    ),
    "close.by": closed_by,
    "pending": lambda world: something(world.row.pending),
    "conn": lambda world: [world.row.connection] if world.row.connection else [],
    "id": lambda world: [world.row.number],
    "dur": lambda world: [world.row.duration_ns],
    "ttfb": lambda world: [world.row.ttfb_ns] if world.row.ttfb_ns >= 0 else [],
    "wait.client": lambda world: [world.row.split.client],
    "wait.backpressure": lambda world: [world.row.split.backpressure],
    "app.time": lambda world: [world.row.split.app],
    "after": lambda world: [world.row.split.after],
    "age": lambda world: [max(0, world.now - world.began)],
    "idle": lambda world: [max(0, world.now - last_event(world))],
    "is": words,
    "mark": lambda world: ["mark"] if world.note.marked else [],
    "tag": lambda world: world.note.tags,
    "comment": lambda world: something(world.note.comment),
    "exc": raised,
    "log": lambda world: [],
    "log.level": lambda world: [],
}


# Fields of events


def event_name(thing: Thing) -> list[str]:
    if isinstance(thing, WireEvent):
        return []
    match thing.kind:
        case Kind.SCOPE:
            return ["scope"]
        case Kind.RETURN:
            return ["return"]
        case Kind.RAISE:
            return ["cancelled" if thing.outcome is Outcome.CANCELLED else "exception"]
    content = thing.content()
    told = content.get("type") if isinstance(content, dict) else None
    untyped = "receive" if thing.kind is Kind.RECEIVE else "send"
    return [thing.type or told or untyped]


def call(read: Callable[[Event], list[Any]]) -> Callable[[Thing], list[Any]]:
    def values(thing: Thing) -> list[Any]:
        if isinstance(thing, WireEvent) or thing.kind not in (Kind.RECEIVE, Kind.SEND):
            return []
        return read(thing)

    return values


def message(read: Callable[[Event], list[Any]]) -> Callable[[Thing], list[Any]]:
    return call(
        lambda event: read(event) if event.type in ("websocket.receive", "websocket.send") else []
    )


def wire(read: Callable[[WireEvent], list[Any]]) -> Callable[[Thing], list[Any]]:
    return lambda thing: read(thing) if isinstance(thing, WireEvent) else []


def text(event: Event) -> list[str]:
    content = event.content()
    return [content["text"]] if isinstance(content, dict) and "text" in content else []


def body(event: Event) -> list[str]:
    content = event.content()
    if not isinstance(content, dict):
        return []
    found = content.get("text") or content.get("body") or content.get("bytes") or ""
    return something(found if isinstance(found, str) else found.decode("utf-8", "replace"))


def opcode(event: WireEvent) -> list[str]:
    if event.wire not in (Wire.FRAME_IN, Wire.FRAME_OUT):
        return []
    names = {1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong", 0: "continuation"}
    return [names[Frame.unpack(event.number).opcode]]


def wire_way(event: WireEvent) -> list[str]:
    return ["in"] if event.wire in INBOUND else ["out"] if event.wire in OUTBOUND else []


EVENT_FIELDS: dict[str, Callable[[Thing], Sequence[Any]]] = {
    "ev": event_name,
    "ev.dir": call(lambda event: ["in" if event.kind is Kind.RECEIVE else "out"]),
    "ev.size": call(lambda event: [event.size]),
    "ev.wait": call(
        lambda event: [] if event.returned is None else [event.returned - event.called]
    ),
    "fail": lambda thing: [] if isinstance(thing, WireEvent) else failure_texts(thing.failure()),
    "body": call(
        lambda event: (
            body(event)
            if event.type
            in (
                "http.request",
                "http.response.body",
                "websocket.receive",
                "websocket.send",
            )
            else []
        )
    ),
    "ws.text": message(text),
    "ws.opcode": message(lambda event: ["text" if event.flags & Flag.TEXT else "binary"]),
    "ws.dir": message(lambda event: ["in" if event.kind is Kind.RECEIVE else "out"]),
    "ws.len": message(lambda event: [event.size]),
    "wire": wire(lambda event: [event.wire.name.lower()]),
    "wire.dir": wire(wire_way),
    "wire.size": wire(lambda event: [event.size]),
    "wire.opcode": wire(opcode),
}
TEXTS = {
    "process", "via",
    "method", "path", "query", "http.version", "scheme", "client", "mime", "tag", "comment", "exc",
    "log", "ev", "fail", "body", "ws.text", "wire",
}  # fmt: skip
