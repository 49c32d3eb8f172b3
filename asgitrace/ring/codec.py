"""Payloads: scopes, messages and exceptions as msgpack."""

from typing import Any, Final

import msgspec

_REPR_LIMIT: Final = 2_000


def describe(value: object) -> str:
    """The repr of any object, bounded, and never an exception."""
    try:
        text = repr(value)
    except Exception as error:
        text = f"<{type(value).__qualname__} whose repr raised {type(error).__name__}>"
    if len(text) > _REPR_LIMIT:
        text = text[:_REPR_LIMIT] + "…"
    return text.encode("utf-8", "backslashreplace").decode()


encode: Final = msgspec.msgpack.Encoder(enc_hook=describe).encode
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
