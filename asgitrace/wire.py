"""The words of the wire: what a server can tell of its connections, and who takes it down."""

from enum import IntEnum
from typing import Any, Final, NamedTuple, Protocol, Self


class Wire(IntEnum):
    """What happened on a connection. ``size``, ``number`` and ``content`` are those of its record.

    Events of the peer have one time. What the server sends has two: when it was made, and when the
    socket had accepted its last byte; `MORE` says that more of the same message follows.
    """

    OPENED = 1
    """``content``: ``peer``, ``local`` as text; ``tls`` with ``version``, ``cipher``, ``alpn``."""
    CLOSED = 2
    """``content``: ``by`` (``client``, ``server``), ``how`` (``eof``, ``reset``, ``closed``,
    ``aborted``), ``received`` and ``sent`` bytes in all, number of ``requests``, ``text`` of the
    error."""
    HALF_CLOSED = 3
    """The peer sends no more."""
    ERROR = 4
    """A protocol machine refused: ``content`` has its ``text`` and whose breach it was, ``by``
    (``client``, ``app``); ``number``: the status or close code that answers it."""
    TIMEOUT = 5
    """``content``: ``what`` was waited for (``request head``, ``request body``, ``next request``,
    ``pong``, ``close``), and the limit in ``seconds``."""
    REQUEST = 6
    """A request's head was read. ``size``: its bytes; ``number``: which request it is on its
    connection, from 1 (65,535 and no more); ``content``: the ``head`` as it came. MORE: a body
    follows."""
    REQUEST_BODY = 7
    """A piece of its content came. ``size``: bytes without the chunks' framing."""
    REQUEST_END = 8
    """Its content is complete. ``content``: ``trailers``, pairs of bytes, where there are any."""
    REFUSED = 9
    """The server answers by itself, the app is not called. ``number``: the status; ``content``:
    the reason as ``text``. Nothing but the response follows."""
    INFORMATIONAL = 10
    """A 1xx response was sent. ``size``, ``number``, ``content`` as for RESPONSE."""
    RESPONSE = 11
    """The head of the response. ``size``: its bytes; ``number``: the status; ``content``: the
    ``head`` as it was sent."""
    RESPONSE_BODY = 12
    """A piece of its content. ``size``: bytes on the wire, framing included."""
    RESPONSE_END = 13
    """The end of a response that came by itself: the last chunk. ``content``: ``trailers``."""
    FRAME_IN = 14
    """A WebSocket frame came. ``size``: bytes of its payload on the wire; ``number``: see
    `Frame`; ``content``: ``inflated`` bytes where it was compressed, ``data`` of a control
    frame; ``of``: the bytes it was to have, where it did not come whole."""
    FRAME_OUT = 15
    """A WebSocket frame was sent; as FRAME_IN."""
    BYTES_IN = 16
    """Raw bytes as they were read: ``content`` has them as ``data``. Only where asked for."""
    BYTES_OUT = 17
    """Raw bytes as they were handed to the socket."""


OUTBOUND = frozenset(
    {
        Wire.INFORMATIONAL,
        Wire.RESPONSE,
        Wire.RESPONSE_BODY,
        Wire.RESPONSE_END,
        Wire.FRAME_OUT,
        Wire.BYTES_OUT,
    }
)
"""What the server sent."""


TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10
"""Opcodes of WebSocket frames (RFC 6455 section 5.2)."""


CALM_CLOSE_CODES: Final = frozenset((1000, 1001, 1005))
"""How a WebSocket session ends when nothing is wrong (RFC 6455 section 7.4.1)."""


def close_code(payload: object) -> int | None:
    """The code in the payload of a Close frame (RFC 6455 section 5.5.1); None where there is none,
    or where what a trace has in its place is not bytes."""
    if not isinstance(payload, bytes) or len(payload) < 2:
        return None
    return int.from_bytes(payload[:2])


class Frame(NamedTuple):
    """The header of a WebSocket frame (RFC 6455 section 5.2), in a record its ``number``."""

    opcode: int
    fin: bool = True
    rsv1: bool = False
    masked: bool = False

    @classmethod
    def unpack(cls, number: int) -> Self:
        """The header that `pack` gave as a number."""
        return cls(number & 15, bool(number & 16), bool(number & 32), bool(number & 64))

    def pack(self) -> int:
        """The header as a number of 7 bits."""
        return self.opcode | self.fin << 4 | self.rsv1 << 5 | self.masked << 6

    @property
    def is_control(self) -> bool:
        """Close, ping or pong."""
        return self.opcode >= 8


class ConnectionLog(Protocol):
    """Takes down the events of one connection, in their order. Nothing in here may raise.

    What is told between `begin` and `end` belongs to one exchange; the rest to the connection
    alone.
    """

    raw: bool
    """Whether BYTES_IN and BYTES_OUT are wanted."""

    def begin(self) -> int:
        """A request begins, which will be an exchange; returns its number."""

    def call(self, exchange: int) -> None:
        """The app is called for this exchange, by the caller, with nothing in between."""

    def end(self) -> None:
        """The request's response and the connection's part in it are over."""

    def tell(
        self,
        what: Wire,
        size: int = 0,
        number: int = 0,
        content: dict[str, Any] | None = None,
        *,
        more: bool = False,
    ) -> None:
        """Something happened, now."""

    def sent(
        self,
        what: Wire,
        made: int,
        accepted: int,
        size: int,
        number: int = 0,
        content: dict[str, Any] | None = None,
        *,
        more: bool = False,
    ) -> None:
        """Something was sent: made then, accepted by the socket then (monotonic ns), or 0 if it
        still waits."""

    def accepted(self, what: Wire, made: int, size: int, number: int = 0) -> None:
        """What was made then and waited is accepted by the socket now, in the order of `sent`."""


class WireLog(Protocol):
    """Takes down what happens on the wire of one server."""

    def connection(self) -> ConnectionLog:
        """A connection was opened."""
