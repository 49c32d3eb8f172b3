"""MessagePack: objects one after another, as a tree.

Containers are walked here, so that a recording that was cut, a damage and duplicate names are seen
as they are; the values in them are decoded by msgspec."""

from typing import Any, Final

import msgspec

from asgitrace.views.body.model import Rating, Renderer, Sample
from asgitrace.views.body.nesting import Damaged, Nest, number, rated, read, shown, take
from asgitrace.views.body.parts import whole
from asgitrace.views.body.values import MOST_ROWS, Tagged
from asgitrace.views.clean import utf8_text
from asgitrace.views.lines import Lines

_TYPES: Final = frozenset(
    {"application/msgpack", "application/x-msgpack", "application/vnd.msgpack", "application/mpack"}
)
_SCALARS: Final = {
    0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8,
    0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8,
}  # fmt: skip
"""Type → bytes behind it."""
_TEXTS: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_BYTES: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_ARRAYS: Final = {0xDC: 2, 0xDD: 4}
_MAPS: Final = {0xDE: 2, 0xDF: 4}
_EXTENSIONS: Final = {0xC7: 1, 0xC8: 2, 0xC9: 4}
"""Type → bytes of its length."""
_FIXED_EXTENSIONS: Final = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}


def _head(data: bytes, at: int, nest: Nest) -> int:
    """Read one object, or the head of a container."""
    kind = data[at]
    if kind < 0x80 or kind >= 0xE0:
        nest.add(kind if kind < 0x80 else kind - 0x100)
        return at + 1
    if kind < 0xC0:
        return _fixed(data, at, kind, nest)
    if kind in _SCALARS:
        size = 1 + _SCALARS[kind]
        nest.add(msgspec.msgpack.decode(take(data, at, size)))
        return at + size
    if kind in _TEXTS:
        return _text(data, at + 1 + _TEXTS[kind], number(data, at + 1, _TEXTS[kind]), nest)
    if kind in _BYTES:
        start = at + 1 + _BYTES[kind]
        found = take(data, start, number(data, at + 1, _BYTES[kind]))
        nest.add(found)
        return start + len(found)
    if kind in _ARRAYS:
        nest.open_list(number(data, at + 1, _ARRAYS[kind]))
        return at + 1 + _ARRAYS[kind]
    if kind in _MAPS:
        nest.open_pairs(number(data, at + 1, _MAPS[kind]))
        return at + 1 + _MAPS[kind]
    return _extension(data, at, kind, nest)


def _fixed(data: bytes, at: int, kind: int, nest: Nest) -> int:
    """What has its length in its type."""
    if kind >= 0xA0:
        return _text(data, at + 1, kind & 0x1F, nest)
    if kind >= 0x90:
        nest.open_list(kind & 0x0F)
    else:
        nest.open_pairs(kind & 0x0F)
    return at + 1


def _text(data: bytes, at: int, size: int, nest: Nest) -> int:
    nest.add(utf8_text(take(data, at, size)))
    return at + size


def _extension(data: bytes, at: int, kind: int, nest: Nest) -> int:
    if kind in _EXTENSIONS:
        width = _EXTENSIONS[kind]
        size, start = number(data, at + 1, width), at + 1 + width
    elif kind in _FIXED_EXTENSIONS:
        size, start = _FIXED_EXTENSIONS[kind], at + 1
    else:
        raise Damaged(f"no type {kind:#04x}")
    content = take(data, start, size + 1)
    nest.add(_extended(content, data[at : start + size + 1]))
    return start + size + 1


def _extended(content: bytes, entire: bytes) -> Any:
    code = int.from_bytes(content[:1], signed=True)
    if code == -1:
        try:
            return Tagged("timestamp", msgspec.msgpack.decode(entire))
        except (msgspec.DecodeError, ValueError, OverflowError):
            pass
    return Tagged(f"ext {code}", content[1:])


def decode(data: bytes, steps: int = MOST_ROWS) -> tuple[list[Any], str]:
    """The objects, and why they end before the data does; empty if they do not."""
    return read(data, _head, steps)


def render(data: bytes, sample: Sample) -> Lines:
    """The objects as trees. Raises CannotRender where there is not one."""
    return shown(*decode(data))


def _rate(sample: Sample) -> Rating:
    if sample.text or not sample.start:
        return Rating.NO
    if sample.media_type in _TYPES or sample.media_type.endswith("+msgpack"):
        return Rating.NAMED
    kind = sample.start[0]
    if not (0x80 <= kind <= 0x9F or 0xDC <= kind <= 0xDF):
        return Rating.NO
    return rated(sample, _head)


RENDERER: Final = Renderer("MessagePack", _rate, whole(render))
