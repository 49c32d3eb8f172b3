"""One event of the wire in a few words."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from asgitrace.events import Flag
from asgitrace.store.model import WireEvent
from asgitrace.views.clean import clean, clean_bytes
from asgitrace.views.fields import value_text
from asgitrace.views.summary import CLOSE_CODES, Words, payload_text, preview
from asgitrace.views.units import format_size
from asgitrace.wire import (
    BINARY,
    CLOSE,
    OUTBOUND,
    PING,
    PONG,
    TEXT,
    Frame,
    Wire,
    close_code,
)
from asgitrace.words import counted

OPCODES: Final = {
    0: "continuation",
    TEXT: "text",
    BINARY: "binary",
    CLOSE: "close",
    PING: "ping",
    PONG: "pong",
}
WRONG: Final = frozenset({Wire.ERROR, Wire.REFUSED, Wire.TIMEOUT})
"""What the server tells of as an error."""
_HARD: Final = ("reset", "aborted")
_LONGEST: Final = 400
_ENDS: Final = {
    "eof": "closed",
    "reset": "reset",
    "closed": "closed",
    "aborted": "aborted",
}


def is_outbound(event: WireEvent) -> bool | None:
    """Whether it went from the server to the peer; None for what happened in the server."""
    if event.wire in OUTBOUND:
        return True
    if event.wire is Wire.CLOSED:
        return event.content().get("by") == "server"
    return None if event.wire in WRONG else False


def is_wrong(event: WireEvent) -> bool:
    """Whether it is drawn as an error: also the end of a connection that was no orderly one."""
    if event.wire is Wire.CLOSED:
        return event.content().get("how") in _HARD
    return event.wire in WRONG


def opcode_name(opcode: int) -> str:
    """What a frame is called."""
    return OPCODES.get(opcode, f"opcode {opcode}")


def wire_words(event: WireEvent) -> Words:
    """What happened, cleaned, in pieces with the names of their styles."""
    return _WORDS[event.wire](event, event.content())


def text_of(content: dict[str, Any], key: str) -> str:
    """A text of the network's or of the server's, cleaned and cut; empty where there is none."""
    value = content.get(key)
    if isinstance(value, bytes):
        return clean_bytes(value[:_LONGEST])
    return value_text(value)[:_LONGEST] if value is not None else ""


def request_line(content: dict[str, Any]) -> str:
    """Method and target of a request's head, cleaned."""
    head = content.get("head")
    if not isinstance(head, bytes):
        return "request"
    line = head[: _LONGEST * 4].lstrip(b"\r\n").split(b"\n", 1)[0].rstrip(b"\r")
    words, _, version = line.rpartition(b" ")
    if not version.startswith(b"HTTP/"):
        words = line
    return clean_bytes(words)[:_LONGEST]


def close_parts(content: dict[str, Any]) -> tuple[int | None, str]:
    """Code and reason of a close frame's payload (RFC 6455 section 5.5.1)."""
    data = content.get("data")
    code = close_code(data)
    reason = data[2:_LONGEST] if isinstance(data, bytes) else b""
    return code, clean_bytes(reason)


def end_words(content: dict[str, Any]) -> str:
    """How a connection ended: ``closed by client``."""
    how = content.get("how")
    verb = _ENDS.get(how, text_of(content, "how")) if isinstance(how, str) else "closed"
    return f"{verb} by {text_of(content, 'by') or 'somebody'}"


def _opened(event: WireEvent, content: dict[str, Any]) -> Words:
    return [("connection opened", "text"), (f"  {text_of(content, 'peer')}", "dim")]


def _closed(event: WireEvent, content: dict[str, Any]) -> Words:
    hard = content.get("how") in _HARD
    words: Words = [(end_words(content), "bad" if hard else "text")]
    if text := text_of(content, "text"):
        words.append((f"  {text}", "dim"))
    return words


def _error(event: WireEvent, content: dict[str, Any]) -> Words:
    number = f" {event.number}" if event.number else ""
    return [(f"error{number}", "bad"), (f"  {text_of(content, 'text')}", "bad")]


def _timeout(event: WireEvent, content: dict[str, Any]) -> Words:
    seconds = content.get("seconds")
    limit = f" after {seconds:g}s" if isinstance(seconds, int | float) else ""
    return [(f"time-out{limit}", "bad"), (f"  no {text_of(content, 'what')}", "bad")]


