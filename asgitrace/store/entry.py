"""An exchange that may still change: what is known of it apart from its records."""

import struct
from typing import TYPE_CHECKING, Final

from asgitrace.events import MESSAGE_CODES, Outcome
from asgitrace.store.columns import MOST, ROW, pack_clamped
from asgitrace.store.head import close_code_of
from asgitrace.store.model import RowKind, State
from asgitrace.store.scope import start_of
from asgitrace.store.timing import APP, CLIENT, ENDINGS, Folder

if TYPE_CHECKING:
    from asgitrace.store.connections import Known

_NORMAL_CLOSURE: Final = 1000
_NO_STATUS_RECEIVED: Final = 1005

_RESPONSE_START: Final = MESSAGE_CODES["http.response.start"]
_CLOSE: Final = MESSAGE_CODES["websocket.close"]
_DISCONNECT: Final = MESSAGE_CODES["websocket.disconnect"]
_ACCEPT: Final = MESSAGE_CODES["websocket.accept"]
_STARTS: Final = (_RESPONSE_START, MESSAGE_CODES["websocket.http.response.start"])

ANSWER_MARKS: Final = bytes(code in (*_STARTS, _ACCEPT, _CLOSE) for code in range(256))
"""For each message code whether its ``send`` tells a status or begins the response."""

SEEN_BITS: Final = tuple(1 << code if code <= len(MESSAGE_CODES) else 1 for code in range(256))
"""For each message code its bit in ``Entry.seen``; those that nobody knows share that of OTHER."""

DEBUGGED: Final = 1 << 31
"""In ``Entry.seen``: a debugger stood in the exchange, or held it up."""

ENDING_MARKS: Final = bytes(code in ENDINGS for code in range(256))
"""For each message code whether its ``send`` can end the response."""


