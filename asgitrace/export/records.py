"""Records of the ring as lines, and back."""

from functools import lru_cache
from typing import Any, Final
from zlib import adler32

from msgspec import UNSET
from msgspec.structs import replace

from asgitrace.events import (
    HEADER_PACKED,
    MESSAGE_CODES,
    OTHER,
    Flag,
    Kind,
    Outcome,
    Record,
    message_name,
    pack_what,
)
from asgitrace.export.codes import OUTCOMES, PHASES, code_of, codes_of, word_of, wrap_payload
from asgitrace.export.content import BYTE_KEYS, ContentError, unwrap
from asgitrace.export.lines import (
    LINE_LIMIT,
    EventLine,
    RecordLine,
    WireLine,
    encode_line,
    is_crowded,
)
from asgitrace.export.wire import (
    accepted_of,
    marks_of_wire,
    to_wire_line,
    what_of_wire,
    wire_payload,
)
from asgitrace.ring import encode

_KINDS: Final = {
    word: code for word, code in codes_of(Kind).items() if code not in (Kind.WIRE, Kind.LOOP)
}
"""Those whose records are event lines."""

_MARKS: Final = {flag.name.lower(): flag.value for flag in Flag if flag.name}
_NAMED: Final = sum(_MARKS.values())
_PLACES: Final[dict[int, str]] = {
    Kind.SCOPE: "scope",
    Kind.RETURN: "value",
    Kind.RAISE: "exception",
    Kind.DEBUGGER: "value",
}
_TYPED: Final = ("scope", "message")
_MORE, _TRUNCATED, _REPR = int(Flag.MORE), int(Flag.TRUNCATED), int(Flag.REPR)
_TEXT, _OVERSIZE, _LEGACY = int(Flag.TEXT), int(Flag.OVERSIZE), int(Flag.LEGACY)
_TWICE: Final = "an event has more than one content"


def encode_record(source: int, record: Record, limit: int = LINE_LIMIT) -> bytes:
    """A record as the bytes of its line, never more than ``limit``.

    Text full of control characters takes six bytes a character, so what is too long decoded, or
    has too many values, is tried undecoded; what is still too long is left out and marked.
    """
    wired = record.header.kind == Kind.WIRE
    line = to_wire_line(source, record) if wired else to_line(source, record)
    data = encode_line(line)
    if len(data) > limit or is_crowded(data):
        if isinstance(line, WireLine):
            bare: RecordLine = replace(line, content=UNSET)
        else:
            bare = replace(line, scope=UNSET, message=UNSET, value=UNSET, exception=UNSET)
        data = encode_line(replace(bare, payload=record.payload))
        if len(data) > limit:
            data = encode_line(replace(bare, payload=UNSET, oversize=True))
    return data


def to_line(source: int, record: Record) -> EventLine:
    """A record as a line, without loss."""
    header, payload = record.header, record.payload
    words, place = _words(header.kind, header.phase, header.outcome, header.message)
    content = _to_content(payload, place) if payload else {}
    if header.message == OTHER and place in _TYPED:
        words = words | _foreign_type(content.get(place))
    return EventLine(
        process=source,
        exchange=header.exchange,
        sequence=header.sequence,
        call=header.call,
        number=header.number,
        size=header.size,
        called_ns=header.called,
        returned_ns=header.returned or None,
        **words,
        **_to_marks(header.flags),
        **content,
    )


def pack_line(line: RecordLine, position: int) -> tuple[bytes, bytes]:
    """Header and payload of a line's record, as they would lie in a ring with the payload at
    ``position``.

    Raises ValueError, TypeError, OverflowError, RecursionError or struct.error for what fits no
    record.
    """
    # Straight from the line into the header: files have millions of them.
    if isinstance(line, WireLine):
        called, returned, payload = line.at_ns, accepted_of(line), wire_payload(line)
        identity = line.exchange | line.connection << 32
        marks, what = marks_of_wire(line), what_of_wire(line.wire, line.phase, line.outcome)
    else:
        called, returned, payload = line.called_ns, line.returned_ns or 0, _from_content(line)
        identity = line.exchange | line.call << 32
        marks = line.number | _from_marks(line) << 16
        what = _what(line.event, line.phase, line.outcome, line.type)
    header = HEADER_PACKED.pack(
        line.sequence, called, returned, line.size, position, identity, len(payload), marks, what
    )
    checksum = adler32(header)
    if payload:
        checksum = adler32(payload, checksum)
    return header + checksum.to_bytes(4, "little"), payload


@lru_cache(maxsize=1024)
def _what(event: str | int, phase: str | int, outcome: str | int, name: object) -> int:
    kind = code_of(_KINDS, event)
    codes = code_of(PHASES, phase), code_of(OUTCOMES, outcome), _message_code(name)
    return pack_what(kind, *codes)


@lru_cache(maxsize=1024)
def _words(kind: int, phase: int, outcome: int, message: int) -> tuple[dict[str, Any], str]:
    """The members of a line that are words, and where its content goes."""
    words: dict[str, Any] = {
        "event": word_of(_KINDS, kind),
        "phase": word_of(PHASES, phase),
        "outcome": word_of(OUTCOMES, outcome),
    }
    if message != OTHER:
        words["type"] = message_name(message) or message
    # What a call that failed left behind is the exception.
    place = "message" if outcome == Outcome.OK else "exception"
    return words, _PLACES.get(kind, place)


def _message_code(name: object) -> int:
    return name if isinstance(name, int) else MESSAGE_CODES.get(name, OTHER)  # type: ignore[call-overload]


def _foreign_type(content: object) -> dict[str, str]:
    """The type of a scope, or of a message that the specification does not know: the header has no
    code for it, but readers of the line like to select by it."""
    name = content.get("type") if isinstance(content, dict) else None
    return {"type": name} if isinstance(name, str) and name not in MESSAGE_CODES else {}


@lru_cache(maxsize=1024)
def _to_marks(flags: int) -> dict[str, Any]:
    marks: dict[str, Any] = {name: True for name, bit in _MARKS.items() if flags & bit}
    rest = flags & ~_NAMED
    return {**marks, "flags": rest} if rest else marks


def _from_marks(line: EventLine) -> int:
    flags = line.flags
    if line.more:
        flags |= _MORE
    if line.truncated:
        flags |= _TRUNCATED
    if line.text:
        flags |= _TEXT
    if line.repr or line.oversize or line.legacy:
        flags |= line.repr * _REPR | line.oversize * _OVERSIZE
        flags |= line.legacy * _LEGACY
    return flags


def _to_content(payload: bytes, place: str) -> dict[str, Any]:
    """The member of a line that holds a payload: decoded only where that gives back the same
    bytes."""
    content = wrap_payload(payload, BYTE_KEYS)
    return {"payload": payload} if content is UNSET else {place: content}


def _from_content(line: EventLine) -> bytes:
    content = line.message
    if content is UNSET:
        content = line.scope
    elif line.scope is not UNSET:
        raise ContentError(_TWICE)
    if line.value is UNSET and line.exception is UNSET and line.payload is UNSET:
        return b"" if content is UNSET else encode(unwrap(content))
    given = [
        given for given in (content, line.value, line.exception, line.payload) if given is not UNSET
    ]
    if len(given) > 1:
        raise ContentError(_TWICE)
    return line.payload if isinstance(line.payload, bytes) else encode(unwrap(given[0]))