def _request(event: WireEvent, content: dict[str, Any]) -> Words:
    return [(request_line(content), "text"), (f" {format_size(event.size)}", "dim")]


def _refused(event: WireEvent, content: dict[str, Any]) -> Words:
    return [(f"refused {event.number}", "bad"), (f"  {text_of(content, 'text')}", "bad")]


def _head(event: WireEvent, content: dict[str, Any]) -> Words:
    status = event.number
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    ink = "good" if status < 300 else "notice" if status < 400 else "warn"
    return [
        (str(status), ink if status < 500 else "bad"),
        (f" {phrase}" if phrase else "", "text"),
        (f" {format_size(event.size)}", "dim"),
    ]


def _body(event: WireEvent, content: dict[str, Any]) -> Words:
    return [("body", "text"), (f" {format_size(event.size)}", "dim")]


def _end(event: WireEvent, content: dict[str, Any]) -> Words:
    trailers = content.get("trailers")
    count = len(trailers) if isinstance(trailers, list | tuple) else 0
    note = f"  {counted(count, 'trailer')}" if count else ""
    return [("end", "dim"), (note, "text")]


def _frame(event: WireEvent, content: dict[str, Any]) -> Words:
    frame = Frame.unpack(event.number)
    name = opcode_name(frame.opcode)
    if frame.opcode == CLOSE:
        code, reason = close_parts(content)
        shown = "no code" if code is None else str(code)
        calm = code in (None, 1000, 1001)
        words: Words = [(f"{name} ", "text"), (shown, "good" if calm else "warn")]
        known = reason or CLOSE_CODES.get(code or 0, "")
        return [*words, (f" {known}" if known else "", "dim")]
    if frame.is_control:
        words = [(name, "text"), (f" {format_size(event.size)}", "dim")]
        data = content.get("data")
        if isinstance(data, bytes) and data:
            words.append((f" {payload_text(data)}", "dim"))
        return words
    words = [(name, "text"), (f" {_frame_size(event, frame, content)}", "dim")]
    if not frame.fin:
        words.append((" (more)", "dim"))
    elif frame.opcode == 0:
        words.append((" (last)", "dim"))
    return words


def _frame_size(event: WireEvent, frame: Frame, content: dict[str, Any]) -> str:
    size, inflated, whole = format_size(event.size), content.get("inflated"), content.get("of")
    if isinstance(whole, int) and whole != event.size:
        return f"{size}, cut: {format_size(whole)} announced"
    if not frame.rsv1 and not isinstance(inflated, int):
        return size
    deflated = f"{size} deflated"
    return f"{format_size(inflated)}, {deflated}" if isinstance(inflated, int) else deflated


def _bytes(event: WireEvent, content: dict[str, Any]) -> Words:
    data = content.get("data")
    shown = clean(preview(data[:256])) if isinstance(data, bytes) else ""
    return [("bytes", "dim"), (f" {format_size(event.size)}", "dim"), (f" {shown}", "faint")]


_WORDS: Final[dict[Wire, Callable[[WireEvent, dict[str, Any]], Words]]] = {
    Wire.OPENED: _opened,
    Wire.CLOSED: _closed,
    Wire.HALF_CLOSED: lambda _, __: [("sends no more", "text")],
    Wire.ERROR: _error,
    Wire.TIMEOUT: _timeout,
    Wire.REQUEST: _request,
    Wire.REQUEST_BODY: _body,
    Wire.REQUEST_END: _end,
    Wire.REFUSED: _refused,
    Wire.INFORMATIONAL: _head,
    Wire.RESPONSE: _head,
    Wire.RESPONSE_BODY: _body,
    Wire.RESPONSE_END: _end,
    Wire.FRAME_IN: _frame,
    Wire.FRAME_OUT: _frame,
    Wire.BYTES_IN: _bytes,
    Wire.BYTES_OUT: _bytes,
}


def cut_note(event: WireEvent) -> str:
    """What of it was not kept; empty if it is whole."""
    if event.flags & Flag.OVERSIZE:
        return "larger than the buffer: not recorded"
    return "recorded in part" if event.flags & Flag.TRUNCATED else ""
