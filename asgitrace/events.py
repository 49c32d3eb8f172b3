"""What a recording consists of: the fixed header of every record, and the words used in it.

A record is a header of 64 bytes, all that the list and the timing need, and a payload in msgpack:
the scope, the message or the exception, decoded only when somebody looks at it."""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from struct import Struct
from typing import Final, NamedTuple

from asgitrace.asgi import MESSAGE_TYPES


class Kind(IntEnum):
    """What happened in the exchange."""

    SCOPE = 1
    """The app was called; the payload is the scope."""
    RECEIVE = 2
    SEND = 3
    RETURN = 4
    """The app returned; the payload is empty, or the value's repr where it was not None."""
    RAISE = 5
    """The app raised; the payload is the exception."""
    WIRE = 6
    """Something happened on the wire, see `asgitrace.wire.Wire`, whose code stands in ``message``.
    The payload is its content. ``call`` is the number of the connection; ``exchange`` is 0 where
    the event belongs to the connection alone."""
    LOOP = 7
    """How late the server's event loop was, of no exchange: a timer was due at ``called`` and ran
    at ``returned``. There is one a second, and one for each that was 5 ms late or more."""
    DEBUGGER = 8
    """The app stood in a debugger from ``called`` to ``returned``; the exchange is that of the code
    that was looked at, 0 where it was of none. ``number``: 1 where the event loop stood with it,
    and so all other exchanges, else 0. ``call`` numbers these stops in their process. The payload
    has the ``place``: file, line and function."""


class Phase(IntEnum):
    """Which of a call's two moments a record tells."""

    WHOLE = 0
    """Called and returned: the call never suspended, so nothing could be seen in between."""
    CALLED = 1
    """Called and suspended; the record of the return follows."""
    RETURNED = 2
    """The return of a call that was recorded as CALLED. For what was sent over the wire these are
    when it was made and when the socket had accepted it."""


class Outcome(IntEnum):
    """How a call ended."""

    OK = 0
    RAISED = 1
    CANCELLED = 2


class Flag(IntFlag):
    """Marks on a record."""

    MORE = 1
    """``more_body`` (or ``more_trailers``) was true."""
    TRUNCATED = 2
    """The body was recorded up to the limit only; ``size`` is its true length."""
    REPR = 4
    """The message could not be encoded; the payload holds its repr."""
    TEXT = 8
    """A WebSocket message of text (otherwise of bytes)."""
    OVERSIZE = 16
    """The ring refused the payload because it was larger than the ring."""
    LEGACY = 32
    """A scope given to an ASGI 2 application."""


OTHER: Final = 0
"""The code of a message type that the specification does not know."""

MESSAGE_CODES: Final = {name: code for code, name in enumerate(MESSAGE_TYPES, start=1)}


def message_name(code: int) -> str | None:
    """The message type of a code in a header; None for OTHER and codes of a newer version."""
    return MESSAGE_TYPES[code - 1] if 0 < code <= len(MESSAGE_TYPES) else None


class Header(NamedTuple):
    """The header of a record, in the order in which it lies in the ring."""

    sequence: int
    """Position in the ring's history, from 0."""
    called: int
    """Monotonic ns: when the call was made, or the scope, return or exception occurred."""
    returned: int
    """Monotonic ns: when the call returned; 0 while it has not."""
    size: int
    """True length in bytes of the body or WebSocket message."""
    position: int
    """Where the payload starts, in bytes since the ring's creation."""
    exchange: int
    """Number of the exchange in its process, from 1; 0 for a wire event outside of exchanges."""
    call: int
    """Number of the call in its exchange, from 1; 0 for scope, return and exception. Of a wire
    event, the number of its connection in the process, from 1."""
    length: int
    """Length of the payload in bytes."""
    number: int
    """HTTP status or WebSocket close code; 0 where there is none."""
    flags: int
    kind: int
    phase: int
    outcome: int
    message: int
    """Code of the message type, see MESSAGE_CODES; of a wire event, what it is."""
    checksum: int
    """Adler-32 of the rest of the header and the payload."""


HEADER: Final = Struct("<QqqQQIIIHHBBBBI")
HEADER_PACKED: Final = Struct("<QqqQQQIII")
"""The header without its checksum, its small fields in three words as the writer fills them in:
fewer to convert."""


def pack_identity(exchange: int, call: int) -> int:
    """Exchange and call as the one word they are in a header."""
    return exchange | call << 32


def pack_marks(number: int, flags: int) -> int:
    """Number and flags as the one word they are in a header."""
    return number | flags << 16


def pack_what(kind: int, phase: int = 0, outcome: int = 0, message: int = 0) -> int:
    """Kind, phase, outcome and message code as the one word they are in a header."""
    return kind | phase << 8 | outcome << 16 | message << 24


@dataclass(frozen=True, slots=True)
class Record:
    """One whole record as a reader hands it on."""

    header: Header
    payload: bytes
