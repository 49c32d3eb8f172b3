"""Events of the wire as lines, and back."""

from functools import lru_cache
from typing import Any, Final

from msgspec import UNSET

from asgitrace.events import Flag, Kind, Outcome, Phase, Record, pack_what
from asgitrace.export.codes import OUTCOMES, PHASES, code_of, codes_of, word_of, wrap_payload
from asgitrace.export.content import WIRE_BYTE_KEYS, ContentError, unwrap
from asgitrace.export.lines import FrameHeader, WireLine
from asgitrace.ring import decode, encode
from asgitrace.wire import CLOSE, Frame, Wire, close_code

_WIRES: Final = codes_of(Wire)
_MARKS: Final = {
    "more": int(Flag.MORE),
    "truncated": int(Flag.TRUNCATED),
    "oversize": int(Flag.OVERSIZE),
}
_MORE, _TRUNCATED, _OVERSIZE = _MARKS.values()
_NAMED: Final = int(Flag.MORE | Flag.TRUNCATED | Flag.OVERSIZE)
_STATUSES: Final = (Wire.REFUSED, Wire.INFORMATIONAL, Wire.RESPONSE)
_FRAMES: Final = (Wire.FRAME_IN, Wire.FRAME_OUT)
_LEAST_CLOSE_CODE: Final = 1000
_FRAME_BITS: Final = 7


def to_wire_line(source: int, record: Record) -> WireLine:
    """A record of the wire as a line, without loss."""
    header, payload = record.header, record.payload
    number = _to_number(header.message, header.number)
    frame = number.get("frame")
    if isinstance(frame, FrameHeader) and frame.opcode == CLOSE:
        number = {**number, "close_code": _close_code(payload)}
    return WireLine(
        process=source,
        connection=header.call,
        exchange=header.exchange,
        sequence=header.sequence,
        at_ns=header.called,
        accepted_ns=UNSET if header.returned == header.called else header.returned or None,
        size=header.size,
        **_words(header.message, header.phase, header.outcome),
        **number,
        **_to_marks(header.flags),
        **_to_content(payload),
    )


def wire_payload(line: WireLine) -> bytes:
    """The payload of a line's record; see ``pack_line`` for what it may raise."""
    content, payload = line.content, line.payload
    if content is UNSET:
        return payload if isinstance(payload, bytes) else b""
    if payload is not UNSET:
        raise ContentError("an event has more than one content")
    return encode(unwrap(content, WIRE_BYTE_KEYS))


def accepted_of(line: WireLine) -> int:
    """When the socket had accepted it; 0 where it had not."""
    accepted = line.accepted_ns
    return line.at_ns if accepted is UNSET else accepted or 0


def marks_of_wire(line: WireLine) -> int:
    """Number and flags of a line's record, see ``pack_marks``."""
    frame, flags = line.frame, line.flags
    if line.more:
        flags |= _MORE
    if line.truncated or line.oversize:
        flags |= line.truncated * _TRUNCATED | line.oversize * _OVERSIZE
    if frame is UNSET:
        return (line.status or line.nth or line.close_code or line.number) | flags << 16
    # The close code beside it stands in the content.
    return Frame(frame.opcode, frame.fin, frame.rsv1, frame.masked).pack() | flags << 16


@lru_cache(maxsize=1024)
def what_of_wire(wire: str | int, phase: str | int, outcome: str | int) -> int:
    """Kind, phase, outcome and code of a line's record, see ``pack_what``."""
    codes = code_of(PHASES, phase), code_of(OUTCOMES, outcome), code_of(_WIRES, wire)
    return pack_what(Kind.WIRE, *codes)


@lru_cache(maxsize=1024)
def _words(message: int, phase: int, outcome: int) -> dict[str, Any]:
    words: dict[str, Any] = {"wire": word_of(_WIRES, message)}
    if phase != Phase.WHOLE:
        words["phase"] = word_of(PHASES, phase)
    if outcome != Outcome.OK:
        words["outcome"] = word_of(OUTCOMES, outcome)
    return words


@lru_cache(maxsize=1024)
def _to_number(message: int, number: int) -> dict[str, Any]:
    """The number of a record under the name of what it means."""
    if message in _FRAMES and not number >> _FRAME_BITS:
        return {"frame": FrameHeader(*Frame.unpack(number))}
    if message in _STATUSES or (message == Wire.ERROR and number < _LEAST_CLOSE_CODE):
        return {"status": number}
    if message == Wire.ERROR:
        return {"close_code": number}
    return {"nth" if message == Wire.REQUEST else "number": number}


def _close_code(payload: bytes) -> int:
    """The code in a close frame (RFC 6455 section 5.5.1); 0 where it has none."""
    content = decode(payload)
    return close_code(content.get("data")) or 0 if isinstance(content, dict) else 0


@lru_cache(maxsize=1024)
def _to_marks(flags: int) -> dict[str, Any]:
    marks: dict[str, Any] = {name: True for name, bit in _MARKS.items() if flags & bit}
    return {**marks, "flags": flags & ~_NAMED}


def _to_content(payload: bytes) -> dict[str, Any]:
    if not payload:
        return {}
    content = wrap_payload(payload, WIRE_BYTE_KEYS)
    return {"payload": payload} if content is UNSET else {"content": content}
