"""What the list shows of the wire: the first line of a head that never became a scope, and the code
of a Close frame. Both may be anything at all."""

from typing import Any, Final

import msgspec

from asgitrace.store.model import RowKind
from asgitrace.store.scope import TEXT_LIMIT, Title, cut
from asgitrace.wire import close_code

_METHOD_LIMIT: Final = 64

UNREAD: Final = Title(RowKind.HTTP, "?", "(no request)")
"""Stands for a request whose head was not read."""


class _Content(msgspec.Struct):
    head: Any = None
    data: Any = None


_decode: Final = msgspec.msgpack.Decoder(_Content).decode


def title_of_head(payload: bytes) -> Title:
    """Kind, method and path from the content of a REQUEST; never raises."""
    try:
        head = _decode(payload).head
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        return UNREAD
    if not isinstance(head, bytes):
        return UNREAD
    line = head[: TEXT_LIMIT + _METHOD_LIMIT].lstrip(b"\r\n").partition(b"\n")[0].rstrip(b"\r")
    method, space, rest = line.partition(b" ")
    if not space or len(method) > _METHOD_LIMIT:
        return Title(RowKind.HTTP, "?", cut(_text(line), TEXT_LIMIT) or UNREAD.path)
    target, _, _ = rest.rpartition(b" ")
    return Title(RowKind.HTTP, _text(method) or "?", cut(_text(target or rest), TEXT_LIMIT))


def close_code_of(payload: bytes) -> int:
    """The code in a Close frame (RFC 6455 section 5.5.1), from the content of its event; 0 where
    there is none. Never raises."""
    try:
        data = _decode(payload).data
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        return 0
    return close_code(data) or 0


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
