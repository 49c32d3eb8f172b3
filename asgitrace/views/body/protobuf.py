"""Protocol Buffers without their schema: what the wire format says, and guesses marked as such.

The encoding tells a field's number and how long it is, not what it means (Protocol Buffers,
"Encoding"): bytes may be a string, a message or packed numbers."""

import struct
from dataclasses import dataclass
from typing import Any, Final

from asgitrace.views.body.model import CannotRender, Rating, Renderer, Sample
from asgitrace.views.body.parts import whole
from asgitrace.views.body.values import Pairs, Tagged, ValueLines
from asgitrace.views.lines import Lines
from asgitrace.views.summary import is_binary

_TYPES: Final = frozenset(
    {
        "application/protobuf",
        "application/x-protobuf",
        "application/x-google-protobuf",
        "application/vnd.google.protobuf",
        "application/proto",
    }
)
_VARINT, _FIXED64, _BYTES, _GROUP, _GROUP_END, _FIXED32 = range(6)
_FIXED: Final = {_FIXED64: (8, "<Q", "<d"), _FIXED32: (4, "<I", "<f")}
_LARGEST_NUMBER: Final = (1 << 29) - 1
_LONGEST_VARINT: Final = 10
_DEEPEST: Final = 24
"""Messages in messages that are looked for, and groups in groups."""
_STEPS: Final = 200_000
"""Fields, and packed numbers, that are read of one body."""
_PACKED_SHOWN: Final = 8
_PROBE: Final = 200
_SOME: Final = 3
"""Fields that the start of a longer message has."""
_LIKELY_NUMBER: Final = 64
_LIKELY_SIZE: Final = 8


class _Invalid(Exception):
    """Not the wire format; the message tells why, in a few words."""


@dataclass(slots=True)
class _Budget:
    """What may still be read."""

    steps: int

    def spend(self) -> None:
        """Take one step. Raises _Invalid where there is none left."""
        self.steps -= 1
        if self.steps < 0:
            raise _Invalid("too many fields")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = shift = 0
    for end in range(at, min(at + _LONGEST_VARINT, len(data))):
        byte = data[end]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, end + 1
        shift += 7
    raise _Invalid("a number is cut" if at + _LONGEST_VARINT > len(data) else "a number too long")


class _Reader:
    """One message. What was read before a fault stays."""

    def __init__(self, data: bytes, budget: _Budget, depth: int) -> None:
        self.fields = Pairs([])
        self._data = data
        self._budget = budget
        self._depth = depth
        self._groups: list[tuple[int, Pairs]] = [(0, self.fields)]
        self._at = 0

    def read(self) -> str:
        """All of it; why it ends before the data does, empty if it does not."""
        at = 0
        try:
            while self._at < len(self._data):
                at = self._at
                self._budget.spend()
                self._field()
        except _Invalid as error:
            return f"no field at byte {at:,}: {error}"
        return "a group is not closed" if len(self._groups) > 1 else ""

    def _field(self) -> None:
        key, at = _varint(self._data, self._at)
        number, wire = key >> 3, key & 7
        if not 1 <= number <= _LARGEST_NUMBER:
            raise _Invalid(f"number {number}")
        if wire == _VARINT:
            value, self._at = _varint(self._data, at)
            self._add(number, _number(value))
        elif wire in _FIXED:
            size, integer, real = _FIXED[wire]
            self._add(number, _fixed(self._take(at, size), integer, real))
        elif wire == _BYTES:
            size, at = _varint(self._data, at)
            self._add(number, _guess(self._take(at, size), self._budget, self._depth))
        else:
            self._group(number, wire, at)

    def _take(self, at: int, size: int) -> bytes:
        if at + size > len(self._data):
            raise _Invalid(f"{size:,} bytes are said to follow, {len(self._data) - at:,} do")
        self._at = at + size
        return self._data[at : at + size]

    def _group(self, number: int, wire: int, at: int) -> None:
        """A group begins or ends."""
        if wire == _GROUP and len(self._groups) <= _DEEPEST:
            inner = Pairs([])
            self._add(number, Tagged("group", inner))
            self._groups.append((number, inner))
        elif wire == _GROUP_END and len(self._groups) > 1 and self._groups[-1][0] == number:
            self._groups.pop()
        else:
            raise _Invalid(f"wire type {wire}")
        self._at = at

    def _add(self, number: int, value: Any) -> None:
        self._groups[-1][1].items.append((number, value))


