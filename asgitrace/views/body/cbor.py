"""CBOR (RFC 8949) and sequences of it (RFC 8742), as a tree.

It is read here and not by a library: tags are shown and not obeyed (one of them compiles a regular
expression, another makes cycles), duplicate names stay, and what was cut is seen up to the cut."""

import ipaddress
import math
import struct
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from asgitrace.views.body.model import Rating, Renderer, Sample
from asgitrace.views.body.nesting import (
    ENDLESS,
    Cut,
    Damaged,
    Nest,
    number,
    rated,
    read,
    shown,
    take,
)
from asgitrace.views.body.parts import whole
from asgitrace.views.body.values import MOST_ROWS, Word
from asgitrace.views.clean import utf8_text
from asgitrace.views.lines import Lines

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_INDEFINITE: Final = 31
_BREAK: Final = 0xFF
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}
_SIMPLES: Final = {20: False, 21: True, 22: None, 23: Word("undefined")}
_SELF_DESCRIBED: Final = b"\xd9\xd9\xf7"
_LONGEST_BIGNUM: Final = 1_024

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_TAGS: Final = {
    0: "date/time",
    1: "epoch time",
    2: "bignum",
    3: "negative bignum",
    4: "decimal fraction",
    5: "bigfloat",
    16: "COSE_Encrypt0",
    17: "COSE_Mac0",
    18: "COSE_Sign1",
    21: "expects base64url",
    22: "expects base64",
    23: "expects base16",
    24: "encoded CBOR",
    25: "string reference",
    28: "shareable",
    29: "shared reference",
    30: "rational",
    32: "URI",
    33: "base64url",
    34: "base64",
    35: "regular expression",
    36: "MIME",
    37: "UUID",
    52: "IPv4",
    54: "IPv6",
    61: "CWT",
    96: "COSE_Encrypt",
    97: "COSE_Mac",
    98: "COSE_Sign",
    100: "days since 1970",
    256: "string references",
    258: "set",
    1004: "date",
    55799: "self-described CBOR",
}
"""Tags of the IANA registry that are met."""


def _head(data: bytes, at: int, nest: Nest) -> int:
    """Read one item, or the head of a container."""
    kind, info = data[at] >> 5, data[at] & 31
    if info == _INDEFINITE:
        return _indefinite(data, at, kind, nest)
    argument, start = _argument(data, at, info)
    if kind in (_BYTES, _TEXT):
        nest.add(_string(take(data, start, argument), kind))
        return start + argument
    if kind == _SIMPLE:
        nest.add(_simple(data, at, info, argument))
    elif kind == _ARRAY:
        nest.open_list(argument)
    elif kind == _MAP:
        nest.open_pairs(argument)
    elif kind == _TAG:
        nest.open_tag(_tag_name(argument), _MEANINGS.get(argument, _nothing))
    else:
        nest.add(argument if kind == _UNSIGNED else -1 - argument)
    return start


def _argument(data: bytes, at: int, info: int) -> tuple[int, int]:
    """What the head says, and where it ends."""
    if info < 24:
        return info, at + 1
    if info > 27:
        raise Damaged(f"no head {data[at]:#04x}")
    size = 1 << (info - 24)
    return number(data, at + 1, size), at + 1 + size


def _string(data: bytes, kind: int) -> Any:
    return data if kind == _BYTES else utf8_text(data)


def _indefinite(data: bytes, at: int, kind: int, nest: Nest) -> int:
    if kind == _SIMPLE:
        if not nest.endless:
            raise Damaged("a break outside of what it could end")
        nest.end()
    elif kind == _ARRAY:
        nest.open_list(ENDLESS)
    elif kind == _MAP:
        nest.open_pairs(ENDLESS)
    elif kind in (_BYTES, _TEXT):
        return _chunks(data, at + 1, kind, nest)
    else:
        raise Damaged(f"no head {data[at]:#04x}")
    return at + 1


def _chunks(data: bytes, at: int, kind: int, nest: Nest) -> int:
    """A string in pieces, which are strings of the same kind."""
    found = bytearray()
    while at < len(data) and data[at] != _BREAK:
        info = data[at] & 31
        if data[at] >> 5 != kind or info == _INDEFINITE:
            raise Damaged("a string of pieces holds something else")
        size, start = _argument(data, at, info)
        found += take(data, start, size)
        at = start + size
    if at >= len(data):
        raise Cut
    nest.add(_string(bytes(found), kind))
    return at + 1


def _simple(data: bytes, at: int, info: int, argument: int) -> Any:
    if info in _FLOATS:
        return struct.unpack(_FLOATS[info], take(data, at + 1, 1 << (info - 24)))[0]
    if info == 24 and argument < 32:
        raise Damaged("a simple value in two bytes that needs one")
    return _SIMPLES.get(argument, Word(f"simple({argument})"))


def _tag_name(tag: int) -> str:
    name = _TAGS.get(tag)
    return f"tag {tag} {name}" if name else f"tag {tag}"


def _nothing(value: Any) -> str:
    return ""


def _time(value: Any) -> str:
    if isinstance(value, int | float) and math.isfinite(value):
        try:
            return (_EPOCH + timedelta(seconds=value)).isoformat().replace("+00:00", "Z")
        except OverflowError:
            pass
    return ""


def _day(value: Any) -> str:
    try:
        return (_EPOCH + timedelta(days=value)).date().isoformat() if type(value) is int else ""
    except OverflowError:
        return ""


def _bignum(value: Any) -> str:
    return str(int.from_bytes(value)) if _is_bignum(value) else ""


def _negative_bignum(value: Any) -> str:
    return str(-1 - int.from_bytes(value)) if _is_bignum(value) else ""


def _is_bignum(value: Any) -> bool:
    return isinstance(value, bytes) and len(value) <= _LONGEST_BIGNUM


def _decimal(value: Any) -> str:
    match value:
        case [int(exponent), int(mantissa)] if abs(mantissa) < 1 << 64 and abs(exponent) < 100:
            return str(Decimal(mantissa).scaleb(exponent))
    return ""


def _uuid(value: Any) -> str:
    return str(uuid.UUID(bytes=value)) if isinstance(value, bytes) and len(value) == 16 else ""


def _address(value: Any) -> str:
    if isinstance(value, bytes) and len(value) in (4, 16):
        return str(ipaddress.ip_address(value))
    return ""


_MEANINGS: Final[dict[int, Callable[[Any], str]]] = {
    1: _time,
    2: _bignum,
    3: _negative_bignum,
    4: _decimal,
    37: _uuid,
    52: _address,
    54: _address,
    100: _day,
}


def decode(data: bytes, steps: int = MOST_ROWS) -> tuple[list[Any], str]:
    """The items, and why they end before the data does; empty if they do not."""
    return read(data, _head, steps)


def render(data: bytes, sample: Sample) -> Lines:
    """The items as trees. Raises CannotRender where there is not one."""
    return shown(*decode(data))


def _rate(sample: Sample) -> Rating:
    if sample.text or not sample.start:
        return Rating.NO
    kind = sample.media_type
    if kind in ("application/cbor", "application/cbor-seq") or kind.endswith(
        ("+cbor", "+cbor-seq")
    ):
        return Rating.NAMED
    if sample.start.startswith(_SELF_DESCRIBED):
        return Rating.LIKELY
    if sample.start[0] >> 5 not in (_ARRAY, _MAP, _TAG):
        return Rating.NO
    return rated(sample, _head)


RENDERER: Final = Renderer("CBOR", _rate, whole(render))
