"""What a client does in one exchange, as data, and what it got to hear."""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

TAG: Final = b"x-asgitrace-play"
"""The header by which an exchange is known again among those of a server."""
SILENT: Final = "no answer in 3 s"
"""How a play ended to which the server said nothing, or nothing more."""
LOST: Final = 1006
"""In place of a WebSocket's close code: no close frame came (RFC 6455 section 7.4.1)."""


@dataclass(frozen=True, slots=True)
class HttpPlay:
    """A request, and how its response is read."""

    name: str
    target: bytes = b"/"
    method: bytes = b"GET"
    headers: Headers = ()
    """Besides Host, Connection and what frames the body."""
    pieces: tuple[bytes, ...] = ()
    """The body, with a pause between its pieces."""
    chunked: bool = False
    """Framed by chunks, one a piece; else by its length."""
    expect: bool = False
    """With ``Expect: 100-continue``: the body is sent when the server wants it."""
    version: bytes = b"1.1"
    times: int = 1
    """So often on one connection; the last is what is compared."""
    abandon: int | None = None
    """After so many bytes of the response the client reads no more, and leaves a little later."""


@dataclass(frozen=True, slots=True)
class Say:
    """Send a message."""

    data: str | bytes


@dataclass(frozen=True, slots=True)
class Hear:
    """Wait for so many messages, or for the end."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Close:
    """Close the WebSocket with a code; 0: with none."""

    code: int = 1000
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """Leave without a close frame."""


@dataclass(frozen=True, slots=True)
class HearEnd:
    """Wait until the server closes."""


Step: TypeAlias = Say | Hear | Close | Drop | HearEnd


@dataclass(frozen=True, slots=True)
class WebSocketPlay:
    """A handshake and a conversation."""

    name: str
    target: bytes = b"/"
    headers: Headers = ()
    subprotocols: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


Play: TypeAlias = HttpPlay | WebSocketPlay


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a play, as its client saw it."""

    status: int = 0
    """Of the response; 101 for a WebSocket that was accepted, 0 where none came."""
    version: str = ""
    headers: Headers = ()
    """In the server's order and case."""
    interim: tuple[int, ...] = ()
    """Informational responses before it."""
    size: int = 0
    """Bytes of the body, or messages heard."""
    end: str = ""
    """How it ended: ``kept`` or ``closed`` (the connection), ``refused``, ``cut off``, ``reset``,
    ``left``, ``left after 10 s``, ``not HTTP: …``, ``not a WebSocket: …``, or SILENT."""
    subprotocol: str = ""
    code: int = 0
    """The WebSocket's close code; LOST where no close frame came, 0 where it was not closed."""
    reason: str = ""
    total_ns: int = field(default=0, compare=False)
    """From the making of the connection to the end."""