def _number(value: int) -> Tagged:
    if value >> 63:
        return Tagged("", value, f"varint, or {value - (1 << 64)}")
    if value & 1 and value > 1:
        return Tagged("", value, f"varint, or {-(value >> 1) - 1}")
    return Tagged("", value, "varint" if value > 1 else f"varint, or {bool(value)}".lower())


def _fixed(data: bytes, integer: str, real: str) -> Tagged:
    """A number of fixed size: as a fraction if it looks like one."""
    whole_number = struct.unpack(integer, data)[0]
    fraction = struct.unpack(real, data)[0]
    bits = 8 * len(data)
    if fraction == 0 or 1e-6 < abs(fraction) < 1e15:
        shown = fraction if bits == 64 else float(f"{fraction:.7g}")
        return Tagged("", shown, f"{bits} bits, or {whole_number}")
    return Tagged("", whole_number, f"{bits} bits, or {fraction:.7g}")


def _guess(data: bytes, budget: _Budget, depth: int) -> Tagged:
    """What bytes with a length most likely are."""
    if not data:
        return Tagged("", "", "empty: string, bytes or message")
    text = _text(data)
    inner = _message(data, budget, depth + 1) if depth < _DEEPEST else None
    if text is not None and (inner is None or text.isprintable()):
        return Tagged("", text, "string" if inner is None else "string, or a message")
    if inner is not None:
        return Tagged("message?", inner, "" if text is None else "or a string")
    packed = _packed(data)
    return Tagged("", data, f"or packed numbers {packed}" if packed else "")


def _text(data: bytes) -> str | None:
    """The text that bytes are, if one would write it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if text.translate(_LINE_MARKS).isprintable() else None


_LINE_MARKS: Final = str.maketrans("", "", "\t\n\r")


def _message(data: bytes, budget: _Budget, depth: int) -> Pairs | None:
    reader = _Reader(data, budget, depth)
    return reader.fields if not reader.read() else None


def _packed(data: bytes) -> str:
    """The first of the numbers that bytes may be; empty if they cannot be any."""
    if data[-1] >= 0x80:
        return ""
    numbers: list[str] = []
    at = 0
    try:
        while at < len(data) and len(numbers) < _PACKED_SHOWN:
            value, at = _varint(data, at)
            numbers.append(str(value))
    except _Invalid:
        return ""
    return ", ".join(numbers) + ("…" if at < len(data) else "")


def decode(data: bytes, steps: int = _STEPS) -> tuple[Pairs, str]:
    """The fields of a message, and why they end before the data does; empty if they do not."""
    reader = _Reader(data, _Budget(steps), 0)
    return reader.fields, reader.read()


def message_lines(data: bytes) -> Lines:
    """A message as a tree. Raises CannotRender where there is not one field."""
    fields, fault = decode(data)
    if fault and not fields.items:
        raise CannotRender(fault)
    return ValueLines(fields, note=fault)


def render(data: bytes, sample: Sample) -> Lines:
    """The body as one message."""
    return message_lines(data)


def _rate(sample: Sample) -> Rating:
    if sample.text or not sample.start:
        return Rating.NO
    if sample.media_type in _TYPES or sample.media_type.endswith(("+protobuf", "+proto")):
        return Rating.NAMED
    if not is_binary(sample.start):
        return Rating.NO
    reader = _Reader(sample.start, _Budget(_PROBE), _DEEPEST)
    fault = reader.read()
    if sample.size > len(sample.start):
        return Rating.ABLE if len(reader.fields.items) >= _SOME else Rating.NO
    if fault:
        return Rating.NO
    return Rating.LIKELY if _plausible(sample, reader.fields) else Rating.ABLE


def _plausible(sample: Sample, fields: Pairs) -> bool:
    """Small numbers in order, as encoders write them, and a string among them."""
    numbers = [number for number, _ in fields.items]
    return (
        sample.size >= _LIKELY_SIZE
        and max(numbers) <= _LIKELY_NUMBER
        and numbers == sorted(numbers)
        and any(isinstance(held.value, str) and len(held.value) > 2 for _, held in fields.items)
    )


RENDERER: Final = Renderer("Protobuf", _rate, whole(render))
