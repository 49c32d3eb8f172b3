"""What the store hands out: rows for the list, events for the detail, facts about processes. All
frozen."""

from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct

from asgitrace.clock import ClockAnchor
from asgitrace.events import Flag, Kind, Outcome
from asgitrace.ring import decode
from asgitrace.wire import Wire


class RowKind(IntEnum):
    """What a row of the list stands for."""

    HTTP = 1
    WEBSOCKET = 2
    LIFESPAN = 3
    OTHER = 4
    """A scope of a type we do not know, or one whose scope was overwritten before it was read."""
    PROCESS = 5
    """A note on the app's process: it started, was restarted, failed or ended."""


class State(IntEnum):
    """How far an exchange has come."""

    OPEN = 0
    RETURNED = 1
    RAISED = 2
    CANCELLED = 3
    LOST = 4
    """Its process ended without the app returning."""
    REFUSED = 5
    """The server answered by itself; the app was never called."""


@dataclass(frozen=True, slots=True)
class Split:
    """Where the time of an exchange went, in ns; the four parts sum to its duration exactly."""

    app: int = 0
    """The app's own code was running or awaiting something of its own."""
    client: int = 0
    """The app was waiting in ``receive()``, or was not called yet while the request came."""
    backpressure: int = 0
    """The app was waiting in ``send()``."""
    after: int = 0
    """From the last byte of the response to the app's return."""

    @property
    def total(self) -> int:
        return self.app + self.client + self.backpressure + self.after


@dataclass(frozen=True, slots=True)
class Process:
    """One process that recorded."""

    source: int
    """Number of the process in this store, from 0."""
    pid: int
    anchor: ClockAnchor
    target: str
    """What it runs, e.g. ``module:app``."""
    server: str = ""
    """The server it runs in, e.g. ``uvicorn 0.38.0``; empty where that is not known."""
    worker: int = 0
    """1, 2, 3 … in the order in which the processes of a session came; 0 where there is but one."""


class Origin(NamedTuple):
    """Where a request arrived, as its scope says; each part empty where it does not."""

    http_version: str = ""
    scheme: str = ""
    server: str = ""
    """Host and port with a colon between, or the path of a Unix socket."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list as it is at one moment."""

    number: int
    """From 1, in the order of arrival, across processes; never reused."""
    kind: RowKind
    state: State
    started_ns: int
    """Wall time, ns since the epoch."""
    method: str
    """HTTP method; ``WS``, ``LIFESPAN``, ``PROC`` or ``?`` for the others."""
    path: str
    """Path with query string as received; for a process row, the text of the note."""
    status: int
    """HTTP status or WebSocket close code; 0 while there is none. For a process row, its exit
    status."""
    received: int
    """Bytes of bodies and messages the app received; for a request it was not called for, of head
    and body on the wire."""
    sent: int
    """Bytes of bodies and messages the app sent; for a request it was not called for, of the
    server's own answer on the wire."""
    events: int
    """Events of the app's side, those of the wire not counted."""
    split: Split
    """Up to now while the exchange is open."""
    pending: str
    """``receive`` or ``send`` while such a call has not returned, else empty."""
    connection: int = 0
    """Number of its connection in its process, from 1; 0 where the wire was not recorded."""
    ttfb_ns: int = -1
    """From the scope to the call that sent the response's start, or the WebSocket's accept; -1
    where there was none."""
    client: str = ""
    """Host of the scope's client, without the port; empty where it has none."""
    mime: str = ""
    """Content type of the response, without parameters, in lower case; empty where it has none."""
    debugged: bool = False
    """A debugger stood in it, or held it up."""
    process: Process | None = field(default=None, compare=False, repr=False)
    """What recorded it; None for a note on no process."""

    @property
    def duration_ns(self) -> int:
        return self.split.total

    @property
    def worker(self) -> int:
        """See `Process`; 0 where it has none."""
        return 0 if self.process is None else self.process.worker


