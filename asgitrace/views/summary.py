"""One event in one line, said the way its type asks for."""

from collections.abc import Callable
from typing import Any, Final

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.store.model import Event
from asgitrace.views.clean import clean, clean_bytes
from asgitrace.views.fields import value_text
from asgitrace.views.marks import LINE_END
from asgitrace.views.units import format_size
from asgitrace.wire import CALM_CLOSE_CODES

Words = list[tuple[str, str]]
"""Pieces of a line, cleaned, each with the name of its style."""

_PREVIEW: Final = 400
"""No line shows more characters than this."""

CLOSE_CODES: Final = {
    1000: "normal closure",
    1001: "going away",
    1002: "protocol error",
    1003: "unsupported data",
    1005: "no code received",
    1006: "connection lost without a close frame",
    1007: "invalid data",
    1008: "policy violation",
    1009: "message too big",
    1010: "extension missing",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
    1015: "TLS handshake failed",
}


def summarise(event: Event) -> Words:
    """What an event says, with the marks of what is not whole about it."""
    marks = [(f"{words}  ", style) for words, style in flag_words(event)]
    return [*outcome_words(event), *marks, *_content(event)]


def flag_words(event: Event) -> Words:
    """Marks for what was not recorded as it was."""
    words: Words = []
    if event.flags & Flag.TRUNCATED:
        kept = recorded(event)
        words.append((f"[recorded {kept:,} of {event.size:,} bytes]", "warn"))
    if event.flags & Flag.REPR:
        words.append(("[not a plain message: its repr]", "warn"))
    if event.flags & Flag.OVERSIZE:
        words.append(("[content larger than the buffer: not recorded]", "warn"))
    if event.flags & Flag.LEGACY:
        words.append(("[ASGI 2]", "dim"))
    return words


def recorded(event: Event) -> int:
    """Bytes of the body or message that are there."""
    body, _ = message_body(event.content())
    return len(body)


def message_body(content: Any) -> tuple[bytes, bool]:
    """The body or the message of a decoded message, and whether it is text."""
    if not isinstance(content, dict):
        return b"", False
    text = content.get("text")
    if isinstance(text, str):
        return text.encode("utf-8", "surrogatepass"), True
    for key in ("body", "bytes"):
        if isinstance(content.get(key), bytes):
            return content[key], False
    return b"", False


def one_line(data: bytes) -> str:
    """A short preview of bytes, cleaned: the start of their text with its line ends marked."""
    text = data[: _PREVIEW * 4].decode("utf-8", "replace")[:_PREVIEW].strip("\r\n")
    return f" {LINE_END} ".join(clean(line.removesuffix("\r")) for line in text.split("\n") if line)


def is_binary(data: bytes) -> bool:
    """Whether bytes are better read as hex than as text."""
    start = data[:2048]
    if b"\0" in start:
        return True
    odd = sum(byte < 32 and byte not in b"\t\r\n\x1b\b\f" for byte in start)
    try:
        start.decode()
    except UnicodeDecodeError as error:
        # A character cut in two at the end is no sign of anything.
        return error.start < len(start) - 3 or odd > 0
    return odd * 10 > len(start)


def preview(data: bytes, *, text: bool = False) -> str:
    """The start of bytes that are text, otherwise their first bytes in hex."""
    if text or not is_binary(data):
        return one_line(data)
    return data[:32].hex(" ") + (" …" if len(data) > 32 else "")


def payload_text(data: bytes) -> str:
    """The payload of a control frame, which are any bytes: in quotes if all of it is printable
    ASCII, otherwise in hex."""
    if is_printable(data):
        return f'"{data.decode("ascii")}"'
    return data[:32].hex(" ") + (" …" if len(data) > 32 else "")


def is_printable(data: bytes) -> bool:
    """Whether bytes are printable ASCII."""
    return all(32 <= byte < 127 for byte in data)


def header_value(headers: Any, name: bytes) -> str:
    """The first header of that name, cleaned; empty if there is none."""
    if isinstance(headers, list):
        for entry in headers:
            if (
                isinstance(entry, list)
                and len(entry) == 2
                and isinstance(entry[0], bytes)
                and isinstance(entry[1], bytes)
                and entry[0].lower() == name
            ):
                return clean_bytes(entry[1][:_PREVIEW])
    return ""


def outcome_words(event: Event) -> Words:
    """Whether a call has not returned, or raised."""
    if event.pending:
        call = "receive" if event.kind is Kind.RECEIVE else "send"
        return [(f"waiting in {call}()  ", "warn")]
    if event.outcome is Outcome.OK or event.kind is Kind.RAISE:
        return []
    failure = event.failure() or {}
    name = value_text(failure.get("type", "?"))
    text = value_text(failure.get("message", ""))[:_PREVIEW]
    verb, style = ("cancelled", "warn") if event.outcome is Outcome.CANCELLED else ("raised", "bad")
    return [(f"{verb}: {name}{': ' + text if text else ''}  ", style)]


def _content(event: Event) -> Words:
    content = event.content()
    match event.kind:
        case Kind.SCOPE:
            return _scope(content)
        case Kind.RETURN:
            return [("returned" if content is None else f"returned {value_text(content)}", "dim")]
        case Kind.RAISE:
            return _exception(event, content)
        case Kind.DEBUGGER:
            return _debugger(event, content if isinstance(content, dict) else {})
    if content is None:
        return []
    if not isinstance(content, dict) or "repr" in content:
        shown = content.get("repr") if isinstance(content, dict) else content
        return [(value_text(shown)[:_PREVIEW] + " ", "text")]
    return _SUMMARIES.get(event.type or "", _other)(event, content)


