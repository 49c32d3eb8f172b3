"""Request and response bodies, put together from the chunks that were recorded."""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.store.model import Event, Exchange, State
from asgitrace.views.marks import Progress
from asgitrace.views.summary import header_value, message_body

_BODIES: Final = {
    Kind.RECEIVE: frozenset({"http.request"}),
    Kind.SEND: frozenset({"http.response.body", "websocket.http.response.body"}),
}
_STARTS: Final = frozenset({"http.response.start", "websocket.http.response.start"})
_PORTION: Final = 2_000
"""Events that are taken in at a time."""
_FILES: Final = frozenset({"http.response.pathsend", "http.response.zerocopysend"})


@dataclass(slots=True)
class Run:
    """Bytes of a body without a gap between them."""

    offset: int
    """Where in the body they are."""
    data: bytearray = field(default_factory=bytearray)

    @property
    def end(self) -> int:
        """Where in the body it ends."""
        return self.offset + len(self.data)


class Body:
    """The body of one direction. Grows as events come."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.runs: list[Run] = []
        self.size = 0
        """Its true length as far as it is known."""
        self.recorded = 0
        self.chunks = 0
        self.failed = 0
        """Chunks whose ``send`` did not succeed."""
        self.finished = False
        """The last chunk was seen."""
        self.ended = False
        """No more can come."""
        self.missed = 0
        """Events that were overwritten; chunks may have been among them."""
        self.file = False
        """The server was told to send a file; its content never crossed the boundary."""
        self.content_type = ""
        self.encoding = ""
        self.text = False
        """It is a WebSocket message of text."""
        self.target = ""
        """Path and query of the exchange."""
        self.behind = False
        """There are more events to take in."""
        self._progress = Progress()

    @classmethod
    def of(
        cls,
        data: bytes,
        *,
        kind: Kind = Kind.SEND,
        size: int = 0,
        text: bool = False,
        content_type: str = "",
        encoding: str = "",
        target: str = "",
    ) -> "Body":
        """A message by itself. ``size`` is its true length, where it was cut."""
        body = cls(kind)
        body.encoding = encoding
        body.text, body.content_type, body.target = text, content_type, target
        body._add(data, size)
        body.finished = body.ended = True
        return body

    @property
    def request(self) -> bool:
        """It came from the client."""
        return self.kind is Kind.RECEIVE

    @property
    def whole(self) -> bool:
        """All of it is there, in one run."""
        return self.finished and not self.missed and self.recorded == self.size

    def broken(self, exchange: Exchange) -> bool:
        """Whether chunks went that had been taken in: then begin again with a new one."""
        return self._progress.broken(exchange)

    def update(self, exchange: Exchange) -> bool:
        """Take in what is new, a portion at most; True if there was something for this body."""
        before = (self.chunks, self.ended, self.content_type, self.file)
        self.missed = exchange.missed
        self.target = self.target or exchange.row.path
        seen = self._progress.seen
        for event in islice(exchange.events, seen, seen + _PORTION):
            if event.pending and event.kind is Kind.RECEIVE and self.kind is Kind.RECEIVE:
                break
            self._take(event)
            seen += 1
        self.behind = seen == self._progress.seen + _PORTION
        self._progress.advance(exchange, seen)
        over = exchange.row.state is not State.OPEN and not self.behind
        self.ended = self.finished or over
        return before != (self.chunks, self.ended, self.content_type, self.file)

    def _take(self, event: Event) -> None:
        if event.kind is Kind.SCOPE and self.kind is Kind.RECEIVE:
            self._headers(event.content())
        elif event.kind is not self.kind:
            return
        elif event.type in _BODIES[self.kind]:
            self._chunk(event)
        elif event.type in _STARTS and not self.content_type:
            self._headers(event.content())
        elif event.type in _FILES:
            self.file = True

    def _headers(self, content: Any) -> None:
        headers = content.get("headers") if isinstance(content, dict) else None
        self.content_type = header_value(headers, b"content-type")
        self.encoding = header_value(headers, b"content-encoding")

    def _chunk(self, event: Event) -> None:
        data, _ = message_body(event.content())
        self.failed += event.outcome is not Outcome.OK
        self.finished = self.finished or not event.flags & Flag.MORE
        self._add(data, event.size)

    def _add(self, data: bytes, size: int) -> None:
        self.chunks += 1
        if data:
            if not self.runs or self.runs[-1].end != self.size:
                self.runs.append(Run(self.size))
            self.runs[-1].data += data
        self.recorded += len(data)
        self.size += max(size, len(data))
