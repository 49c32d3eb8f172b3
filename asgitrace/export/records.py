"""Records of the ring as lines, and back."""

from functools import lru_cache
from typing import Any, Final
from zlib import adler32

from msgspec import UNSET
from msgspec.structs import replace

from asgitrace.events import (
    HEADER,
    MESSAGE_CODES,
    OTHER,
    Flag,
    Kind,
    Outcome,
    Phase,
    Record,
    message_name,
)
from asgitrace.export.content import ContentError, unwrap, wrap
from asgitrace.export.lines import LINE_LIMIT, EventLine, encode_line, is_crowded
from asgitrace.ring import decode, encode

_KINDS: Final[dict[str | int, int]] = {kind.name.lower(): kind.value for kind in Kind}
_PHASES: Final[dict[str | int, int]] = {phase.name.lower(): phase.value for phase in Phase}
_OUTCOMES: Final[dict[str | int, int]] = {
    outcome.name.lower(): outcome.value for outcome in Outcome
}
_MARKS: Final = {flag.name.lower(): flag.value for flag in Flag if flag.name}
_NAMED: Final = sum(_MARKS.values())
_PLACES: Final[dict[int, str]] = {
    Kind.SCOPE: "scope",
    Kind.RETURN: "value",
    Kind.RAISE: "exception",
}
_TYPED: Final = ("scope", "message")
_CHECKSUM_BYTES: Final = 4
_WITHOUT_CHECKSUM: Final = HEADER.size - _CHECKSUM_BYTES


def encode_record(source: int, record: Record, limit: int = LINE_LIMIT) -> bytes:
    """A record as the bytes of its line, never more than ``limit``.

    Text full of control characters takes six bytes a character, so what is too long decoded, or
    has too many values, is tried undecoded; what is still too long is left out and marked.
    """
    line = to_line(source, record)
    data = encode_line(line)
    if len(data) > limit or is_crowded(data):
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


def pack_line(line: EventLine, position: int) -> tuple[bytes, bytes]:
    """Header and payload of a line's record, as they would lie in a ring with the payload at
    ``position``.

    Raises ValueError, TypeError, OverflowError, RecursionError or struct.error for what fits no
    record.
    """
    payload = _from_content(line)
    header = HEADER.pack(
        line.sequence,
        line.called_ns,
        line.returned_ns or 0,
        line.size,
        position,
        line.exchange,
        line.call,
        len(payload),
        line.number,
        _from_marks(line),
        _code(_KINDS, line.event),
        _code(_PHASES, line.phase),
        _code(_OUTCOMES, line.outcome),
        _message_code(line.type),
        0,
    )[:_WITHOUT_CHECKSUM]
    checksum = adler32(payload, adler32(header))
    return header + checksum.to_bytes(_CHECKSUM_BYTES, "little"), payload


@lru_cache(maxsize=1024)
def _words(kind: int, phase: int, outcome: int, message: int) -> tuple[dict[str, Any], str]:
    """The members of a line that are words, and where its content goes."""
    words: dict[str, Any] = {
        "event": _word(_KINDS, kind),
        "phase": _word(_PHASES, phase),
        "outcome": _word(_OUTCOMES, outcome),
    }
    if message != OTHER:
        words["type"] = message_name(message) or message
    # What a call that failed left behind is the exception.
    place = "message" if outcome == Outcome.OK else "exception"
    return words, _PLACES.get(kind, place)


def _word(codes: dict[str | int, int], code: int) -> str | int:
    return next((word for word, known in codes.items() if known == code), code)


def _code(codes: dict[str | int, int], word: str | int) -> int:
    # A number is a code that had no word when it was written.
    return word if isinstance(word, int) else codes[word]


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
    for name, bit in _MARKS.items():
        if getattr(line, name):
            flags |= bit
    return flags


def _to_content(payload: bytes, place: str) -> dict[str, Any]:
    """The member of a line that holds a payload: decoded only where that gives back the same
    bytes."""
    try:
        content = decode(payload)
        if encode(content) == payload:
            return {place: wrap(content)}
    except (ContentError, RecursionError):
        pass
    return {"payload": payload}


def _from_content(line: EventLine) -> bytes:
    given = [
        content
        for content in (line.message, line.scope, line.value, line.exception, line.payload)
        if content is not UNSET
    ]
    if not given:
        return b""
    if len(given) > 1:
        raise ContentError("an event has more than one content")
    return line.payload if line.payload is not UNSET else encode(unwrap(given[0]))
