"""One exchange and its events as the exact terms of a filter read them."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from asgitrace.events import Kind
from asgitrace.filter.view import View
from asgitrace.store.annotations import NOTHING, Annotation
from asgitrace.store.model import Event, Exchange, Row, WireEvent
from asgitrace.wire import OUTBOUND, Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

_INBOUND, _BOUNDARY, _OUTBOUND = range(3)


class Subject:
    """One exchange, or a note on a process, at one moment.

    Args:
        row: its row.
        exchange: None for a note.
        now: monotonic ns.
        note: what the user noted on it.
        view: columns to be asked rather than the exchange, where it is one of their rows.
        place: its place among these.
    """

    def __init__(
        self,
        row: Row,
        exchange: Exchange | None,
        now: int,
        note: Annotation = NOTHING,
        view: View | None = None,
        place: int = 0,
    ) -> None:
        self.row = row
        self.exchange = exchange
        self.now = now
        self.note = note
        self.view = view
        self.place = place
        self.kept: dict[str, Any] = {}
        """What was worked out for one event and can serve the next."""

    @cached_property
    def items(self) -> "Sequence[Item]":
        """The events of both sides, by the time at which they happened."""
        if self.exchange is None:
            return ()
        return sorted([*self.events, *self.wires], key=_order)

    @cached_property
    def events(self) -> "Sequence[Item]":
        """The events of the app's side."""
        found = () if self.exchange is None else self.exchange.events
        return [Item(self, event=event) for event in found]

    @cached_property
    def wires(self) -> "Sequence[Item]":
        """Those of the wire."""
        found = () if self.exchange is None else self.exchange.wire
        return [Item(self, wire=event) for event in found]

    @cached_property
    def began(self) -> int:
        """When it began, monotonic ns of its process."""
        anchor = None if self.exchange is None else self.exchange.process.anchor
        return 0 if anchor is None else self.row.started_ns - anchor.wall(0)

    @cached_property
    def scope(self) -> dict[str, Any]:
        """Its scope, as far as it is known."""
        for item in self.events[:1]:
            if item.event is not None and item.event.kind is Kind.SCOPE:
                return item.content
        return {}


class Item:
    """One event of either side."""

    __slots__ = ("_content", "event", "kept", "subject", "wire")

    def __init__(
        self, subject: Subject, *, event: Event | None = None, wire: WireEvent | None = None
    ) -> None:
        self.subject = subject
        self.event = event
        self.wire = wire
        self.kept: dict[str, Any] = {}
        """What was worked out for one term and can serve the next."""
        self._content: dict[str, Any] | None = None

    @property
    def at(self) -> int:
        """When it happened: what is received, when the call returned; the rest when it was
        called or made."""
        if self.wire is not None:
            return self.wire.at
        event = self.event
        assert event is not None
        if event.kind is Kind.RECEIVE and event.returned is not None:
            return event.returned
        return event.called

    @property
    def content(self) -> dict[str, Any]:
        """Its message, scope or facts; empty where it has none, or one that cannot be read."""
        if self._content is None:
            told = self.event if self.event is not None else self.wire
            found = None if told is None else told.content()
            self._content = found if isinstance(found, dict) else {}
        return self._content


def _order(item: Item) -> tuple[int, int, int]:
    """By time; of what has the same, in the direction in which it goes through the server."""
    if item.event is not None:
        return item.at, _BOUNDARY, item.event.index
    assert item.wire is not None
    side = _OUTBOUND if item.wire.wire in OUTBOUND else _INBOUND
    return item.at, side, item.wire.index


def text_of(value: Any) -> str | None:
    """A text of the network's or the app's; None where it is none."""
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


WIRE_NAMES: Final = {wire: wire.name.lower() for wire in Wire}
"""What the events of the wire are called."""