def _debugger(event: Event, content: dict[Any, Any]) -> Words:
    """Where the app stood, and what stood with it."""
    place = content.get("place")
    words = [(f"at {_short(place)}  ", "text")] if isinstance(place, str) else []
    row = content.get("of")
    if row is not None:
        where = f"the debugger in #{value_text(row)}" if row else "a debugger"
        return [(f"held up by {where}  ", "warn"), *words]
    return [*words, ("the event loop stood, too", "warn")] if event.number else words


def _short(place: str) -> str:
    """A place in the code without the folders of its file."""
    return value_text(place.rpartition("/")[2][:_PREVIEW])


def _scope(content: Any) -> Words:
    if not isinstance(content, dict):
        return [(value_text(content)[:_PREVIEW], "dim")]
    kind = content.get("type")
    if kind == "lifespan":
        return [("lifespan", "dim")]
    words = [
        value_text(content[key])[:_PREVIEW]
        for key in ("method", "path")
        if content.get(key) is not None
    ]
    version = f"HTTP/{value_text(content.get('http_version', '?'))}"
    client = content.get("client")
    if isinstance(client, list) and len(client) == 2:
        version += f" from {value_text(client[0])}:{value_text(client[1])}"
    label = "WebSocket " if kind == "websocket" else ""
    return [(label + " ".join(words) + "  ", "text"), (version, "dim")]


def _exception(event: Event, content: Any) -> Words:
    if not isinstance(content, dict):
        return [("raised", "bad")]
    name = value_text(content.get("type", "?"))
    text = value_text(content.get("message", ""))[:_PREVIEW]
    style = "warn" if event.outcome is Outcome.CANCELLED else "bad"
    return [(name, style), (f": {text}" if text else "", "text")]


def _start(event: Event, content: dict[str, Any]) -> Words:
    status = event.number
    style = "good" if status < 300 else "notice" if status < 400 else "warn"
    words = [(value_text(content.get("status")), style if status < 500 else "bad")]
    headers = content.get("headers")
    values = (
        header_value(headers, name) for name in (b"content-type", b"location", b"content-encoding")
    )
    words += [(f"  {value}", "text") for value in values if value]
    if length := header_value(headers, b"content-length"):
        words.append((f"  {length} bytes announced", "dim"))
    if content.get("trailers"):
        words.append(("  trailers follow", "dim"))
    return words


def _body(event: Event, content: dict[str, Any]) -> Words:
    body, _ = message_body(content)
    more = ("more  ", "dim") if event.flags & Flag.MORE else ("last  ", "dim")
    return [more, (preview(body) + " ", "text") if body else ("empty", "faint")]


def _frame(event: Event, content: dict[str, Any]) -> Words:
    body, text = message_body(content)
    return [("text  " if text else "bytes  ", "dim"), (preview(body, text=text) + " ", "text")]


def _close(event: Event, content: dict[str, Any]) -> Words:
    code = content.get("code", 1000 if event.type == "websocket.close" else 1005)
    known = CLOSE_CODES.get(code, "") if isinstance(code, int) else ""
    calm = isinstance(code, int) and code in CALM_CLOSE_CODES
    words = [(value_text(code), "good" if calm else "warn"), (f"  {known}" if known else "", "dim")]
    reason = content.get("reason")
    if reason and reason != known:
        words.append((f"  {value_text(reason)[:_PREVIEW]}", "text"))
    return words


def _accept(event: Event, content: dict[str, Any]) -> Words:
    subprotocol = content.get("subprotocol")
    return [(f"subprotocol {value_text(subprotocol)}", "good")] if subprotocol else []


def _path(event: Event, content: dict[str, Any]) -> Words:
    return [(value_text(content.get("path", content.get("file")))[:_PREVIEW], "text")]


def _failed(event: Event, content: dict[str, Any]) -> Words:
    return [(value_text(content.get("message", ""))[:_PREVIEW] + " ", "bad")]


def _trailers(event: Event, content: dict[str, Any]) -> Words:
    headers = content.get("headers")
    count = len(headers) if isinstance(headers, list) else 0
    return [(f"{count} headers", "text")]


def _other(event: Event, content: dict[str, Any]) -> Words:
    rest = {key: held for key, held in content.items() if key != "type"}
    name = "" if event.type else f"{value_text(content.get('type'))}  "
    return [(name + (value_text(rest)[:_PREVIEW] if rest else "") + " ", "text")]


_SUMMARIES: Final[dict[str, Callable[[Event, dict[str, Any]], Words]]] = {
    "http.request": _body,
    "http.response.start": _start,
    "http.response.body": _body,
    "http.response.trailers": _trailers,
    "http.response.push": _path,
    "http.response.pathsend": _path,
    "websocket.accept": _accept,
    "websocket.receive": _frame,
    "websocket.send": _frame,
    "websocket.disconnect": _close,
    "websocket.close": _close,
    "websocket.http.response.start": _start,
    "websocket.http.response.body": _body,
    "lifespan.startup.failed": _failed,
    "lifespan.shutdown.failed": _failed,
}


def size_text(event: Event) -> str:
    """The size of a body or message; nothing where there is none to have a size."""
    sized = event.size or (event.type or "").endswith((".body", ".request", ".receive", ".send"))
    return format_size(event.size) if sized else ""
