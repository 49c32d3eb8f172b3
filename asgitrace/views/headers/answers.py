"""What the app answered: status, headers, cookies, trailers."""

from typing import Final

from asgitrace.store.model import Event, Exchange, WireEvent
from asgitrace.views.discrepancies import compare, head_headers
from asgitrace.views.fields import Field, heading, value_text
from asgitrace.views.headers.cookies import kept_cookies
from asgitrace.views.headers.differing import differing
from asgitrace.views.headers.listed import listed, pairs_of
from asgitrace.views.headers.scope import fact
from asgitrace.views.marks import INTO, Progress
from asgitrace.wire import Wire

_ANSWERS: Final = frozenset(
    {
        "http.response.start",
        "http.response.trailers",
        "http.response.early_hint",
        "http.response.push",
        "websocket.accept",
        "websocket.close",
        "websocket.disconnect",
        "websocket.http.response.start",
    }
)
_STARTS: Final = ("http.response.start", "websocket.http.response.start")
_MOST_ANSWERS: Final = 200
_OWN_HEADERS: Final = frozenset({b"date", b"server"})
"""What every server adds."""


class Answers:
    """The events of an exchange that say something of its response."""

    def __init__(self) -> None:
        self._found: list[Event] = []
        self._progress = Progress()
        self._pending: list[int] = []
        self._head: WireEvent | None = None
        """The head of the response as it was on the wire."""
        self._wire_seen = 0
        self._started_ns = 0
        """Wall time of the exchange."""

    def broken(self, exchange: Exchange) -> bool:
        """Whether events went that had been taken in: then begin again with a new one."""
        return self._progress.broken(exchange)

    def update(self, exchange: Exchange) -> bool:
        """Take in what is new; True if there was something."""
        before = len(self._found)
        self._started_ns = exchange.row.started_ns
        events = exchange.events
        waiting, self._pending = self._pending, []
        for index in (*waiting, *range(self._progress.seen, len(events))):
            event = events[index]
            if event.type is None and event.pending:
                self._pending.append(index)
            elif event.type in _ANSWERS and len(self._found) < _MOST_ANSWERS:
                self._found.append(event)
        self._progress.advance(exchange, len(events))
        return self._find_head(exchange) or len(self._found) > before

    def _find_head(self, exchange: Exchange) -> bool:
        wire = exchange.wire
        if self._head is not None:
            return False
        start = min(self._wire_seen, len(wire))
        heads = (event for event in wire[start:] if event.wire is Wire.RESPONSE)
        self._head = next(heads, None)
        self._wire_seen = len(wire)
        return self._head is not None

    def fields(self) -> list[Field]:
        """Status, headers and trailers in the order in which they were sent, and what the wire
        shows of the first head."""
        fields: list[Field] = []
        head = self._head
        if head is not None and not any(event.type in _STARTS for event in self._found):
            fields, head = _own_response(head, self._started_ns), None
        for event in self._found:
            if fields:
                fields.append(heading(""))
            begins = event.type in _STARTS and head is not None
            fields += _answer(event, self._started_ns, apart=begins)
            if head is not None and begins:
                fields += [heading(""), *_on_the_wire(event, head)]
                head = None
        return fields or [heading("Response"), Field("", "nothing sent yet", "faint")]


def _own_response(head: WireEvent, now_ns: int) -> list[Field]:
    """A response that the app did not begin."""
    title = heading(f"On the wire  {head.number}, the server's own")
    headers = head_headers(head.content())
    if headers is None:
        return [title, Field("", "its headers were not recorded", "faint")]
    found = [(name, value.strip(b" \t")) for name, value in headers]
    return [title, *listed(found, now_ns, request=False)]


def _on_the_wire(event: Event, head: WireEvent) -> list[Field]:
    """What the server made of the headers that the app sent."""
    content = event.content()
    sent = head_headers(head.content())
    title = f"On the wire  {head.number}"
    if not isinstance(content, dict) or sent is None:
        return [heading(title), Field("", "its headers were not recorded", "faint")]
    given = pairs_of(content.get("headers", ()))
    status = content.get("status")
    added, removed, changed = compare(given, sent)
    if status == head.number and not removed and not changed and _OWN_HEADERS.issuperset(added):
        names = " and ".join(value_text(name) for name in added)
        words = f"as sent, with {names} added" if names else "as sent"
        return [heading(title), Field("", words, "dim")]
    fields = differing(title, given, sent) or [heading(title)]
    if status != head.number:
        fields.insert(1, Field("status", f"{value_text(status)} {INTO} {head.number}", "warn"))
    return fields


def _answer(event: Event, now_ns: int, *, apart: bool = False) -> list[Field]:
    """A message of the app's; ``apart`` where what went over the wire is told beside it."""
    content = event.content()
    title = event.type or ""
    if not isinstance(content, dict):
        return [heading(title), Field("", value_text(content), "warn")]
    rest = {key: held for key, held in content.items() if key not in ("type", "headers")}
    if event.type == "http.response.start":
        as_sent = ", as the app sent them" if apart else ""
        title = f"Response headers{as_sent}  {value_text(rest.pop('status', '?'))}"
    elif event.type == "http.response.trailers":
        title = "Trailers"
    headers = listed(content["headers"], now_ns, request=False) if "headers" in content else []
    cookies = kept_cookies(pairs_of(content.get("headers")), now_ns)
    if cookies:
        cookies.insert(0, heading(""))
    return [heading(title), *headers, *(fact(key, held) for key, held in rest.items()), *cookies]
