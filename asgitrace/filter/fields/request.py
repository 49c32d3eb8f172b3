"""Fields of the request and its response as a whole: what the list itself shows."""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from asgitrace.filter.fields.model import ExchangeField, Field, Numbers, Strings, Words
from asgitrace.filter.model import Mask
from asgitrace.filter.subject import Subject
from asgitrace.filter.values import Type
from asgitrace.filter.view import View
from asgitrace.store.model import Origin, Row, RowKind
from asgitrace.store.routes import route, without_query
from asgitrace.store.scope import title_of

if TYPE_CHECKING:
    from asgitrace.store.store import Store

_CLOSE: Final = 1000
"""From here on a status is the close code of a WebSocket."""

_KINDS: Final = {
    "http": (RowKind.HTTP, "an HTTP request and its response"),
    "ws": (RowKind.WEBSOCKET, "a WebSocket session"),
    "lifespan": (RowKind.LIFESPAN, "the app's start and end"),
    "other": (RowKind.OTHER, "a scope of a type that nobody knows, or that was overwritten"),
    "process": (RowKind.PROCESS, "a note on the app's process"),
}
_PENDING: Final = {
    "receive": (1, "the app waits for a message"),
    "send": (2, "the app waits for a message to be sent"),
}


def _query(path: str) -> str:
    return path.partition("?")[2]


def _itself(text: str) -> str:
    return text


def _texts(table: str, part: Callable[[Any], str] = _itself) -> "Callable[[Store], Iterable[str]]":
    """The distinct texts that a part of the entries of a table gives; no more of them than are
    asked for are made."""

    def seen(store: "Store") -> Iterator[str]:
        return (part(entry) for entry in reversed(getattr(store, table)))

    return seen


def _row(read: Callable[[Row], str]) -> Callable[[Subject], Iterable[str]]:
    def values(subject: Subject) -> Iterable[str]:
        text = read(subject.row)
        return (text,) if text else ()

    return values


def _origin(read: Callable[[Origin], str]) -> Callable[[Subject], Iterable[str]]:
    def values(subject: Subject) -> Iterable[str]:
        for item in subject.events[:1]:
            if item.event is not None and item.event.kind.name == "SCOPE":
                text = read(title_of(item.event.payload).origin)
                return (text,) if text else ()
        return ()

    return values


def _is_kind(kind: RowKind) -> Callable[[View], Mask]:
    return lambda view: view.column("kind") == kind


def _is_pending(call: int) -> Callable[[View], Mask]:
    return lambda view: view.column("pending") == call


def _type(subject: Subject) -> Iterable[str]:
    return (word for word, (kind, _) in _KINDS.items() if kind is subject.row.kind)


def _close_code(subject: Subject) -> Iterable[int]:
    row = subject.row
    found = row.kind is RowKind.WEBSOCKET and row.status >= _CLOSE
    return (row.status,) if found else ()


def _closing(view: View) -> Any:
    return view.column("status") * (view.column("kind") == RowKind.WEBSOCKET)