class Event(Struct, frozen=True, gc=False):
    """One event of an exchange. The two records of a call that suspended are one event.

    There may be very many, and nothing in them leads back to them: so the collector of cycles need
    not look at them."""

    index: int
    """Position among the events kept of the exchange, from 0, in the order of the calls."""
    kind: Kind
    type: str | None
    """ASGI message type; None for scope, return and exception, and while a ``receive`` is pending.
    """
    call: int
    called: int
    """Monotonic ns of its process."""
    returned: int | None
    """Monotonic ns; None while pending."""
    outcome: Outcome
    number: int
    """HTTP status or close code, 0 where there is none."""
    flags: Flag
    size: int
    """True length in bytes of body or message; more than was kept where TRUNCATED."""
    payload: bytes
    """Scope, message, returned value or exception as msgpack; empty where there is none."""
    error: bytes
    """What a failed call raised, as msgpack; empty otherwise."""

    def numbered(self, index: int) -> "Event":
        """The same at another position. Many at a time get one: so it is not done by name."""
        return Event(
            index, self.kind, self.type, self.call, self.called, self.returned, self.outcome,
            self.number, self.flags, self.size, self.payload, self.error,
        )  # fmt: skip

    @property
    def pending(self) -> bool:
        return self.returned is None

    @property
    def wait_ns(self) -> int | None:
        """How long the call took; None while pending."""
        return None if self.returned is None else self.returned - self.called

    def content(self) -> Any:
        """The scope, message, value or exception, decoded; bytes if it cannot be."""
        return decode(self.payload)

    def failure(self) -> dict[str, str] | None:
        """Type, module and message of what a failed call raised."""
        found = decode(self.error)
        return found if isinstance(found, dict) else None


@lru_cache(maxsize=256)
def flags_of(value: int) -> Flag:
    """The marks of a record, from its header."""
    return Flag(value)


class WireEvent(Struct, frozen=True, gc=False):
    """One event of the wire. The two records of what the socket did not take at once are one."""

    index: int
    """Position among the wire events kept of the exchange or connection, from 0, in their order."""
    wire: Wire
    at: int
    """Monotonic ns of its process: when it was read, or made to be sent."""
    accepted: int | None
    """When the socket had accepted it, ``at`` for what was read; None while that has not been
    seen."""
    number: int
    """HTTP status, close code, reuse count or `Frame`; see `Wire`."""
    flags: Flag
    size: int
    payload: bytes
    """See `Wire`, as msgpack."""

    def numbered(self, index: int) -> "WireEvent":
        """The same at another position, as with an `Event`."""
        return WireEvent(
            index, self.wire, self.at, self.accepted, self.number, self.flags, self.size,
            self.payload,
        )  # fmt: skip

    def content(self) -> dict[str, Any]:
        """What else is known of it, by the names given at `Wire`; all of it is the network's."""
        found = decode(self.payload)
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection as far as it is known."""

    process: Process
    number: int
    """In its process, from 1."""
    opened: int | None
    """Monotonic ns; None where that was overwritten before it was read."""
    closed: int | None
    """Monotonic ns; None while it is open."""
    peer: str
    local: str
    tls: str
    """Version, cipher and protocol as text; empty where there is none."""
    end: str
    """How it ended, in words, e.g. ``client: reset``; empty while it is open."""
    received: int
    """Bytes read of it, as far as they were told; exact once it is closed."""
    sent: int
    requests: int
    exchanges: tuple[int, ...]
    """Numbers of its latest rows, oldest first."""
    busy: bool
    """Whether one of its exchanges is open."""
    events: tuple[WireEvent, ...]
    """Its latest events that belong to no exchange."""
    missed: int = 0
    """Older ones of them that were given up for want of room."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange with all its events that are still there."""

    row: Row
    process: Process
    events: tuple[Event, ...]
    missed: int
    """Events known to have been overwritten or evicted before these."""
    wire: tuple[WireEvent, ...] = ()
    """What happened on the wire, in the order of its making; empty where it was not recorded."""
    connection: Connection | None = None
    """None where the wire was not recorded, or the connection is forgotten."""
    wire_missed: int = 0
    """Wire events known to have been given up before these."""
    whole: bool = True
    """Whether all of its records were read; where not, there are more of them at the next call of
    ``Store.exchange``."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line the app's process wrote."""

    source: int
    time_ns: int
    """Wall time of its arrival, ns since the epoch."""
    stream: str
    """``stdout`` or ``stderr``; ``log`` for a log record that no handler wrote to these."""
    text: str
    level: int = 0
    """Of the log record, in the numbers of `logging`; 0 where it is none."""
    logger: str = ""
    """Name of the record's logger; empty where it is none."""
    exchange: int = 0
    """Number of its row in the store; 0 where that is not known. On its way into a store or a file:
    the number of the exchange in its process."""
    continued: bool = False
    """It was written at once with the line before: as the lines of a traceback are."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How late the event loop of a process was: it ran a timer so long after it was due."""

    source: int
    time_ns: int
    """Wall time at which it ran, ns since the epoch."""
    late_ns: int


@dataclass(frozen=True, slots=True)
class Stop:
    """The time that a process stood in a debugger, monotonic ns."""

    source: int
    number: int
    """In its process, from 1."""
    called: int
    returned: int
    row: int
    """Whose code was looked at; 0 where it was of no exchange."""
    held: bool
    """The event loop stood too, and with it all other exchanges."""
    place: str
    """File, line and function."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Records of a process that were overwritten before they were read."""

    source: int
    sequence: int
    """Of the first record behind the gap."""
    count: int
