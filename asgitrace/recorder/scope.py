"""What is kept of a scope: the specification's keys as they are, and an outline of what servers,
middleware and frameworks put there besides. Their objects are described, never walked through:
looking at an attribute may load it from a database."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from asgitrace.ring import encode
from asgitrace.ring.codec import clean, describe, name_of, plain

_KEYS: Final = frozenset(
    {
        "type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string",
        "root_path", "headers", "client", "server", "subprotocols", "extensions", "state",
    }
)  # fmt: skip
"""The specification's. ``state`` is one of them, but what it holds is the app's."""

_SCOPE_LIMIT: Final = 256 * 1024
_TEXT_LIMIT: Final = 2_000
_ITEMS_LIMIT: Final = 200


def capture_scope(scope: Any) -> bytes:
    """Encode a scope; never raises."""
    try:
        kept = scope
        if type(scope) is not dict or scope.get("state") or not _KEYS.issuperset(scope):
            if not isinstance(scope, Mapping):
                raise TypeError("no mapping")
            kept = {key: _seen(key, value) for key, value in dict(scope).items()}
        encoded = _encode(kept)
        if len(encoded) <= _SCOPE_LIMIT:
            return encoded
    except Exception:
        pass
    return _salvage(scope)


def _salvage(scope: Any) -> bytes:
    """Encode a scope of which a part is too large or cannot be encoded: each part for itself."""
    try:
        if not isinstance(scope, Mapping):
            raise TypeError("no mapping")
        parts = {
            clean(key) if type(key) is str else describe(key): _part(key, value)
            for key, value in dict(scope).items()
        }
        return encode(parts)
    except Exception:
        return encode({"type": None, "repr": describe(scope)})


def _part(key: Any, value: Any) -> msgspec.Raw:
    try:
        encoded = _encode(_seen(key, value))
        if len(encoded) > _SCOPE_LIMIT:
            encoded = _encode(_brief(value))
    except Exception:
        encoded = encode(clean(value) if type(value) is str else describe(value))
    return msgspec.Raw(encoded)


def _seen(key: Any, value: Any) -> Any:
    return value if key in _KEYS and key != "state" else _outline(value)


def _outline(value: Any) -> Any:
    """Of a dict its keys, with a stand-in for what they hold; of anything else a stand-in."""
    if not isinstance(value, dict) or len(value) > _ITEMS_LIMIT:
        return _brief(value)
    # Not value.items(), which a subclass may have made to load something.
    return {
        clean(key) if type(key) is str else describe(key): _brief(held)
        for key, held in dict.items(value)
    }


def _brief(value: Any) -> Any:
    """A short stand-in for an object of unknown size and unknown repr: scalars as they are, of
    others the type."""
    if value is None or isinstance(value, bool):
        return value
    scalar = plain(value)
    if isinstance(scalar, str | bytes):
        return scalar[:_TEXT_LIMIT]
    return _kind_of(value) if scalar is NotImplemented else scalar


def _kind_of(value: Any) -> str:
    kind = type(value)
    length = f" of {len(value)}" if isinstance(value, list | tuple | dict | set | frozenset) else ""
    return f"<{kind.__module__}.{name_of(kind)}{length}>"


def _stand_in(value: Any) -> Any:
    scalar = plain(value)
    return _kind_of(value) if scalar is NotImplemented else scalar


_encode: Final = msgspec.msgpack.Encoder(enc_hook=_stand_in).encode
