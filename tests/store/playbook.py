"""Records in, rows and events out: a tape to write records on, and what a store makes of it."""

from collections.abc import Iterable
from typing import Any, Final

from asgitrace.clock import ClockAnchor
from asgitrace.events import HEADER, MESSAGE_CODES, Flag, Header, Kind, Outcome, Phase
from asgitrace.ring import Batch, encode
from asgitrace.store import Exchange, Row, Split, Store
from asgitrace.wire import Wire

ANCHOR: Final = ClockAnchor(1_000, 1_700_000_000_000_000_000)
"""Monotonic 1000 ns is this wall time."""

REQUEST: Final = {"type": "http.request", "body": b"", "more_body": False}
START: Final = {"type": "http.response.start", "status": 200, "headers": []}
BODY: Final = {"type": "http.response.body", "body": b"hello"}
FAILURE: Final = {"type": "OSError", "module": "builtins", "message": "gone"}


def facts(message: dict[str, Any]) -> dict[str, int]:
    """What the header of a message's record says of it."""
    body = message.get("body") or message.get("bytes") or message.get("text") or b""
    number = message.get("status", message.get("code", 0))
    more = message.get("more_body") or message.get("more_trailers")
    return {
        "message": MESSAGE_CODES[message["type"]],
        "number": number if isinstance(number, int) else 0,
        "flags": Flag.MORE if more else 0,
        "size": len(body),
    }