FIELDS: Final[tuple[Field, ...]] = (
    ExchangeField(
        name="method", type=Type.TEXT, help="HTTP method; WS, LIFESPAN and PROC for the others",
        example="method in {POST,PUT}", columns=Strings("method", "methods", _itself),
        read=_row(attrgetter("method")), seen=_texts("methods"),
        usual=("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "WS"),
    ),
    ExchangeField(
        name="path", type=Type.TEXT, help="path, without the query string",
        example="path:/api", columns=Strings("path", "paths", without_query),
        read=_row(lambda row: without_query(row.path)), seen=_texts("paths", without_query),
    ),
    ExchangeField(
        name="query", type=Type.TEXT, help="query string, as it came",
        example="query:page=2", columns=Strings("path", "paths", _query),
        read=_row(lambda row: _query(row.path)), seen=_texts("paths", _query),
    ),
    ExchangeField(
        name="route", type=Type.TEXT,
        help="path with numbers, dates and identifiers in it replaced, as the groups show it",
        example='route="/items/{n}"', columns=Strings("path", "paths", route),
        read=_row(lambda row: route(row.path)), seen=_texts("paths", route),
    ),
    ExchangeField(
        name="status", type=Type.STATUS,
        help="HTTP status, or close code of a WebSocket; < and > stay among the one or the other",
        example="status=5xx",
        columns=Numbers(lambda view: view.column("status"), lambda status: status != 0),
        read=lambda subject: (subject.row.status,) if subject.row.status else (),
        usual=("2xx", "3xx", "4xx", "5xx", "200", "404", "500", "1xxx"),
    ),
    ExchangeField(
        name="type", type=Type.CHOICE, help="what it is", example="type=ws",
        columns=Words({word: _is_kind(kind) for word, (kind, _) in _KINDS.items()}), read=_type,
        choices={word: text for word, (_, text) in _KINDS.items()},
    ),
    ExchangeField(
        name="http.version", type=Type.TEXT, help="HTTP version of the request",
        example="http.version=1.0",
        columns=Strings("origin", "origins", attrgetter("http_version")),
        read=_origin(attrgetter("http_version")),
        seen=_texts("origins", attrgetter("http_version")),
    ),
    ExchangeField(
        name="scheme", type=Type.TEXT, help="scheme of the URL: http, https, ws, wss",
        example="scheme=https", columns=Strings("origin", "origins", attrgetter("scheme")),
        read=_origin(attrgetter("scheme")), seen=_texts("origins", attrgetter("scheme")),
    ),
    ExchangeField(
        name="server", type=Type.TEXT, help="host and port where it arrived",
        example="server:8000", columns=Strings("origin", "origins", attrgetter("server")),
        read=_origin(attrgetter("server")), seen=_texts("origins", attrgetter("server")),
    ),
    ExchangeField(
        name="client", type=Type.TEXT, help="host from which it came, without the port",
        example="client=127.0.0.1", columns=Strings("client", "clients", _itself),
        read=_row(attrgetter("client")), seen=_texts("clients"),
    ),
    ExchangeField(
        name="mime", type=Type.TEXT, help="content type of the response, without parameters",
        example="mime:event-stream", columns=Strings("mime", "mimes", _itself),
        read=_row(attrgetter("mime")), seen=_texts("mimes"),
    ),
    ExchangeField(
        name="size", type=Type.SIZE, help="bytes of bodies and messages in both directions",
        example="size>64k",
        columns=Numbers(lambda view: view.column("received") + view.column("sent")),
        read=lambda subject: (subject.row.received + subject.row.sent,),
    ),
    ExchangeField(
        name="req.size", type=Type.SIZE, help="bytes of the body or messages the app received",
        example="req.size>1M", columns=Numbers(lambda view: view.column("received")),
        read=lambda subject: (subject.row.received,),
    ),
    ExchangeField(
        name="resp.size", type=Type.SIZE, help="bytes of the body or messages the app sent",
        example="resp.size=0 status=200", columns=Numbers(lambda view: view.column("sent")),
        read=lambda subject: (subject.row.sent,),
    ),
    ExchangeField(
        name="events", type=Type.NUMBER, help="number of its events, those of the wire not counted",
        example="events>1000", columns=Numbers(lambda view: view.column("events")),
        read=lambda subject: (subject.row.events,),
    ),
    ExchangeField(
        name="close.code", type=Type.STATUS, help="close code of a WebSocket",
        example="close.code in {1006,1011,1012}",
        columns=Numbers(_closing, lambda code: code >= _CLOSE), read=_close_code,
        usual=("1000", "1001", "1005", "1006", "1008", "1011", "1012", "1xxx", "4xxx"),
    ),
    ExchangeField(
        name="pending", type=Type.CHOICE, help="a call of the app's has not returned yet",
        example="pending=send",
        columns=Words({word: _is_pending(call) for word, (call, _) in _PENDING.items()}),
        read=lambda subject: (subject.row.pending,) if subject.row.pending else (),
        choices={word: text for word, (_, text) in _PENDING.items()},
    ),
    ExchangeField(
        name="conn", type=Type.NUMBER, help="number of its connection, where the wire is recorded",
        example="conn=17",
        columns=Numbers(lambda view: view.column("connection"), lambda number: number > 0),
        read=lambda subject: (subject.row.connection,) if subject.row.connection else (),
    ),
    ExchangeField(
        name="id", type=Type.NUMBER, help="number in the list", example="id in {3,5,8}",
        columns=Numbers(lambda view: view.column("numbers")),
        read=lambda subject: (subject.row.number,),
    ),
)  # fmt: skip
