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
_FILES: Final = frozenset({"http.response.pathsend", "http.response.zerocopysend"})


@dataclass(slots=True)
class Run:
    """Bytes of a body without a gap between them."""

    offset: int
    """Where in the body they are."""
    data: bytearray = field(default_factory=bytearray)


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
        self._progress = Progress()

    @property
    def whole(self) -> bool:
        """All of it is there, in one run."""
        return self.finished and not self.missed and self.recorded == self.size

    def broken(self, exchange: Exchange) -> bool:
        """Whether chunks went that had been taken in: then begin again with a new one."""
        return self._progress.broken(exchange)

    def update(self, exchange: Exchange) -> bool:
        """Take in what is new; True if there was something for this body."""
        before = (self.chunks, self.ended, self.content_type, self.file)
        self.missed = exchange.missed
        seen = self._progress.seen
        for event in islice(exchange.events, seen, None):
            if event.pending and event.kind is Kind.RECEIVE and self.kind is Kind.RECEIVE:
                break
            self._take(event)
            seen += 1
        self._progress.advance(exchange, seen)
        self.ended = self.finished or exchange.row.state is not State.OPEN
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
        self.chunks += 1
        self.failed += event.outcome is not Outcome.OK
        self.finished = self.finished or not event.flags & Flag.MORE
        if data:
            if not self.runs or self._end() != self.size:
                self.runs.append(Run(self.size))
            self.runs[-1].data += data
        self.recorded += len(data)
        self.size += max(event.size, len(data))

    def _end(self) -> int:
        return self.runs[-1].offset + len(self.runs[-1].data)


def body_note(body: Body) -> tuple[str, str]:
    """What is to be known of a body, with the name of a style: how much there is, and how much is
    not."""
    parts = [body.content_type] if body.content_type else []
    chunks = f"{body.chunks:,} chunk{'' if body.chunks == 1 else 's'}"
    style = "dim"
    if body.recorded < body.size:
        parts.append(f"recorded {body.recorded:,} of {body.size:,} bytes, {chunks}")
        style = "warn"
    else:
        parts.append(f"{body.size:,} bytes, {chunks}")
    if body.encoding and body.encoding.lower() != "identity":
        parts.append(f"content-encoding: {body.encoding}, shown as sent")
    if body.file:
        parts.append("the server sent a file: its content was not seen")
    if body.missed:
        parts.append(f"{body.missed:,} events overwritten: chunks may be missing")
        style = "warn"
    if body.failed:
        parts.append(f"{body.failed:,} not sent")
        style = "warn"
    if body.chunks and not body.finished:
        parts.append("ended without a last chunk" if body.ended else "more to come")
    return " · ".join(parts), style


def charset(content_type: str) -> str:
    """The charset a content type names, UTF-8 otherwise."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'") or "utf-8"
    return "utf-8"