class Tape:
    """Records in the order in which a ring would have them."""

    def __init__(self, sequence: int = 0) -> None:
        self.headers: list[Header] = []
        self.payloads: list[bytes] = []
        self._sequence = sequence
        self._position = 0
        self._read = 0

    def add(
        self,
        kind: int,
        exchange: int,
        called: int,
        returned: int = 0,
        *,
        call: int = 0,
        phase: int = Phase.WHOLE,
        outcome: int = Outcome.OK,
        message: int = 0,
        number: int = 0,
        flags: int = 0,
        size: int = 0,
        payload: bytes = b"",
    ) -> "Tape":
        """Any record at all."""
        self.headers.append(
            Header(
                self._sequence, called, returned, size, self._position, exchange, call,
                len(payload), number, flags, kind, phase, outcome, message, 0,
            )
        )  # fmt: skip
        self.payloads.append(payload)
        self._sequence += 1
        self._position += len(payload)
        return self

    def scope(self, exchange: int, at: int, kind: str = "http", **scope: object) -> "Tape":
        full = {"type": kind, "method": "GET", "path": "/", "query_string": b"", **scope}
        return self.add(Kind.SCOPE, exchange, at, at, payload=encode(full))

    def receive(
        self, exchange: int, call: int, called: int, returned: int, message: dict[str, Any]
    ) -> "Tape":
        """A ``receive`` that never suspended."""
        return self._message(Kind.RECEIVE, Phase.WHOLE, exchange, call, called, returned, message)

    def receive_called(self, exchange: int, call: int, called: int) -> "Tape":
        return self.add(Kind.RECEIVE, exchange, called, call=call, phase=Phase.CALLED)

    def receive_returned(
        self, exchange: int, call: int, called: int, returned: int, message: dict[str, Any]
    ) -> "Tape":
        return self._message(
            Kind.RECEIVE, Phase.RETURNED, exchange, call, called, returned, message
        )

    def send(
        self, exchange: int, call: int, called: int, returned: int, message: dict[str, Any]
    ) -> "Tape":
        """A ``send`` that never suspended."""
        return self._message(Kind.SEND, Phase.WHOLE, exchange, call, called, returned, message)

    def send_called(self, exchange: int, call: int, called: int, message: dict[str, Any]) -> "Tape":
        return self._message(Kind.SEND, Phase.CALLED, exchange, call, called, 0, message)

    def send_returned(
        self,
        exchange: int,
        call: int,
        called: int,
        returned: int,
        message: dict[str, Any],
        outcome: Outcome = Outcome.OK,
    ) -> "Tape":
        return self.add(
            Kind.SEND, exchange, called, returned, call=call, phase=Phase.RETURNED, outcome=outcome,
            **facts(message), payload=b"" if outcome is Outcome.OK else encode(FAILURE),
        )  # fmt: skip

    def failed(self, kind: Kind, exchange: int, call: int, called: int, returned: int) -> "Tape":
        """A call that raised at once."""
        return self.add(
            kind, exchange, called, returned, call=call, outcome=Outcome.RAISED,
            payload=encode(FAILURE),
        )  # fmt: skip

    def end(self, exchange: int, at: int) -> "Tape":
        """The app returned."""
        return self.add(Kind.RETURN, exchange, at, at)

    def crash(self, exchange: int, at: int, outcome: Outcome = Outcome.RAISED) -> "Tape":
        """The app raised."""
        return self.add(Kind.RAISE, exchange, at, at, outcome=outcome, payload=encode(FAILURE))

    def wire(
        self,
        connection: int,
        what: int,
        at: int,
        accepted: int | None = None,
        *,
        exchange: int = 0,
        content: dict[str, Any] | None = None,
        payload: bytes = b"",
        phase: Phase = Phase.WHOLE,
        **fields: int,
    ) -> "Tape":
        """An event of the wire; ``accepted`` where that was later than ``at``."""
        return self.add(
            Kind.WIRE, exchange, at, at if accepted is None else accepted, call=connection,
            phase=phase, message=what, payload=payload if content is None else encode(content),
            **fields,
        )  # fmt: skip

    def wired(self, exchange: int, connection: int = 1, at: int = 1_000) -> "Tape":
        """The ordinary HTTP exchange with what its wire sees; 50 ns go by before the scope."""
        head = {"head": b"GET /wired HTTP/1.1\r\n\r\n"}
        answer = {"head": b"HTTP/1.1 200 OK\r\n\r\n"}
        return (
            self.wire(connection, Wire.REQUEST, at - 50, exchange=exchange, number=1, size=24,
                      content=head)
            .wire(connection, Wire.REQUEST_END, at - 50, exchange=exchange)
            .request(exchange, at)
            .wire(connection, Wire.RESPONSE, at + 61, exchange=exchange, number=200, size=19,
                  content=answer)
            .wire(connection, Wire.RESPONSE_BODY, at + 62, 0, exchange=exchange, size=5,
                  phase=Phase.CALLED)
            .wire(connection, Wire.RESPONSE_BODY, at + 62, at + 90, exchange=exchange, size=5,
                  phase=Phase.RETURNED)
        )  # fmt: skip

    def request(self, exchange: int, at: int = 1_000, body: bytes = b"hello") -> "Tape":
        """An ordinary HTTP exchange of 100 ns: 30 app, 20 client, 30 backpressure, 20 after."""
        return (
            self.scope(exchange, at, path=f"/{exchange}")
            .receive(exchange, 1, at + 10, at + 30, REQUEST)
            .send(exchange, 2, at + 40, at + 50, START)
            .send(exchange, 3, at + 60, at + 80, {**BODY, "body": body})
            .end(exchange, at + 100)
        )

    def batch(self, count: int | None = None, *, missed: int = 0) -> Batch:
        """The next records, as a reader of the ring would hand them on."""
        end = len(self.headers) if count is None else min(self._read + count, len(self.headers))
        chosen = slice(self._read, end)
        self._read = end
        headers = self.headers[chosen]
        packed = b"".join(HEADER.pack(*header) for header in headers)
        origin = headers[0].position if headers else 0
        return Batch(packed, b"".join(self.payloads[chosen]), origin, missed)

    def skip(self, count: int) -> int:
        """Overwrite the next records unread; returns how many."""
        self._read += count
        return count

    def _message(
        self,
        kind: Kind,
        phase: Phase,
        exchange: int,
        call: int,
        called: int,
        returned: int,
        message: dict[str, Any],
    ) -> "Tape":
        return self.add(
            kind, exchange, called, returned, call=call, phase=phase, **facts(message),
            payload=encode(message),
        )  # fmt: skip


def store_of(tape: Tape, cuts: Iterable[int] = (), limit: int = 64 << 20) -> Store:
    """A store with one process that took in the tape, cut into batches of these lengths."""
    store = Store(limit)
    store.add_process(42, ANCHOR, "shop:app")
    for count in cuts:
        store.take(0, tape.batch(count))
    store.take(0, tape.batch())
    return store


def exchange_of(store: Store, number: int = 1, now: int = 0) -> Exchange:
    """An exchange that must be there, read to its end."""
    while True:
        found = store.exchange(number, now)
        assert found is not None
        if found.whole:
            return found


def rows_of(store: Store, now: int = 0) -> list[Row]:
    """All rows."""
    return [store.row(number, now) for number in store.numbers.tolist()]


def parts(split: Split) -> tuple[int, int, int, int]:
    """App, client, backpressure, after."""
    return split.app, split.client, split.backpressure, split.after
