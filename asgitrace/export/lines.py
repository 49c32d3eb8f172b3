"""The lines of a trace file, as types; the JSON Schema is generated from them.

Changes within one format only add members that a reader may ignore; whatever a reader would
misunderstand without knowing it raises ``FORMAT``.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.json import Decoder, Encoder

FORMAT: Final = 3
"""Version of the format, apart from the version of the release."""

LINE_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of a line, its end included, that are written and, unless told otherwise, read."""

VALUES_LIMIT: Final = 1_000_000
"""Values in a line, at most: three bytes of JSON can become a hundred in memory."""

_U8 = Meta(ge=0, le=2**8 - 1)
_U16 = Meta(ge=0, le=2**16 - 1)
_U32 = Meta(ge=0, le=2**32 - 1)
_U53 = Meta(ge=0, le=2**53)
_U63 = Meta(ge=0, le=2**63 - 1)
_I64 = Meta(ge=-(2**63), le=2**63 - 1)
_NATURAL = Meta(ge=0)


def _says(description: str) -> Meta:
    return Meta(description=description)


def _content(description: str) -> Meta:
    return Meta(description=description, extra_json_schema={"$ref": "#/$defs/Content"})


Source: TypeAlias = Annotated[int, _U32, _says("Number of the process in this file.")]
WallTime: TypeAlias = Annotated[int, _I64, _says("Wall time in ns since the epoch.")]
Monotonic: TypeAlias = Annotated[int, _I64, _says("Monotonic ns of the process, see its anchor.")]


class Surrogates(Struct, forbid_unknown_fields=True, frozen=True):
    """Text with lone surrogates, as base64 of its UTF-8, surrogates let pass."""

    surrogates: bytes


Text: TypeAlias = str | Surrogates


class TraceLine(Struct, tag="trace", tag_field="line", kw_only=True, frozen=True):
    """The first line."""

    format: Annotated[int, Meta(ge=1, description="Version of the format.")]
    asgitrace: Annotated[str, _says("Version of the release that wrote it.")]
    created: Annotated[datetime, Meta(tz=True)]


class Anchor(Struct, frozen=True):
    """One instant read from both clocks: wall time is wall_ns + stamp - monotonic_ns."""

    monotonic_ns: Annotated[int, _I64]
    wall_ns: Annotated[int, _I64]


class ProcessLine(
    Struct, tag="process", tag_field="line", kw_only=True, omit_defaults=True, frozen=True
):
    """A process that recorded; stands before its first event."""

    process: Source
    pid: Annotated[int, _U63]
    target: Annotated[Text, _says("What it runs, e.g. module:app.")]
    server: Annotated[Text, _says("The server it runs in, e.g. uvicorn 0.38.0.")] = ""
    worker: Annotated[
        int, _U32, _says("Which of several processes it is, from 1; absent: there is but one.")
    ] = 0
    anchor: Anchor


class EventLine(
    Struct, tag="event", tag_field="line", kw_only=True, omit_defaults=True, frozen=True, gc=False
):
    """One record; a call that suspended has two. Members that would say nothing are left out."""

    process: Source
    exchange: Annotated[int, _U32, _says("The application call, numbered in its process.")]
    sequence: Annotated[int, _NATURAL, _says("The record, numbered in its process from 0.")]
    call: Annotated[int, _U32, _says("The receive or send, numbered in its exchange.")] = 0
    event: Annotated[
        Literal["scope", "receive", "send", "return", "raise", "debugger"] | Annotated[int, _U8],
        _says("What happened; here and below, a number is a newer version's code."),
    ]
    phase: Annotated[
        Literal["whole", "called", "returned"] | Annotated[int, _U8],
        _says("Which moment of a call; whole: both, it never suspended."),
    ]
    outcome: Literal["ok", "raised", "cancelled"] | Annotated[int, _U8]
    type: Annotated[
        str | Annotated[int, _U8] | UnsetType, _says("Type of the scope or message.")
    ] = UNSET
    number: Annotated[int, _U16, _says("HTTP status or WebSocket close code.")] = 0
    size: Annotated[int, _NATURAL, _says("True length of the body or message in bytes.")] = 0
    more: Annotated[bool, _says("more_body or more_trailers was true.")] = False
    truncated: Annotated[bool, _says("Less than size bytes of the body were kept.")] = False
    repr: Annotated[bool, _says("The message could not be encoded; its repr was kept.")] = False
    text: Annotated[bool, _says("A WebSocket message of text.")] = False
    oversize: Annotated[bool, _says("The content was too large to be kept at all.")] = False
    legacy: Annotated[bool, _says("The scope was given to an ASGI 2 application.")] = False
    flags: Annotated[int, _U16, _says("Marks of a newer version, as bits.")] = 0
    called_ns: Monotonic
    returned_ns: Annotated[int | None, _says("Monotonic ns; null: the call had not returned.")]
    scope: Annotated[Any, _content("Where event is scope.")] = UNSET
    message: Annotated[Any, _content("What was received or sent.")] = UNSET
    value: Annotated[Any, _content("What the application returned, if not None.")] = UNSET
    exception: Annotated[Any, _content("What the application or a call raised.")] = UNSET
    payload: Annotated[
        bytes | UnsetType,
        _says("Content that is not decoded, in place of the four before."),
    ] = UNSET


