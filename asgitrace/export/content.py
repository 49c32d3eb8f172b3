"""Scopes, messages and exceptions as JSON, both ways, without loss.

JSON has no bytes, and ASGI has them where a reader expects text. So in the places where the
specification has bytes (``BYTE_KEYS``) a bare string is bytes of UTF-8, everywhere else it is a
``str``; what differs from that is wrapped in an object with one member that says what it is
(``WRAPPERS``). A wrapper means the same in every place.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from math import copysign, isfinite, isnan
from struct import pack
from typing import Any, Final

BYTE_KEYS: Final = frozenset({"body", "bytes", "headers", "links", "query_string", "raw_path"})
"""Members of a scope or message that hold bytes, or lists of them, according to the
specification."""

WIRE_BYTE_KEYS: Final = frozenset({"data", "head", "trailers"})
"""The same for the content of an event of the wire."""

NESTING: Final = 64
"""Lists and dicts within one another, at most. Deeper content is kept undecoded."""

_PLAIN: Final = frozenset({str, int, bool, type(None)})
_CANONICAL_NAN: Final = pack(">d", float("nan"))
_FLOATS: Final = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


class ContentError(ValueError):
    """Content that has no place in the format; the text says why, without a full stop."""


def wrap(content: Any, places: AbstractSet[str] = BYTE_KEYS) -> Any:
    """What was decoded from msgpack, as what JSON can say; ``places`` are the members that hold
    bytes.

    Raises ContentError for what it cannot: a deep nesting, an extension type, a NaN with a message
    in it.
    """
    if type(content) is dict and _is_clear(content):
        return {
            key: _wrap_bytes(value, 1) if key in places else _wrap(value, 1)
            for key, value in content.items()
        }
    return _wrap(content, 0)


def unwrap(content: Any, places: AbstractSet[str] = BYTE_KEYS) -> Any:
    """The reverse of ``wrap``. Raises ContentError, or TypeError for a dict whose keys cannot be
    keys."""
    if type(content) is not dict or (len(content) == 1 and _wrapper(content) is not None):
        return _unwrap(content, 0)
    made = {}
    for key, value in content.items():
        if key in places:
            made[key] = value.encode() if type(value) is str else _unwrap_bytes(value, 1)
        elif type(value) in _PLAIN:
            made[key] = value
        else:
            made[key] = _unwrap(value, 1)
    return made


def _wrap(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is bytes:
        try:
            return {"bytes": value.decode()}
        except UnicodeDecodeError:
            return {"base64": b64encode(value).decode()}
    if kind is float:
        return value if isfinite(value) else _wrap_float(value)
    _check(depth)
    if kind is dict:
        if _is_clear(value):
            return {key: _wrap(held, depth + 1) for key, held in value.items()}
        return {
            "dict": [[_wrap(key, depth + 1), _wrap(held, depth + 1)] for key, held in value.items()]
        }
    # msgpack's arrays are lists, and tuples where they are keys.
    if kind is list or kind is tuple:
        return [_wrap(item, depth + 1) for item in value]
    raise ContentError(f"a {kind.__qualname__} has no form in the trace format")


def _wrap_bytes(value: Any, depth: int) -> Any:
    """Like ``_wrap``, in a place for bytes."""
    kind = type(value)
    if kind is bytes:
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": b64encode(value).decode()}
    if kind is str:
        return {"str": value}
    if kind is not list:
        return _wrap(value, depth)
    _check(depth)
    if set(map(type, value)) == {list}:
        # Headers as they nearly always are; three times as fast as one by one.
        try:
            return [[name.decode(), held.decode()] for name, held in value]
        except (AttributeError, ValueError):
            pass
    return [_wrap_bytes(item, depth + 1) for item in value]


def _unwrap(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind in _PLAIN or kind is float:
        return value
    if kind is list:
        _check(depth)
        return [_unwrap(item, depth + 1) for item in value]
    wrapper = _wrapper(value)
    if wrapper is not None:
        (held,) = value.values()
        return wrapper(held, depth)
    _check(depth)
    return {key: _unwrap(held, depth + 1) for key, held in value.items()}


def _unwrap_bytes(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind is str:
        return value.encode()
    if kind is not list:
        return _unwrap(value, depth)
    _check(depth)
    if set(map(type, value)) == {list}:
        try:
            return [[name.encode(), held.encode()] for name, held in value]
        except (AttributeError, ValueError):
            pass
    return [_unwrap_bytes(item, depth + 1) for item in value]


def _wrap_float(value: float) -> dict[str, str]:
    if not isnan(value):
        return {"float": "inf" if copysign(1, value) > 0 else "-inf"}
    if pack(">d", value) != _CANONICAL_NAN:
        raise ContentError("this NaN has no form in the trace format")
    return {"float": "nan"}


def _unwrap_text(held: Any, depth: int) -> str:
    if type(held) is not str:
        raise ContentError("a wrapper holds something that is not a string")
    return held


def _unwrap_utf8(held: Any, depth: int) -> bytes:
    return _unwrap_text(held, depth).encode()


def _unwrap_base64(held: Any, depth: int) -> bytes:
    try:
        return b64decode(_unwrap_text(held, depth), validate=True)
    except ValueError as error:
        raise ContentError("a string is not base64") from error


def _unwrap_float(held: Any, depth: int) -> float:
    try:
        return _FLOATS[_unwrap_text(held, depth)]
    except KeyError:
        raise ContentError("a float is none of nan, inf and -inf") from None


def _unwrap_dict(held: Any, depth: int) -> dict[Any, Any]:
    _check(depth)
    if type(held) is not list or any(type(pair) is not list or len(pair) != 2 for pair in held):
        raise ContentError("a dict is not a list of pairs")
    return {_frozen(_unwrap(key, depth + 1)): _unwrap(value, depth + 1) for key, value in held}


def _frozen(key: Any) -> Any:
    return tuple(map(_frozen, key)) if type(key) is list else key


WRAPPERS: Final[dict[str, Callable[[Any, int], Any]]] = {
    "bytes": _unwrap_utf8,
    "str": _unwrap_text,
    "base64": _unwrap_base64,
    "float": _unwrap_float,
    "dict": _unwrap_dict,
}
"""What the one member of a wrapper may be called, and how its value is read."""


def _wrapper(value: dict[str, Any]) -> Callable[[Any, int], Any] | None:
    if len(value) != 1:
        return None
    (name,) = value
    return WRAPPERS.get(name)


def _is_clear(value: dict[Any, Any]) -> bool:
    """Whether a dict is a JSON object as it stands and cannot be taken for a wrapper."""
    return set(map(type, value)) <= {str} and (len(value) != 1 or value.keys().isdisjoint(WRAPPERS))


def _check(depth: int) -> None:
    if depth >= NESTING:
        raise ContentError(f"content is nested more than {NESTING} deep")