class Entry(Folder):
    """One exchange, folded up to its last record.

    The records of a call are paired here by the call's number: ``calls`` holds the pending ones, as
    whether they send, and None for one whose RETURNED came before its CALLED, which two threads can
    bring about.
    """

    __slots__ = (
        "answer",
        "answered_at",
        "calls",
        "client",
        "connection",
        "counted",
        "counted_events",
        "doubt",
        "dropped",
        "ended",
        "events",
        "exchange",
        "first",
        "folded",
        "head",
        "headed",
        "kind",
        "known",
        "last",
        "method",
        "mime",
        "number",
        "origin",
        "path",
        "received",
        "scoped",
        "seen",
        "sent",
        "source",
        "started",
        "started_wall",
        "state",
        "status",
        "titled",
        "touched",
        "trailers",
        "weight",
        "whole_record",
        "wire_dropped",
    )

    def __init__(self, number: int, source: int, exchange: int, started: int, first: int) -> None:
        super().__init__(started)
        self.number = number
        self.source = source
        self.exchange = exchange
        self.started = started
        self.started_wall = 0
        self.ended: int | None = None
        self.kind = int(RowKind.OTHER)
        self.titled = False
        self.method = self.path = self.client = self.mime = self.origin = 0
        """Numbers of its strings."""
        self.answer = ""
        """The content type of its response, while that has no number."""
        self.answered_at: int | None = None
        """When its response began, or its WebSocket was accepted."""
        self.seen = 0
        """The types of its messages, as SEEN_BITS."""
        self.state = int(State.OPEN)
        self.status = 0
        self.received = 0
        self.sent = 0
        self.events = 0
        self.weight = 0
        """Bytes of its records."""
        self.first = first
        self.last = first
        self.scoped = False
        self.head = b""
        """The content of its request's head, while there is neither a scope nor a title."""
        self.headed = False
        """Its title is from there."""
        self.connection = 0
        self.known: Known | None = None
        """What is known of it."""
        self.trailers = False
        self.calls: dict[int, bool | None] = {}
        self.dropped = 0
        """Events evicted from it while it was open."""
        self.wire_dropped = 0
        """Events of the wire likewise."""
        self.doubt = 0
        """Records overwritten while it was open, of which nobody knows whose they were."""
        self.folded = 0
        """Number of events when the sums were last made from all of them."""
        self.counted = 0
        """Number of calls that the source counts as memory."""
        self.counted_events = 0
        """Number of events that are in the total."""
        self.touched = False
        self.whole_record = True
        """Whether all of its records are there, so that it can be summed anew."""

    def begin_at(self, called: int, sequence: int) -> None:
        """Its first record has come, which its row was there before."""
        self.started = self.at = called
        self.first = self.last = sequence

    def missing(self) -> int:
        """Events that are not there, or may not be, see Store.exchange."""
        return self.dropped + self.doubt + (self.events > 0 and not self.scoped)

    def called(self, call: int, called: int, sends: bool) -> bool:
        """A call was made and is pending; False if that tells nothing new."""
        calls = self.calls
        if call in calls:
            if calls[call] is None:
                del calls[call]
                return False
            self.events += 1
            return False
        if self.doubt:
            self.settle(call)
        calls[call] = sends
        self.events += 1
        self.begin(called, sends)
        return True

    def returned(self, call: int, called: int, returned: int, sends: bool) -> bool:
        """A call returned; False if it was not known to be pending."""
        pending = self.calls.get(call)
        if pending is None:
            self.calls[call] = None
            self.events += 1
            self.whole(called, returned, sends)
            return False
        del self.calls[call]
        self.end(returned, pending)
        return True

    def settle(self, call: int) -> None:
        """Find out whether a gap took anything of this exchange.

        Calls are numbered from 1 without holes, and the scope is one event more: if as many events
        were seen as this call's number says, and none of them is still to return, nothing is
        missing.
        """
        if self.scoped and call == self.events and not self.calls:
            self.doubt = 0

    def tell_answer(self, message: int, called: int, number: int, payload: bytes) -> None:
        """The app began its response, accepted the WebSocket, or closed it; the first one
        counts."""
        begins = message in _STARTS
        start = start_of(payload) if begins else None
        if message != _CLOSE and (self.answered_at is None or called < self.answered_at):
            self.answered_at = called
            self.answer = start.mime if start is not None else ""
        if message == _ACCEPT:
            return
        if not self.status:
            # The specification's default stands where the app gave no code; a code it could not
            # mean stays 0.
            omitted = message == _CLOSE and not number and b"code" not in payload
            self.status = _NORMAL_CLOSURE if omitted else number
        if start is not None and start.trailers and message == _RESPONSE_START:
            self.trailers = True
            # A body that came before is judged anew.
            self.disordered = self.disordered or self.over

    def answered(self, status: int) -> None:
        """The server sent the head of a response: what the client gets counts, whatever status or
        close code the app gave, if any."""
        self.status = status

    def tell_close(self, payload: bytes) -> None:
        """A Close frame came or went; the first one counts."""
        if not self.status:
            self.status = close_code_of(payload)

    def tell_disconnect(self, number: int, payload: bytes) -> None:
        """The WebSocket's close code came from the client."""
        if not self.status:
            omitted = not number and b"code" not in payload
            self.status = _NO_STATUS_RECEIVED if omitted else number

    def finish(self, state: State, ended: int) -> None:
        """The app returned, or its process ended; only the first return counts."""
        if self.state == State.LOST:
            # The records of the end came after the process's own.
            self.disordered = True
        elif self.state != State.OPEN:
            return
        self.state = int(state)
        self.ended = ended
        self.close(ended)

    def read(self) -> None:
        """Its request is being read: the app is not called yet."""
        self.part = CLIENT

    def refuse(self, ended: int, status: int) -> None:
        """The server answered by itself, or could not: the app will not be called."""
        if self.events or self.state not in (State.OPEN, State.LOST):
            return
        self.state = int(State.REFUSED)
        self.status = status
        # All of it was spent on what the client sent.
        self.parts = [0, 0, 0, 0]
        self.parts[CLIENT] = max(ended - self.started, 0)
        self.ended = self.at = max(ended, self.started)
        self.closed = True

    def restart(self, called: int) -> None:
        """The app is called, after the request was read: what was summed so far is not its."""
        self.started = self.at = called
        self.part = APP
        self.received = self.sent = 0

    def reopen(self) -> None:
        """The app is called all the same: it was not refused."""
        self.state = self.status = 0
        self.ended = None
        self.closed = False
        self.parts = [0, 0, 0, 0]

    def pending(self) -> int:
        """1 while a ``receive`` is pending, 2 while a ``send`` is, else 0."""
        if self.state:
            return 0
        return 2 if self.sends else int(self.receives > 0)

    def doubtful(self) -> bool:
        """Whether it may have ended unseen: records were overwritten since its last one.

        Not so the lifespan, which is open and silent for as long as its process serves.
        """
        return self.doubt > 0 and self.state == State.OPEN and self.kind != RowKind.LIFESPAN

    def pack(self) -> bytes:
        """The row's fields as ROW."""
        app, client, backpressure, after = parts = self.parts
        total = app + client + backpressure + after
        if total > MOST:
            app, client, backpressure, after = _limited(parts)
            total = app + client + backpressure + after
        ttfb = -1 if self.answered_at is None else max(self.answered_at - self.started, 0)
        fields = (
            self.number, self.started_wall, total, client, backpressure, after, ttfb,
            self.received, self.sent, self.first, self.status, self.source,
            self.method, self.path, self.client, self.events, self.connection, self.seen,
            self.exchange, self.last - self.first, self.weight,
            self.missing(), self.wire_dropped, self.mime, self.origin,
            self.kind, self.state, self.pending(), self.part, self.doubtful(),
        )  # fmt: skip
        if not -MOST <= self.started_wall <= MOST:
            return pack_clamped(fields)
        try:
            return ROW.pack(*fields)
        except struct.error:
            return pack_clamped(fields)


def _limited(parts: list[int]) -> list[int]:
    """Parts that sum to MOST."""
    found, room = [], MOST
    for part in parts:
        found.append(min(part, room))
        room -= found[-1]
    return found


def state_of(outcome: int) -> State:
    """The state of an exchange whose app raised with this outcome."""
    return State.CANCELLED if outcome == Outcome.CANCELLED else State.RAISED
