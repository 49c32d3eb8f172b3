"""Payloads: scopes, messages and exceptions as msgpack."""

from typing import Any, Final

import msgspec

_REPR_LIMIT: Final = 2_000


def describe(value: object) -> str:
    """The repr of any object, bounded, and never an exception."""
    try:
        text = repr(value)
    except Exception as error:
        text = f"<{name_of(type(value))} whose repr raised {name_of(type(error))}>"
    # The methods of str itself: a repr may be of a subclass that has its own.
    if str.__len__(text) > _REPR_LIMIT:
        text = str.__getitem__(text, slice(_REPR_LIMIT)) + "…"
    return clean(text)


def clean(text: str) -> str:
    """A text in which lone surrogates, which UTF-8 has no bytes for, are escaped."""
    return str.encode(text, "utf-8", "backslashreplace").decode()


def name_of(kind: type) -> str:
    """The name of a class, even of one whose metaclass gives none."""
    return clean(type.__dict__["__qualname__"].__get__(kind))


def plain(value: object) -> Any:
    """What a value of a subclass of a scalar type is without it; NotImplemented for others."""
    match value:
        case str():
            return "".join((value,))
        case bytes():
            return b"".join((value,))
        case int():
            return int.__pos__(value)
        case float():
            return float.__pos__(value)
    return NotImplemented


def _stand_in(value: object) -> Any:
    try:
        scalar = plain(value)
    except Exception:
        scalar = NotImplemented
    return describe(value) if scalar is NotImplemented else scalar


encode: Final = msgspec.msgpack.Encoder(enc_hook=_stand_in).encode
"""Encode a value; objects msgpack has no word for become their repr. May raise on what is not even
that."""


def decode(payload: bytes) -> Any:
    """Decode a payload; one that cannot be is given back as its bytes."""
    if not payload:
        return None
    try:
        return msgspec.msgpack.decode(payload)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        return payload
