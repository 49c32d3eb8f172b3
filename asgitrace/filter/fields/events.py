"""Fields of single events at the ASGI boundary, and what only events tell of an exchange."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from asgitrace.events import MESSAGE_CODES, Kind, Outcome
from asgitrace.filter.fields.model import (
    EventField,
    ExchangeField,
    Field,
    Narrowed,
    exchanges,
)
from asgitrace.filter.fields.payloads import Contents, messages
from asgitrace.filter.model import Mask
from asgitrace.filter.subject import Item, Subject
from asgitrace.filter.values import Condition, Type
from asgitrace.filter.view import Masks, View
from asgitrace.store.entry import DEBUGGED
from asgitrace.store.model import State

_ENDS: Final = {
    "return": State.RETURNED,
    "exception": State.RAISED,
    "cancelled": State.CANCELLED,
}
"""What the end of an exchange is called, by its state."""

_DEBUGGER: Final = "debugger"
_UNTYPED: Final = ("scope", "receive", "send")
_UNKNOWN_BIT: Final = 1
_IN, _OUT = "in", "out"
_WAYS: Final = {_IN: "to the app: received", _OUT: "from the app: sent"}


def name_of(item: Item) -> Iterable[str]:
    """What an event of the app's side is called: the type of its message, ``scope``, ``return``,
    ``exception``, ``cancelled``; ``receive`` and ``send`` where there is no message."""
    event = item.event
    if event is None:
        return ()
    match event.kind:
        case Kind.SCOPE:
            return ("scope",)
        case Kind.RETURN:
            return ("return",)
        case Kind.RAISE:
            return ("cancelled" if event.outcome is Outcome.CANCELLED else "exception",)
        case Kind.DEBUGGER:
            return (_DEBUGGER,)
    if event.type is not None:
        return (event.type,)
    told = item.content.get("type")
    if isinstance(told, str) and told:
        return (told,)
    return ("receive" if event.kind is Kind.RECEIVE else "send",)


@dataclass(frozen=True, slots=True)
class Names:
    """Which exchanges have events of some name, as their columns know it."""

    decides: bool = False

    def masks(self, view: View, condition: Condition) -> Masks:
        bits = sum(1 << code for name, code in MESSAGE_CODES.items() if condition.holds((name,)))
        seen = view.column("seen")
        told = (seen & bits) > 0
        # Of a type that nobody knows the name may be any.
        possible = told | ((seen & _UNKNOWN_BIT) > 0)
        state = view.column("state")
        for name, end in _ENDS.items():
            if condition.holds((name,)):
                possible |= state == end
        if condition.holds((_DEBUGGER,)):
            possible |= (seen & DEBUGGED) > 0
        if any(condition.holds((name,)) for name in _UNTYPED):
            possible |= exchanges(view)
        return Masks(told & (view.column("missed") == 0), possible & exchanges(view))


def having(*names: str) -> Callable[[View], Mask]:
    """The exchanges with messages of these types."""
    bits = sum(1 << MESSAGE_CODES[name] for name in names)

    def mask(view: View) -> Mask:
        found: Mask = (view.column("seen") & bits) > 0
        return found

    return mask


def _way(item: Item) -> Iterable[str]:
    if item.event is None or item.event.kind not in (Kind.RECEIVE, Kind.SEND):
        return ()
    return (_IN if item.event.kind is Kind.RECEIVE else _OUT,)


def _size(item: Item) -> Iterable[int]:
    event = item.event
    return () if event is None or event.kind not in (Kind.RECEIVE, Kind.SEND) else (event.size,)


def _wait(item: Item) -> Iterable[int]:
    event = item.event
    if event is None or event.kind not in (Kind.RECEIVE, Kind.SEND) or event.wait_ns is None:
        return ()
    return (event.wait_ns,)


def _offset(item: Item) -> Iterable[int]:
    return (item.at - item.subject.began,)


def _failure(item: Item) -> Iterable[str]:
    event = item.event
    return () if event is None else _told(event.failure())


def _told(failure: Any) -> Iterable[str]:
    """Type, type with its module, and message of an exception."""
    if not isinstance(failure, dict):
        return ()
    kind, module, message = (failure.get(key) for key in ("type", "module", "message"))
    found = [text for text in (kind, message) if isinstance(text, str)]
    if isinstance(kind, str) and isinstance(module, str):
        found.append(f"{module}.{kind}")
    return found


def _raised(subject: Subject) -> Iterable[str]:
    if subject.row.state is not State.RAISED:
        return ()
    for item in subject.events:
        event = item.event
        if event is not None and event.kind is Kind.RAISE and event.outcome is Outcome.RAISED:
            return _told(item.content) or ("",)
    return ("",)


@dataclass(frozen=True, slots=True)
class Raised:
    """The app raised, which the state tells; what, only the event."""

    decides: bool = False

    def masks(self, view: View, condition: Condition) -> Masks:
        mask = view.column("state") == State.RAISED
        return Masks.exact(mask) if condition.there else Masks.perhaps(mask)


_BODIES: Final = {
    "req.body": ("http.request",),
    "resp.body": ("http.response.body", "websocket.http.response.body"),
    "body": (
        "http.request", "http.response.body", "websocket.http.response.body",
        "websocket.receive", "websocket.send",
    ),
}  # fmt: skip


def _body(names: Iterable[str]) -> Callable[[Item], Iterable[str]]:
    chosen = frozenset(names)

    def read(item: Item) -> Iterable[str]:
        if item.event is None or item.event.type not in chosen:
            return ()
        found = item.kept.get("body")
        if found is None:
            found = item.kept["body"] = _texts(item.content)
        return found

    return read


def _texts(content: dict[str, Any]) -> Sequence[str]:
    """The recorded body or message of an event, as text."""
    text = content.get("text")
    if not isinstance(text, str):
        data = content.get("body", content.get("bytes"))
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
    return (text,) if text else ()


def _bodies(name: str) -> Contents:
    return Contents(having(*_BODIES[name]), messages(*_BODIES[name]), _texts)


FIELDS: Final[tuple[Field, ...]] = (
    EventField(
        name="ev", type=Type.TEXT,
        help="type of a message; scope, return, exception or cancelled for the other events",
        example="ev=http.disconnect", columns=Names(), read=name_of,
        usual=(*MESSAGE_CODES, "scope", *_ENDS, "receive"),
    ),
    EventField(
        name="ev.dir", type=Type.CHOICE, help="which way an event goes", example="all(ev.dir=in)",
        columns=Narrowed(exchanges), read=_way, choices=_WAYS,
    ),
    EventField(
        name="ev.size", type=Type.SIZE, help="bytes of the body or message of an event",
        example="any(ev=http.response.body ev.size>64k)", columns=Narrowed(exchanges), read=_size,
    ),
    EventField(
        name="ev.wait", type=Type.DURATION, help="how long a call of receive() or send() took",
        example="any(ev:body ev.wait>100ms)", columns=Narrowed(exchanges), read=_wait,
    ),
    EventField(
        name="ev.at", type=Type.DURATION, help="when an event was, from the start of its exchange",
        example="any(ev=http.response.body ev.at>5s)", columns=Narrowed(exchanges), read=_offset,
    ),
    EventField(
        name="fail", type=Type.TEXT, help="what a call of receive() or send() raised",
        example="fail:ConnectionReset", columns=Narrowed(exchanges), read=_failure,
    ),
    ExchangeField(
        name="exc", type=Type.TEXT, help="what the app raised: its type, or its message",
        example="exc:ValueError", columns=Raised(), read=_raised,
    ),
    EventField(
        name="req.body", type=Type.TEXT, help="a piece of the request's body",
        example="req.body:sku",
        columns=_bodies("req.body"), read=_body(_BODIES["req.body"]),
    ),
    EventField(
        name="resp.body", type=Type.TEXT, help="a piece of the response's body",
        example="resp.body~/\"total\":\\s*0/",
        columns=_bodies("resp.body"), read=_body(_BODIES["resp.body"]),
    ),
    EventField(
        name="body", type=Type.TEXT, help="a piece of a body, or a WebSocket message, either way",
        example="body:error", columns=_bodies("body"), read=_body(_BODIES["body"]),
    ),
)  # fmt: skip
