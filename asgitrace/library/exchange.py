"""One exchange of a trace, for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from asgitrace.events import Kind
from asgitrace.export.forms import BY_NAME
from asgitrace.store import (
    Annotation,
    Connection,
    Event,
    Exchange,
    Row,
    RowKind,
    Split,
    State,
    Store,
    WireEvent,
)

_NS: Final = 1_000_000_000


class Holder:
    """Where the exchanges of a trace are.

    Args:
        store: the store that has them.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def refresh(self) -> int:
        """Take in what is new; returns the present time of what records, in monotonic ns. A trace
        that was loaded has nothing new, and for it there is no present: 0."""
        return 0

    def exchange(self, number: int) -> "LoadedExchange":
        """An exchange that is there."""
        return LoadedExchange(self, number)


class LoadedExchange:
    """One exchange: an HTTP request, a WebSocket session, a lifespan."""

    __slots__ = ("_exchange", "_holder", "_row", "_version", "number")

    def __init__(self, holder: Holder, number: int) -> None:
        self._holder = holder
        self._row: Row | None = None
        self._exchange: Exchange | None = None
        self._version = -1
        self.number = number
        """As in the list of the screen, from 1."""

    def __repr__(self) -> str:
        row = self.row
        return f"<LoadedExchange {row.number} {row.method} {row.path!r} {row.status}>"

    @property
    def row(self) -> Row:
        """All that the list of the screen tells of it."""
        now = self._renew()
        if self._row is None or self._row.state is State.OPEN:
            self._row = self._holder.store.row(self.number, now)
        return self._row

    @property
    def kind(self) -> RowKind:
        """HTTP, WEBSOCKET, LIFESPAN, PROCESS or OTHER."""
        return self.row.kind

    @property
    def state(self) -> State:
        """How it ended."""
        return self.row.state

    @property
    def method(self) -> str:
        """HTTP method; ``WS``, ``LIFESPAN``, ``PROC`` or ``?`` for the others."""
        return self.row.method

    @property
    def path(self) -> str:
        """With the query, as received."""
        return self.row.path

    @property
    def status(self) -> int:
        """HTTP status or WebSocket close code; 0 where there was none."""
        return self.row.status

    @property
    def started(self) -> datetime:
        """When it began, in UTC, to the microsecond; ``row.started_ns`` has it in ns."""
        seconds, rest = divmod(self.row.started_ns, _NS)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)

    @property
    def duration_ns(self) -> int:
        """From the call of the app to its return."""
        return self.row.duration_ns

    @property
    def split(self) -> Split:
        """Where that time went."""
        return self.row.split

    @property
    def ttfb_ns(self) -> int | None:
        """From the call of the app to the start of its response; None where there was none."""
        return self.row.ttfb_ns if self.row.ttfb_ns >= 0 else None

    @property
    def annotation(self) -> Annotation:
        """What the user noted on it: mark, tags, comment."""
        return self._holder.store.annotations.of(self.number)

    @property
    def events(self) -> Sequence[Event]:
        """What happened at the app's boundary, in the order of the calls: the scope, each receive
        and send, the return or exception. ``content()`` of an event is its scope or message."""
        return () if self._found is None else self._found.events

    @property
    def wire(self) -> Sequence[WireEvent]:
        """What happened on the wire; empty where it was not recorded."""
        return () if self._found is None else self._found.wire

    @property
    def scope(self) -> dict[str, Any]:
        """The scope; empty where there is none."""
        first = next((event for event in self.events if event.kind is Kind.SCOPE), None)
        found = None if first is None else first.content()
        return found if isinstance(found, dict) else {}

    @property
    def received(self) -> Sequence[dict[str, Any]]:
        """The messages that the app received."""
        return self._messages(Kind.RECEIVE)

    @property
    def sent(self) -> Sequence[dict[str, Any]]:
        """The messages that the app sent."""
        return self._messages(Kind.SEND)

    @property
    def types(self) -> list[str]:
        """The types of its messages, received and sent, in the order of the calls, e.g.
        ``["http.request", "http.response.start", "http.response.body"]``. A pending ``receive`` has
        no message yet."""
        return [event.type for event in self.events if event.type is not None]

    @property
    def pending(self) -> str:
        """``receive`` or ``send`` while the app waits in such a call; else empty."""
        return self.row.pending

    @property
    def exception(self) -> str:
        """What the app raised, as ``ValueError: the message``; empty where it raised nothing."""
        last = next((event for event in self.events if event.kind is Kind.RAISE), None)
        found = None if last is None else last.content()
        if not isinstance(found, dict):
            return ""
        return f"{found.get('type')}: {found.get('message')}".removesuffix(": ")

    @property
    def connection(self) -> Connection | None:
        """Its connection; None where the wire was not recorded."""
        return None if self._found is None else self._found.connection

    @property
    def missed(self) -> int:
        """Events that are known to be missing."""
        return 0 if self._found is None else self._found.missed

    def take_out(self, form: str, *, address: str = "") -> str:
        """It as ``text``, or as code that makes the request again: ``curl``, ``httpx`` or, for a
        WebSocket session, ``websockets``.

        Args:
            form: which of them.
            address: where the app listens now, as ``http://127.0.0.1:8000`` or
                ``unix:/run/app.sock``; where it was recorded if that is not given.

        Raises ValueError where it cannot be had in this form; the text says why.
        """
        if form not in BY_NAME:
            raise ValueError(f"there is no form {form!r}; there are {', '.join(BY_NAME)}")
        found = self._found
        refusal = "it is no longer kept" if found is None else BY_NAME[form].refuses(found)
        if found is None or refusal:
            raise ValueError(f"#{self.number}: {refusal}")
        return BY_NAME[form].write(found, address)

    @property
    def _found(self) -> Exchange | None:
        now = self._renew()
        if self._exchange is None:
            self._exchange = self._holder.store.peek(self.number, now)
        return self._exchange

    def _renew(self) -> int:
        """Forget what may have changed; returns the present time."""
        now = self._holder.refresh()
        if self._version != self._holder.store.version:
            self._version = self._holder.store.version
            self._row = self._exchange = None
        return now

    def _messages(self, kind: Kind) -> list[dict[str, Any]]:
        found = (event.content() for event in self.events if event.kind is kind)
        return [message for message in found if isinstance(message, dict)]