class FrameHeader(Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """The header of a WebSocket frame, without its length."""

    opcode: Annotated[int, Meta(ge=0, le=15, description="0 to 2 data, 8 close, 9 ping, 10 pong.")]
    fin: bool
    rsv1: Annotated[bool, _says("Compressed, where that was agreed on.")]
    masked: bool


WireName: TypeAlias = Literal[
    "opened",
    "closed",
    "half_closed",
    "error",
    "timeout",
    "request",
    "request_body",
    "request_end",
    "refused",
    "informational",
    "response",
    "response_body",
    "response_end",
    "frame_in",
    "frame_out",
    "bytes_in",
    "bytes_out",
]


class WireLine(
    Struct, tag="wire", tag_field="line", kw_only=True, omit_defaults=True, frozen=True, gc=False
):
    """One record of what happened on a connection. Members that would say nothing are left out."""

    process: Source
    connection: Annotated[int, _U32, _says("The connection, numbered in its process from 1.")]
    exchange: Annotated[int, _U32, _says("The application call, or request, it belongs to.")] = 0
    sequence: Annotated[int, _NATURAL, _says("The record, numbered in its process from 0.")]
    wire: Annotated[
        WireName | Annotated[int, _U8],
        _says("What happened; here and below, a number is a newer version's code."),
    ]
    phase: Annotated[
        Literal["whole", "called", "returned"] | Annotated[int, _U8],
        _says("called: made, and waits for the socket; returned: the socket has accepted that."),
    ] = "whole"
    outcome: Literal["ok", "raised", "cancelled"] | Annotated[int, _U8] = "ok"
    at_ns: Annotated[int, _I64, _says("Monotonic ns: when it was read, or made to be sent.")]
    accepted_ns: Annotated[
        int | UnsetType | None,
        _says("Monotonic ns: when the socket had accepted it; null: not yet; absent: at_ns."),
    ] = UNSET
    size: Annotated[int, _NATURAL, _says("Bytes.")] = 0
    status: Annotated[int, _U16, _says("HTTP status.")] = 0
    nth: Annotated[int, _U16, _says("Which request it is on its connection, from 1.")] = 0
    frame: FrameHeader | UnsetType = UNSET
    close_code: Annotated[
        int, _U16, _says("Code that answers an error, or in a close frame the one in its content.")
    ] = 0
    number: Annotated[int, _U16, _says("A number of another meaning.")] = 0
    more: Annotated[bool, _says("More of the same message follows.")] = False
    truncated: Annotated[bool, _says("Not all of the content was kept.")] = False
    oversize: Annotated[bool, _says("The content was too large to be kept at all.")] = False
    flags: Annotated[int, _U16, _says("Other marks, as bits.")] = 0
    content: Annotated[Any, _content("What else is known.")] = UNSET
    payload: Annotated[bytes | UnsetType, _says("Content that is not decoded.")] = UNSET


class MissedLine(Struct, tag="missed", tag_field="line", kw_only=True, frozen=True):
    """Here records are missing: they were overwritten before they were read."""

    process: Source
    count: Annotated[int, _U63]


class LogEntry(Struct, tag="log", tag_field="line", kw_only=True, omit_defaults=True, frozen=True):
    """A line the process wrote. Members that would say nothing are left out."""

    process: Source
    time_ns: WallTime
    stream: Annotated[str, _says("stdout, stderr; log: a record that was written to neither.")]
    text: Text
    level: Annotated[int, _U16, _says("Of the log record, as logging numbers them.")] = 0
    logger: Annotated[Text, _says("Name of the record's logger.")] = ""
    exchange: Annotated[int, _U32, _says("The application call it belongs to.")] = 0
    continued: Annotated[bool, _says("It was written at once with the line before.")] = False


class LoopLine(Struct, tag="loop", tag_field="line", kw_only=True, frozen=True):
    """How late a process's event loop was: a timer of the server's ran that long after it was
    due."""

    process: Source
    time_ns: Annotated[int, _I64, _says("Wall time in ns since the epoch: when it ran.")]
    late_ns: Annotated[int, _U63]


class Noted(Struct, kw_only=True, omit_defaults=True, frozen=True):
    """Where a row stood in the list it was saved from, and what the user noted on it."""

    row: Annotated[int, _U53, _says("Number of the row, ascending in a file.")] = 0
    marked: bool = False
    tags: list[Text] = []
    comment: Text = ""


class ExchangeLine(Noted, tag="exchange", tag_field="line", kw_only=True, frozen=True):
    """A row of the list, before the first record of its exchange."""

    process: Source
    exchange: Annotated[int, _U32, _says("The application call, numbered in its process.")]


class NoteLine(Noted, tag="note", tag_field="line", kw_only=True, frozen=True):
    """Something that happened to a process: it started, was restarted, failed or ended."""

    process: Source | None
    time_ns: WallTime
    status: Annotated[int, _I64, _says("Exit status, negative for a signal, else 0.")]
    text: Text


RecordLine: TypeAlias = EventLine | WireLine
OtherLine: TypeAlias = ProcessLine | LogEntry | LoopLine | ExchangeLine | NoteLine
Line: TypeAlias = TraceLine | RecordLine | MissedLine | OtherLine

_encode: Final = Encoder().encode
_decoder: Final = Decoder(Line)
decode_line: Final = _decoder.decode
"""A line from its bytes. Raises ValueError (as all of msgspec's errors are) or RecursionError."""

decode_lines: Final = _decoder.decode_lines
"""Lines from their bytes, all at once; raises likewise. Ends of lines are blanks to it."""

_AWKWARD: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def encode_line(line: Line) -> bytes:
    """A line as bytes, its end included.

    What JSON lets stand but a terminal obeys (DEL, C1 controls, changes of direction) or other
    tools take for the end of a line is escaped, so that a trace may go to a screen.
    """
    return escape_awkward(_encode(line)) + b"\n"


def escape_awkward(data: bytes) -> bytes:
    """JSON with what a terminal obeys, or other tools take for the end of a line, escaped."""
    if data.isascii() and b"\x7f" not in data:
        return data
    return _AWKWARD.sub(_escape, data.decode()).encode()


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""A string, also one that is cut off: else the search for its end would start at every quote."""


def is_crowded(data: bytes) -> bool:
    """Whether a line has more than VALUES_LIMIT values; found out without making them."""
    if len(data) <= VALUES_LIMIT or _count_signs(data) <= VALUES_LIMIT:
        return False
    return _count_signs(_STRING.sub(b"", data)) > VALUES_LIMIT


def _count_signs(data: bytes) -> int:
    """An upper bound of the number of values."""
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def pack_text(text: str) -> Text:
    """Text as a member of a line."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return Surrogates(text.encode("utf-8", "surrogatepass"))
    return text


def unpack_text(text: Text) -> str:
    """The reverse of ``pack_text``; raises UnicodeDecodeError for bytes that never were text."""
    return text if isinstance(text, str) else text.surrogates.decode("utf-8", "surrogatepass")
